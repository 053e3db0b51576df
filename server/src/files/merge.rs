//! Merging and exporting on demand: a child process folds a checkpoint's adapter into its base and writes `merged/`, or
//! `exported/` where another form is asked for.

mod folders;

use super::checkpoints;
use super::combine::Combines;
use crate::ApiError;
use crate::db::Db;
use crate::error::ApiResult;
use crate::extract::Json;
use crate::live::Bus;
use crate::off_thread::off_thread;
use crate::runs::find;
use crate::runs::resolve::{Found, Resolver};
use crate::trainer::{Ended, Trainer};
use crate::work::{Halt, Tasks};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use folders::{MadeOf, on_disk, publish, state_on_disk, sweep};
use protocol::api::{ExportForm, ExportFormat, Merge};
use protocol::event::TrainEvent;
use protocol::live::ToBrowser;
use protocol::{file_name, run_dir, says};
use serde::Deserialize;
use std::collections::HashMap;
use std::path::{Path as FsPath, PathBuf};
use std::sync::{Arc, Mutex};

/// Merges of runs, and what makes them. Cheap to clone.
#[derive(Clone)]
pub struct Merges {
    pub tasks: Tasks,
    pub db: Db,
    pub bus: Bus,
    pub trainer: Trainer,
    pub resolver: Resolver,
    pub shared: Arc<Shared>,
}

#[derive(Default)]
pub struct Shared {
    /// Merges that are running or failed, by run; a finished one is read off the disk.
    known: Mutex<HashMap<String, OfRun>>,
    /// By run: held while its unfinished folders are made or removed.
    folders: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl Merges {
    /// Whether one of a run's checkpoints is being merged or exported.
    pub fn is_merging(&self, id: &str) -> bool {
        let known = self.shared.known.lock().unwrap_or_else(|e| e.into_inner());
        known.get(id).is_some_and(|of| matches!(of.state, Merge::Going { .. }))
    }

    fn folders(&self, id: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut all = self.shared.folders.lock().unwrap_or_else(|e| e.into_inner());
        all.entry(id.to_owned()).or_default().clone()
    }
}

/// The merge of a run that is running or failed.
struct OfRun {
    checkpoint: String,
    form: ExportForm,
    state: Merge,
    halt: Halt,
}

#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeRequest {
    /// A checkpoint folder's name; left out: the best, else the newest.
    #[serde(default)]
    checkpoint: Option<String>,
    /// What it is exported as; left out: the merged checkpoint.
    #[serde(default)]
    form: ExportForm,
}

/// How the merge of a run stands.
#[utoipa::path(get, path = "/api/runs/{id}/merge", tag = "files", params(("id" = String, Path)), responses((status = 200, body = Merge)))]
pub async fn status(
    State(merges): State<Merges>,
    State(combines): State<Combines>,
    Path(id): Path<String>,
) -> ApiResult<Json<Merge>> {
    // of a run that is not there yet, too
    if let Some(state) = combines.state(&id) {
        return Ok(Json(state));
    }
    let root = find(&merges.db, &id).await?.directory;
    let state = match merges.known(&id) {
        Some(state) => state,
        None => off_thread(move || state_on_disk(&root, run_dir::MERGED)).await?,
    };
    Ok(Json(state))
}

/// Stops the merge of a run, or the one that a run would come of; nothing is left of it, unless it is done by then. Where none
/// goes on, nothing happens.
#[utoipa::path(delete, path = "/api/runs/{id}/merge", tag = "files", params(("id" = String, Path)), responses((status = 204)))]
pub async fn stop(
    State(merges): State<Merges>,
    State(combines): State<Combines>,
    Path(id): Path<String>,
) -> ApiResult<StatusCode> {
    if combines.stop(&id) {
        return Ok(StatusCode::NO_CONTENT);
    }
    find(&merges.db, &id).await?;
    let all = merges.shared.known.lock().unwrap_or_else(|e| e.into_inner());
    if let Some(of) = all.get(&id).filter(|of| matches!(of.state, Merge::Going { .. })) {
        of.halt.stop();
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Starts merging; answers at once. Asking again while it goes on, or when it is done, changes nothing.
#[utoipa::path(post, path = "/api/runs/{id}/merge", tag = "files", params(("id" = String, Path)), request_body = MergeRequest, responses((status = 200, body = Merge)))]
pub async fn start(
    State(merges): State<Merges>,
    Path(id): Path<String>,
    Json(request): Json<MergeRequest>,
) -> ApiResult<Json<Merge>> {
    let row = find(&merges.db, &id).await?;
    let root = row.directory.clone();
    let form = request.form;
    if let Some(dtype) = form
        .dtype
        .as_deref()
        .filter(|dtype| !ExportForm::dtypes(form.format).contains(dtype))
    {
        let known = ExportForm::dtypes(form.format).join(", ");
        let said = says::file("dtype", says::not_one_of(dtype.escape_debug().to_string(), known));
        return Err(ApiError::bad(said));
    }
    let (merged, wanted) = (root.clone(), form.clone());
    let (made_of, on_disk) = off_thread(move || {
        let checkpoint = match request.checkpoint {
            Some(name) => name,
            None => checkpoints::default(&merged)
                .and_then(|p| Some(p.file_name()?.to_str()?.to_owned()))
                .ok_or_else(|| ApiError::conflict(says::no_checkpoint()))?,
        };
        let Some(folder) = checkpoints::named(&merged, &checkpoint) else {
            let name = checkpoint.escape_debug().to_string();
            return Err(ApiError::not_found(says::run_lacks_checkpoint(name)));
        };
        // a checkpoint that was made anew under the same name is another one
        let made_of = MadeOf {
            identity: checkpoints::identity(&folder)?,
            checkpoint,
            form: wanted,
        };
        let folder = made_of.folder();
        let same = on_disk(&merged, folder).as_ref() == Some(&made_of);
        let state = if same {
            state_on_disk(&merged, folder)
        } else {
            Merge::None
        };
        Ok((made_of, state))
    })
    .await??;
    let checkpoint = made_of.checkpoint.clone();
    if !merges.is_going(&id)
        && let done @ Merge::Done { .. } = on_disk
    {
        merges.forget_failure(&id);
        merges.sweep_unless_going(&id, &root).await?;
        return Ok(Json(done));
    }
    let name = format!("{}/{checkpoint}", row.summary.name);
    let (base, adapters) = match merges.resolver.model(&name).await? {
        Ok(Found::Adapter { base, chain, .. }) => (base, chain),
        Ok(Found::Full { path, .. } | Found::Folder(path)) => (path.display().to_string(), vec![]),
        Err(why) => return Err(ApiError::not_found(why)),
    };
    let (read, target) = (PathBuf::from(&base), root.clone());
    off_thread(move || check_room_for(&read, &target)).await??;
    let going = Merge::Going { done: 0, total: 0 };
    // from here on this is the one merge of the run
    let halt = match merges.claim(&id, &checkpoint, &form)? {
        Claimed::New(halt) => halt,
        Claimed::Going(state) => return Ok(Json(state)),
    };
    broadcast(&merges.bus, &id, going.clone());
    let fresh = folders::fresh(&root);
    let mut args = vec![
        "export".into(),
        "--json".into(),
        format!("--model={base}"),
        format!("--out={}", fresh.display()),
        format!("--name={}", file_name::plain(&row.summary.name)),
    ];
    if form.format == ExportFormat::Gguf {
        args.push("--format=gguf".into());
    }
    args.extend(form.dtype.iter().map(|dtype| format!("--dtype={dtype}")));
    args.extend(adapters.into_iter().map(|adapter| format!("--adapter={adapter}")));
    let job = Job {
        root,
        fresh,
        made_of,
        args,
        halt,
    };
    merges.tasks.clone().spawn_to_end(merges.run(id, job));
    Ok(Json(going))
}

/// A merge to be made.
struct Job {
    root: PathBuf,
    /// Where the export writes.
    fresh: PathBuf,
    made_of: MadeOf,
    args: Vec<String>,
    halt: Halt,
}

impl Merges {
    async fn run(self, id: String, job: Job) {
        // a sweep that goes on would take the new folder for an old one
        let _folders = self.folders(&id).lock_owned().await;
        let root = job.root.clone();
        // what merges left that were cut off
        let swept = tokio::task::spawn_blocking(move || sweep(&root)).await;
        let ended = match swept.map_err(std::io::Error::other).and_then(|swept| swept) {
            Err(e) => Ended::Failed(ApiError::from(e).said()),
            Ok(()) => {
                self.trainer
                    .lines(&job.args, &job.halt, |line| {
                        if let Ok(TrainEvent::Phase { done, total, .. }) = serde_json::from_str(line) {
                            self.set_state(&id, Merge::Going { done, total });
                        }
                    })
                    .await
            }
        };
        let root = job.root.clone();
        let published = match ended {
            Ended::Stopped => match tokio::task::spawn_blocking(move || sweep(&job.root)).await {
                Ok(swept) => swept.map(|()| Merge::None).map_err(|e| ApiError::from(e).said()),
                Err(e) => Err(ApiError::internal(e).said()),
            },
            Ended::Well => {
                match tokio::task::spawn_blocking(move || publish(&job.root, &job.fresh, &job.made_of)).await {
                    Ok(published) => published.map_err(|e| ApiError::from(e).said()),
                    Err(e) => Err(ApiError::internal(e).said()),
                }
            }
            Ended::Failed(said) => Err(says::merge_failed(said)),
        };
        let outcome = match published {
            Ok(merged) => merged,
            Err(said) => {
                let earlier = off_thread(move || on_disk(&root, run_dir::MERGED)).await.ok().flatten();
                Merge::Failed {
                    said,
                    earlier: earlier.map(|made| made.checkpoint),
                }
            }
        };
        self.set_state(&id, outcome);
    }

    /// The state of a run's merge that is running or failed.
    fn known(&self, id: &str) -> Option<Merge> {
        let all = self.shared.known.lock().unwrap_or_else(|e| e.into_inner());
        all.get(id).map(|of| of.state.clone())
    }

    fn is_going(&self, id: &str) -> bool {
        matches!(self.known(id), Some(Merge::Going { .. }))
    }

    /// Forgets a failed merge: what an earlier one made is there and whole.
    fn forget_failure(&self, id: &str) {
        let mut all = self.shared.known.lock().unwrap_or_else(|e| e.into_inner());
        if all.get(id).is_some_and(|of| matches!(of.state, Merge::Failed { .. })) {
            all.remove(id);
        }
    }

    /// Removes what merges left that were cut off, unless one is running.
    async fn sweep_unless_going(&self, id: &str, root: &FsPath) -> ApiResult<()> {
        // taken: a merge is running, or another sweep
        let Ok(held) = self.folders(id).try_lock_owned() else {
            return Ok(());
        };
        let root = root.to_owned();
        let swept = off_thread(move || {
            // held until the last file is gone, even where nobody waits any more
            let _held = held;
            sweep(&root)
        });
        Ok(swept.await??)
    }

    /// Marks the run as being merged.
    ///
    /// # Errors
    /// Another of its checkpoints is being merged.
    fn claim(&self, id: &str, checkpoint: &str, form: &ExportForm) -> ApiResult<Claimed> {
        let mut all = self.shared.known.lock().unwrap_or_else(|e| e.into_inner());
        match all.get(id) {
            Some(of) if matches!(of.state, Merge::Going { .. }) => {
                if of.checkpoint == checkpoint && of.form == *form {
                    return Ok(Claimed::Going(of.state.clone()));
                }
                return Err(ApiError::conflict(says::merging_another(&of.checkpoint)));
            }
            _ => {}
        }
        let of = OfRun {
            checkpoint: checkpoint.to_owned(),
            form: form.clone(),
            state: Merge::Going { done: 0, total: 0 },
            halt: self.tasks.halt(),
        };
        let halt = of.halt.clone();
        all.insert(id.to_owned(), of);
        Ok(Claimed::New(halt))
    }

    /// Records the state of a run's merge, and tells pages.
    fn set_state(&self, id: &str, merge: Merge) {
        let mut all = self.shared.known.lock().unwrap_or_else(|e| e.into_inner());
        match &merge {
            Merge::Going { .. } | Merge::Failed { .. } => {
                if let Some(of) = all.get_mut(id) {
                    of.state = merge.clone();
                }
            }
            _ => drop(all.remove(id)),
        }
        drop(all);
        broadcast(&self.bus, id, merge);
    }
}

/// Whether a merge was started anew.
enum Claimed {
    New(Halt),
    /// The same merge is running already.
    Going(Merge),
}

pub(super) fn broadcast(bus: &Bus, id: &str, merge: Merge) {
    bus.say(ToBrowser::Merge {
        run: id.to_owned(),
        merge,
    });
}

/// Refuses where the disk has no room for the merged weights, which take as much as the base's.
fn check_room_for(base: &FsPath, target: &FsPath) -> ApiResult<()> {
    let need: u64 = std::fs::read_dir(base)
        .map_err(|e| ApiError::conflict(says::no_base(base, e)))?
        .flatten()
        .filter_map(|f| f.path().metadata().ok())
        .map(|m| m.len())
        .sum();
    check_room(need, target)
}

/// # Errors
/// The disk of `target` has less than `need` bytes, and some beside, free.
pub(super) fn check_room(need: u64, target: &FsPath) -> ApiResult<()> {
    let free = crate::system::disk_free(target)?;
    if free < need + (64 << 20) {
        let said = says::merging_needs(need >> 20, free >> 20);
        return Err(ApiError::unavailable(says::disk_full(said)));
    }
    Ok(())
}
