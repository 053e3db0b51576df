//! The table of keys, and what is made of it: [`RunConfig`], [`KEYS`], a [`TypedKey`] for each, and [`Plain`].

use super::choices::*;
use super::typed::TypedKey;
use super::{Group, Key, OnResume, Place, ShownWith, Whose, choices};
use crate::config::field::{Field, Json};
use crate::config::resolve::{EXO_SMOOTHING, Rules, is_simpo, losses, smooths_as_exo};
use crate::config::spec::{Basis, BestRule, BlockOrder, FourBit, Scaling};
use crate::config::{Range, Thinking};
use crate::samples::{MOST_NEW_TOKENS, MOST_PROMPTS};
use crate::{Said, Stage, says};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The largest whole number that is read.
const WHOLE: u64 = 9_000_000_000_000_000;

/// A row: `/// what it means`, then `name: Type, Whose, Place[, OnResume] [{ settings }] [=> plain];`. A text that is one of some names has
/// `String as` the type that has them. Settings are functions of [`TypedKey`] with their arguments. Left out: [`OnResume::Told`].
macro_rules! run_config {
    ($($group:ident {
        $($(#[doc = $doc:literal])+
        $name:ident: $type:ty $(as $choice:ty)?, $whose:ident, $place:ident $(, $resume:ident)? $([ $(#[$attr:meta])* ])?
        $({ $($set:ident $(: $value:expr)?),+ })? $(=> $carried:ident)?;)*
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

        /// Every key with its type, by its name.
        #[expect(non_upper_case_globals, reason = "a key has one name everywhere")]
        pub mod key {
            use super::*;

            $($(
                pub const $name: TypedKey<$type $(, $choice)?> = TypedKey::new(
                    Key {
                        name: stringify!($name),
                        kind: <$type as Field>::TYPE,
                        group: Group::$group,
                        whose: Whose::$whose,
                        place: Place::$place,
                        on_resume: on_resume!($($resume)?),
                        range: Range::ANY,
                        most: None,
                        in_steps: false,
                        list: false,
                        shown_with: None,
                        choices: None,
                        about: concat!($($doc),+),
                    },
                    |config| config.$name.as_ref(),
                )$($(.$set($($value)?))+)?;
            )*)*
        }

        /// Every key of [`RunConfig`], in the order of its files.
        pub const KEYS: &[Key] = &[$($(key::$name.row,)*)*];

        /// Panics where a constant default is none that its key takes.
        #[cfg(test)]
        pub(super) fn check_constants() {
            $($(key::$name.check_constant();)*)*
        }

        /// The keys whose values are used as they are, whatever else is asked for: what was asked, or the default.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub struct Plain {
            $($($(
                #[doc = concat!("`", stringify!($name), "`")]
                pub $name: carried!($carried, $type),
            )?)*)*
        }

        impl Plain {
            pub(in crate::config) fn of(rules: &mut Rules) -> Self {
                Self {
                    $($($($name: rules.$carried(key::$name),)?)*)*
                }
            }
        }

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

/// The type of a field of [`Plain`].
macro_rules! carried {
    (plain, $type:ty) => {
        $type
    };
    (optional, $type:ty) => {
        Option<$type>
    };
}

model_keys! {}
