//! Deleting runs: first for everybody, then from the disk.

use super::adopt::Adopter;
use super::announcer::Announcer;
use super::board_file::BoardFile;
use super::create::is_folder_of;
use super::was::Was;
use super::{adopt, elsewhere, find};
use crate::ApiError;
use crate::ambient::unique;
use crate::db::Db;
use crate::db::RunRow;
use crate::error::ApiResult;
use crate::extract::{Json, Query};
use crate::library::tidy::Users;
use crate::off_thread::off_thread;
use crate::state::DataDir;
use crate::sweeps::Sweeps;
use crate::trash::{self, Trash, folder::Deletion};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use protocol::api::{RunState, TrashKind, Trashed};
use protocol::{RunConfig, says};
use serde::Deserialize;
use std::path::{Path as FsPath, PathBuf};

/// What the name of a directory that is being deleted begins with.
const DELETED_PREFIX: &str = ".deleted-";

/// Deletes runs. Cheap to clone.
#[derive(Clone)]
pub struct Deleter {
    pub db: Db,
    pub data_dir: DataDir,
    pub announcer: Announcer,
    pub users: Users,
    pub trash: Trash,
    pub adopter: Adopter,
    pub sweeps: Sweeps,
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
pub struct DeleteQuery {
    /// Also delete the run directory.
    #[serde(default)]
    files: bool,
    /// In a way that can be taken back: the run directory goes into the trash; one that lies outside the data directory stays.
    #[serde(default)]
    undo: bool,
}

/// Deletes an ended or queued run, and with `?files=true` its directory; with `?undo=true` into the trash, which the answer
/// tells of.
#[utoipa::path(delete, path = "/api/runs/{id}", tag = "runs", params(("id" = String, Path), DeleteQuery), responses((status = 204), (status = 200, body = Trashed)))]
pub async fn delete(
    State(deleter): State<Deleter>,
    Path(id): Path<String>,
    Query(query): Query<DeleteQuery>,
) -> ApiResult<Response> {
    let row = find(&deleter.db, &id).await?;
    if query.undo {
        let gone = DeletedAs {
            kind: TrashKind::Run,
            name: row.summary.name.clone(),
            folder: None,
        };
        return Ok(Json(Box::pin(deleter.into_trash(gone, vec![row])).await?).into_response());
    }
    let queued = row.summary.state == RunState::Queued;
    if query.files {
        if row.summary.state == RunState::Unknown {
            return Err(elsewhere());
        }
        deletable(
            &deleter.data_dir.runs(),
            &row.directory,
            &deleter.db.directories().await?,
        )?;
    }
    // from here on nobody can start or resume it
    if !deleter.db.delete_run(row.key).await? {
        return Err(ApiError::conflict(says::running(says::stop_run_first())));
    }
    deleter.announcer.forget(&row.directory);
    let mut removed = Ok(());
    if query.files {
        let directory = row.directory.clone();
        removed = off_thread(move || remove_directory(&directory)).await?;
    }
    deleter
        .db
        .release_directory(row.key, is_there(&row.directory).await?)
        .await?;
    deleter.announcer.removed(&id);
    if queued {
        deleter.announcer.queue().await?;
    }
    if let Some(of) = &row.summary.sweep {
        deleter.sweeps.start_making(of.id.clone());
    }
    removed
        .map(|()| StatusCode::NO_CONTENT.into_response())
        .map_err(|error| ApiError::conflict(says::files_stay(&row.directory, error)))
}

impl Deleter {
    /// Takes runs out of all lists, and moves their directories into the trash; those outside the data directory or that another
    /// machine works in stay where they are.
    ///
    /// # Errors
    /// Something else works with what lies in one of them, or the disk says no: all stay. One of them is live again: those before
    /// it are in the trash, it and those behind it stay.
    pub async fn into_trash(&self, gone: DeletedAs, rows: Vec<RunRow>) -> ApiResult<Trashed> {
        let (data, all, doomed_rows) = (self.data_dir.clone(), self.db.directories().await?, rows.clone());
        let places = off_thread(move || movable(&data, &doomed_rows, &all)).await??;
        let mut doomed = Deletion {
            kind: gone.kind,
            name: gone.name,
            parts: vec![],
            stay: vec![],
            runs: vec![],
        };
        let own: Vec<&RunRow> = rows.iter().filter(|row| places.contains(&row.directory)).collect();
        let ids: Vec<&str> = own.iter().map(|row| row.summary.id.as_str()).collect();
        if let Some(who) = self.users.user(&places, &ids).await? {
            return Err(ApiError::conflict(says::model_in_use(&doomed.name, who)));
        }
        // what a restore will need; written before anything is deleted, as the disk may be full
        let own_rows: Vec<RunRow> = own.into_iter().cloned().collect();
        off_thread(move || {
            let mut there = own_rows.iter().filter(|row| row.directory.is_dir());
            there.try_for_each(BoardFile::write)
        })
        .await??;
        let mut taken = vec![];
        let mut stopped: ApiResult<()> = Ok(());
        for row in rows {
            // from here on nobody can start or resume it, and it comes back as it was
            stopped = match Was::of(&self.db, self.data_dir.root(), &row).await {
                Ok(was) => self.take_out(&row, was, &mut doomed.runs).await,
                Err(error) => Err(error),
            };
            if stopped.is_err() {
                break;
            }
            self.announcer.forget(&row.directory);
            match places.contains(&row.directory) {
                true => doomed.parts.push(row.directory.clone()),
                false => doomed.stay.push(row.directory.clone()),
            }
            taken.push(row);
        }
        if stopped.is_ok() {
            doomed.parts.extend(gone.folder);
        } else if taken.is_empty() {
            return Err(stopped
                .err()
                .unwrap_or_else(|| ApiError::internal("nothing was deleted")));
        }
        let runs = doomed.runs.clone();
        let moved = self.trash.put(doomed).await;
        for row in &taken {
            self.db
                .release_directory(row.key, is_there(&row.directory).await?)
                .await?;
            self.announcer.removed(&row.summary.id);
        }
        if moved.is_err() {
            let directories: Vec<PathBuf> = taken.iter().map(|row| row.directory.clone()).collect();
            let still = off_thread(move || {
                directories
                    .into_iter()
                    .filter(|place| adopt::is_run(place))
                    .collect::<Vec<_>>()
            });
            for directory in still.await? {
                self.db.remember_directory(&directory).await?;
                let was = runs.iter().find(|was| was.lay_in(self.data_dir.root(), &directory));
                Box::pin(self.adopter.take_back(directory.clone(), was)).await?;
            }
        }
        if taken.iter().any(|row| row.summary.state == RunState::Queued) {
            self.announcer.queue().await?;
        }
        for sweep in taken.iter().filter_map(|row| row.summary.sweep.as_ref()) {
            self.sweeps.start_making(sweep.id.clone());
        }
        let moved = moved?;
        stopped.map(|()| moved)
    }

    /// Takes a run out of all lists; how it was is added to what comes back.
    async fn take_out(&self, row: &RunRow, was: Was, runs: &mut Vec<Was>) -> ApiResult<()> {
        if !self.db.delete_run(row.key).await? {
            return Err(ApiError::conflict(says::running(says::stop_run_first())));
        }
        runs.push(was);
        Ok(())
    }
}

/// Whether a directory is still there.
async fn is_there(directory: &FsPath) -> ApiResult<bool> {
    let directory = directory.to_owned();
    off_thread(move || directory.is_dir()).await
}

/// What runs are put into the trash as: a run, or a sweep with all of its.
pub struct DeletedAs {
    pub kind: TrashKind,
    pub name: String,
    /// A folder that is deleted with them, once all of them are.
    pub folder: Option<PathBuf>,
}

/// The directories that go into the trash: those of the data directory in which no other machine works.
///
/// # Errors
/// One of them holds another run, or the trash can't take it.
fn movable(data: &DataDir, rows: &[RunRow], all: &[PathBuf]) -> ApiResult<Vec<PathBuf>> {
    let (runs, mut places) = (data.runs(), vec![]);
    for row in rows {
        let here = row.summary.state != RunState::Unknown && row.directory.starts_with(&runs);
        if here {
            deletable(&runs, &row.directory, all)?;
            places.push(row.directory.clone());
        }
    }
    trash::folder::check_movable(data, &places)?;
    Ok(places)
}

/// A run directory below `runs/`, with no other run in it.
fn deletable(runs: &FsPath, directory: &FsPath, all: &[PathBuf]) -> ApiResult<()> {
    let said = directory.display().to_string();
    if !directory.starts_with(runs) || directory == runs {
        return Err(ApiError::conflict(says::outside(said)));
    }
    let mut inside = all
        .iter()
        .filter(|other| *other != directory && other.starts_with(directory));
    match inside.next() {
        None => Ok(()),
        Some(other) => {
            let said = says::other_run_inside(said, other);
            Err(ApiError::conflict(says::holds_others(said)))
        }
    }
}

/// Deletes a directory. It is renamed first, so that nobody finds half of it.
fn remove_directory(directory: &FsPath) -> std::io::Result<()> {
    let name = directory.file_name().unwrap_or_default().to_string_lossy();
    let doomed = directory.with_file_name(format!("{DELETED_PREFIX}{name}.{}", unique()));
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

/// Removes what a killed server left: directories that were being deleted, and those of runs
/// that were never made (nothing but their config).
pub fn sweep(runs: &FsPath, known: &[PathBuf]) {
    let Ok(entries) = std::fs::read_dir(runs) else { return };
    for path in entries.flatten().map(|e| e.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let removed = match name.starts_with(DELETED_PREFIX) {
            true => std::fs::remove_dir_all(&path),
            // with no run known at all the database is new, and who knows what these are
            false
                if !known.is_empty()
                    && !known.contains(&path)
                    && was_never_made(&path)
                    && (super::create::is_id(&name) || was_meant_for(&path, &name)) =>
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

/// Its config says itself that it lies here, and it is called as this server calls its own runs' directories: one that a
/// person prepares is another's.
fn was_meant_for(directory: &FsPath, folder: &str) -> bool {
    let Some(config) = super::config_text(directory).map(|text| RunConfig::parse(&text).config) else {
        return false;
    };
    let named = config.run_name.is_some_and(|name| is_folder_of(folder, &name));
    named && config.output_dir.is_some_and(|meant| FsPath::new(&meant) == directory)
}

fn was_never_made(directory: &FsPath) -> bool {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return false;
    };
    let mut names: Vec<_> = entries.flatten().map(|e| e.file_name()).collect();
    names.len() == 1 && names.pop().is_some_and(|name| name == protocol::run_dir::CONFIG)
}
