//! The file list of a repository, saved beside its files when a download begins, so that readers can tell which files are still
//! missing. Downloads of Python's tools have none.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// All files of a revision with their sizes in bytes, where the hub gives them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    pub files: BTreeMap<String, Option<u64>>,
}

impl Listing {
    /// Maximum size of a list in bytes.
    pub const MAX_BYTES: u64 = 256 << 20;

    /// The path of the list for this folder of files: beside `snapshots`, under the revision's name. `None` for folders of
    /// ModelScope's older tools.
    pub fn place(folder: &Path) -> Option<PathBuf> {
        let snapshots = folder.parent().filter(|parent| parent.ends_with("snapshots"))?;
        let revision = folder.file_name()?.to_str()?;
        Some(snapshots.with_file_name(format!(".corral-{revision}.json")))
    }

    /// Parses a saved list; `None`: these bytes are none.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    pub fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Which of these files are missing or have another size than listed; `length` gives the size of a file that exists.
    pub fn missing<'a>(&self, files: &[&'a str], length: impl Fn(&str) -> Option<u64>) -> Vec<&'a str> {
        let here = |file: &str| {
            let listed = self.files.get(file).copied().flatten();
            length(file).is_some_and(|length| listed.is_none_or(|listed| listed == length))
        };
        files.iter().copied().filter(|file| !here(file)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_or_too_short_is_missing() {
        let files = [("a", Some(3)), ("b", Some(4)), ("c", None)];
        let listing = Listing {
            files: files.map(|(name, length)| (name.to_owned(), length)).into(),
        };
        let here = |file: &str| (file != "a").then_some(3);
        assert_eq!(listing.missing(&["a", "b", "c"], here), ["a", "b"]);
        assert_eq!(Listing::parse(&listing.bytes()), Some(listing));
        let place = Listing::place(Path::new("/c/models--a--b/snapshots/0123"));
        assert_eq!(place.as_deref(), Some(Path::new("/c/models--a--b/.corral-0123.json")));
        assert_eq!(Listing::place(Path::new("/c/hub/models/a/b")), None);
    }
}
