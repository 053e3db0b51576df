//! DeepSeek-V2, V3 and R1: queries, keys and values out of latents, over the mixtures of their kin.

use super::deepseek::{Assumption, DEEPSEEK, DEEPSEEK_V3, corrected, decoder, groups, routed};
use super::family::Family;
use super::keys::{Keys, Parsed, positive};
use super::plain::Plain;
use super::rope::{self, TURNING, Turning};
use super::{AttentionSpec, DecoderSpec, GroupScore, LatentSpec, NormSpec, PositionSpec, RouterSpec, inverse_root};
use crate::says;
use serde_json::Value;

pub const FAMILIES: &[Family] = &[
    Family::new("DeepseekV2ForCausalLM", "DeepSeek-V2", deepseek_v2, DEEPSEEK).template("deepseek"),
    Family::new("DeepseekV3ForCausalLM", "DeepSeek-V3, R1", deepseek_v3, DEEPSEEK_V3).template("deepseek3"),
];

/// *DeepSeek-V2*, arXiv 2405.04434.
fn deepseek_v2(keys: &Keys) -> Parsed<DecoderSpec> {
    let mut plain = latent(keys, true)?;
    plain.network.bias = keys.flag("mlp_bias");
    let groups = match keys.get("topk_method").map(|value| value.as_str()) {
        None | Some(Some("greedy")) => None,
        Some(Some("group_limited_greedy")) => groups(keys, (1, 1), GroupScore::Best)?,
        Some(other) => {
            let other = other.unwrap_or("no text");
            return Err(says::unsupported("topk_method", other, "greedy, group_limited_greedy"));
        }
    };
    let router = RouterSpec {
        groups,
        scale: keys.number("routed_scaling_factor")?.unwrap_or(1.0),
        ..RouterSpec::softmax(false)
    };
    let experts = routed(keys, &plain, router)?;
    decoder(keys, &plain, &experts)
}

/// *DeepSeek-V3*, arXiv 2412.19437.
fn deepseek_v3(keys: &Keys) -> Parsed<DecoderSpec> {
    let plain = latent(keys, keys.flag_or("rope_interleave", true))?;
    let assumed = Assumption {
        groups: (8, 4),
        scale: 2.5,
    };
    let experts = routed(keys, &plain, corrected(keys, assumed)?)?;
    decoder(keys, &plain, &experts)
}

/// Attention out of latents; a head's last `qk_rope_head_dim` dimensions turn.
fn latent(keys: &Keys, interleaved: bool) -> Parsed<Plain> {
    let plain = Plain::read(keys)?;
    let (still, turned) = (keys.size("qk_nope_head_dim")?, keys.size("qk_rope_head_dim")?);
    let turning = Turning { interleaved, ..TURNING };
    let grown = grown(keys)?;
    let bias = keys.flag("attention_bias");
    Ok(Plain {
        attention: AttentionSpec {
            kv_heads: plain.attention.heads,
            head_dim: still + turned,
            value_dim: keys.size("v_head_dim")?,
            qkv_bias: bias,
            output_bias: bias,
            position: PositionSpec::Rotary(rope::rotary(keys, turned, turning, "full_attention")?),
            scale: inverse_root(still + turned) * grown * grown,
            latent: Some(LatentSpec {
                query_rank: keys.optional_size("q_lora_rank")?,
                rank: keys.size("kv_lora_rank")?,
                norm: NormSpec::rms(1e-6),
            }),
            ..plain.attention
        },
        ..plain
    })
}

/// With YaRN and `mscale_all_dim`, what grows scores twice over.
fn grown(keys: &Keys) -> Parsed<f64> {
    let object = ["rope_parameters", "rope_scaling"].iter().find_map(|key| keys.get(key));
    let get = |key: &'static str| match object.and_then(|object| object.get(key)) {
        None | Some(Value::Null) => Ok(None),
        // as where it is absent
        Some(value) if value.as_f64() == Some(0.0) && key == "mscale_all_dim" => Ok(None),
        Some(value) => positive(value, key).map(Some),
    };
    let kind = ["rope_type", "type"].iter().find_map(|key| object?.get(key)?.as_str());
    Ok(match (kind, get("factor")?, get("mscale_all_dim")?) {
        (Some("yarn"), Some(factor), Some(weight)) if factor > 1.0 => 0.1 * weight * factor.ln() + 1.0,
        _ => 1.0,
    })
}
