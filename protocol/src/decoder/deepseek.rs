//! DeepSeek's mixtures of experts and those modelled on them: dense first layers, and shared experts.

use super::experts::{chosen, experts_where};
use super::family::Family;
use super::keys::{Keys, Parsed};
use super::llama::ernie_plain;
use super::plain::{Defaults, Plain};
use super::rope::{ROTARY_DEFAULTS, RotaryDefaults};
use super::weight_map::{LLAMA, WeightMap};
use super::{
    AttentionSpec, DecoderSpec, Divisor, ExpertsSpec, GroupScore, GroupSpec, NetworkSpec, NormSpec, NormedOver,
    Parameter, QkNorm, RopeType, RouterSpec, Scores, SharedSpec,
};
use crate::says;
use serde_json::Value;

pub const FAMILIES: &[Family] = &[
    Family::new("DeepseekForCausalLM", "DeepSeek-MoE", deepseek, DEEPSEEK)
        .template("deepseek")
        .rope_types(&[RopeType::Linear, RopeType::Dynamic]),
    Family::new("Glm4MoeForCausalLM", "GLM-4.5", glm4_moe, DEEPSEEK_V3).template("glm4_moe"),
    Family::new("Ernie4_5_MoeForCausalLM", "ERNIE 4.5 MoE", ernie_moe, ERNIE_MOE)
        .template("ernie_nothink")
        .keys(&[("num_experts", "moe_num_experts"), ("num_experts_per_tok", "moe_k")])
        .router_loss(0.001),
];

pub const DEEPSEEK: WeightMap = WeightMap {
    router_is_linear: false,
    shared: "mlp.shared_experts",
    ..LLAMA
};

pub const DEEPSEEK_V3: WeightMap = WeightMap {
    correction: Parameter {
        path: "mlp.gate.e_score_correction_bias",
        dims: 1,
    },
    ..DEEPSEEK
};

const ERNIE_MOE: WeightMap = WeightMap {
    correction: Parameter {
        path: "mlp.moe_statics.e_score_correction_bias",
        dims: 2,
    },
    ..DEEPSEEK
};

/// *DeepSeekMoE*, arXiv 2401.06066.
fn deepseek(keys: &Keys) -> Parsed<DecoderSpec> {
    let mut plain = Plain::read(keys)?;
    let bias = keys.flag("attention_bias");
    (plain.attention.qkv_bias, plain.attention.output_bias) = (bias, bias);
    scores_are(keys, "softmax")?;
    let experts = routed(keys, &plain, RouterSpec::softmax(keys.flag("norm_topk_prob")))?;
    decoder(keys, &plain, &experts)
}

/// *GLM-4.5*, arXiv 2508.06471: the router of DeepSeek-V3 with ordinary attention.
fn glm4_moe(keys: &Keys) -> Parsed<DecoderSpec> {
    let defaults = Defaults {
        norm: NormSpec::rms(1e-5),
        rotary: RotaryDefaults {
            fraction: 0.5,
            ..ROTARY_DEFAULTS
        },
        ..Defaults::llama()
    };
    let mut plain = Plain::with_defaults(keys, defaults)?;
    plain.attention = AttentionSpec {
        qkv_bias: keys.flag("attention_bias"),
        qk_norm: keys.flag("use_qk_norm").then(|| QkNorm {
            norm: plain.norm.clone(),
            over: NormedOver::OneHead,
            after_rotary: false,
        }),
        ..plain.attention
    };
    let experts = routed(
        keys,
        &plain,
        corrected(
            keys,
            RouterDefaults {
                groups: ONE_GROUP,
                scale: 1.0,
            },
        )?,
    )?;
    decoder(keys, &plain, &experts)
}

/// *ERNIE 4.5*: experts are chosen by corrected probabilities.
fn ernie_moe(keys: &Keys) -> Parsed<DecoderSpec> {
    let mut plain = ernie_plain(keys)?;
    let bias = keys.flag("use_bias");
    (plain.attention.qkv_bias, plain.attention.output_bias) = (bias, bias);
    plain.network.bias = bias;
    let router = RouterSpec {
        correction: true,
        divisor: Divisor::SumAtLeast(keys.number("moe_norm_min")?.unwrap_or(1e-12)),
        ..RouterSpec::softmax(true)
    };
    let width = keys.size("moe_intermediate_size")?;
    let network = |width| NetworkSpec {
        width,
        bias: false,
        ..plain.network
    };
    let shared = match keys.get("moe_num_shared_experts").map(Value::as_u64) {
        Some(Some(0)) => None,
        _ => Some(network(
            width * keys.optional_size("moe_num_shared_experts")?.unwrap_or(2),
        )),
    };
    let experts = ExpertsSpec {
        shared: shared.map(SharedSpec::Plain),
        ..chosen(keys, "num_experts", router, network(width))?
    };
    let every = keys.optional_size("moe_layer_interval")?.unwrap_or(1);
    let first = keys.get("moe_layer_start_index").and_then(Value::as_u64).unwrap_or(1);
    // -1, or no such key, means the last layer
    let last = keys
        .get("moe_layer_end_index")
        .and_then(Value::as_u64)
        .unwrap_or(u64::MAX);
    let sparse = |i: usize| (i + 1).is_multiple_of(every) && (first..=last).contains(&(i as u64));
    let blocks = (0..plain.layers).map(|i| plain.block(None, experts_where(sparse(i), &experts, &plain)));
    Ok(plain.decoder(blocks.collect()))
}

/// What a router of DeepSeek-V3's kind has where no key says otherwise.
pub struct RouterDefaults {
    pub groups: GroupDefaults,
    pub scale: f64,
}

/// The groups of experts where no key says otherwise.
#[derive(Clone, Copy)]
pub struct GroupDefaults {
    pub count: usize,
    /// How many of them a token's experts are chosen from.
    pub chosen: usize,
}

/// All experts in one group, which is to say no groups.
pub const ONE_GROUP: GroupDefaults = GroupDefaults { count: 1, chosen: 1 };

/// DeepSeek-V3's router, arXiv 2412.19437: sigmoid scores, with a correction added to choose the experts.
pub fn corrected(keys: &Keys, defaults: RouterDefaults) -> Parsed<RouterSpec> {
    scores_are(keys, "sigmoid")?;
    Ok(RouterSpec {
        scores: Scores::Sigmoid,
        correction: true,
        groups: groups(keys, defaults.groups, GroupScore::BestTwo)?,
        divisor: match keys.flag_or("norm_topk_prob", true) {
            true => Divisor::Sum { plus: 1e-20 },
            false => Divisor::One,
        },
        scale: keys.number("routed_scaling_factor")?.unwrap_or(defaults.scale),
        ..RouterSpec::softmax(false)
    })
}

/// The groups that experts are chosen within, where there are several.
///
/// # Errors
/// The groups don't divide the experts, or those chosen hold fewer experts than a token goes to.
pub fn groups(keys: &Keys, defaults: GroupDefaults, score: GroupScore) -> Parsed<Option<GroupSpec>> {
    /// On a card one lane of a warp scores one group.
    const MAX: usize = 32;
    let count = keys.optional_size("n_group")?.unwrap_or(defaults.count);
    let best = keys.optional_size("topk_group")?.unwrap_or(defaults.chosen);
    let experts = keys.size("n_routed_experts")?;
    if count > MAX || !experts.is_multiple_of(count) {
        return Err(says::must_be("n_group", count, says::a_divisor_of(experts, MAX)));
    }
    let enough = best * (experts / count) >= keys.size("num_experts_per_tok")?;
    if best > count || !enough || (score == GroupScore::BestTwo && experts / count < 2 && count > 1) {
        return Err(says::must_be(
            "topk_group",
            best,
            says::groups_with_enough_experts(count),
        ));
    }
    Ok((best < count).then_some(GroupSpec {
        count,
        chosen: best,
        score,
    }))
}

/// Experts of `moe_intermediate_size`, and `n_shared_experts` more as one network.
pub fn routed(keys: &Keys, plain: &Plain, router: RouterSpec) -> Parsed<ExpertsSpec> {
    let width = keys.size("moe_intermediate_size")?;
    let network = |width| NetworkSpec { width, ..plain.network };
    let shared = keys.optional_size("n_shared_experts")?;
    Ok(ExpertsSpec {
        shared: shared.map(|count| SharedSpec::Plain(network(width * count))),
        ..chosen(keys, "n_routed_experts", router, network(width))?
    })
}

/// Experts from layer `first_k_dense_replace` on, in every `moe_layer_freq`th.
pub fn decoder(keys: &Keys, plain: &Plain, experts: &ExpertsSpec) -> Parsed<DecoderSpec> {
    let first = keys.get("first_k_dense_replace").and_then(Value::as_u64).unwrap_or(0);
    let every = keys.optional_size("moe_layer_freq")?.unwrap_or(1);
    let sparse = |i: usize| i as u64 >= first && i.is_multiple_of(every);
    let blocks = (0..plain.layers).map(|i| plain.block(None, experts_where(sparse(i), experts, plain)));
    Ok(plain.decoder(blocks.collect()))
}

/// `scoring_func`, where it is written.
fn scores_are(keys: &Keys, known: &'static str) -> Parsed<()> {
    match keys.get("scoring_func") {
        None => Ok(()),
        Some(value) if value == known => Ok(()),
        Some(other) => Err(says::unsupported("scoring_func", other, known)),
    }
}
