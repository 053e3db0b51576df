//! The arguments of a call.

use std::sync::Arc;

use super::value::{Fault, Outcome, Value};

#[derive(Default)]
pub struct Args {
    pub positional: Vec<Value>,
    pub named: Vec<(Arc<str>, Value)>,
}

impl Args {
    pub fn of(positional: Vec<Value>) -> Self {
        Self {
            positional,
            named: Vec::new(),
        }
    }

    /// The arguments by the names a function gives them; too many or unknown ones are faults.
    pub fn bind<const N: usize>(&self, function: &str, names: [&str; N]) -> Outcome<[Option<Value>; N]> {
        if self.positional.len() > N {
            return Err(Fault::new(format!(
                "{function}() takes at most {N} arguments ({} given)",
                self.positional.len()
            )));
        }
        let mut bound: [Option<Value>; N] = std::array::from_fn(|i| self.positional.get(i).cloned());
        for (name, value) in &self.named {
            let Some(at) = names.iter().position(|n| *n == &**name) else {
                return Err(Fault::new(format!(
                    "{function}() got an unexpected keyword argument '{name}'"
                )));
            };
            if bound[at].is_some() {
                return Err(Fault::new(format!(
                    "{function}() got multiple values for argument '{name}'"
                )));
            }
            bound[at] = Some(value.clone());
        }
        Ok(bound)
    }
}

/// What a function needs.
pub fn needed(value: Option<Value>, function: &str, name: &str) -> Outcome<Value> {
    value.ok_or_else(|| Fault::new(format!("{function}() missing 1 required positional argument: '{name}'")))
}

/// A text argument.
pub fn text(value: Option<Value>, function: &str, name: &str) -> Outcome<Arc<str>> {
    match needed(value, function, name)? {
        Value::Str(text) => Ok(text),
        other => Err(Fault::new(format!(
            "{function}: `{name}` must be str, not {}",
            other.kind()
        ))),
    }
}

/// A text argument; absent and none: none.
pub fn text_or_none(value: Option<Value>, function: &str, name: &str) -> Outcome<Option<Arc<str>>> {
    match value {
        None | Some(Value::None) => Ok(None),
        some => text(some, function, name).map(Some),
    }
}

/// A whole number; absent and none: none.
pub fn int(value: Option<Value>, function: &str, name: &str) -> Outcome<Option<i128>> {
    match value {
        None | Some(Value::None) => Ok(None),
        Some(value) => value
            .as_int()
            .map(Some)
            .ok_or_else(|| Fault::new(format!("{function}: `{name}` must be an integer, not {}", value.kind()))),
    }
}

/// A size; negative ones are 0.
pub fn size(value: Option<Value>, function: &str, name: &str) -> Outcome<Option<usize>> {
    Ok(int(value, function, name)?.map(|n| usize::try_from(n.max(0)).unwrap_or(usize::MAX)))
}

pub fn truth(value: Option<Value>, otherwise: bool) -> bool {
    value.map_or(otherwise, |v| v.truth())
}
