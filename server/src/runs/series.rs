//! Series for charts, and the events themselves.

use crate::error::ApiResult;
use crate::extract::{Json, Query};
use crate::{ApiError, AppState};
use axum::extract::{Path, State};
use protocol::api::{EventsPage, SeriesPage};
use serde::Deserialize;

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
pub struct SeriesQuery {
    /// First step; 0 when left out.
    #[serde(default)]
    from: u64,
    /// Last step; the newest when left out.
    to: Option<u64>,
    /// Points of a metric, at most (16 to 20,000; 2,000 when left out).
    points: Option<u64>,
}

/// Every metric of a run. Where there are more points than asked for, the least and greatest of each stretch.
#[utoipa::path(get, path = "/api/runs/{id}/series", tag = "runs", params(("id" = String, Path), SeriesQuery), responses((status = 200, body = SeriesPage)))]
pub async fn series(
    State(app): State<AppState>,
    Path(id): Path<String>,
    Query(query): Query<SeriesQuery>,
) -> ApiResult<Json<SeriesPage>> {
    let row = super::find(&app, &id).await?;
    let points = query.points.unwrap_or(2000).clamp(16, 20_000);
    let to = query.to.unwrap_or(u64::MAX).min(i64::MAX as u64);
    let (seq, series) = app.db.series(row.key, query.from, to, points).await?;
    Ok(Json(SeriesPage { seq, series }))
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
pub struct EventsQuery {
    /// Events after this sequence number.
    #[serde(default)]
    after: u64,
    /// At most so many (1 to 5,000; 500 when left out).
    limit: Option<u32>,
}

/// The events of a run, a page at a time.
#[utoipa::path(get, path = "/api/runs/{id}/events", tag = "runs", params(("id" = String, Path), EventsQuery), responses((status = 200, body = EventsPage)))]
pub async fn events(
    State(app): State<AppState>,
    Path(id): Path<String>,
    Query(query): Query<EventsQuery>,
) -> ApiResult<Json<EventsPage>> {
    let row = super::find(&app, &id).await?;
    let limit = query.limit.unwrap_or(500).clamp(1, 5000);
    let lines = app.db.events_after(row.key, query.after, limit).await?;
    let events = lines.iter().map(|(_, line)| serde_json::from_str(line));
    let events = events.collect::<Result<Vec<_>, _>>().map_err(ApiError::internal)?;
    Ok(Json(EventsPage {
        events,
        seq: row.summary.seq,
    }))
}
