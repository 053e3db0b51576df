//! OPT, MPT and Falcon: decoders of 2022 and 2023 with their own names of tensors.

use super::family::Family;
use super::gpt::MEGATRON_MLP;
use super::keys::{Keys, OtherNames, Parsed};
use super::layout::{Fused, RowOrder};
use super::plain::{Defaults, Plain};
use super::weight_map::{LLAMA, NetworkNames, QKV, WeightMap};
use super::{
    Activation, AlibiSpec, AttentionSpec, BlockNorms, BlockSpec, DecoderSpec, EmbeddingSpec, LearnedPositions,
    NormSpec, PositionSpec, Residual,
};
use crate::says;
use serde_json::Value;

pub const FAMILIES: &[Family] = &[
    Family::new("OPTForCausalLM", "OPT", opt, OPT)
        .keys(&[("intermediate_size", "ffn_dim"), ("hidden_act", "activation_function")]),
    Family::new("MptForCausalLM", "MPT", mpt, MPT).keys(MPT_KEYS),
    Family::new(
        "FalconForCausalLM",
        "Falcon 7B, 11B, 40B, 180B, RW",
        falcon,
        FALCON_TWO_NORMS,
    )
    .template("falcon")
    .keys(FALCON_KEYS)
    .form("two norms", falcon_has_two_norms),
    Family::new("FalconForCausalLM", "Falcon 7B, 11B, 40B, 180B, RW", falcon, FALCON)
        .template("falcon")
        .keys(FALCON_KEYS),
];

const OPT: WeightMap = WeightMap {
    embedding: "model.decoder.embed_tokens",
    positions: "model.decoder.embed_positions",
    project_in: "model.decoder.project_in",
    blocks: "model.decoder.layers",
    attention_norm: "self_attn_layer_norm",
    after_attention_norm: "self_attn_layer_norm",
    mlp_norm: "final_layer_norm",
    after_mlp_norm: "final_layer_norm",
    output: "self_attn.out_proj",
    dense: NetworkNames {
        up: "fc1",
        down: "fc2",
        ..LLAMA.dense
    },
    final_norm: "model.decoder.final_layer_norm",
    project_out: "model.decoder.project_out",
    ..LLAMA
};

const MPT: WeightMap = WeightMap {
    embedding: "transformer.wte",
    blocks: "transformer.blocks",
    attention_norm: "norm_1",
    mlp_norm: "norm_2",
    output: "attn.out_proj",
    dense: NetworkNames {
        up: "ffn.up_proj",
        down: "ffn.down_proj",
        ..LLAMA.dense
    },
    final_norm: "transformer.norm_f",
    fused: &[Fused {
        module: "attn.Wqkv",
        parts: QKV,
        order: RowOrder::Stacked,
    }],
    ..LLAMA
};

/// With a single head of keys and values, `ByGroup` is all rows of queries, then those of key and value; with one for each
/// query head, it is head by head.
const FALCON: WeightMap = WeightMap {
    embedding: "transformer.word_embeddings",
    blocks: "transformer.h",
    output: "self_attention.dense",
    dense: MEGATRON_MLP,
    final_norm: "transformer.ln_f",
    fused: &[Fused {
        module: "self_attention.query_key_value",
        parts: QKV,
        order: RowOrder::ByGroup,
    }],
    ..LLAMA
};

const FALCON_TWO_NORMS: WeightMap = WeightMap {
    attention_norm: "ln_attn",
    mlp_norm: "ln_mlp",
    ..FALCON
};

const MPT_KEYS: OtherNames = &[
    ("hidden_size", "d_model"),
    ("num_hidden_layers", "n_layers"),
    ("num_attention_heads", "n_heads"),
    ("max_position_embeddings", "max_seq_len"),
];

const FALCON_KEYS: OtherNames = &[
    ("hidden_size", "n_embed"),
    ("num_hidden_layers", "n_layer"),
    ("num_attention_heads", "n_head"),
    ("num_key_value_heads", "num_kv_heads"),
    ("intermediate_size", "ffn_hidden_size"),
    ("hidden_act", "activation"),
];

/// *OPT*, arXiv 2205.01068. The model of 350 million parameters has its norms after attention and MLP, and narrower embeddings.
fn opt(keys: &Keys) -> Parsed<DecoderSpec> {
    if !keys.flag_or("layer_norm_elementwise_affine", true) {
        return Err(says::unsupported("layer_norm_elementwise_affine", false, "true"));
    }
    let defaults = Defaults {
        activation: Activation::Relu,
        tied: true,
        ..Defaults::gpt()
    };
    let mut plain = Plain::with_defaults(keys, defaults)?;
    let bias = keys.flag_or("enable_bias", true);
    plain.attention = AttentionSpec {
        qkv_bias: bias,
        output_bias: bias,
        position: PositionSpec::None,
        ..plain.attention
    };
    plain.network.bias = bias;
    let before = keys.flag_or("do_layer_norm_before", true);
    let mut block = plain.block(None, plain.dense());
    if !before {
        block.residual = Residual::PostNorm;
        block.norms = BlockNorms {
            after_attention: block.norms.before_attention.take(),
            after_mlp: block.norms.before_mlp.take(),
            ..BlockNorms::default()
        };
    }
    let decoder = plain.decoder_of(block);
    Ok(DecoderSpec {
        embedding: EmbeddingSpec {
            width: keys.optional_size("word_embed_proj_dim")?.unwrap_or(plain.hidden),
            positions: Some(LearnedPositions {
                count: keys.size("max_position_embeddings")?,
                offset: 2,
            }),
            ..decoder.embedding
        },
        norm: decoder
            .norm
            .filter(|_| before && !keys.flag("_remove_final_layer_norm")),
        ..decoder
    })
}

/// *MPT-7B*: no bias anywhere.
fn mpt(keys: &Keys) -> Parsed<DecoderSpec> {
    let four = 4;
    if let Some(times) = keys
        .get("expansion_ratio")
        .filter(|times| times.as_u64() != Some(four as u64))
    {
        return Err(says::unsupported("expansion_ratio", times, four));
    }
    if !keys.flag_or("no_bias", true) {
        return Err(says::unsupported("no_bias", false, "true"));
    }
    if let Some(scale) = keys.get("logit_scale") {
        return Err(says::unsupported("logit_scale", scale, "null"));
    }
    let defaults = Defaults {
        norm: NormSpec {
            bias: false,
            ..NormSpec::layer(1e-5)
        },
        activation: Activation::Gelu,
        mlp_ratio: Some(four),
        tied: true,
        ..Defaults::gpt()
    };
    let mut plain = Plain::with_defaults(keys, defaults)?;
    plain.attention.position = PositionSpec::Alibi(AlibiSpec::Plain);
    if let Some(Value::Object(inner)) = keys.get("attn_config") {
        let inner = Keys::new(inner);
        inner.must_be_off("qk_ln")?;
        inner.must_be_off("prefix_lm")?;
        if !inner.flag_or("alibi", true) {
            return Err(says::unsupported("alibi", false, "true"));
        }
        plain.attention.clip = inner.number("clip_qkv")?;
        if let Some(scale) = inner.number("softmax_scale")? {
            plain.attention.scale = scale;
        }
    }
    Ok(plain.decoder_of(plain.block(None, plain.dense())))
}

/// *The Falcon Series of Open Language Models*, arXiv 2311.16867.
fn falcon(keys: &Keys) -> Parsed<DecoderSpec> {
    let defaults = Defaults {
        activation: Activation::Gelu,
        mlp_ratio: Some(4),
        tied: true,
        ..Defaults::gpt()
    };
    let newer = keys.flag("new_decoder_architecture");
    let mut plain = Plain::with_defaults(keys, defaults)?;
    if !newer {
        plain.attention.kv_heads = match keys.flag_or("multi_query", true) {
            true => 1,
            false => plain.attention.heads,
        };
    }
    let bias = keys.flag("bias");
    (plain.attention.qkv_bias, plain.attention.output_bias) = (bias, bias);
    plain.network.bias = bias;
    if keys.flag("alibi") {
        plain.attention.position = PositionSpec::Alibi(AlibiSpec::Rounded);
    }
    let parallel = newer || keys.flag_or("parallel_attn", true);
    Ok(plain.decoder_of(match (parallel, falcon_has_two_norms(keys)) {
        (false, _) => plain.block(None, plain.dense()),
        (true, false) => plain.parallel(),
        (true, true) => BlockSpec {
            residual: Residual::Parallel,
            ..plain.block(None, plain.dense())
        },
    }))
}

/// Whether attention and MLP, which run in parallel, have a norm each.
fn falcon_has_two_norms(keys: &Keys) -> bool {
    let newer = keys.flag("new_decoder_architecture");
    let parallel = newer || keys.flag_or("parallel_attn", true);
    match keys.get("num_ln_in_parallel_attn").and_then(Value::as_u64) {
        Some(count) => parallel && count == 2,
        None => newer,
    }
}
