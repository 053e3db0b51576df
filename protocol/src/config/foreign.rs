//! Keys of other programs' files that a run config does not have, and how each is met.

mod missing;
mod nothing;

pub use missing::NOT_BUILT;
pub use nothing::PYTHON_ONLY;

use super::keys::KEYS;
use crate::Said;
use serde_json::Value;

/// A key of another program.
#[derive(Debug, Clone, Copy)]
pub struct ForeignKey {
    pub name: &'static str,
    /// Values that ask for nothing, as JSON; null, an empty text, list or map and "none" ask for nothing anywhere.
    pub default: &'static [&'static str],
    /// Why it has no effect, or what is missing.
    pub why: fn() -> Said,
}

impl ForeignKey {
    /// Whether `value` asks for what is not done anyway.
    pub fn asks(&self, value: &Value) -> bool {
        !is_blank(value) && !self.default.iter().any(|default| equal(default, value))
    }
}

/// How a key that is not in [`KEYS`] is met.
#[derive(Debug, Clone)]
pub enum Foreign {
    /// Every value of it is accepted.
    PythonOnly(&'static ForeignKey),
    /// Only a value that asks for nothing is.
    NotBuilt(&'static ForeignKey),
    /// With the nearest key there is, when one is near.
    Unknown(Option<&'static str>),
}

/// Looks up a key that [`super::RunConfig`] does not have.
pub fn foreign(key: &str) -> Foreign {
    let find = |list: &'static [ForeignKey]| list.iter().find(|known| known.name == key);
    if let Some(found) = find(PYTHON_ONLY) {
        return Foreign::PythonOnly(found);
    }
    if let Some(found) = find(NOT_BUILT) {
        return Foreign::NotBuilt(found);
    }
    let called = ELSEWHERE.iter().find(|(theirs, _)| *theirs == key);
    Foreign::Unknown(match called {
        Some((_, ours)) => Some(*ours),
        None => nearest(key, KEYS.iter().map(|k| k.name)),
    })
}

/// What other programs call a key, whose values may mean something else there: told, not taken.
const ELSEWHERE: &[(&str, &str)] = &[
    ("base_model", "model_name_or_path"),
    ("model", "model_name_or_path"),
    ("model_name", "model_name_or_path"),
    ("dataset_name", "dataset"),
    ("datasets", "dataset"),
    ("train_dataset", "dataset"),
    ("num_epochs", "num_train_epochs"),
    ("epochs", "num_train_epochs"),
    ("micro_batch_size", "per_device_train_batch_size"),
    ("train_batch_size", "per_device_train_batch_size"),
    ("optimizer", "optim"),
    ("lr", "learning_rate"),
    ("lr_scheduler", "lr_scheduler_type"),
    ("sequence_len", "cutoff_len"),
    ("max_seq_len", "cutoff_len"),
    ("max_seq_length", "cutoff_len"),
    ("val_set_size", "val_size"),
];

/// Keys that LLaMA-Factory's v1 format alone has.
const OF_V1: &[&str] = &[
    "model_class",
    "peft_config",
    "kernel_config",
    "dist_config",
    "init_config",
    "quant_config",
    "batching_strategy",
    "sample_backend",
];

/// Whether keys are those of LLaMA-Factory's v1 format.
pub fn is_v1<'a>(mut keys: impl Iterator<Item = &'a str>) -> bool {
    keys.any(|key| OF_V1.contains(&key))
}

/// The name that is most like `key`, if one is like it.
pub fn nearest<'a>(key: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    names
        .map(|name| (strsim::damerau_levenshtein(key, name), name))
        .min()
        .filter(|(distance, name)| *distance <= 1 + name.len() / 4)
        .map(|(_, name)| name)
}

/// Null, an empty text, list or map, "none".
fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(s) => s.trim().is_empty() || ["none", "null"].contains(&s.trim().to_ascii_lowercase().as_str()),
        Value::Array(a) => a.iter().all(is_blank),
        Value::Object(o) => o.is_empty(),
        _ => false,
    }
}

/// Equal as settings: `1`, `1.0` and `"1"` are; so are `true` and `"True"`.
fn equal(default: &str, value: &Value) -> bool {
    let Ok(default) = serde_json::from_str::<Value>(default) else {
        return false;
    };
    let text = |value: &Value| match value {
        Value::String(text) => text.trim().to_ascii_lowercase(),
        other => other.to_string(),
    };
    let (a, b) = (text(&default), text(value));
    a == b || matches!((a.parse::<f64>(), b.parse::<f64>()), (Ok(a), Ok(b)) if a == b)
}
