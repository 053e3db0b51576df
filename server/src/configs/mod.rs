//! Run configs under a name: YAML files below `configs/` in the data directory, where people may put their own as well.

mod kept;

use crate::ApiError;
use crate::error::ApiResult;
use crate::extract::Json;
use crate::files::attachment;
use crate::off_thread::off_thread;
use crate::path::is_plain_name;
use crate::state::DataDir;
use crate::trash::{Trash, folder::Deletion};
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::IntoResponse;
use protocol::api::{RenameConfig, SaveConfig, SavedConfig, TrashKind, Trashed};
use protocol::{RunConfig, says};
use std::sync::Arc;

/// Run configs under a name. Cheap to clone.
#[derive(Clone)]
pub struct Configs {
    pub data_dir: DataDir,
    pub trash: Trash,
    /// Held while a name is taken or freed: one change at a time.
    pub naming: Arc<tokio::sync::Mutex<()>>,
}

/// All of them, the newest first.
#[utoipa::path(get, path = "/api/configs", tag = "config", responses((status = 200, body = [SavedConfig])))]
pub async fn list(State(configs): State<Configs>) -> ApiResult<Json<Vec<SavedConfig>>> {
    Ok(Json(off_thread(move || kept::all(&configs.data_dir)).await?))
}

/// The file, as `corral train` and LLaMA-Factory take it.
#[utoipa::path(get, path = "/api/configs/{name}", tag = "config", params(("name" = String, Path)), responses((status = 200, content_type = "application/yaml")))]
pub async fn file(State(configs): State<Configs>, Path(name): Path<String>) -> ApiResult<impl IntoResponse> {
    let disposition = attachment(&format!("{name}.yaml"));
    let text = off_thread(move || kept::read(&configs.data_dir, &name)).await??;
    let kind = header::HeaderValue::from_static("application/yaml");
    Ok((
        [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)],
        text,
    ))
}

/// Keeps a config under a name. One that can't be read is answered with all its errors.
#[utoipa::path(put, path = "/api/configs/{name}", tag = "config", params(("name" = String, Path)), request_body = SaveConfig, responses((status = 200, body = SavedConfig), (status = 409, body = protocol::api::Problem), (status = 422, body = protocol::api::Problem)))]
pub async fn save(
    State(configs): State<Configs>,
    Path(name): Path<String>,
    Json(asked): Json<SaveConfig>,
) -> ApiResult<Json<SavedConfig>> {
    check_name(&name)?;
    let parsed = RunConfig::parse(&asked.text);
    if !parsed.errors.is_empty() {
        return Err(ApiError::InvalidConfig(parsed.errors));
    }
    let _one = configs.naming.lock().await;
    let (data, text) = (
        configs.data_dir.clone(),
        kept::with_output_dir(asked.text, &parsed.config, &name),
    );
    Ok(Json(
        off_thread(move || kept::write(&data, &name, &text, asked.replace)).await??,
    ))
}

/// Gives it another name.
#[utoipa::path(patch, path = "/api/configs/{name}", tag = "config", params(("name" = String, Path)), request_body = RenameConfig, responses((status = 200, body = SavedConfig), (status = 409, body = protocol::api::Problem)))]
pub async fn rename(
    State(configs): State<Configs>,
    Path(name): Path<String>,
    Json(asked): Json<RenameConfig>,
) -> ApiResult<Json<SavedConfig>> {
    let to = asked.name.trim().to_owned();
    check_name(&to)?;
    let _one = configs.naming.lock().await;
    let data = configs.data_dir.clone();
    Ok(Json(off_thread(move || kept::rename(&data, &name, &to)).await??))
}

/// Moves it into the trash, out of which it can be taken back.
#[utoipa::path(delete, path = "/api/configs/{name}", tag = "config", params(("name" = String, Path)), responses((status = 200, body = Trashed)))]
pub async fn delete(State(configs): State<Configs>, Path(name): Path<String>) -> ApiResult<Json<Trashed>> {
    let _one = configs.naming.lock().await;
    let (data, of) = (configs.data_dir.clone(), name.clone());
    let path = off_thread(move || kept::find(&data, &of)).await??;
    let doomed = Deletion {
        kind: TrashKind::Config,
        name,
        parts: vec![path],
        stay: vec![],
        runs: vec![],
    };
    Ok(Json(configs.trash.put(doomed).await?))
}

fn check_name(name: &str) -> ApiResult<()> {
    match is_plain_name(name) && name.trim() == name {
        true => Ok(()),
        false => Err(ApiError::bad(says::config_name_bad())),
    }
}
