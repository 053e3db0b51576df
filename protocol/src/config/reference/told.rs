//! What is known of a key, in words.

use super::{Condition, Described, KeyDefault, Test};
use crate::config::keys::Range;
use crate::said::Arg;
use crate::{Lang, Said, says};
use serde_json::Value;

impl Described {
    /// The default in words: each with where it is one. None where there is none.
    pub fn default_in(&self, lang: Lang) -> Option<String> {
        let one = |default: &KeyDefault| -> Arg {
            let value = default.text();
            match lines(&default.under) {
                None => value.into(),
                Some(under) => says::default_under(value, under).into(),
            }
        };
        let follows = Some(self.follows.join(", ")).filter(|keys| !keys.is_empty());
        let follows = follows.map(|keys| says::default_follows(keys).into());
        let all = self.defaults.iter().map(one).chain(follows);
        let all = all.reduce(|one, other| says::one_then_other(one, other).into());
        all.map(|all| all.in_lang(lang))
    }

    /// When it counts, in words; empty: always. None: never.
    pub fn when_in(&self, lang: Lang) -> Option<String> {
        if self.when.is_empty() {
            return None;
        }
        // one without conditions is everywhere
        let regions = self
            .when
            .iter()
            .map(|region| lines(region).unwrap_or_else(|| String::new().into()));
        let all = regions.reduce(|one, other| says::one_or_else(one, other).into());
        all.map(|all| all.in_lang(lang))
    }
}

impl KeyDefault {
    pub fn text(&self) -> String {
        match &self.value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.as_f64().map_or_else(
                || number.to_string(),
                |x| match x != 0.0 && x.abs() < 1e-3 {
                    true => format!("{x:e}"),
                    false => x.to_string(),
                },
            ),
            other => other.to_string(),
        }
    }
}

impl Range {
    /// "1 to 8", "above 0", "0 or more"; none: any number.
    pub fn said(&self) -> Option<Said> {
        match (self.least, self.above, self.most) {
            (Some(least), _, Some(most)) => Some(says::range_within(least, short(most))),
            (_, Some(above), Some(most)) => Some(says::range_above_within(above, short(most))),
            (Some(least), _, None) => Some(says::range_from(least)),
            (_, Some(above), None) => Some(says::range_above(above)),
            (None, None, Some(most)) => Some(says::range_up_to(short(most))),
            (None, None, None) => None,
        }
    }
}

/// A bound that nobody writes out.
fn short(bound: f64) -> String {
    match bound >= 1e9 {
        true => format!("{bound:e}"),
        false => bound.to_string(),
    }
}

/// All of the conditions; none where there are none.
fn lines(region: &[Condition]) -> Option<Arg> {
    let all = region.iter().map(|condition| condition.said().into());
    all.reduce(|one: Arg, other| says::one_and_other(one, other).into())
}

impl Condition {
    fn said(&self) -> Said {
        let Self { key, test } = self;
        match test {
            Test::One(names) => {
                let names = names.iter().map(Arg::from);
                let names = names.reduce(|one, other| says::one_or_other(one, other).into());
                says::key_is_one_of(key, names.unwrap_or_else(|| String::new().into()))
            }
            Test::Not(names) => says::key_is_none_of(key, names.join(", ")),
            Test::There => says::key_there(key),
            Test::Several => says::key_several(key),
            Test::Absent => says::key_absent(key),
        }
    }
}
