//! Sweeps over HTTP: planning, creating, listing, describing, stopping, resuming and deleting them.

mod cost;
mod describe;
mod early;
mod make;
mod resume;

pub use describe::{SweepRuns, ended};
pub use early::halve;
pub use resume::{__path_delete, __path_resume, delete, resume};

use crate::ApiError;
use crate::ambient::Ambient;
use crate::db::{Db, RunRow, SweepRow};
use crate::error::ApiResult;
use crate::extract::Json;
use crate::runs::Queue;
use crate::runs::check::Checks;
use crate::runs::create::Maker;
use crate::runs::{clean_tags, valid_name};
use crate::state::DataDir;
use crate::work::Tasks;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use protocol::api::{NewSweep, RunState, Stop, SweepDetail, SweepPlan, SweepSummary};
use protocol::{Said, says};
use std::sync::Arc;

/// Makes sweeps and their runs. Cheap to clone.
#[derive(Clone)]
pub struct Sweeps {
    pub tasks: Tasks,
    pub ambient: Ambient,
    pub db: Db,
    pub data_dir: DataDir,
    pub queue: Queue,
    pub maker: Maker,
    /// How many runs may go at once.
    pub slots: usize,
    /// Held while a run of a sweep is made: one at a time.
    pub making: Arc<tokio::sync::Mutex<()>>,
}

/// The sweep of this id.
async fn find(db: &Db, id: &str) -> ApiResult<SweepRow> {
    let row = db.sweep(id).await?;
    row.ok_or_else(|| ApiError::not_found(says::no_such_sweep(id.escape_debug().to_string())))
}

/// Judges a sweep and all its runs, and says what they cost; starts nothing.
#[utoipa::path(post, path = "/api/sweeps/plan", tag = "sweeps", request_body = NewSweep, responses((status = 200, body = SweepPlan)))]
pub async fn plan(State(checks): State<Checks>, Json(new): Json<NewSweep>) -> ApiResult<Json<SweepPlan>> {
    Ok(Json(cost::plan(&checks, &new).await?))
}

/// Makes a sweep, whose runs wait behind those of none. A sweep with a run that can't be used is answered with all errors.
#[utoipa::path(post, path = "/api/sweeps", tag = "sweeps", request_body = NewSweep, responses((status = 201, body = SweepSummary), (status = 422, body = protocol::api::Problem)))]
pub async fn create(
    State(sweeps): State<Sweeps>,
    State(checks): State<Checks>,
    Json(mut new): Json<NewSweep>,
) -> ApiResult<(StatusCode, Json<SweepSummary>)> {
    new.tags = clean_tags(&new.tags)?;
    new.name = new
        .name
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty());
    if let Some(name) = &new.name {
        valid_name(name)?;
    }
    let plan = cost::plan(&checks, &new).await?;
    let target = match plan.target {
        Some(target) if plan.errors.is_empty() => target,
        _ => return Err(ApiError::InvalidConfig(plan.errors)),
    };
    if let Some(name) = &new.name {
        // those of its runs are longer
        valid_name(&format!("{name}-{}-99", plan.runs))?;
    }
    let row = sweeps.create(new, plan.runs, target).await?;
    sweeps.start_making(row.id.clone());
    Ok((StatusCode::CREATED, Json(describe::summary(&sweeps.db, row).await?)))
}

/// All sweeps, newest first.
#[utoipa::path(get, path = "/api/sweeps", tag = "sweeps", responses((status = 200, body = [SweepSummary])))]
pub async fn list(State(db): State<Db>) -> ApiResult<Json<Vec<SweepSummary>>> {
    let mut all = vec![];
    for row in db.sweeps().await? {
        all.push(describe::summary(&db, row).await?);
    }
    Ok(Json(all))
}

/// A sweep with its runs, the best of them, and what they say of the swept keys.
#[utoipa::path(get, path = "/api/sweeps/{id}", tag = "sweeps", params(("id" = String, Path)), responses((status = 200, body = SweepDetail)))]
pub async fn detail(State(db): State<Db>, Path(id): Path<String>) -> ApiResult<Json<SweepDetail>> {
    let row = find(&db, &id).await?;
    Ok(Json(describe::detail(&db, row).await?))
}

/// Stops a sweep: no run is made or started any more, and those that go end after their step, with a checkpoint.
#[utoipa::path(post, path = "/api/sweeps/{id}/stop", tag = "sweeps", params(("id" = String, Path)), responses((status = 200, body = SweepSummary)))]
pub async fn stop(State(sweeps): State<Sweeps>, Path(id): Path<String>) -> ApiResult<Json<SweepSummary>> {
    let row = find(&sweeps.db, &id).await?;
    let goes = |run: &RunRow| run.summary.state == RunState::Queued || run.summary.state.is_live();
    let open = sweeps.db.runs_of_sweep(&id).await?.iter().any(goes);
    if !open && (row.stopped || row.made == row.runs) {
        return Err(ApiError::conflict(says::sweep_over(&row.name)));
    }
    sweeps.db.stop_sweep(&id, &Said::default()).await?;
    // what was made meanwhile is among them
    let _one = sweeps.making.lock().await;
    let mut left_the_queue = false;
    for run in sweeps.db.runs_of_sweep(&id).await? {
        if goes(&run) {
            left_the_queue |= sweeps.queue.stop_one(&run, Stop::Save).await?;
        }
        // the row of each says whether its sweep is stopped
        sweeps.queue.announcer.run(&run.summary.id).await;
    }
    if left_the_queue {
        sweeps.queue.announcer.queue().await?;
    }
    Ok(Json(describe::summary(&sweeps.db, find(&sweeps.db, &id).await?).await?))
}
