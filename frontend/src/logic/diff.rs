//! Differences: of a config from what is recommended, and between the configs of several runs.

use protocol::RunConfig;
use protocol::config::KEYS;
use serde_json::Value;

/// Keys that differ between any two runs and say nothing about the training.
const INCIDENTAL: &[&str] = &[
    "output_dir",
    "run_name",
    "overwrite_output_dir",
    "resume_from_checkpoint",
    "dataset_dir",
    "cache_dir",
];

/// A line of a config file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YamlLine {
    pub text: String,
    /// The method's recommended value, where the run has another one.
    pub recommended: Option<String>,
}

/// A value as one writes it.
pub fn value_text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.as_f64().map_or_else(|| number.to_string(), crate::fmt::setting),
        Some(other) => other.to_string(),
    }
}

/// Splits a config file into lines and marks those whose key differs from `recommended`.
pub fn mark_lines(yaml: &str, config: &RunConfig, recommended: Option<&RunConfig>) -> Vec<YamlLine> {
    let mark = |line: &str| {
        let key = line.split_once(':')?.0;
        let (ours, theirs) = (config.get(key)?, recommended?.get(key)?);
        (!same(&ours, &theirs)).then(|| value_text(Some(&theirs)))
    };
    let line = |text: &str| YamlLine {
        text: text.into(),
        recommended: mark(text),
    };
    yaml.lines().map(line).collect()
}

fn same(a: &Value, b: &Value) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}

/// The keys in which `configs` differ, in the order of config files, with each one's value.
pub fn differences(configs: &[RunConfig]) -> Vec<(&'static str, Vec<String>)> {
    let differ = |key: &'static str| {
        let values: Vec<_> = configs
            .iter()
            .map(|config| value_text(config.get(key).as_ref()))
            .collect();
        let all_same = values.windows(2).all(|pair| pair[0] == pair[1]);
        (!all_same && !INCIDENTAL.contains(&key)).then_some((key, values))
    };
    KEYS.iter().filter_map(|key| differ(key.name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_from_the_recommendation_is_marked() {
        let config = RunConfig {
            pref_beta: Some(2.5),
            lora_rank: Some(32),
            ..RunConfig::default()
        };
        let recommended = RunConfig {
            pref_beta: Some(2.0),
            lora_rank: Some(32),
            ..RunConfig::default()
        };
        let lines = mark_lines("pref_beta: 2.5\nlora_rank: 32\nseed: 1", &config, Some(&recommended));
        let marks: Vec<_> = lines.iter().map(|line| line.recommended.as_deref()).collect();
        assert_eq!(marks, [Some("2"), None, None]);
    }

    #[test]
    fn differences_leave_out_what_is_the_same_or_incidental() {
        let a = RunConfig {
            pref_loss: Some("simpo".into()),
            pref_beta: Some(2.0),
            output_dir: Some("a".into()),
            ..RunConfig::default()
        };
        let b = RunConfig {
            pref_loss: Some("sigmoid".into()),
            pref_beta: Some(2.0),
            output_dir: Some("b".into()),
            ..RunConfig::default()
        };
        assert_eq!(
            differences(&[a.clone(), b]),
            [("pref_loss", vec!["simpo".to_owned(), "sigmoid".into()])]
        );
        assert_eq!(differences(&[a]), []);
        assert_eq!(differences(&[]), []);
    }
}
