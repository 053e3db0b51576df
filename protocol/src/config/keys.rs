//! The keys of a run config, under LLaMA-Factory's names: typed fields, and what is known of each.

use serde::{Deserialize, Serialize};

/// The type of a key's value, as written in YAML.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
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

/// A key that a run config may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    pub name: &'static str,
    pub kind: Kind,
    pub group: Group,
    pub whose: Whose,
    pub place: Place,
    pub on_resume: OnResume,
    about: &'static str,
}

impl Key {
    pub fn named(name: &str) -> Option<&'static Self> {
        KEYS.iter().find(|key| key.name == name)
    }

    /// What it means, in English.
    pub fn about(&self) -> &'static str {
        self.about.trim()
    }
}

/// `run_config! { Group { /// what it means \n name: Type, Whose, Place[, OnResume]; … } … }`; left out: [`OnResume::Told`].
macro_rules! run_config {
    ($($group:ident {
        $($(#[doc = $doc:literal])+ $name:ident: $type:ty, $whose:ident, $place:ident $(, $resume:ident)? $({ $(#[$attr:meta])* })?;)*
    })*) => {
        /// What the person asked for, as close as can be to what they wrote; a key they left out is `None`.
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(deny_unknown_fields)]
        pub struct RunConfig {
            $($(
                $(#[doc = $doc])+
                #[serde(default, skip_serializing_if = "Option::is_none")]
                $($(#[$attr])*)?
                pub $name: Option<$type>,
            )*)*
        }

        /// Every key of [`RunConfig`], in the order of its files.
        pub const KEYS: &[Key] = &[$($(Key {
            name: stringify!($name),
            kind: <$type as Field>::KIND,
            group: Group::$group,
            whose: Whose::$whose,
            place: Place::$place,
            on_resume: on_resume!($($resume)?),
            about: concat!($($doc),+),
        },)*)*];

        impl RunConfig {
            /// The value of a key; `None` for one left out or unknown.
            pub fn get(&self, key: &str) -> Option<Value> {
                match key {
                    $($(stringify!($name) => self.$name.as_ref().map(Field::write),)*)*
                    _ => None,
                }
            }
            /// The keys that are set, in the order of [`KEYS`].
            pub fn entries(&self) -> impl Iterator<Item = (&'static Key, Value)> {
                let values = [$($(self.$name.as_ref().map(Field::write),)*)*];
                KEYS.iter().zip(values).filter_map(|(key, value)| Some((key, value?)))
            }
            /// Sets a key; `Value::Null` takes it out. The error says what the key takes.
            pub fn set(&mut self, key: &str, value: &Value) -> Result<(), Said> {
                match key {
                    $($(stringify!($name) => {
                        self.$name = match value {
                            Value::Null => None,
                            value => Some(<$type as Field>::read(value).map_err(|takes| takes())?),
                        };
                    })*)*
                    _ => return Err(says::not_a_key(key)),
                }
                Ok(())
            }
        }
    };
}

macro_rules! on_resume {
    () => {
        OnResume::Told
    };
    ($resume:ident) => {
        OnResume::$resume
    };
}

#[macro_use]
mod training;
mod table;

pub use table::{KEYS, RunConfig};

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
