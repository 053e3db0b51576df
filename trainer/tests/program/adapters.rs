//! Starts of adapters and expanded models against what the original libraries wrote, and what becomes of LoftQ and PiSSA adapters.

use crate::worker::{Folder, config, golden, program, said};
use safetensors::SafeTensors;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;
use trainer::model::{Init, LoadOptions, Loftq, LoraConfig, Model, OnTheFly, Pissa, Targets, Trainable};
use trainer::quant::bnb4::Kind;

#[derive(Deserialize)]
struct Expanded {
    model: String,
    num_expand: usize,
    num_hidden_layers: usize,
    tensors: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Expansions {
    cases: Vec<Expanded>,
}

#[derive(Deserialize)]
struct Started {
    model: String,
    iterations: usize,
    rank: usize,
    weights: BTreeMap<String, (f64, f64)>,
    products: BTreeMap<String, (f64, f64)>,
}

#[derive(Deserialize)]
struct Starts {
    cases: BTreeMap<String, Started>,
}

fn read<T: for<'a> Deserialize<'a>>(name: &str) -> T {
    let path = golden().join(name);
    let text = std::fs::read_to_string(&path).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The L2 norm, and the dot product with `cos(i / 10)`.
fn told(values: &[f64]) -> (f64, f64) {
    let norm = values.iter().map(|x| x * x).sum::<f64>().sqrt();
    let probe = values.iter().enumerate().map(|(i, x)| x * (0.1 * i as f64).cos());
    (norm, probe.sum())
}

fn near(name: &str, got: (f64, f64), want: (f64, f64), tolerance: f64) {
    let off = (got.0 - want.0).abs().max((got.1 - want.1).abs());
    assert!(off < tolerance * want.0, "{name}: {got:?}, expected {want:?}");
}

#[test]
fn expanding_gives_the_tensors_of_llama_factorys_script() {
    let folder = Folder::new();
    for case in read::<Expansions>("expand.json").cases {
        let out = folder.path().join(format!("{}-{}", case.model, case.num_expand));
        let model = golden().join("models").join(&case.model).display().to_string();
        let (count, to) = (case.num_expand.to_string(), out.display().to_string());
        let done = program(&["expand", &model, "--out", &to, "--num-expand", &count]).output();
        let done = done.unwrap();
        assert!(done.status.success(), "{}", said(&done));
        let bytes = std::fs::read(out.join("model.safetensors")).unwrap();
        let tensors = SafeTensors::deserialize(&bytes).unwrap();
        let hash = |data: &[u8]| {
            Sha256::digest(data)
                .iter()
                .map(|b| format!("{b:02x}"))
                .collect::<String>()
        };
        let got = tensors.tensors().into_iter();
        let got: BTreeMap<_, _> = got.map(|(name, tensor)| (name, hash(tensor.data()))).collect();
        assert_eq!(got, case.tensors, "{} by {}", case.model, case.num_expand);
        let text = std::fs::read_to_string(out.join("config.json")).unwrap();
        let config: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(config["num_hidden_layers"], case.num_hidden_layers);
    }
}

#[test]
fn loftq_starts_with_pefts_weights_and_products() {
    for (name, case) in read::<Starts>("loftq.json").cases {
        let options = LoadOptions {
            quantize: Some(OnTheFly::FourBit {
                kind: Kind::Nf4,
                double: false,
            }),
            loftq: Some(Loftq {
                iterations: case.iterations,
                rank: case.rank,
                targets: Targets::All,
                fresh: true,
            }),
            ..LoadOptions::default()
        };
        let folder = golden().join("models").join(&case.model);
        // whatever the factor on B A: PEFT's is 1
        for alpha in [1, 3] {
            let mut model = Model::load(&folder, &options).unwrap();
            let iterations = case.iterations;
            let adapter = LoraConfig {
                rank: case.rank,
                alpha: (alpha * case.rank) as f64,
                init: Init::Loftq { iterations },
                ..LoraConfig::default()
            };
            model.attach(vec![], Trainable::NewAdapter(adapter)).unwrap();
            for (weight, &want) in &case.weights {
                let values = model.dequantized(weight).unwrap();
                let values: Vec<f64> = values.into_iter().map(f64::from).collect();
                near(&format!("{name}: {weight}"), told(&values), want, 1e-6);
            }
            let adapter = model.adapter().unwrap().unwrap();
            assert_eq!(adapter.modules.len(), case.products.len());
            for (module, pair) in &adapter.modules {
                let product = (pair.b.matmul(&pair.a).unwrap() * adapter.scale).unwrap();
                let values = product.flatten_all().unwrap().to_vec1::<f32>().unwrap();
                let values: Vec<f64> = values.into_iter().map(f64::from).collect();
                near(&format!("{name}: {module}"), told(&values), case.products[module], 1e-4);
            }
        }
    }
}

#[derive(Deserialize)]
struct Left {
    rank: usize,
    alpha: f64,
    left: BTreeMap<usize, BTreeMap<String, (f64, f64)>>,
}

/// PEFT begins each decomposition at random: what is left of the weight has a mean and a spread, and ours lies within; nor do all lie on one side.
#[test]
fn pissa_with_few_iterations_leaves_as_much_as_pefts() {
    let golden: Left = read("pissa.json");
    for (iterations, modules) in golden.left {
        let mut model = Model::load(&crate::worker::golden().join("models/llama"), &LoadOptions::default()).unwrap();
        let pissa = Pissa {
            iterations: Some(iterations),
            convert: false,
        };
        let adapter = LoraConfig {
            rank: golden.rank,
            alpha: golden.alpha,
            init: Init::Pissa(pissa),
            ..LoraConfig::default()
        };
        model.attach(vec![], Trainable::NewAdapter(adapter)).unwrap();
        let adapter = model.adapter().unwrap().unwrap();
        let off = |(module, (mean, deviation)): (&String, &(f64, f64))| {
            let pair = &adapter.modules[module];
            let product = (pair.b.matmul(&pair.a).unwrap() * adapter.scale).unwrap();
            let product = product.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            let whole = model.dequantized(&format!("{module}.weight")).unwrap();
            let left = whole.iter().zip(&product).map(|(w, p)| f64::from(w - p).powi(2));
            (left.sum::<f64>().sqrt() - mean) / deviation
        };
        let off: Vec<f64> = modules.iter().map(off).collect();
        let sum: f64 = off.iter().sum();
        let within = off.iter().all(|x| x.abs() < 4.0) && sum.abs() < 4.0 * (off.len() as f64).sqrt();
        assert!(within, "{iterations}: {off:?} deviations");
    }
}

/// Logits of a model, one row a token.
fn logits(model: &Path, adapter: Option<&Path>) -> Vec<f64> {
    let (model, adapter) = (model.display().to_string(), adapter.map(|a| a.display().to_string()));
    let mut args = vec!["logits", &model, "--ids", "1,17,5,30,9,44,12,3,40,21"];
    args.extend(adapter.iter().flat_map(|adapter| ["--adapter", adapter]));
    let done = program(&args).output().unwrap();
    assert!(done.status.success(), "{}", said(&done));
    let got: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    let rows = got["logits"].as_array().unwrap().iter();
    rows.flat_map(|row| row.as_array().unwrap())
        .map(|x| x.as_f64().unwrap())
        .collect()
}

/// The largest difference, over the largest of them.
fn apart(a: &[f64], b: &[f64]) -> f64 {
    let most = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0, |most: f64, x| most.max(x.abs()));
    most(&mut a.iter().zip(b).map(|(a, b)| a - b)) / most(&mut b.iter().copied())
}

#[test]
fn a_loftq_adapter_goes_on_chats_and_merges_into_the_weights_it_was_made_for() {
    let folder = Folder::new();
    let base = golden().join("models/llama");
    for iterations in [1, 3] {
        let more = "init_lora_weights: loftq\nquantization_bit: 4\nmax_steps: 6\nlearning_rate: 5e-3";
        let yaml = folder.write(
            "loftq.yaml",
            &config("sft", &format!("{more}\nloftq_iter: {iterations}")),
        );
        let first = folder.run(&format!("first-{iterations}"));
        first.train(&yaml, &[]);
        let adapter = first.0.join("checkpoint-6");
        let loss = |run: &crate::worker::Run, at: usize| run.of("eval")[at]["metrics"]["eval_loss"].as_f64().unwrap();

        let on = folder.run(&format!("on-{iterations}"));
        on.train(&yaml, &[&format!("adapter_name_or_path={}", adapter.display())]);
        let (ended, begun) = (loss(&first, first.of("eval").len() - 1), loss(&on, 0));
        assert!((ended - begun).abs() < 1e-5, "{ended} went on at {begun}");

        let merged = folder.path().join(format!("merged-{iterations}"));
        let (path, on, out) = (
            base.display().to_string(),
            adapter.display().to_string(),
            merged.display().to_string(),
        );
        let args = ["export", &path, "--adapter", &on, "--template", "llama2", "--out", &out];
        let done = program(&args).output().unwrap();
        assert!(
            done.status.success() && said(&done).contains("dequantized"),
            "{}",
            said(&done)
        );
        let (tuned, merged) = (logits(&base, Some(&adapter)), logits(&merged, None));
        assert!(apart(&merged, &tuned) < 1e-5, "{}", apart(&merged, &tuned));
        assert!(apart(&logits(&base, None), &tuned) > 1e-3);
    }
}

#[test]
fn a_converted_pissa_adapter_is_the_same_model_on_the_weights_as_they_were() {
    let folder = Folder::new();
    let base = golden().join("models/llama");
    for (more, iterations) in [("", 2), ("use_rslora: true", -1)] {
        let yaml = folder.write(
            "pissa.yaml",
            &config(
                "sft",
                &format!("pissa_init: true\npissa_iter: {iterations}\nmax_steps: 6\n{more}"),
            ),
        );
        let trained = |convert: &str| {
            let run = folder.run(&format!("{convert}{iterations}"));
            run.train(&yaml, &[&format!("pissa_convert={convert}")]);
            let text = run.text("checkpoint-6/adapter_config.json");
            let saved: serde_json::Value = serde_json::from_str(&text).unwrap();
            (logits(&base, Some(&run.0.join("checkpoint-6"))), saved)
        };
        let ((plain, own), (converted, saved)) = (trained("false"), trained("true"));
        assert!(apart(&converted, &plain) < 1e-5, "{}", apart(&converted, &plain));
        // it says nothing of PiSSA, and has twice the rank
        assert_eq!((&saved["init_lora_weights"], &saved["r"]), (&true.into(), &8.into()));
        assert!(own["init_lora_weights"].as_str().unwrap().starts_with("pissa"));
        assert!(apart(&logits(&base, None), &plain) > 1e-3);
    }
}

#[test]
fn a_quantized_reference_may_be_computed_before() {
    let folder = Folder::new();
    let more = format!(
        "ref_model: {}\nref_model_quantization_bit: 4\nmax_steps: 4",
        golden().join("models/llama").display()
    );
    let yaml = folder.write("run.yaml", &config("dpo", &more));
    let losses = |name: &str, args: &[&str]| -> Vec<f64> {
        let run = folder.run(name);
        run.train(&yaml, args);
        let steps = run.of("step");
        steps.iter().map(|e| e["metrics"]["loss"].as_f64().unwrap()).collect()
    };
    let live = losses("live", &[]);
    // the policy is not what it is compared with
    assert!((live[0] - 2f64.ln()).abs() > 1e-3, "{live:?}");
    // what another packing stored is not taken for this one
    let eight = losses(
        "eight",
        &["ref_model_quantization_bit=8", "precompute_ref_log_probs=true"],
    );
    let stored = losses("stored", &["precompute_ref_log_probs=true"]);
    for ((live, stored), eight) in live.iter().zip(&stored).zip(&eight) {
        assert!((live - stored).abs() < 1e-5, "{live}, stored {stored}");
        assert!((live - eight).abs() > 1e-5);
    }
}
