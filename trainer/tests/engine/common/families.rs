//! The tiny folders of every family that another library wrote, with what it computed from them.
use super::here;
use std::path::{Path, PathBuf};
use trainer::model::ModelConfig;

/// Every folder of a family that is computed, and the two mixtures of experts that LLaMA-Factory trained.
pub fn folders() -> Vec<PathBuf> {
    let root = here().join("../tests/golden/families");
    let models = ["mixtral", "qwen2moe"].map(|name| root.join("../models").join(name));
    let mut folders: Vec<_> = std::fs::read_dir(&root)
        .expect("golden values are part of the repository")
        .map(|entry| entry.unwrap().path())
        .chain(models)
        .filter(|path| path.join("expected.json").is_file() && is_computed(path))
        .collect();
    folders.sort();
    assert!(folders.len() >= 25, "only {} folders", folders.len());
    folders
}

fn is_computed(folder: &Path) -> bool {
    let Err(error) = ModelConfig::read(&folder.join("config.json")) else {
        return true;
    };
    // what is known is read
    assert!(error.to_string().contains("supported: LlamaForCausalLM"), "{error}");
    false
}
