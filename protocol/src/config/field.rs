//! What the value of a key may look like in a file, and how it is written back.

use super::Thinking;
use super::keys::{LeftOut, Range, ValueType};
use crate::{Said, says};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The largest whole number: past it a number with a fraction (which is what a browser has) is not exact.
const WHOLE: f64 = 9e15;

/// What a key takes.
pub type Takes = fn() -> Said;

/// Null where it is a value: null itself takes a key out.
pub(super) const NULL: &str = "null";

pub trait Field: Sized + Clone + 'static {
    const TYPE: ValueType;
    /// A value as the table of keys has it.
    type Literal: Copy + Into<Value> + 'static;
    /// What is done where a key is left out whose row says nothing of it.
    const LEFT_OUT: LeftOut<Self> = LeftOut::Nothing;
    const RANGE: Range = Range::ANY;
    fn of(literal: Self::Literal) -> Self;
    fn read(value: &Value) -> Result<Self, Takes>;
    fn write(&self) -> Value;
    /// What it asks for, if anything.
    fn said(&self) -> Option<Self> {
        Some(self.clone())
    }
    fn number(&self) -> Option<f64> {
        None
    }
}

impl Field for String {
    const TYPE: ValueType = ValueType::Text;
    type Literal = &'static str;
    fn of(literal: Self::Literal) -> Self {
        literal.to_owned()
    }
    fn said(&self) -> Option<Self> {
        Some(self.trim()).filter(|text| !text.is_empty()).map(str::to_owned)
    }
    fn read(value: &Value) -> Result<Self, Takes> {
        match value {
            Value::String(s) => Ok(s.trim().to_owned()),
            Value::Number(n) => Ok(n.to_string()),
            Value::Bool(b) => Ok(b.to_string()),
            // LLaMA-Factory takes both `a,b` and a YAML list
            Value::Array(items) => items
                .iter()
                .map(Self::read)
                .collect::<Result<Vec<_>, _>>()
                .map(|v| v.join(",")),
            _ => Err(says::a_text),
        }
    }
    fn write(&self) -> Value {
        Value::String(self.clone())
    }
}

/// A map, kept as a text of JSON: values that only one choice of another key has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Json(pub String);

impl Field for Json {
    const TYPE: ValueType = ValueType::Map;
    type Literal = &'static str;
    fn of(literal: Self::Literal) -> Self {
        Self(literal.to_owned())
    }
    fn read(value: &Value) -> Result<Self, Takes> {
        match value {
            Value::Object(_) => Ok(Self(value.to_string())),
            Value::String(s) => Ok(Self(s.trim().to_owned())),
            _ => Err(says::a_map_or_json),
        }
    }
    fn write(&self) -> Value {
        Value::String(self.0.clone())
    }
}

impl Field for bool {
    const TYPE: ValueType = ValueType::Flag;
    type Literal = bool;
    const LEFT_OUT: LeftOut<Self> = LeftOut::Usual(false);
    fn of(literal: Self::Literal) -> Self {
        literal
    }
    fn read(value: &Value) -> Result<Self, Takes> {
        match value {
            Value::Bool(b) => Ok(*b),
            // YAML 1.1, which Python reads, has more words for it
            Value::String(s) => match s.trim().to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" => Ok(true),
                "false" | "no" | "off" => Ok(false),
                _ => Err(says::true_or_false),
            },
            _ => Err(says::true_or_false),
        }
    }
    fn write(&self) -> Value {
        Value::Bool(*self)
    }
}

impl Field for Thinking {
    const TYPE: ValueType = ValueType::FlagOrNull;
    type Literal = bool;
    fn of(literal: Self::Literal) -> Self {
        Self::of(Some(literal))
    }
    fn read(value: &Value) -> Result<Self, Takes> {
        match value {
            Value::String(text) if ["null", "none", "~"].contains(&text.trim().to_ascii_lowercase().as_str()) => {
                Ok(Self::Mixed)
            }
            value => bool::read(value)
                .map(|on| Self::of(Some(on)))
                .map_err(|_| says::true_false_or_null as Takes),
        }
    }
    fn write(&self) -> Value {
        self.flag().map_or_else(|| Value::String(NULL.into()), Value::Bool)
    }
}

impl Field for u64 {
    const TYPE: ValueType = ValueType::Count;
    type Literal = u64;
    const RANGE: Range = Range::COUNT;
    fn of(literal: Self::Literal) -> Self {
        literal
    }
    fn number(&self) -> Option<f64> {
        Some(*self as f64)
    }
    fn read(value: &Value) -> Result<Self, Takes> {
        // Python's reader takes 010 for 8, others for 10: nobody knows which was meant
        let led_by_zero =
            |text: &str| text.len() > 1 && text.starts_with('0') && text.chars().all(|c| c.is_ascii_digit());
        if value.as_str().is_some_and(|text| led_by_zero(text.trim())) {
            return Err(says::a_count_without_zero);
        }
        let number = f64::read(value).map_err(|_| says::a_count as Takes)?;
        match number >= 0.0 && number.fract() == 0.0 {
            true if number <= WHOLE => Ok(number as u64),
            true => Err(says::a_smaller_count),
            false => Err(says::a_count),
        }
    }
    fn write(&self) -> Value {
        Value::from(*self)
    }
}

impl Field for f64 {
    const TYPE: ValueType = ValueType::Number;
    type Literal = f64;
    fn of(literal: Self::Literal) -> Self {
        literal
    }
    fn number(&self) -> Option<f64> {
        Some(*self)
    }
    fn read(value: &Value) -> Result<Self, Takes> {
        let number = match value {
            Value::Number(n) => n.as_f64(),
            // YAML 1.1 reads `5e-6` as text, so people's files have numbers as texts; and 1_000 is a number there
            Value::String(s) => s.trim().replace('_', "").parse().ok(),
            _ => None,
        };
        number.filter(|n: &f64| n.is_finite()).ok_or(says::a_number)
    }
    fn write(&self) -> Value {
        // `max_steps: -1`, not `-1.0`
        if self.fract() == 0.0 && self.abs() <= WHOLE {
            return Value::from(*self as i64);
        }
        serde_json::Number::from_f64(*self).map_or(Value::Null, Value::Number)
    }
}
