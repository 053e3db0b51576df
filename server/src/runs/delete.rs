//! Deleting runs: first for everybody, then from the disk.

use super::{announce_queue, elsewhere, find};
use crate::error::ApiResult;
use crate::extract::Query;
use crate::{ApiError, AppState, sweeps};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use protocol::api::RunState;
use protocol::live::ToBrowser;
use serde::Deserialize;
use std::path::{Path as FsPath, PathBuf};

/// In front of the name of a directory that is being deleted.
const DOOMED: &str = ".deleted-";

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
    let queued = row.summary.state == RunState::Queued;
    if query.files {
        if row.summary.state == RunState::Unknown {
            return Err(elsewhere());
        }
        deletable(&app.data_dir.runs(), &row.directory, &app.db.directories().await?)?;
    }
    // from here on nobody can start or resume it
    if !app.db.delete_run(row.key).await? {
        return Err(ApiError::conflict("running", "stop the run first"));
    }
    app.kept.forget(&row.directory);
    let mut removed = Ok(());
    if query.files {
        let directory = row.directory.clone();
        let gone = tokio::task::spawn_blocking(move || remove(&directory)).await;
        removed = gone.map_err(ApiError::internal)?;
    }
    app.db.let_go(row.key, row.directory.is_dir()).await?;
    app.bus.say(ToBrowser::Removed { run: id });
    if queued {
        announce_queue(&app).await?;
    }
    if let Some(of) = &row.summary.sweep {
        tokio::spawn(sweeps::go_on(app.clone(), of.id.clone()));
    }
    removed.map(|()| StatusCode::NO_CONTENT).map_err(|error| {
        let directory = row.directory.display().to_string();
        let detail = format!("the run is deleted, but {directory} could not be: {error}");
        ApiError::conflict("files_stay", detail).with_args([directory, error.to_string()])
    })
}

/// A run directory below `runs/`, with no other run in it.
fn deletable(runs: &FsPath, directory: &FsPath, all: &[PathBuf]) -> ApiResult<()> {
    let said = directory.display().to_string();
    if !directory.starts_with(runs) || directory == runs {
        let detail = format!(
            "{said} lies outside the data directory: Corral deletes nothing there; delete the run without its files"
        );
        return Err(ApiError::conflict("outside", detail).with_args([said]));
    }
    let mut inside = all
        .iter()
        .filter(|other| *other != directory && other.starts_with(directory));
    match inside.next() {
        None => Ok(()),
        Some(other) => {
            let other = other.display().to_string();
            let detail = format!("{other} is another run's and lies in {said}: delete that run first");
            Err(ApiError::conflict("holds_others", detail).with_args([said, other]))
        }
    }
}

/// Takes the directory away under another name first: nobody meets half of it.
fn remove(directory: &FsPath) -> std::io::Result<()> {
    let name = directory.file_name().unwrap_or_default().to_string_lossy();
    let doomed = directory.with_file_name(format!("{DOOMED}{name}.{:08x}", rand::random::<u32>()));
    match std::fs::rename(directory, &doomed) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    }
    if let Err(error) = std::fs::remove_dir_all(&doomed) {
        // out of sight, and tried again at the next start
        tracing::warn!("{}: {error}", doomed.display());
    }
    Ok(())
}

/// Clears away what a server that ended in the middle left: directories that were being deleted, and those of runs
/// that were never made (nothing but their config).
pub fn sweep(runs: &FsPath, known: &[PathBuf]) {
    let Ok(entries) = std::fs::read_dir(runs) else { return };
    for path in entries.flatten().map(|e| e.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let removed = match name.starts_with(DOOMED) {
            true => std::fs::remove_dir_all(&path),
            // with no run known at all the database is new, and who knows what these are
            false
                if !known.is_empty()
                    && super::create::is_id(&name)
                    && !known.contains(&path)
                    && was_never_made(&path) =>
            {
                std::fs::remove_file(path.join(protocol::run_dir::CONFIG)).and_then(|()| std::fs::remove_dir(&path))
            }
            false => continue,
        };
        if let Err(error) = removed {
            tracing::warn!("{}: {error}", path.display());
        }
    }
}

fn was_never_made(directory: &FsPath) -> bool {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return false;
    };
    let mut names: Vec<_> = entries.flatten().map(|e| e.file_name()).collect();
    names.len() == 1 && names.pop().is_some_and(|name| name == protocol::run_dir::CONFIG)
}
