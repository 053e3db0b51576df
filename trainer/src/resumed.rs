//! Whether a run may go on from a checkpoint: the config it was made with, beside the one that is asked for.

use crate::error::{Error, Result};
use crate::files;
use protocol::config::KEYS;
use protocol::{RunConfig, Said, run_dir, says};
use std::path::Path;

/// What the saved tensors are of. A state made with another value of one of these fits nothing, or something else.
const FIXED: &[&str] = &[
    "stage",
    "finetuning_type",
    "create_new_adapter",
    "train_from_scratch",
    "lora_target",
    "lora_rank",
    "lora_alpha",
    "use_rslora",
    "use_dora",
    "pissa_init",
    "oft_block_size",
    "oft_rank",
    "oft_target",
    "additional_target",
    "freeze_trainable_layers",
    "freeze_trainable_modules",
    "freeze_extra_modules",
    "use_llama_pro",
    "optim",
    "use_galore",
    "galore_target",
    "galore_rank",
    "galore_proj_type",
    "use_apollo",
    "apollo_target",
    "apollo_rank",
    "apollo_proj",
    "apollo_proj_type",
    "use_badam",
];

/// What may change from one start to the next without changing a step: how long, how often, where, and what is compared
/// by other means (the model, rows and template).
const FREE: &[&str] = &[
    "model_name_or_path",
    "model_revision",
    "cache_dir",
    "adapter_name_or_path",
    "do_train",
    "do_eval",
    "ref_model",
    "ref_model_adapters",
    "reward_model",
    "reward_model_adapters",
    "precompute_ref_log_probs",
    "dataset",
    "eval_dataset",
    "dataset_dir",
    "template",
    "tokenized_path",
    "pair_marks",
    "max_samples",
    "streaming",
    "buffer_size",
    "mix_strategy",
    "interleave_probs",
    "val_size",
    "output_dir",
    "overwrite_output_dir",
    "run_name",
    "report_to",
    "logging_dir",
    "project",
    "use_swanlab",
    "swanlab_project",
    "swanlab_run_name",
    "swanlab_workspace",
    "swanlab_logdir",
    "per_device_eval_batch_size",
    "num_train_epochs",
    "max_steps",
    "logging_strategy",
    "logging_steps",
    "logging_first_step",
    "save_strategy",
    "save_steps",
    "save_total_limit",
    "save_only_model",
    "eval_strategy",
    "eval_steps",
    "eval_delay",
    "metric_for_best_model",
    "greater_is_better",
    "load_best_model_at_end",
    "early_stopping_steps",
    "compute_accuracy",
    "include_num_input_tokens_seen",
    "resume_from_checkpoint",
    "device",
    "activation_memory",
];

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
    let changes = |of: &dyn Fn(&str) -> bool| {
        let keys = KEYS.iter().map(|key| key.name).filter(|name| of(name));
        let told = keys.filter_map(|name| change(name, &before, &asked));
        told.collect::<Vec<_>>().join(", ")
    };
    let mut fixed = changes(&|name| FIXED.contains(&name));
    if fixed.is_empty() && is_another_model(&before, &asked) {
        fixed = change("model_name_or_path", &before, &asked).unwrap_or_default();
    }
    if !fixed.is_empty() {
        return Err(Error::file(checkpoint, says::made_with_other_config(fixed)));
    }
    let others = changes(&|name| !FIXED.contains(&name) && !FREE.contains(&name));
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
