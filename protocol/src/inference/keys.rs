//! Which keys the verbs take that talk and merge.

/// Keys of `chat` and `api`.
pub const CHAT_KEYS: &[&str] = &[
    "model_name_or_path",
    "adapter_name_or_path",
    "model_revision",
    "cache_dir",
    "template",
    "tool_format",
    "default_system",
    "enable_thinking",
    "use_fast_tokenizer",
    "do_sample",
    "temperature",
    "top_p",
    "top_k",
    "max_new_tokens",
    "repetition_penalty",
    "quantization_bit",
    "quantization_method",
    "quantization_type",
    "double_quantization",
    "rope_scaling",
    "infer_backend",
    "infer_dtype",
    "finetuning_type",
    "stage",
    "trust_remote_code",
];

/// Keys of `export`.
pub const EXPORT_KEYS: &[&str] = &[
    "model_name_or_path",
    "adapter_name_or_path",
    "model_revision",
    "cache_dir",
    "template",
    "tool_format",
    "default_system",
    "enable_thinking",
    "use_fast_tokenizer",
    "rope_scaling",
    "export_dir",
    "export_size",
    "export_device",
    "export_legacy_format",
    "finetuning_type",
    "infer_backend",
    "infer_dtype",
    "stage",
    "trust_remote_code",
];

/// Keys that bound prompt and reply together, or by another name; at LLaMA-Factory's own 1024 they ask for nothing.
pub(super) const LENGTHS: &[&str] = &["max_length", "generation_max_length"];

/// Keys that a chat worker is told beside the model and its adapters, so that it loads and writes as the file says.
pub(super) const WORKER_KEYS: &[&str] = &[
    "model_revision",
    "cache_dir",
    "template",
    "tool_format",
    "default_system",
    "enable_thinking",
    "use_fast_tokenizer",
    "quantization_bit",
    "quantization_method",
    "quantization_type",
    "double_quantization",
    "rope_scaling",
];
