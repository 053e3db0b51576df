//! A sweep's file: a run config with a block `sweep:`, with W&B's keys where W&B has them.

use super::values::{Range, Scale, Values};
use super::{Goal, Halving, Method, Parameter, Sweep};
use crate::config::{FieldError, KEYS, Key, Parsed, nearest};
use crate::{RunConfig, Said, says};
use serde_json::{Map, Value, json};

/// A file that was read: config, sweep, errors and notices.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SweepFile {
    pub config: RunConfig,
    pub sweep: Sweep,
    /// What the sweep is to be called.
    pub name: Option<String>,
    pub errors: Vec<FieldError>,
    pub notices: Vec<Said>,
}

/// Keys of the block.
const BLOCK_KEYS: &[&str] = &[
    "name",
    "method",
    "metric",
    "parameters",
    "run_cap",
    "seed",
    "early_terminate",
];
/// Keys of W&B's files that are for W&B's agents.
const AGENT_KEYS: &[&str] = &["program", "command", "project", "entity", "description"];

/// Reads a file; `overrides` are `key=value` arguments for its run config.
pub fn read(text: &str, overrides: &[String]) -> SweepFile {
    let (parsed, block) = Parsed::with_sweep(text, overrides);
    let mut file = SweepFile {
        config: parsed.config,
        errors: parsed.errors,
        notices: parsed.notices,
        ..SweepFile::default()
    };
    match block {
        Some(Value::Object(block)) => file.block(&block),
        Some(_) => file.error("sweep", says::sweep_not_a_map("sweep")),
        None if file.errors.iter().all(|error| !error.field.is_empty()) => file.error("sweep", says::sweep_missing()),
        None => {}
    }
    // a swept key needs no value of its own: take the first one swept
    let first: Vec<_> = file
        .sweep
        .parameters
        .iter()
        .filter_map(|p| Some((p.key.clone(), p.values.ends(Key::named(&p.key)?).first()?.clone())))
        .collect();
    for (key, value) in first {
        if file.config.get(&key).is_none() {
            let _ = file.config.set(&key, &value);
        }
    }
    file
}

impl SweepFile {
    fn error(&mut self, field: &str, said: Said) {
        let code = said.code.clone();
        self.errors.push(FieldError::new(field, &code, said));
    }

    fn block(&mut self, block: &Map<String, Value>) {
        for (key, value) in block {
            match key.as_str() {
                "name" => self.name = value.as_str().map(str::to_owned),
                "method" => self.method(value),
                "metric" => self.metric(value),
                "parameters" => self.parameters(value),
                "run_cap" => self.sweep.run_cap = self.count("run_cap", value),
                "seed" => self.sweep.seed = self.count("seed", value).unwrap_or_default(),
                "early_terminate" => self.early_terminate(value),
                known if AGENT_KEYS.contains(&known) => self.error(key, says::sweep_no_program(key)),
                _ => self.unknown(key, BLOCK_KEYS),
            }
        }
    }

    fn unknown(&mut self, key: &str, known: &[&'static str]) {
        let near = nearest(key, known.iter().copied()).unwrap_or_default();
        self.error(&format!("sweep.{key}"), says::sweep_no_such(near));
    }

    fn count(&mut self, key: &str, value: &Value) -> Option<u64> {
        let number = value.as_u64().or_else(|| {
            value
                .as_f64()
                .filter(|x| x.fract() == 0.0 && *x >= 0.0)
                .map(|x| x as u64)
        });
        if number.is_none() && !value.is_null() {
            self.error(&format!("sweep.{key}"), says::takes(says::a_count(), value));
        }
        number
    }

    fn method(&mut self, value: &Value) {
        let name = value.as_str().unwrap_or_default();
        match Method::named(name) {
            Some(method) => self.sweep.method = method,
            None if name == "bayes" => {
                self.sweep.method = Method::Tpe;
                self.notices.push(says::sweep_bayes_is_tpe());
            }
            None => self.error("sweep.method", says::sweep_method(value)),
        }
    }

    /// A name, or W&B's `{name: …, goal: …}`.
    fn metric(&mut self, value: &Value) {
        let Some(map) = value.as_object() else {
            self.metric_name(value);
            return;
        };
        for (key, value) in map {
            match key.as_str() {
                "name" => self.metric_name(value),
                "goal" => match value.as_str() {
                    Some("maximize") => self.sweep.goal = Some(Goal::Maximize),
                    Some("minimize") => self.sweep.goal = Some(Goal::Minimize),
                    _ => self.error("sweep.metric.goal", says::not_one_of(value, "maximize, minimize")),
                },
                _ => self.unknown(&format!("metric.{key}"), &["metric.name", "metric.goal"]),
            }
        }
    }

    fn metric_name(&mut self, value: &Value) {
        match value.as_str() {
            Some(name) => self.sweep.metric = Some(name.to_owned()),
            None if value.is_null() => {}
            None => self.error("sweep.metric", says::sweep_metric(value)),
        }
    }

    /// True, or W&B's map.
    fn early_terminate(&mut self, value: &Value) {
        match value {
            Value::Bool(on) => self.sweep.early_terminate = on.then(Halving::default),
            Value::Object(map) => {
                let mut halving = Halving::default();
                for (key, value) in map {
                    let full = format!("early_terminate.{key}");
                    match key.as_str() {
                        "eta" => halving.eta = self.count(&full, value).unwrap_or(halving.eta),
                        "min_iter" => halving.min_iter = self.count(&full, value).unwrap_or(halving.min_iter),
                        "type" if value == "hyperband" => {}
                        _ => self.unknown(&full, &["early_terminate.eta", "early_terminate.min_iter"]),
                    }
                }
                self.sweep.early_terminate = Some(halving);
            }
            Value::Null => {}
            _ => self.error("sweep.early_terminate", says::sweep_not_a_map("early_terminate")),
        }
    }

    fn parameters(&mut self, value: &Value) {
        let Some(map) = value.as_object() else {
            self.error("sweep.parameters", says::sweep_not_a_map("parameters"));
            return;
        };
        for (name, value) in map {
            let Some(key) = Key::named(name) else {
                let near = nearest(name, KEYS.iter().map(|key| key.name)).unwrap_or_default();
                self.error(name, says::no_such_key(near));
                continue;
            };
            match self.values(key, value) {
                Ok(Some(values)) => self.sweep.parameters.push(Parameter {
                    key: name.clone(),
                    values,
                }),
                Ok(None) => {}
                Err(said) => self.error(name, said),
            }
        }
        // in the order of the keys, not of the file
        let place = |parameter: &Parameter| KEYS.iter().position(|key| key.name == parameter.key);
        self.sweep.parameters.sort_by_key(place);
    }

    /// Values as a list, as text, or as W&B's map. `None`: a single value, which goes into the config.
    fn values(&mut self, key: &Key, value: &Value) -> Result<Option<Values>, Said> {
        let map = match value {
            Value::Array(list) => return Values::list(key, list).map(Some),
            Value::String(text) => {
                return Values::typed(key, text)
                    .unwrap_or_else(|| Err(says::sweep_no_values()))
                    .map(Some);
            }
            Value::Object(map) => map,
            _ => return Err(says::sweep_no_values()),
        };
        let known = ["values", "value", "min", "max", "distribution", "q", "points"];
        if let Some(other) = map.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(says::sweep_takes_keys(other, known.join(", ")));
        }
        // W&B names the distribution of a list too, and takes one that draws nothing else
        let plain = |name: &str, said: &Value| name == "distribution" && (said == "categorical" || said == "constant");
        let alone = |taken: &str| {
            let mut beside = map.iter().filter(|(name, said)| *name != taken && !said.is_null());
            match beside.find(|(name, said)| !plain(name, said)) {
                Some((other, _)) => Err(says::sweep_idle_beside(other, taken)),
                None => Ok(()),
            }
        };
        if let Some(value) = map.get("value") {
            alone("value")?;
            self.config.set(key.name, value)?;
            return Ok(None);
        }
        if let Some(values) = map.get("values") {
            alone("values")?;
            let list = values.as_array().ok_or_else(says::sweep_no_values)?;
            return Values::list(key, list).map(Some);
        }
        let number = |name: &str| {
            let value = map.get(name)?;
            value.as_f64().or_else(|| value.as_str()?.parse().ok())
        };
        let (Some(low), Some(high)) = (number("min"), number("max")) else {
            return Err(says::sweep_no_values());
        };
        let scale = match map.get("distribution").and_then(Value::as_str) {
            None | Some("uniform" | "int_uniform" | "q_uniform") => Scale::Linear,
            Some("log_uniform_values") => Scale::Log,
            Some(other) => return Err(says::sweep_distribution(other)),
        };
        let range = Range {
            low,
            high,
            scale,
            step: map
                .get("q")
                .filter(|step| !step.is_null())
                .map(|step| number("q").ok_or_else(|| says::sweep_step(step)))
                .transpose()?,
            points: map
                .get("points")
                .map(|points| points.as_u64().ok_or_else(|| says::sweep_points(points)))
                .transpose()?,
        };
        Values::range(key, range).map(Some)
    }
}

/// The YAML of a sweep, which [`read`] reads back.
pub fn to_yaml(name: Option<&str>, config: &RunConfig, sweep: &Sweep) -> String {
    let values = |values: &Values| match values {
        Values::List(list) => json!({"values": list}),
        Values::Range(range) => {
            let mut map = json!({"min": range.low, "max": range.high});
            if range.scale == Scale::Log {
                map["distribution"] = json!("log_uniform_values");
            }
            if let Some(step) = range.step {
                map["q"] = json!(step);
            }
            if let Some(points) = range.points {
                map["points"] = json!(points);
            }
            map
        }
    };
    let parameters: Map<String, Value> = sweep
        .parameters
        .iter()
        .map(|p| (p.key.clone(), values(&p.values)))
        .collect();
    let mut block = json!({"method": sweep.method.name(), "parameters": parameters, "seed": sweep.seed});
    if let Some(name) = name {
        block["name"] = json!(name);
    }
    if let Some(cap) = sweep.run_cap {
        block["run_cap"] = json!(cap);
    }
    let name = sweep.metric.as_ref().map(|name| ("name".into(), json!(name)));
    let goal = sweep.goal.map(|goal| ("goal".into(), json!(goal.name())));
    let metric: Map<String, Value> = name.into_iter().chain(goal).collect();
    if !metric.is_empty() {
        block["metric"] = Value::Object(metric);
    }
    if let Some(halving) = sweep.early_terminate {
        block["early_terminate"] = json!({"type": "hyperband", "eta": halving.eta, "min_iter": halving.min_iter});
    }
    let block = yaml_serde::to_string(&json!({"sweep": block})).unwrap_or_default();
    config.to_yaml() + &block
}

#[cfg(test)]
mod tests;
