//! Runs over HTTP: listed, made, changed, stopped, resumed, deleted, read.

pub mod adopt;
pub mod check;
pub mod create;
pub mod lengths;
pub mod log;
pub mod progress;
pub mod resolve;
pub mod series;

use crate::db::{Place, RunRow};
use crate::error::ApiResult;
use crate::extract::{Json, Query};
use crate::supervisor::Event;
use crate::supervisor::cause::last_words;
use crate::supervisor::follow::announce;
use crate::{ApiError, AppState};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use protocol::api::{RunDetail, RunPatch, RunState, RunSummary, Stop};
use protocol::event::TrainEvent;
use protocol::live::ToBrowser;
use protocol::naming::is_run_name;
use protocol::run_dir;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The run of this id.
pub async fn find(app: &AppState, id: &str) -> ApiResult<RunRow> {
    let row = app.db.run(id).await?;
    row.ok_or_else(|| ApiError::not_found(format!("there is no run {}", id.escape_debug())))
}

/// All runs, newest first.
#[utoipa::path(get, path = "/api/runs", tag = "runs", responses((status = 200, body = [RunSummary])))]
pub async fn list(State(app): State<AppState>) -> ApiResult<Json<Vec<RunSummary>>> {
    let rows = app.db.runs().await?;
    Ok(Json(rows.into_iter().map(|row| row.summary).collect()))
}

/// One run with all that is not a series.
#[utoipa::path(get, path = "/api/runs/{id}", tag = "runs", params(("id" = String, Path)), responses((status = 200, body = RunDetail)))]
pub async fn detail(State(app): State<AppState>, Path(id): Path<String>) -> ApiResult<Json<RunDetail>> {
    let row = find(&app, &id).await?;
    let mut checkpoints = app.db.checkpoints(row.key).await?;
    checkpoints.retain(|c| row.directory.join(&c.name).is_dir());
    let mut events = app.db.events_of_kind(row.key, "notice").await?;
    events.extend(app.db.events_of_kind(row.key, "data").await?);
    let (mut notices, mut data) = (vec![], BTreeMap::new());
    for line in events {
        match serde_json::from_str::<protocol::Event>(&line).map(|event| event.body) {
            Ok(TrainEvent::Notice { message }) => notices.push(message),
            // a run that was resumed has read its data again
            Ok(TrainEvent::Data(report)) => drop(data.insert(report.dataset.clone(), report)),
            _ => {}
        }
    }
    let config = row.directory.join(run_dir::CONFIG);
    let failed = row.summary.state == RunState::Failed;
    Ok(Json(RunDetail {
        directory: row.directory.display().to_string(),
        config_yaml: std::fs::read_to_string(&config).unwrap_or_else(|_| row.summary.config.completed().to_yaml()),
        command: format!("corral train {}", config.display()),
        started: row.progress.facts.clone(),
        checkpoints,
        notices,
        data: data.into_values().collect(),
        last_words: if failed { last_words(&row.directory, 20) } else { vec![] },
        summary: row.summary,
    }))
}

/// Changes name, tags, note, archive mark, or the place in the queue.
#[utoipa::path(patch, path = "/api/runs/{id}", tag = "runs", params(("id" = String, Path)), request_body = RunPatch, responses((status = 200, body = RunSummary)))]
pub async fn patch(
    State(app): State<AppState>,
    Path(id): Path<String>,
    Json(mut patch): Json<RunPatch>,
) -> ApiResult<Json<RunSummary>> {
    let row = find(&app, &id).await?;
    if let Some(name) = &mut patch.name {
        *name = name.trim().to_owned();
        valid_name(name)?;
        if app
            .db
            .run_by_name(name)
            .await?
            .is_some_and(|other| other.key != row.key)
        {
            return Err(ApiError::conflict(
                "name_taken",
                format!("there is a run named {name} already"),
            ));
        }
    }
    if let Some(tags) = &mut patch.tags {
        *tags = clean_tags(tags)?;
    }
    if patch.note.as_ref().is_some_and(|note| note.len() > 20_000) {
        return Err(ApiError::bad("note_too_long", "a note has at most 20,000 bytes"));
    }
    app.db.patch_run(row.key, &patch).await?;
    if let Some(place) = patch.queue_position {
        if row.summary.state != RunState::Queued {
            return Err(ApiError::conflict(
                "not_queued",
                "only a queued run has a place in the queue",
            ));
        }
        app.db.move_in_queue(row.key, place).await?;
        announce_queue(&app).await?;
    }
    announce(&app, &id).await;
    Ok(Json(find(&app, &id).await?.summary))
}

/// Stops a run: at once, or after its step with a checkpoint. A queued one leaves the queue.
#[utoipa::path(post, path = "/api/runs/{id}/stop", tag = "runs", params(("id" = String, Path)), request_body = Stop, responses((status = 200, body = RunSummary)))]
pub async fn stop(
    State(app): State<AppState>,
    Path(id): Path<String>,
    Json(how): Json<Stop>,
) -> ApiResult<Json<RunSummary>> {
    let row = find(&app, &id).await?;
    if row.summary.state == RunState::Queued && app.db.cancel_queued(row.key).await? {
        announce_queue(&app).await?;
    } else if row.summary.state.is_over() {
        return Err(ApiError::conflict("not_running", "the run has ended already"));
    } else {
        app.db.ask_stop(row.key, how).await?;
        app.supervisor.tell(Event::Stop { run: id.clone(), how });
    }
    announce(&app, &id).await;
    Ok(Json(find(&app, &id).await?.summary))
}

/// Puts an ended run back into the queue, in front, to go on from its newest checkpoint.
#[utoipa::path(post, path = "/api/runs/{id}/resume", tag = "runs", params(("id" = String, Path)), responses((status = 200, body = RunSummary)))]
pub async fn resume(State(app): State<AppState>, Path(id): Path<String>) -> ApiResult<Json<RunSummary>> {
    let row = find(&app, &id).await?;
    match row.summary.state {
        RunState::Stopped | RunState::Failed => {}
        RunState::Completed => {
            return Err(ApiError::conflict(
                "completed",
                "the run is complete: there is nothing to resume",
            ));
        }
        _ => return Err(ApiError::conflict("running", "the run is queued or running already")),
    }
    if !row.directory.join(run_dir::CONFIG).is_file() {
        let detail = format!("{} is gone", row.directory.join(run_dir::CONFIG).display());
        return Err(ApiError::conflict("no_directory", detail));
    }
    app.db.enqueue(row.key, Place::FrontToResume).await?;
    announce_queue(&app).await?;
    announce(&app, &id).await;
    app.supervisor.tell(Event::Wake);
    Ok(Json(find(&app, &id).await?.summary))
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
pub struct DeleteQuery {
    /// Also delete the run directory.
    #[serde(default)]
    files: bool,
}

/// Deletes an ended or queued run, and with `?files=true` its directory.
#[utoipa::path(delete, path = "/api/runs/{id}", tag = "runs", params(("id" = String, Path), DeleteQuery), responses((status = 204)))]
pub async fn delete(
    State(app): State<AppState>,
    Path(id): Path<String>,
    Query(query): Query<DeleteQuery>,
) -> ApiResult<StatusCode> {
    let row = find(&app, &id).await?;
    if row.summary.state.is_live() {
        return Err(ApiError::conflict("running", "stop the run first"));
    }
    if query.files && !row.directory.starts_with(app.data_dir.runs()) {
        let detail = format!(
            "{} lies outside the data directory: Corral deletes nothing there; delete the run without its files",
            row.directory.display()
        );
        return Err(ApiError::conflict("outside", detail));
    }
    let queued = row.summary.state == RunState::Queued;
    if queued && !app.db.cancel_queued(row.key).await? {
        return Err(ApiError::conflict("running", "the run has just started: stop it first"));
    }
    if query.files {
        let directory = row.directory.clone();
        let removed = tokio::task::spawn_blocking(move || std::fs::remove_dir_all(directory)).await;
        match removed.map_err(ApiError::internal)? {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e.into()),
            _ => {}
        }
    }
    app.db
        .delete_run(row.key, row.directory.is_dir().then_some(&row.directory))
        .await?;
    app.bus.say(ToBrowser::Removed { run: id });
    if queued {
        announce_queue(&app).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// The places of all queued runs changed.
async fn announce_queue(app: &AppState) -> ApiResult<()> {
    for row in app.db.runs().await? {
        if row.summary.state == RunState::Queued {
            app.bus.say(crate::live::run(row.summary));
        }
    }
    Ok(())
}

/// # Errors
/// When the name can't be shown or written as one path part of `<run name>/checkpoint-20`.
pub fn valid_name(name: &str) -> ApiResult<()> {
    if is_run_name(name) {
        return Ok(());
    }
    Err(ApiError::bad(
        "bad_name",
        "a run's name has 1 to 120 characters, no slashes or control characters, and no dot in front",
    ))
}

/// Tags trimmed, sorted, each once.
pub fn clean_tags(tags: &[String]) -> ApiResult<Vec<String>> {
    let mut tags: Vec<String> = tags
        .iter()
        .map(|t| t.trim().to_owned())
        .filter(|t| !t.is_empty())
        .collect();
    tags.sort();
    tags.dedup();
    if tags.len() > 50 || tags.iter().any(|t| t.len() > 60 || t.chars().any(char::is_control)) {
        return Err(ApiError::bad("bad_tags", "at most 50 tags of at most 60 bytes each"));
    }
    Ok(tags)
}
