//! The numbers of a mixture of experts that memory depends on, from a model's `config.json`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExpertDims {
    /// Blocks with experts; the others are dense.
    pub layers: u64,
    /// Experts of a block, and how many of them a token meets.
    pub count: u64,
    pub active: u64,
    /// Of one expert.
    pub width: u64,
    /// Of the expert that every token meets (Qwen2-MoE); 0 where there is none (Mixtral).
    pub shared: u64,
}

impl ExpertDims {
    /// `None` for a dense model.
    pub fn of_config(config: &Value) -> Option<Self> {
        let n = |key: &str| config[key].as_u64();
        let layers = n("num_hidden_layers")?;
        match config["model_type"].as_str()? {
            "mixtral" => Some(Self {
                layers,
                count: n("num_local_experts")?,
                active: n("num_experts_per_tok")?,
                width: n("intermediate_size")?,
                shared: 0,
            }),
            "qwen2_moe" => {
                let step = n("decoder_sparse_step").unwrap_or(1).max(1);
                let dense: Vec<u64> = config["mlp_only_layers"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_u64)
                    .collect();
                let sparse = |i: &u64| (i + 1).is_multiple_of(step) && !dense.contains(i);
                Some(Self {
                    layers: (0..layers).filter(sparse).count() as u64,
                    count: n("num_experts")?,
                    active: n("num_experts_per_tok")?,
                    width: n("moe_intermediate_size")?,
                    shared: n("shared_expert_intermediate_size")?,
                })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn blocks_with_experts_are_counted() {
        let mut config = json!({"model_type": "qwen2_moe", "num_hidden_layers": 6, "num_experts": 8, "num_experts_per_tok": 2,
            "moe_intermediate_size": 4, "shared_expert_intermediate_size": 16});
        assert_eq!(ExpertDims::of_config(&config).unwrap().layers, 6);
        config["decoder_sparse_step"] = json!(2);
        config["mlp_only_layers"] = json!([0, 3]);
        assert_eq!(ExpertDims::of_config(&config).unwrap().layers, 2);
        config["model_type"] = json!("qwen2");
        assert_eq!(ExpertDims::of_config(&config), None);
    }
}
