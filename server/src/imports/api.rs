//! Taking runs of other programs in over HTTP: from a path on this machine, or one uploaded file.

use super::{ImportError, ImportRequest, UPLOAD_PREFIX, take_in};
use crate::ApiError;
use crate::ambient::unique;
use crate::error::ApiResult;
use crate::extract::{Json, Query};
use crate::off_thread::off_thread;
use crate::runs::adopt::Adopter;
use crate::runs::{adopt, find};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use protocol::api::{AdoptRun, ImportRuns, ImportedRuns};
use protocol::{Said, says};
use serde::Deserialize;
use std::path::PathBuf;
use std::time::Duration;

/// How long an import waits for the one before it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Takes in the runs of a file or folder on this machine: TensorBoard's, transformers', LLaMA-Factory's, MLflow's, or an
/// exported history of W&B's. A run directory of Corral's is taken up where it is.
#[utoipa::path(post, path = "/api/imports", tag = "runs", request_body = ImportRuns, responses((status = 201, body = ImportedRuns)))]
pub async fn from_path(
    State(adopter): State<Adopter>,
    Json(request): Json<ImportRuns>,
) -> ApiResult<(StatusCode, Json<ImportedRuns>)> {
    let written = protocol::config::at_home(request.path.trim());
    let path = written.map_err(|what| ApiError::bad(what.said()))?;
    if !path.is_absolute() {
        let path = request.path.escape_debug().to_string();
        return Err(ApiError::bad(says::not_absolute(path)));
    }
    let place = path.clone();
    if off_thread(move || adopt::is_run(&place)).await? {
        let path = path.display().to_string();
        let (status, Json(run)) = adopt::adopt(State(adopter), Json(AdoptRun { path })).await?;
        let (runs, left_out) = (vec![run], vec![]);
        return Ok((status, Json(ImportedRuns { runs, left_out })));
    }
    let taken = import(&adopter, path, request.name, None).await?;
    Ok((StatusCode::CREATED, Json(taken)))
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
pub struct ImportQuery {
    /// What to call the run; left out: as the file.
    name: Option<String>,
}

/// Takes in the runs of one file, which is the request's body; its name says what it is.
#[utoipa::path(put, path = "/api/imports/{file}", tag = "runs", params(("file" = String, Path), ImportQuery), request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses((status = 201, body = ImportedRuns)))]
pub async fn upload(
    State(adopter): State<Adopter>,
    Path(file): Path<String>,
    Query(query): Query<ImportQuery>,
    body: Bytes,
) -> ApiResult<(StatusCode, Json<ImportedRuns>)> {
    if file.starts_with('.') || file.contains(['/', '\\', '\0']) || file.len() > 200 {
        let file = file.escape_debug().to_string();
        return Err(ApiError::bad(says::bad_file_name(file)));
    }
    let (runs, name) = (adopter.data_dir.runs(), file.clone());
    let arrived = off_thread(move || {
        let folder = Folder::beside(&runs)?;
        let path = folder.0.join(name);
        std::fs::write(&path, &body)?;
        // as messages have it
        let inside = path.canonicalize()?.display().to_string();
        Ok::<_, std::io::Error>((folder, path, inside))
    });
    let (_folder, path, inside) = arrived.await?.map_err(ApiError::internal)?;
    // of a folder that was made for the upload, the name says nothing
    let plain = file
        .rsplit_once('.')
        .map_or(file.as_str(), |(plain, _)| plain)
        .to_owned();
    let name = query.name.filter(|name| !name.trim().is_empty()).unwrap_or(plain);
    let shown = Shown { inside, file };
    let taken = import(&adopter, path, Some(name), Some(shown)).await?;
    Ok((StatusCode::CREATED, Json(taken)))
}

/// An upload's path in this machine, and the name that it came with.
#[derive(Clone)]
struct Shown {
    inside: String,
    file: String,
}

async fn import(
    adopter: &Adopter,
    path: PathBuf,
    name: Option<String>,
    shown: Option<Shown>,
) -> ApiResult<ImportedRuns> {
    let name = name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    let runs = adopter.data_dir.runs();
    let (hidden, ambient) = (shown.clone(), adopter.ambient.clone());
    // what is read lies in memory until it is written, so one is read at a time. The wait is here and not on the thread that reads: a
    // request that is given up meanwhile imports nothing, and behind a disk that no longer answers the next ones are told
    let alone = tokio::time::timeout(PATIENCE, adopter.importing.clone().lock_owned()).await;
    let alone = alone.map_err(|_| ApiError::conflict(says::import_going_on()))?;
    let taken = off_thread(move || {
        // until all is written, even where nobody waits for it any more
        let _alone = alone;
        let asked = ImportRequest {
            path: &path,
            name: name.as_deref(),
            shown: shown.as_ref().map(|shown| shown.file.as_str()),
        };
        let taken = take_in(&asked, &runs, &ambient)?;
        let whole: std::io::Result<Vec<PathBuf>> = taken.runs.iter().map(|run| run.canonicalize()).collect();
        Ok::<_, ImportError>((taken.left_out, whole))
    })
    .await?;
    // of an upload's place in this machine nobody needs to know
    let named = |said: Said| match &hidden {
        Some(shown) => said.map_text(&|text| text.replace(&shown.inside, &shown.file)),
        None => said,
    };
    let (left_out, directories) = taken.map_err(|error| ApiError::bad(named(error.0)))?;
    let mut rows = vec![];
    for directory in directories.map_err(ApiError::internal)? {
        let id = adopter.adopt(directory, false).await?;
        rows.push(find(&adopter.db, &id).await?.summary);
    }
    Ok(ImportedRuns {
        runs: rows,
        left_out: left_out.into_iter().map(named).collect(),
    })
}

/// A hidden folder for an upload, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn beside(runs: &std::path::Path) -> std::io::Result<Self> {
        let folder = runs.join(format!("{UPLOAD_PREFIX}{}", unique()));
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
