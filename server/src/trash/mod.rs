//! What was deleted and can be taken back, and what the data directory takes of the disk.

pub mod folder;

use crate::error::ApiResult;
use crate::extract::Json;
use crate::runs::adopt;
use crate::state::now;
use crate::system::disk_free;
use crate::{ApiError, AppState, sweeps};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use folder::{About, Doomed, bytes_of};
use protocol::api::{Disk, TrashKind, Trashed};
use protocol::live::ToBrowser;
use std::time::Duration;

/// Between two looks for what has lain in the trash long enough.
const LOOK: Duration = Duration::from_secs(3600);

/// What the data directory takes of the disk.
#[utoipa::path(get, path = "/api/disk", tag = "trash", responses((status = 200, body = Disk)))]
pub async fn disk(State(app): State<AppState>) -> ApiResult<Json<Disk>> {
    let look = move || -> std::io::Result<Disk> {
        let root = app.data_dir.root();
        Ok(Disk {
            path: root.display().to_string(),
            bytes: bytes_of(root),
            trash: bytes_of(&app.data_dir.trash()),
            free: disk_free(root)?,
            days: folder::DAYS,
        })
    };
    Ok(Json(off_thread(look).await??))
}

/// All that is in the trash, the newest first.
#[utoipa::path(get, path = "/api/trash", tag = "trash", responses((status = 200, body = [Trashed])))]
pub async fn list(State(app): State<AppState>) -> ApiResult<Json<Vec<Trashed>>> {
    Ok(Json(off_thread(move || folder::list(&app.data_dir)).await?))
}

/// Deletes all that is in the trash for good: its room is free from then on.
#[utoipa::path(delete, path = "/api/trash", tag = "trash", responses((status = 204)))]
pub async fn empty(State(app): State<AppState>) -> ApiResult<StatusCode> {
    off_thread(move || folder::empty(&app.data_dir, i64::MAX)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes one thing in the trash for good.
#[utoipa::path(delete, path = "/api/trash/{id}", tag = "trash", params(("id" = String, Path)), responses((status = 204)))]
pub async fn delete(State(app): State<AppState>, Path(id): Path<String>) -> ApiResult<StatusCode> {
    off_thread(move || folder::delete(&app.data_dir, &id)).await??;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a thing back to where it was. Runs are listed again, under their names where these are free.
#[utoipa::path(post, path = "/api/trash/{id}/restore", tag = "trash", params(("id" = String, Path)), responses((status = 200, body = Trashed), (status = 409, body = protocol::api::Problem)))]
pub async fn restore(State(app): State<AppState>, Path(id): Path<String>) -> ApiResult<Json<Trashed>> {
    let moving = app.clone();
    let about = off_thread(move || folder::restore(&moving.data_dir, &id)).await??;
    match about.shown.kind {
        TrashKind::Sweep => {
            sweeps::take_up(&app).await;
            runs_again(&app, &about).await?;
        }
        TrashKind::Run => runs_again(&app, &about).await?,
        TrashKind::Checkpoint | TrashKind::Model => app.bus.say(ToBrowser::DataSets),
        TrashKind::Config => {}
    }
    Ok(Json(about.shown))
}

/// Lists runs again whose directories are back, or never went.
async fn runs_again(app: &AppState, about: &About) -> ApiResult<()> {
    let inside = about.parts.iter().map(|part| app.data_dir.root().join(part));
    for directory in inside.chain(about.stay.iter().cloned()) {
        if !adopt::is_run(&directory) {
            continue;
        }
        app.db.remember_directory(&directory).await?;
        // the scan may have been quicker
        if app.db.run_in(&directory).await?.is_none() {
            Box::pin(adopt::take_up(app, directory, true)).await?;
        }
    }
    Ok(())
}

/// Moves things into the trash.
///
/// # Errors
/// They lie elsewhere, or the disk says no.
pub async fn put(app: &AppState, doomed: Doomed) -> ApiResult<Trashed> {
    let data = app.data_dir.clone();
    off_thread(move || folder::put(&data, doomed)).await?
}

/// Empties the trash of what has lain there long enough, for as long as the server goes.
pub async fn empty_again_and_again(app: AppState) {
    let mut every = tokio::time::interval(LOOK);
    loop {
        every.tick().await;
        let data = app.data_dir.clone();
        if let Err(error) = off_thread(move || folder::empty(&data, now())).await {
            tracing::error!("the trash: {error}");
        }
    }
}

async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> ApiResult<T> {
    tokio::task::spawn_blocking(work).await.map_err(ApiError::internal)
}
