//! The tiny folders of every family that another library wrote, with what it computed from them.
use super::here;
use super::passes::Passes;
use serde_json::Value;
use std::path::PathBuf;
use trainer::model::{ForwardOptions, Model};
use trainer::plan::{Plan, SeqTokens};

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

/// The sum of the log-probs of each reply of a folder's `expected.json`.
pub fn reply_logps(model: &mut Model, expected: &Value) -> Vec<f64> {
    let prompt = expected["prompt_tokens"].as_u64().unwrap() as usize;
    let ids = |ids: &Value| {
        ids.as_array()
            .unwrap()
            .iter()
            .map(|id| id.as_u64().unwrap() as u32)
            .collect()
    };
    let sequences: Vec<Vec<u32>> = expected["sequences"].as_array().unwrap().iter().map(ids).collect();
    let counts = sequences.iter().map(|s| (0..s.len()).map(|t| t >= prompt).collect());
    let counts: Vec<Vec<bool>> = counts.collect();
    let sequences = sequences.iter().zip(&counts);
    let sequences: Vec<_> = sequences.map(|(tokens, counts)| SeqTokens { tokens, counts }).collect();
    let plan = Plan::sequences(&sequences).unwrap();
    let scored = model.forward_over(&plan, ForwardOptions::policy()).unwrap();
    plan.sum_by_sequence(&scored.logps)
}
