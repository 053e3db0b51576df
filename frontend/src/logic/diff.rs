//! Differences of configs: from the recommended values, and between several runs.

use protocol::RunConfig;
use protocol::config::{differing, same};
pub use protocol::numbers::value_text;
use serde_json::Value;

/// A line of a config file, marked where it differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YamlLine {
    pub text: String,
    /// The method's recommended value, where the config has another one.
    pub recommended: Option<String>,
}

/// Splits a config file into lines and marks those whose key differs from `recommended`.
pub fn mark_lines(yaml: &str, config: &RunConfig, recommended: Option<&RunConfig>) -> Vec<YamlLine> {
    let mark = |line: &str| {
        let key = line.split_once(':')?.0;
        let (ours, theirs) = (config.get(key)?, recommended?.get(key)?);
        (!same(Some(&ours), Some(&theirs))).then(|| value_text(Some(&theirs)))
    };
    let line = |text: &str| YamlLine {
        text: text.into(),
        recommended: mark(text),
    };
    yaml.lines().map(line).collect()
}

/// The keys in which `configs` differ, in the order of config files, with each one's value.
pub fn differences(configs: &[RunConfig]) -> Vec<(&'static str, Vec<String>)> {
    let written = |values: Vec<Option<Value>>| values.iter().map(|value| value_text(value.as_ref())).collect();
    let all = differing(configs).into_iter();
    all.map(|(key, values)| (key, written(values))).collect()
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
