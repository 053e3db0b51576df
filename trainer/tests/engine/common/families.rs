//! The tiny folders of every family that another library wrote, with what it computed from them.
use super::here;
use std::path::PathBuf;

/// Every folder of a family, and the two mixtures of experts that LLaMA-Factory trained.
pub fn folders() -> Vec<PathBuf> {
    let root = here().join("../tests/golden/families");
    let models = ["mixtral", "qwen2moe"].map(|name| root.join("../models").join(name));
    let mut folders: Vec<_> = std::fs::read_dir(&root)
        .expect("golden values are part of the repository")
        .map(|entry| entry.unwrap().path())
        .chain(models)
        .filter(|path| path.join("expected.json").is_file())
        .collect();
    folders.sort();
    assert!(folders.len() >= 85, "only {} folders", folders.len());
    folders
}
