//! Golden runs: what an original library logged for a config, and how far the trainer's own run of it is away.

mod run;

pub use run::{On, Ours, run, run_on, train, train_on};

use safetensors::SafeTensors;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub type Row = BTreeMap<String, f64>;

/// What a run logged: its steps and its evaluations, each with `step` among the metrics.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Curve {
    pub train: Vec<Row>,
    #[serde(default)]
    pub eval: Vec<Row>,
}

/// One row of the parity table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The loss, option, stage, adapter, quantizer or optimizer this row is for.
    pub proves: String,
    /// The paper's formula in f64 instead of the library's own run, and why.
    #[serde(default)]
    pub against: Against,
    #[serde(default)]
    pub why: String,
    /// A run config; its paths are relative to `tests/golden`.
    pub config: Map<String, Value>,
    pub train: Vec<Row>,
    #[serde(default)]
    pub eval: Vec<Row>,
    /// By tensor of the last checkpoint: L2 norm of its change, and the change's dot product with `cos(i / 10)`.
    #[serde(default)]
    pub change: BTreeMap<String, (f64, f64)>,
    /// By module: the same two numbers of the last adapter's product `B A`, where its matrices have no sign of their own.
    #[serde(default)]
    pub product: BTreeMap<String, (f64, f64)>,
    /// A wider tolerance, explained by an error bound computed in f64.
    #[serde(default)]
    pub bound: Option<Bound>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Against {
    #[default]
    Library,
    Paper,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    pub loss: f64,
    #[serde(default)]
    pub grad_norm: Option<f64>,
    pub why: String,
}

/// The cases one script wrote from one library.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    pub library: String,
    pub cases: BTreeMap<String, Case>,
}

/// Of this package as it lies here: programs of tests are also taken to machines that have a card.
pub fn golden() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    here.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into()).join("golden")
}

/// The groups there are: `parity/<name>.json`, and `curves/`, whose configs are files as users write them.
pub fn groups() -> Vec<String> {
    let files = std::fs::read_dir(golden().join("parity"))
        .into_iter()
        .flatten()
        .flatten();
    let names = files.filter_map(|f| Some(f.file_name().to_str()?.strip_suffix(".json")?.to_owned()));
    let mut names: Vec<_> = names.chain(["curves".to_owned()]).collect();
    names.sort();
    names
}

pub fn group(name: &str) -> Group {
    if name == "curves" {
        return curves();
    }
    let path = golden().join("parity").join(format!("{name}.json"));
    let text = std::fs::read_to_string(&path).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn curves() -> Group {
    let dir = golden().join("curves");
    let text = std::fs::read_to_string(dir.join("expected.json")).unwrap();
    let expected: BTreeMap<String, Curve> = serde_json::from_str(&text).unwrap();
    let case = |(name, curve): (String, Curve)| {
        let yaml = std::fs::read_to_string(dir.join(format!("{name}.yaml"))).unwrap();
        let case = Case {
            proves: name.replace('-', ", "),
            against: Against::Library,
            why: String::new(),
            config: yaml_serde::from_str(&yaml).unwrap(),
            train: curve.train,
            eval: curve.eval,
            change: BTreeMap::new(),
            product: BTreeMap::new(),
            bound: None,
        };
        (name, case)
    };
    Group {
        library: "LLaMA-Factory 0.9.3".into(),
        cases: expected.into_iter().map(case).collect(),
    }
}

/// The largest differences of a row, each as a multiple of what is allowed there, and in words where it is above 1.
#[derive(Debug, Default)]
pub struct Far {
    /// Largest `|got - want| / (1 + |want|)` of the loss.
    pub loss: f64,
    /// Largest relative difference of the gradient norm.
    pub grad_norm: f64,
    /// Largest `|got - want| / (1 + |want|)` of every other metric.
    pub metrics: f64,
    /// Largest difference of a tensor's change, by its norm.
    pub change: f64,
    pub wrong: Vec<String>,
}

const LOSS: f64 = 5e-5;
const GRAD_NORM: f64 = 5e-4;
const CHANGE: f64 = 1e-3;

impl Far {
    pub fn of(case: &Case, ours: &Ours) -> Self {
        let mut far = Self::default();
        for (kind, got, want) in [
            ("step", &ours.curve.train, &case.train),
            ("eval", &ours.curve.eval, &case.eval),
        ] {
            if !want.is_empty() && got.len() != want.len() {
                far.wrong
                    .push(format!("{} {kind}s, expected {}", got.len(), want.len()));
            }
            for (got, want) in got.iter().zip(want) {
                // where policy and reference say the same, another order of sums on a card makes one of them the larger
                let tied = On::asked() == On::Card
                    && want.get("rewards/margins") == Some(&0.0)
                    && got.get("rewards/margins").is_some_and(|margin| margin.abs() < LOSS);
                want.iter().for_each(|(metric, &want_value)| {
                    if tied && metric == "rewards/accuracies" {
                        return;
                    }
                    let at = format!("{kind} {}: {metric}", want["step"]);
                    far.metric(case, &at, metric, got.get(metric).copied(), want_value);
                });
            }
        }
        far.weights(case, ours);
        far
    }

    fn metric(&mut self, case: &Case, at: &str, metric: &str, got: Option<f64>, want: f64) {
        let bare = metric.trim_start_matches("eval_");
        // the two parts of ORPO's loss are LLaMA-Factory's own; the loss they make is checked
        if bare.ends_with("sft_loss") || bare.ends_with("odds_ratio_loss") {
            return;
        }
        let Some(got) = got else {
            return self.wrong.push(format!("{at} is missing"));
        };
        let off = (got - want).abs();
        let bound = case.bound.as_ref();
        let (relative, allowed) = match bare {
            "step" => (off, 0.0),
            "learning_rate" => (off / (want.abs() + 1e-5), 1e-7),
            // shares of the rows: one row more or less is at least 1/64
            name if name.ends_with("accuracies") || name.ends_with("accuracy") => (off, 1e-6),
            "grad_norm" => {
                let relative = off / want.abs().max(1e-6);
                self.grad_norm = self.grad_norm.max(relative);
                (relative, bound.and_then(|b| b.grad_norm).unwrap_or(GRAD_NORM))
            }
            "loss" => {
                let relative = off / (1.0 + want.abs());
                self.loss = self.loss.max(relative);
                (relative, bound.map_or(LOSS, |b| b.loss))
            }
            _ => {
                let relative = off / (1.0 + want.abs());
                self.metrics = self.metrics.max(relative);
                (relative, bound.map_or(LOSS, |b| b.loss))
            }
        };
        if relative.is_nan() || relative > allowed {
            self.wrong
                .push(format!("{at} is {got}, expected {want} ({off:.1e} apart)"));
        }
    }

    fn weights(&mut self, case: &Case, ours: &Ours) {
        if case.change.is_empty() && case.product.is_empty() {
            return;
        }
        let start = starting_weights(case);
        let last = ours.curve.train.last().map_or(0.0, |row| row["step"]);
        let trained = tensors(&ours.dir.path().join("out").join(format!("checkpoint-{last}")));
        for (name, &wanted) in &case.change {
            let Some((_, end)) = trained.get(name) else {
                self.wrong.push(format!("the checkpoint has no {name}"));
                continue;
            };
            let none = (0, vec![0.0; end.len()]);
            let (_, start) = start.get(name).unwrap_or(&none);
            let change: Vec<f64> = end.iter().zip(start).map(|(e, s)| e - s).collect();
            self.told(name, &change, wanted);
        }
        for (module, &wanted) in &case.product {
            let matrix = |side| trained.get(&format!("{module}.lora_{side}.weight"));
            let (Some((rank, a)), Some((_, b))) = (matrix("A"), matrix("B")) else {
                self.wrong.push(format!("the checkpoint has no adapter on {module}"));
                continue;
            };
            self.told(module, &product(b, a, *rank), wanted);
        }
        let strangers = trained.keys().filter_map(|name| name.strip_suffix(".lora_A.weight"));
        for module in strangers.filter(|module| !case.product.is_empty() && !case.product.contains_key(*module)) {
            self.wrong
                .push(format!("the checkpoint has an adapter on {module}, the original none"));
        }
    }

    /// Holds the L2 norm of a tensor, and its dot product with `cos(i / 10)`, against the original's.
    fn told(&mut self, name: &str, values: &[f64], (norm, probe): (f64, f64)) {
        let got_norm = values.iter().map(|x| x * x).sum::<f64>().sqrt();
        let got_probe: f64 = values.iter().enumerate().map(|(i, x)| x * (0.1 * i as f64).cos()).sum();
        let rounding = 1e-7 * (values.len() as f64).sqrt();
        let off = |got: f64, want: f64| ((got - want).abs() - rounding).max(0.0) / norm.max(1e-9);
        let relative = off(got_norm, norm).max(off(got_probe, probe) / 2.0);
        self.change = self.change.max(relative);
        if relative.is_nan() || relative > CHANGE {
            self.wrong.push(format!(
                "{name}: {got_norm:.6e}, {got_probe:.6e}; expected {norm:.6e}, {probe:.6e}"
            ));
        }
    }
}

/// `B A` of `[out, rank]` and `[rank, in]`, row-major.
fn product(b: &[f64], a: &[f64], rank: usize) -> Vec<f64> {
    let width = a.len() / rank.max(1);
    let row = |row: &[f64]| -> Vec<f64> {
        let sum = |j: usize| row.iter().enumerate().map(|(r, b)| b * a[r * width + j]).sum();
        (0..width).map(sum).collect()
    };
    b.chunks_exact(rank.max(1)).flat_map(row).collect()
}

/// What the run starts from: the model's tensors, and the last adapter's where there is one.
fn starting_weights(case: &Case) -> BTreeMap<String, (usize, Vec<f64>)> {
    let path = |key| Some(golden().join(case.config.get(key)?.as_str()?.rsplit(',').next()?.trim()));
    let folders = [path("model_name_or_path"), path("adapter_name_or_path")];
    folders
        .into_iter()
        .flatten()
        .flat_map(|folder| tensors(&folder))
        .collect()
}

/// Every f32 or bf16 tensor of a folder's model, adapter and value head: its first dimension, and its values in f64.
fn tensors(folder: &Path) -> BTreeMap<String, (usize, Vec<f64>)> {
    let mut out = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap_or_default();
        let wanted = ["model", "adapter_model", "value_head"]
            .iter()
            .any(|stem| name.starts_with(stem));
        if !wanted || !name.ends_with(".safetensors") {
            continue;
        }
        let bytes = std::fs::read(entry.path()).unwrap();
        for (name, view) in SafeTensors::deserialize(&bytes).unwrap().tensors() {
            let values = match view.dtype() {
                safetensors::Dtype::F32 => view
                    .data()
                    .chunks_exact(4)
                    .map(|b| f64::from(f32::from_le_bytes([b[0], b[1], b[2], b[3]])))
                    .collect(),
                safetensors::Dtype::BF16 => view
                    .data()
                    .chunks_exact(2)
                    .map(|b| f64::from(f32::from_bits(u32::from(u16::from_le_bytes([b[0], b[1]])) << 16)))
                    .collect(),
                _ => continue,
            };
            let first = view.shape().first().copied().unwrap_or(1);
            out.insert(name, (first, values));
        }
    }
    out
}
