//! Keys under older or other programs' names, and values that are another key's here.

use serde_json::Value;

/// An older name, or TRL's and PEFT's, and the key it stands for. The value is the same.
pub const RENAMED: &[(&str, &str)] = &[
    ("evaluation_strategy", "eval_strategy"),
    ("per_gpu_train_batch_size", "per_device_train_batch_size"),
    ("per_gpu_eval_batch_size", "per_device_eval_batch_size"),
    // LLaMA-Factory before 0.8
    ("dpo_beta", "pref_beta"),
    ("dpo_ftx", "pref_ftx"),
    ("dpo_loss", "pref_loss"),
    ("dpo_bco_weight", "pref_bco_weight"),
    ("orpo_beta", "pref_beta"),
    ("kto_beta", "pref_beta"),
    ("kto_ftx", "pref_ftx"),
    ("sft_packing", "packing"),
    ("neftune_alpha", "neftune_noise_alpha"),
    ("num_layer_trainable", "freeze_trainable_layers"),
    ("name_module_trainable", "freeze_trainable_modules"),
    ("checkpoint_dir", "adapter_name_or_path"),
    ("reward_model_checkpoint", "reward_model"),
    ("ref_model_checkpoint", "ref_model_adapters"),
    // TRL and PEFT
    ("beta", "pref_beta"),
    ("loss_type", "pref_loss"),
    ("label_smoothing", "dpo_label_smoothing"),
    ("desirable_weight", "kto_chosen_weight"),
    ("undesirable_weight", "kto_rejected_weight"),
    ("lora_r", "lora_rank"),
    ("lora_target_modules", "lora_target"),
    ("target_modules", "lora_target"),
    ("modules_to_save", "additional_target"),
];

/// A value that is another key's here, or another value of the same one.
pub struct Meant {
    pub key: &'static str,
    pub said: &'static str,
    means: (&'static str, &'static str),
}

/// Values that mean another line here, as they are written in a file.
pub const MEANT: &[Meant] = &[
    // Python's `false` where a choice may be "no"
    meant("save_strategy", "false", ("save_strategy", "no")),
    meant("eval_strategy", "false", ("eval_strategy", "no")),
    meant("logging_strategy", "false", ("logging_strategy", "no")),
    meant("use_cpu", "true", ("device", "cpu")),
    meant("no_cuda", "true", ("device", "cpu")),
    meant("adafactor", "true", ("optim", "adafactor")),
    meant("resume_lora_training", "true", ("create_new_adapter", "false")),
    meant("resume_lora_training", "false", ("create_new_adapter", "true")),
    meant("resume_lora_training", "null", ("create_new_adapter", "true")),
    meant(
        "include_num_input_tokens_seen",
        "all",
        ("include_num_input_tokens_seen", "true"),
    ),
    meant(
        "include_num_input_tokens_seen",
        "non_padding",
        ("include_num_input_tokens_seen", "true"),
    ),
    meant(
        "train_sampling_strategy",
        "group_by_length",
        ("group_by_length", "true"),
    ),
    meant("train_sampling_strategy", "sequential", ("disable_shuffling", "true")),
];

const fn meant(key: &'static str, said: &'static str, means: (&'static str, &'static str)) -> Meant {
    Meant { key, said, means }
}

/// What a key and value of a file mean here, where it is another line.
pub(super) fn translate(key: &str, value: &Value) -> Option<(&'static str, Value)> {
    if let Some((_, new)) = RENAMED.iter().find(|(old, _)| *old == key) {
        return Some((new, value.clone()));
    }
    let said = match value {
        Value::String(text) => text.trim().to_ascii_lowercase(),
        other => other.to_string(),
    };
    let found = MEANT.iter().find(|meant| meant.key == key && meant.said == said)?;
    let (key, value) = found.means;
    Some((key, Value::from(value)))
}
