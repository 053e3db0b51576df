//! What is known of a key, in words.

use super::{Condition, Described, KeyDefault, Test};
use crate::config::resolve::Range;
use serde_json::Value;

impl Described {
    /// The default in words: each with where it is one.
    pub fn default_text(&self) -> String {
        let one = |default: &KeyDefault| {
            let value = default.text();
            match default.under.as_slice() {
                [] => value,
                under => format!("{value} ({})", lines(under)),
            }
        };
        let mut all: Vec<String> = self.defaults.iter().map(one).collect();
        if !self.follows.is_empty() {
            all.push(format!("follows {}", self.follows.join(", ")));
        }
        all.join("; ")
    }

    /// When it counts, in words; empty: always. None: never.
    pub fn when_text(&self) -> Option<String> {
        if self.when.is_empty() {
            return None;
        }
        let regions = self.when.iter().map(|region| lines(region));
        Some(regions.collect::<Vec<_>>().join(", or "))
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
    /// "1 to 8", "above 0", "0 or more"; empty: any number.
    pub fn text(&self) -> String {
        match (self.least, self.above, self.most) {
            (Some(least), _, Some(most)) => format!("{least} to {}", short(most)),
            (_, Some(above), Some(most)) => format!("above {above}, at most {}", short(most)),
            (Some(least), _, None) => format!("{least} or more"),
            (_, Some(above), None) => format!("above {above}"),
            (None, None, Some(most)) => format!("at most {}", short(most)),
            (None, None, None) => String::new(),
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

fn lines(region: &[Condition]) -> String {
    region.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
}

impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let Self { key, test } = self;
        match test {
            Test::One(names) => write!(f, "{key}: {}", names.join(" or ")),
            Test::Not(names) => write!(f, "{key}: not {}", names.join(", ")),
            Test::There => write!(f, "with {key}"),
            Test::Several => write!(f, "several in {key}"),
            Test::Absent => write!(f, "without {key}"),
        }
    }
}
