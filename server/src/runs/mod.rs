//! Runs over HTTP: listing, creating, changing, stopping, resuming, deleting and reading them.

pub mod adopt;
pub mod announcer;
pub mod board_file;
pub mod check;
pub mod create;
pub mod delete;
pub mod detail;
pub mod forecast;
pub mod health;
pub mod judged;
pub mod lengths;
pub mod list;
pub mod log;
pub mod marked;
pub mod moved;
pub mod probe;
pub mod resolve;
mod resume;
pub mod sampling;
pub mod series;
pub mod was;

pub use delete::{__path_delete, delete};
pub use resume::{__path_resume, check_resumable, resume};

use crate::ApiError;
use crate::db::{Db, RunRow};
use crate::error::ApiResult;
use crate::extract::Json;
use crate::path::DataPath;
use crate::supervisor::{Event, Supervisor};
use crate::sweeps::Sweeps;
use announcer::Announcer;
use axum::extract::{Path, State};
use protocol::api::{RunPatch, RunState, RunSummary, Stop};
use protocol::event::{Origin, Program};
use protocol::naming::{is_run_name, is_unseen};
use protocol::{run_dir, says};
use std::path::Path as FsPath;

/// Of a note, in bytes.
const LONGEST_NOTE: usize = 20_000;
const MOST_TAGS: usize = 50;
/// Of a tag, in bytes.
const LONGEST_TAG: usize = 60;

/// The queue of runs. Cheap to clone.
#[derive(Clone)]
pub struct Queue {
    pub db: Db,
    pub supervisor: Supervisor,
    pub announcer: Announcer,
}

impl Queue {
    /// Stops a run: takes it out of the queue (true), or asks its worker to stop (false).
    pub async fn stop_one(&self, row: &RunRow, how: Stop) -> ApiResult<bool> {
        let out = match row.summary.started {
            None => adopt::never_began(),
            Some(_) => says::left_the_queue(),
        };
        if row.summary.state == RunState::Queued && self.db.cancel_queued(row.key, &out).await? {
            return Ok(true);
        }
        self.db.ask_stop(row.key, how).await?;
        self.supervisor.tell(Event::Stop {
            run: row.summary.id.clone(),
            how,
        });
        Ok(false)
    }
}

/// The run of this id.
pub async fn find(db: &Db, id: &str) -> ApiResult<RunRow> {
    let row = db.run(id).await?;
    row.ok_or_else(|| ApiError::not_found(says::no_such_run(id.escape_debug().to_string())))
}

/// `config.yaml` of a run directory: a text file of its own, no link to elsewhere, of a size that a config has.
pub fn config_text(directory: &FsPath) -> Option<String> {
    const LONGEST: u64 = 1 << 20;
    let path = DataPath::new(directory, run_dir::CONFIG).ok()?;
    let meta = path.metadata().ok()?;
    (meta.is_file() && meta.len() <= LONGEST).then(|| std::fs::read_to_string(path).ok())?
}

/// Changes name, tags, note, archive mark, or the place in the queue.
#[utoipa::path(patch, path = "/api/runs/{id}", tag = "runs", params(("id" = String, Path)), request_body = RunPatch, responses((status = 200, body = RunSummary)))]
pub async fn patch(
    State(queue): State<Queue>,
    Path(id): Path<String>,
    Json(mut patch): Json<RunPatch>,
) -> ApiResult<Json<RunSummary>> {
    let row = find(&queue.db, &id).await?;
    if let Some(name) = &mut patch.name {
        *name = name.trim().to_owned();
        valid_name(name)?;
        if queue
            .db
            .run_by_name(name)
            .await?
            .is_some_and(|other| other.key != row.key)
        {
            return Err(name_taken(name));
        }
    }
    if let Some(tags) = &mut patch.tags {
        *tags = clean_tags(tags)?;
    }
    patch.add_tags = clean_tags(&patch.add_tags)?;
    let kept = patch.tags.as_ref().unwrap_or(&row.summary.tags);
    let kept = kept.iter().filter(|tag| !patch.remove_tags.contains(tag));
    clean_tags(&kept.chain(&patch.add_tags).cloned().collect::<Vec<_>>())?;
    if patch.note.as_ref().is_some_and(|note| note.len() > LONGEST_NOTE) {
        return Err(ApiError::bad(says::note_too_long(LONGEST_NOTE)));
    }
    // all of it or nothing
    if patch.queue_position.is_some() && row.summary.state != RunState::Queued {
        return Err(ApiError::conflict(says::not_queued()));
    }
    match queue.db.patch_run(row.key, &patch).await {
        Err(error) if error.as_database_error().is_some_and(|e| e.is_unique_violation()) => {
            return Err(name_taken(patch.name.as_deref().unwrap_or_default()));
        }
        other => other?,
    }
    if let Some(place) = patch.queue_position {
        queue.db.move_in_queue(row.key, place).await?;
        queue.announcer.queue().await?;
    }
    queue.announcer.run(&id).await;
    Ok(Json(find(&queue.db, &id).await?.summary))
}

/// Stops a run: at once, or after its step with a checkpoint. A queued one leaves the queue.
#[utoipa::path(post, path = "/api/runs/{id}/stop", tag = "runs", params(("id" = String, Path)), request_body = Stop, responses((status = 200, body = RunSummary)))]
pub async fn stop(
    State(queue): State<Queue>,
    State(sweeps): State<Sweeps>,
    Path(id): Path<String>,
    Json(how): Json<Stop>,
) -> ApiResult<Json<RunSummary>> {
    let row = find(&queue.db, &id).await?;
    refuse_imported(&row)?;
    if row.summary.state == RunState::Unknown {
        return Err(elsewhere());
    }
    if row.summary.state.is_over() {
        return Err(ApiError::conflict(says::not_running()));
    }
    if queue.stop_one(&row, how).await? {
        queue.announcer.queue().await?;
        if let Some(of) = &row.summary.sweep {
            sweeps.start_making(of.id.clone());
        }
    }
    queue.announcer.run(&id).await;
    Ok(Json(find(&queue.db, &id).await?.summary))
}

/// # Errors
/// It is another program's run, or was merged here: nothing works on it.
fn refuse_imported(row: &RunRow) -> ApiResult<()> {
    match &row.summary.origin {
        None => Ok(()),
        Some(Origin {
            from: Program::Merge, ..
        }) => Err(ApiError::conflict(says::combine_no_training())),
        Some(_) => Err(ApiError::conflict(says::imported_run())),
    }
}

fn name_taken(name: &str) -> ApiError {
    ApiError::conflict(says::name_taken(says::run_name_taken(name)))
}

/// What can't be done from here to a run whose worker is another machine's.
fn elsewhere() -> ApiError {
    ApiError::conflict(says::elsewhere())
}

/// # Errors
/// When the name can't be shown or written as one path part of `<run name>/checkpoint-20`.
pub fn valid_name(name: &str) -> ApiResult<()> {
    if is_run_name(name) {
        return Ok(());
    }
    Err(ApiError::bad(says::bad_name(says::run_name_bad())))
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
    let unfit = |tag: &String| tag.len() > LONGEST_TAG || tag.chars().any(is_unseen);
    if tags.len() > MOST_TAGS || tags.iter().any(unfit) {
        return Err(ApiError::bad(says::bad_tags(MOST_TAGS, LONGEST_TAG)));
    }
    Ok(tags)
}
