//! Data sets: the demo's and the person's own, added by upload, paste or path, described in `dataset_info.json`.

use crate::error::ApiResult;
use crate::extract::{Json, Query};
use crate::path::is_plain_name;
use crate::runs::resolve::{Found, model};
use crate::{ApiError, AppState, trainer};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use futures::StreamExt;
use protocol::api::{DataSource, NewDataset};
use protocol::config::names;
use protocol::data::{DatasetInfo, Inspection, Preview};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::io;
use std::path::{Path as FsPath, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;
use tokio::io::AsyncWriteExt;

const REGISTER: &str = "dataset_info.json";

/// Inspections by file, kept while the file stays as it was.
#[derive(Default)]
pub struct Inspections(Mutex<HashMap<PathBuf, (Stamp, Result<Inspection, String>)>>);

type Stamp = (u64, Option<SystemTime>);

/// One writer of `dataset_info.json` at a time.
#[derive(Default)]
pub struct Register(tokio::sync::Mutex<()>);

/// All data sets, the demo's last.
#[utoipa::path(get, path = "/api/datasets", tag = "library", responses((status = 200, body = [DatasetInfo])))]
pub async fn list(State(app): State<AppState>) -> ApiResult<Json<Vec<DatasetInfo>>> {
    let runs = app.db.runs().await?;
    let mut out = vec![];
    for (folder, demo) in [(app.data_dir.data(), false), (app.data_dir.demo_data(), true)] {
        for (name, entry) in register(&folder)? {
            let mut info = describe(&app, &folder, &name, &entry, demo).await;
            let uses = |list: &Option<String>| names(list.as_deref()).any(|known| known == name);
            let users = runs
                .iter()
                .filter(|r| uses(&r.summary.config.dataset) || uses(&r.summary.config.eval_dataset));
            info.used_by = users.map(|r| r.summary.id.clone()).collect();
            out.push(info);
        }
    }
    Ok(Json(out))
}

/// Adds a data set from text or from a file on this machine; its format is recognised and written down.
#[utoipa::path(post, path = "/api/datasets", tag = "library", request_body = NewDataset, responses((status = 201, body = DatasetInfo)))]
pub async fn add(
    State(app): State<AppState>,
    Json(new): Json<NewDataset>,
) -> ApiResult<(StatusCode, Json<DatasetInfo>)> {
    check_name(&app, &new.name)?;
    let (path, ours) = match new.source {
        DataSource::Text { file_name, text } => {
            let path = app.data_dir.data().join(file_for(&new.name, &file_name)?);
            write_new(&path, text.as_bytes()).await?;
            (path, true)
        }
        DataSource::Path(path) => (absolute(&path)?, false),
    };
    let info = register_file(&app, &new.name, &path, ours).await?;
    Ok((StatusCode::CREATED, Json(info)))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub struct UploadQuery {
    /// The file's name, for its ending: `.json`, `.jsonl` or `.txt`.
    file_name: String,
}

/// Adds a data set from an uploaded file (the request's body, streamed to disk).
#[utoipa::path(put, path = "/api/datasets/{name}", tag = "library", params(("name" = String, Path), UploadQuery), request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses((status = 201, body = DatasetInfo)))]
pub async fn upload(
    State(app): State<AppState>,
    Path(name): Path<String>,
    Query(query): Query<UploadQuery>,
    body: Body,
) -> ApiResult<(StatusCode, Json<DatasetInfo>)> {
    check_name(&app, &name)?;
    let path = app.data_dir.data().join(file_for(&name, &query.file_name)?);
    let part = path.with_extension("part");
    let mut file = tokio::fs::File::create(&part).await?;
    let mut stream = body.into_data_stream();
    while let Some(chunk) = stream.next().await {
        let written = match chunk {
            Ok(bytes) => file.write_all(&bytes).await,
            Err(e) => Err(io::Error::other(e)),
        };
        if let Err(error) = written {
            tokio::fs::remove_file(&part).await?;
            return Err(error.into());
        }
    }
    file.sync_all().await?;
    tokio::fs::rename(&part, &path).await?;
    let info = register_file(&app, &name, &path, true).await?;
    Ok((StatusCode::CREATED, Json(info)))
}

/// Takes a data set out of the list; a file that was uploaded or pasted is deleted, one named by its path stays.
#[utoipa::path(delete, path = "/api/datasets/{name}", tag = "library", params(("name" = String, Path)), responses((status = 204)))]
pub async fn remove(State(app): State<AppState>, Path(name): Path<String>) -> ApiResult<StatusCode> {
    let folder = app.data_dir.data();
    let _one = app.register.0.lock().await;
    let mut all = register(&folder)?;
    let Some(entry) = all.remove(&name) else {
        return Err(if register(&app.data_dir.demo_data())?.contains_key(&name) {
            ApiError::conflict("demo", "the demo's data sets come with Corral and stay")
        } else {
            ApiError::not_found(format!("there is no data set {}", name.escape_debug()))
        });
    };
    write_register(&folder, &all).await?;
    if let Some(file) = entry["file_name"].as_str()
        && is_plain_name(file)
        && let Err(e) = tokio::fs::remove_file(folder.join(file)).await
        && e.kind() != io::ErrorKind::NotFound
    {
        return Err(e.into());
    }
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub struct PreviewQuery {
    /// A model's id: its tokenizer, and its chat template where `template` is left out.
    model: String,
    template: Option<String>,
    /// "pt", "sft" or "dpo"; left out: what the data set is for.
    stage: Option<String>,
    #[serde(default = "two_thousand")]
    cutoff_len: u64,
    #[serde(default)]
    offset: u64,
    #[serde(default = "five")]
    limit: u64,
}

fn two_thousand() -> u64 {
    2048
}
fn five() -> u64 {
    5
}

/// Rows as the model will see them: the rendered template, token by token, and which tokens count.
#[utoipa::path(get, path = "/api/datasets/{name}/preview", tag = "library", params(("name" = String, Path), PreviewQuery), responses((status = 200, body = Preview)))]
pub async fn preview(
    State(app): State<AppState>,
    Path(name): Path<String>,
    Query(query): Query<PreviewQuery>,
) -> ApiResult<Json<Preview>> {
    let (folder, _) = find(&app, &name)?;
    let model = match model(&app, &query.model).await? {
        Ok(Found::Folder(path) | Found::Full { path, .. }) => path.display().to_string(),
        Ok(Found::Adapter { base, .. }) => base,
        Err(why) => return Err(ApiError::not_found(why)),
    };
    let mut args: Vec<String> = vec!["preview".into(), "--dataset".into(), name];
    let mut option = |key: &str, value: String| args.extend([format!("--{key}"), value]);
    option("dataset-dir", folder.display().to_string());
    option("model", model);
    option("cutoff-len", query.cutoff_len.to_string());
    option("offset", query.offset.to_string());
    option("limit", query.limit.min(100).to_string());
    if let Some(template) = query.template.filter(|t| !t.is_empty()) {
        option("template", template);
    }
    if let Some(stage) = query.stage.filter(|s| !s.is_empty()) {
        option("stage", stage);
    }
    Ok(Json(trainer::json(&app, &args).await?))
}

/// The folder and the register's entry of a data set.
fn find(app: &AppState, name: &str) -> ApiResult<(PathBuf, Value)> {
    for folder in [app.data_dir.data(), app.data_dir.demo_data()] {
        if let Some(entry) = register(&folder)?.remove(name) {
            return Ok((folder, entry));
        }
    }
    Err(ApiError::not_found(format!(
        "there is no data set {}",
        name.escape_debug()
    )))
}

async fn describe(app: &AppState, folder: &FsPath, name: &str, entry: &Value, demo: bool) -> DatasetInfo {
    let mut info = DatasetInfo {
        name: name.into(),
        file: String::new(),
        demo,
        inspection: None,
        error: None,
        used_by: vec![],
    };
    let Some(file) = entry["file_name"].as_str() else {
        info.error =
            Some("its entry in dataset_info.json has no file_name (data on a hub must be downloaded first)".into());
        return info;
    };
    let path = folder.join(file);
    info.file = path.display().to_string();
    match inspect(app, folder, name, &path).await {
        Ok(inspection) => info.inspection = Some(inspection),
        Err(why) => info.error = Some(why),
    }
    info
}

/// What is known of a data set registered in `folder`.
pub async fn inspection(app: &AppState, folder: &FsPath, name: &str) -> Result<Inspection, String> {
    let entry = register(folder)
        .map_err(|e| e.to_string())?
        .remove(name)
        .unwrap_or_default();
    let info = describe(app, folder, name, &entry, false).await;
    info.inspection.ok_or_else(|| info.error.unwrap_or_default())
}

/// Inspects a registered data set; unchanged files are not read again.
async fn inspect(app: &AppState, folder: &FsPath, name: &str, path: &FsPath) -> Result<Inspection, String> {
    let meta = path.metadata().map_err(|e| format!("{}: {e}", path.display()))?;
    let stamp = (meta.len(), meta.modified().ok());
    let key = folder.join(name);
    let lock = || app.inspections.0.lock().unwrap_or_else(|e| e.into_inner());
    if let Some((known, result)) = lock().get(&key)
        && *known == stamp
    {
        return result.clone();
    }
    let args = [
        "inspect",
        "--dataset",
        name,
        "--dataset-dir",
        &folder.display().to_string(),
    ]
    .map(String::from);
    let result = trainer::json::<Inspection>(app, &args).await.map_err(|e| e.to_string());
    lock().insert(key, (stamp, result.clone()));
    result
}

/// Recognises a file and writes its entry; a file that can't be used is refused, and deleted if it is ours.
async fn register_file(app: &AppState, name: &str, path: &FsPath, ours: bool) -> ApiResult<DatasetInfo> {
    let args = ["inspect", &path.display().to_string()].map(String::from);
    let inspection: Inspection = match trainer::json(app, &args).await {
        Ok(inspection) => inspection,
        Err(error) => {
            if ours {
                tokio::fs::remove_file(path).await?;
            }
            return Err(error);
        }
    };
    let folder = app.data_dir.data();
    let mut entry = inspection.entry.clone();
    let file = if ours {
        path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    } else {
        path.display().to_string()
    };
    entry["file_name"] = Value::String(file);
    let _one = app.register.0.lock().await;
    let mut all = register(&folder)?;
    all.insert(name.into(), entry.clone());
    write_register(&folder, &all).await?;
    Ok(describe(app, &folder, name, &entry, false).await)
}

fn register(folder: &FsPath) -> ApiResult<Map<String, Value>> {
    let path = folder.join(REGISTER);
    match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|e| {
            ApiError::conflict(
                "bad_register",
                format!("{} is not readable: {e}; mend or remove it", path.display()),
            )
        }),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Map::new()),
        Err(e) => Err(e.into()),
    }
}

async fn write_register(folder: &FsPath, all: &Map<String, Value>) -> io::Result<()> {
    let bytes = serde_json::to_vec_pretty(all).map_err(io::Error::other)?;
    write_new(&folder.join(REGISTER), &bytes).await
}

/// Writes beside, syncs, renames.
async fn write_new(path: &FsPath, bytes: &[u8]) -> io::Result<()> {
    let part = path.with_extension("part");
    let mut file = tokio::fs::File::create(&part).await?;
    file.write_all(bytes).await?;
    file.sync_all().await?;
    tokio::fs::rename(&part, path).await
}

fn check_name(app: &AppState, name: &str) -> ApiResult<()> {
    if !is_plain_name(name) || name.contains(',') || name.trim() != name {
        return Err(ApiError::bad(
            "bad_name",
            "a data set's name is one word without commas or slashes",
        ));
    }
    if find(app, name).is_ok() {
        return Err(ApiError::conflict(
            "name_taken",
            format!("there is a data set {name} already"),
        ));
    }
    Ok(())
}

/// The file a data set is kept in: its name with the given file's ending.
fn file_for(name: &str, given: &str) -> ApiResult<String> {
    let ending = FsPath::new(given)
        .extension()
        .and_then(|e| e.to_str())
        .unwrap_or_default()
        .to_lowercase();
    match ending.as_str() {
        "json" | "jsonl" | "txt" => Ok(format!("{name}.{ending}")),
        _ => Err(ApiError::bad(
            "bad_format",
            "a data set is a .json, .jsonl or .txt file",
        )),
    }
}

fn absolute(path: &str) -> ApiResult<PathBuf> {
    let path = FsPath::new(path.trim());
    if !path.is_absolute() {
        return Err(ApiError::bad("bad_path", "give the whole path, from /"));
    }
    let path = path
        .canonicalize()
        .map_err(|_| ApiError::not_found(format!("there is no file {}", path.display())))?;
    if !path.is_file() {
        return Err(ApiError::bad("bad_path", format!("{} is not a file", path.display())));
    }
    file_for("x", &path.display().to_string())?;
    Ok(path)
}
