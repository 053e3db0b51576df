//! Every family, stored dtype and RoPE kind against log-probs, logits and gradients transformers computed
//! (`tests/golden/families`, whose README tells the format and the tolerance; mixtures of experts are in `models`).
use crate::common::families::folders;
use crate::common::options;
use crate::common::passes::Passes;
use protocol::decoder::{HeadNormLayout, HeadNorms, Stack, Stored};
use serde_json::Value;
use std::collections::BTreeMap;
use std::panic::{RefUnwindSafe, catch_unwind};
use std::path::PathBuf;
use trainer::model::{ForwardOptions, LossGrads, Model, ModelConfig, Trainable};
use trainer::peft;
use trainer::plan::{PairTokens, Plan, SeqTokens};

const TOLERANCE: f64 = 1e-4;

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn tokens(value: &Value) -> Vec<u32> {
    numbers(value).into_iter().map(|n| n as u32).collect()
}

pub struct Case {
    name: String,
    folder: PathBuf,
    expected: Value,
    sequences: Vec<Vec<u32>>,
    prompt: usize,
}

impl Case {
    pub fn read(folder: PathBuf) -> Self {
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
                    adapter: peft::read(&folder, &candle_core::Device::Cpu).unwrap().adapter,
                    dropout: 0.0,
                }
            }
        };
        model.attach(vec![], trainable).unwrap();
        model
    }

    pub fn shared(&self) -> Plan {
        let (prompt, chosen) = self.sequences[0].split_at(self.prompt);
        Plan::pairs(&[PairTokens {
            prompt,
            chosen,
            rejected: &self.sequences[1][self.prompt..],
        }])
        .unwrap()
    }

    pub fn packed(&self) -> Plan {
        let counts: Vec<Vec<bool>> = self
            .sequences
            .iter()
            .map(|s| (0..s.len()).map(|t| t >= self.prompt).collect())
            .collect();
        let sequences = self.sequences.iter().zip(&counts);
        let sequences: Vec<_> = sequences.map(|(tokens, counts)| SeqTokens { tokens, counts }).collect();
        Plan::sequences(&sequences).unwrap()
    }

    pub fn check(&self, trained: &str, plan: &Plan, budget: Option<u64>) {
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
        let prefix = if trained == "lora" { "base_model.model." } else { "" };
        let wanted = expected["grads"].as_object().unwrap().iter();
        let wanted: BTreeMap<&str, &Value> = wanted
            .map(|(name, g)| (name.strip_prefix(prefix).unwrap(), g))
            .collect();
        let grads = published(&model);
        let names: Vec<&str> = grads.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            wanted.keys().copied().collect::<Vec<_>>(),
            "{context}: gradients"
        );
        for (name, grad) in &grads {
            check_grad(&format!("{context} {name}"), grad, wanted[name.as_str()], want);
        }
    }
}

/// The gradients as the family's files have the tensors: layers of one tensor joined, and turned where the file has them so.
fn published(model: &Model) -> BTreeMap<String, Vec<f32>> {
    let (names, decoder) = (&model.config().family.weights, &model.config().decoder);
    let mut all: BTreeMap<String, Vec<f32>> = BTreeMap::new();
    for param in model.params().iter() {
        let grad = param.grad().unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let (module, tail) = match param.name.split_once(".lora_") {
            Some((module, tail)) => (module, format!("lora_{tail}")),
            None => param.name.rsplit_once('.').map(|(m, t)| (m, t.to_owned())).unwrap(),
        };
        let Some(stored) = names.role(module).map(|role| names.stored(decoder, role)) else {
            all.insert(param.name.clone(), grad);
            continue;
        };
        if let Some(stack) = stored.stack {
            put_in_stack(&mut all, &stored, stack, &tail, &grad);
            continue;
        }
        let joined = format!("{}.{tail}", stored.path);
        let norm = names.role(module).and_then(|role| names.head_norm(decoder, role));
        if let Some(HeadNormLayout {
            layout: HeadNorms::Numbered,
            heads,
        }) = norm
        {
            let parts = grad.chunks_exact(grad.len() / heads).enumerate();
            all.extend(parts.map(|(n, part)| (format!("{module}.{n}.{tail}"), part.to_vec())));
            continue;
        }
        let turned = stored.transposed && tail == "weight";
        let Some(rows) = stored.rows.filter(|_| tail != "lora_A.weight") else {
            let rows = param.value().unwrap().dims()[0];
            all.insert(joined, if turned { transposed(&grad, rows) } else { grad });
            continue;
        };
        let width = grad.len() / rows.count();
        let whole = all.entry(joined).or_insert_with(|| vec![f32::NAN; rows.of * width]);
        for (run, start) in grad.chunks_exact(rows.run * width).zip(rows.starts()) {
            for (i, value) in run.iter().enumerate() {
                let (row, column) = (start + i / width, i % width);
                whole[if turned {
                    column * rows.of + row
                } else {
                    row * width + column
                }] = *value;
            }
        }
    }
    all
}

/// A part of a tensor of several matrices, or of their biases.
fn put_in_stack(all: &mut BTreeMap<String, Vec<f32>>, stored: &Stored, stack: Stack, tail: &str, grad: &[f32]) {
    let rows = stored.rows.unwrap();
    let (name, turned) = match tail {
        "weight" => (stored.named.weight(&stored.path), stored.transposed),
        _ => (stored.named.bias(&stored.path), false),
    };
    let width = grad.len() / rows.count();
    let size = rows.of * width;
    let whole = all.entry(name).or_insert_with(|| vec![f32::NAN; stack.of * size]);
    let matrix = &mut whole[stack.index * size..(stack.index + 1) * size];
    for (run, start) in grad.chunks_exact(rows.run * width).zip(rows.starts()) {
        for (i, value) in run.iter().enumerate() {
            let (row, column) = (start + i / width, i % width);
            matrix[if turned {
                column * rows.of + row
            } else {
                row * width + column
            }] = *value;
        }
    }
}

fn transposed(values: &[f32], rows: usize) -> Vec<f32> {
    let columns = values.len() / rows;
    (0..values.len())
        .map(|i| values[i % rows * columns + i / rows])
        .collect()
}

/// `whole`: the norm of all gradients. A bias of keys that do not turn has none, but for what rounding leaves of it.
fn check_grad(context: &str, got: &[f32], want: &Value, whole: f64) {
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
    let size = want_norm.max(1e-3 * whole);
    close("norm", norm, want_norm, size);
    for (k, want) in numbers(&want["values"]).into_iter().enumerate() {
        close("value", g[k * n / 8], want, size);
    }
    for (k, want) in numbers(&want["projections"]).into_iter().enumerate() {
        let k = k as f64;
        let projection: f64 = g
            .iter()
            .enumerate()
            .map(|(i, x)| x * (0.7 * (k + 1.0) * i as f64 + k).cos())
            .sum();
        close("projection", projection, want, size * (n as f64 / 2.0).sqrt());
    }
}

/// Every folder, and then which of them failed.
fn each(check: impl Fn(&Case) + RefUnwindSafe) {
    let fails = |folder: &PathBuf| catch_unwind(|| check(&Case::read(folder.clone()))).is_err();
    let failed: Vec<_> = folders().into_iter().filter(fails).collect();
    assert!(failed.is_empty(), "{failed:?}");
}

/// transformers 4 and 5 write other keys for the same model.
#[test]
fn configs_of_both_styles_say_the_same() {
    for folder in folders() {
        let other = folder.join("config.other.json");
        if other.is_file() {
            let [one, other] = [&folder.join("config.json"), &other].map(|path| ModelConfig::read(path).unwrap());
            assert_eq!(one.decoder, other.decoder, "{}", folder.display());
        }
    }
}

#[test]
fn full_gradients() {
    each(|case| {
        case.check("full", &case.shared(), None);
        case.check("full", &case.packed(), Some(0));
    });
}

#[test]
fn lora_gradients() {
    each(|case| {
        case.check("lora", &case.shared(), Some(0));
        case.check("lora", &case.packed(), None);
    });
}

/// However a family calls it; where nothing says it, 2048.
#[test]
fn how_long_texts_may_be_is_known_of_every_family() {
    const NAMES: [&str; 5] = [
        "max_position_embeddings",
        "n_positions",
        "seq_length",
        "max_seq_len",
        "model_max_length",
    ];
    for folder in folders() {
        let text = std::fs::read_to_string(folder.join("config.json")).unwrap();
        let config: Value = serde_json::from_str(&text).unwrap();
        let said = NAMES.iter().find_map(|name| config[name].as_u64());
        let told = trainer::info::read(&folder).unwrap().context;
        assert_eq!(told, said.unwrap_or(2048), "{}", folder.display());
    }
}
