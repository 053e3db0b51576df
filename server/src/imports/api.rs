//! Taking runs of other programs in over HTTP: from a path on this machine, or one uploaded file.

use super::{Asked, UPLOAD, take_in};
use crate::error::ApiResult;
use crate::extract::{Json, Query};
use crate::runs::{adopt, find};
use crate::{ApiError, AppState};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use protocol::Said;
use protocol::api::{AdoptRun, ImportRuns, ImportedRuns};
use serde::Deserialize;
use std::path::PathBuf;

/// Takes in the runs of a file or folder on this machine: TensorBoard's, transformers', LLaMA-Factory's, MLflow's, or an
/// exported history of W&B's. A run directory of Corral's is taken up where it is.
#[utoipa::path(post, path = "/api/imports", tag = "runs", request_body = ImportRuns, responses((status = 201, body = ImportedRuns)))]
pub async fn from_path(
    State(app): State<AppState>,
    Json(request): Json<ImportRuns>,
) -> ApiResult<(StatusCode, Json<ImportedRuns>)> {
    let written = protocol::config::at_home(request.path.trim());
    let path = written.map_err(|what| ApiError::Said(StatusCode::BAD_REQUEST, what.said()))?;
    if !path.is_absolute() {
        let path = request.path.escape_debug().to_string();
        let detail = format!("{path} is no absolute path");
        return Err(ApiError::bad("not_absolute", detail).with_args([path]));
    }
    if adopt::is_run(&path) {
        let path = path.display().to_string();
        let (status, Json(run)) = adopt::adopt(State(app), Json(AdoptRun { path })).await?;
        let (runs, left_out) = (vec![run], vec![]);
        return Ok((status, Json(ImportedRuns { runs, left_out })));
    }
    let taken = import(&app, path, request.name, None).await?;
    Ok((StatusCode::CREATED, Json(taken)))
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
pub struct UploadQuery {
    /// What to call the run; left out: as the file.
    name: Option<String>,
}

/// Takes in the runs of one file, which is the request's body; its name says what it is.
#[utoipa::path(put, path = "/api/imports/{file}", tag = "runs", params(("file" = String, Path), UploadQuery), request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses((status = 201, body = ImportedRuns)))]
pub async fn upload(
    State(app): State<AppState>,
    Path(file): Path<String>,
    Query(query): Query<UploadQuery>,
    body: Bytes,
) -> ApiResult<(StatusCode, Json<ImportedRuns>)> {
    if file.starts_with('.') || file.contains(['/', '\\', '\0']) || file.len() > 200 {
        let file = file.escape_debug().to_string();
        return Err(ApiError::bad("bad_file_name", format!("{file} is no name of a file")).with_args([file]));
    }
    let folder = Folder::beside(&app.data_dir.runs()).map_err(ApiError::internal)?;
    let path = folder.0.join(&file);
    tokio::fs::write(&path, &body).await.map_err(ApiError::internal)?;
    // of a folder that was made for the upload, the name says nothing
    let plain = file
        .rsplit_once('.')
        .map_or(file.as_str(), |(plain, _)| plain)
        .to_owned();
    let name = query.name.filter(|name| !name.trim().is_empty()).unwrap_or(plain);
    let taken = import(&app, path, Some(name), Some(file)).await?;
    Ok((StatusCode::CREATED, Json(taken)))
}

async fn import(app: &AppState, path: PathBuf, name: Option<String>, shown: Option<String>) -> ApiResult<ImportedRuns> {
    let name = name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    let runs = app.data_dir.runs();
    let hidden = match &shown {
        // as messages have it
        Some(file) => Some((
            path.canonicalize().map_err(ApiError::internal)?.display().to_string(),
            file.clone(),
        )),
        None => None,
    };
    let taken = tokio::task::spawn_blocking(move || {
        let asked = Asked {
            path: &path,
            name: name.as_deref(),
            shown: shown.as_deref(),
        };
        take_in(&asked, &runs)
    });
    let taken = taken.await.map_err(ApiError::internal)?;
    // of an upload's place in this machine nobody needs to know
    let named = |said: Said| match &hidden {
        Some((inside, file)) => said.map_text(&|text| text.replace(inside, file)),
        None => said,
    };
    let taken = taken.map_err(|error| ApiError::Said(StatusCode::BAD_REQUEST, named(error.0)))?;
    let mut rows = vec![];
    for directory in taken.runs {
        let directory = directory.canonicalize().map_err(ApiError::internal)?;
        let id = adopt::take_up(app, directory, false).await?;
        rows.push(find(app, &id).await?.summary);
    }
    Ok(ImportedRuns {
        runs: rows,
        left_out: taken.left_out.into_iter().map(named).collect(),
    })
}

/// A hidden folder for an upload, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn beside(runs: &std::path::Path) -> std::io::Result<Self> {
        let folder = runs.join(format!("{UPLOAD}{:016x}", rand::random::<u64>()));
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
