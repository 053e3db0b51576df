//! Whether a run may go on from a checkpoint: the config it was made with, beside the one that is asked for.

use crate::error::{Error, Result};
use crate::files;
use protocol::config::{KEYS, OnResume};
use protocol::{RunConfig, Said, run_dir, says};
use std::path::Path;

/// Compares the config in the checkpoint's run directory with the one asked for.
///
/// # Errors
/// The checkpoint's state is of something else than this config trains.
///
/// # Returns
/// What else has changed, to be told; nothing where it was made with the same, or nobody knows with what.
pub fn compare(checkpoint: &Path, asked: &RunConfig) -> Result<Option<Said>> {
    let Some(before) = checkpoint.parent().and_then(made_with) else {
        return Ok(None);
    };
    let asked = asked.completed();
    let changes = |kind: OnResume| {
        let keys = KEYS.iter().filter(|key| key.on_resume == kind);
        let told = keys.filter_map(|key| change(key.name, &before, &asked));
        told.collect::<Vec<_>>().join(", ")
    };
    let mut fixed = changes(OnResume::Fixed);
    if fixed.is_empty() && is_another_model(&before, &asked) {
        fixed = change("model_name_or_path", &before, &asked).unwrap_or_default();
    }
    if !fixed.is_empty() {
        return Err(Error::file(checkpoint, says::made_with_other_config(fixed)));
    }
    let others = changes(OnResume::Told);
    Ok((!others.is_empty()).then(|| says::goes_on_otherwise(others)))
}

/// The config of a run directory, complete.
fn made_with(run: &Path) -> Option<RunConfig> {
    let text = std::fs::read_to_string(run.join(run_dir::CONFIG)).ok()?;
    let parsed = RunConfig::parse(&text);
    parsed.errors.is_empty().then(|| parsed.config.completed())
}

/// `lora_rank 8 → 16`
fn change(name: &str, before: &RunConfig, asked: &RunConfig) -> Option<String> {
    let (before, asked) = (before.get(name), asked.get(name));
    let word = |value: Option<serde_json::Value>| match value {
        None => "–".to_owned(),
        Some(serde_json::Value::String(text)) => text,
        Some(value) => value.to_string(),
    };
    (before != asked).then(|| format!("{name} {} → {}", word(before), word(asked)))
}

/// Whether both models are there and say different things of themselves: one that was moved is the same.
fn is_another_model(before: &RunConfig, asked: &RunConfig) -> bool {
    let config = |of: &RunConfig| {
        let folder = of.model_name_or_path.as_deref()?;
        files::read_config(&Path::new(folder).join("config.json")).ok()
    };
    match (config(before), config(asked)) {
        (Some(before), Some(asked)) => before != asked,
        _ => false,
    }
}
