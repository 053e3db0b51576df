//! Series for charts, and the events themselves.

use crate::ApiError;
use crate::db::{Db, Logged};
use crate::error::ApiResult;
use crate::extract::{Json, Query};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::Response;
use futures::{StreamExt, stream};
use protocol::api::{EventsPage, SeriesPage};
use serde::Deserialize;
use std::collections::HashMap;

/// Steps read at a time for a table of all values.
pub const STEPS: u64 = 4096;

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
    State(db): State<Db>,
    Path(id): Path<String>,
    Query(query): Query<SeriesQuery>,
) -> ApiResult<Json<SeriesPage>> {
    let row = super::find(&db, &id).await?;
    let points = query.points.unwrap_or(2000).clamp(16, 20_000);
    let to = query.to.unwrap_or(u64::MAX).min(i64::MAX as u64);
    let (seq, series) = db.series(row.key, None, query.from, to, points).await?;
    Ok(Json(SeriesPage { seq, series }))
}

/// Every logged value as CSV, none left out: step, time (s since the epoch), then a column a metric.
#[utoipa::path(get, path = "/api/runs/{id}/series.csv", tag = "runs", params(("id" = String, Path)), responses((status = 200, content_type = "text/csv", body = String)))]
pub async fn csv(State(db): State<Db>, Path(id): Path<String>) -> ApiResult<Response> {
    let row = super::find(&db, &id).await?;
    let names = db.logged(row.key).await?;
    let head = format!(
        "step,time,{}\n",
        names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(",")
    );
    let parts = stream::unfold(Some(0), move |from| {
        let (db, names) = (db.clone(), names.clone());
        async move {
            let page = db.values(row.key, &names, from?, STEPS).await;
            let next = page.as_ref().ok().and_then(|page| page.next);
            Some((page.map(|page| lines(&page.values, &names)), next))
        }
    });
    // what packs the answer asks once more after its end
    let body = stream::once(async { Ok(head) }).chain(parts).fuse();
    let name = crate::files::attachment(&format!("{}.csv", row.summary.name));
    Response::builder()
        .header(header::CONTENT_TYPE, "text/csv; charset=utf-8")
        .header(header::CONTENT_DISPOSITION, name)
        .body(Body::from_stream(body))
        .map_err(ApiError::internal)
}

/// A line a step; a step's time is that of its first value.
pub fn lines(values: &[Logged], names: &[String]) -> String {
    let mut out = String::new();
    for of_step in values.chunk_by(|a, b| a.0 == b.0) {
        let (step, time, ..) = of_step[0];
        out.push_str(&format!("{step},{}", time as f64 / 1000.0));
        let found: HashMap<&str, f64> = of_step
            .iter()
            .map(|(.., metric, value)| (metric.as_str(), *value))
            .collect();
        for name in names {
            out.push(',');
            if let Some(value) = found.get(name.as_str()) {
                out.push_str(&value.to_string());
            }
        }
        out.push('\n');
    }
    out
}

/// A field of CSV.
pub fn quoted(name: &str) -> String {
    if name.contains([',', '"', '\n']) {
        format!("\"{}\"", name.replace('"', "\"\""))
    } else {
        name.to_owned()
    }
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
    State(db): State<Db>,
    Path(id): Path<String>,
    Query(query): Query<EventsQuery>,
) -> ApiResult<Json<EventsPage>> {
    let row = super::find(&db, &id).await?;
    let limit = query.limit.unwrap_or(500).clamp(1, 5000);
    let lines = db.events_after(row.key, query.after, limit).await?;
    let events = lines.iter().map(|(_, line)| serde_json::from_str(line));
    let events = events.collect::<Result<Vec<_>, _>>().map_err(ApiError::internal)?;
    Ok(Json(EventsPage {
        events,
        seq: row.summary.seq,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_has_a_row_a_step_and_holes() {
        let values = [
            (1, 1000, "loss".to_owned(), 3.0),
            (2, 2500, "eval_loss".into(), 0.5),
            (2, 2500, "loss".into(), 2.0),
        ];
        let names = ["eval_loss".to_owned(), "loss".into()];
        assert_eq!(lines(&values, &names), "1,1,,3\n2,2.5,0.5,2\n");
        let asked = ["loss".to_owned(), "eval_loss".into()];
        assert_eq!(lines(&values, &asked), "1,1,3,\n2,2.5,2,0.5\n");
        assert_eq!(
            (quoted("loss"), quoted("a,b")),
            ("loss".to_owned(), "\"a,b\"".to_owned())
        );
    }
}
