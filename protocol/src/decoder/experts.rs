//! Families whose MLPs are mixtures of experts.

use super::family::Family;
use super::keys::{Keys, Parsed};
use super::llama::{qwen_windows, qwen2_bias};
use super::plain::Plain;
use super::weight_map::{LLAMA, MIXTRAL};
use super::{DecoderSpec, ExpertsSpec, MlpSpec, NetworkSpec, RouterSpec, SharedSpec};
use crate::says;
use serde_json::Value;

pub const FAMILIES: &[Family] = &[
    Family::new("MixtralForCausalLM", "Mixtral", mixtral, MIXTRAL),
    Family::new("Qwen2MoeForCausalLM", "Qwen 1.5 and 2 MoE", qwen2_moe, LLAMA),
];

fn mixtral(keys: &Keys) -> Parsed<DecoderSpec> {
    let plain = Plain::read(keys)?;
    let windows = keys.windows(plain.layers, 0)?;
    let (count, top_k) = chosen(keys, "num_local_experts")?;
    let experts = ExpertsSpec {
        count,
        top_k,
        router: RouterSpec::softmax(true),
        expert: plain.network,
        shared: None,
    };
    let block = |window| plain.block(window, MlpSpec::Experts(experts.clone()));
    Ok(plain.decoder(windows.into_iter().map(block).collect()))
}

fn qwen2_moe(keys: &Keys) -> Parsed<DecoderSpec> {
    let mut plain = Plain::read(keys)?;
    plain.attention.qkv_bias = qwen2_bias(keys);
    let windows = qwen_windows(keys, plain.layers)?;
    let (count, top_k) = chosen(keys, "num_experts")?;
    let network = |width| NetworkSpec { width, ..plain.network };
    let experts = ExpertsSpec {
        count,
        top_k,
        router: RouterSpec::softmax(keys.flag("norm_topk_prob")),
        expert: network(keys.size("moe_intermediate_size")?),
        shared: Some(SharedSpec::Gated(network(
            keys.size("shared_expert_intermediate_size")?,
        ))),
    };
    let block = |(window, sparse)| {
        let mlp = match sparse {
            true => MlpSpec::Experts(experts.clone()),
            false => plain.dense(),
        };
        plain.block(window, mlp)
    };
    let sparse = sparse_layers(keys, plain.layers)?;
    Ok(plain.decoder(windows.into_iter().zip(sparse).map(block).collect()))
}

/// How many experts there are, and how many a token goes to.
fn chosen(keys: &Keys, count_key: &'static str) -> Parsed<(usize, usize)> {
    let (count, top_k) = (keys.size(count_key)?, keys.size("num_experts_per_tok")?);
    if top_k > count {
        return Err(says::too_many_experts_chosen(top_k, count, count_key));
    }
    if let Some(noise) = keys.get("router_jitter_noise").and_then(Value::as_f64)
        && noise != 0.0
    {
        return Err(says::unsupported("router_jitter_noise", noise, "0"));
    }
    Ok((count, top_k))
}

/// Every `decoder_sparse_step`th layer, but for `mlp_only_layers`.
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

/// The weight of the auxiliary loss, where `output_router_logits` asks for it.
pub fn router_loss(keys: &Keys) -> Option<f64> {
    let weight = keys.get("router_aux_loss_coef").and_then(Value::as_f64);
    let weight = weight.unwrap_or(0.001);
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
