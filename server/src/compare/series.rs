//! The stored series of several runs in one answer, for charts that begin with all of them.

use super::{MOST_METRICS, points_each};
use crate::ApiError;
use crate::db::Db;
use crate::error::ApiResult;
use crate::extract::{Json, Query, list};
use axum::extract::State;
use protocol::api::RunSeries;
use protocol::says;
use serde::Deserialize;
use std::collections::HashSet;

/// Runs of one answer, at most.
const MOST: usize = 100;

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
pub struct SeriesOf {
    /// Ids of runs with commas between.
    runs: String,
    /// Full names of metrics with commas between (`loss,eval_loss`).
    y: String,
    /// Points of a metric, at most (16 to 2,000; 320 when left out).
    points: Option<u64>,
}

/// Some metrics of several runs, thinned as those of one run are. A run that is not there is left out.
#[utoipa::path(get, path = "/api/compare/series", tag = "compare", params(SeriesOf), responses((status = 200, body = Vec<RunSeries>)))]
pub async fn series(State(db): State<Db>, Query(asked): Query<SeriesOf>) -> ApiResult<Json<Vec<RunSeries>>> {
    let (runs, names) = (once_each(&asked.runs), once_each(&asked.y));
    if !(1..=MOST).contains(&runs.len()) {
        return Err(ApiError::bad(says::bad_runs(MOST)));
    }
    if !(1..=MOST_METRICS).contains(&names.len()) {
        return Err(ApiError::bad(says::bad_metrics(MOST_METRICS)));
    }
    let points = points_each(asked.points.unwrap_or(320).clamp(16, 2000), runs.len(), names.len());
    Ok(Json(db.series_of_runs(&runs, &names, points).await?))
}

/// What a list names, in its order; what it names twice is answered once.
fn once_each(text: &str) -> Vec<String> {
    let mut seen = HashSet::new();
    list(text)
        .into_iter()
        .filter(|item| seen.insert(item.clone()))
        .collect()
}
