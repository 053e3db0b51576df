//! The methods of Python's str, list, dict and int that a template may call.

use std::rc::Rc;

use super::args::{self, Args};
use super::limits::Limits;
use super::ops::{equal, place};
use super::printf;
use super::python::{self, space};
use super::text;
use super::value::{Fault, Map, Outcome, Value};

const STR: &[&str] = &[
    "capitalize",
    "casefold",
    "center",
    "count",
    "encode",
    "endswith",
    "expandtabs",
    "find",
    "format",
    "format_map",
    "index",
    "isalnum",
    "isalpha",
    "isascii",
    "isdecimal",
    "isdigit",
    "isidentifier",
    "islower",
    "isnumeric",
    "isprintable",
    "isspace",
    "istitle",
    "isupper",
    "join",
    "ljust",
    "lower",
    "lstrip",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rfind",
    "rindex",
    "rjust",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "swapcase",
    "title",
    "upper",
    "zfill",
];
const LIST: &[&str] = &["copy", "count", "index"];
const TUPLE: &[&str] = &["count", "index"];
const DICT: &[&str] = &["copy", "get", "items", "keys", "values"];
/// What would change a value; transformers' sandbox refuses them.
const CHANGES: &[&str] = &[
    "append",
    "clear",
    "extend",
    "insert",
    "pop",
    "popitem",
    "remove",
    "reverse",
    "setdefault",
    "sort",
    "update",
];

/// Whether `value` has the method; a fault for one that would change it.
pub fn exists(value: &Value, name: &str) -> Outcome<bool> {
    let (list, kind) = match value {
        Value::Str(_) => (STR, None),
        Value::List(_) => (LIST, Some("list")),
        Value::Tuple(_) => (TUPLE, None),
        Value::Map(_) => (DICT, Some("dict")),
        Value::Int(_) | Value::Bool(_) => (&["bit_length", "is_integer"][..], None),
        Value::Float(_) => (&["is_integer"][..], None),
        Value::Loop(_) => (&["changed", "cycle"][..], None),
        Value::Cycler(_) => (&["next", "reset"][..], None),
        _ => return Ok(false),
    };
    let own = match kind {
        Some("dict") => &["clear", "pop", "popitem", "setdefault", "update"][..],
        Some(_) => CHANGES,
        None => &[],
    };
    if let Some(kind) = kind
        && own.contains(&name)
        && !(kind == "list" && matches!(name, "popitem" | "setdefault" | "update"))
    {
        return Err(Fault::new(format!(
            "access to attribute '{name}' of '{kind}' object is unsafe."
        )));
    }
    Ok(list.contains(&name))
}

pub fn call(limits: &Limits, of: &Value, name: &str, given: &Args) -> Outcome<Value> {
    match of {
        Value::Str(text) => string(limits, text, name, given),
        Value::List(list) | Value::Tuple(list) => sequence(of, &list.items, name, given),
        Value::Map(map) => dict(map, name, given),
        Value::Int(n) if name == "bit_length" => Ok(Value::Int((128 - n.unsigned_abs().leading_zeros()).into())),
        Value::Float(f) => Ok(Value::Bool(f.fract() == 0.0)),
        _ => Ok(Value::Bool(true)),
    }
}

fn sequence(of: &Value, items: &[Value], name: &str, given: &Args) -> Outcome<Value> {
    match name {
        "copy" => Ok(of.clone()),
        "count" => {
            let [value] = given.bind(name, ["value"])?;
            let value = args::needed(value, name, "value")?;
            Ok(Value::Int(items.iter().filter(|v| equal(v, &value)).count() as i128))
        }
        _ => {
            let [value, start, stop] = given.bind(name, ["value", "start", "stop"])?;
            let value = args::needed(value, name, "value")?;
            let bound = |n: Option<i128>, otherwise: usize| match n {
                None => otherwise,
                Some(n) if n < 0 => usize::try_from(n + items.len() as i128).unwrap_or(0),
                Some(n) => usize::try_from(n).unwrap_or(usize::MAX).min(items.len()),
            };
            let (from, to) = (
                bound(args::int(start, name, "start")?, 0),
                bound(args::int(stop, name, "stop")?, items.len()),
            );
            let found = (from..to).find(|&i| equal(&items[i], &value));
            match found {
                Some(at) => Ok(Value::Int(at as i128)),
                None => Err(Fault::new(format!("{} is not in list", python::repr(&value)))),
            }
        }
    }
}

fn dict(map: &Rc<Map>, name: &str, given: &Args) -> Outcome<Value> {
    let none: [&str; 0] = [];
    match name {
        "get" => {
            let [key, default] = given.bind(name, ["key", "default"])?;
            let key = args::needed(key, name, "key")?;
            Ok(map.get(&key).cloned().or(default).unwrap_or(Value::None))
        }
        "items" => {
            given.bind(name, none)?;
            pairs(map)
        }
        "keys" => {
            given.bind(name, none)?;
            Value::list(map.keys().cloned().collect())
        }
        "values" => {
            given.bind(name, none)?;
            Value::list(map.entries().iter().map(|(_, v)| v.clone()).collect())
        }
        _ => Ok(Value::Map(Rc::clone(map))),
    }
}

/// The entries of a dict as tuples.
pub fn pairs(map: &Map) -> Outcome<Value> {
    let items: Outcome<Vec<Value>> = map
        .entries()
        .iter()
        .map(|(k, v)| Value::tuple(vec![k.clone(), v.clone()]))
        .collect();
    Value::list(items?)
}

fn string(limits: &Limits, text: &str, name: &str, given: &Args) -> Outcome<Value> {
    limits.steps(text.len())?;
    let none: [&str; 0] = [];
    let simple = |made: String| -> Outcome<Value> {
        given.bind(name, none)?;
        limits.take(made.len())?;
        Ok(Value::str(made))
    };
    let asked = |yes: bool| -> Outcome<Value> {
        given.bind(name, none)?;
        Ok(Value::Bool(yes))
    };
    let every = |test: fn(char) -> bool| asked(!text.is_empty() && text.chars().all(test));
    match name {
        "encode" => Err(Fault::new(
            "str.encode() makes bytes, which templates don't have here; set `template` to a named one",
        )),
        "upper" => simple(text.to_uppercase()),
        "lower" | "casefold" => simple(text.to_lowercase()),
        "capitalize" => simple(text::capitalized(text)),
        "title" => simple(text::titled(text)),
        "swapcase" => simple(
            text.chars()
                .map(|c| {
                    if c.is_uppercase() {
                        c.to_lowercase().to_string()
                    } else {
                        c.to_uppercase().to_string()
                    }
                })
                .collect(),
        ),
        "isalnum" => every(char::is_alphanumeric),
        "isalpha" => every(char::is_alphabetic),
        "isascii" => asked(text.is_ascii()),
        "isdecimal" | "isdigit" => every(|c| c.is_ascii_digit() || (c.is_numeric() && text::decimal(c))),
        "isnumeric" => every(char::is_numeric),
        "isspace" => every(space),
        "isprintable" => asked(text.chars().all(python::printable)),
        "isidentifier" => asked(
            text.chars().next().is_some_and(|c| c == '_' || c.is_alphabetic())
                && text.chars().all(|c| c == '_' || c.is_alphanumeric()),
        ),
        "islower" => asked(text.chars().any(char::is_lowercase) && !text.chars().any(char::is_uppercase)),
        "isupper" => asked(text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase)),
        "istitle" => asked(text.chars().any(text::cased) && text::titled(text) == text),
        "strip" | "lstrip" | "rstrip" => {
            let [letters] = given.bind(name, ["chars"])?;
            let letters = args::text_or_none(letters, name, "chars")?;
            let gone = |c: char| letters.as_ref().map_or_else(|| space(c), |l| l.contains(c));
            Ok(Value::str(match name {
                "strip" => text.trim_matches(gone),
                "lstrip" => text.trim_start_matches(gone),
                _ => text.trim_end_matches(gone),
            }))
        }
        "startswith" | "endswith" => {
            let [part, start, end] = given.bind(name, ["prefix", "start", "end"])?;
            let part = args::needed(part, name, "prefix")?;
            let within = text::within(text, args::int(start, name, "start")?, args::int(end, name, "end")?);
            let parts = match &part {
                Value::Tuple(list) => list.items.clone(),
                other => vec![other.clone()],
            };
            for part in parts {
                let Value::Str(part) = part else {
                    return Err(Fault::new(format!(
                        "{name} first arg must be str or a tuple of str, not {}",
                        part.kind()
                    )));
                };
                let found = within.is_some_and(|(_, t)| match name {
                    "startswith" => t.starts_with(&*part),
                    _ => t.ends_with(&*part),
                });
                if found {
                    return Ok(Value::Bool(true));
                }
            }
            Ok(Value::Bool(false))
        }
        "find" | "rfind" | "index" | "rindex" | "count" => {
            let [part, start, end] = given.bind(name, ["sub", "start", "end"])?;
            let part = args::text(part, name, "sub")?;
            let within = text::within(text, args::int(start, name, "start")?, args::int(end, name, "end")?);
            if name == "count" {
                let count = within.map_or(0, |(_, t)| match part.is_empty() {
                    true => t.chars().count() + 1,
                    false => t.matches(&*part).count(),
                });
                return Ok(Value::Int(count as i128));
            }
            let found = within.and_then(|(from, t)| {
                let at = if name.starts_with('r') {
                    t.rfind(&*part)
                } else {
                    t.find(&*part)
                };
                at.map(|at| from + t.char_indices().take_while(|(place, _)| *place < at).count())
            });
            match found {
                Some(at) => Ok(Value::Int(at as i128)),
                None if name.ends_with("index") => Err(Fault::new("substring not found")),
                None => Ok(Value::Int(-1)),
            }
        }
        "replace" => {
            let [old, new, count] = given.bind(name, ["old", "new", "count"])?;
            let (old, new) = (args::text(old, name, "old")?, args::text(new, name, "new")?);
            text::replaced(limits, text, &old, &new, args::int(count, name, "count")?)
        }
        "split" | "rsplit" => {
            let [between, most] = given.bind(name, ["sep", "maxsplit"])?;
            let between = args::text_or_none(between, name, "sep")?;
            if between.as_ref().is_some_and(|b| b.is_empty()) {
                return Err(Fault::new("empty separator"));
            }
            let most = args::int(most, name, "maxsplit")?.unwrap_or(-1);
            let most = usize::try_from(most).unwrap_or(usize::MAX);
            let parts = text::split(text, between.as_deref(), most, name == "rsplit");
            limits.take(text.len() + parts.len() * 32)?;
            Value::list(parts.into_iter().map(Value::str).collect())
        }
        "splitlines" => {
            let [keep] = given.bind(name, ["keepends"])?;
            let parts = text::lines(text, args::truth(keep, false));
            limits.take(text.len() + parts.len() * 32)?;
            Value::list(parts.into_iter().map(Value::str).collect())
        }
        "partition" | "rpartition" => {
            let [between] = given.bind(name, ["sep"])?;
            let between = args::text(between, name, "sep")?;
            if between.is_empty() {
                return Err(Fault::new("empty separator"));
            }
            let parts = match name {
                "partition" => text
                    .split_once(&*between)
                    .map_or([text, "", ""], |(a, b)| [a, &between, b]),
                _ => text
                    .rsplit_once(&*between)
                    .map_or(["", "", text], |(a, b)| [a, &between, b]),
            };
            Value::tuple(parts.into_iter().map(Value::str).collect())
        }
        "removeprefix" | "removesuffix" => {
            let [part] = given.bind(name, ["prefix"])?;
            let part = args::text(part, name, "prefix")?;
            let rest = match name {
                "removeprefix" => text.strip_prefix(&*part),
                _ => text.strip_suffix(&*part),
            };
            Ok(Value::str(rest.unwrap_or(text)))
        }
        "join" => {
            let [items] = given.bind(name, ["iterable"])?;
            let items = args::needed(items, name, "iterable")?.iterate()?;
            let mut out = String::new();
            for (i, item) in items.iter().enumerate() {
                let Value::Str(item) = item else {
                    return Err(Fault::new(format!(
                        "sequence item {i}: expected str instance, {} found",
                        item.kind()
                    )));
                };
                limits.take(text.len() + item.len())?;
                if i > 0 {
                    out.push_str(text);
                }
                out.push_str(item);
            }
            Ok(Value::str(out))
        }
        "center" | "ljust" | "rjust" | "zfill" => {
            let [width, fill] = given.bind(name, ["width", "fillchar"])?;
            let width = args::size(width, name, "width")?.unwrap_or(0);
            let fill = args::text_or_none(fill, name, "fillchar")?;
            let fill = fill.map_or(" ".to_owned(), |f| f.to_string());
            text::padded(limits, text, width, name, &fill)
        }
        "expandtabs" => {
            let [size] = given.bind(name, ["tabsize"])?;
            let size = args::size(size, name, "tabsize")?.unwrap_or(8);
            text::untabbed(limits, text, size)
        }
        "format" => {
            let names: Vec<(&str, Value)> = given.named.iter().map(|(k, v)| (&**k, v.clone())).collect();
            printf::braces(limits, text, &given.positional, &names)
        }
        "format_map" => {
            let [map] = given.bind(name, ["mapping"])?;
            let Some(Value::Map(map)) = map else {
                return Err(Fault::new("format_map() takes a dict"));
            };
            let names: Vec<(&str, Value)> = map
                .entries()
                .iter()
                .filter_map(|(k, v)| Some((k.as_str()?, v.clone())))
                .collect();
            printf::braces(limits, text, &[], &names)
        }
        _ => Err(Fault::new(format!("'str object' has no attribute '{name}'"))),
    }
}

/// `cycler(…)`'s and `loop`'s pick.
pub fn picked(items: &[Value], at: usize) -> Outcome<Value> {
    if items.is_empty() {
        return Err(Fault::new("no items for cycling given"));
    }
    let at = place((at % items.len()) as i128, items.len()).unwrap_or(0);
    Ok(items[at].clone())
}
