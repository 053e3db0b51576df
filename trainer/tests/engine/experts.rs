//! Folders with experts: what is wrong with one is said once and clearly; quantizing, merging and expanding go on.

use crate::common::passes::Passes;
use crate::common::{here, ids, options};
use std::path::{Path, PathBuf};
use trainer::model::{
    ForwardOptions, LoadOptions, LoraConfig, LossGrads, Model, OnTheFly, Targets, TensorFile, Trainable, read_all,
};
use trainer::plan::{Extent, PairTokens, Plan};
use trainer::quant::bnb4::Kind;

const FAMILIES: [&str; 2] = ["mixtral", "qwen2moe"];

fn golden(name: &str) -> PathBuf {
    here().join("../tests/golden/models").join(name)
}

fn load(folder: &Path) -> Model {
    Model::load(folder, &options()).unwrap()
}

fn plan(extent: Extent) -> Plan {
    let (prompt, chosen, rejected) = (ids(20, 1, 352), ids(9, 2, 352), ids(14, 3, 352));
    let pair = PairTokens {
        prompt: &prompt,
        chosen: &chosen,
        rejected: &rejected,
    };
    Plan::new(extent).with_pairs(&[pair]).unwrap()
}

fn logps(model: &mut Model) -> Vec<f32> {
    model
        .forward_over(&plan(Extent::Predictors), ForwardOptions::policy())
        .unwrap()
        .logps
}

fn lora() -> LoraConfig {
    LoraConfig {
        rank: 2,
        alpha: 4.0,
        targets: Targets::All,
        seed: 1,
        ..LoraConfig::default()
    }
}

fn close(a: &[f32], b: &[f32], within: f32) {
    assert_eq!(a.len(), b.len());
    for (a, b) in a.iter().zip(b) {
        assert!((a - b).abs() <= within, "{a}, expected {b}");
    }
}

#[test]
fn what_is_wrong_with_a_folder_is_said() {
    let folder = std::env::temp_dir().join(format!("corral-experts-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let base = golden("mixtral");
    let config = std::fs::read_to_string(base.join("config.json")).unwrap();
    let refusal = |config: &str, without: Option<&str>| {
        std::fs::write(folder.join("config.json"), config).unwrap();
        let mut tensors = read_all(&base.join("model.safetensors"), &candle_core::Device::Cpu).unwrap();
        if let Some(name) = without {
            tensors.remove(name).expect("the folder has it");
        }
        candle_core::safetensors::save(&tensors, folder.join("model.safetensors")).unwrap();
        let error = Model::load(&folder, &options()).err();
        error.expect("the folder must be refused").to_string()
    };
    let lost = "model.layers.1.block_sparse_moe.experts.2.w3.weight";
    assert!(refusal(&config, Some(lost)).contains(&format!("no tensor `{lost}`")));
    let router = "model.layers.0.block_sparse_moe.gate.weight";
    assert!(refusal(&config, Some(router)).contains(&format!("no tensor `{router}`")));
    let more = config.replace(r#""num_experts_per_tok": 2"#, r#""num_experts_per_tok": 9"#);
    let error = refusal(&more, None);
    assert!(
        error.contains("config.json") && error.contains("more than the 4"),
        "{error}"
    );
    let more = config.replace(r#""num_local_experts": 4"#, r#""num_local_experts": 5"#);
    let error = refusal(&more, None);
    assert!(error.contains("gate.weight` has shape [4, 32]"), "{error}");
    std::fs::remove_dir_all(&folder).ok();
}

#[test]
fn weights_leave_under_the_names_they_came_by() {
    for name in FAMILIES {
        let file = TensorFile::open(&golden(name).join("model.safetensors")).unwrap();
        let mut stored: Vec<String> = file.names().collect();
        let mut written = load(&golden(name)).weight_names();
        stored.sort();
        written.sort();
        assert_eq!(stored, written);
    }
}

#[test]
fn adapters_on_routers_and_experts_fold_into_the_weights() {
    for name in FAMILIES {
        let mut model = load(&golden(name));
        let before = logps(&mut model);
        model.attach(vec![], Trainable::NewAdapter(lora())).unwrap();
        let mut moved = std::collections::HashMap::new();
        for param in model.params().iter() {
            let noise = crate::common::noise(param.len(), param.len() as u64, 0.1);
            let noise =
                candle_core::Tensor::from_vec(noise, param.shape.as_slice(), &candle_core::Device::Cpu).unwrap();
            moved.insert(param.name.clone(), (param.value().unwrap() + noise).unwrap());
        }
        model.params_mut().restore(&moved).unwrap();
        let tuned = logps(&mut model);
        assert!(before.iter().zip(&tuned).any(|(a, b)| (a - b).abs() > 1e-2), "{name}");
        let folder = std::env::temp_dir().join(format!("corral-merged-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::copy(golden(name).join("config.json"), folder.join("config.json")).unwrap();
        let names = model.weight_names().into_iter();
        let merged: std::collections::HashMap<_, _> = names
            .map(|name| (name.clone(), model.merged_weight(&name).unwrap()))
            .collect();
        candle_core::safetensors::save(&merged, folder.join("model.safetensors")).unwrap();
        close(&logps(&mut load(&folder)), &tuned, 1e-3);
        std::fs::remove_dir_all(&folder).ok();
    }
}

#[test]
fn experts_train_quantized() {
    let quantized = LoadOptions {
        quantize: Some(OnTheFly::FourBit {
            kind: Kind::Nf4,
            double: true,
        }),
        ..options()
    };
    for name in FAMILIES {
        let mut model = Model::load(&golden(name), &quantized).unwrap();
        assert_eq!(model.quantized().unwrap().0, ["nf4"]);
        model.attach(vec![], Trainable::NewAdapter(lora())).unwrap();
        let plan = plan(Extent::Whole);
        let scored = model.forward_over(&plan, ForwardOptions::training()).unwrap();
        assert!(scored.aux_loss.unwrap() > 1.0 && scored.logps.iter().all(|x| x.is_finite()));
        let loss = LossGrads {
            d_logp: &vec![1.0; plan.rows.len()],
            d_aux_loss: 1.0,
            ..LossGrads::default()
        };
        model.backward_over(&plan, loss).unwrap();
        assert!(model.grad_norm().unwrap() > 0.0);
    }
}

#[test]
fn whole_rows_score_as_their_predictors_do() {
    for name in FAMILIES {
        let mut model = load(&golden(name));
        let whole = model
            .forward_over(&plan(Extent::Whole), ForwardOptions::policy())
            .unwrap();
        close(&whole.logps, &logps(&mut model), 1e-4);
        assert!(whole.aux_loss.is_some());
        let reference = model
            .forward_over(&plan(Extent::Whole), ForwardOptions::reference())
            .unwrap();
        assert_eq!(reference.aux_loss, None);
    }
    let llama = load(&golden("llama")).forward_over(&plan(Extent::Whole), ForwardOptions::policy());
    assert_eq!(llama.unwrap().aux_loss, None);
}

#[test]
fn blocks_with_experts_expand() {
    for name in FAMILIES {
        let mut model = load(&golden(name));
        let before = logps(&mut model);
        model.expand(2).unwrap();
        // an expert's few rows go another way through the products than its many: the last layer was cut short before
        close(&logps(&mut model), &before, 1e-5);
    }
}
