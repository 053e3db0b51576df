//! Merging on demand: a child process folds a checkpoint's adapter into its base and writes `merged/`.

use super::default_checkpoint;
use crate::error::ApiResult;
use crate::extract::Json;
use crate::runs::find;
use crate::runs::resolve::{Found, model};
use crate::trainer::{self, Ended};
use crate::{ApiError, AppState};
use axum::extract::{Path, State};
use protocol::api::Merge;
use protocol::event::TrainEvent;
use protocol::live::ToBrowser;
use protocol::run_dir;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::{Path as FsPath, PathBuf};
use std::sync::Mutex;

/// Beside `merged/`: which checkpoint it was made of.
const MADE_OF: &str = "merged.json";

/// Merges that go on or failed, by run; a finished one is seen on disk.
#[derive(Default)]
pub struct Merges(Mutex<HashMap<String, Merge>>);

#[derive(Serialize, Deserialize)]
struct MadeOf {
    checkpoint: String,
}

#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
pub struct MergeRequest {
    /// A checkpoint folder's name; left out: the best, else the newest.
    #[serde(default)]
    checkpoint: Option<String>,
}

/// How the merge of a run stands.
#[utoipa::path(get, path = "/api/runs/{id}/merge", tag = "files", params(("id" = String, Path)), responses((status = 200, body = Merge)))]
pub async fn status(State(app): State<AppState>, Path(id): Path<String>) -> ApiResult<Json<Merge>> {
    let root = find(&app, &id).await?.directory;
    Ok(Json(state(&app, &id, &root)))
}

/// Starts merging; answers at once. Asking again while it goes on, or when it is done, changes nothing.
#[utoipa::path(post, path = "/api/runs/{id}/merge", tag = "files", params(("id" = String, Path)), request_body = MergeRequest, responses((status = 200, body = Merge)))]
pub async fn start(
    State(app): State<AppState>,
    Path(id): Path<String>,
    Json(request): Json<MergeRequest>,
) -> ApiResult<Json<Merge>> {
    let row = find(&app, &id).await?;
    let root = row.directory.clone();
    let checkpoint = match request.checkpoint {
        Some(name) => name,
        None => default_checkpoint(&root)
            .and_then(|p| Some(p.file_name()?.to_str()?.to_owned()))
            .ok_or_else(|| ApiError::conflict("no_checkpoint", "the run has no checkpoint to merge"))?,
    };
    let now = state(&app, &id, &root);
    let same = made_of(&root).is_some_and(|made| made.checkpoint == checkpoint);
    if matches!(now, Merge::Going { .. }) || (matches!(now, Merge::Done { .. }) && same) {
        return Ok(Json(now));
    }
    let name = format!("{}/{checkpoint}", row.summary.name);
    let (base, adapters) = match model(&app, &name).await? {
        Ok(Found::Adapter { base, chain, .. }) => (base, chain),
        Ok(Found::Full { path, .. } | Found::Folder(path)) => (path.display().to_string(), vec![]),
        Err(why) => return Err(ApiError::not_found(why)),
    };
    room_for(FsPath::new(&base), &root)?;
    let going = Merge::Going { done: 0, total: 0 };
    set(&app, &id, going.clone());
    let mut args = vec![
        "export".into(),
        "--model".into(),
        base,
        "--out".into(),
        root.join(run_dir::MERGED).display().to_string(),
    ];
    for adapter in adapters {
        args.extend(["--adapter".into(), adapter]);
    }
    args.push("--json".into());
    tokio::spawn(run(app, id, root, checkpoint, args));
    Ok(Json(going))
}

async fn run(app: AppState, id: String, root: PathBuf, checkpoint: String, args: Vec<String>) {
    let merged = root.join(run_dir::MERGED);
    // an older merge would be mistaken for this one should it fail
    let cleared = tokio::fs::remove_dir_all(&merged).await;
    let ended = match cleared {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Ended::failed(e.to_string()),
        _ => {
            trainer::lines(&app, &args, |line| {
                if let Ok(TrainEvent::Phase { done, total, .. }) = serde_json::from_str(line) {
                    set(&app, &id, Merge::Going { done, total });
                }
            })
            .await
        }
    };
    let outcome = match ended {
        Ended::Well => {
            let made = serde_json::to_vec(&MadeOf { checkpoint }).unwrap_or_default();
            match tokio::fs::write(root.join(MADE_OF), made).await {
                Ok(()) => state_on_disk(&root),
                Err(e) => Merge::Failed { message: e.to_string() },
            }
        }
        Ended::Failed(message) => Merge::Failed { message },
    };
    set(&app, &id, outcome);
}

fn set(app: &AppState, id: &str, merge: Merge) {
    let mut all = app.merges.0.lock().unwrap_or_else(|e| e.into_inner());
    match &merge {
        Merge::Going { .. } | Merge::Failed { .. } => all.insert(id.to_owned(), merge.clone()),
        _ => all.remove(id),
    };
    app.bus.say(ToBrowser::Merge {
        run: id.to_owned(),
        merge,
    });
}

fn state(app: &AppState, id: &str, root: &FsPath) -> Merge {
    let all = app.merges.0.lock().unwrap_or_else(|e| e.into_inner());
    all.get(id).cloned().unwrap_or_else(|| state_on_disk(root))
}

/// The trainer renames the finished folder into place, so what is there is whole.
fn state_on_disk(root: &FsPath) -> Merge {
    let merged = root.join(run_dir::MERGED);
    match super::walk(&merged, &merged) {
        Ok(files) => {
            let bytes = files
                .iter()
                .filter_map(|f| merged.join(f).metadata().ok())
                .map(|m| m.len())
                .sum();
            Merge::Done { bytes }
        }
        Err(_) => Merge::None,
    }
}

fn made_of(root: &FsPath) -> Option<MadeOf> {
    serde_json::from_slice(&std::fs::read(root.join(MADE_OF)).ok()?).ok()
}

/// The merged weights take as much disk as the base's.
fn room_for(base: &FsPath, target: &FsPath) -> ApiResult<()> {
    let need: u64 = std::fs::read_dir(base)
        .map_err(|e| {
            ApiError::conflict(
                "no_base",
                format!("the base model {} can't be read: {e}", base.display()),
            )
        })?
        .flatten()
        .filter_map(|f| f.path().metadata().ok())
        .map(|m| m.len())
        .sum();
    let free = crate::system::disk_free(target)?;
    if free < need + (64 << 20) {
        let detail = format!("merging needs {} MiB of disk, {} MiB are free", need >> 20, free >> 20);
        return Err(ApiError::Unavailable {
            code: "disk_full",
            detail,
        });
    }
    Ok(())
}
