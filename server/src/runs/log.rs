//! A worker's log, read on from an offset.

use crate::ApiError;
use crate::db::Db;
use crate::error::ApiResult;
use crate::extract::{Json, Query};
use crate::path::DataPath;
use axum::extract::{Path, State};
use protocol::api::LogPage;
use protocol::run_dir;
use serde::Deserialize;
use std::io::{Read, Seek, SeekFrom};

/// Bytes in one answer, at most.
const MAX_PAGE: u64 = 256 << 10;
/// Bytes from the end when no offset is given.
const TAIL_BYTES: u64 = 64 << 10;

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
pub struct LogQuery {
    /// The `next` of the page before; left out: the last 64 KiB.
    offset: Option<u64>,
}

/// A page of `worker.log`; ask again from `next` to follow it.
#[utoipa::path(get, path = "/api/runs/{id}/log", tag = "runs", params(("id" = String, Path), LogQuery), responses((status = 200, body = LogPage)))]
pub async fn log(
    State(db): State<Db>,
    Path(id): Path<String>,
    Query(query): Query<LogQuery>,
) -> ApiResult<Json<LogPage>> {
    let directory = super::find(&db, &id).await?.directory;
    let page = tokio::task::spawn_blocking(move || match DataPath::new(&directory, run_dir::LOG) {
        Ok(path) => read(&path, query.offset).map_err(ApiError::from),
        Err(ApiError::NotFound(_)) => Ok(LogPage::default()),
        Err(error) => Err(error),
    })
    .await;
    Ok(Json(page.map_err(ApiError::internal)??))
}

fn read(path: &std::path::Path, offset: Option<u64>) -> std::io::Result<LogPage> {
    if std::fs::metadata(path).is_ok_and(|meta| !meta.is_file()) {
        return Err(std::io::Error::other("worker.log is no file"));
    }
    let mut file = match std::fs::File::open(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(LogPage::default()),
        other => other?,
    };
    let size = file.metadata()?.len();
    let from = offset.unwrap_or(size.saturating_sub(TAIL_BYTES)).min(size);
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = vec![];
    file.take(MAX_PAGE).read_to_end(&mut bytes)?;
    // a tail begins in the middle of a line, a page may end in the middle of a character
    let skip = match offset {
        None if from > 0 => bytes.iter().position(|b| *b == b'\n').map_or(0, |n| n + 1),
        _ => 0,
    };
    let whole = match std::str::from_utf8(&bytes) {
        Err(e) if e.error_len().is_none() && e.valid_up_to() > 0 => e.valid_up_to(),
        _ => bytes.len(),
    };
    Ok(LogPage {
        text: String::from_utf8_lossy(&bytes[skip.min(whole)..whole]).into_owned(),
        next: from + whole as u64,
        size,
    })
}
