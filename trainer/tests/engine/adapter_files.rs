//! What may be trained on a model folder, and that adapters, merged weights and added blocks compute what they say.

use super::common::folder::{Folder, golden, load};
use crate::common::passes::Passes;
use candle_core::{DType, Device, Tensor};
use protocol::config::{FreezeSpec, TrainedLayers};
use std::collections::{BTreeMap, HashMap};
use trainer::model::{Adapter, ForwardOptions, LoraConfig, LoraPair, LossGrads, Model, Targets, Trainable};
use trainer::plan::{Plan, SeqTokens};

fn plan() -> Plan {
    let tokens: Vec<u32> = (0..40).map(|t| t * 7 % 48).collect();
    Plan::sequences(&[SeqTokens {
        tokens: &tokens,
        counts: &[true; 40],
    }])
    .unwrap()
}

fn some_adapter(seed: u64, model: &Model, modules: &[&str]) -> Adapter {
    let decoder = &model.config().decoder;
    let attention = &decoder.blocks[0].attention;
    let draw = |rows: usize, columns: usize, seed: u64| {
        let values =
            (0..rows * columns).map(|i| (((i as u64 * 2654435761 + seed * 97) % 1000) as f32 / 1000.0 - 0.5) * 0.4);
        Tensor::from_vec(values.collect(), (rows, columns), &Device::Cpu).unwrap()
    };
    let pairs = modules.iter().enumerate().map(|(i, path)| {
        let output = if path.ends_with("q_proj") {
            attention.query_width()
        } else {
            attention.key_width()
        };
        let seed = seed + i as u64;
        (
            path.to_string(),
            LoraPair::new(draw(3, decoder.hidden, seed), draw(output, 3, seed + 50)),
        )
    });
    Adapter {
        scale: 1.5,
        modules: pairs.collect::<BTreeMap<_, _>>(),
        ..Adapter::default()
    }
}

/// A chain of a frozen adapter and one that trains computes what the merged weights compute.
#[test]
fn merged_weights_compute_what_the_adapters_do() {
    let path = golden("llama-mha");
    let mut model = load(&path).unwrap();
    let modules = ["model.layers.0.self_attn.q_proj", "model.layers.1.self_attn.v_proj"];
    let (first, last) = (
        some_adapter(1, &model, &modules),
        some_adapter(9, &model, &modules[1..]),
    );
    let base = model.forward_over(&plan(), ForwardOptions::policy()).unwrap().logps;
    model
        .attach(
            vec![first],
            Trainable::Continue {
                adapter: last,
                dropout: 0.0,
            },
        )
        .unwrap();
    let want = model.forward_over(&plan(), ForwardOptions::policy()).unwrap().logps;
    assert!(base.iter().zip(&want).any(|(a, b)| (a - b).abs() > 1e-2));

    let folder = Folder::copy_of("llama-mha", "merged");
    let tensors: Vec<_> = model
        .weight_names()
        .into_iter()
        .map(|n| (n.clone(), model.merged_weight(&n).unwrap()))
        .collect();
    candle_core::safetensors::save(
        &tensors.into_iter().collect::<HashMap<_, _>>(),
        folder.0.join("model.safetensors"),
    )
    .unwrap();
    let got = load(&folder.0)
        .unwrap()
        .forward_over(&plan(), ForwardOptions::policy())
        .unwrap()
        .logps;
    for (got, want) in got.iter().zip(&want) {
        assert!((got - want).abs() < 1e-4, "{got}, expected {want}");
    }
}

#[test]
fn a_fresh_adapter_changes_nothing_and_the_reference_stays_where_the_run_started() {
    let mut model = load(&golden("qwen3")).unwrap();
    let base = model.forward_over(&plan(), ForwardOptions::policy()).unwrap().logps;
    let config = LoraConfig {
        rank: 4,
        alpha: 8.0,
        targets: Targets::Named(vec!["q_proj".into()]),
        seed: 0,
        ..LoraConfig::default()
    };
    model.attach(vec![], Trainable::NewAdapter(config)).unwrap();
    assert_eq!(model.params().iter().len(), 2 * model.config().layers());
    assert_eq!(
        base,
        model.forward_over(&plan(), ForwardOptions::policy()).unwrap().logps
    );
    let values = model.params().iter().map(|p| {
        (
            p.name.clone(),
            Tensor::ones(p.shape.as_slice(), DType::F32, &Device::Cpu).unwrap(),
        )
    });
    let values = values.collect();
    model.params_mut().restore(&values).unwrap();
    assert_ne!(
        base,
        model.forward_over(&plan(), ForwardOptions::policy()).unwrap().logps
    );
    assert_eq!(
        base,
        model.forward_over(&plan(), ForwardOptions::reference()).unwrap().logps
    );
    assert!(
        model
            .adapter()
            .unwrap()
            .unwrap()
            .modules
            .contains_key("model.layers.1.self_attn.q_proj")
    );
}

#[test]
fn adapters_and_requests_that_do_not_fit_are_refused() {
    let attach = |frozen, trainable| {
        let mut model = load(&golden("llama-mha")).unwrap();
        model.attach(frozen, trainable).unwrap_err().to_string()
    };
    let model = load(&golden("llama-mha")).unwrap();
    let lora = |rank, targets| {
        Trainable::NewAdapter(LoraConfig {
            rank,
            alpha: 1.0,
            targets,
            seed: 0,
            ..LoraConfig::default()
        })
    };
    assert!(attach(vec![], lora(0, Targets::All)).contains("rank"));
    assert!(attach(vec![], lora(1, Targets::Named(vec!["w_pack".into()]))).contains("q_proj, k_proj"));
    let elsewhere = some_adapter(1, &model, &["model.layers.9.self_attn.q_proj"]);
    assert!(attach(vec![elsewhere], Trainable::Nothing).contains("model.layers.9"));
    let mut misshapen = some_adapter(1, &model, &["model.layers.0.self_attn.q_proj"]);
    misshapen
        .modules
        .values_mut()
        .for_each(|pair| pair.a = pair.a.narrow(1, 0, 5).unwrap());
    assert!(
        attach(
            vec![],
            Trainable::Continue {
                adapter: misshapen,
                dropout: 0.0
            }
        )
        .contains("another model")
    );
}

/// Norms of the rows of `W + 1.5 B A`.
fn row_norms(weight: &Tensor, a: &Tensor, b: &Tensor) -> Tensor {
    let moved = (weight + (b.matmul(a).unwrap() * 1.5).unwrap()).unwrap();
    moved.sqr().unwrap().sum(1).unwrap().sqrt().unwrap()
}

/// With dropout on, the gradient is that of the masked model: it predicts how the loss moves. With DoRA the norms count
/// as constants, so the lengths are moved along with them.
fn gradients_under_dropout(dora: bool) {
    let mut model = load(&golden("llama-mha")).unwrap();
    let modules = ["model.layers.0.self_attn.q_proj", "model.layers.1.self_attn.v_proj"];
    let weights = modules.map(|path| model.merged_weight(&format!("{path}.weight")).unwrap());
    let mut adapter = some_adapter(4, &model, &modules);
    for (path, weight) in modules.iter().zip(&weights).filter(|_| dora) {
        let pair = adapter.modules.get_mut(*path).unwrap();
        pair.magnitude = Some((row_norms(weight, &pair.a, &pair.b) * 1.2).unwrap());
    }
    model
        .attach(vec![], Trainable::Continue { adapter, dropout: 0.4 })
        .unwrap();
    let plan = plan();
    let loss = |model: &mut Model, options| -> f64 {
        let scored = model.forward_over(&plan, options).unwrap();
        scored.logps.iter().map(|&x| f64::from(x)).sum()
    };
    let plain = loss(&mut model, ForwardOptions::policy());
    let dropout = |options| ForwardOptions {
        dropout_seed: Some(5),
        ..options
    };
    let dropped = loss(&mut model, dropout(ForwardOptions::training()));
    assert!((plain - dropped).abs() > 1e-3, "dropout changes the policy");
    model
        .backward_over(&plan, LossGrads::of_logps(&vec![1.0; plan.rows.len()]))
        .unwrap();
    // step along the gradient: the loss must move by |gradient| * step
    let norm = model.grad_norm().unwrap();
    let step = 2e-3;
    let moved = |model: &Model, sign: f64| -> HashMap<String, Tensor> {
        let value = |name: &str, sign: f64| {
            let param = model.params().iter().find(|p| p.name == name).unwrap();
            let change = (param.grad().unwrap() * (sign * step / norm)).unwrap();
            (param.value().unwrap() + change).unwrap()
        };
        let mut moved: HashMap<_, _> = model
            .params()
            .iter()
            .map(|p| (p.name.clone(), value(&p.name, sign)))
            .collect();
        for (path, weight) in modules.iter().zip(&weights).filter(|_| dora) {
            let [a, b] = ["A", "B"].map(|side| format!("{path}.lora_{side}.weight"));
            let norms = |sign| row_norms(weight, &value(&a, sign), &value(&b, sign));
            let lengths = moved.get_mut(&format!("{path}.lora_magnitude_vector")).unwrap();
            *lengths = (&*lengths * (norms(sign) / norms(0.0)).unwrap()).unwrap();
        }
        moved
    };
    let (up, down) = (moved(&model, 1.0), moved(&model, -1.0));
    model.params_mut().restore(&up).unwrap();
    let higher = loss(&mut model, dropout(ForwardOptions::policy()));
    model.params_mut().restore(&down).unwrap();
    let lower = loss(&mut model, dropout(ForwardOptions::policy()));
    let slope = (higher - lower) / (2.0 * step);
    assert!(
        (slope - norm).abs() < 0.02 * norm,
        "dora {dora}: slope {slope}, gradient norm {norm}"
    );
}

#[test]
fn gradients_under_dropout_belong_to_the_same_mask() {
    gradients_under_dropout(false);
    gradients_under_dropout(true);
}

/// What freeze and LLaMA Pro train, by name; what they don't keeps its type and has no gradient.
#[test]
fn freeze_trains_what_it_names_and_leaves_the_rest_as_it_is_stored() {
    let trained = |folder: &str, layers, modules: &[&str], extra: &[&str]| {
        let mut model = load(&golden(folder)).unwrap();
        let names = |names: &[&str]| names.iter().map(|n| n.to_string()).collect();
        let part = FreezeSpec {
            layers,
            modules: names(modules),
            extra: names(extra),
        };
        let freeze = Trainable::Freeze {
            part,
            keep_reference: false,
        };
        model.attach(vec![], freeze).map_err(|e| e.to_string())?;
        for name in model.weight_names() {
            assert_eq!(model.merged_weight(&name).unwrap().dtype(), DType::BF16, "{name}");
        }
        Ok::<_, String>(model.params().iter().map(|p| p.name.clone()).collect::<Vec<_>>())
    };
    let one = |module: &str| format!("model.layers.1.self_attn.{module}_proj");
    let mut attention = vec![];
    for module in ["q", "k", "v"] {
        attention.extend([format!("{}.weight", one(module)), format!("{}.bias", one(module))]);
    }
    attention.push(format!("{}.weight", one("o")));
    let got = trained("qwen2-bf16", TrainedLayers::Last(1), &["self_attn"], &[]).unwrap();
    assert_eq!(got, attention);
    let got = trained("qwen2-bf16", TrainedLayers::First(1), &["input_layernorm"], &["norm"]).unwrap();
    assert_eq!(got, ["model.layers.0.input_layernorm.weight", "model.norm.weight"]);
    let got = trained("qwen2-bf16", TrainedLayers::Expanded(1), &["input_layernorm"], &[]).unwrap();
    assert_eq!(got, ["model.layers.1.input_layernorm.weight"]);
    let error = trained("qwen2-bf16", TrainedLayers::Last(1), &["attention"], &[]).unwrap_err();
    assert!(error.contains("self_attn") && error.contains("`attention`"), "{error}");
    let error = trained("qwen2-bf16", TrainedLayers::Last(1), &[], &["head"]).unwrap_err();
    assert!(error.contains("embed_tokens"), "{error}");
    let error = trained("qwen2-bf16", TrainedLayers::Expanded(3), &[], &[]).unwrap_err();
    assert!(error.contains("corral expand"), "{error}");
}

/// An expanded model computes what it did; its new blocks are copies whose two outputs are zero.
#[test]
fn expanded_blocks_change_nothing_until_they_are_trained() {
    let mut model = load(&golden("qwen3")).unwrap();
    let layers = model.config().layers();
    let before = model.forward_over(&plan(), ForwardOptions::policy()).unwrap().logps;
    model.expand(layers).unwrap();
    assert_eq!(model.config().layers(), 2 * layers);
    let after = model.forward_over(&plan(), ForwardOptions::policy()).unwrap().logps;
    assert_eq!(before, after);
    let weight = |name: &str| {
        let weight = model.merged_weight(&format!("model.layers.{name}.weight")).unwrap();
        weight.flatten_all().unwrap().to_vec1::<f32>().unwrap()
    };
    assert_eq!(weight("2.mlp.up_proj"), weight("3.mlp.up_proj"));
    assert!(weight("3.mlp.down_proj").iter().all(|&x| x == 0.0));
    assert!(weight("2.mlp.down_proj").iter().any(|&x| x != 0.0));
    assert!(model.expand(3).unwrap_err().to_string().contains("evenly"));
}
