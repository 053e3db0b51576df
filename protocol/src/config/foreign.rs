//! Keys of other tools' files that a run config does not have, and how each is met.

use super::keys::KEYS;

/// Keys that mean something only to Python's tools: accepted, with one line of notice.
pub const PYTHON_ONLY: &[(&str, &str)] = &[
    ("use_unsloth", "Corral's own engine is used"),
    ("use_unsloth_gc", "saving or recomputing is chosen per layer by memory"),
    ("overwrite_cache", "tokenized data is not cached on disk"),
    ("preprocessing_num_workers", "tokenizing uses all cores"),
    ("preprocessing_batch_size", "rows are read one by one"),
    ("dataloader_num_workers", "there is no loader process"),
    ("dataloader_pin_memory", "there is no loader process"),
    ("dataloader_prefetch_factor", "there is no loader process"),
    ("dataloader_drop_last", "the last batch is always used"),
    ("remove_unused_columns", "unused columns are never loaded"),
    ("save_safetensors", "checkpoints are always safetensors"),
    ("report_to", "metrics are in the board and in events.jsonl"),
    ("plot_loss", "the board draws the curves"),
    ("logging_dir", "metrics are in output_dir/events.jsonl"),
    ("logging_strategy", "logging goes by logging_steps"),
    ("log_level", "the log is worker.log"),
    ("disable_tqdm", "the progress bar shows on a terminal only"),
    ("flash_attn", "Corral's own attention is used"),
    ("enable_liger_kernel", "Corral's own kernels are used"),
    (
        "gradient_checkpointing",
        "saving or recomputing is chosen per layer by memory",
    ),
    (
        "disable_gradient_checkpointing",
        "saving or recomputing is chosen per layer by memory",
    ),
    (
        "use_reentrant_gc",
        "saving or recomputing is chosen per layer by memory",
    ),
    ("upcast_layernorm", "norms are always computed in f32"),
    ("upcast_lmhead_output", "log-probs are always computed in f32"),
    ("pure_bf16", "see bf16"),
    ("tf32", "see bf16"),
    ("ddp_timeout", "the run uses one device"),
    ("ddp_find_unused_parameters", "the run uses one device"),
    ("ddp_backend", "the run uses one device"),
    ("local_rank", "the run uses one device"),
    ("trust_remote_code", "code of a model is never run"),
    ("use_fast_tokenizer", "tokenizer.json is always used"),
    ("split_special_tokens", "special tokens in a text are kept whole"),
    ("low_cpu_mem_usage", "weights are memory-mapped"),
    ("use_cache", "training needs no key-value cache"),
    ("include_num_input_tokens_seen", "tokens are always counted"),
    ("include_tokens_per_second", "tokens per second are always logged"),
    ("load_best_model_at_end", "checkpoint-best always names the best one"),
    ("metric_for_best_model", "checkpoint-best goes by eval_loss"),
    ("greater_is_better", "checkpoint-best goes by eval_loss"),
    ("prediction_loss_only", "evaluation keeps no logits"),
    ("data_seed", "the order goes by seed"),
    ("torch_compile", "there is no graph compiler"),
    ("full_determinism", "runs are always deterministic"),
    ("use_mps_device", "see device"),
    ("use_cpu", "see device"),
    ("no_cuda", "see device"),
    ("hf_hub_token", "set HF_TOKEN in the environment"),
    ("print_param_status", "see the log"),
    (
        "optim_target_modules",
        "galore_target and apollo_target name the layers",
    ),
    ("badam_verbose", "see the log"),
    ("badam_update_ratio", "it belongs to badam_mode: ratio, which is off"),
    ("badam_mask_mode", "it belongs to badam_mode: ratio, which is off"),
    ("push_to_hub", "nothing is ever uploaded"),
    ("tokenized_path", "tokenized data is not cached on disk"),
    ("eval_on_start", "there is always an evaluation before the first step"),
    ("eval_delay", "evaluation goes by eval_steps"),
    ("ignore_pad_token_for_loss", "there is no padding"),
    ("pad_to_multiple_of", "there is no padding"),
    ("buffer_size", "data is not streamed"),
    ("lora_bias", "biases stay frozen"),
    (
        "loraplus_lr_embedding",
        "embeddings train whole (additional_target), never by a low-rank term",
    ),
];

/// Keys for what is not built yet, with what they need; `false`, `0`, `none` and null are fine.
pub const NOT_BUILT: &[(&str, &str)] = &[
    (
        "galore_layerwise",
        "GaLore goes over all layers at once; gradients are accumulated",
    ),
    (
        "apollo_layerwise",
        "APOLLO goes over all layers at once; gradients are accumulated",
    ),
    (
        "optim_args",
        "write galore_rank, galore_update_interval, apollo_rank … as keys of their own",
    ),
    ("use_adam_mini", "Adam-mini is not there yet"),
    ("use_muon", "Muon is not there yet"),
    (
        "label_smoothing_factor",
        "label smoothing of the supervised loss is not there yet; for DPO use dpo_label_smoothing",
    ),
    (
        "rope_scaling",
        "scaling RoPE beyond the model's own config is not there yet",
    ),
    ("shift_attn", "shifted sparse attention is not there yet"),
    ("mixture_of_depths", "mixture of depths is not there yet"),
    ("resize_vocab", "resizing the vocabulary is not there yet"),
    ("add_tokens", "adding tokens is not there yet"),
    ("add_special_tokens", "adding tokens is not there yet"),
    ("streaming", "streaming data sets are not there yet"),
    (
        "mix_strategy",
        "interleaving data sets is not there yet; they are concatenated",
    ),
    (
        "interleave_probs",
        "interleaving data sets is not there yet; they are concatenated",
    ),
    ("tool_format", "tool calls are not there yet"),
    (
        "default_system",
        "a default system message is not there yet; put it in the data",
    ),
    ("enable_thinking", "switching the thinking mode is not there yet"),
    ("media_dir", "images, video and audio are not supported"),
    ("deepspeed", "training on several devices is not there yet"),
    ("fsdp", "training on several devices is not there yet"),
    ("fsdp_config", "training on several devices is not there yet"),
    ("predict_with_generate", "generating during evaluation is not there yet"),
    ("do_predict", "prediction is not there yet; see `corral evaluate`"),
    ("use_dft_loss", "the DFT loss is not there yet"),
    ("use_swanlab", "metrics are in the board"),
    ("compute_accuracy", "token accuracy is not there yet"),
    (
        "group_by_length",
        "batching by length is not there yet; there is no padding to save",
    ),
    ("early_stopping_steps", "early stopping is not there yet"),
];

/// How a key that is not in [`KEYS`] is met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Foreign {
    PythonOnly(&'static str),
    NotBuilt(&'static str),
    /// With the nearest key there is, when one is near.
    Unknown(Option<&'static str>),
}

/// Looks up a key that [`RunConfig`] does not have.
pub fn foreign(key: &str) -> Foreign {
    let find = |list: &'static [(&str, &str)]| list.iter().find(|(k, _)| *k == key).map(|(_, why)| *why);
    if let Some(why) = find(PYTHON_ONLY) {
        return Foreign::PythonOnly(why);
    }
    if let Some(why) = find(NOT_BUILT) {
        return Foreign::NotBuilt(why);
    }
    let nearest = KEYS
        .iter()
        .map(|k| (strsim::damerau_levenshtein(key, k.name), k.name))
        .min()
        .filter(|(distance, name)| *distance <= 1 + name.len() / 4)
        .map(|(_, name)| name);
    Foreign::Unknown(nearest)
}
