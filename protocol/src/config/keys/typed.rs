//! A key with its type, which rules read it by; and the settings of its row.

use super::choices::{OneOf, names};
use super::{Choices, Key, Range, ShownWith};
use crate::RunConfig;
use crate::config::field::Field;
use serde_json::Value;
use std::marker::PhantomData;
use std::ops::RangeInclusive;

/// What is done where a key is left out.
pub enum LeftOut<T: Field> {
    /// Nothing, or what its meaning says.
    Nothing,
    /// The same as with this value, which the complete config writes out.
    Default(T::Literal),
    /// The same as with this value, which is what is done anyway and is not written out.
    Usual(T::Literal),
    /// As other keys say; it is written out.
    Follows(fn(&RunConfig) -> T::Literal),
}

/// A key of type `T`; a text may be one of the names of `C`.
pub struct TypedKey<T: Field, C = ()> {
    pub row: Key,
    left_out: LeftOut<T>,
    field: fn(&RunConfig) -> Option<&T>,
    choice: PhantomData<fn() -> C>,
}

impl<T: Field> Clone for LeftOut<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Field> Copy for LeftOut<T> {}

impl<T: Field, C> Clone for TypedKey<T, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Field, C> Copy for TypedKey<T, C> {}

/// The settings of a row.
impl<T: Field, C: OneOf> TypedKey<T, C> {
    pub const fn new(row: Key, field: fn(&RunConfig) -> Option<&T>) -> Self {
        let choices: Option<fn() -> Choices> = if C::NAMES.is_empty() { None } else { Some(names::<C>) };
        Self {
            row: Key {
                range: T::RANGE,
                choices,
                ..row
            },
            left_out: T::LEFT_OUT,
            field,
            choice: PhantomData,
        }
    }

    const fn left_out(self, left_out: LeftOut<T>) -> Self {
        Self { left_out, ..self }
    }

    const fn ranging(self, range: Range) -> Self {
        let row = Key { range, ..self.row };
        Self { row, ..self }
    }

    const fn at_most(self, most: f64) -> Self {
        let most = Some(most);
        let row = Key { most, ..self.row };
        Self { row, ..self }
    }

    /// Left out it has this value, and the complete config says so.
    pub const fn default(self, value: T::Literal) -> Self {
        self.left_out(LeftOut::Default(value))
    }

    /// Left out it has this value, which goes without saying.
    pub const fn usual(self, value: T::Literal) -> Self {
        self.left_out(LeftOut::Usual(value))
    }

    /// Left out it has a value that other keys decide.
    pub const fn follows(self, value: fn(&RunConfig) -> T::Literal) -> Self {
        self.left_out(LeftOut::Follows(value))
    }

    /// Left out it has no value.
    pub const fn open(self) -> Self {
        self.left_out(LeftOut::Nothing)
    }

    /// What it may be, where that is not the names of a type.
    pub const fn choices(self, choices: fn() -> Choices) -> Self {
        let choices = Some(choices);
        let row = Key { choices, ..self.row };
        Self { row, ..self }
    }

    /// What the form has it with alone.
    pub const fn shown_with(self, what: ShownWith) -> Self {
        let shown_with = Some(what);
        let row = Key { shown_with, ..self.row };
        Self { row, ..self }
    }
}

impl<C: OneOf> TypedKey<String, C> {
    /// It holds several, with commas between them.
    pub const fn list(self) -> Self {
        let list = true;
        let row = Key { list, ..self.row };
        Self { row, ..self }
    }

    /// What one of its names means; what its default means where it is none of them.
    pub fn chosen(self, config: &RunConfig) -> C::Means {
        const { assert!(!C::NAMES.is_empty(), "a key that takes any text has no choice") };
        let name = self.of(config);
        let found = C::NAMES.iter().find(|(known, _)| *known == name);
        found.unwrap_or(&C::NAMES[0]).1
    }
}

impl TypedKey<u64> {
    pub const fn least(self, least: u64) -> Self {
        self.ranging(Range {
            least: Some(least as f64),
            ..self.row.range
        })
    }

    /// Past it the value is a slip of the hand.
    pub const fn most(self, most: u64) -> Self {
        self.at_most(most as f64)
    }
}

impl TypedKey<f64> {
    pub const fn least(self, least: f64) -> Self {
        self.ranging(Range {
            least: Some(least),
            ..self.row.range
        })
    }

    pub const fn above_zero(self) -> Self {
        self.ranging(Range {
            above: Some(0.0),
            ..self.row.range
        })
    }

    pub const fn within(self, range: RangeInclusive<f64>) -> Self {
        self.ranging(Range {
            least: Some(*range.start()),
            most: Some(*range.end()),
            ..self.row.range
        })
    }

    /// Past it the value is a slip of the hand.
    pub const fn most(self, most: f64) -> Self {
        self.at_most(most)
    }

    /// It is a whole number, of either sign.
    pub const fn whole(self) -> Self {
        self.ranging(Range {
            whole: true,
            ..self.row.range
        })
    }

    /// It counts steps, and is bounded as counts are.
    pub const fn in_steps(self) -> Self {
        let in_steps = true;
        let row = Key { in_steps, ..self.row };
        Self { row, ..self }
    }
}

impl<T: Field, C: OneOf> TypedKey<T, C> {
    /// What was asked; a text of blanks asks for nothing.
    pub fn given(self, config: &RunConfig) -> Option<T> {
        (self.field)(config)?.said()
    }

    /// Its default, where that is the same under every config.
    pub fn constant(self) -> Option<T::Literal> {
        match self.left_out {
            LeftOut::Default(value) | LeftOut::Usual(value) => Some(value),
            LeftOut::Nothing | LeftOut::Follows(_) => None,
        }
    }

    /// The value that it has where it is left out.
    pub fn default_in(self, config: &RunConfig) -> Option<T> {
        match self.left_out {
            LeftOut::Nothing => None,
            LeftOut::Default(value) | LeftOut::Usual(value) => Some(T::of(value)),
            LeftOut::Follows(value) => Some(T::of(value(config))),
        }
    }

    /// The same as the reference has it.
    pub fn default_value(self, config: &RunConfig) -> Option<Value> {
        match self.left_out {
            LeftOut::Nothing => None,
            LeftOut::Default(value) => Some(value.into()),
            LeftOut::Usual(value) => Some(T::of(value).write()),
            LeftOut::Follows(value) => Some(value(config).into()),
        }
    }

    /// Whether a complete config has its default.
    pub fn is_written_out(self) -> bool {
        matches!(self.left_out, LeftOut::Default(_) | LeftOut::Follows(_))
    }
}

impl<T: Field + Default, C: OneOf> TypedKey<T, C> {
    /// The value as whoever has no rule book at hand reads it: the default where it is left out, or wrong.
    pub fn of(self, config: &RunConfig) -> T {
        let given = self.given(config).filter(|value| self.takes(value));
        given.or_else(|| self.default_in(config)).unwrap_or_default()
    }

    /// Whether a number is in its range, and a text one of its names.
    fn takes(self, value: &T) -> bool {
        let in_range = value.number().is_none_or(|x| self.row.range.holds(x));
        in_range && value.write().as_str().is_none_or(C::is_known)
    }
}

#[cfg(test)]
impl<T: Field, C: OneOf> TypedKey<T, C> {
    /// Panics where the default, if it is the same under every config, is none that may be asked for.
    pub(super) fn check_constant(self) {
        let Some(default) = self.constant().map(T::of) else {
            return;
        };
        let (name, written) = (self.row.name, default.write());
        let in_range = default.number().is_none_or(|x| self.row.range().holds(x));
        assert!(in_range, "{name}: {written} is not in {:?}", self.row.range());
        if let (Some(choices), Some(text)) = (self.row.choices(), written.as_str()) {
            let mut known = choices.names.iter().chain(choices.also.iter());
            assert!(
                known.any(|known| *known == text),
                "{name}: {text} is none of {choices:?}"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::RunConfig;
    use crate::config::{KEYS, Notes, check};
    use serde_json::Value;

    /// A default outside of its own range would refuse every config that leaves it out.
    #[test]
    fn a_default_may_be_asked_for() {
        for stage in crate::Stage::ALL {
            let text = format!("stage: {stage}\nmodel_name_or_path: m\ndataset: d\noutput_dir: o\nreward_model: r\n");
            let config = RunConfig::parse(&text).config;
            let notes = Notes::of(&config);
            for key in KEYS {
                let Some(default) = notes.get(key.name).and_then(|note| note.default.clone()) else {
                    continue;
                };
                let mut asked = config.clone();
                asked.set(key.name, &default).unwrap();
                let errors = check(&asked).spec.err().unwrap_or_default();
                // one that does not count is refused wherever it is said
                let own = errors
                    .iter()
                    .find(|error| error.field == key.name && error.code != "not_for_loss");
                assert_eq!(own, None, "{stage} {}: {default}", key.name);
            }
        }
    }

    /// Of those too that count under none of the configs above.
    #[test]
    fn a_constant_default_is_in_its_range_and_among_its_names() {
        crate::config::keys::table::check_constants();
    }

    #[test]
    fn what_is_none_of_the_names_or_not_whole_is_read_as_the_default() {
        use crate::config::key;
        let of = |text: &str| RunConfig::parse(text).config;
        assert_eq!(key::save_strategy.of(&of("save_strategy: often")), "steps");
        assert_eq!(key::save_strategy.of(&of("save_strategy: epoch")), "epoch");
        assert_eq!(key::pissa_iter.of(&of("pissa_iter: 2.5")), 16.0);
        assert_eq!(key::pissa_iter.of(&of("pissa_iter: 4")), 4.0);
        // any text
        assert_eq!(key::device.of(&of("device: cuda:7")), "cuda:7");
    }

    #[test]
    fn what_follows_a_wrong_value_follows_its_default() {
        for (text, key, follows) in [
            ("lora_rank: 32", "lora_alpha", 64),
            ("lora_rank: 0", "lora_alpha", 16),
            ("logging_steps: 7\neval_strategy: steps", "eval_steps", 7),
            ("logging_steps: -1\neval_strategy: steps", "eval_steps", 500),
        ] {
            let whole = RunConfig::parse(text).config.completed();
            assert_eq!(whole.get(key), Some(Value::from(follows)), "{text}");
        }
    }
}
