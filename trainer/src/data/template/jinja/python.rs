//! How Python writes values: `str(…)`, `repr(…)`, floats; and what it takes for white space.

use super::value::Value;

/// Python's `str(…)`.
pub fn text(value: &Value) -> String {
    match value {
        Value::Str(text) => text.to_string(),
        other => repr(other),
    }
}

/// Python's `repr(…)`; an undefined value is empty.
pub fn repr(value: &Value) -> String {
    match value {
        Value::Undefined(_) => String::new(),
        Value::None => "None".into(),
        Value::Bool(true) => "True".into(),
        Value::Bool(false) => "False".into(),
        Value::Int(n) => n.to_string(),
        Value::Float(f) => float(*f),
        Value::Str(text) => quoted(text),
        Value::List(list) => format!("[{}]", joined(&list.items)),
        Value::Tuple(list) if list.items.len() == 1 => format!("({},)", nested(&list.items[0])),
        Value::Tuple(list) => format!("({})", joined(&list.items)),
        Value::Map(map) => {
            let entries: Vec<String> = map
                .entries()
                .iter()
                .map(|(key, value)| format!("{}: {}", nested(key), nested(value)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
        other => format!("<{}>", other.kind()),
    }
}

fn nested(value: &Value) -> String {
    match value {
        Value::Undefined(_) => "Undefined".into(),
        other => repr(other),
    }
}

fn joined(items: &[Value]) -> String {
    items.iter().map(nested).collect::<Vec<_>>().join(", ")
}

/// About how many bytes `text` takes, known before it is written.
pub fn size(value: &Value) -> usize {
    match value {
        Value::Str(text) => text.len(),
        Value::List(list) | Value::Tuple(list) => list.items.iter().map(|v| size(v) + 4).sum(),
        Value::Map(map) => map.entries().iter().map(|(k, v)| size(k) + size(v) + 8).sum(),
        _ => 24,
    }
}

/// The shortest text that reads back as the same float, as Python writes it.
pub fn float(f: f64) -> String {
    if f.is_nan() {
        return "nan".into();
    }
    if f.is_infinite() {
        return if f > 0.0 { "inf".into() } else { "-inf".into() };
    }
    if f == 0.0 {
        return if f.is_sign_negative() {
            "-0.0".into()
        } else {
            "0.0".into()
        };
    }
    let scientific = format!("{f:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let plain = format!("{f}");
        return if plain.contains('.') { plain } else { plain + ".0" };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if printable(c) => out.push(c),
            c if (c as u32) < 0x100 => out.push_str(&format!("\\x{:02x}", c as u32)),
            c if (c as u32) < 0x1_0000 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push_str(&format!("\\U{:08x}", c as u32)),
        }
    }
    out.push(quote);
    out
}

/// Whether Python writes the letter as it is: no control, format or private one, and no space but the plain one.
pub fn printable(c: char) -> bool {
    let private = matches!(c as u32, 0xe000..=0xf8ff | 0xf_0000..);
    let format = matches!(c as u32, 0xad | 0x600..=0x605 | 0x61c | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x2064
        | 0x2066..=0x206f | 0xfeff | 0xfff9..=0xfffb | 0xe_0001 | 0xe_0020..=0xe_007f);
    c == ' ' || !(c.is_control() || space(c) || private || format)
}

/// Python's `str.isspace` of one letter.
pub fn space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

/// Whether a letter ends a line, as `str.splitlines` has it.
pub fn line_end(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\x0b' | '\x0c' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// Python's `str.strip()`.
pub fn strip(text: &str) -> &str {
    text.trim_matches(space)
}
