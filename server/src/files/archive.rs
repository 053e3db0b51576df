//! A run's results as one streamed tar: nothing is written to disk, the length is known before the first byte.

use super::{attachment, checkpoints, walk};
use crate::ApiError;
use crate::ambient::Ambient;
use crate::db::Db;
use crate::error::ApiResult;
use crate::extract::Query;
use crate::off_thread::off_thread;
use crate::path::DataPath;
use crate::runs::find;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::Response;
use protocol::{run_dir, says};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::io::{self, Read, Write};
use std::path::{Path as FsPath, PathBuf};
use tokio_util::io::{ReaderStream, SyncIoBridge};

/// What to put into the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The merged checkpoint, a folder transformers loads. Ask for the merge first.
    Merged,
    /// What was exported last in another form: a GGUF file, or weights in another type. Ask for it first.
    Exported,
    /// One checkpoint as PEFT or transformers load it, without the optimizer's state.
    Adapter,
    /// Config, events and log.
    Config,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub struct ArchiveQuery {
    what: What,
    /// A checkpoint folder's name; left out: the best, else the newest.
    checkpoint: Option<String>,
}

/// The file of the archive that lists the others' checksums, as `sha256sum -c` reads it.
const CHECKSUMS: &str = "SHA256SUMS";

/// A file that goes into the archive.
struct Entry {
    /// Open since it was listed: a checkpoint that is taken away meanwhile is still sent whole.
    file: std::fs::File,
    /// Its name in the archive.
    name: String,
    bytes: u64,
}

/// Streams the archive.
#[utoipa::path(get, path = "/api/runs/{id}/archive", tag = "files", params(("id" = String, Path), ArchiveQuery), responses((status = 200, content_type = "application/x-tar")))]
pub async fn archive(
    State(db): State<Db>,
    State(ambient): State<Ambient>,
    Path(id): Path<String>,
    Query(query): Query<ArchiveQuery>,
) -> ApiResult<Response> {
    let run = find(&db, &id).await?;
    let root = run.directory;
    let name = format!("{}-{}", run.summary.name, format!("{:?}", query.what).to_lowercase());
    let folder_name: String = name
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || "-_.".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect();
    let prefix = folder_name.clone();
    let found = off_thread(move || -> ApiResult<_> {
        let folder = query.folder(&root)?;
        Ok(entries(&folder, &prefix, query.what)?)
    });
    let entries = found.await??;
    let length = length(&entries, &folder_name);
    let made = (ambient.now() / 1000).max(0) as u64;
    let (reader, writer) = tokio::io::duplex(256 << 10);
    tokio::task::spawn_blocking(move || {
        // an error here is a browser that went away, or a file that vanished: the length tells it that it lacks
        let bridge = SyncIoBridge::new(writer);
        if let Err(error) = write(&entries, &folder_name, made, bridge) {
            tracing::warn!("archive ended early: {error}");
        }
    });
    Response::builder()
        .header(header::CONTENT_TYPE, "application/x-tar")
        .header(header::CONTENT_LENGTH, length)
        .header(header::CONTENT_DISPOSITION, attachment(&format!("{name}.tar")))
        .body(Body::from_stream(ReaderStream::new(reader)))
        .map_err(ApiError::internal)
}

impl ArchiveQuery {
    /// The folder of a run that is asked for.
    ///
    /// # Errors
    /// There is none.
    fn folder(&self, root: &FsPath) -> ApiResult<PathBuf> {
        match (self.what, &self.checkpoint) {
            (What::Merged, _) => folder_on_demand(root, run_dir::MERGED),
            (What::Exported, _) => folder_on_demand(root, run_dir::EXPORTED),
            (What::Adapter, Some(name)) => {
                let folder = checkpoints::named(root, name).map(|path| path.to_path_buf());
                folder.ok_or_else(|| ApiError::not_found(says::run_lacks_checkpoint(name.escape_debug().to_string())))
            }
            (What::Adapter, None) => {
                checkpoints::default(root).ok_or_else(|| ApiError::not_found(says::run_without_checkpoint()))
            }
            (What::Config, _) => Ok(root.to_path_buf()),
        }
    }
}

/// A folder that is made on demand (`merged/`, `exported/`).
///
/// # Errors
/// It was not made yet.
fn folder_on_demand(root: &FsPath, name: &str) -> ApiResult<PathBuf> {
    let folder = DataPath::new(root, name).ok().filter(|path| path.is_dir());
    let folder = folder.ok_or_else(|| ApiError::conflict(says::not_merged()))?;
    Ok(folder.to_path_buf())
}

fn entries(folder: &FsPath, prefix: &str, what: What) -> io::Result<Vec<Entry>> {
    let wanted = |path: &FsPath| match what {
        // the archive has a list of its own
        _ if path == FsPath::new(CHECKSUMS) => false,
        What::Merged | What::Exported => true,
        What::Adapter => !is_trainer_state(path),
        What::Config => path.components().count() == 1,
    };
    let mut entries = vec![];
    for path in walk(folder, folder)?.into_iter().filter(|p| wanted(p)) {
        let file = match std::fs::File::open(folder.join(&path)) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            other => other?,
        };
        entries.push(Entry {
            bytes: file.metadata()?.len(),
            name: format!("{prefix}/{}", path.display()),
            file,
        });
    }
    Ok(entries)
}

/// Whether a file of a checkpoint is needed for resuming alone.
fn is_trainer_state(path: &FsPath) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with("optimizer") || name.starts_with("trainer_state") || name.starts_with("reference")
}

/// Bytes of a tar: a 512-byte header and padded contents for each file, two empty blocks at the end.
fn length(entries: &[Entry], folder: &str) -> u64 {
    let sums: u64 = entries
        .iter()
        .map(|e| sum_line(&e.name, folder, "").len() as u64 + 64)
        .sum();
    let block = |bytes: u64| 512 + bytes.div_ceil(512) * 512;
    let long = |name: &str| {
        if name.len() > 100 {
            block(name.len() as u64 + 1)
        } else {
            0
        }
    };
    let files: u64 = entries.iter().map(|e| block(e.bytes) + long(&e.name)).sum();
    files + block(sums) + long(&format!("{folder}/{CHECKSUMS}")) + 1024
}

fn sum_line(name: &str, folder: &str, sum: &str) -> String {
    let inside = name.strip_prefix(folder).unwrap_or(name).trim_start_matches('/');
    format!("{sum}  {inside}\n")
}

fn write(entries: &[Entry], folder: &str, made: u64, to: impl Write) -> io::Result<()> {
    let mut tar = tar::Builder::new(to);
    let mut sums = String::new();
    for entry in entries {
        let mut reader = HashingReader {
            inner: (&entry.file).take(entry.bytes),
            sha: Sha256::new(),
        };
        append(&mut tar, &entry.name, entry.bytes, made, &mut reader)?;
        sums += &sum_line(&entry.name, folder, &format!("{:x}", reader.sha.finalize()));
    }
    append(
        &mut tar,
        &format!("{folder}/{CHECKSUMS}"),
        sums.len() as u64,
        made,
        sums.as_bytes(),
    )?;
    tar.into_inner()?.flush()
}

fn append(tar: &mut tar::Builder<impl Write>, name: &str, bytes: u64, made: u64, data: impl Read) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes);
    header.set_mode(0o644);
    header.set_mtime(made);
    tar.append_data(&mut header, name, data)
}

/// Hashes what is read through it.
struct HashingReader<R> {
    inner: R,
    sha: Sha256,
}

impl<R: Read> Read for HashingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.sha.update(&buffer[..n]);
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_said_is_the_length_sent() {
        let dir = std::env::temp_dir().join(format!("corral-tar-{}", std::process::id()));
        let deep =
            dir.join("a-very-long-folder-name-that-goes-on-and-on-and-on/and-another-one-that-is-just-as-long-as-it");
        std::fs::create_dir_all(&deep).unwrap();
        std::fs::write(dir.join("config.json"), vec![b'x'; 511]).unwrap();
        std::fs::write(dir.join("empty"), "").unwrap();
        std::fs::write(dir.join("optimizer.safetensors"), vec![0; 4096]).unwrap();
        std::fs::write(deep.join("model.safetensors"), vec![7; 1 << 20]).unwrap();
        for what in [What::Merged, What::Adapter, What::Config] {
            let list = entries(&dir, "日本", what).unwrap();
            let mut out = vec![];
            write(&list, "日本", 7, &mut out).unwrap();
            assert_eq!(out.len() as u64, length(&list, "日本"), "{what:?}");
            let mut tar = tar::Archive::new(&out[..]);
            let names: Vec<_> = tar
                .entries()
                .unwrap()
                .map(|e| e.unwrap().path().unwrap().display().to_string())
                .collect();
            assert_eq!(names.len(), list.len() + 1);
            assert_eq!(
                names.contains(&"日本/optimizer.safetensors".to_owned()),
                what != What::Adapter
            );
        }
        std::fs::remove_dir_all(dir).unwrap();
    }
}
