//! Staging: an uploaded or pasted file lies in a hidden folder of its own until it is known to be good; else it is deleted.

use crate::ApiError;
use crate::ambient::unique;
use crate::error::ApiResult;
use crate::off_thread::off_thread;
use axum::body::Body;
use futures::StreamExt;
use protocol::data::data_ending;
use protocol::{Said, says};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What the names of staging folders begin with.
const PREFIX: &str = ".arriving-";

/// A file in its staging folder; dropped before [`StagedFile::publish`], it is deleted.
pub struct StagedFile {
    folder: Folder,
    pub path: PathBuf,
}

/// Removed when it is dropped.
struct Folder(PathBuf);

impl StagedFile {
    /// Makes a staging folder below `data` for a file of this name.
    pub fn begin(data: &Path, name: &str) -> io::Result<Self> {
        let folder = data.join(format!("{PREFIX}{}", unique()));
        fs::create_dir(&folder)?;
        let path = folder.join(name);
        let folder = Folder(folder);
        Ok(Self { folder, path })
    }

    /// The staging folder: it has no other file.
    pub fn folder(&self) -> &Path {
        &self.folder.0
    }

    /// Writes a text, and syncs it.
    pub fn write(&self, text: &str) -> io::Result<()> {
        let mut file = File::create(&self.path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    }

    /// Streams a request's body into the file, and syncs it.
    ///
    /// # Errors
    /// The upload was cut off, or the disk won't take it.
    pub async fn receive(&self, body: Body) -> ApiResult<()> {
        let path = self.path.clone();
        let mut file = off_thread(move || File::create(path)).await??;
        let mut stream = body.into_data_stream();
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|e| ApiError::bad(says::cut_off(e.to_string())))?;
            // the file goes there and back: a write that waits for the disk must hold up nobody else
            file = off_thread(move || file.write_all(&chunk).map(|()| file)).await??;
        }
        // a disk may say only now that it is full
        Ok(off_thread(move || file.sync_all()).await??)
    }

    /// Moves the file into `data` under the first free name (`rows.jsonl`, `rows-2.jsonl`, …); gives that name.
    pub fn publish(&self, data: &Path) -> io::Result<String> {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // `rows.jsonl.gz` becomes `rows-2.jsonl.gz`
        let ending = data_ending(&name).unwrap_or_default();
        let stem = name.strip_suffix(&format!(".{ending}")).unwrap_or(&name);
        let mut names = std::iter::once(name.clone()).chain((2..).map(|n| format!("{stem}-{n}.{ending}")));
        let free = names.find(|name| fs::symlink_metadata(data.join(name)).is_err());
        let free = free.unwrap_or_else(|| name.clone());
        fs::rename(&self.path, data.join(&free))?;
        Ok(free)
    }

    /// What a program says about the file, without the staging folder, which people don't know.
    pub fn without_folder(&self, said: &Said) -> Said {
        let folder = format!("{}/", self.folder.0.display());
        let text = serde_json::to_string(said).unwrap_or_default().replace(&folder, "");
        serde_json::from_str(&text).unwrap_or_else(|_| said.clone())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            // the next start tries again
            tracing::warn!("{}: {error}", self.0.display());
        }
    }
}

/// Removes staging folders that a killed server left.
pub fn sweep(data: &Path) {
    let Ok(entries) = fs::read_dir(data) else {
        return;
    };
    for entry in entries.flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(PREFIX.as_bytes())
            && let Err(error) = fs::remove_dir_all(entry.path())
        {
            tracing::warn!("{}: {error}", entry.path().display());
        }
    }
}
