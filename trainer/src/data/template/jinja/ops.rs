//! Operators: arithmetic, comparisons, `in`, subscripts, as Python has them.

use std::cmp::Ordering;
use std::rc::Rc;

use super::ast::{Comparison, Operator};
use super::limits::Limits;
use super::printf;
use super::value::{Fault, Outcome, Value};

pub fn operate(limits: &Limits, operator: Operator, a: &Value, b: &Value) -> Outcome<Value> {
    a.defined()?;
    b.defined()?;
    match (operator, a, b) {
        (Operator::Add, Value::Str(x), Value::Str(y)) => {
            limits.take(x.len() + y.len())?;
            Ok(Value::str([&**x, &**y].concat()))
        }
        (Operator::Add, Value::List(x), Value::List(y)) => joined(limits, &x.items, &y.items).and_then(Value::list),
        (Operator::Add, Value::Tuple(x), Value::Tuple(y)) => joined(limits, &x.items, &y.items).and_then(Value::tuple),
        (Operator::Multiply, Value::Str(_) | Value::List(_) | Value::Tuple(_), n) if n.as_int().is_some() => {
            repeated(limits, a, n.as_int().unwrap_or(0))
        }
        (Operator::Multiply, n, Value::Str(_) | Value::List(_) | Value::Tuple(_)) if n.as_int().is_some() => {
            repeated(limits, b, n.as_int().unwrap_or(0))
        }
        (Operator::Remainder, Value::Str(format), _) => printf::percent(limits, format, b),
        _ => match (a.as_int(), b.as_int()) {
            (Some(x), Some(y)) => whole(operator, x, y),
            _ => match (a.as_float(), b.as_float()) {
                (Some(x), Some(y)) => real(operator, x, y),
                _ => Err(unfit(operator, a, b)),
            },
        },
    }
}

fn unfit(operator: Operator, a: &Value, b: &Value) -> Fault {
    let sign = match operator {
        Operator::Add => "+",
        Operator::Subtract => "-",
        Operator::Multiply => "*",
        Operator::Divide => "/",
        Operator::FloorDivide => "//",
        Operator::Remainder => "%",
        Operator::Power => "** or pow()",
    };
    match (operator, a, b) {
        (Operator::Add, Value::Str(_), other) => {
            Fault::new(format!("can only concatenate str (not \"{}\") to str", other.kind()))
        }
        (Operator::Add, Value::List(_), other) => {
            Fault::new(format!("can only concatenate list (not \"{}\") to list", other.kind()))
        }
        _ => Fault::new(format!(
            "unsupported operand type(s) for {sign}: '{}' and '{}'",
            a.kind(),
            b.kind()
        )),
    }
}

fn joined(limits: &Limits, a: &[Value], b: &[Value]) -> Outcome<Vec<Value>> {
    limits.take((a.len() + b.len()) * size_of::<Value>())?;
    limits.steps(a.len() + b.len())?;
    Ok([a, b].concat())
}

fn repeated(limits: &Limits, value: &Value, times: i128) -> Outcome<Value> {
    let times = usize::try_from(times.max(0)).map_err(|_| Fault::new("the template makes too much text"))?;
    let each = match value {
        Value::Str(text) => text.len(),
        Value::List(list) | Value::Tuple(list) => list.items.len() * size_of::<Value>(),
        _ => 0,
    };
    limits.take(each.saturating_mul(times))?;
    let items = |items: &[Value]| {
        items
            .iter()
            .cloned()
            .cycle()
            .take(items.len() * times)
            .collect::<Vec<_>>()
    };
    match value {
        Value::Str(text) => Ok(Value::str(text.repeat(times))),
        Value::List(list) => Value::list(items(&list.items)),
        Value::Tuple(list) => Value::tuple(items(&list.items)),
        _ => Ok(Value::None),
    }
}

fn whole(operator: Operator, x: i128, y: i128) -> Outcome<Value> {
    let zero = || Fault::new("integer division or modulo by zero");
    let found = match operator {
        Operator::Add => x.checked_add(y),
        Operator::Subtract => x.checked_sub(y),
        Operator::Multiply => x.checked_mul(y),
        Operator::Divide if y == 0 => return Err(Fault::new("division by zero")),
        Operator::Divide => return Ok(Value::Float(x as f64 / y as f64)),
        Operator::FloorDivide | Operator::Remainder if y == 0 => return Err(zero()),
        Operator::FloorDivide => {
            let quotient = x.checked_div(y);
            quotient.map(|q| if x % y != 0 && (x < 0) != (y < 0) { q - 1 } else { q })
        }
        Operator::Remainder => x
            .checked_rem(y)
            .map(|r| if r != 0 && (r < 0) != (y < 0) { r + y } else { r }),
        Operator::Power if y < 0 => return Ok(Value::Float((x as f64).powf(y as f64))),
        Operator::Power => u32::try_from(y).ok().and_then(|y| x.checked_pow(y)),
    };
    found
        .map(Value::Int)
        .ok_or_else(|| Fault::new("a number that is too large"))
}

fn real(operator: Operator, x: f64, y: f64) -> Outcome<Value> {
    let divides = matches!(operator, Operator::Divide | Operator::FloorDivide | Operator::Remainder);
    if divides && y == 0.0 {
        return Err(Fault::new("float division by zero"));
    }
    Ok(Value::Float(match operator {
        Operator::Add => x + y,
        Operator::Subtract => x - y,
        Operator::Multiply => x * y,
        Operator::Divide => x / y,
        Operator::FloorDivide => (x / y).floor(),
        Operator::Remainder => {
            let r = x % y;
            if r != 0.0 && (r < 0.0) != (y < 0.0) { r + y } else { r }
        }
        Operator::Power => x.powf(y),
    }))
}

/// `==`.
pub fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Str(x), Value::Str(y)) => x == y,
        (Value::None, Value::None) | (Value::Undefined(_), Value::Undefined(_)) => true,
        (Value::List(x), Value::List(y)) | (Value::Tuple(x), Value::Tuple(y)) => {
            x.items.len() == y.items.len() && x.items.iter().zip(&y.items).all(|(x, y)| equal(x, y))
        }
        (Value::Map(x), Value::Map(y)) => {
            x.len() == y.len() && x.entries().iter().all(|(k, v)| y.get(k).is_some_and(|w| equal(v, w)))
        }
        (Value::Namespace(x), Value::Namespace(y)) => Rc::ptr_eq(x, y),
        (Value::Macro(x), Value::Macro(y)) => Rc::ptr_eq(x, y),
        (Value::Loop(x), Value::Loop(y)) => Rc::ptr_eq(x, y),
        (Value::Function(x), Value::Function(y)) => x == y,
        _ => match (a.as_int(), b.as_int()) {
            (Some(x), Some(y)) => x == y,
            _ => matches!((a.as_float(), b.as_float()), (Some(x), Some(y)) if x == y),
        },
    }
}

/// `is sameas`.
pub fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::List(x), Value::List(y)) | (Value::Tuple(x), Value::Tuple(y)) => Rc::ptr_eq(x, y),
        (Value::Map(x), Value::Map(y)) => Rc::ptr_eq(x, y),
        _ => a.kind() == b.kind() && equal(a, b),
    }
}

/// How two values are ordered, where they can be.
pub fn order(a: &Value, b: &Value) -> Outcome<Option<Ordering>> {
    a.defined()?;
    b.defined()?;
    match (a, b) {
        (Value::Str(x), Value::Str(y)) => Ok(Some(x.cmp(y))),
        (Value::List(x), Value::List(y)) | (Value::Tuple(x), Value::Tuple(y)) => {
            for (x, y) in x.items.iter().zip(&y.items) {
                if !equal(x, y) {
                    return order(x, y);
                }
            }
            Ok(Some(x.items.len().cmp(&y.items.len())))
        }
        _ => match (a.as_int(), b.as_int()) {
            (Some(x), Some(y)) => Ok(Some(x.cmp(&y))),
            _ => match (a.as_float(), b.as_float()) {
                (Some(x), Some(y)) => Ok(x.partial_cmp(&y)),
                _ => Err(Fault::new(format!(
                    "'<' not supported between instances of '{}' and '{}'",
                    a.kind(),
                    b.kind()
                ))),
            },
        },
    }
}

pub fn compare(how: Comparison, a: &Value, b: &Value) -> Outcome<bool> {
    Ok(match how {
        Comparison::Equal => equal(a, b),
        Comparison::Unequal => !equal(a, b),
        Comparison::In => contains(b, a)?,
        Comparison::NotIn => !contains(b, a)?,
        Comparison::Less => order(a, b)? == Some(Ordering::Less),
        Comparison::LessEqual => matches!(order(a, b)?, Some(Ordering::Less | Ordering::Equal)),
        Comparison::Greater => order(a, b)? == Some(Ordering::Greater),
        Comparison::GreaterEqual => matches!(order(a, b)?, Some(Ordering::Greater | Ordering::Equal)),
    })
}

/// `item in holder`.
pub fn contains(holder: &Value, item: &Value) -> Outcome<bool> {
    match holder {
        Value::Undefined(_) => Ok(false),
        Value::Str(text) => match item {
            Value::Str(part) => Ok(text.contains(&**part)),
            other => Err(Fault::new(format!(
                "'in <string>' requires string as left operand, not {}",
                other.kind()
            ))),
        },
        Value::List(list) | Value::Tuple(list) => Ok(list.items.iter().any(|v| equal(v, item))),
        Value::Map(map) => Ok(map.get(item).is_some()),
        other => Err(Fault::new(format!(
            "argument of type '{}' is not iterable",
            other.kind()
        ))),
    }
}

/// Where a subscript points in something of `length`; negative ones count from the end.
pub fn place(index: i128, length: usize) -> Option<usize> {
    let at = if index < 0 { index + length as i128 } else { index };
    usize::try_from(at).ok().filter(|&at| at < length)
}

/// `value[start:stop:step]`.
pub fn slice(limits: &Limits, value: &Value, parts: [Option<i128>; 3]) -> Outcome<Value> {
    value.defined()?;
    let letters: Vec<char>;
    let length = match value {
        Value::Str(text) => {
            letters = text.chars().collect();
            letters.len()
        }
        Value::List(list) | Value::Tuple(list) => {
            letters = Vec::new();
            list.items.len()
        }
        other => return Err(Fault::new(format!("'{}' object is not subscriptable", other.kind()))),
    };
    let taken = places(length, parts)?;
    limits.take(taken.len() * size_of::<Value>())?;
    match value {
        Value::List(list) => Value::list(taken.into_iter().map(|i| list.items[i].clone()).collect()),
        Value::Tuple(list) => Value::tuple(taken.into_iter().map(|i| list.items[i].clone()).collect()),
        _ => Ok(Value::str(taken.into_iter().map(|i| letters[i]).collect::<String>())),
    }
}

fn places(length: usize, [start, stop, step]: [Option<i128>; 3]) -> Outcome<Vec<usize>> {
    let step = step.unwrap_or(1);
    let length = length as i128;
    if step == 0 {
        return Err(Fault::new("slice step cannot be zero"));
    }
    let (low, high) = if step > 0 { (0, length) } else { (-1, length - 1) };
    let bound = |part: Option<i128>, otherwise: i128| match part {
        None => otherwise,
        Some(n) if n < 0 => n.saturating_add(length).max(low),
        Some(n) => n.min(high),
    };
    let (start, stop) = match step > 0 {
        true => (bound(start, 0), bound(stop, length)),
        false => (bound(start, length - 1), bound(stop, -1)),
    };
    let mut out = Vec::new();
    let mut at = start;
    while (step > 0 && at < stop) || (step < 0 && at > stop) {
        out.push(usize::try_from(at).map_err(|_| Fault::new("a slice out of range"))?);
        at = at.saturating_add(step);
    }
    Ok(out)
}
