//! Mixtures of experts against candle's autograd.

use super::*;

#[test]
fn mixtures_of_experts_agree_with_autograd() {
    for config in expert_configs() {
        let block = match config.family.architecture {
            "MixtralForCausalLM" => "block_sparse_moe",
            _ => "mlp",
        };
        let lora = LoraConfig {
            rank: 4,
            alpha: 8.0,
            seed: 1,
            ..LoraConfig::default()
        };
        let named = |name: &str| Targets::Named(vec![name.into()]);
        let freeze = |layers, modules: &[&str]| Trainable::Freeze {
            part: FreezeSpec {
                layers,
                modules: modules.iter().map(|m| m.to_string()).collect(),
                extra: vec![],
            },
            keep_reference: true,
        };
        for extent in [Extent::Predictors, Extent::Whole] {
            for trainable in [
                Trainable::Full { keep_reference: true },
                Trainable::NewAdapter(lora.clone()),
                Trainable::NewAdapter(LoraConfig {
                    dora: true,
                    ..lora.clone()
                }),
                Trainable::NewAdapter(LoraConfig {
                    targets: named("gate"),
                    ..lora.clone()
                }),
                Trainable::NewAdapter(LoraConfig {
                    targets: named("q_proj"),
                    additional: vec![block.into()],
                    ..lora.clone()
                }),
                freeze(TrainedLayers::Last(1), &[block]),
                freeze(TrainedLayers::Last(2), &["self_attn"]),
            ] {
                check_over(&config, trainable, extent);
            }
        }
    }
}
