//! Copies of the tiny golden models, to be changed and loaded.

use super::{here, options};
use std::path::{Path, PathBuf};
use trainer::model::Model;

pub fn golden(name: &str) -> PathBuf {
    here().join("../tests/golden/families").join(name)
}

/// A folder of its own, removed at the end.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("corral-files-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn copy_of(name: &str, as_name: &str) -> Self {
        let folder = Self::new(as_name);
        for entry in std::fs::read_dir(golden(name)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                std::fs::copy(&path, folder.0.join(path.file_name().unwrap())).unwrap();
            }
        }
        folder
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

pub fn load(folder: &Path) -> Result<Model, String> {
    Model::load(folder, &options()).map_err(|error| error.to_string())
}
