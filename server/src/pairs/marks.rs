//! What people mark on pairs: kept in the run directory by the pair's hash, so that it survives the database and a folder made anew.

use super::folder::Folder;
use super::{directory, number};
use crate::db::Db;
use crate::error::ApiResult;
use crate::extract::Json;
use crate::off_thread::off_thread;
use crate::{ApiError, whole};
use axum::extract::{Path, State};
use protocol::pairs::{LONGEST_MARKS, MARKS, Mark, Marking, Marks};
use protocol::says;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path as FsPath;
use std::sync::Mutex;

/// One writer at a time: each reads, changes and writes the whole file.
static WRITING: Mutex<()> = Mutex::new(());

/// The run's marks.
///
/// # Errors
/// `marks_damaged`: there is a file, and what is in it can't be told. It is left as it is.
pub fn read(directory: &FsPath) -> ApiResult<Marks> {
    let path = directory.join(MARKS);
    let marks = match std::fs::symlink_metadata(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Marks::default()),
        Ok(meta) if meta.is_file() && meta.len() <= LONGEST_MARKS => {
            let bytes = std::fs::read(path).ok();
            bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok())
        }
        _ => None,
    };
    marks.ok_or_else(|| ApiError::conflict(says::marks_damaged()))
}

/// Marked pairs by their numbers.
pub fn by_number(marks: &Marks, folder: &Folder) -> ApiResult<BTreeMap<u64, Mark>> {
    let mut found = BTreeMap::new();
    for (pair, head) in (0..).zip(folder.heads()?) {
        let mark = marks.of(&head?.hash);
        if mark != Mark::None {
            found.insert(pair, mark);
        }
    }
    Ok(found)
}

/// Marks a pair; `none` takes its mark away.
#[utoipa::path(put, path = "/api/runs/{id}/pairs/{pair}/mark", tag = "pairs", params(("id" = String, Path), ("pair" = u64, Path)), request_body = Marking, responses((status = 200, body = Marking)))]
pub async fn mark(
    State(db): State<Db>,
    Path((id, pair)): Path<(String, String)>,
    Json(marking): Json<Marking>,
) -> ApiResult<Json<Marking>> {
    let directory = directory(&db, &id).await?;
    off_thread(move || {
        let head = Folder::open(&directory)?.head(number(&pair)?)?;
        let _one = WRITING.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let mut marks = read(&directory)?;
        marks.set(&head.hash, marking.mark);
        let bytes = serde_json::to_vec(&marks).map_err(std::io::Error::other)?;
        whole::write(&directory.join(MARKS), &bytes)?;
        Ok(Json(marking))
    })
    .await?
}
