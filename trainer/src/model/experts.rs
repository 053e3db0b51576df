//! Mixture-of-experts families: what their `config.json` says of experts, and what transformers calls the weights.
use super::config::{Keys, Parsed};
use crate::ops::route::Rule;
use protocol::says;

/// What one family calls its keys and weights.
#[derive(Debug)]
pub struct Names {
    /// the module of a block with experts
    pub block: &'static str,
    /// an expert's linear layers
    pub gate: &'static str,
    pub up: &'static str,
    pub down: &'static str,
    count_key: &'static str,
    width_key: &'static str,
    /// some blocks may be dense, the weights of the chosen experts need not sum to 1, one expert sees every token
    qwen: bool,
}

pub const MIXTRAL: Names = Names {
    block: "block_sparse_moe",
    gate: "w1",
    up: "w3",
    down: "w2",
    count_key: "num_local_experts",
    width_key: "intermediate_size",
    qwen: false,
};

pub const QWEN2: Names = Names {
    block: "mlp",
    gate: "gate_proj",
    up: "up_proj",
    down: "down_proj",
    count_key: "num_experts",
    width_key: "moe_intermediate_size",
    qwen: true,
};

/// The experts of a model.
#[derive(Clone, Debug)]
pub struct ExpertConfig {
    pub names: &'static Names,
    pub rule: Rule,
    /// of one expert
    pub width: usize,
    /// of the expert that every token goes to
    pub shared: Option<usize>,
    /// whether a layer has experts
    pub layers: Vec<bool>,
    /// the weight of the router's auxiliary loss, where `output_router_logits` asks for it
    pub aux_loss: Option<f64>,
}

impl ExpertConfig {
    pub fn parse(keys: &Keys, names: &'static Names, layers: usize) -> Parsed<Self> {
        let experts = keys.size(names.count_key)?;
        let top_k = keys.size("num_experts_per_tok")?;
        if top_k > experts {
            return Err(says::too_many_experts_chosen(top_k, experts, names.count_key));
        }
        if let Some(noise) = keys.get("router_jitter_noise").and_then(|v| v.as_f64())
            && noise != 0.0
        {
            return Err(says::unsupported("router_jitter_noise", noise, "0"));
        }
        let weight = keys
            .get("router_aux_loss_coef")
            .and_then(|v| v.as_f64())
            .unwrap_or(0.001);
        Ok(Self {
            names,
            rule: Rule {
                experts,
                top_k,
                normalized: !names.qwen || keys.flag("norm_topk_prob"),
            },
            width: keys.size(names.width_key)?,
            shared: match names.qwen {
                true => Some(keys.size("shared_expert_intermediate_size")?),
                false => None,
            },
            layers: match names.qwen {
                true => sparse_layers(keys, layers)?,
                false => vec![true; layers],
            },
            aux_loss: keys
                .flag("output_router_logits")
                .then_some(weight)
                .filter(|&weight| weight != 0.0),
        })
    }
}

/// Every `decoder_sparse_step`th layer, but for `mlp_only_layers`.
fn sparse_layers(keys: &Keys, layers: usize) -> Parsed<Vec<bool>> {
    let step = keys.optional_size("decoder_sparse_step")?.unwrap_or(1);
    let dense: Vec<u64> = match keys.get("mlp_only_layers") {
        None => vec![],
        Some(list) => list
            .as_array()
            .and_then(|list| list.iter().map(|v| v.as_u64()).collect())
            .ok_or_else(|| says::must_be("mlp_only_layers", list, says::a_list_of_counts()))?,
    };
    Ok((0..layers)
        .map(|i| (i + 1) % step == 0 && !dense.contains(&(i as u64)))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::super::ModelConfig;

    fn parse(extra: &str) -> Result<ModelConfig, protocol::Said> {
        ModelConfig::parse(&format!(
            r#"{{"vocab_size": 8, "hidden_size": 16, "intermediate_size": 8, "num_hidden_layers": 4,
            "num_attention_heads": 4, {extra}}}"#
        ))
    }

    const QWEN: &str = r#""architectures": ["Qwen2MoeForCausalLM"], "num_experts": 6, "num_experts_per_tok": 2,
        "moe_intermediate_size": 4, "shared_expert_intermediate_size": 12"#;

    #[test]
    fn layers_are_sparse_by_step_and_list() {
        let layers = |extra: &str| parse(&format!("{QWEN}{extra}")).unwrap().experts.unwrap().layers;
        assert_eq!(layers(""), [true; 4]);
        assert_eq!(layers(r#", "decoder_sparse_step": 2"#), [false, true, false, true]);
        assert_eq!(layers(r#", "mlp_only_layers": [0, 3]"#), [false, true, true, false]);
    }

    #[test]
    fn the_auxiliary_loss_is_on_where_the_folder_says_so() {
        let weight = |extra: &str| parse(&format!("{QWEN}{extra}")).unwrap().experts.unwrap().aux_loss;
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
