//! The values that one key is swept over: a list or a range, and how they are written.

use crate::config::{Key, ValueType};
use crate::{RunConfig, Said, says};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Values of one range, at most.
pub(super) const MAX_POINTS: u64 = 1000;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Values {
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Object>))]
    List(Vec<Value>),
    Range(Range),
}

/// Numbers from `low` to `high`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Range {
    pub low: f64,
    pub high: f64,
    #[serde(default)]
    pub scale: Scale,
    /// Only `low`, `low + step`, `low + 2 step` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<f64>,
    /// Only this many values, evenly spaced on the scale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<u64>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    #[default]
    Linear,
    /// As many values between 1e-6 and 1e-5 as between 1e-5 and 1e-4.
    Log,
}

/// Rounds to twelve significant digits, to drop the rounding errors of steps and powers.
fn plain(x: f64) -> f64 {
    format!("{x:.11e}").parse().unwrap_or(x)
}

impl Range {
    /// The value at `share` (0 to 1) of the way from `low` to `high`, on its scale.
    pub fn at(&self, share: f64) -> f64 {
        let value = match self.scale {
            Scale::Linear => self.low + share * (self.high - self.low),
            Scale::Log => (self.low.ln() + share * (self.high / self.low).ln()).exp(),
        };
        let value = match self.step.filter(|_| self.points.is_none()) {
            None => value,
            // the last step may end before `high`
            Some(step) => {
                let last = ((self.high - self.low) / step + 1e-9).floor();
                self.low + ((value - self.low) / step).round().min(last) * step
            }
        };
        plain(value.clamp(self.low, self.high))
    }

    /// How far a value is on the way from `low` to `high` (0 to 1), on its scale.
    pub fn share(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Linear => (value - self.low) / (self.high - self.low),
            Scale::Log => (value / self.low).ln() / (self.high / self.low).ln(),
        }
    }

    /// All of its values; `None`: there are infinitely or too many.
    pub fn all(&self, key: &Key) -> Option<Vec<f64>> {
        if let Some(points) = self.points {
            let last = points.saturating_sub(1).max(1) as f64;
            return Some((0..points.min(MAX_POINTS)).map(|n| self.at(n as f64 / last)).collect());
        }
        let whole = (key.kind == ValueType::Count && self.scale == Scale::Linear).then_some(1.0);
        let step = self.step.or(whole)?;
        let steps = ((self.high - self.low) / step + 1e-9).floor();
        // a truncated list would look like all of them
        if steps > MAX_POINTS as f64 {
            return None;
        }
        Some((0..=steps as u64).map(|n| plain(self.low + n as f64 * step)).collect())
    }

    fn text(&self) -> String {
        let scale = if self.scale == Scale::Log { "log " } else { "" };
        let step = self.step.map(|step| format!(" step {step}")).unwrap_or_default();
        let points = self.points.map(|points| format!(" in {points}")).unwrap_or_default();
        format!("{scale}{}..{}{step}{points}", number(self.low), number(self.high))
    }

    /// Checks it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn judge(&self) -> Result<(), Said> {
        if !(self.low < self.high && self.low.is_finite() && self.high.is_finite()) {
            return Err(says::sweep_range_empty(number(self.low), number(self.high)));
        }
        if self.scale == Scale::Log && self.low <= 0.0 {
            return Err(says::sweep_log_from(number(self.low)));
        }
        let bad_step = |step: &f64| !(step.is_finite() && *step > 0.0 && *step <= self.high - self.low);
        if let Some(step) = self.step.filter(bad_step) {
            return Err(says::sweep_step(number(step)));
        }
        match self.points.filter(|points| !(2..=MAX_POINTS).contains(points)) {
            Some(points) => Err(says::sweep_points(points)),
            None => Ok(()),
        }
    }
}

/// A number as one writes it, with an exponent where it is very small or large.
fn number(x: f64) -> String {
    match x {
        x if x != 0.0 && (x.abs() < 1e-3 || x.abs() >= 1e9) => format!("{x:e}"),
        x => x.to_string(),
    }
}

/// A value as text for a list, a name or a table.
pub fn written(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(n) => n.as_f64().map_or_else(|| n.to_string(), number),
        other => other.to_string(),
    }
}

/// A number as a value of this key: rounded for a key that takes whole numbers.
pub(super) fn of_kind(key: &Key, x: f64) -> Value {
    let number = match key.kind {
        ValueType::Count => Value::from(x.round().max(0.0) as u64),
        _ => Value::from(x),
    };
    // in the form in which the key keeps it
    read(key, &number).unwrap_or(number)
}

fn is_number(key: &Key) -> bool {
    matches!(key.kind, ValueType::Count | ValueType::Number)
}

/// The value in the form in which the key keeps it.
///
/// # Errors
/// The key does not take it.
fn read(key: &Key, value: &Value) -> Result<Value, Said> {
    // it takes a key out, for which a sweep has no name
    if value.is_null() && key.kind != ValueType::FlagOrNull {
        return Err(says::sweep_null());
    }
    let mut config = RunConfig::default();
    let set = config.set(key.name, value);
    set.map_err(|takes| says::sweep_value(written(value), says::takes(takes, value)))?;
    Ok(config.get(key.name).unwrap_or(Value::Null))
}

impl Values {
    /// Parses what a person types: `1, 2, 3`, `0.1..0.5 step 0.1`, `0.1..0.5 in 5`, `log 1e-6..1e-4`; for words, which may have
    /// commas, `sigmoid | simpo`. `None`: a single value.
    ///
    /// # Errors
    /// There are several values, and one of them can't be used.
    pub fn typed(key: &Key, text: &str) -> Option<Result<Self, Said>> {
        let text = text.trim();
        let (scale, rest) = match text.strip_prefix("log ") {
            Some(rest) => (Scale::Log, rest.trim()),
            None => (Scale::Linear, text),
        };
        if let (Some((low, rest)), true) = (rest.split_once(".."), is_number(key)) {
            return Some(Self::range_typed(key, scale, low, rest));
        }
        let parts: Vec<&str> = match (text.contains('|'), is_number(key)) {
            (true, _) => text.split('|').collect(),
            (false, true) => text.split([',', '，', '、', ';']).collect(),
            (false, false) => return None,
        };
        let parts: Vec<&str> = parts
            .into_iter()
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .collect();
        (parts.len() > 1).then(|| {
            let values: Vec<Value> = parts.into_iter().map(|part| Value::String(part.into())).collect();
            Self::list(key, &values)
        })
    }

    fn range_typed(key: &Key, scale: Scale, low: &str, rest: &str) -> Result<Self, Said> {
        let one = |text: &str| text.trim().parse::<f64>().map_err(|_| says::sweep_no_values());
        let mut range = Range {
            low: one(low)?,
            high: 0.0,
            scale,
            step: None,
            points: None,
        };
        let mut words = rest.split_whitespace();
        range.high = one(words.next().unwrap_or_default())?;
        while let Some(word) = words.next() {
            let value = words.next().unwrap_or_default();
            match word {
                "step" => range.step = Some(one(value)?),
                "in" => range.points = Some(value.parse().map_err(|_| says::sweep_points(value))?),
                _ => return Err(says::sweep_no_values()),
            }
        }
        Self::range(key, range)
    }

    /// A range.
    ///
    /// # Errors
    /// The key takes no range, or the range is wrong.
    pub fn range(key: &Key, range: Range) -> Result<Self, Said> {
        if !is_number(key) {
            return Err(says::sweep_no_range(key.name));
        }
        range.judge()?;
        Ok(Self::Range(range))
    }

    /// A list of values.
    ///
    /// # Errors
    /// The key does not take one of them, one is repeated, or there are fewer than two.
    pub fn list(key: &Key, values: &[Value]) -> Result<Self, Said> {
        let mut list: Vec<Value> = vec![];
        for value in values {
            let value = read(key, value)?;
            if list.contains(&value) {
                return Err(says::sweep_twice(written(&value)));
            }
            list.push(value);
        }
        match list.len() {
            0 | 1 => Err(says::sweep_no_values()),
            _ => Ok(Self::List(list)),
        }
    }

    /// All of them; `None`: there are infinitely or too many.
    pub fn all(&self, key: &Key) -> Option<Vec<Value>> {
        match self {
            Self::List(list) => Some(list.clone()),
            Self::Range(range) => {
                let mut all: Vec<Value> = range.all(key)?.into_iter().map(|x| of_kind(key, x)).collect();
                all.dedup();
                Some(all)
            }
        }
    }

    /// The smallest and the largest, or all values of a list: those that rules about single values are checked with.
    pub fn ends(&self, key: &Key) -> Vec<Value> {
        match self {
            Self::List(list) => list.clone(),
            Self::Range(range) => match self.all(key).as_deref() {
                // the last step may end before `high`
                Some([first, .., last]) => vec![first.clone(), last.clone()],
                _ => vec![of_kind(key, range.low), of_kind(key, range.at(1.0))],
            },
        }
    }

    /// As text that [`Self::typed`] reads back.
    pub fn text(&self, key: &Key) -> String {
        match self {
            Self::List(list) => {
                let between = if is_number(key) { ", " } else { " | " };
                list.iter().map(written).collect::<Vec<_>>().join(between)
            }
            Self::Range(range) => range.text(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn typed(key: &str, text: &str) -> Option<Result<Vec<Value>, String>> {
        let key = Key::named(key).unwrap();
        let read = Values::typed(key, text)?;
        Some(
            read.map(|values| values.all(key).unwrap_or_default())
                .map_err(|said| said.message),
        )
    }

    #[test]
    fn several_values_are_typed_as_people_write_them() {
        for (key, text, values) in [
            ("pref_beta", "1, 2, 3", json!([1, 2, 3])),
            ("learning_rate", "1e-6,5e-6, 1e-5", json!([1e-6, 5e-6, 1e-5])),
            ("lora_rank", "8、16", json!([8, 16])),
            ("lora_rank", "1..4", json!([1, 2, 3, 4])),
            ("pref_beta", "0.1..0.5 step 0.1", json!([0.1, 0.2, 0.3, 0.4, 0.5])),
            ("pref_beta", "0..1 in 3", json!([0, 0.5, 1])),
            ("learning_rate", "log 1e-6..1e-4 in 3", json!([1e-6, 1e-5, 1e-4])),
            ("lora_rank", "log 4..64 in 5", json!([4, 8, 16, 32, 64])),
            ("pref_loss", "sigmoid | sigmoid,sft", json!(["sigmoid", "sigmoid,sft"])),
            // a range that any number is in has no list of its values
            ("learning_rate", "log 1e-6..1e-4", json!([])),
            // nor one of too many
            ("lora_rank", "1..5000", json!([])),
        ] {
            assert_eq!(json!(typed(key, text).unwrap().unwrap()), values, "{key}: {text}");
        }
        for (key, text) in [
            ("pref_beta", "2"),
            ("pref_beta", "2,"),
            ("pref_loss", "sigmoid,sft"),
            ("pref_beta", ""),
        ] {
            assert_eq!(typed(key, text), None, "{text}");
        }
        for (key, text, said) in [
            ("lora_rank", "8, x", "x: takes"),
            ("pref_beta", "1, 1.0", "1 stands twice"),
            ("pref_beta", "2..1", "the range 2..1 is empty"),
            ("pref_beta", "log 0..1", "starts above 0"),
            ("pref_beta", "0..1 step 2", "2 is no step"),
            ("pref_beta", "0..1 in 1", "1 is no number of points"),
            ("pref_beta", "0..1 by 2", "takes two values"),
        ] {
            let error = typed(key, text).unwrap().unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
    }

    #[test]
    fn steps_end_where_the_last_one_does() {
        for (key, text, ends) in [
            ("pref_beta", "0..1 step 0.3", json!([0, 0.9])),
            ("max_steps", "0..10000 step 3", json!([0, 9999])),
            ("lora_rank", "1..5000", json!([1, 5000])),
        ] {
            let key = Key::named(key).unwrap();
            let values = Values::typed(key, text).unwrap().unwrap();
            assert_eq!(json!(values.ends(key)), ends, "{text}");
            let Values::Range(range) = values else { continue };
            let Some(step) = range.step else { continue };
            for n in 0..=20 {
                let steps = range.at(f64::from(n) / 20.0) / step;
                assert!((steps - steps.round()).abs() < 1e-9, "{text}: {steps}");
            }
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        for (key, text) in [
            ("pref_beta", "1, 2, 3"),
            ("learning_rate", "log 1e-6..1e-4 in 3"),
            ("pref_beta", "0.1..0.5 step 0.1"),
            ("pref_loss", "sigmoid | simpo"),
        ] {
            let key = Key::named(key).unwrap();
            assert_eq!(Values::typed(key, text).unwrap().unwrap().text(key), text);
        }
    }
}
