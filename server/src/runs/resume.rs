//! Going on with a run that ended.

use super::Queue;
use super::{elsewhere, find, refuse_imported};
use crate::ApiError;
use crate::db::RunRow;
use crate::error::ApiResult;
use crate::extract::{Json, Query};
use crate::files::checkpoints::{self, Newest};
use crate::off_thread::off_thread;
use crate::supervisor::Event;
use axum::extract::{Path, State};
use protocol::api::{RunState, RunSummary};
use protocol::{Said, run_dir, says};
use serde::Deserialize;

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
pub struct ResumeQuery {
    /// A checkpoint folder's name to go on from; left out: the newest. Steps after it are made again.
    from: Option<String>,
}

/// Puts an ended run back into the queue, in front, to go on from its newest checkpoint or the one named. Where the newest is
/// damaged, the answer is a conflict `broken_checkpoint` that names it, what is wrong with it, and the one before it; where it
/// was made with `save_only_model`, `model_only_checkpoint`.
#[utoipa::path(post, path = "/api/runs/{id}/resume", tag = "runs", params(("id" = String, Path), ResumeQuery), responses((status = 200, body = RunSummary)))]
pub async fn resume(
    State(queue): State<Queue>,
    Path(id): Path<String>,
    Query(query): Query<ResumeQuery>,
) -> ApiResult<Json<RunSummary>> {
    let row = find(&queue.db, &id).await?;
    check_resumable(&row, query.from.as_deref()).await?;
    if !queue.db.enqueue_to_resume(row.key, query.from.as_deref()).await? {
        return Err(ApiError::conflict(says::running(says::run_goes_already())));
    }
    queue.announcer.run(&id).await;
    queue.announcer.queue().await?;
    queue.supervisor.tell(Event::Wake);
    Ok(Json(find(&queue.db, &id).await?.summary))
}

/// Whether a run can go on from the checkpoint named, or its newest.
///
/// # Errors
/// What keeps it from that.
pub async fn check_resumable(row: &RunRow, from: Option<&str>) -> ApiResult<()> {
    refuse_imported(row)?;
    match row.summary.state {
        RunState::Stopped | RunState::Failed => {}
        RunState::Completed => {
            return Err(ApiError::conflict(says::completed()));
        }
        RunState::Unknown => return Err(elsewhere()),
        _ => return Err(ApiError::conflict(says::running(says::run_goes_already()))),
    }
    let (directory, from) = (row.directory.clone(), from.map(str::to_owned));
    off_thread(move || check_checkpoint(&directory, from.as_deref())).await?
}

/// Whether the checkpoint can be gone on from.
fn check_checkpoint(run: &std::path::Path, from: Option<&str>) -> ApiResult<()> {
    let config = run.join(run_dir::CONFIG);
    if !config.is_file() {
        return Err(ApiError::conflict(says::no_directory(&config)));
    }
    if let Some(name) = from {
        let folder = checkpoints::named(run, name);
        let folder = folder.ok_or_else(|| ApiError::not_found(says::run_lacks(name.escape_debug().to_string())))?;
        if checkpoints::is_model_only(&folder) {
            return Err(model_only(name, checkpoints::whole_before(run, name)));
        }
        return match checkpoints::damage(&folder) {
            None => Ok(()),
            Some(why) => Err(broken(name, why, checkpoints::whole_before(run, name))),
        };
    }
    match checkpoints::judge(run) {
        Newest::Whole | Newest::None => Ok(()),
        Newest::ModelOnly { name, before } => Err(model_only(&name, before)),
        Newest::Damaged { name, why, before } => Err(broken(&name, why, before)),
    }
}

fn model_only(name: &str, before: Option<String>) -> ApiError {
    ApiError::conflict(says::model_only_checkpoint(name, before.unwrap_or_default()))
}

fn broken(name: &str, why: Said, before: Option<String>) -> ApiError {
    ApiError::conflict(says::broken_checkpoint(name, why, before.unwrap_or_default()))
}
