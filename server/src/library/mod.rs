//! What is here to train and to train on: models of every origin, data sets, downloads.

pub mod datasets;
pub mod download;
pub mod hub;
pub mod inspect;

use crate::AppState;
use crate::db::RunRow;
use crate::error::ApiResult;
use crate::extract::Json;
use crate::runs::resolve::DEMO_MODEL;
use axum::extract::State;
use protocol::api::{ModelInfo, ModelOrigin};
use protocol::run_dir;
use std::path::Path;

/// All models: the demo, folders below `models/`, the hub's cache, checkpoints and merged models of runs.
#[utoipa::path(get, path = "/api/models", tag = "library", responses((status = 200, body = [ModelInfo])))]
pub async fn models(State(app): State<AppState>) -> ApiResult<Json<Vec<ModelInfo>>> {
    let runs = app.db.runs().await?;
    let data_dir = app.data_dir.clone();
    let hub = app.hub.clone();
    let list = tokio::task::spawn_blocking(move || {
        let mut list = vec![inspect::inspect(DEMO_MODEL, ModelOrigin::Demo, &data_dir.demo_model())];
        for path in folders(&data_dir.models()) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            list.push(inspect::inspect(&name, ModelOrigin::Folder, &path));
        }
        for (name, path) in hub.cached_models() {
            list.push(inspect::inspect(&name, ModelOrigin::Hub, &path));
        }
        for run in &runs {
            list.extend(of_run(run));
        }
        for run in &runs {
            note_use(&mut list, run);
        }
        list
    })
    .await;
    Ok(Json(list.map_err(crate::ApiError::internal)?))
}

fn folders(root: &Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = std::fs::read_dir(root) else {
        return vec![];
    };
    let mut folders: Vec<_> = entries
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.join("config.json").is_file())
        .collect();
    folders.sort();
    folders
}

/// Checkpoints and merged models of a run, newest first.
fn of_run(run: &RunRow) -> Vec<ModelInfo> {
    let mut steps: Vec<u64> = std::fs::read_dir(&run.directory)
        .map(|entries| {
            entries
                .flatten()
                .filter_map(|e| run_dir::checkpoint_step(e.file_name().to_str()?))
                .collect()
        })
        .unwrap_or_default();
    steps.sort_unstable_by(|a, b| b.cmp(a));
    let base = run.summary.config.model_name_or_path.clone();
    let mut list: Vec<ModelInfo> = steps
        .into_iter()
        .map(|step| {
            let name = run_dir::checkpoint(step);
            let path = run.directory.join(&name);
            let id = format!("{}/{name}", run.summary.name);
            if path.join("adapter_config.json").is_file() {
                inspect::adapter(&id, &path)
            } else {
                inspect::inspect(&id, ModelOrigin::Merged, &path)
            }
        })
        .collect();
    let merged = run.directory.join(run_dir::MERGED);
    if merged.join("config.json").is_file() {
        list.push(inspect::inspect(
            &format!("{}/merged", run.summary.name),
            ModelOrigin::Merged,
            &merged,
        ));
    }
    for info in &mut list {
        info.run = Some(run.summary.id.clone());
        info.base = base.clone();
    }
    list
}

/// Marks the models that a run needs.
fn note_use(list: &mut [ModelInfo], run: &RunRow) {
    let config = &run.summary.config;
    for info in list {
        if config.models().any(|name| name == info.id || name == info.path) {
            info.used_by.push(run.summary.id.clone());
        }
    }
}
