//! JSON as Python's `json.dumps` writes it, and JSON read with its keys in their order.

use std::fmt;
use std::rc::Rc;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::limits::Limits;
use super::ops::order;
use super::python;
use super::value::{Fault, Map, Outcome, Value};

/// The options of `json.dumps`.
pub struct Style {
    pub ensure_ascii: bool,
    /// What one level is indented by; `None`: all on one line.
    pub indent: Option<String>,
    pub item_separator: String,
    pub key_separator: String,
    pub sort_keys: bool,
}

impl Style {
    /// Python's defaults, with letters as they are.
    pub fn plain(indent: Option<usize>) -> Self {
        Self {
            ensure_ascii: false,
            item_separator: if indent.is_some() { "," } else { ", " }.into(),
            indent: indent.map(|n| " ".repeat(n)),
            key_separator: ": ".into(),
            sort_keys: false,
        }
    }
}

/// `json.dumps(value, …)`.
pub fn dump(limits: &Limits, value: &Value, style: &Style) -> Outcome<String> {
    let mut out = String::new();
    write(limits, value, style, 0, &mut out)?;
    Ok(out)
}

fn write(limits: &Limits, value: &Value, style: &Style, depth: usize, out: &mut String) -> Outcome<()> {
    limits.step()?;
    let before = out.len();
    match value {
        Value::None => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Int(n) => out.push_str(&n.to_string()),
        Value::Float(f) => out.push_str(&number(*f)),
        Value::Str(text) => write_text(text, style.ensure_ascii, out),
        Value::List(list) | Value::Tuple(list) => {
            let items = list.items.iter().map(|v| (None, v));
            return write_items(limits, ["[", "]"], items.collect(), style, depth, out);
        }
        Value::Map(map) => {
            let mut entries: Vec<&(Value, Value)> = map.entries().iter().collect();
            if style.sort_keys {
                let mut failed = None;
                entries.sort_by(|a, b| match order(&a.0, &b.0) {
                    Ok(found) => found.unwrap_or(std::cmp::Ordering::Equal),
                    Err(fault) => {
                        failed = Some(fault);
                        std::cmp::Ordering::Equal
                    }
                });
                if let Some(fault) = failed {
                    return Err(fault);
                }
            }
            let items: Outcome<Vec<_>> = entries.into_iter().map(|(k, v)| Ok((Some(key(k)?), v))).collect();
            return write_items(limits, ["{", "}"], items?, style, depth, out);
        }
        other => {
            return Err(Fault::new(format!(
                "Object of type {} is not JSON serializable",
                other.kind()
            )));
        }
    }
    limits.take(out.len() - before)
}

fn write_items(
    limits: &Limits,
    [open, close]: [&str; 2],
    items: Vec<(Option<String>, &Value)>,
    style: &Style,
    depth: usize,
    out: &mut String,
) -> Outcome<()> {
    out.push_str(open);
    let line = |out: &mut String, depth: usize| -> Outcome<()> {
        if let Some(indent) = &style.indent {
            limits.take(indent.len().saturating_mul(depth) + 1)?;
            out.push('\n');
            out.push_str(&indent.repeat(depth));
        }
        Ok(())
    };
    let filled = !items.is_empty();
    for (i, (key, value)) in items.into_iter().enumerate() {
        if i > 0 {
            out.push_str(&style.item_separator);
        }
        line(out, depth + 1)?;
        if let Some(key) = key {
            write_text(&key, style.ensure_ascii, out);
            out.push_str(&style.key_separator);
            limits.take(key.len() + style.key_separator.len())?;
        }
        write(limits, value, style, depth + 1, out)?;
        limits.take(style.item_separator.len())?;
    }
    if filled {
        line(out, depth)?;
    }
    out.push_str(close);
    Ok(())
}

fn key(value: &Value) -> Outcome<String> {
    Ok(match value {
        Value::Str(text) => text.to_string(),
        Value::Bool(b) => b.to_string(),
        Value::None => "null".into(),
        Value::Int(n) => n.to_string(),
        Value::Float(f) => number(*f),
        other => {
            return Err(Fault::new(format!(
                "keys must be str, int, float, bool or None, not {}",
                other.kind()
            )));
        }
    })
}

fn number(f: f64) -> String {
    match f {
        f if f.is_nan() => "NaN".into(),
        f if f.is_infinite() => if f > 0.0 { "Infinity" } else { "-Infinity" }.into(),
        f => python::float(f),
    }
}

fn write_text(text: &str, ascii: bool, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            c if (c as u32) < 0x20 || (ascii && !(' '..='~').contains(&c)) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Reads JSON.
pub fn parse(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::from_str(text)
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Value;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("JSON")
            }
            fn visit_unit<E>(self) -> Result<Value, E> {
                Ok(Value::None)
            }
            fn visit_bool<E>(self, b: bool) -> Result<Value, E> {
                Ok(Value::Bool(b))
            }
            fn visit_i64<E>(self, n: i64) -> Result<Value, E> {
                Ok(Value::Int(n.into()))
            }
            fn visit_u64<E>(self, n: u64) -> Result<Value, E> {
                Ok(Value::Int(n.into()))
            }
            fn visit_f64<E>(self, f: f64) -> Result<Value, E> {
                Ok(Value::Float(f))
            }
            fn visit_str<E>(self, text: &str) -> Result<Value, E> {
                Ok(Value::str(text))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Value::list(items).map_err(|fault| A::Error::custom(fault.message))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
                let mut map = Map::default();
                while let Some((key, value)) = entries.next_entry::<String, Value>()? {
                    map.insert(Value::str(key), value)
                        .map_err(|fault| A::Error::custom(fault.message))?;
                }
                Ok(Value::Map(Rc::new(map)))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}
