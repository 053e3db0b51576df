//! A decoder in the keys of GGUF's metadata: what `quant::gguf_config` reads, written.
//!
//! Source: llama.cpp, `conversion/`, `gguf-py/gguf/constants.py`, `src/models/`.
use super::rope;
use super::writer::{Metadata, Value};
use protocol::decoder::{
    AttentionSpec, DecoderSpec, Divisor, ExpertsSpec, GroupSpec, MlpSpec, NormKind, NormSpec, PositionSpec, Residual,
    RotarySpec, Scores, Span,
};

/// The keys of one architecture in the making.
pub struct Keys<'a> {
    architecture: &'a str,
    pub all: Metadata,
}

impl Keys<'_> {
    pub fn put(&mut self, key: &str, value: Value) {
        self.all.push((format!("{}.{key}", self.architecture), value));
    }

    pub fn size(&mut self, key: &str, size: usize) {
        self.put(key, Value::U32(u32::try_from(size).unwrap_or(u32::MAX)));
    }

    pub fn number(&mut self, key: &str, number: f64) {
        self.put(key, Value::F32(number as f32));
    }
}

/// What a file says of a decoder whose texts are at most `context` tokens long.
pub fn keys(architecture: &str, decoder: &DecoderSpec, context: usize) -> Metadata {
    let mut keys = Keys {
        architecture,
        all: vec![],
    };
    let Some(first) = decoder.blocks.first() else {
        return vec![];
    };
    keys.size("block_count", decoder.blocks.len());
    keys.size("context_length", context);
    keys.size("embedding_length", decoder.hidden);
    keys.size("feed_forward_length", network_width(architecture, decoder));
    keys.size("vocab_size", decoder.embedding.vocabulary);
    heads(&mut keys, &first.attention);
    if let Some(norm) = any_norm(decoder) {
        // so in llama.cpp, whatever norms that one has
        let key = match norm.kind {
            NormKind::Layer if architecture != "phimoe" => "attention.layer_norm_epsilon",
            _ => "attention.layer_norm_rms_epsilon",
        };
        keys.number(key, norm.epsilon);
    }
    windows(&mut keys, decoder);
    if let Some(rotary) = rotary(decoder) {
        rope::keys(&mut keys, rotary, &first.attention, context);
    }
    scales(&mut keys, decoder);
    if ["stablelm", "gptneox"].contains(&architecture) {
        let parallel = first.residual == Residual::Parallel;
        keys.put("use_parallel_residual", Value::Bool(parallel));
    }
    if let Some(experts) = decoder.experts() {
        of_experts(&mut keys, decoder, experts);
    }
    keys.all
}

/// The rotation that a file's keys are of: of layers that see all where these turn, since others have keys of their own.
pub fn rotary(decoder: &DecoderSpec) -> Option<&RotarySpec> {
    let of = |span: fn(Span) -> bool| {
        let blocks = decoder.blocks.iter().map(|block| &block.attention);
        let mut rotaries = blocks.filter(move |a| span(a.span)).filter_map(|a| match &a.position {
            PositionSpec::Rotary(rotary) => Some(rotary),
            _ => None,
        });
        rotaries.next()
    };
    of(|span| span == Span::All).or_else(|| of(|span| span != Span::All))
}

fn any_norm(decoder: &DecoderSpec) -> Option<&NormSpec> {
    let norms = &decoder.blocks.first()?.norms;
    let mut all = norms.all().into_iter().filter_map(|(_, norm)| norm);
    all.next().or(decoder.norm.as_ref())
}

/// How wide the inner layer is; of a model of nothing but experts, theirs.
fn network_width(architecture: &str, decoder: &DecoderSpec) -> usize {
    let dense = decoder.blocks.iter().find_map(|block| match &block.mlp {
        MlpSpec::Dense(network) => Some(network.width),
        MlpSpec::Experts(_) => None,
    });
    let width = dense.or_else(|| Some(decoder.experts()?.expert.width)).unwrap_or(0);
    // which counts gate and up together
    if architecture == "qwen" { 2 * width } else { width }
}

fn heads(keys: &mut Keys, a: &AttentionSpec) {
    let absorbed = keys.architecture == "deepseek2";
    keys.size("attention.head_count", a.heads);
    let Some(latent) = &a.latent else {
        keys.size("attention.head_count_kv", a.kv_heads);
        keys.size("attention.key_length", a.head_dim);
        keys.size("attention.value_length", a.value_dim);
        return;
    };
    // all heads look into one latent there
    keys.size("attention.head_count_kv", if absorbed { 1 } else { a.heads });
    if let Some(rank) = latent.query_rank {
        keys.size("attention.q_lora_rank", rank);
    }
    keys.size("attention.kv_lora_rank", latent.rank);
    if absorbed {
        let turned = a.head_dim - a.before_rotary();
        keys.size("attention.key_length", latent.rank + turned);
        keys.size("attention.value_length", latent.rank);
        keys.size("attention.key_length_mla", a.head_dim);
        keys.size("attention.value_length_mla", a.value_dim);
    } else {
        keys.size("attention.key_length", a.head_dim);
    }
}

/// Architectures whose files say of windows.
const WINDOWED: [&str; 7] = ["gemma2", "gemma3", "cohere2", "phi3", "phimoe", "gpt-oss", "olmo2"];

fn windows(keys: &mut Keys, decoder: &DecoderSpec) {
    let windowed = |span: Span| match span {
        Span::Window(window) => Some(window),
        _ => None,
    };
    let all = || decoder.blocks.iter().map(|block| &block.attention);
    let found = all().find_map(|a| Some((windowed(a.span)?, a)));
    if !WINDOWED.contains(&keys.architecture) {
        return;
    }
    match found {
        Some((window, a)) => {
            keys.size("attention.sliding_window", window);
            if let (PositionSpec::Rotary(rotary), "gemma3" | "olmo2") = (&a.position, keys.architecture) {
                keys.number("rope.freq_base_swa", rotary.theta);
            }
            if keys.architecture == "olmo2" {
                let pattern = all().map(|a| windowed(a.span).is_some()).collect();
                keys.put("attention.sliding_window_pattern", Value::Bools(pattern));
            }
        }
        // without it llama.cpp takes a window for granted
        None if keys.architecture == "phi3" => keys.size("attention.sliding_window", 0),
        None => {}
    }
}

/// Multipliers, bounds of scores and logits.
fn scales(keys: &mut Keys, decoder: &DecoderSpec) {
    let Some(block) = decoder.blocks.first() else { return };
    let a = &block.attention;
    match keys.architecture {
        "granite" | "granitemoe" | "minicpm" => {
            if keys.architecture != "minicpm" {
                keys.number("attention.scale", a.scale);
            }
            keys.number("embedding_scale", decoder.embedding.scale);
            keys.number("residual_scale", block.branch_scale);
            keys.number("logit_scale", 1.0 / decoder.head.scale);
        }
        "command-r" | "cohere2" => keys.number("logit_scale", decoder.head.scale),
        "olmo" | "mpt" => {
            if let Some(clip) = a.clip {
                keys.number("attention.clamp_kqv", clip);
            }
        }
        _ => {}
    }
    if keys.architecture == "mpt" {
        keys.number("attention.max_alibi_bias", 8.0);
    }
    if let ("gemma2", Some(cap)) = (keys.architecture, a.soft_cap) {
        keys.number("attn_logit_softcapping", cap);
    }
    if let ("gemma2" | "gemma3", Some(cap)) = (keys.architecture, decoder.head.soft_cap) {
        keys.number("final_logit_softcapping", cap);
    }
}

fn of_experts(keys: &mut Keys, decoder: &DecoderSpec, experts: &ExpertsSpec) {
    /// llama.cpp's numbers of what makes scores of a router's logits.
    const SOFTMAX: usize = 1;
    const SIGMOID: usize = 2;
    let width = experts.expert.width;
    let sparse: Vec<usize> = (0..decoder.blocks.len())
        .filter(|block| decoder.blocks[*block].mlp.experts().is_some())
        .collect();
    let dense_first = sparse.first().copied().unwrap_or(0);
    let shared = experts.shared_network().map(|network| network.width);
    keys.size("expert_count", experts.count);
    keys.size("expert_used_count", experts.top_k);
    let architecture = keys.architecture;
    if !["llama", "granitemoe", "phimoe", "olmoe"].contains(&architecture) {
        keys.size("expert_feed_forward_length", width);
    }
    match architecture {
        "qwen2moe" => keys.size("expert_shared_feed_forward_length", shared.unwrap_or(0)),
        "hunyuan-moe" => {
            keys.size("expert_shared_feed_forward_length", width);
            keys.size("expert_shared_count", shared.unwrap_or(0) / width.max(1));
        }
        "llama4" => keys.size("interleave_moe_layer_step", dense_first + 1),
        "ernie4_5-moe" => {
            let step = match sparse[..] {
                [one, two, ..] => two - one,
                _ => 1,
            };
            keys.size("interleave_moe_layer_step", step);
            keys.size("leading_dense_block_count", dense_first);
            keys.size("expert_shared_count", shared.unwrap_or(0) / width.max(1));
            keys.size("expert_shared_feed_forward_length", width);
        }
        "deepseek" | "deepseek2" | "glm4moe" => {
            keys.size("leading_dense_block_count", dense_first);
            if let Some(shared) = shared {
                keys.size("expert_shared_count", shared / width.max(1));
            }
            let sigmoid = experts.router.scores == Scores::Sigmoid;
            keys.size("expert_gating_func", if sigmoid { SIGMOID } else { SOFTMAX });
            keys.number("expert_weights_scale", experts.router.scale);
            if let Some(GroupSpec { count, chosen, .. }) = experts.router.groups {
                keys.size("expert_group_count", count);
                keys.size("expert_group_used_count", chosen);
            }
            if experts.router.divisor != Divisor::One {
                keys.put("expert_weights_norm", Value::Bool(true));
            }
        }
        _ => {}
    }
}
