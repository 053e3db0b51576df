//! The keys of a run config, under LLaMA-Factory's names: typed fields, and what is known of each. A key is a row of the table, in the file
//! of its group; all else that is known of it is made of that.

use serde::{Deserialize, Serialize};

/// The type of a key's value, as written in YAML.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ValueType {
    Text,
    Flag,
    /// True, false, or null, which is a third value and written as the text `null` where null takes a key out.
    FlagOrNull,
    /// A whole number, 0 or more.
    Count,
    Number,
    /// A map, or a text of JSON.
    Map,
}

/// Whose name a key has, and whose meaning and default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    LlamaFactory,
    Transformers,
    Trl,
    Peft,
    Corral,
}

impl Whose {
    pub fn name(self) -> &'static str {
        match self {
            Self::LlamaFactory => "LLaMA-Factory",
            Self::Transformers => "transformers",
            Self::Trl => "TRL",
            Self::Peft => "PEFT",
            Self::Corral => "Corral",
        }
    }
}

/// What a key is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Group {
    Model,
    Data,
    /// The stage, its loss, what it compares with.
    Method,
    /// What trains.
    Adapter,
    Optimizer,
    /// How much at once, how long, on what.
    Batch,
    /// When is evaluated, kept and logged.
    Cadence,
    /// Where the run lies, and who else is told of it.
    Run,
}

impl Group {
    /// In the order in which the form and the reference have them.
    pub const ALL: [Self; 8] = [
        Self::Model,
        Self::Data,
        Self::Method,
        Self::Adapter,
        Self::Optimizer,
        Self::Batch,
        Self::Cadence,
        Self::Run,
    ];

    pub fn keys(self) -> impl Iterator<Item = &'static Key> {
        KEYS.iter().filter(move |key| key.group == self)
    }
}

/// Where the form has a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Among the fields of its group.
    Field,
    /// Among those that are folded away.
    Advanced,
    /// It has a control of its own.
    Own,
    /// In files alone.
    No,
    /// In files alone, and of a run of the board the server sets it.
    Server,
}

/// What becomes of a run that goes on from a checkpoint with another value of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnResume {
    /// It can't: the saved tensors fit nothing, or something else.
    Fixed,
    /// Its steps change: the run says so.
    Told,
    /// No step changes: how long, how often, where, and what is compared by other means (the model, rows and template).
    Free,
}

/// What the form has a key with alone, where it counts: what the rule book does not know, or leaves to whoever writes a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShownWith {
    /// A list of losses: the weight of a single one would only scale the learning rate.
    SeveralLosses,
    /// A model that has experts, as far as it is known.
    Experts,
}

/// A key that a run config may have: its row.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    pub name: &'static str,
    pub kind: ValueType,
    pub group: Group,
    pub whose: Whose,
    pub place: Place,
    pub on_resume: OnResume,
    /// It holds several, with commas between them.
    pub list: bool,
    pub shown_with: Option<ShownWith>,
    /// What a number is to be.
    pub(super) range: Range,
    /// Past it a number is a slip of the hand.
    most: Option<f64>,
    /// A number that counts steps, or is a share of them.
    in_steps: bool,
    choices: Option<fn() -> Choices>,
    about: &'static str,
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Key {
    /// Counts that have no bound of their own: of steps, rows, layers.
    const MOST_COUNTED: f64 = 1e12;
    /// Numbers that have none: the engine computes in f32.
    const MOST: f64 = f32::MAX as f64;

    pub fn named(name: &str) -> Option<&'static Self> {
        KEYS.iter().find(|key| key.name == name)
    }

    /// What it means, in English.
    pub fn about(&self) -> &'static str {
        self.about.trim()
    }

    /// What a text may be, under one config or another.
    pub fn choices(&self) -> Option<Choices> {
        self.choices.map(|choices| choices())
    }

    /// What a number may be.
    pub fn range(&self) -> Range {
        Range {
            most: self.range.most.or(self.most),
            ..self.range
        }
    }

    /// How large a number may be, whatever its range: the same for whoever reads the config, so that no worker refuses what was
    /// accepted. `None`: it is no number.
    pub fn bound(&self) -> Option<f64> {
        match self.kind {
            ValueType::Text | ValueType::Flag | ValueType::FlagOrNull | ValueType::Map => None,
            ValueType::Count => Some(self.most.unwrap_or(Self::MOST_COUNTED)),
            ValueType::Number if self.in_steps => Some(Self::MOST_COUNTED),
            ValueType::Number => Some(self.most.unwrap_or(Self::MOST)),
        }
    }
}

mod choices;
mod takes;
mod typed;

// each gives its rows on to the next: the table is what they make together
#[macro_use]
mod model;
#[macro_use]
mod method;
#[macro_use]
mod adapter;
#[macro_use]
mod data;
#[macro_use]
mod optimizer;
#[macro_use]
mod batch;
#[macro_use]
mod cadence;
#[macro_use]
mod run;
mod table;

pub(super) use choices::{
    DivergenceName, KtoLossName, LoraStart, NO_ROPE_SCALING, OneOf, OptimizerName, Packer, RewardModelType, SUPERVISED,
    ScheduleName, TuningKind, When, bits_of,
};
pub use table::{KEYS, Plain, RunConfig, key};
pub use takes::{Choices, Range};
pub(super) use typed::{LeftOut, TypedKey};

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// By their argument classes: of a name that two of them have, it is transformers'.
    #[test]
    fn whose_a_key_is_says_its_class() {
        let text = include_str!("../../../tests/golden/arguments.json");
        let classes: Vec<serde_json::Value> = serde_json::from_str(text).unwrap();
        let mut whose = BTreeMap::new();
        for class in &classes {
            let (name, version) = (class["name"].as_str().unwrap(), &class["version"]);
            let transformers = name.ends_with("TrainingArguments") && version != "now";
            for key in class["keys"].as_object().unwrap().keys() {
                let known = whose.entry(key.as_str()).or_insert(Whose::LlamaFactory);
                if transformers {
                    *known = Whose::Transformers;
                }
            }
        }
        for key in KEYS {
            match whose.get(key.name) {
                Some(whose) => assert_eq!(key.whose, *whose, "{}", key.name),
                None => assert!(
                    matches!(key.whose, Whose::Trl | Whose::Peft | Whose::Corral),
                    "{}",
                    key.name
                ),
            }
        }
    }
}
