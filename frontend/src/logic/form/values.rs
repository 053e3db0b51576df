//! Values of keys as settings: as a person types them, and whether two are the same.

use crate::logic::number::plain_number;
use serde_json::Value;

/// Whether two values are the same setting, as 1 and 1.0 are.
pub fn same(a: &Value, b: &Value) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}

/// Whether two texts are the same setting, as `1e-3` and `0.001` are.
pub fn same_text(a: &str, b: &str) -> bool {
    let (a, b) = (plain_number(a), plain_number(b));
    match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => a == b,
        _ => a == b,
    }
}

/// A value as a person types it.
pub fn text_of(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => match number.as_f64() {
            Some(x) if x != 0.0 && (x.abs() < 1e-3 || x.abs() >= 1e9) => format!("{x:e}"),
            Some(x) => x.to_string(),
            None => number.to_string(),
        },
        Some(other) => other.to_string(),
    }
}
