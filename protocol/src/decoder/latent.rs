//! DeepSeek-V2, V3 and R1: multi-head latent attention, and DeepSeek's mixture of experts.

use super::deepseek::{
    DEEPSEEK, DEEPSEEK_V3, GroupDefaults, ONE_GROUP, RouterDefaults, corrected, decoder, groups, routed,
};
use super::family::Family;
use super::keys::{Keys, Parsed, positive};
use super::plain::Plain;
use super::rope::{self, ROTARY_DEFAULTS, RotaryDefaults};
use super::{
    AttentionSpec, DecoderSpec, Divisor, GroupScore, LatentSpec, NormSpec, PositionSpec, RouterSpec, inverse_root,
};
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
        Some(Some("group_limited_greedy")) => groups(keys, ONE_GROUP, GroupScore::Best)?,
        Some(other) => {
            let other = other.unwrap_or("no text");
            return Err(says::unsupported("topk_method", other, "greedy, group_limited_greedy"));
        }
    };
    let scale = keys.number("routed_scaling_factor")?.unwrap_or(1.0);
    // transformers ignores `norm_topk_prob`; the published code divides by the sum, and scales only what it does not divide
    let (divisor, scale) = match keys.flag("norm_topk_prob") && keys.size("num_experts_per_tok")? > 1 {
        true => (Divisor::Sum { plus: 1e-20 }, 1.0),
        false => (Divisor::One, scale),
    };
    let router = RouterSpec {
        groups,
        divisor,
        scale,
        ..RouterSpec::softmax(false)
    };
    let experts = routed(keys, &plain, router)?;
    decoder(keys, &plain, &experts)
}

/// *DeepSeek-V3*, arXiv 2412.19437.
fn deepseek_v3(keys: &Keys) -> Parsed<DecoderSpec> {
    let plain = latent(keys, keys.flag_or("rope_interleave", true))?;
    let defaults = RouterDefaults {
        groups: GroupDefaults { count: 8, chosen: 4 },
        scale: 2.5,
    };
    let experts = routed(keys, &plain, corrected(keys, defaults)?)?;
    decoder(keys, &plain, &experts)
}

/// Latent attention; the last `qk_rope_head_dim` dimensions of each head are rotated.
fn latent(keys: &Keys, interleaved: bool) -> Parsed<Plain> {
    let plain = Plain::read(keys)?;
    let (still, turned) = (keys.size("qk_nope_head_dim")?, keys.size("qk_rope_head_dim")?);
    let rotary = RotaryDefaults {
        interleaved,
        ..ROTARY_DEFAULTS
    };
    let grown = grown(keys)?;
    let bias = keys.flag("attention_bias");
    Ok(Plain {
        attention: AttentionSpec {
            kv_heads: plain.attention.heads,
            head_dim: still + turned,
            value_dim: keys.size("v_head_dim")?,
            qkv_bias: bias,
            output_bias: bias,
            position: PositionSpec::Rotary(rope::rotary(keys, turned, rotary, "full_attention")?),
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

/// YaRN's magnitude by `mscale_all_dim`, once for queries and once for keys; 1 without.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decoder::{MlpSpec, ModelSpec};

    #[test]
    fn weights_of_deepseek_v2_are_divided_by_their_sum_or_scaled() {
        let router = |more: &str| {
            let config = CONFIG.replace("MORE", more);
            let model = ModelSpec::parse(&serde_json::from_str(&config).unwrap()).unwrap();
            match &model.decoder.blocks[0].mlp {
                MlpSpec::Experts(experts) => (experts.router.divisor, experts.router.scale),
                MlpSpec::Dense(_) => unreachable!(),
            }
        };
        assert_eq!(router(r#""num_experts_per_tok": 2"#), (Divisor::One, 16.0));
        let normalised = r#""num_experts_per_tok": 2, "norm_topk_prob": true"#;
        assert_eq!(router(normalised), (Divisor::Sum { plus: 1e-20 }, 1.0));
        let one = r#""num_experts_per_tok": 1, "norm_topk_prob": true"#;
        assert_eq!(router(one), (Divisor::One, 16.0));
    }

    const CONFIG: &str = r#"{"architectures": ["DeepseekV2ForCausalLM"], "hidden_size": 32, "intermediate_size": 48,
        "num_attention_heads": 4, "num_hidden_layers": 1, "vocab_size": 8, "rms_norm_eps": 1e-6, "qk_nope_head_dim": 8,
        "qk_rope_head_dim": 4, "v_head_dim": 8, "kv_lora_rank": 16, "q_lora_rank": null, "moe_intermediate_size": 12,
        "n_routed_experts": 4, "n_shared_experts": 1, "topk_method": "greedy", "routed_scaling_factor": 16.0, MORE}"#;
}
