//! The table of decoder families: what one architecture does differently; the block itself is the same.
use super::experts::{MIXTRAL, Names, QWEN2};

/// A row of the table.
#[derive(Debug)]
pub struct Family {
    /// as `architectures` in `config.json` names it
    pub architecture: &'static str,
    /// biases on q, k, v that the configuration does not mention
    pub(super) qkv_bias: bool,
    /// `attention_bias` and `mlp_bias` are read
    pub(super) bias_keys: bool,
    /// RMS norm on every head of q and k
    pub(super) qk_norm: bool,
    /// `sliding_window` applies only where `use_sliding_window` says so
    pub(super) window_switch: bool,
    pub(super) tied_by_default: bool,
    /// what a family with experts calls them
    pub(super) experts: Option<&'static Names>,
}

pub(super) const FAMILIES: &[Family] = &[
    Family {
        architecture: "LlamaForCausalLM",
        qkv_bias: false,
        bias_keys: true,
        qk_norm: false,
        window_switch: true, // has no window of its own
        tied_by_default: false,
        experts: None,
    },
    Family {
        architecture: "MistralForCausalLM",
        qkv_bias: false,
        bias_keys: false,
        qk_norm: false,
        window_switch: false,
        tied_by_default: false,
        experts: None,
    },
    Family {
        architecture: "Qwen2ForCausalLM",
        qkv_bias: true,
        bias_keys: false,
        qk_norm: false,
        window_switch: true,
        tied_by_default: false,
        experts: None,
    },
    Family {
        architecture: "Qwen3ForCausalLM",
        qkv_bias: false,
        bias_keys: true,
        qk_norm: true,
        window_switch: true,
        tied_by_default: false,
        experts: None,
    },
    Family {
        architecture: "MixtralForCausalLM",
        qkv_bias: false,
        bias_keys: false,
        qk_norm: false,
        window_switch: false,
        tied_by_default: false,
        experts: Some(&MIXTRAL),
    },
    Family {
        architecture: "Qwen2MoeForCausalLM",
        qkv_bias: true,
        bias_keys: false,
        qk_norm: false,
        window_switch: true,
        tied_by_default: false,
        experts: Some(&QWEN2),
    },
];

/// The architectures that can be trained, for messages.
pub fn supported() -> String {
    FAMILIES.iter().map(|f| f.architecture).collect::<Vec<_>>().join(", ")
}
