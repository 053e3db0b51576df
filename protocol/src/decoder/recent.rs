//! GLM, SmolLM3 and HunYuan: Llama's block with other rotary embeddings.

use super::family::Family;
use super::keys::{Keys, Parsed};
use super::plain::{Defaults, Plain};
use super::rope::{ROTARY_DEFAULTS, RotaryDefaults};
use super::weight_map::{LLAMA, WeightMap, stacked_gate_up};
use super::{AttentionSpec, BlockNorms, BlockSpec, DecoderSpec, NormSpec, NormedOver, PositionSpec, QkNorm};
use crate::says;
use serde_json::Value;

pub const FAMILIES: &[Family] = &[
    Family::new("GlmForCausalLM", "GLM-4 (hf)", glm, GLM).template("glm4"),
    Family::new("Glm4ForCausalLM", "GLM-4-0414", glm4, GLM4).template("glm4"),
    Family::new("SmolLM3ForCausalLM", "SmolLM3", smollm3, LLAMA),
    Family::new("HunYuanDenseV1ForCausalLM", "Hunyuan (dense)", hunyuan, HUNYUAN).template("hunyuan"),
];

const GLM: WeightMap = WeightMap {
    fused: &[stacked_gate_up("mlp.gate_up_proj")],
    ..LLAMA
};

const GLM4: WeightMap = WeightMap {
    after_attention_norm: "post_self_attn_layernorm",
    after_mlp_norm: "post_mlp_layernorm",
    ..GLM
};

pub const HUNYUAN: WeightMap = WeightMap {
    query_norm: "self_attn.query_layernorm",
    key_norm: "self_attn.key_layernorm",
    ..LLAMA
};

/// *ChatGLM: GLM-4 All Tools*, arXiv 2406.12793: half of each head is rotated, in pairs of neighbouring dimensions.
fn glm_plain(keys: &Keys) -> Parsed<Plain> {
    let defaults = Defaults {
        head_dim: Some(128),
        norm: NormSpec::rms(1.5625e-7),
        rotary: RotaryDefaults {
            fraction: 0.5,
            interleaved: true,
            ..ROTARY_DEFAULTS
        },
        ..Defaults::llama()
    };
    let mut plain = Plain::with_defaults(keys, defaults)?;
    plain.attention.qkv_bias = keys.flag("attention_bias");
    Ok(plain)
}

fn glm(keys: &Keys) -> Parsed<DecoderSpec> {
    let plain = glm_plain(keys)?;
    Ok(plain.decoder_of(plain.block(None, plain.dense())))
}

/// GLM-4-0414: norms after attention and MLP too.
fn glm4(keys: &Keys) -> Parsed<DecoderSpec> {
    let plain = glm_plain(keys)?;
    let block = plain.block(None, plain.dense());
    Ok(plain.decoder_of(BlockSpec {
        norms: BlockNorms {
            after_attention: Some(plain.norm.clone()),
            after_mlp: Some(plain.norm.clone()),
            ..block.norms
        },
        ..block
    }))
}

/// Every fourth layer has no positions: *RoPE to NoPE and Back Again*, arXiv 2501.18795.
fn smollm3(keys: &Keys) -> Parsed<DecoderSpec> {
    let defaults = Defaults {
        rotary: RotaryDefaults {
            theta: 2e6,
            ..ROTARY_DEFAULTS
        },
        tied: true,
        ..Defaults::llama()
    };
    let mut plain = Plain::with_defaults(keys, defaults)?;
    let bias = keys.flag("attention_bias");
    (plain.attention.qkv_bias, plain.attention.output_bias) = (bias, bias);
    plain.network.bias = keys.flag("mlp_bias");
    let windows = match keys.flag("use_sliding_window") {
        true => keys.windows(plain.layers, 0)?,
        false => vec![None; plain.layers],
    };
    let turns = rotary_layers(keys, plain.layers)?;
    let block = |(window, turns): (Option<usize>, bool)| {
        let mut block = plain.block(window, plain.dense());
        if !turns {
            block.attention.position = PositionSpec::None;
        }
        block
    };
    Ok(plain.decoder(windows.into_iter().zip(turns).map(block).collect()))
}

/// Which layers have rotary embedding: those that are not 0 in `no_rope_layers`, or else all but every fourth.
pub fn rotary_layers(keys: &Keys, layers: usize) -> Parsed<Vec<bool>> {
    let Some(list) = keys.get("no_rope_layers").filter(|list| **list != Value::Array(vec![])) else {
        let every = keys.optional_size("no_rope_layer_interval")?.unwrap_or(4);
        return Ok((1..=layers).map(|i| !i.is_multiple_of(every)).collect());
    };
    let flags = list.as_array().filter(|list| list.len() == layers);
    let flags = flags.and_then(|list| list.iter().map(Value::as_u64).collect::<Option<Vec<_>>>());
    match flags {
        Some(flags) => Ok(flags.into_iter().map(|flag| flag != 0).collect()),
        None => Err(says::must_be("no_rope_layers", list, says::numbers_of(layers))),
    }
}

/// *Hunyuan*: heads are normalised after they are rotated.
fn hunyuan(keys: &Keys) -> Parsed<DecoderSpec> {
    let plain = hunyuan_plain(keys)?;
    Ok(plain.decoder_of(plain.block(None, plain.dense())))
}

pub fn hunyuan_plain(keys: &Keys) -> Parsed<Plain> {
    let defaults = Defaults {
        norm: NormSpec::rms(1e-5),
        ..Defaults::llama()
    };
    let mut plain = Plain::with_defaults(keys, defaults)?;
    let bias = keys.flag("attention_bias");
    plain.attention = AttentionSpec {
        qkv_bias: bias,
        output_bias: bias,
        qk_norm: Some(QkNorm {
            norm: plain.norm.clone(),
            over: NormedOver::OneHead,
            after_rotary: true,
        }),
        ..plain.attention
    };
    Ok(plain)
}
