//! What a hub lists of a repository, written down beside its files when a download begins: whoever reads them knows by it what is
//! not here yet. What Python's tools fetched has none.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// All files of a revision with their lengths in bytes, as far as the hub tells them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    pub files: BTreeMap<String, Option<u64>>,
}

impl Listing {
    /// No list is longer, in bytes.
    pub const LARGEST: u64 = 256 << 20;

    /// Where the list of the files in this folder is: beside `snapshots`, under the revision's name. `None` for folders of
    /// ModelScope's older tools.
    pub fn place(folder: &Path) -> Option<PathBuf> {
        let snapshots = folder.parent().filter(|parent| parent.ends_with("snapshots"))?;
        let revision = folder.file_name()?.to_str()?;
        Some(snapshots.with_file_name(format!(".corral-{revision}.json")))
    }

    /// `None` where the bytes are no list.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    pub fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Which of these files are not there, or of another length than listed; `length` is that of a file that is there.
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
