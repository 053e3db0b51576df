//! Jinja's tests: `x is defined`, `x is divisibleby 3`.

use super::args::{self, Args};
use super::ast::Comparison;
use super::filters;
use super::ops;
use super::text::cased;
use super::value::{Fault, Outcome, Value};

/// Whether `value is name(given)`.
pub fn check(value: &Value, name: &str, given: &Args) -> Outcome<bool> {
    let compared = |how: Comparison| {
        let [other] = given.bind(name, ["other"])?;
        ops::compare(how, value, &args::needed(other, name, "other")?)
    };
    let none: [&str; 0] = [];
    match name {
        "==" | "eq" | "equalto" => return compared(Comparison::Equal),
        "!=" | "ne" => return compared(Comparison::Unequal),
        ">" | "gt" | "greaterthan" => return compared(Comparison::Greater),
        ">=" | "ge" => return compared(Comparison::GreaterEqual),
        "<" | "lt" | "lessthan" => return compared(Comparison::Less),
        "<=" | "le" => return compared(Comparison::LessEqual),
        "in" => return compared(Comparison::In),
        "sameas" => {
            let [other] = given.bind(name, ["other"])?;
            return Ok(ops::same(value, &args::needed(other, name, "other")?));
        }
        "divisibleby" => {
            let [by] = given.bind(name, ["num"])?;
            let by = args::int(by, name, "num")?.unwrap_or(0);
            let n = whole(value)?;
            return n
                .checked_rem(by)
                .map(|r| r == 0)
                .ok_or_else(|| Fault::new("integer division or modulo by zero"));
        }
        _ => {}
    }
    given.bind(name, none)?;
    Ok(match name {
        "defined" => !value.is_undefined(),
        "undefined" => value.is_undefined(),
        "none" => value.is_none(),
        "boolean" => matches!(value, Value::Bool(_)),
        "true" => matches!(value, Value::Bool(true)),
        "false" => matches!(value, Value::Bool(false)),
        "integer" => matches!(value, Value::Int(_)),
        "float" => matches!(value, Value::Float(_)),
        "number" => value.as_float().is_some(),
        "string" => matches!(value, Value::Str(_)),
        "mapping" => matches!(value, Value::Map(_)),
        "sequence" => matches!(
            value,
            Value::Str(_) | Value::List(_) | Value::Tuple(_) | Value::Map(_) | Value::Undefined(_)
        ),
        "iterable" => value.iterate().is_ok() || matches!(value, Value::Loop(_)),
        "callable" => matches!(
            value,
            Value::Method(_) | Value::Function(_) | Value::Macro(_) | Value::Joiner(_) | Value::Loop(_)
        ),
        "escaped" => false,
        "odd" => whole(value)?.rem_euclid(2) == 1,
        "even" => whole(value)?.rem_euclid(2) == 0,
        "lower" => {
            let text = super::python::text(value);
            text.chars().any(cased) && !text.chars().any(char::is_uppercase)
        }
        "upper" => {
            let text = super::python::text(value);
            text.chars().any(cased) && !text.chars().any(char::is_lowercase)
        }
        "filter" => value.as_str().is_some_and(|n| filters::NAMES.contains(&n)),
        "test" => value.as_str().is_some_and(|n| NAMES.contains(&n)),
        _ => return Err(Fault::new(format!("No test named '{name}'."))),
    })
}

const NAMES: &[&str] = &[
    "!=",
    "<",
    "<=",
    "==",
    ">",
    ">=",
    "boolean",
    "callable",
    "defined",
    "divisibleby",
    "eq",
    "equalto",
    "escaped",
    "even",
    "false",
    "filter",
    "float",
    "ge",
    "greaterthan",
    "gt",
    "in",
    "integer",
    "iterable",
    "le",
    "lessthan",
    "lower",
    "lt",
    "mapping",
    "ne",
    "none",
    "number",
    "odd",
    "sameas",
    "sequence",
    "string",
    "test",
    "true",
    "undefined",
    "upper",
];

fn whole(value: &Value) -> Outcome<i128> {
    value.defined()?;
    value.as_int().ok_or_else(|| {
        Fault::new(format!(
            "unsupported operand type(s) for %: '{}' and 'int'",
            value.kind()
        ))
    })
}
