//! The form of a new run: a method's recommended values, and over them what the person set.

use super::number::plain_number;
use protocol::RunConfig;
use protocol::config::{FieldError, Kind, check, matters};
use protocol::method::{MethodId, Scale};
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
        }
    }

    /// A draft that means what `config` means: keys it leaves out have their defaults, not the recommended values.
    /// Without a method card for it, the config is read as DPO or SFT.
    pub fn of(config: &RunConfig) -> Self {
        let fallback = if config.stage.as_deref() == Some("dpo") {
            MethodId::Sigmoid
        } else {
            MethodId::Sft
        };
        let mut draft = Self::new(MethodId::of(config).unwrap_or(fallback));
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
        let (stage, loss) = self.method.keys();
        for (key, value) in &self.set {
            // a stored draft may hold a key or a value of another version: it is left out
            let _ = config.set(key, value);
        }
        config.stage = Some(stage.into());
        config.pref_loss = loss.map(Into::into);
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
        self.typed.get(key).map(String::as_str)
    }

    /// Takes in what was typed for `key`. An empty text takes the key out where it may be left out.
    pub fn type_in(&mut self, key: &str, text: &str, defaults: &RunConfig) {
        self.typed.remove(key);
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
            }
            Err(_) => {
                self.typed.insert(key.into(), text.into());
            }
        }
    }

    /// Sets a key to a value that is known to be good.
    pub fn put(&mut self, key: &str, value: impl Into<Value>) {
        self.typed.remove(key);
        self.set.insert(key.into(), value.into());
    }

    /// Back to what the method recommends.
    pub fn reset(&mut self, key: &str) {
        self.typed.remove(key);
        self.set.remove(key);
    }

    /// Another method: what the person changed is kept, the rest becomes what the new one recommends.
    pub fn pick(&mut self, method: MethodId, defaults: &RunConfig) {
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
            whole.stage = Some("dpo".into());
        }
        let mut draft = self.clone();
        let method = MethodId::of(&whole).unwrap_or(draft.method);
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
        if self.typed.contains_key(key) {
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

    /// All that is wrong, as far as it can be known without the server.
    pub fn errors(&self, config: &RunConfig) -> Vec<FieldError> {
        let mut config = config.clone();
        config.output_dir = Some("run".into());
        let matter = matters(&config);
        let shown = |key: &&str| matter.contains(key);
        let typed = self.typed.iter().filter(|(key, _)| shown(&key.as_str()));
        let mut errors: Vec<_> = typed
            .map(|(key, text)| match text.as_str() {
                "" => FieldError::new(key, "required", "must be set"),
                text => {
                    let takes = RunConfig::default().set(key, &Value::String(text.into())).err();
                    let error = FieldError::new(key, "type", format!("takes {}", takes.unwrap_or_default()));
                    error.with_args(least(&config, key))
                }
            })
            .collect();
        let known: Vec<String> = errors.iter().map(|error| error.field.clone()).collect();
        let found = check(&config).spec.err().unwrap_or_default();
        errors.extend(found.into_iter().filter(|error| !known.contains(&error.field)));
        errors
    }
}

fn is_number(key: &str) -> bool {
    let known = protocol::config::KEYS.iter().find(|known| known.name == key);
    known.is_some_and(|known| matches!(known.kind, Kind::Count | Kind::Number))
}

/// The least value `key` may have under `config`, where there is one above 0.
fn least(config: &RunConfig, key: &str) -> Option<String> {
    let mut zero = config.clone();
    zero.set(key, &Value::from(0)).ok()?;
    let errors = check(&zero).spec.err()?;
    let error = errors
        .into_iter()
        .find(|error| error.field == key && error.code == "min")?;
    error.args.first().cloned()
}

const UNKNOWN: Scale = Scale {
    rows: None,
    params: None,
};

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

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Scale = Scale {
        rows: Some(600),
        params: Some(1_600_000),
    };

    fn type_in(draft: &mut Draft, key: &str, text: &str) {
        draft.type_in(key, text, &draft.defaults(SMALL));
    }
    fn changed(draft: &Draft, key: &str) -> bool {
        draft.changed(key, &draft.defaults(SMALL))
    }
    fn errors(draft: &Draft) -> Vec<FieldError> {
        draft.errors(&draft.config(SMALL))
    }
    fn text(draft: &Draft, key: &str) -> String {
        let value = text_of(draft.config(SMALL).get(key).as_ref());
        draft.typed(key).map_or(value, str::to_owned)
    }

    fn ready(method: MethodId) -> Draft {
        let mut draft = Draft::new(method);
        draft.put("model_name_or_path", "corral-demo");
        draft.put("dataset", "demo_en");
        draft
    }

    #[test]
    fn a_fresh_draft_is_the_recommendation_and_has_no_errors() {
        for method in MethodId::ALL {
            let mut draft = ready(method);
            if method == MethodId::Ppo {
                draft.put("reward_model", "scorer");
            }
            assert_eq!(errors(&draft), [], "{method:?}");
            let mut config = draft.config(SMALL);
            config.reward_model = None;
            config.model_name_or_path = None;
            config.dataset = None;
            assert_eq!(config, method.recommended(SMALL), "{method:?}");
        }
    }

    #[test]
    fn what_was_changed_is_kept_by_the_next_method_and_goes_back_when_asked() {
        let mut draft = ready(MethodId::Simpo);
        type_in(&mut draft, "pref_beta", "2.5");
        type_in(&mut draft, "lora_rank", "32");
        assert!(changed(&draft, "pref_beta") && !changed(&draft, "lora_rank"));
        draft.pick(MethodId::Sigmoid, &draft.defaults(SMALL));
        let config = draft.config(SMALL);
        assert_eq!(
            (config.pref_beta, config.simpo_gamma, config.pref_loss.as_deref()),
            (Some(2.5), None, Some("sigmoid"))
        );
        assert_eq!(config.dataset.as_deref(), Some("demo_en"));
        draft.reset("pref_beta");
        assert_eq!(draft.config(SMALL).pref_beta, Some(0.1));
        assert!(!changed(&draft, "pref_beta"));
    }

    #[test]
    fn a_text_that_is_no_value_is_kept_shown_and_named() {
        let mut draft = ready(MethodId::Simpo);
        type_in(&mut draft, "lora_rank", "3.5");
        type_in(&mut draft, "learning_rate", "");
        type_in(&mut draft, "max_samples", "");
        let said: Vec<_> = errors(&draft)
            .into_iter()
            .map(|error| (error.field, error.code))
            .collect();
        let said: Vec<_> = said.iter().map(|(f, c)| (f.as_str(), c.as_str())).collect();
        assert_eq!(said, [("learning_rate", "required"), ("lora_rank", "type")]);
        assert_eq!(text(&draft, "lora_rank"), "3.5");
        type_in(&mut draft, "lora_rank", "16");
        type_in(&mut draft, "learning_rate", "1e-3");
        assert_eq!(errors(&draft), []);
        assert_eq!(text(&draft, "learning_rate"), "0.001");
    }

    #[test]
    fn an_error_of_a_hidden_field_does_not_stand_in_the_way() {
        let mut draft = ready(MethodId::Simpo);
        type_in(&mut draft, "simpo_gamma", "x");
        assert_eq!(errors(&draft).len(), 1);
        draft.pick(MethodId::Orpo, &draft.defaults(SMALL));
        assert_eq!(errors(&draft), []);
    }

    #[test]
    fn an_imported_file_means_what_it_says() {
        let text = "stage: dpo\npref_loss: simpo\nmodel_name_or_path: m\ndataset: d\nlearning_rate: 5e-6\n";
        let config = RunConfig::parse(text).config;
        let draft = Draft::of(&config);
        let ours = draft.config(SMALL);
        let mut want = config.completed();
        want.output_dir = Some("o".into());
        let mut got = ours.completed();
        got.output_dir = Some("o".into());
        got.dataset_dir = want.dataset_dir.clone();
        assert_eq!(check(&got).spec, check(&want).spec);
        assert!(changed(&draft, "learning_rate") && changed(&draft, "lora_rank"));
        assert!(!changed(&draft, "pref_beta"));
    }

    #[test]
    fn a_few_lines_are_laid_over_what_is_there() {
        let mut draft = ready(MethodId::Simpo);
        type_in(&mut draft, "lora_rank", "32");
        let few = RunConfig::parse("pref_loss: orpo\npref_beta: 0.1\n").config;
        let over = draft.over(&few, SMALL);
        let config = over.config(SMALL);
        assert_eq!((over.method, config.stage.as_deref()), (MethodId::Orpo, Some("dpo")));
        assert_eq!((config.pref_beta, config.lora_rank), (Some(0.1), Some(32)));
        assert_eq!(config.model_name_or_path.as_deref(), Some("corral-demo"));
        assert_eq!(config.dataset.as_deref(), Some("demo_en"));
        assert_eq!(errors(&over), []);
        let rate = RunConfig::parse("learning_rate: 2e-6\n").config;
        let over = draft.over(&rate, SMALL);
        assert_eq!(
            (over.method, over.config(SMALL).learning_rate),
            (MethodId::Simpo, Some(2e-6))
        );
    }

    #[test]
    fn numbers_are_taken_as_people_type_them() {
        let mut draft = ready(MethodId::Simpo);
        type_in(&mut draft, "pref_beta", "2,5");
        type_in(&mut draft, "lora_rank", "１２");
        let config = draft.config(SMALL);
        assert_eq!((config.pref_beta, config.lora_rank), (Some(2.5), Some(12)));
        type_in(&mut draft, "lora_rank", "-1");
        type_in(&mut draft, "max_samples", "1,000");
        let said = errors(&draft);
        let of = |key: &str| {
            said.iter()
                .find(|error| error.field == key)
                .map(|error| error.args.clone())
        };
        assert_eq!(of("lora_rank"), Some(vec!["1".to_owned()]), "the least is said");
        assert!(
            of("max_samples").is_some(),
            "what could be one or a thousand is refused"
        );
    }

    #[test]
    fn the_least_cut_off_stands() {
        let mut draft = ready(MethodId::Simpo);
        type_in(&mut draft, "cutoff_len", "8");
        assert_eq!(draft.config(SMALL).cutoff_len, Some(8));
    }

    #[test]
    fn full_training_has_no_adapter() {
        let mut draft = ready(MethodId::Sft);
        type_in(&mut draft, "finetuning_type", "full");
        let config = draft.config(SMALL);
        assert_eq!((config.lora_rank, config.lora_target.as_deref()), (None, None));
        assert!(changed(&draft, "finetuning_type"));
        assert_eq!(errors(&draft), []);
    }

    #[test]
    fn values_are_shown_as_one_types_them() {
        for (value, text) in [
            (Value::from(5e-6), "5e-6"),
            (Value::from(2.0), "2"),
            (Value::from(0.05), "0.05"),
            (Value::from(32), "32"),
            (Value::Null, ""),
        ] {
            assert_eq!(text_of(Some(&value)), text);
        }
        assert!(same_text("1e-3", " 0.001") && !same_text("0.0", "0.01"));
    }
}
