//! The draft of a new run: a method's recommended values, overridden by what the person set.

mod errors;
mod keys;
mod several;
#[cfg(test)]
mod tests;
mod values;

pub use errors::with_least;
pub use keys::{has_no_field, is_server_set};
pub use several::SearchDraft;
pub use values::{same, same_text, text_of};

use super::number::plain_number;
use keys::{ALWAYS_WRITTEN, OPTIONAL, SUBJECT, is_number, keys};
use protocol::config::matters;
use protocol::method::{MethodId, Scale};
use protocol::{RunConfig, Stage};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// What the person set in the form. The config follows from it, the rows of the data set and the size of the model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    pub method: MethodId,
    /// Values set by the person or read from a file; null leaves a key out.
    set: BTreeMap<String, Value>,
    /// Typed texts that are no valid value of their key.
    typed: BTreeMap<String, String>,
    /// What was typed for keys that are to have several values.
    #[serde(default)]
    several: BTreeMap<String, String>,
    #[serde(default)]
    pub search: SearchDraft,
}

impl Draft {
    pub fn new(method: MethodId) -> Self {
        Self {
            method,
            set: BTreeMap::new(),
            typed: BTreeMap::new(),
            several: BTreeMap::new(),
            search: SearchDraft::default(),
        }
    }

    /// The draft that has the meaning of `config`: keys that it leaves out have their defaults, not the recommended values.
    /// A config without a method card is read as DPO or SFT.
    pub fn of(config: &RunConfig) -> Self {
        let mut draft = Self::new(method_of(config));
        let whole = config.completed();
        let recommended = draft.method.recommended(UNKNOWN);
        for key in keys() {
            let value = whole.get(key).filter(|_| !is_server_set(key));
            if value.is_some() || recommended.get(key).is_some() {
                draft.set.insert(key.into(), value.unwrap_or(Value::Null));
            }
        }
        draft
    }

    /// The config as it is sent.
    pub fn config(&self, scale: Scale) -> RunConfig {
        let mut config = self.method.recommended(scale);
        let loss = self.method.pref_loss();
        for (key, value) in &self.set {
            // a stored draft may hold a key or a value of another version: it is left out
            let _ = config.set(key, value);
        }
        self.put_firsts(&mut config);
        config.stage = Some(self.method.stage().to_string());
        // a list of losses that the person typed replaces the loss of the card
        if loss.is_none() || !self.set.contains_key("pref_loss") {
            config.pref_loss = loss.map(Into::into);
        }
        let matter = matters(&config);
        for key in keys().filter(|key| !matter.contains(key) && !ALWAYS_WRITTEN.contains(key)) {
            let _ = config.set(key, &Value::Null);
        }
        config
    }

    /// What the method recommends, with every default written out.
    pub fn defaults(&self, scale: Scale) -> RunConfig {
        self.method.recommended(scale).completed()
    }

    /// The text typed for `key`, while it is not a single valid value.
    pub fn typed(&self, key: &str) -> Option<&str> {
        self.typed.get(key).map(String::as_str).or_else(|| self.several(key))
    }

    /// Takes what was typed for `key`. An empty text leaves the key out where that is allowed.
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

    /// A single loss typed into the field "Losses" selects the card of that loss.
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

    /// Sets a key to a value that is known to be valid.
    pub fn put(&mut self, key: &str, value: impl Into<Value>) {
        self.typed.remove(key);
        self.several.remove(key);
        self.set.insert(key.into(), value.into());
    }

    /// Sets a key by an assignment `key=value`, as on a command line. Returns whether it did: an unknown key or an invalid value changes
    /// nothing.
    pub fn apply_assignment(&mut self, assignment: &str) -> bool {
        let mut read = RunConfig::default();
        if let Some((key, value)) = assignment.split_once('=')
            && read.set(key, &Value::String(value.into())).is_ok()
            && let Some(value) = read.get(key)
        {
            self.put(key, value);
            return true;
        }
        false
    }

    /// Resets a key to what the method recommends.
    pub fn reset(&mut self, key: &str) {
        self.typed.remove(key);
        self.several.remove(key);
        self.set.remove(key);
    }

    /// Chooses another method. What the person changed is kept; the rest becomes what the new method recommends, its losses and their
    /// weights in any case.
    pub fn pick(&mut self, method: MethodId, defaults: &RunConfig) {
        for key in ["stage", "pref_loss", "loss_weights"] {
            self.reset(key);
        }
        let changed: Vec<String> = self
            .set
            .keys()
            .filter(|key| self.is_changed(key, defaults))
            .cloned()
            .collect();
        self.set
            .retain(|key, _| changed.contains(key) || SUBJECT.contains(&key.as_str()));
        self.method = method;
    }

    /// The draft with the keys of `config` laid over it. Another loss or stage in it selects its method; a loss without a stage is taken
    /// as a loss on pairs.
    pub fn overlaid_with(&self, config: &RunConfig, scale: Scale) -> Self {
        let mut whole = self.config(scale);
        let given: Vec<(&str, Value)> = keys()
            .filter(|key| !is_server_set(key))
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

    /// Whether the value of a key differs from the recommended one.
    pub fn is_changed(&self, key: &str, defaults: &RunConfig) -> bool {
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

    /// The keys that are set and have no field, as lines of YAML.
    pub fn further(&self, defaults: &RunConfig) -> String {
        let mut lines = RunConfig::default();
        let keys = protocol::config::KEYS.iter().filter(|key| has_no_field(key));
        for key in keys.filter(|key| self.is_changed(key.name, defaults)) {
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

    /// Whether a key has a value that was set, not one that is merely recommended.
    pub fn is_set(&self, key: &str) -> bool {
        self.set.contains_key(key)
    }
}

const UNKNOWN: Scale = Scale {
    rows: None,
    params: None,
};

/// The method of a config; one without a method card is read as DPO or SFT.
fn method_of(config: &RunConfig) -> MethodId {
    let fallback = match Stage::of(config) {
        Some(Stage::Preference) => MethodId::Sigmoid,
        _ => MethodId::Sft,
    };
    MethodId::of(config).unwrap_or(fallback)
}
