//! The cache that Python's tools use: which models are in it, whole.

use super::Hub;
use crate::library::is_gguf;
use std::path::{Path, PathBuf};

/// No list of shards is longer.
const MOST_INDEX: u64 = 16 << 20;

impl Hub {
    /// The cached folder of a model, if everything it needs is there.
    pub fn cached(&self, name: &str, revision: Option<&str>) -> Option<PathBuf> {
        let revision = revision.unwrap_or("main");
        let root = self.cache.join(folder(name));
        let commit = match std::fs::read_to_string(root.join("refs").join(revision)) {
            Ok(commit) => commit.trim().to_owned(),
            Err(_) => revision.to_owned(),
        };
        let snapshot = root.join("snapshots").join(commit);
        is_whole(&snapshot).then_some(snapshot)
    }

    /// Names of all models in the cache that are whole.
    pub fn cached_models(&self) -> Vec<(String, PathBuf)> {
        let Ok(entries) = std::fs::read_dir(&self.cache) else {
            return vec![];
        };
        let mut models: Vec<_> = entries
            .flatten()
            .filter_map(|entry| {
                let name = entry.file_name().to_str()?.strip_prefix("models--")?.replace("--", "/");
                let path = self.cached(&name, None)?;
                Some((name, path))
            })
            .collect();
        models.sort();
        models
    }
}

/// A relative link, replaced at once.
pub(super) fn point(link: &Path, target: &Path) -> std::io::Result<()> {
    if let Some(folder) = link.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let fresh = link.with_extension(format!("link-{}", std::process::id()));
    std::os::unix::fs::symlink(target, &fresh)?;
    std::fs::rename(fresh, link)
}

pub(super) fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Whether a snapshot has what loading needs: an interrupted download lacks its last files.
pub(super) fn is_whole(folder: &Path) -> bool {
    let has = |name: &str| folder.join(name).exists();
    if has("adapter_config.json") {
        return has("adapter_model.safetensors");
    }
    let gguf = |entry: std::fs::DirEntry| is_gguf(&entry.path());
    if std::fs::read_dir(folder).is_ok_and(|entries| entries.flatten().any(gguf)) {
        return true;
    }
    if !has("config.json") || !protocol::words::has_tokenizer(has) {
        return false;
    }
    if has("model.safetensors") {
        return true;
    }
    let index = folder.join("model.safetensors.index.json");
    if !index
        .metadata()
        .is_ok_and(|meta| meta.is_file() && meta.len() <= MOST_INDEX)
    {
        return false;
    }
    let Ok(text) = std::fs::read_to_string(index) else {
        return false;
    };
    let Ok(index) = serde_json::from_str::<serde_json::Value>(&text) else {
        return false;
    };
    let shards = index["weight_map"].as_object();
    shards.is_some_and(|map| !map.is_empty() && map.values().all(|f| f.as_str().is_some_and(has)))
}

/// The snapshot in a folder of the cache, `models--owner--name`: that of `main`, else the only one.
pub fn snapshot(root: &Path) -> Option<PathBuf> {
    let snapshots = root.join("snapshots");
    let main = std::fs::read_to_string(root.join("refs/main")).unwrap_or_default();
    let commit = main.trim();
    if is_commit(commit) && snapshots.join(commit).is_dir() {
        return Some(snapshots.join(commit));
    }
    let mut all = std::fs::read_dir(&snapshots).ok()?.flatten().map(|entry| entry.path());
    match (all.next(), all.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}

pub(super) fn folder(name: &str) -> String {
    format!("models--{}", name.replace('/', "--"))
}
