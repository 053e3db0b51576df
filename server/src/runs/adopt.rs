//! Taking up run directories that this server did not make: from the command line, another machine, a lost database.

use super::create::new_id;
use crate::db::NewRow;
use crate::error::ApiResult;
use crate::extract::Json;
use crate::state::now;
use crate::supervisor::Event;
use crate::supervisor::follow::{self, announce};
use crate::{ApiError, AppState};
use axum::extract::State;
use axum::http::StatusCode;
use protocol::api::{AdoptRun, RunState, RunSummary};
use protocol::{RunConfig, run_dir};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Folders below `runs/` that are looked into: `runs/<id>`, and LLaMA-Factory's habit of `saves/<model>/<kind>/<stage>`.
const DEPTH: usize = 4;

/// Takes up the run directory at an absolute path on this machine.
#[utoipa::path(post, path = "/api/runs/adopt", tag = "runs", request_body = AdoptRun, responses((status = 201, body = RunSummary)))]
pub async fn adopt(
    State(app): State<AppState>,
    Json(request): Json<AdoptRun>,
) -> ApiResult<(StatusCode, Json<RunSummary>)> {
    let path = PathBuf::from(&request.path);
    let directory = path.canonicalize().ok().filter(|p| path.is_absolute() && is_run(p));
    let Some(directory) = directory else {
        let detail = format!(
            "{} is not the absolute path of a run directory (no events.jsonl)",
            request.path.escape_debug()
        );
        return Err(ApiError::bad("no_run_directory", detail));
    };
    let known = app.db.directories().await?;
    if known.iter().any(|d| Path::new(d) == directory) {
        return Err(ApiError::conflict(
            "adopted",
            format!("{} is among the runs already", directory.display()),
        ));
    }
    app.db.remember_directory(&directory).await?;
    let id = take_up(&app, directory).await?;
    Ok((StatusCode::CREATED, Json(super::find(&app, &id).await?.summary)))
}

/// Takes up every directory below `runs/` that has events or a worker and is not known yet.
pub async fn scan(app: &AppState) {
    let result: Result<(), ApiError> = async {
        let known: HashSet<String> = app.db.directories().await?.into_iter().collect();
        let forgotten: HashSet<String> = app.db.forgotten_directories().await?.into_iter().collect();
        let root = app.data_dir.runs();
        let find = move || {
            let mut found = vec![];
            collect(&root, DEPTH, &known, &mut found);
            found.retain(|d| !forgotten.contains(&*d.to_string_lossy()));
            found
        };
        for directory in tokio::task::spawn_blocking(find).await.map_err(ApiError::internal)? {
            take_up(app, directory).await?;
        }
        for row in app
            .db
            .runs()
            .await?
            .into_iter()
            .filter(|row| row.summary.state.is_over())
        {
            // somebody resumed it from the command line
            let events = row.directory.join(run_dir::EVENTS);
            if follow::has_news(&events, row.bytes) && app.db.reopen(row.key).await? {
                app.supervisor.tell(Event::Adopted { run: row.summary.id });
            }
        }
        Ok(())
    }
    .await;
    if let Err(error) = result {
        tracing::error!("run directories could not be taken up: {error}");
    }
}

fn collect(folder: &Path, depth: usize, known: &HashSet<String>, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        // a link here was put by the person, and stands for the directory it points to
        let Ok(path) = entry.path().canonicalize() else {
            continue;
        };
        if !path.is_dir() || known.contains(&*path.to_string_lossy()) || found.contains(&path) {
            continue;
        }
        if is_run(&path) {
            found.push(path);
        } else if depth > 1 {
            collect(&path, depth - 1, known, found);
        }
    }
}

/// Only a worker makes these files, so a directory that is being prepared is not one.
fn is_run(directory: &Path) -> bool {
    directory.join(run_dir::EVENTS).is_file() && directory.join(run_dir::CONFIG).is_file()
}

/// Gives the id of the run in a directory, which is new unless somebody else has just taken it up.
async fn take_up(app: &AppState, directory: PathBuf) -> ApiResult<String> {
    let yaml = std::fs::read_to_string(directory.join(run_dir::CONFIG))?;
    let config = RunConfig::parse(&yaml).config;
    let folder = directory.file_name().map(|n| n.to_string_lossy().into_owned());
    let wished = config
        .run_name
        .clone()
        .filter(|n| super::valid_name(n).is_ok())
        .or(folder);
    let created = std::fs::metadata(directory.join(run_dir::CONFIG))
        .and_then(|m| m.modified())
        .ok();
    let created = created.and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok());
    let mut row = NewRow {
        id: String::new(),
        name: String::new(),
        state: RunState::Starting,
        config,
        directory,
        tags: vec![],
        parent: None,
        created: created.map_or_else(now, |d| d.as_millis() as i64),
    };
    let wished = wished.unwrap_or_else(|| "run".into());
    loop {
        let taken: HashSet<String> = app.db.names().await?.into_iter().collect();
        row.id = new_id();
        row.name = free_name(&wished, &taken);
        match app.db.insert_run(&row).await {
            Ok(()) => break,
            // between the look and the insert: the scan took up the same directory, or a new run took the name or id
            Err(error) if error.as_database_error().is_some_and(|e| e.is_unique_violation()) => {
                if let Some(id) = app.db.run_in(&row.directory).await? {
                    return Ok(id);
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    let id = row.id;
    tracing::info!("took up {}", row.directory.display());
    announce(app, &id).await;
    app.supervisor.tell(Event::Adopted { run: id.clone() });
    Ok(id)
}

fn free_name(wished: &str, taken: &HashSet<String>) -> String {
    if !taken.contains(wished) {
        return wished.to_owned();
    }
    let mut names = (2..).map(|n| format!("{wished}-{n}"));
    names
        .find(|name| !taken.contains(name))
        .unwrap_or_else(|| wished.to_owned())
}
