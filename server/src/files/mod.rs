//! What a run leaves behind, for download: its files, one archive, and the merged checkpoint made on demand.

pub mod archive;
pub mod checkpoints;
pub mod combine;
pub mod merge;

use crate::ApiError;
use crate::db::Db;
use crate::error::ApiResult;
use crate::extract::{Json, Query};
use crate::library::hub::sha256;
use crate::off_thread::off_thread;
use crate::path::DataPath;
use crate::runs::find;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use protocol::api::RunFile;
use protocol::says;
use serde::Deserialize;
use std::path::{Path as FsPath, PathBuf};
use tower::ServiceExt;
use tower_http::services::ServeFile;

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
pub struct FilesQuery {
    /// Also compute each file's SHA-256.
    #[serde(default)]
    checksums: bool,
}

/// Files of a run directory with their sizes; the log and events too, temporary ones not.
#[utoipa::path(get, path = "/api/runs/{id}/files", tag = "files", params(("id" = String, Path), FilesQuery), responses((status = 200, body = [RunFile])))]
pub async fn list(
    State(db): State<Db>,
    Path(id): Path<String>,
    Query(query): Query<FilesQuery>,
) -> ApiResult<Json<Vec<RunFile>>> {
    let root = find(&db, &id).await?.directory;
    Ok(Json(off_thread(move || listed(&root, query.checksums)).await??))
}

fn listed(root: &std::path::Path, checksums: bool) -> std::io::Result<Vec<RunFile>> {
    let mut files = vec![];
    for path in walk(root, root)? {
        let full = root.join(&path);
        let described = full.metadata().and_then(|meta| {
            Ok(RunFile {
                bytes: meta.len(),
                sha256: if checksums { Some(sha256(&full)?) } else { None },
                path: path.display().to_string(),
            })
        });
        match described {
            // a checkpoint that was taken away since it was listed
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            other => files.push(other?),
        }
    }
    Ok(files)
}

/// One file of a run directory; range requests resume a download.
#[utoipa::path(get, path = "/api/runs/{id}/files/{path}", tag = "files", params(("id" = String, Path), ("path" = String, Path)), responses((status = 200), (status = 206)))]
pub async fn file(
    State(db): State<Db>,
    Path((id, path)): Path<(String, String)>,
    request: Request,
) -> ApiResult<Response> {
    let root = find(&db, &id).await?.directory;
    let path = off_thread(move || {
        let path = DataPath::new(&root, &path)?;
        match path.is_file() {
            true => Ok(path),
            false => Err(ApiError::not_found(says::name_file_in_folder())),
        }
    })
    .await??;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    // the folder's files are data: never rendered by a browser, whatever they hold
    let mime: mime_guess::Mime = mime_guess::mime::APPLICATION_OCTET_STREAM;
    let mut response = ServeFile::new_with_mime(&*path, &mime)
        .oneshot(request)
        .await
        .map_err(ApiError::internal)?
        .into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_DISPOSITION, attachment(&name));
    Ok(response)
}

/// `Content-Disposition` for a download: a plain ASCII name, and the true one beside it (RFC 6266).
pub fn attachment(name: &str) -> HeaderValue {
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "-_.".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect();
    let encoded: String = name
        .bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || b"-_.".contains(&b) {
                (b as char).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect();
    let value = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}");
    HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static("attachment"))
}

/// Files below `folder`, relative to `root`, sorted. Hidden names, unfinished folders and links are left out: a
/// link (`checkpoint-best`) names what is listed already.
pub fn walk(root: &FsPath, folder: &FsPath) -> std::io::Result<Vec<PathBuf>> {
    let mut files = vec![];
    let mut entries: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let kind = entry.file_type()?;
        if name.starts_with('.') || name.ends_with(".tmp") || kind.is_symlink() {
            continue;
        }
        if kind.is_dir() {
            match walk(root, &entry.path()) {
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
                inner => files.extend(inner?),
            }
        } else if !kind.is_file() {
            // a pipe or a device is nothing to read
        } else if let Ok(relative) = entry.path().strip_prefix(root) {
            files.push(relative.to_path_buf());
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_no_header_becomes_one() {
        let value = attachment("日本\"\r\nx.tar");
        assert_eq!(
            value.to_str().unwrap(),
            "attachment; filename=\"_____x.tar\"; filename*=UTF-8''%E6%97%A5%E6%9C%AC%22%0D%0Ax.tar"
        );
    }
}
