//! Data sets from a hub: the files of one subset and split, into the cache that Python's tools use.

use super::cache::folder;
use super::{Hub, HubError, broken, name_commit};
use protocol::data::Part;
use protocol::hub::is_name;
use std::path::PathBuf;

impl Hub {
    /// Fetches the files of a part of a data set, its card with them, and returns its folder. Blocks, as
    /// [`download`](Hub::download) does, and goes on as that.
    pub fn download_dataset(
        &self,
        name: &str,
        revision: Option<&str>,
        part: &Part,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<PathBuf, HubError> {
        // the oldest have no owner
        if !is_name(name) && !is_name(&format!("owner/{name}")) {
            return Err(HubError::Name(name.into()));
        }
        if self.offline {
            return Err(HubError::Offline { model: name.into() });
        }
        let revision = revision.unwrap_or("main");
        let listed = self.listing("datasets", name, revision)?;
        let all: Vec<String> = listed.siblings.into_iter().map(|sibling| sibling.rfilename).collect();
        let all: Vec<&str> = all.iter().map(String::as_str).filter(|file| is_inside(file)).collect();
        let repository = format!("datasets/{name}");
        let root = self.cache.join(folder(name).replacen("models--", "datasets--", 1));
        let snapshot = root.join("snapshots").join(&listed.sha);
        let mut card = String::new();
        if all.contains(&Part::CARD) {
            self.fetch_all(&repository, &root, &listed.sha, vec![Part::CARD.into()], &mut |_, _| ())?;
            let path = snapshot.join(Part::CARD);
            if path.metadata()?.len() <= Part::LARGEST_CARD {
                card = std::fs::read_to_string(path).map_err(|e| broken(Part::CARD, e))?;
            }
        }
        let chosen = part.files(&Part::card(&card), all.into_iter());
        let chosen = chosen.map_err(|why| HubError::DataSet { name: name.into(), why })?;
        let files = chosen.into_iter().map(str::to_owned).collect();
        self.fetch_all(&repository, &root, &listed.sha, files, progress)?;
        name_commit(&root, revision, &listed.sha)?;
        Ok(snapshot)
    }
}

impl Hub {
    /// Where the cache has a data set, if it has some of it.
    pub fn dataset(&self, name: &str) -> Option<PathBuf> {
        let root = self.cache.join(folder(name).replacen("models--", "datasets--", 1));
        is_inside(name).then_some(root).filter(|root| root.is_dir())
    }
}

/// Whether a name stays within its repository.
fn is_inside(file: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && part != "." && part != "..";
    file.split('/').all(plain) && !file.contains(['\\', '\0'])
}

/// A file's name as it stands in an address.
pub(super) fn address(file: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte);
    file.bytes().fold(String::new(), |mut text, byte| {
        match plain(byte) {
            true => text.push(char::from(byte)),
            false => text.push_str(&format!("%{byte:02X}")),
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_inside_and_are_written_into_addresses() {
        assert!(is_inside("data/train-0.parquet") && is_inside("日本 語.csv"));
        for out in ["../x.csv", "a/../../x.csv", "/etc/x.csv", "a//b.csv", "a\\b.csv", ""] {
            assert!(!is_inside(out), "{out}");
        }
        assert_eq!(address("a b/c%é?.csv"), "a%20b/c%25%C3%A9%3F.csv");
    }
}
