//! Going on with a sweep that was stopped, and deleting one with all of its runs.

use super::{Sweeps, describe, find, make};
use crate::ApiError;
use crate::error::ApiResult;
use crate::extract::Json;
use crate::off_thread::off_thread;
use crate::runs::check_resumable;
use crate::runs::delete::{DeletedAs, Deleter};
use crate::supervisor::Event;
use axum::extract::{Path, State};
use protocol::api::{SweepSummary, TrashKind, Trashed};
use protocol::{Said, says};

/// Goes on with a stopped sweep: the runs that were stopped wait to go on from their newest checkpoints, and those that it had
/// not made yet are made. What keeps a run from going on is in the answer; the others do.
#[utoipa::path(post, path = "/api/sweeps/{id}/resume", tag = "sweeps", params(("id" = String, Path)), responses((status = 200, body = SweepSummary), (status = 409, body = protocol::api::Problem)))]
pub async fn resume(State(sweeps): State<Sweeps>, Path(id): Path<String>) -> ApiResult<Json<SweepSummary>> {
    let one = sweeps.making.lock().await;
    let row = find(&sweeps.db, &id).await?;
    let runs = sweeps.db.runs_of_sweep(&id).await?;
    let cut_off: Vec<_> = runs.iter().filter(|run| run.summary.was_cut_off()).collect();
    if !row.stopped || (cut_off.is_empty() && row.made == row.runs) {
        return Err(ApiError::conflict(says::sweep_nothing_left(&row.name)));
    }
    let mut why = Said::default();
    let mut back = vec![];
    for run in cut_off.iter().copied() {
        match check_resumable(run, None).await {
            Ok(()) if sweeps.db.enqueue_behind(run.key).await? => back.push(run.summary.id.clone()),
            Ok(()) => {}
            Err(error) => why = says::sweep_run_stays(&run.summary.name, error.said()),
        }
    }
    if back.is_empty() && row.made == row.runs {
        return Err(ApiError::conflict(why));
    }
    sweeps.db.go_on_with_sweep(&id, &why).await?;
    drop(one);
    // the row of each says whether its sweep is stopped
    for run in &runs {
        sweeps.queue.announcer.run(&run.summary.id).await;
    }
    sweeps.queue.announcer.queue().await?;
    sweeps.queue.supervisor.tell(Event::Wake);
    sweeps.start_making(id.clone());
    Ok(Json(describe::summary(&sweeps.db, find(&sweeps.db, &id).await?).await?))
}

/// Moves a sweep into the trash with all of its runs; one of them that goes is to be stopped before.
#[utoipa::path(delete, path = "/api/sweeps/{id}", tag = "sweeps", params(("id" = String, Path)), responses((status = 200, body = Trashed), (status = 409, body = protocol::api::Problem)))]
pub async fn delete(
    State(sweeps): State<Sweeps>,
    State(deleter): State<Deleter>,
    Path(id): Path<String>,
) -> ApiResult<Json<Trashed>> {
    let _one = sweeps.making.lock().await;
    let row = find(&sweeps.db, &id).await?;
    let runs = sweeps.db.runs_of_sweep(&id).await?;
    if runs.iter().any(|run| run.summary.state.is_live()) {
        return Err(ApiError::conflict(says::sweep_goes(&row.name)));
    }
    let folder = sweeps.data_dir.sweeps().join(&id);
    let (place, kept) = (folder.clone(), row.clone());
    off_thread(move || make::write_row(&place, &kept)).await??;
    let went_on = sweeps.db.stop_sweep(&id, &row.said).await?;
    let gone = DeletedAs {
        kind: TrashKind::Sweep,
        name: row.name,
        folder: Some(folder.clone()),
    };
    let trashed = match Box::pin(deleter.into_trash(gone, runs)).await {
        Ok(trashed) => trashed,
        Err(error) => {
            drop(off_thread(move || make::remove_row(&folder)).await);
            if went_on {
                // nobody asked for a stop alone
                sweeps.db.go_on_with_sweep(&id, &row.said).await?;
                sweeps.start_making(id);
            }
            return Err(error);
        }
    };
    sweeps.db.delete_sweep(&id).await?;
    Ok(Json(trashed))
}
