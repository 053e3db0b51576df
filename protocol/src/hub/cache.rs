//! Where Python's tools cache what they download from a hub.

use super::{Env, Hub, Kind};
use std::path::{Path, PathBuf};

impl Hub {
    /// The folder of the cache: for Hugging Face `HF_HUB_CACHE`, else below `HF_HOME`; for ModelScope
    /// `MODELSCOPE_CACHE`. Else below `XDG_CACHE_HOME` or `~/.cache`.
    pub fn cache(self, env: Env) -> PathBuf {
        let var = |name: &str| env(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        match self {
            Self::HuggingFace => var("HF_HUB_CACHE").unwrap_or_else(|| Self::hf_home(env).join("hub")),
            // its tools do not read XDG_CACHE_HOME
            Self::ModelScope => {
                var("MODELSCOPE_CACHE").unwrap_or_else(|| var("HOME").unwrap_or_default().join(".cache/modelscope"))
            }
        }
    }

    /// The folder in which Hugging Face's tools keep everything, the token included.
    pub fn hf_home(env: Env) -> PathBuf {
        let var = |name: &str| env(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let cache = || var("XDG_CACHE_HOME").unwrap_or_else(|| var("HOME").unwrap_or_default().join(".cache"));
        var("HF_HOME").unwrap_or_else(|| cache().join("huggingface"))
    }

    /// The folder of a repository within the cache, as current tools name it.
    pub fn repository(self, kind: Kind, name: &str) -> String {
        let (kind, name) = (kind.plural(), name.replace('/', "--"));
        match self {
            Self::HuggingFace => format!("{kind}--{name}"),
            Self::ModelScope => format!("{kind}/{name}"),
        }
    }

    /// Folders within ModelScope's cache that may have a repository's files of a revision, to be tried in this order: those of its
    /// tools up to version 1.37, which know no revisions and write `.` as `___`, then those of current tools.
    pub fn modelscope_folders(kind: Kind, name: &str, revision: Option<&str>) -> Vec<String> {
        let today = Self::ModelScope.repository(kind, name);
        let snapshot = |revision: &str| format!("{today}/snapshots/{revision}");
        let Some((owner, own)) = name
            .split_once('/')
            .filter(|_| revision.is_none_or(|named| named == "master"))
        else {
            return revision.map(snapshot).into_iter().collect();
        };
        let (kinds, own) = (kind.plural(), own.replace('.', "___"));
        let mut all = vec![format!("{kinds}/{owner}/{own}"), format!("hub/{kinds}/{owner}/{own}")];
        if kind == Kind::Model {
            all.push(format!("hub/{owner}/{own}"));
        }
        all.extend(["master", "main"].map(snapshot));
        all
    }
}

/// The snapshot in a repository's folder of Hugging Face's cache (`models--owner--name` or `datasets--owner--name`): that of
/// `main`, or else the only one. `None`: it is no such folder, or there are several and none is `main`.
pub fn snapshot(folder: &Path) -> Option<PathBuf> {
    let snapshots = folder.join("snapshots");
    let main = std::fs::read_to_string(folder.join("refs/main")).unwrap_or_default();
    let commit = Path::new(main.trim());
    // must be a plain name, so that it can't lead out of the folder
    if commit.file_name() == Some(commit.as_os_str()) && snapshots.join(commit).is_dir() {
        return Some(snapshots.join(commit));
    }
    let mut all = std::fs::read_dir(&snapshots).ok()?.flatten().map(|entry| entry.path());
    match (all.next(), all.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsString;
    use std::path::Path;

    #[test]
    fn caches_are_where_pythons_tools_have_them() {
        let (hf, ms) = (Hub::HuggingFace, Hub::ModelScope);
        for (hub, set, place) in [
            (hf, &[("HOME", "/h")][..], "/h/.cache/huggingface/hub"),
            (hf, &[("HOME", "/h"), ("XDG_CACHE_HOME", "/c")], "/c/huggingface/hub"),
            (
                hf,
                &[("HOME", "/h"), ("HF_HOME", "/f"), ("XDG_CACHE_HOME", "/c")],
                "/f/hub",
            ),
            (hf, &[("HF_HOME", "/f"), ("HF_HUB_CACHE", "/x")], "/x"),
            (ms, &[("HOME", "/h"), ("XDG_CACHE_HOME", "/c")], "/h/.cache/modelscope"),
            (ms, &[("HOME", "/h"), ("MODELSCOPE_CACHE", "/m")], "/m"),
        ] {
            let env = |name: &str| {
                let set = set.iter().find(|(key, _)| *key == name);
                set.map(|(_, value)| OsString::from(value))
            };
            assert_eq!(hub.cache(&env), Path::new(place));
        }
        assert_eq!(hf.repository(Kind::Dataset, "a/b"), "datasets--a--b");
        let folders = |revision| Hub::modelscope_folders(Kind::Model, "a/b-0.5", revision).join(" ");
        let all = "models/a/b-0___5 hub/models/a/b-0___5 hub/a/b-0___5 models/a--b-0.5/snapshots/master models/a--b-0.5/snapshots/main";
        assert_eq!(folders(None), all);
        assert_eq!(folders(Some("v2")), "models/a--b-0.5/snapshots/v2");
    }

    #[test]
    fn the_usual_hub_is_hugging_face_but_where_the_other_is_chosen() {
        for (set, hub) in [
            ("", Hub::HuggingFace),
            ("0", Hub::HuggingFace),
            ("1", Hub::ModelScope),
            ("True", Hub::ModelScope),
        ] {
            assert_eq!(Hub::usual(&|_| Some(set.into())), hub, "{set}");
        }
    }
}
