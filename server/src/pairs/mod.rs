//! A run's held-out pairs one by one: what its folder `pairs/` has, read by range, and what people mark.

mod compare;
mod folder;
mod marks;
mod records;
mod score;
mod tokens;

pub use compare::{__path_compare, compare};
pub use folder::Folder;
pub use marks::{__path_mark, mark};
pub use score::{__path_tokens, tokens};

use crate::ApiError;
use crate::db::Db;
use crate::error::ApiResult;
use crate::extract::{Json, Query};
use crate::off_thread::off_thread;
use crate::runs::find;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::IntoResponse;
use protocol::pairs::{MOST_ROWS_ASKED, Overview, PairDetail, PairRows};
use protocol::says;
use serde::Deserialize;
use std::path::PathBuf;

async fn directory(db: &Db, run: &str) -> ApiResult<PathBuf> {
    Ok(find(db, run).await?.directory)
}

/// What there is; of a run without held-out pairs, or before its first evaluation, a count of 0.
#[utoipa::path(get, path = "/api/runs/{id}/pairs", tag = "pairs", params(("id" = String, Path)), responses((status = 200, body = Overview)))]
pub async fn overview(State(db): State<Db>, Path(id): Path<String>) -> ApiResult<Json<Overview>> {
    let directory = directory(&db, &id).await?;
    off_thread(move || {
        let Some(folder) = Folder::open_if_any(&directory)? else {
            return Ok(Json(Overview::default()));
        };
        let marks = marks::read(&directory).unwrap_or_default();
        Ok(Json(Overview {
            steps: folder.steps()?,
            token_steps: folder.token_steps()?,
            marks: match marks.is_empty() {
                true => Default::default(),
                false => marks::by_number(&marks, &folder)?,
            },
            about: folder.about,
        }))
    })
    .await?
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
pub struct ScoresQuery {
    /// Of an evaluation; left out: the newest.
    step: Option<u64>,
}

/// All pairs at one evaluation. Binary, little-endian: the evaluation's step and the first one's (u64 each), then 36 bytes a pair:
/// margin at the first evaluation, margin, margin of rewards (f32 each, no number where there is none), bits (u32; 1: ever
/// right, 2: fills the cut-off, 4: log-probs of its tokens are kept), tokens of prompt, chosen and rejected reply (u32 each), and a number that
/// pairs of one prompt share (u64).
#[utoipa::path(get, path = "/api/runs/{id}/pairs/scores", tag = "pairs", params(("id" = String, Path), ScoresQuery), responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>)))]
pub async fn scores(
    State(db): State<Db>,
    Path(id): Path<String>,
    Query(query): Query<ScoresQuery>,
) -> ApiResult<impl IntoResponse> {
    let directory = directory(&db, &id).await?;
    let bytes = off_thread(move || ApiResult::Ok(Folder::open(&directory)?.scores(query.step)?.encode())).await??;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], bytes))
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
pub struct RowsQuery {
    /// The first pair.
    #[serde(default)]
    from: u64,
    /// How many, at most 200; left out: 50.
    count: Option<u64>,
    /// These pairs instead, at most 200: numbers with commas between them.
    ids: Option<String>,
}

impl RowsQuery {
    fn pairs(self, count: u64) -> ApiResult<Vec<u64>> {
        let Some(ids) = self.ids else {
            let asked = self.count.unwrap_or(50).min(MOST_ROWS_ASKED);
            return Ok((self.from..count).take(asked as usize).collect());
        };
        let ids: Option<Vec<u64>> = ids.split(',').map(|id| id.trim().parse().ok()).collect();
        match ids {
            Some(ids) if ids.len() as u64 <= MOST_ROWS_ASKED => Ok(ids),
            _ => Err(ApiError::bad(says::bad_pair_numbers(MOST_ROWS_ASKED))),
        }
    }
}

/// Texts of some pairs.
#[utoipa::path(get, path = "/api/runs/{id}/pairs/rows", tag = "pairs", params(("id" = String, Path), RowsQuery), responses((status = 200, body = PairRows)))]
pub async fn rows(
    State(db): State<Db>,
    Path(id): Path<String>,
    Query(query): Query<RowsQuery>,
) -> ApiResult<Json<PairRows>> {
    let directory = directory(&db, &id).await?;
    off_thread(move || {
        let folder = Folder::open(&directory)?;
        let pairs = query.pairs(folder.about.count)?;
        Ok(Json(PairRows {
            rows: folder.rows(&pairs)?,
        }))
    })
    .await?
}

/// A pair with its texts, its scores at all evaluations, and, if it is among those that moved most, its tokens at the first and the
/// newest and under the reference.
#[utoipa::path(get, path = "/api/runs/{id}/pairs/{pair}", tag = "pairs", params(("id" = String, Path), ("pair" = u64, Path)), responses((status = 200, body = PairDetail)))]
pub async fn detail(State(db): State<Db>, Path((id, pair)): Path<(String, String)>) -> ApiResult<Json<PairDetail>> {
    let directory = directory(&db, &id).await?;
    off_thread(move || {
        let folder = Folder::open(&directory)?;
        let pair = number(&pair)?;
        let head = folder.head(pair)?;
        Ok(Json(PairDetail {
            mark: marks::read(&directory).unwrap_or_default().of(&head.hash),
            ..folder.detail(pair, &head)?
        }))
    })
    .await?
}

/// The number of a pair in an address.
fn number(text: &str) -> ApiResult<u64> {
    let escaped = || text.escape_debug().to_string();
    text.parse()
        .map_err(|_| ApiError::not_found(says::no_such_pair(escaped())))
}
