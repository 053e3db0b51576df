//! Models and data sets from a hub: into the cache that Python's tools use, resumable, with progress.

mod ask;
mod cache;
mod datasets;

pub use cache::snapshot;

use ask::{broken, retry};
use cache::{folder, is_commit, point};
use protocol::hub::is_name;
use protocol::{Said, says};
use sha2::{Digest, Sha256};
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use ureq::Body;
use ureq::http::Response;

/// A connection that breaks is taken up again this many times for each file.
const TRIES: u32 = 6;

/// Files beside the weights that a model may need; nothing else is fetched.
const SIDE_FILES: &[&str] = &[
    "config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer.model",
    "tekken.json",
    "qwen.tiktoken",
    "vocab.json",
    "merges.txt",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template.jinja",
    "chat_template.json",
    "adapter_config.json",
];

#[derive(Debug, thiserror::Error)]
pub enum HubError {
    #[error("`{0}` is not a hub name: it takes the form owner/name")]
    Name(String),
    #[error("{model} is not on {endpoint}, or it is private: check the name, or set HF_TOKEN")]
    NotFound { model: String, endpoint: String },
    #[error("{endpoint} refuses access to {model}: accept its terms on its page and set HF_TOKEN")]
    Refused { model: String, endpoint: String },
    #[error("{0} has no safetensors weights; pickle files (pytorch_model.bin) can run code and are never loaded")]
    PickleOnly(String),
    #[error("{name}: {why}")]
    DataSet { name: String, why: Said },
    #[error("{0} has no config.json or no tokenizer, so it is not a model Corral can use")]
    NotAModel(String),
    #[error("{model} is not in the cache, and HF_HUB_OFFLINE is set")]
    Offline { model: String },
    #[error("the download of {file} failed after {TRIES} tries: {reason}. What arrived is kept; try again to go on")]
    Broken { file: String, reason: String },
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl HubError {
    /// The error with its code.
    pub fn said(&self) -> Said {
        let (code, args) = match self {
            Self::Name(name) => ("hub_name", vec![name]),
            Self::NotFound { model, endpoint } => ("hub_not_found", vec![model, endpoint]),
            Self::Refused { model, endpoint } => ("hub_refused", vec![model, endpoint]),
            Self::PickleOnly(model) => ("hub_pickle_only", vec![model]),
            Self::NotAModel(model) => ("hub_not_a_model", vec![model]),
            Self::DataSet { name, why } => return says::in_dataset(name, why.clone()),
            Self::Offline { model } => ("hub_offline", vec![model]),
            Self::Broken { file, reason } => ("hub_broken", vec![file, reason]),
            Self::Io(error) => {
                let full = error.kind() == std::io::ErrorKind::StorageFull;
                let said = Said::new(if full { "disk_full" } else { "hub_io" }, self.to_string());
                return said.with_args([error.to_string()]);
            }
        };
        Said::new(code, self.to_string()).with_args(args.into_iter().cloned())
    }
}

/// Where models come from and where they are kept, from the variables that Python's tools read.
#[derive(Debug, Clone)]
pub struct Hub {
    pub endpoint: String,
    pub cache: PathBuf,
    token: Option<String>,
    offline: bool,
}

impl Hub {
    /// `HF_ENDPOINT`, `HF_TOKEN` (else the token file), `HF_HUB_CACHE` or `HF_HOME`, `HF_HUB_OFFLINE`.
    pub fn from_env() -> Self {
        let var = |name| std::env::var(name).ok().filter(|v: &String| !v.trim().is_empty());
        let home = match (var("HF_HOME"), var("XDG_CACHE_HOME"), var("HOME")) {
            (Some(home), ..) => PathBuf::from(home),
            (_, Some(cache), _) => Path::new(&cache).join("huggingface"),
            (.., user) => Path::new(&user.unwrap_or_default()).join(".cache/huggingface"),
        };
        let kept_token = || {
            std::fs::read_to_string(home.join("token"))
                .ok()
                .map(|t| t.trim().to_owned())
        };
        Self {
            endpoint: var("HF_ENDPOINT")
                .map_or_else(|| "https://huggingface.co".into(), |e| e.trim_end_matches('/').into()),
            token: var("HF_TOKEN").or_else(kept_token).filter(|t| !t.is_empty()),
            cache: var("HF_HUB_CACHE").map_or_else(|| home.join("hub"), PathBuf::from),
            offline: var("HF_HUB_OFFLINE").is_some_and(|v| v != "0"),
        }
    }

    /// Fetches a model's files and returns its folder. Blocks: call it off the async threads. `progress` gets
    /// bytes done and in all. Killed in the middle, the next call goes on where it was.
    pub fn download(
        &self,
        name: &str,
        revision: Option<&str>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<PathBuf, HubError> {
        if !is_name(name) {
            return Err(HubError::Name(name.into()));
        }
        if let Some(path) = self.cached(name, revision) {
            return Ok(path);
        }
        if self.offline {
            return Err(HubError::Offline { model: name.into() });
        }
        let revision = revision.unwrap_or("main");
        let listed = self.listing("models", name, revision)?;
        let files = wanted(name, listed.siblings.into_iter().map(|s| s.rfilename))?;
        let root = self.cache.join(folder(name));
        self.fetch_all(name, &root, &listed.sha, files, progress)?;
        name_commit(&root, revision, &listed.sha)?;
        self.cached(name, Some(revision))
            .ok_or_else(|| HubError::NotAModel(name.into()))
    }

    /// The files of a repository; `kind` is "models" or "datasets".
    fn listing(&self, kind: &str, name: &str, revision: &str) -> Result<Listing, HubError> {
        let url = format!("{}/api/{kind}/{name}/revision/{revision}", self.endpoint);
        let listed: Listing = retry(name, || {
            let mut answer = self.get(name, &url, None)?.1;
            answer.body_mut().read_json().map_err(|e| broken(name, e))
        })?;
        match is_commit(&listed.sha) {
            true => Ok(listed),
            false => Err(broken(name, "the hub names no commit")),
        }
    }

    /// Fetches files of a commit of `repository`, which is its name in addresses, and shows them in its snapshot.
    fn fetch_all(
        &self,
        repository: &str,
        root: &Path,
        commit: &str,
        files: Vec<String>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(), HubError> {
        let mut parts = Vec::with_capacity(files.len());
        for file in files {
            let part = retry(&file, || self.locate(repository, commit, &file))?;
            parts.push(part);
        }
        let total = parts.iter().map(|p| p.size).sum();
        let mut before = 0;
        for part in &parts {
            retry(&part.file, || {
                self.fetch(repository, root, part, &mut |here| progress(before + here, total))
            })?;
            let snapshot = root.join("snapshots").join(commit);
            let up = "../".repeat(part.file.matches('/').count());
            let blob = Path::new(&format!("{up}../../blobs")).join(&part.etag);
            point(&snapshot.join(&part.file), &blob)?;
            before += part.size;
        }
        Ok(())
    }

    /// Where a file lies, how long it is and what it is called in the cache.
    fn locate(&self, model: &str, commit: &str, file: &str) -> Result<Part, HubError> {
        let url = format!("{}/{model}/resolve/{commit}/{}", self.endpoint, datasets::address(file));
        // the hub's own answer names the file even where it sends us elsewhere
        let (first, last) = self.get(model, &url, Some((0, Some(0))))?;
        let text = |r: &Response<Body>, name: &str| {
            Some(
                r.headers()
                    .get(name)?
                    .to_str()
                    .ok()?
                    .trim_start_matches("W/")
                    .replace('"', ""),
            )
        };
        let named = first.as_ref().unwrap_or(&last);
        let etag = text(named, "x-linked-etag")
            .or_else(|| text(named, "etag"))
            .unwrap_or_default();
        let plain =
            etag.len() >= 8 && etag.len() <= 128 && etag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !plain {
            return Err(broken(file, "the hub sends no usable etag"));
        }
        let range = text(&last, "content-range").and_then(|r| r.rsplit_once('/')?.1.parse().ok());
        let size = range.or_else(|| text(&last, "content-length")?.parse().ok());
        let size = size.ok_or_else(|| broken(file, "the hub does not say how long it is"))?;
        Ok(Part {
            file: file.into(),
            url,
            etag,
            size,
        })
    }

    /// One file into the cache: what an earlier try left is gone on with; length and (where the etag is one) SHA-256
    /// are checked before anyone sees it.
    fn fetch(&self, model: &str, root: &Path, part: &Part, tell: &mut dyn FnMut(u64)) -> Result<(), HubError> {
        let blobs = root.join("blobs");
        std::fs::create_dir_all(&blobs)?;
        let blob = blobs.join(&part.etag);
        if blob.metadata().is_ok_and(|m| m.len() == part.size) {
            tell(part.size);
            return Ok(());
        }
        let path = blobs.join(format!("{}.incomplete", part.etag));
        let mut file = std::fs::File::options().append(true).create(true).open(&path)?;
        // SAFETY: flock on a descriptor we own; given back when the file closes
        if unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) } != 0 {
            return Err(broken(&part.file, "another download of it goes on"));
        }
        let mut have = file.metadata()?.len();
        if have > part.size {
            file.set_len(0)?;
            have = 0;
        }
        if have < part.size {
            let (_, mut answer) = self.get(model, &part.url, Some((have, None)))?;
            if answer.status() != 206 && have > 0 {
                // a server without ranges sends the whole
                file.set_len(0)?;
                have = 0;
            }
            let mut body = answer.body_mut().as_reader().take(part.size - have);
            let mut buffer = vec![0; 1 << 16];
            loop {
                let n = body.read(&mut buffer).map_err(|e| broken(&part.file, e))?;
                if n == 0 {
                    break;
                }
                file.write_all(&buffer[..n])?;
                have += n as u64;
                tell(have);
            }
        }
        if have < part.size {
            return Err(broken(&part.file, "the connection ended early"));
        }
        file.sync_all()?;
        if part.etag.len() == 64 && sha256(&path)? != part.etag {
            std::fs::remove_file(&path)?;
            return Err(broken(&part.file, "it did not arrive whole"));
        }
        std::fs::rename(&path, &blob)?;
        Ok(())
    }
}

/// Writes down which commit a branch or tag is.
fn name_commit(root: &Path, revision: &str, commit: &str) -> std::io::Result<()> {
    let refs = root.join("refs");
    std::fs::create_dir_all(&refs)?;
    let fresh = refs.join(format!(".{}", std::process::id()));
    std::fs::write(&fresh, commit)?;
    std::fs::rename(&fresh, refs.join(revision))
}

/// What the hub says of a repository.
#[derive(serde::Deserialize)]
struct Listing {
    sha: String,
    siblings: Vec<Sibling>,
}

#[derive(serde::Deserialize)]
struct Sibling {
    rfilename: String,
}

/// A file to fetch.
struct Part {
    file: String,
    url: String,
    etag: String,
    size: u64,
}

/// The files of a repository to fetch: side files and safetensors of the top folder.
fn wanted(model: &str, names: impl Iterator<Item = String>) -> Result<Vec<String>, HubError> {
    let all: Vec<String> = names.collect();
    let plain = |n: &String| !n.contains('/') && !n.contains('\\') && !n.starts_with('.');
    let weights = |n: &String| n.ends_with(".safetensors") || n.ends_with(".safetensors.index.json");
    let files: Vec<String> = all
        .iter()
        .filter(|n| plain(n) && (weights(n) || SIDE_FILES.contains(&n.as_str())))
        .cloned()
        .collect();
    let has = |name: &str| files.iter().any(|f| f == name);
    if !files.iter().any(weights) {
        return Err(HubError::PickleOnly(model.into()));
    }
    let whole = has("config.json") && protocol::words::has_tokenizer(has);
    if !whole && !has("adapter_config.json") {
        return Err(HubError::NotAModel(model.into()));
    }
    Ok(files)
}

/// SHA-256 of a file in hex.
pub fn sha256(path: &Path) -> std::io::Result<String> {
    let mut file = std::fs::File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(format!("{:x}", hasher.finalize())),
            n => hasher.update(&buffer[..n]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_model_needs_is_fetched() {
        let list = |names: &[&str]| names.iter().map(|s| s.to_string()).collect::<Vec<_>>();
        let all = list(&[
            "config.json",
            "tokenizer.json",
            "model.safetensors",
            "../x.safetensors",
            "onnx/model.onnx",
            "pytorch_model.bin",
        ]);
        assert_eq!(
            wanted("m", all.into_iter()).unwrap(),
            ["config.json", "tokenizer.json", "model.safetensors"]
        );
        let pickle = list(&["config.json", "tokenizer.json", "pytorch_model.bin"]);
        assert!(matches!(wanted("m", pickle.into_iter()), Err(HubError::PickleOnly(_))));
    }
}
