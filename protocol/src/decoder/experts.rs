//! Families whose MLPs are mixtures of experts.

use super::family::Family;
use super::keys::{Keys, Parsed};
use super::llama::{granite_block, granite_stream, qwen_windows, qwen2_bias, qwen3_plain};
use super::plain::{Defaults, Plain};
use super::recent::{HUNYUAN, hunyuan_plain};
use super::rope::{ROTARY_DEFAULTS, RotaryDefaults};
use super::weight_map::{LLAMA, MIXTRAL, WeightMap};
use super::{
    AttentionSpec, DecoderSpec, ExpertsSpec, GateUp, HeadSpec, MlpSpec, Named, NetworkSpec, NormSpec, NormedOver,
    QkNorm, RouterSpec, Scores, SharedSpec, StackedExperts,
};
use crate::says;
use serde_json::Value;

pub const FAMILIES: &[Family] = &[
    Family::new("MixtralForCausalLM", "Mixtral", mixtral, MIXTRAL)
        .template("mistral")
        .router_loss(0.001),
    Family::new("Qwen2MoeForCausalLM", "Qwen 1.5 and 2 MoE", qwen2_moe, LLAMA)
        .template("qwen")
        .router_loss(0.001),
    // as transformers 5 writes it
    Family::new("Qwen3MoeForCausalLM", "Qwen 3 MoE", qwen3_moe, LLAMA)
        .template("qwen3")
        .keys(&[("num_experts", "num_local_experts")])
        .router_loss(0.001),
    Family::new("OlmoeForCausalLM", "OLMoE", olmoe, LLAMA).router_loss(0.01),
    Family::new("PhimoeForCausalLM", "Phi-3.5-MoE", phimoe, MIXTRAL)
        .template("phi")
        .router_loss(0.001)
        .rope_types(&[]),
    Family::new("GraniteMoeForCausalLM", "Granite 3 MoE", granite_moe, GRANITE_MOE)
        .template("granite3")
        .router_loss(0.001),
    Family::new("HunYuanMoEV1ForCausalLM", "Hunyuan (MoE)", hunyuan_moe, HUNYUAN_MOE).template("hunyuan"),
];

const GRANITE_MOE: WeightMap = WeightMap {
    router: "block_sparse_moe.router.layer",
    stacked: Some(&StackedExperts {
        gate_up: "block_sparse_moe.input_linear",
        down: "block_sparse_moe.output_linear",
        order: GateUp::Halves,
        transposed: false,
        named: Named::Module,
    }),
    ..LLAMA
};

const HUNYUAN_MOE: WeightMap = WeightMap {
    router: "mlp.gate.wg",
    shared: "mlp.shared_mlp",
    ..HUNYUAN
};

fn mixtral(keys: &Keys) -> Parsed<DecoderSpec> {
    let plain = Plain::read(keys)?;
    let windows = keys.windows(plain.layers, 0)?;
    let experts = jitterless(
        keys,
        chosen(keys, "num_local_experts", RouterSpec::softmax(true), plain.network)?,
    )?;
    let block = |window| plain.block(window, MlpSpec::Experts(experts.clone()));
    Ok(plain.decoder(windows.into_iter().map(block).collect()))
}

fn qwen2_moe(keys: &Keys) -> Parsed<DecoderSpec> {
    let mut plain = Plain::read(keys)?;
    plain.attention.qkv_bias = qwen2_bias(keys);
    let shared = NetworkSpec {
        width: keys.size("shared_expert_intermediate_size")?,
        ..plain.network
    };
    qwen_moe(keys, plain, Some(SharedSpec::Gated(shared)))
}

fn qwen3_moe(keys: &Keys) -> Parsed<DecoderSpec> {
    qwen_moe(keys, qwen3_plain(keys)?, None)
}

fn qwen_moe(keys: &Keys, plain: Plain, shared: Option<SharedSpec>) -> Parsed<DecoderSpec> {
    let windows = qwen_windows(keys, plain.layers)?;
    let network = NetworkSpec {
        width: keys.size("moe_intermediate_size")?,
        ..plain.network
    };
    let router = RouterSpec::softmax(keys.flag("norm_topk_prob"));
    let experts = ExpertsSpec {
        shared,
        ..jitterless(keys, chosen(keys, "num_experts", router, network)?)?
    };
    let sparse = sparse_layers(keys, plain.layers)?;
    let block = |(window, sparse)| plain.block(window, experts_where(sparse, &experts, &plain));
    Ok(plain.decoder(windows.into_iter().zip(sparse).map(block).collect()))
}

/// *OLMoE*, arXiv 2409.02060: queries and keys are normalised over all heads together.
fn olmoe(keys: &Keys) -> Parsed<DecoderSpec> {
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
            over: NormedOver::Width,
            after_rotary: false,
        }),
        clip: keys.number("clip_qkv")?,
        ..plain.attention
    };
    let router = RouterSpec::softmax(keys.flag("norm_topk_prob"));
    let experts = chosen(keys, "num_experts", router, plain.network)?;
    Ok(plain.decoder_of(plain.block(None, MlpSpec::Experts(experts))))
}

/// *Phi-3*, arXiv 2404.14219: layer norms, and SparseMixer without the noise that it draws in training.
fn phimoe(keys: &Keys) -> Parsed<DecoderSpec> {
    let defaults = Defaults {
        norm: NormSpec::layer(1e-5),
        rotary: RotaryDefaults {
            theta: 1e6,
            ..ROTARY_DEFAULTS
        },
        ..Defaults::llama()
    };
    let mut plain = Plain::with_defaults(keys, defaults)?;
    let bias = keys.flag("attention_bias");
    (plain.attention.qkv_bias, plain.attention.output_bias) = (bias, bias);
    let router = RouterSpec {
        scores: Scores::SparseMixer {
            jitter: keys.number("router_jitter_noise")?.unwrap_or(0.01),
        },
        ..RouterSpec::softmax(false)
    };
    let experts = chosen(keys, "num_local_experts", router, plain.network)?;
    if experts.top_k != 2 {
        return Err(says::unsupported("num_experts_per_tok", experts.top_k, "2"));
    }
    let block = |window| plain.block(window, MlpSpec::Experts(experts.clone()));
    let blocks = keys.windows(plain.layers, 0)?.into_iter().map(block).collect();
    let decoder = plain.decoder(blocks);
    Ok(DecoderSpec {
        head: HeadSpec {
            bias: keys.flag("lm_head_bias"),
            ..decoder.head
        },
        ..decoder
    })
}

/// *Granite 3.0*: its multipliers, and a softmax over the logits of the chosen experts only.
fn granite_moe(keys: &Keys) -> Parsed<DecoderSpec> {
    let mut plain = Plain::read(keys)?;
    let bias = keys.flag("attention_bias");
    (plain.attention.qkv_bias, plain.attention.output_bias) = (bias, bias);
    let experts = chosen(keys, "num_local_experts", RouterSpec::softmax(true), plain.network)?;
    let block = granite_block(keys, plain.block(None, MlpSpec::Experts(experts)))?;
    granite_stream(keys, plain.decoder_of(block))
}

/// *Hunyuan-Large*, arXiv 2411.02265: one shared expert as wide as the others.
fn hunyuan_moe(keys: &Keys) -> Parsed<DecoderSpec> {
    let plain = hunyuan_plain(keys)?;
    let (count, top_k) = (of_all_layers(keys, "num_experts")?, of_all_layers(keys, "moe_topk")?);
    let experts = ExpertsSpec {
        shared: Some(SharedSpec::Plain(plain.network)),
        ..experts(count, top_k, "num_experts", RouterSpec::softmax(true), plain.network)?
    };
    Ok(plain.decoder_of(plain.block(None, MlpSpec::Experts(experts))))
}

/// A size that may be written as one number or as a list of the same number for each layer.
fn of_all_layers(keys: &Keys, key: &'static str) -> Parsed<usize> {
    let Some(value) = keys.get(key) else { return Ok(1) };
    let Some(each) = value.as_array() else {
        return keys.size(key);
    };
    let first = each.first().and_then(Value::as_u64);
    match first.filter(|n| (1..=4096).contains(n)) {
        Some(n) if each.iter().all(|other| *other == n) => Ok(n as usize),
        _ => Err(says::must_be(key, value, says::one_number())),
    }
}

/// The MLP of a layer: a mixture of experts where `sparse`, else a dense one.
pub fn experts_where(sparse: bool, experts: &ExpertsSpec, plain: &Plain) -> MlpSpec {
    match sparse {
        true => MlpSpec::Experts(experts.clone()),
        false => plain.dense(),
    }
}

/// A mixture whose number of experts is under the key `count`, with `num_experts_per_tok` of them for each token.
pub fn chosen(keys: &Keys, count: &'static str, router: RouterSpec, expert: NetworkSpec) -> Parsed<ExpertsSpec> {
    experts(
        keys.size(count)?,
        keys.size("num_experts_per_tok")?,
        count,
        router,
        expert,
    )
}

fn experts(
    count: usize,
    top_k: usize,
    count_key: &'static str,
    router: RouterSpec,
    expert: NetworkSpec,
) -> Parsed<ExpertsSpec> {
    if top_k > count {
        return Err(says::too_many_experts_chosen(top_k, count, count_key));
    }
    Ok(ExpertsSpec {
        count,
        top_k,
        router,
        expert,
        shared: None,
    })
}

/// Refuses noise on the router's input.
fn jitterless(keys: &Keys, experts: ExpertsSpec) -> Parsed<ExpertsSpec> {
    match keys.get("router_jitter_noise").and_then(Value::as_f64) {
        Some(noise) if noise != 0.0 => Err(says::unsupported("router_jitter_noise", noise, "0")),
        _ => Ok(experts),
    }
}

/// Which layers are mixtures: every `decoder_sparse_step`th, but for `mlp_only_layers`.
fn sparse_layers(keys: &Keys, layers: usize) -> Parsed<Vec<bool>> {
    let step = keys.optional_size("decoder_sparse_step")?.unwrap_or(1);
    let dense: Vec<u64> = match keys.get("mlp_only_layers") {
        None => vec![],
        Some(list) => list
            .as_array()
            .and_then(|list| list.iter().map(Value::as_u64).collect())
            .ok_or_else(|| says::must_be("mlp_only_layers", list, says::a_list_of_counts()))?,
    };
    Ok((0..layers)
        .map(|i| (i + 1) % step == 0 && !dense.contains(&(i as u64)))
        .collect())
}

/// The weight of the auxiliary loss, where `output_router_logits` asks for it; `usual` is the family's default.
pub fn router_loss(keys: &Keys, usual: f64) -> Option<f64> {
    let weight = keys.get("router_aux_loss_coef").and_then(Value::as_f64);
    let weight = weight.unwrap_or(usual);
    (keys.flag("output_router_logits") && weight != 0.0).then_some(weight)
}

#[cfg(test)]
mod tests {
    use super::super::ModelSpec;
    use super::*;

    fn parse(extra: &str) -> Parsed<ModelSpec> {
        let text = format!(
            r#"{{"vocab_size": 8, "hidden_size": 16, "intermediate_size": 8, "num_hidden_layers": 4,
            "num_attention_heads": 4, {extra}}}"#
        );
        ModelSpec::parse(&serde_json::from_str(&text).unwrap())
    }

    const QWEN: &str = r#""architectures": ["Qwen2MoeForCausalLM"], "num_experts": 6, "num_experts_per_tok": 2,
        "moe_intermediate_size": 4, "shared_expert_intermediate_size": 12"#;

    #[test]
    fn layers_are_sparse_by_step_and_list() {
        let layers = |extra: &str| -> Vec<bool> {
            let blocks = parse(&format!("{QWEN}{extra}")).unwrap().decoder.blocks.into_iter();
            blocks.map(|block| block.mlp.experts().is_some()).collect()
        };
        assert_eq!(layers(""), [true; 4]);
        assert_eq!(layers(r#", "decoder_sparse_step": 2"#), [false, true, false, true]);
        assert_eq!(layers(r#", "mlp_only_layers": [0, 3]"#), [false, true, true, false]);
    }

    #[test]
    fn the_auxiliary_loss_is_on_where_the_folder_says_so() {
        let weight = |extra: &str| parse(&format!("{QWEN}{extra}")).unwrap().router_loss;
        assert_eq!(weight(r#", "router_aux_loss_coef": 0.02"#), None);
        assert_eq!(weight(r#", "output_router_logits": true"#), Some(0.001));
        let both = r#", "output_router_logits": true, "router_aux_loss_coef": 0.02"#;
        assert_eq!(weight(both), Some(0.02));
    }

    #[test]
    fn what_cannot_be_is_named() {
        let mixtral = r#""architectures": ["MixtralForCausalLM"], "num_local_experts": 4"#;
        for (extra, said) in [
            (
                r#", "num_experts_per_tok": 5"#,
                "more than the 4 of `num_local_experts`",
            ),
            ("", "`num_experts_per_tok` is missing"),
            (
                r#", "num_experts_per_tok": 2, "router_jitter_noise": 0.1"#,
                "supported: 0",
            ),
        ] {
            let error = parse(&format!("{mixtral}{extra}")).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }
}
