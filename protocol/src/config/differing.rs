//! In which keys the configs of several runs differ.

use super::{KEYS, Key, Place, RunConfig};
use serde_json::Value;

/// Keys that differ between any two runs and say nothing about the training, beside those that the server sets.
const INCIDENTAL: &[&str] = &["run_name", "cache_dir"];

/// The keys in which `configs` differ, in the order of config files, with each one's value.
pub fn differing(configs: &[RunConfig]) -> Vec<(&'static str, Vec<Option<Value>>)> {
    let differ = |key: &'static Key| {
        let values: Vec<_> = configs
            .iter()
            .map(|config| config.get(key.name).filter(|value| !value.is_null()))
            .collect();
        let all_same = values.windows(2).all(|pair| same(pair[0].as_ref(), pair[1].as_ref()));
        let tells = key.place != Place::Server && !INCIDENTAL.contains(&key.name);
        (!all_same && tells).then_some((key.name, values))
    };
    KEYS.iter().filter_map(differ).collect()
}

/// Whether two values are the same, however their numbers are written.
pub fn same(a: Option<&Value>, b: Option<&Value>) -> bool {
    match (a.and_then(Value::as_f64), b.and_then(Value::as_f64)) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}
