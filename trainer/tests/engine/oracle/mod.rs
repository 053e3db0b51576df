//! The whole model against candle's autograd over a naive composition: log-probs and every gradient, full and LoRA, prefix
//! sharing and packing, saved and recomputed.

mod attention;
mod experts;
mod rows;
mod stream;

use crate::common::passes::Passes;
use crate::common::{Naive, aux_loss, engine, ids, noise, relative_error};
use candle_core::{Tensor, Var};
use protocol::config::{FreezeSpec, TrainedLayers};
use protocol::decoder::HeadTable;
use std::collections::HashMap;
use trainer::model::{
    ForwardOptions, Init, LoadOptions, LoraConfig, LossGrads, Model, ModelConfig, Pissa, Targets, Trainable,
};
use trainer::plan::{Extent, PairTokens, Plan, SeqTokens};

/// A model on the engine that is tested.
fn options() -> LoadOptions {
    LoadOptions {
        engine: engine(),
        ..LoadOptions::default()
    }
}

const TOLERANCE: f64 = 5e-5;
/// Weight of the router's auxiliary loss, large enough to be seen.
const AUX: f64 = 3.0;

/// Odd widths, a vocabulary over one chunk of the head, more heads than key-value heads.
fn config(architecture: &str, extra: &str) -> ModelConfig {
    ModelConfig::parse(&format!(
        r#"{{"architectures": ["{architecture}"], "vocab_size": 1100, "hidden_size": 40, "intermediate_size": 52,
        "num_hidden_layers": 3, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 10,
        "initializer_range": 0.15, "rms_norm_eps": 1e-5{extra}}}"#
    ))
    .unwrap()
}

fn configs() -> Vec<ModelConfig> {
    vec![
        config("LlamaForCausalLM", r#", "tie_word_embeddings": true"#),
        config("LlamaForCausalLM", r#", "attention_bias": true, "mlp_bias": true"#),
        config("MistralForCausalLM", r#", "sliding_window": 70"#),
        config("Qwen2ForCausalLM", r#", "tie_word_embeddings": true"#),
        config("Qwen3ForCausalLM", ""),
    ]
}

fn expert_configs() -> Vec<ModelConfig> {
    let experts = r#", "num_experts_per_tok": 2, "num_local_experts": 5"#;
    let qwen = r#", "num_experts": 6, "num_experts_per_tok": 3, "moe_intermediate_size": 20,
        "shared_expert_intermediate_size": 28, "mlp_only_layers": [1]"#;
    vec![
        config("MixtralForCausalLM", experts),
        config("Qwen2MoeForCausalLM", qwen),
        config("Qwen2MoeForCausalLM", &format!(r#"{qwen}, "norm_topk_prob": true"#)),
    ]
}

fn tied(config: &ModelConfig) -> bool {
    config.decoder.head.table == HeadTable::Tied
}

struct Batch {
    extent: Extent,
    prompts: Vec<Vec<u32>>,
    completions: Vec<[Vec<u32>; 2]>,
}

impl Batch {
    /// Ragged: over one attention block and under, a prompt of one token, a completion of one token.
    fn new(vocab: usize, extent: Extent) -> Self {
        let shape = [(90, 70, 3), (1, 5, 12), (17, 1, 30)];
        let draw = |len, seed| ids(len, seed, vocab);
        Self {
            extent,
            prompts: shape
                .iter()
                .enumerate()
                .map(|(i, s)| draw(s.0, 100 + i as u64))
                .collect(),
            completions: (0..)
                .zip(shape)
                .map(|(i, s)| [draw(s.1, 200 + i), draw(s.2, 300 + i)])
                .collect(),
        }
    }

    fn shared(&self) -> Plan {
        let pairs = self.prompts.iter().zip(&self.completions);
        let pairs: Vec<_> = pairs
            .map(|(prompt, [chosen, rejected])| PairTokens {
                prompt,
                chosen,
                rejected,
            })
            .collect();
        Plan::new(self.extent).with_pairs(&pairs).unwrap()
    }

    fn packed(&self) -> Plan {
        let (whole, counts): (Vec<_>, Vec<Vec<bool>>) = self
            .sequences()
            .map(|(prompt, completion)| {
                let counts = (0..prompt.len() + completion.len())
                    .map(|t| t >= prompt.len())
                    .collect();
                ([prompt, completion].concat(), counts)
            })
            .unzip();
        let sequences: Vec<_> = whole
            .iter()
            .zip(&counts)
            .map(|(tokens, counts)| (SeqTokens { tokens, counts }, &[][..]))
            .collect();
        Plan::new(self.extent).with_packed(&sequences).unwrap()
    }

    fn sequences(&self) -> impl Iterator<Item = (&[u32], &[u32])> {
        let pairs = self.prompts.iter().zip(&self.completions);
        pairs.flat_map(|(prompt, both)| both.iter().map(move |c| (prompt.as_slice(), c.as_slice())))
    }
}

/// Gives adapters a B that is not zero and biases and norms values that are not the same everywhere.
fn disturb(model: &mut Model) {
    let values: HashMap<String, Tensor> = model
        .params()
        .iter()
        .enumerate()
        .map(|(i, p)| {
            let value = p.value().unwrap();
            let change = Tensor::from_vec(noise(p.len(), 7 + i as u64, 0.2), value.shape(), value.device()).unwrap();
            (p.name.clone(), (value + change).unwrap())
        })
        .collect();
    model.params_mut().restore(&values).unwrap();
}

/// PiSSA: the adapter starts as a part of the weights, which the frozen rest is without.
fn take_off_start(base: &mut HashMap<String, Tensor>, model: &Model, scale: f64) {
    for (path, pair) in model.adapter().unwrap().unwrap().modules {
        let weight = base.get_mut(&format!("{path}.weight")).unwrap();
        let part = (pair.b.matmul(&pair.a).unwrap() * scale).unwrap();
        // the principal part: no direction is longer in what is left, so taking it off shortens the whole
        let length = |t: &Tensor| t.sqr().unwrap().sum_all().unwrap().to_scalar::<f32>().unwrap();
        let rest = (&*weight - &part).unwrap();
        let (all, split) = (length(weight), length(&part) + length(&rest));
        assert!(
            (all - split).abs() < 1e-4 * all,
            "{path}: the parts are not at right angles"
        );
        *weight = rest;
    }
}

fn check(config: &ModelConfig, trainable: Trainable) {
    check_over(config, trainable, Extent::Predictors);
}

fn check_over(config: &ModelConfig, trainable: Trainable, extent: Extent) {
    let lora = match &trainable {
        Trainable::NewAdapter(lora) => Some(lora.clone()),
        _ => None,
    };
    let scale = lora.as_ref().map_or(0.0, |lora| match lora.rank_stabilized {
        true => lora.alpha / (lora.rank as f64).sqrt(),
        false => lora.alpha / lora.rank as f64,
    });
    let mut model = Model::random(config.clone(), 3, &options()).unwrap();
    let names = model.weight_names();
    let mut base: HashMap<String, Tensor> = names
        .iter()
        .map(|name| (name.clone(), model.merged_weight(name).unwrap().copy().unwrap()))
        .collect();
    model.attach(vec![], trainable).unwrap();
    if tied(config) && !tied(model.config()) {
        base.insert("lm_head.weight".into(), base["model.embed_tokens.weight"].clone());
    }
    if lora.is_some_and(|lora| lora.init.pissa().is_some()) {
        take_off_start(&mut base, &model, scale);
    }
    disturb(&mut model);

    let batch = Batch::new(config.vocabulary(), extent);
    let mut naive = Naive {
        config,
        weights: base,
        scale,
        longest: batch.shared().longest(),
    };
    let vars: HashMap<String, Var> = model
        .params()
        .iter()
        .map(|p| {
            (
                p.name.clone(),
                Var::from_tensor(&p.value().unwrap().copy().unwrap()).unwrap(),
            )
        })
        .collect();
    naive
        .weights
        .extend(vars.iter().map(|(name, var)| (name.clone(), var.as_tensor().clone())));

    let shared = batch.shared();
    let coefficients = noise(shared.rows.len(), 5, 0.3);
    let (mut logps, mut routed) = (Vec::new(), vec![]);
    let mut loss: Option<Tensor> = None;
    let mut row = 0;
    for (prompt, completion) in batch.sequences() {
        let tokens = [prompt, completion].concat();
        let logp = naive.logps(&tokens, prompt.len()..tokens.len(), &mut routed).unwrap();
        let weights = Tensor::new(&coefficients[row..row + completion.len()], logp.device()).unwrap();
        row += completion.len();
        let term = (&logp * weights).unwrap().sum_all().unwrap();
        loss = Some(loss.map_or(term.clone(), |sum| (sum + term).unwrap()));
        logps.extend(logp.to_vec1::<f32>().unwrap());
    }
    let mut loss = loss.unwrap();
    let aux = (extent == Extent::Whole).then(|| aux_loss(&routed).unwrap());
    if let Some(aux) = &aux {
        loss = (loss + (aux * AUX).unwrap()).unwrap();
    }
    let grads = loss.backward().unwrap();
    let squares = vars.values().map(|var| {
        let grad = grads.get(var).unwrap_or_else(|| panic!("the oracle has no gradient"));
        f64::from(grad.sqr().unwrap().sum_all().unwrap().to_scalar::<f32>().unwrap())
    });
    let norm = squares.sum::<f64>().sqrt();

    let name = config.family.architecture;
    let mut first: Option<(Vec<f32>, f64)> = None;
    for (plan, budget) in [
        (batch.shared(), u64::MAX),
        (batch.shared(), 0),
        (batch.packed(), u64::MAX),
    ] {
        model.zero_grads().unwrap();
        let training = ForwardOptions {
            activation_memory: Some(budget),
            ..ForwardOptions::training()
        };
        let scored = model.forward_over(&plan, training).unwrap();
        // a pass in between must not disturb what was kept
        let between = model
            .forward_over(&batch.packed(), ForwardOptions::reference())
            .unwrap();
        assert!(
            between
                .logps
                .iter()
                .zip(&scored.logps)
                .any(|(a, b)| (a - b).abs() > 1e-3)
        );
        for (i, (got, want)) in scored.logps.iter().zip(&logps).enumerate() {
            assert!(
                (got - want).abs() < 2e-4 * (1.0 + want.abs()),
                "{name} row {i}: {got}, expected {want}"
            );
        }
        match (&aux, scored.aux_loss) {
            (None, None) => {}
            (Some(want), Some(got)) => {
                let want = f64::from(want.to_scalar::<f32>().unwrap());
                assert!((got - want).abs() < 1e-5 * want, "{name}: {got}, expected {want}");
            }
            (_, got) => panic!("{name}: auxiliary loss {got:?}"),
        }
        let loss = LossGrads {
            d_logp: &coefficients,
            d_aux_loss: AUX,
            ..LossGrads::default()
        };
        model.backward_over(&plan, loss).unwrap();
        let got_norm = model.grad_norm().unwrap();
        assert!(
            (got_norm - norm).abs() < TOLERANCE * norm,
            "{name}: gradient norm {got_norm}, expected {norm}"
        );
        for param in model.params().iter() {
            let error = relative_error(&param.grad().unwrap(), grads.get(&vars[&param.name]).unwrap());
            assert!(error < TOLERANCE, "{name} budget {budget} {}: {error:e}", param.name);
        }
        match &first {
            None => first = Some((scored.logps, got_norm)),
            // recomputing gives the same bits; so does computing again
            Some(first) if plan.tokens.len() == shared.tokens.len() => {
                assert_eq!((&first.0, first.1), (&scored.logps, got_norm), "{name}: recomputation");
            }
            Some(_) => {}
        }
    }
}

#[test]
fn full_training_agrees_with_autograd() {
    for config in configs() {
        check(&config, Trainable::Full { keep_reference: true });
    }
}

#[test]
fn lora_training_agrees_with_autograd() {
    for config in configs() {
        let lora = LoraConfig {
            rank: 4,
            alpha: 8.0,
            targets: Targets::All,
            seed: 1,
            ..LoraConfig::default()
        };
        check(&config, Trainable::NewAdapter(lora));
    }
}

#[test]
fn variants_of_lora_agree_with_autograd() {
    let plain = LoraConfig {
        rank: 4,
        alpha: 8.0,
        seed: 1,
        ..LoraConfig::default()
    };
    let exact = Init::Pissa(Pissa {
        iterations: None,
        convert: false,
    });
    let dora = LoraConfig {
        dora: true,
        ..plain.clone()
    };
    let some = |names: &[&str]| Targets::Named(names.iter().map(|n| n.to_string()).collect());
    for config in configs() {
        for lora in [
            dora.clone(),
            LoraConfig {
                rank_stabilized: true,
                targets: some(&["self_attn.q_proj", "o_proj", "up_proj"]),
                additional: vec!["embed_tokens".into(), "norm".into()],
                ..dora.clone()
            },
            LoraConfig {
                init: exact,
                additional: vec!["lm_head".into(), "mlp".into()],
                targets: some(&["v_proj", "k_proj"]),
                ..plain.clone()
            },
            LoraConfig {
                init: exact,
                expanded: Some(1),
                ..dora.clone()
            },
        ] {
            check(&config, Trainable::NewAdapter(lora));
        }
    }
}

#[test]
fn freeze_tuning_agrees_with_autograd() {
    use TrainedLayers::{First, Last};
    for config in configs() {
        let head = if tied(&config) { "embed_tokens" } else { "lm_head" };
        for (layers, modules, extra) in [
            (Last(1), vec![], vec![]),
            (Last(2), vec!["mlp"], vec!["norm"]),
            (Last(1), vec!["self_attn", "input_layernorm"], vec![head]),
            (First(1), vec!["mlp"], vec![head, "norm"]),
            (Last(0), vec![], vec!["norm"]),
        ] {
            let names = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
            let part = FreezeSpec {
                layers,
                modules: names(modules),
                extra: names(extra),
            };
            let keep_reference = true;
            check(&config, Trainable::Freeze { part, keep_reference });
        }
    }
}
