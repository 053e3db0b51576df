//! Every family, stored dtype and RoPE kind against log-probs, logits and gradients transformers computed
//! (`tests/golden/families`, whose README tells the format and the tolerance; mixtures of experts are in `models`).
use crate::common::passes::Passes;
use crate::common::{here, options};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use trainer::model::{Adapter, ForwardOptions, LoraPair, LossGrads, Model, Trainable, read_all};
use trainer::plan::{PairTokens, Plan, SeqTokens};

const TOLERANCE: f64 = 1e-4;

fn families() -> Vec<PathBuf> {
    let root = here().join("../tests/golden/families");
    let models = ["mixtral", "qwen2moe"].map(|name| root.join("../models").join(name));
    let mut folders: Vec<_> = std::fs::read_dir(&root)
        .expect("golden values are part of the repository")
        .map(|entry| entry.unwrap().path())
        .chain(models)
        .filter(|path| path.join("expected.json").is_file())
        .collect();
    folders.sort();
    assert!(folders.len() >= 17, "only {} folders", folders.len());
    folders
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn tokens(value: &Value) -> Vec<u32> {
    numbers(value).into_iter().map(|n| n as u32).collect()
}

/// The adapter of a folder, from PEFT's files.
fn adapter(folder: &Path) -> Adapter {
    let tensors = read_all(&folder.join("adapter_model.safetensors"), &candle_core::Device::Cpu).unwrap();
    let mut modules = BTreeMap::new();
    for (name, a) in &tensors {
        let Some(path) = name.strip_suffix(".lora_A.weight") else {
            continue;
        };
        let b = tensors[&format!("{path}.lora_B.weight")].clone();
        let path = path.strip_prefix("base_model.model.").unwrap().to_owned();
        modules.insert(path, LoraPair::new(a.clone(), b));
    }
    Adapter {
        scale: 8.0 / 4.0,
        modules,
        ..Adapter::default()
    }
}

struct Case {
    name: String,
    folder: PathBuf,
    expected: Value,
    sequences: Vec<Vec<u32>>,
    prompt: usize,
}

impl Case {
    fn read(folder: PathBuf) -> Self {
        let text = std::fs::read_to_string(folder.join("expected.json")).unwrap();
        let expected: Value = serde_json::from_str(&text).unwrap();
        let sequences = expected["sequences"].as_array().unwrap().iter().map(tokens).collect();
        let prompt = expected["prompt_tokens"].as_u64().unwrap() as usize;
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        Self {
            name,
            folder,
            expected,
            sequences,
            prompt,
        }
    }

    fn model(&self, trained: &str) -> Model {
        let mut model = Model::load(&self.folder, &options()).unwrap();
        let trainable = match trained {
            "full" => Trainable::Full { keep_reference: true },
            _ => {
                let folder = self.folder.join(self.expected["adapter"].as_str().unwrap());
                Trainable::Continue {
                    adapter: adapter(&folder),
                    dropout: 0.0,
                }
            }
        };
        model.attach(vec![], trainable).unwrap();
        model
    }

    fn shared(&self) -> Plan {
        let (prompt, chosen) = self.sequences[0].split_at(self.prompt);
        Plan::pairs(&[PairTokens {
            prompt,
            chosen,
            rejected: &self.sequences[1][self.prompt..],
        }])
        .unwrap()
    }

    fn packed(&self) -> Plan {
        let counts: Vec<Vec<bool>> = self
            .sequences
            .iter()
            .map(|s| (0..s.len()).map(|t| t >= self.prompt).collect())
            .collect();
        let sequences = self.sequences.iter().zip(&counts);
        let sequences: Vec<_> = sequences.map(|(tokens, counts)| SeqTokens { tokens, counts }).collect();
        Plan::sequences(&sequences).unwrap()
    }

    fn check(&self, trained: &str, plan: &Plan, budget: Option<u64>) {
        let context = format!("{} {trained}", self.name);
        let expected = &self.expected[trained];
        let mut model = self.model(trained);
        let training = ForwardOptions {
            activation_memory: budget,
            ..ForwardOptions::training()
        };
        let scored = model.forward_over(plan, training).unwrap();
        let reference = model.forward_over(plan, ForwardOptions::reference()).unwrap();
        for (policy, reference) in scored.logps.iter().zip(&reference.logps) {
            assert!(
                (policy - reference).abs() < 1e-4,
                "{context}: the reference is what the run starts from"
            );
        }
        let sums = plan.sum_by_sequence(&scored.logps);
        for (got, want) in sums.iter().zip(numbers(&expected["logps"])) {
            assert!(
                (got - want).abs() <= TOLERANCE * want.abs(),
                "{context}: logp {got}, expected {want}"
            );
        }
        let weights = numbers(&self.expected["weights"]);
        let coefficients: Vec<f32> = plan
            .rows
            .iter()
            .map(|row| weights[row.sequence as usize] as f32)
            .collect();
        model.backward_over(plan, LossGrads::of_logps(&coefficients)).unwrap();
        let norm = model.grad_norm().unwrap();
        let want = expected["grad_norm"].as_f64().unwrap();
        assert!(
            (norm - want).abs() <= TOLERANCE * want,
            "{context}: gradient norm {norm}, expected {want}"
        );
        let grads = expected["grads"].as_object().unwrap();
        assert_eq!(
            grads.len(),
            model.params().iter().len(),
            "{context}: number of gradients"
        );
        for param in model.params().iter() {
            let prefix = if trained == "lora" { "base_model.model." } else { "" };
            let name = format!("{prefix}{}", param.name);
            let grad = param.grad().unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
            check_grad(&format!("{context} {name}"), &grad, &grads[&name]);
        }
    }
}

fn check_grad(context: &str, got: &[f32], want: &Value) {
    let g: Vec<f64> = got.iter().map(|&x| f64::from(x)).collect();
    let n = g.len();
    let want_norm = want["norm"].as_f64().unwrap();
    let norm = g.iter().map(|x| x * x).sum::<f64>().sqrt();
    let close = |what: &str, got: f64, want: f64, scale: f64| {
        assert!(
            (got - want).abs() <= TOLERANCE * scale,
            "{context}: {what} {got}, expected {want} within {scale:e} x 1e-4"
        );
    };
    close("norm", norm, want_norm, want_norm);
    for (k, want) in numbers(&want["values"]).into_iter().enumerate() {
        close("value", g[k * n / 8], want, want_norm);
    }
    for (k, want) in numbers(&want["projections"]).into_iter().enumerate() {
        let k = k as f64;
        let projection: f64 = g
            .iter()
            .enumerate()
            .map(|(i, x)| x * (0.7 * (k + 1.0) * i as f64 + k).cos())
            .sum();
        close("projection", projection, want, want_norm * (n as f64 / 2.0).sqrt());
    }
}

#[test]
fn full_gradients() {
    for case in families().into_iter().map(Case::read) {
        case.check("full", &case.shared(), None);
        case.check("full", &case.packed(), Some(0));
    }
}

#[test]
fn lora_gradients() {
    for case in families().into_iter().map(Case::read) {
        case.check("lora", &case.shared(), Some(0));
        case.check("lora", &case.packed(), None);
    }
}
