//! Reading a run config: YAML or JSON in LLaMA-Factory's keys, with `key=value` overrides behind it.

use super::foreign::{Foreign, foreign};
use super::{FieldError, RunConfig};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A file larger than this is not a run config.
const MAX_BYTES: usize = 1 << 20;

/// A config read, with what was met on the way. Errors and notices are complete, not only the first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Parsed {
    pub config: RunConfig,
    pub errors: Vec<FieldError>,
    /// Keys accepted without effect, one sentence each.
    pub notices: Vec<String>,
}

impl RunConfig {
    /// Reads YAML (JSON is YAML). A syntax error is the only one in `errors` and names line and column.
    pub fn parse(text: &str) -> Parsed {
        let mut parsed = Parsed::default();
        if text.len() > MAX_BYTES {
            parsed.errors.push(FieldError::new(
                "",
                "too_large",
                "the file is over 1 MiB: this is not a run config",
            ));
            return parsed;
        }
        match yaml_serde::from_str::<Value>(text) {
            Ok(Value::Object(map)) => map.iter().for_each(|(key, value)| parsed.put(key, value)),
            Ok(Value::Null) => {}
            Ok(_) => parsed.errors.push(FieldError::new(
                "",
                "not_a_map",
                "a run config is a list of `key: value` lines",
            )),
            Err(e) => parsed
                .errors
                .push(FieldError::new("", "syntax", format!("not readable as YAML: {e}")).with_args([e.to_string()])),
        }
        parsed
    }

    /// [`RunConfig::parse`], then each `key=value`, which wins over the file.
    pub fn parse_with_overrides(text: &str, overrides: &[String]) -> Parsed {
        let mut parsed = Self::parse(text);
        for item in overrides {
            match item.split_once('=') {
                Some((key, value)) => {
                    let value = yaml_serde::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
                    parsed.errors.retain(|e| e.field != key);
                    parsed.put(key.trim(), &value);
                }
                None => parsed.errors.push(FieldError::new(
                    item,
                    "override",
                    format!("`{item}` is not of the form key=value"),
                )),
            }
        }
        parsed
    }

    /// The config as YAML, keys in the order of [`super::keys::KEYS`].
    pub fn to_yaml(&self) -> String {
        yaml_serde::to_string(self).unwrap_or_default()
    }
}

impl Parsed {
    fn put(&mut self, key: &str, value: &Value) {
        if super::keys::KEYS.iter().any(|k| k.name == key) {
            if let Err(takes) = self.config.set(key, value) {
                self.errors
                    .push(FieldError::new(key, "type", format!("takes {takes}, not {value}")));
            }
            return;
        }
        match foreign(key) {
            Foreign::PythonOnly(why) => self.notices.push(format!("{key} has no effect here: {why}")),
            Foreign::NotBuilt(_) if is_off(value) => {}
            Foreign::NotBuilt(why) => self.errors.push(FieldError::new(key, "not_built", why)),
            Foreign::Unknown(near) => {
                let hint = near.map(|n| format!("; did you mean {n}?")).unwrap_or_default();
                self.errors
                    .push(FieldError::new(key, "unknown", format!("there is no such key{hint}")));
            }
        }
    }
}

fn is_off(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(b) => !b,
        Value::Number(n) => n.as_f64() == Some(0.0),
        Value::String(s) => s.is_empty() || s.eq_ignore_ascii_case("none") || s.eq_ignore_ascii_case("false"),
        Value::Array(a) => a.is_empty(),
        Value::Object(o) => o.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_written_as_text_are_numbers() {
        let parsed = RunConfig::parse("learning_rate: 5e-6\nlora_rank: '32'\npref_beta: 2\n");
        assert_eq!(parsed.errors, []);
        assert_eq!(parsed.config.learning_rate, Some(5e-6));
        assert_eq!(parsed.config.lora_rank, Some(32));
        assert_eq!(parsed.config.pref_beta, Some(2.0));
    }

    #[test]
    fn all_errors_at_once_each_with_its_key() {
        let parsed = RunConfig::parse("lora_rnk: 8\ndeepspeed: z3\nuse_unsloth: true\nseed: -1\nuse_dora: false\n");
        let said: Vec<_> = parsed
            .errors
            .iter()
            .map(|e| (e.field.as_str(), e.code.as_str()))
            .collect();
        assert_eq!(
            said,
            [("deepspeed", "not_built"), ("lora_rnk", "unknown"), ("seed", "type")]
        );
        assert!(parsed.errors[1].message.contains("lora_rank"));
        assert!(parsed.errors[0].message.contains("devices"));
        assert_eq!(parsed.notices.len(), 1);
    }

    #[test]
    fn an_override_wins_and_mends() {
        let parsed = RunConfig::parse_with_overrides("seed: x\n", &["seed=3".into(), "learning_rate=1e-3".into()]);
        assert_eq!(parsed.errors, []);
        assert_eq!(parsed.config.seed, Some(3));
        assert_eq!(parsed.config.learning_rate, Some(1e-3));
    }

    #[test]
    fn yaml_reads_back_the_same() {
        let mut config = RunConfig {
            learning_rate: Some(5e-6),
            ..RunConfig::default()
        };
        config.dataset = Some("a,b".into());
        config.resume_from_checkpoint = Some("true".into());
        assert_eq!(RunConfig::parse(&config.to_yaml()).config, config);
    }
}
