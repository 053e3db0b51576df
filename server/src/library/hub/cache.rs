//! The caches that Python's tools use: which models are in them, whole, and which parts of data sets.

use super::{HubPlace, Wanted};
use crate::library::is_gguf;
use crate::small_file;
use protocol::data::Part;
use protocol::hub::{Hub, Kind, Listing};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Bytes of the longest list of shards that is read.
const MAX_INDEX: u64 = 16 << 20;
/// Bytes of the longest name of a commit.
const MAX_REF: u64 = 4096;
/// How deep the folders of a data set are searched.
const MAX_DEPTH: usize = 8;

impl HubPlace {
    /// The cached folder of a model, if everything it needs is there.
    pub fn cached(&self, name: &str, revision: Option<&str>) -> Option<PathBuf> {
        let folders = match self.hub {
            Hub::HuggingFace => vec![self.snapshot_of(Kind::Model, name, self.hub.revision(revision))],
            Hub::ModelScope => self.modelscope_folders(Kind::Model, name, revision),
        };
        folders
            .into_iter()
            .find(|folder| is_whole(folder) && lengths_fit(folder))
    }

    /// Where Hugging Face's cache has a repository's files of a revision.
    fn snapshot_of(&self, kind: Kind, name: &str, revision: &str) -> PathBuf {
        let root = self.cache.join(self.hub.repository(kind, name));
        let commit = match small_file::text(&root.join("refs").join(revision), MAX_REF) {
            Ok(commit) => commit.trim().to_owned(),
            Err(_) => revision.to_owned(),
        };
        root.join("snapshots").join(commit)
    }

    fn modelscope_folders(&self, kind: Kind, name: &str, revision: Option<&str>) -> Vec<PathBuf> {
        let revision = revision.map(|revision| self.hub.revision(Some(revision)));
        let folders = Hub::modelscope_folders(kind, name, revision).into_iter();
        folders.map(|folder| self.cache.join(folder)).collect()
    }

    /// Names and folders of all models in the cache that are whole.
    pub fn cached_models(&self) -> BTreeMap<String, PathBuf> {
        let names = match self.hub {
            Hub::HuggingFace => names_in(&self.cache)
                .iter()
                .filter_map(|folder| Some(folder.strip_prefix("models--")?.replace("--", "/")))
                .collect(),
            Hub::ModelScope => self.modelscope_names(),
        };
        let found = names.into_iter().filter_map(|name| {
            let path = self.cached(&name, None)?;
            Some((name, path))
        });
        found.collect()
    }

    /// Names that folders of ModelScope's cache tell, of its tools of today and of before.
    fn modelscope_names(&self) -> Vec<String> {
        let today = names_in(&self.cache.join("models"));
        let mut names: Vec<String> = today
            .iter()
            .filter(|name| name.contains("--"))
            .map(|name| name.replacen("--", "/", 1))
            .collect();
        for before in ["models", "hub/models", "hub"] {
            let owners = names_in(&self.cache.join(before)).into_iter();
            for owner in owners.filter(|owner| before != "hub" || !["models", "datasets"].contains(&owner.as_str())) {
                let of_owner = names_in(&self.cache.join(before).join(&owner));
                names.extend(
                    of_owner
                        .iter()
                        .map(|own| format!("{owner}/{}", own.replace("___", "."))),
                );
            }
        }
        names.retain(|name| protocol::hub::is_name(name));
        names
    }

    /// Where the cache has a data set, if it has some of it.
    pub fn dataset(&self, name: &str) -> Option<PathBuf> {
        let plain = protocol::hub::HubName::of(Kind::Dataset, name).is_some_and(|named| named.name == name);
        let folders = match self.hub {
            _ if !plain => vec![],
            Hub::HuggingFace => vec![self.cache.join(self.hub.repository(Kind::Dataset, name))],
            Hub::ModelScope => self.modelscope_folders(Kind::Dataset, name, None),
        };
        folders.into_iter().find(|folder| folder.is_dir())
    }

    /// Where the cache has the part of a data set that is asked for, as far as what is here tells.
    pub(super) fn cached_part(&self, wanted: &Wanted) -> Option<PathBuf> {
        let revision = wanted.revision.as_deref();
        let folders = match self.hub {
            Hub::HuggingFace => vec![self.snapshot_of(Kind::Dataset, &wanted.name, self.hub.revision(revision))],
            Hub::ModelScope => self.modelscope_folders(Kind::Dataset, &wanted.name, revision),
        };
        let folder = folders.into_iter().find(|folder| folder.is_dir())?;
        let mut names = vec![];
        walk(&folder, "", 0, &mut names);
        let card = small_file::text(&folder.join(Part::CARD), Part::LARGEST_CARD).unwrap_or_default();
        let listing = listing_of(&folder);
        let known: Vec<&str> = match &listing {
            Some(listing) => listing.files.keys().map(String::as_str).collect(),
            None => names.iter().map(String::as_str).collect(),
        };
        let files = wanted.part.files(&Part::card(&card), known.into_iter()).ok()?;
        let whole = listing
            .as_ref()
            .is_none_or(|listing| listing.missing(&files, length_in(&folder)).is_empty());
        whole.then_some(folder)
    }

    /// Writes which commit a branch or tag is, as `refs/NAME` of the cache.
    pub(super) fn write_ref(&self, wanted: &Wanted, commit: &str) -> std::io::Result<()> {
        let root = self.cache.join(self.hub.repository(wanted.kind, &wanted.name));
        let place = root.join("refs").join(self.hub.revision(wanted.revision.as_deref()));
        if let Some(folder) = place.parent() {
            std::fs::create_dir_all(folder)?;
        }
        crate::whole::write(&place, commit.as_bytes())
    }
}

/// What the hub lists of the files in a snapshot, where a download of ours wrote it down.
pub(super) fn listing_of(folder: &Path) -> Option<Listing> {
    let path = Listing::place(folder)?;
    Listing::parse(&small_file::read(&path, Listing::MAX_BYTES).ok()?)
}

/// The length of a file below a folder.
fn length_in(folder: &Path) -> impl Fn(&str) -> Option<u64> {
    move |name| folder.join(name).metadata().ok().map(|meta| meta.len())
}

/// Whether what lies in a snapshot is as long as the hub lists it, as far as that was written down.
fn lengths_fit(folder: &Path) -> bool {
    let length = length_in(folder);
    listing_of(folder).is_none_or(|listing| {
        let here: Vec<&str> = listing.files.keys().map(String::as_str).collect();
        let here: Vec<&str> = here.into_iter().filter(|name| length(name).is_some()).collect();
        listing.missing(&here, &length).is_empty()
    })
}

/// Names of what lies in a folder.
fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect()
}

/// Names of all files below a folder, with the folders they lie in.
fn walk(folder: &Path, before: &str, depth: usize, names: &mut Vec<String>) {
    for name in names_in(folder) {
        let path = folder.join(&name);
        if path.is_dir() && depth < MAX_DEPTH {
            walk(&path, &format!("{before}{name}/"), depth + 1, names);
        } else if path.is_file() {
            names.push(format!("{before}{name}"));
        }
    }
}

/// Puts a symbolic link in place of whatever has its name, in one step.
pub(super) fn replace_link(link: &Path, target: &Path) -> std::io::Result<()> {
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
    if !has("config.json") || !protocol::tokenizer_files::has_tokenizer(has) {
        return false;
    }
    if has("model.safetensors") {
        return true;
    }
    let Ok(text) = small_file::text(&folder.join("model.safetensors.index.json"), MAX_INDEX) else {
        return false;
    };
    let Ok(index) = serde_json::from_str::<serde_json::Value>(&text) else {
        return false;
    };
    let shards = index["weight_map"].as_object();
    shards.is_some_and(|map| !map.is_empty() && map.values().all(|f| f.as_str().is_some_and(has)))
}
