//! What filters make of one text or one number.

use super::python::{self, space};
use super::text;
use super::value::{Fault, Outcome, Value};

/// Jinja's own `title`: a capital at the beginning and after blanks, hyphens and opening brackets.
pub fn titled(text: &str) -> String {
    let mut inside = false;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match inside {
            true => out.extend(c.to_lowercase()),
            false => out.extend(c.to_uppercase()),
        }
        inside = !(space(c) || matches!(c, '-' | '(' | '{' | '[' | '<'));
    }
    out
}

pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('>', "&gt;")
        .replace('<', "&lt;")
        .replace('\'', "&#39;")
        .replace('"', "&#34;")
}

pub fn without_tags(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once('<') {
        let end = match inside.strip_prefix("!--") {
            Some(comment) => comment.find("-->").map(|at| at + 6),
            None => inside.find('>').map(|at| at + 1),
        };
        let Some(end) = end else { break };
        out.push_str(before);
        rest = inside.get(end..).unwrap_or_default();
    }
    out.push_str(rest);
    let plain = text::split(&out, None, usize::MAX, false).join(" ");
    plain
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&#39;", "'")
        .replace("&#34;", "\"")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

/// Percent-encoding, with `safe` letters as they are.
pub fn quoted(text: &str, safe: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'.' | b'-' | b'~' => char::from(b).to_string(),
            b if safe.as_bytes().contains(&b) => char::from(b).to_string(),
            b => format!("%{b:02X}"),
        })
        .collect()
}

pub fn query(text: &str) -> String {
    quoted(text, " ").replace(' ', "+")
}

pub fn to_int(value: &Value, base: i128) -> Option<i128> {
    match value {
        Value::Str(text) => {
            let text = python::strip(text).replace('_', "");
            let (sign, digits) = match text.strip_prefix('-') {
                Some(rest) => (-1, rest),
                None => (1, text.strip_prefix('+').unwrap_or(&text)),
            };
            let lower = digits.to_lowercase();
            let bare = match base {
                16 => lower.strip_prefix("0x"),
                8 => lower.strip_prefix("0o"),
                2 => lower.strip_prefix("0b"),
                _ => None,
            };
            let base = u32::try_from(base).ok().filter(|b| (2..=36).contains(b))?;
            let read = i128::from_str_radix(bare.unwrap_or(&lower), base)
                .ok()
                .map(|n| sign * n);
            read.or_else(|| {
                text.parse::<f64>()
                    .ok()
                    .filter(|f| f.is_finite())
                    .map(|f| f.trunc() as i128)
            })
        }
        Value::Float(f) => f.is_finite().then_some(f.trunc() as i128),
        other => other.as_int(),
    }
}

pub fn rounded(value: &Value, precision: i128, method: &str) -> Outcome<Value> {
    let Some(f) = value.as_float() else {
        return Err(Fault::new(format!(
            "type {} doesn't define __round__ method",
            value.kind()
        )));
    };
    let digits = i32::try_from(precision).map_err(|_| Fault::new("round: `precision` is out of range"))?;
    let factor = 10f64.powi(digits);
    match (method, value) {
        ("common", Value::Int(_)) if digits >= 0 => Ok(value.clone()),
        ("common", _) if (0..=17).contains(&digits) => {
            // the decimal nearest to the value's exact one, halves to even, as Python rounds
            let text = format!("{f:.0$}", digits as usize);
            Ok(Value::Float(text.parse().unwrap_or(f)))
        }
        ("common", Value::Int(_)) => Ok(Value::Int(((f * factor).round_ties_even() / factor) as i128)),
        ("common", _) => Ok(Value::Float((f * factor).round_ties_even() / factor)),
        ("ceil", _) => Ok(Value::Float((f * factor).ceil() / factor)),
        ("floor", _) => Ok(Value::Float((f * factor).floor() / factor)),
        _ => Err(Fault::new("method must be common, ceil or floor")),
    }
}

pub fn file_size(bytes: f64, binary: bool) -> String {
    let base: f64 = if binary { 1024.0 } else { 1000.0 };
    if bytes == 1.0 {
        return "1 Byte".into();
    }
    if bytes < base {
        return format!("{} Bytes", bytes.trunc());
    }
    let names = match binary {
        true => ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"],
        false => ["kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"],
    };
    let mut unit = base;
    for name in names {
        unit *= base;
        if bytes < unit || name.starts_with('Y') {
            return format!("{:.1} {name}", base * bytes / unit);
        }
    }
    String::new()
}
