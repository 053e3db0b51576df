//! Keys under older or other programs' names, and values that are another key's here.

use serde_json::{Value, json};

/// An older name, or TRL's and PEFT's, and the key it stands for. The value is the same.
const RENAMED: &[(&str, &str)] = &[
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

/// What a key and value of a file mean here: the same, another key, or nothing where a flag is off.
pub(super) fn translate(key: &str, value: &Value) -> Option<(&'static str, Value)> {
    if let Some((_, new)) = RENAMED.iter().find(|(old, _)| *old == key) {
        return Some((new, value.clone()));
    }
    let text = value.as_str().map(str::trim);
    let on = value == &json!(true) || text.is_some_and(|t| t.eq_ignore_ascii_case("true"));
    let off = value.is_null() || value == &json!(false) || text.is_some_and(|t| t.eq_ignore_ascii_case("false"));
    match (key, text) {
        // Python's `false` where a choice may be "no"
        ("save_strategy", _) if value == &json!(false) => Some(("save_strategy", json!("no"))),
        ("eval_strategy", _) if value == &json!(false) => Some(("eval_strategy", json!("no"))),
        ("logging_strategy", _) if value == &json!(false) => Some(("logging_strategy", json!("no"))),
        ("use_cpu" | "no_cuda", _) if on => Some(("device", json!("cpu"))),
        ("adafactor", _) if on => Some(("optim", json!("adafactor"))),
        ("resume_lora_training", _) if on || off => Some(("create_new_adapter", json!(off))),
        ("include_num_input_tokens_seen", Some("all" | "non_padding")) => {
            Some(("include_num_input_tokens_seen", json!(true)))
        }
        ("train_sampling_strategy", Some("group_by_length")) => Some(("group_by_length", json!(true))),
        ("train_sampling_strategy", Some("sequential")) => Some(("disable_shuffling", json!(true))),
        _ => None,
    }
}
