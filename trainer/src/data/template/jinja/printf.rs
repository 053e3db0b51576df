//! Python's `'…' % values` and `'…'.format(…)`.

#![expect(
    clippy::string_slice,
    reason = "places come from find and char_indices of the same text, so they lie between letters"
)]

use super::limits::Limits;
use super::python;
use super::value::{Fault, Outcome, Value};

/// How one value is laid out.
#[derive(Debug, Clone, Default)]
struct Layout {
    fill: Option<char>,
    /// `<`, `>`, `^` or `=`.
    align: Option<char>,
    sign: Option<char>,
    alternate: bool,
    comma: Option<char>,
    width: usize,
    precision: Option<usize>,
    kind: Option<char>,
}

/// Widths and precisions above this are no layout.
const WIDEST: usize = 1 << 16;

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

impl Layout {
    fn read(spec: &str) -> Outcome<Self> {
        let mut layout = Self::default();
        let letters: Vec<char> = spec.chars().collect();
        let is_align = |c: Option<&char>| matches!(c, Some('<' | '>' | '^' | '='));
        let mut from = 0;
        if is_align(letters.get(1)) {
            (layout.fill, layout.align, from) = (letters.first().copied(), letters.get(1).copied(), 2);
        } else if is_align(letters.first()) {
            (layout.align, from) = (letters.first().copied(), 1);
        }
        let mut rest = spec
            .char_indices()
            .nth(from)
            .map_or("", |(at, _)| &spec[at..])
            .chars()
            .peekable();
        layout.sign = rest.next_if(|c| matches!(c, '+' | '-' | ' '));
        layout.alternate = rest.next_if_eq(&'#').is_some();
        if rest.next_if_eq(&'0').is_some() && layout.align.is_none() {
            (layout.align, layout.fill) = (Some('='), Some('0'));
        }
        layout.width = digits(&mut rest)?.unwrap_or(0);
        layout.comma = rest.next_if(|c| matches!(c, ',' | '_'));
        if rest.next_if_eq(&'.').is_some() {
            layout.precision = digits(&mut rest)?;
        }
        layout.kind = rest.next();
        match rest.next() {
            None => Ok(layout),
            Some(_) => Err(Fault::new(format!("Invalid format specifier '{spec}'"))),
        }
    }
}

fn digits(rest: &mut std::iter::Peekable<std::str::Chars>) -> Outcome<Option<usize>> {
    let mut found = None;
    while let Some(digit) = rest.next_if(char::is_ascii_digit).and_then(|c| c.to_digit(10)) {
        found = Some(bounded(found.unwrap_or(0) * 10 + digit as usize)?);
    }
    Ok(found)
}

fn bounded(n: usize) -> Outcome<usize> {
    match n > WIDEST {
        true => Err(Fault::new("a format that is too wide")),
        false => Ok(n),
    }
}

fn letter(value: &Value) -> Outcome<String> {
    match (value, value.as_int()) {
        (Value::Str(text), _) if text.chars().count() == 1 => Ok(text.to_string()),
        (_, Some(code)) => u32::try_from(code)
            .ok()
            .and_then(char::from_u32)
            .map(String::from)
            .ok_or_else(|| Fault::new("%c arg not in range(0x110000)")),
        _ => Err(Fault::new("%c requires int or char")),
    }
}

fn lay_text(text: &str, layout: &Layout) -> String {
    let text: String = match layout.precision {
        Some(most) => text.chars().take(most).collect(),
        None => text.to_owned(),
    };
    padded("", &text, layout)
}

fn padded(sign: &str, body: &str, layout: &Layout) -> String {
    let length = sign.chars().count() + body.chars().count();
    let missing = layout.width.saturating_sub(length);
    let fill = layout.fill.unwrap_or(' ');
    let pad = |n: usize| String::from(fill).repeat(n);
    match layout.align {
        Some('<') => format!("{sign}{body}{}", pad(missing)),
        Some('^') => format!("{}{sign}{body}{}", pad(missing / 2), pad(missing - missing / 2)),
        Some('=') => format!("{sign}{}{body}", pad(missing)),
        _ => format!("{}{sign}{body}", pad(missing)),
    }
}

fn lay_number(value: &Value, layout: &Layout) -> Outcome<String> {
    let precision = layout.precision.unwrap_or(6);
    let negative = value
        .as_float()
        .is_some_and(|f| f < 0.0 || (f == 0.0 && f.is_sign_negative()));
    let sign = match (negative, layout.sign) {
        (true, _) => "-",
        (false, Some('+')) => "+",
        (false, Some(' ')) => " ",
        _ => "",
    };
    let real = value.as_float().unwrap_or(0.0).abs();
    let whole = value.as_int().map(i128::unsigned_abs);
    let prefix = |mark: &str| {
        if layout.alternate {
            mark.to_owned()
        } else {
            String::new()
        }
    };
    let (mark, mut body) = match (layout.kind, whole) {
        (None | Some('d' | 'n'), Some(n)) => (String::new(), n.to_string()),
        (Some('x'), Some(n)) => (prefix("0x"), format!("{n:x}")),
        (Some('X'), Some(n)) => (prefix("0X"), format!("{n:X}")),
        (Some('o'), Some(n)) => (prefix("0o"), format!("{n:o}")),
        (Some('b'), Some(n)) => (prefix("0b"), format!("{n:b}")),
        (Some('c'), Some(_)) => (String::new(), letter(value)?),
        (Some('f' | 'F'), _) => (String::new(), format!("{real:.precision$}")),
        (Some('%'), _) => (String::new(), format!("{:.precision$}%", real * 100.0)),
        (Some('e'), _) => (String::new(), scientific(real, precision)),
        (Some('E'), _) => (String::new(), scientific(real, precision).to_uppercase()),
        (Some('g'), _) => (String::new(), general(real, precision, layout.alternate)),
        (Some('G'), _) => (String::new(), general(real, precision, layout.alternate).to_uppercase()),
        (None, None) => match layout.precision {
            Some(precision) => (String::new(), general(real, precision, false)),
            None => (String::new(), python::float(real)),
        },
        (Some(kind), _) => {
            return Err(Fault::new(format!(
                "Unknown format code '{kind}' for object of type '{}'",
                value.kind()
            )));
        }
    };
    if let Some(comma) = layout.comma {
        body = grouped(&body, comma);
    }
    Ok(padded(&format!("{sign}{mark}"), &body, layout))
}

fn grouped(body: &str, comma: char) -> String {
    let end = body.find(|c: char| !c.is_ascii_digit()).unwrap_or(body.len());
    let (whole, rest) = body.split_at(end);
    let mut out = String::new();
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            out.push(comma);
        }
        out.push(c);
    }
    out + rest
}

/// C's `%e`.
fn scientific(f: f64, precision: usize) -> String {
    let text = format!("{f:.precision$e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    format!("{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

/// C's `%g`.
fn general(f: f64, precision: usize, zeros: bool) -> String {
    let precision = precision.max(1);
    let text = scientific(f, precision - 1);
    let exponent: i32 = text.split_once('e').and_then(|(_, e)| e.parse().ok()).unwrap_or(0);
    let trimmed = |text: &str| match zeros || !text.contains('.') {
        true => text.to_owned(),
        false => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
    };
    if exponent < -4 || exponent >= precision as i32 {
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "+00"));
        return format!("{}e{exponent}", trimmed(digits));
    }
    let decimals = usize::try_from(precision as i32 - 1 - exponent).unwrap_or(0);
    trimmed(&format!("{f:.decimals$}"))
}
