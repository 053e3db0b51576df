//! The reference of all keys: of each what it is, what it may be, and when it counts, as the rule book says of itself.

mod explore;
mod regions;
mod schema;
mod told;

pub use schema::schema;

use super::keys::Range;
use super::renamed::RENAMED;
use super::{Group, Key, Place, ValueType, Whose};
use explore::Explored;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::LazyLock;

/// One line of a condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Condition {
    pub key: String,
    pub test: Test,
}

/// What a key has to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// One of these, set or by default.
    One(Vec<String>),
    /// None of these.
    Not(Vec<String>),
    /// Set, to whatever value.
    There,
    /// A list of more than one.
    Several,
    /// Not set.
    Absent,
}

/// A default, and where it is one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyDefault {
    pub value: Value,
    /// All of these; none: wherever no other default is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub under: Vec<Condition>,
}

/// A key as the reference has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Described {
    pub name: String,
    pub kind: ValueType,
    pub group: Group,
    pub whose: Whose,
    pub place: Place,
    /// Other names that a file may have for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// What it means, in English.
    pub about: String,
    /// What is done where it is left out; empty: nothing, or what the meaning says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub defaults: Vec<KeyDefault>,
    /// Keys whose values the default follows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub follows: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<Range>,
    /// The names that it may have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// Names that are read too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// Regular expressions of what else is read: a file, a template, a certain card.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub patterns: Vec<String>,
    /// It holds several, with commas between them or as a list.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub list: bool,
    /// Where it counts: under all lines of any of these. One without lines: always. None: it is read and changes nothing.
    pub when: Vec<Vec<Condition>>,
}

/// All keys, in the order of the form.
pub fn reference() -> &'static [Described] {
    // the rule book is read some ten thousand times
    static ALL: LazyLock<Vec<Described>> = LazyLock::new(|| {
        let explored = Explored::new();
        let keys = Group::ALL.into_iter().flat_map(Group::keys);
        keys.map(|key| described(&explored, key)).collect()
    });
    &ALL
}

fn described(explored: &Explored, key: &'static Key) -> Described {
    let choices = explored.choices(key);
    let number = matches!(key.kind, ValueType::Count | ValueType::Number) && choices.names.is_empty();
    let (defaults, follows) = explored.defaults(key);
    let texts = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Described {
        name: key.name.into(),
        kind: key.kind,
        group: key.group,
        whose: key.whose,
        place: key.place,
        names: RENAMED
            .iter()
            .filter(|(_, new)| *new == key.name)
            .map(|(old, _)| (*old).to_owned())
            .collect(),
        about: key.about().into(),
        defaults,
        follows,
        range: number.then(|| key.range()),
        choices: texts(&choices.names),
        also: texts(&choices.also),
        patterns: texts(choices.patterns),
        list: key.list,
        when: explored.when(key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Lang;
    use crate::config::KEYS;

    fn of(name: &str) -> &'static Described {
        reference().iter().find(|key| key.name == name).unwrap()
    }

    #[test]
    fn the_rule_book_says_when_each_key_counts() {
        for (key, when) in [
            ("learning_rate", Some("")),
            ("badam_mode", None),
            (
                "adam_epsilon",
                Some(
                    "optim: not adafactor, lion_32bit, lion_8bit, paged_lion_32bit, paged_lion_8bit, sgd, or use_badam: true",
                ),
            ),
            ("lora_rank", Some("finetuning_type: lora")),
            ("simpo_gamma", Some("stage: dpo and pref_loss: simpo")),
            ("pref_beta", Some("stage: dpo or kto")),
            (
                "interleave_probs",
                Some("mix_strategy: interleave_under or interleave_over"),
            ),
            ("mix_strategy", Some("several in dataset, or several in eval_dataset")),
            ("num_train_epochs", Some("without max_steps")),
            ("ld_alpha", Some("stage: dpo and pref_loss: not simpo, orpo, ipo, cpo")),
            (
                "swanlab_project",
                Some("report_to: all or swanlab, or use_swanlab: true"),
            ),
        ] {
            assert_eq!(of(key).when_in(Lang::En).as_deref(), when, "{key}");
        }
    }

    #[test]
    fn defaults_are_told_with_where_they_are_so() {
        for (key, default) in [
            ("pref_beta", "0.1; 2 (pref_loss: simpo)"),
            ("packing", "false; true (stage: pt)"),
            ("lora_alpha", "16; follows lora_rank"),
            ("learning_rate", "5e-5"),
            ("eval_steps", "500; follows logging_steps"),
            ("max_samples", ""),
        ] {
            assert_eq!(of(key).default_in(Lang::En).unwrap_or_default(), default, "{key}");
        }
        assert_eq!(of("adam_beta1").range.unwrap().most, Some(0.999_999));
        assert_eq!(
            of("lora_rank").range.unwrap(),
            Range {
                least: Some(1.0),
                most: Some(65_536.0),
                ..Range::COUNT
            }
        );
        assert_eq!(of("quantization_bit").choices, ["4", "8", "6", "5", "3", "2", "1"]);
    }

    /// A key that no rule reads is one that was forgotten.
    #[test]
    fn each_key_counts_somewhere() {
        const NEVER: &[&str] = &["infer_dtype", "do_train", "do_eval", "badam_mode"];
        assert_eq!(reference().len(), KEYS.len());
        let never = reference().iter().filter(|key| key.when.is_empty());
        assert_eq!(never.map(|key| key.name.as_str()).collect::<Vec<_>>(), NEVER);
    }
}
