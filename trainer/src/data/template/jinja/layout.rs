//! One value laid out as a format says: width, sign, precision, kind.

#![expect(
    clippy::string_slice,
    reason = "the place comes from char_indices of the same text, so it lies between letters"
)]

use super::python;
use super::value::{Fault, Outcome, Value};

/// How one value is laid out.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    pub fill: Option<char>,
    /// `<`, `>`, `^` or `=`.
    pub align: Option<char>,
    pub sign: Option<char>,
    pub alternate: bool,
    pub comma: Option<char>,
    pub width: usize,
    pub precision: Option<usize>,
    pub kind: Option<char>,
}

/// Widths and precisions above this are no layout.
pub const WIDEST: usize = 1 << 16;

impl Layout {
    pub fn read(spec: &str) -> Outcome<Self> {
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

pub fn digits(rest: &mut std::iter::Peekable<std::str::Chars>) -> Outcome<Option<usize>> {
    let mut found = None;
    while let Some(digit) = rest.next_if(char::is_ascii_digit).and_then(|c| c.to_digit(10)) {
        found = Some(bounded(found.unwrap_or(0) * 10 + digit as usize)?);
    }
    Ok(found)
}

pub fn bounded(n: usize) -> Outcome<usize> {
    match n > WIDEST {
        true => Err(Fault::new("a format that is too wide")),
        false => Ok(n),
    }
}

pub fn letter(value: &Value) -> Outcome<String> {
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

pub fn lay_text(text: &str, layout: &Layout) -> String {
    let text: String = match layout.precision {
        Some(most) => text.chars().take(most).collect(),
        None => text.to_owned(),
    };
    padded("", &text, layout)
}

pub fn padded(sign: &str, body: &str, layout: &Layout) -> String {
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

pub fn lay_number(value: &Value, layout: &Layout) -> Outcome<String> {
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

pub fn grouped(body: &str, comma: char) -> String {
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
pub fn scientific(f: f64, precision: usize) -> String {
    let text = format!("{f:.precision$e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    format!("{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

/// C's `%g`.
pub fn general(f: f64, precision: usize, zeros: bool) -> String {
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
