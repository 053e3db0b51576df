//! Python's `'…' % values` and `'…'.format(…)`.

#![expect(
    clippy::string_slice,
    reason = "places come from find and char_indices of the same text, so they lie between letters"
)]

use super::layout::{Layout, bounded, digits, lay_number, lay_text, letter};
use super::limits::Limits;
use super::python;
use super::value::{Fault, Outcome, Value};

/// `format % values`.
pub fn percent(limits: &Limits, format: &str, values: &Value) -> Outcome<Value> {
    let mut items = match values {
        Value::Tuple(list) => list.items.clone(),
        other => vec![other.clone()],
    }
    .into_iter();
    let mut used_names = false;
    let mut out = String::with_capacity(format.len());
    let mut rest = format.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut layout = Layout::default();
        let mut named = None;
        if rest.peek() == Some(&'(') {
            rest.next();
            let name: String = rest.by_ref().take_while(|&c| c != ')').collect();
            let Value::Map(map) = values else {
                return Err(Fault::new("format requires a mapping"));
            };
            let found = map.get(&Value::str(&name)).cloned();
            named = Some(found.ok_or_else(|| Fault::new(format!("'{name}'")))?);
            used_names = true;
        }
        while let Some(flag) = rest.next_if(|c| matches!(c, '-' | '+' | ' ' | '#' | '0')) {
            match flag {
                '-' => layout.align = Some('<'),
                '0' if layout.align.is_none() => (layout.align, layout.fill) = (Some('='), Some('0')),
                '#' => layout.alternate = true,
                '+' | ' ' => layout.sign = Some(flag),
                _ => {}
            }
        }
        let mut lacking = || Fault::new("not enough arguments for format string");
        let mut number = |rest: &mut std::iter::Peekable<std::str::Chars>| -> Outcome<Option<usize>> {
            if rest.next_if_eq(&'*').is_some() {
                let n = items.next().and_then(|v| v.as_int()).ok_or_else(&mut lacking)?;
                return bounded(usize::try_from(n).unwrap_or(0)).map(Some);
            }
            digits(rest)
        };
        layout.width = number(&mut rest)?.unwrap_or(0);
        if rest.next_if_eq(&'.').is_some() {
            layout.precision = Some(number(&mut rest)?.unwrap_or(0));
        }
        while rest.next_if(|c| matches!(c, 'h' | 'l' | 'L')).is_some() {}
        let kind = rest.next().ok_or_else(|| Fault::new("incomplete format"))?;
        if kind == '%' {
            out.push('%');
            continue;
        }
        let value = match named {
            Some(value) => value,
            None => items
                .next()
                .ok_or_else(|| Fault::new("not enough arguments for format string"))?,
        };
        layout.align = layout.align.or(Some('>'));
        let text = match kind {
            's' => lay_text(&python::text(&value), &layout),
            'r' | 'a' => lay_text(&python::repr(&value), &layout),
            'c' => lay_text(&letter(&value)?, &layout),
            'd' | 'i' | 'u' | 'x' | 'X' | 'o' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G' => {
                layout.kind = Some(if matches!(kind, 'i' | 'u') { 'd' } else { kind });
                let value = match (kind, &value) {
                    ('d' | 'i' | 'u', Value::Float(f)) => Value::Int(f.trunc() as i128),
                    _ => value,
                };
                if value.as_float().is_none() {
                    return Err(Fault::new(format!(
                        "%{kind} format: a real number is required, not {}",
                        value.kind()
                    )));
                }
                lay_number(&value, &layout)?
            }
            other => return Err(Fault::new(format!("unsupported format character '{other}'"))),
        };
        limits.take(text.len())?;
        out.push_str(&text);
    }
    if !used_names && items.next().is_some() && !matches!(values, Value::Map(_)) {
        return Err(Fault::new("not all arguments converted during string formatting"));
    }
    limits.take(out.len())?;
    Ok(Value::str(out))
}

/// `format.format(*values, **names)`.
pub fn braces(limits: &Limits, format: &str, values: &[Value], names: &[(&str, Value)]) -> Outcome<Value> {
    let mut out = String::with_capacity(format.len());
    let mut next = 0;
    let mut rest = format;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let mark = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(mark) {
            out.push_str(mark);
            rest = after;
            continue;
        }
        if mark == "}" {
            return Err(Fault::new("Single '}' encountered in format string"));
        }
        let end = closing(rest).ok_or_else(|| Fault::new("expected '}' before end of string"))?;
        let field = &rest[..end];
        rest = &rest[end + 1..];
        let (head, spec) = field.split_once(':').unwrap_or((field, ""));
        let (place, conversion) = head.split_once('!').unwrap_or((head, ""));
        let spec = match spec.contains('{') {
            true => python::text(&braces(
                limits,
                spec,
                values.get(next + 1..).unwrap_or_default(),
                names,
            )?),
            false => spec.to_owned(),
        };
        let value = field_value(place, values, names, &mut next)?;
        let value = match conversion {
            "" => value,
            "s" => Value::str(python::text(&value)),
            "r" | "a" => Value::str(python::repr(&value)),
            other => return Err(Fault::new(format!("Unknown conversion specifier '{other}'"))),
        };
        let text = laid_out(&value, &spec)?;
        limits.take(text.len())?;
        out.push_str(&text);
    }
    out.push_str(rest);
    limits.take(out.len())?;
    Ok(Value::str(out))
}

/// Where the field ends whose opening brace was read.
fn closing(rest: &str) -> Option<usize> {
    let mut open = 0;
    rest.char_indices()
        .find(|(_, c)| {
            match c {
                '{' => open += 1,
                '}' if open == 0 => return true,
                '}' => open -= 1,
                _ => {}
            }
            false
        })
        .map(|(at, _)| at)
}

/// `0`, `name`, `name.attribute`, `name[key]`.
fn field_value(place: &str, values: &[Value], names: &[(&str, Value)], next: &mut usize) -> Outcome<Value> {
    let end = place.find(['.', '[']).unwrap_or(place.len());
    let (name, mut rest) = place.split_at(end);
    let missing = || Fault::new("Replacement index out of range for positional args tuple");
    let mut value = if name.is_empty() {
        *next += 1;
        values.get(*next - 1).cloned().ok_or_else(missing)?
    } else if let Ok(index) = name.parse::<usize>() {
        values.get(index).cloned().ok_or_else(missing)?
    } else {
        let found = names.iter().find(|(key, _)| *key == name);
        found
            .map(|(_, v)| v.clone())
            .ok_or_else(|| Fault::new(format!("'{name}'")))?
    };
    while !rest.is_empty() {
        let (key, after) = if let Some(inner) = rest.strip_prefix('[') {
            inner
                .split_once(']')
                .ok_or_else(|| Fault::new("Missing ']' in format string"))?
        } else {
            let inner = rest.strip_prefix('.').unwrap_or(rest);
            inner.split_at(inner.find(['.', '[']).unwrap_or(inner.len()))
        };
        value = match (&value, key.parse::<usize>()) {
            (Value::List(list) | Value::Tuple(list), Ok(at)) => list.items.get(at).cloned(),
            (Value::Map(map), _) => map.get(&Value::str(key)).cloned(),
            _ => None,
        }
        .ok_or_else(|| Fault::new(format!("'{key}'")))?;
        rest = after;
    }
    Ok(value)
}

/// `format(value, spec)`.
fn laid_out(value: &Value, spec: &str) -> Outcome<String> {
    if spec.is_empty() {
        return Ok(python::text(value));
    }
    let layout = Layout::read(spec)?;
    match value {
        Value::Int(_) | Value::Float(_) | Value::Bool(_) => lay_number(value, &layout),
        Value::Str(text) if matches!(layout.kind, None | Some('s')) => {
            let mut layout = layout;
            layout.align = layout.align.or(Some('<'));
            Ok(lay_text(text, &layout))
        }
        other => Err(Fault::new(format!(
            "unsupported format string passed to {}.__format__",
            other.kind()
        ))),
    }
}
