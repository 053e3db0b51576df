//! The list of runs: all of it, or a page of what a query asks for. The board holds all rows and follows them live; paging is for
//! scripts and other programs.

use crate::ApiError;
use crate::db::{Db, ListQuery};
use crate::error::ApiResult;
use crate::extract::{Json, Query};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use protocol::api::RunSummary;
use protocol::column::is_column;
use protocol::says;
use protocol::search::Search;
use serde::Deserialize;

/// Runs of a page, at most.
const MAX_LIMIT: u32 = 1000;

/// Which runs, and in what order; the board's list has the same words in its address.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
pub struct RunsQuery {
    /// A search as the board's: `simpo acc>0.9 -tag:old`.
    q: String,
    /// States with commas between.
    state: String,
    /// Losses with commas between.
    loss: String,
    /// Models as configs name them, with commas between.
    model: String,
    /// Tags with commas between.
    tag: String,
    /// `bad`, `warning`, `note`, `well`: how bad the worst finding is.
    health: String,
    /// Only those that are archived, or that are not; both when left out.
    archived: Option<bool>,
    /// The id of the sweep that they belong to.
    sweep: String,
    /// A column (`name`, `created`, `step`, `acc`, `m.METRIC`, `c.KEY`), with `-` in front from the greatest down; those that have nothing
    /// there come last. Newest first when left out.
    sort: String,
    /// Runs in the answer, 1 to 1,000; all when left out.
    limit: Option<u32>,
    /// The id of the last run of the page before.
    after: String,
}

/// All runs, newest first; or those asked for. Where a page ends before the list does, the header `link` has the next one's address.
#[utoipa::path(get, path = "/api/runs", tag = "runs", params(RunsQuery), responses((status = 200, body = [RunSummary])))]
pub async fn list(
    State(db): State<Db>,
    Query(asked): Query<RunsQuery>,
    RawQuery(raw): RawQuery,
) -> ApiResult<(HeaderMap, Json<Vec<RunSummary>>)> {
    let page = db.list(&query(&db, &asked).await?).await?;
    let rows: Vec<RunSummary> = page.rows.into_iter().map(|row| row.summary).collect();
    let mut headers = HeaderMap::new();
    if let Some(last) = rows.last().filter(|_| page.more) {
        let next_link = next_link(&raw.unwrap_or_default(), &last.id);
        headers.insert(
            header::LINK,
            HeaderValue::try_from(next_link).map_err(ApiError::internal)?,
        );
    }
    Ok((headers, Json(rows)))
}

/// # Errors
/// A field, a column or a number that there is not.
async fn query(db: &Db, asked: &RunsQuery) -> ApiResult<ListQuery> {
    let metrics = db.metric_names().await?;
    let is_metric = |name: &str| metrics.contains(name);
    let search = Search::parse(&asked.q, is_metric);
    if let Some(field) = search.unknown.first() {
        return Err(ApiError::bad(says::bad_search(field.escape_debug().to_string())));
    }
    let sort = asked.sort.strip_prefix('-').unwrap_or(&asked.sort);
    if !sort.is_empty() && !is_column(sort, is_metric) {
        return Err(ApiError::bad(says::bad_sort(sort.escape_debug().to_string())));
    }
    if asked.limit.is_some_and(|limit| limit == 0 || limit > MAX_LIMIT) {
        return Err(ApiError::bad(says::bad_limit(u64::from(MAX_LIMIT))));
    }
    let non_empty = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let after = non_empty(&asked.after);
    if let Some(id) = &after
        && db.run(id).await?.is_none()
    {
        return Err(ApiError::not_found(says::no_such_run(id.escape_debug().to_string())));
    }
    let list = |text: &str| crate::extract::list(text);
    Ok(ListQuery {
        search,
        states: list(&asked.state),
        losses: list(&asked.loss),
        models: list(&asked.model),
        tags: list(&asked.tag),
        health: list(&asked.health),
        archived: asked.archived,
        sweep: non_empty(&asked.sweep),
        sort: sort.to_owned(),
        descending: asked.sort.starts_with('-'),
        limit: asked.limit,
        after,
    })
}

/// The address of the page behind the run `last`, as RFC 8288 writes it.
fn next_link(query: &str, last: &str) -> String {
    let kept = query.split('&').filter(|part| !part.starts_with("after="));
    let kept = kept.filter(|part| !part.is_empty()).map(|part| format!("{part}&"));
    let last = utf8_percent_encode(last, NON_ALPHANUMERIC);
    format!("</api/runs?{}after={last}>; rel=\"next\"", kept.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_asked_for_by_the_same_words() {
        let to = |query| next_link(query, "1a2b");
        assert_eq!(to("limit=2"), "</api/runs?limit=2&after=1a2b>; rel=\"next\"");
        assert_eq!(
            to("q=a%20b&after=old&limit=2"),
            "</api/runs?q=a%20b&limit=2&after=1a2b>; rel=\"next\""
        );
    }
}
