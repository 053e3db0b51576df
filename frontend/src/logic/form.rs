//! The form of a new run: a method's recommended values, and over them what the person set.

use super::number::plain_number;
use protocol::config::{FieldError, Key, Kind, Notes, Place, check, matters};
use protocol::method::{MethodId, Scale};
use protocol::{RunConfig, Stage, says};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// What the person chose. The config follows from it, the data set's rows and the model's size.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    pub method: MethodId,
    /// Values set by the person or taken from a file; null leaves a key out.
    set: BTreeMap<String, Value>,
    /// Texts typed that are no value of their key.
    typed: BTreeMap<String, String>,
    /// What was typed for keys that are to have several values.
    #[serde(default)]
    several: BTreeMap<String, String>,
    #[serde(default)]
    pub search: Searched,
}

/// Keys that say what is trained on what: no method recommends them.
const SUBJECT: &[&str] = &["model_name_or_path", "dataset", "run_name", "eval_dataset"];
/// Keys that are recommended but may be left out.
const OPTIONAL: &[&str] = &["save_total_limit"];
/// Keys that stay in the file although they change nothing: they say what the file is for.
const SAID: &[&str] = &["stage", "pref_loss", "do_train", "finetuning_type", "optim"];
/// Keys the server fills in by itself.
const SERVERS: &[&str] = &[
    "output_dir",
    "overwrite_output_dir",
    "dataset_dir",
    "resume_from_checkpoint",
];

impl Draft {
    pub fn new(method: MethodId) -> Self {
        Self {
            method,
            set: BTreeMap::new(),
            typed: BTreeMap::new(),
            several: BTreeMap::new(),
            search: Searched::default(),
        }
    }

    /// A draft that means what `config` means: keys it leaves out have their defaults, not the recommended values.
    /// Without a method card for it, the config is read as DPO or SFT.
    pub fn of(config: &RunConfig) -> Self {
        let mut draft = Self::new(method_of(config));
        let whole = config.completed();
        let recommended = draft.method.recommended(UNKNOWN);
        for key in keys() {
            let value = whole.get(key).filter(|_| !SERVERS.contains(&key));
            if value.is_some() || recommended.get(key).is_some() {
                draft.set.insert(key.into(), value.unwrap_or(Value::Null));
            }
        }
        draft
    }

    /// The config as it will be sent.
    pub fn config(&self, scale: Scale) -> RunConfig {
        let mut config = self.method.recommended(scale);
        let loss = self.method.pref_loss();
        for (key, value) in &self.set {
            // a stored draft may hold a key or a value of another version: it is left out
            let _ = config.set(key, value);
        }
        self.put_firsts(&mut config);
        config.stage = Some(self.method.stage().to_string());
        // a list of losses of the person's own stands in the place of the card's
        if loss.is_none() || !self.set.contains_key("pref_loss") {
            config.pref_loss = loss.map(Into::into);
        }
        let matter = matters(&config);
        for key in keys().filter(|key| !matter.contains(key) && !SAID.contains(key)) {
            let _ = config.set(key, &Value::Null);
        }
        config
    }

    /// What the method recommends, with every default written out.
    pub fn defaults(&self, scale: Scale) -> RunConfig {
        self.method.recommended(scale).completed()
    }

    /// The text typed for `key`, while it is no value of it.
    pub fn typed(&self, key: &str) -> Option<&str> {
        self.typed.get(key).map(String::as_str).or_else(|| self.several(key))
    }

    /// Takes in what was typed for `key`. An empty text takes the key out where it may be left out.
    pub fn type_in(&mut self, key: &str, text: &str, defaults: &RunConfig) {
        self.typed.remove(key);
        if self.takes_several(key, text) {
            return;
        }
        let plain = if is_number(key) {
            plain_number(text)
        } else {
            text.trim().to_owned()
        };
        let text = plain.as_str();
        let default = defaults.get(key);
        if text.is_empty() {
            self.set.remove(key);
            if OPTIONAL.contains(&key) {
                self.set.insert(key.into(), Value::Null);
            } else if default.is_some() {
                self.typed.insert(key.into(), String::new());
            }
            return;
        }
        let mut read = RunConfig::default();
        match read.set(key, &Value::String(text.into())) {
            Ok(()) => {
                let value = read.get(key).unwrap_or(Value::Null);
                if default.is_some_and(|default| same(&default, &value)) {
                    self.set.remove(key);
                } else {
                    self.set.insert(key.into(), value);
                }
                if key == "pref_loss" {
                    self.follow_loss(defaults);
                }
            }
            Err(_) => {
                self.typed.insert(key.into(), text.into());
            }
        }
    }

    /// A single loss typed for "Losses" is the card of that loss.
    fn follow_loss(&mut self, defaults: &RunConfig) {
        let config = RunConfig {
            stage: Some(Stage::Preference.to_string()),
            pref_loss: self
                .set
                .get("pref_loss")
                .and_then(|value| Some(value.as_str()?.to_owned())),
            ..RunConfig::default()
        };
        if let (Some(_), Some(method)) = (&config.pref_loss, MethodId::of(&config)) {
            self.pick(method, defaults);
        }
    }

    /// Sets a key to a value that is known to be good.
    pub fn put(&mut self, key: &str, value: impl Into<Value>) {
        self.typed.remove(key);
        self.several.remove(key);
        self.set.insert(key.into(), value.into());
    }

    /// Takes over `key=value`, as a command line has it; what is no key, or no value of it, changes nothing. Whether it did.
    pub fn change(&mut self, change: &str) -> bool {
        let mut read = RunConfig::default();
        if let Some((key, value)) = change.split_once('=')
            && read.set(key, &Value::String(value.into())).is_ok()
            && let Some(value) = read.get(key)
        {
            self.put(key, value);
            return true;
        }
        false
    }

    /// Back to what the method recommends.
    pub fn reset(&mut self, key: &str) {
        self.typed.remove(key);
        self.several.remove(key);
        self.set.remove(key);
    }

    /// Another method: what the person changed is kept, the rest becomes what the new one recommends. Its losses are
    /// its own, and so are their weights.
    pub fn pick(&mut self, method: MethodId, defaults: &RunConfig) {
        for key in ["stage", "pref_loss", "loss_weights"] {
            self.reset(key);
        }
        let changed: Vec<String> = self
            .set
            .keys()
            .filter(|key| self.changed(key, defaults))
            .cloned()
            .collect();
        self.set
            .retain(|key, _| changed.contains(key) || SUBJECT.contains(&key.as_str()));
        self.method = method;
    }

    /// Lays the keys of `config` over what is there. Another loss or stage in it brings its own method; a loss without
    /// a stage is one on pairs.
    pub fn over(&self, config: &RunConfig, scale: Scale) -> Self {
        let mut whole = self.config(scale);
        let given: Vec<(&str, Value)> = keys()
            .filter(|key| !SERVERS.contains(key))
            .filter_map(|key| Some((key, config.get(key)?)))
            .collect();
        for (key, value) in &given {
            let _ = whole.set(key, value);
        }
        if config.pref_loss.is_some() && config.stage.is_none() {
            whole.stage = Some(Stage::Preference.to_string());
        }
        let mut draft = self.clone();
        let method = match Stage::of(&whole) {
            Some(Stage::Preference) => method_of(&whole),
            _ => MethodId::of(&whole).unwrap_or(draft.method),
        };
        if method != draft.method {
            draft.pick(method, &self.defaults(scale));
        }
        for (key, value) in given {
            draft.put(key, value);
        }
        draft
    }

    /// Whether the person's value differs from the recommended one.
    pub fn changed(&self, key: &str, defaults: &RunConfig) -> bool {
        if SUBJECT.contains(&key) {
            return false;
        }
        if self.typed.contains_key(key) || self.several.contains_key(key) {
            return true;
        }
        let (Some(value), default) = (self.set.get(key), defaults.get(key)) else {
            return false;
        };
        match default {
            Some(default) => !same(&default, value),
            None => !value.is_null() && *value != Value::Bool(false),
        }
    }

    /// What is set of keys that have no field, a line of YAML each.
    pub fn further(&self, defaults: &RunConfig) -> String {
        let mut lines = RunConfig::default();
        let keys = protocol::config::KEYS.iter().filter(|key| is_further(key));
        for key in keys.filter(|key| self.changed(key.name, defaults)) {
            if let Some(value) = self.set.get(key.name) {
                // a stored draft may hold a value of another version: it is left out
                let _ = lines.set(key.name, value);
            }
        }
        match lines == RunConfig::default() {
            true => String::new(),
            false => lines.to_yaml(),
        }
    }

    /// Whether a key has a value that is not merely recommended.
    pub fn is_set(&self, key: &str) -> bool {
        self.set.contains_key(key)
    }

    /// All that is wrong, as far as it can be known without the server.
    pub fn errors(&self, config: &RunConfig) -> Vec<FieldError> {
        let notes = Notes::of(config);
        let shown = |key: &&str| notes.counts(key);
        let typed = self.typed.iter().filter(|(key, _)| shown(&key.as_str()));
        let mut errors: Vec<_> = typed
            .map(|(key, text)| match text.as_str() {
                "" => FieldError::new(key, "required", says::must_be_set()),
                text => {
                    let takes = RunConfig::default().set(key, &Value::String(text.into())).err();
                    let error = FieldError::new(key, "type", says::takes(takes.unwrap_or_default(), text));
                    error.with_args(least(&notes, key))
                }
            })
            .collect();
        errors.extend(self.several_errors(&notes));
        let known: Vec<String> = errors.iter().map(|error| error.field.clone()).collect();
        let found = check(config).spec.err().unwrap_or_default();
        // the server has what it fills in
        let later = |error: &FieldError| error.code == "required" && SERVERS.contains(&error.field.as_str());
        errors.extend(
            found
                .into_iter()
                .filter(|error| !known.contains(&error.field) && !later(error)),
        );
        errors
    }
}

/// Whether a key has no field and is a person's to set.
pub fn is_further(key: &Key) -> bool {
    key.place == Place::No && !SERVERS.contains(&key.name) && !SAID.contains(&key.name)
}

/// Whether the server fills in a key by itself.
pub fn is_servers(key: &str) -> bool {
    SERVERS.contains(&key)
}

fn is_number(key: &str) -> bool {
    let known = protocol::config::KEYS.iter().find(|known| known.name == key);
    known.is_some_and(|known| matches!(known.kind, Kind::Count | Kind::Number))
}

/// The same error with the least number its key may have, where that is above 0 whatever else is set.
pub fn with_least(error: FieldError) -> FieldError {
    if error.code != "type" || !error.args.is_empty() {
        return error;
    }
    let least = least(&Notes::of(&RunConfig::default()), &error.field);
    error.with_args(least)
}

/// The least value that `key` may have, where there is one above 0.
fn least(notes: &Notes, key: &str) -> Option<String> {
    let least = notes.get(key)?.range?.least?;
    (least > 0.0).then(|| least.to_string())
}

const UNKNOWN: Scale = Scale {
    rows: None,
    params: None,
};

/// The card of a config; without one it is read as DPO or SFT.
fn method_of(config: &RunConfig) -> MethodId {
    let fallback = match Stage::of(config) {
        Some(Stage::Preference) => MethodId::Sigmoid,
        _ => MethodId::Sft,
    };
    MethodId::of(config).unwrap_or(fallback)
}

fn keys() -> impl Iterator<Item = &'static str> {
    protocol::config::KEYS.iter().map(|key| key.name)
}

/// Equal as settings: 1 and 1.0 are.
pub fn same(a: &Value, b: &Value) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}

/// Whether two texts are the same setting: `1e-3` and `0.001` are.
pub fn same_text(a: &str, b: &str) -> bool {
    let (a, b) = (plain_number(a), plain_number(b));
    match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => a == b,
        _ => a == b,
    }
}

/// A value as one types it.
pub fn text_of(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => match number.as_f64() {
            Some(x) if x != 0.0 && (x.abs() < 1e-3 || x.abs() >= 1e9) => format!("{x:e}"),
            Some(x) => x.to_string(),
            None => number.to_string(),
        },
        Some(other) => other.to_string(),
    }
}

pub use several::Searched;
mod several;
#[cfg(test)]
mod tests;
