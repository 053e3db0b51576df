//! What Python's str does, letter by letter.

#![expect(
    clippy::string_slice,
    reason = "places come from find and char_indices of the same text, so they lie between letters"
)]

use super::limits::Limits;
use super::python::{line_end, space};
use super::value::{Fault, Outcome, Value};

/// Whether a letter has cases.
pub fn cased(c: char) -> bool {
    c.is_uppercase() || c.is_lowercase()
}

/// Digits of any script, without fractions and Roman numbers.
pub fn decimal(c: char) -> bool {
    let starts = [
        0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xed0, 0xf20,
        0x1040, 0xff10,
    ];
    let superscript = matches!(c, '²' | '³' | '¹' | '⁰' | '⁴'..='⁹' | '₀'..='₉');
    superscript || starts.into_iter().any(|s| (s..s + 10).contains(&(c as u32)))
}

/// `str.capitalize`.
pub fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        None => String::new(),
        Some(first) => first.to_uppercase().collect::<String>() + &letters.as_str().to_lowercase(),
    }
}

/// `str.title`: a capital after whatever has no cases.
pub fn titled(text: &str) -> String {
    let mut inside = false;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match inside {
            true => out.extend(c.to_lowercase()),
            false => out.extend(c.to_uppercase()),
        }
        inside = cased(c);
    }
    out
}

/// The part of a text between two places, and how many letters stand before it.
pub fn within(text: &str, start: Option<i128>, end: Option<i128>) -> Option<(usize, &str)> {
    if start.is_none() && end.is_none() {
        return Some((0, text));
    }
    let length = text.chars().count() as i128;
    let bound = |n: i128| if n < 0 { (n + length).max(0) } else { n };
    let (start, end) = (bound(start.unwrap_or(0)), bound(end.unwrap_or(length)).min(length));
    if start > end {
        return None;
    }
    let (start, end) = (usize::try_from(start).ok()?, usize::try_from(end).ok()?);
    let byte = |n: usize| text.char_indices().nth(n).map_or(text.len(), |(at, _)| at);
    Some((start, &text[byte(start)..byte(end)]))
}

/// `str.replace`; no `count` and negative ones replace all.
pub fn replaced(limits: &Limits, text: &str, old: &str, new: &str, count: Option<i128>) -> Outcome<Value> {
    let most = count.map_or(usize::MAX, |n| usize::try_from(n).unwrap_or(usize::MAX));
    let found = match old.is_empty() {
        true => text.chars().count() + 1,
        false => text.matches(old).count(),
    };
    limits.take(text.len().saturating_add(found.min(most).saturating_mul(new.len())))?;
    Ok(Value::str(text.replacen(old, new, most)))
}

/// `str.split` and `str.rsplit`; no separator: runs of white space.
pub fn split<'a>(text: &'a str, between: Option<&str>, most: usize, from_end: bool) -> Vec<&'a str> {
    let more = most.saturating_add(1);
    match (between, from_end) {
        (Some(between), false) => text.splitn(more, between).collect(),
        (Some(between), true) => {
            let mut parts: Vec<&str> = text.rsplitn(more, between).collect();
            parts.reverse();
            parts
        }
        (None, false) => {
            let mut parts = Vec::new();
            let mut rest = text.trim_start_matches(space);
            while !rest.is_empty() {
                let end = rest.find(space).filter(|_| parts.len() < most);
                let Some(end) = end else {
                    // what is left keeps its inner and trailing white space
                    parts.push(if parts.len() < most {
                        rest.trim_end_matches(space)
                    } else {
                        rest
                    });
                    break;
                };
                parts.push(&rest[..end]);
                rest = rest[end..].trim_start_matches(space);
            }
            parts
        }
        (None, true) => {
            let mut parts = Vec::new();
            let mut rest = text.trim_end_matches(space);
            while !rest.is_empty() {
                let start = rest
                    .char_indices()
                    .rev()
                    .find(|(_, c)| space(*c))
                    .filter(|_| parts.len() < most);
                let Some((at, c)) = start else {
                    parts.push(rest);
                    break;
                };
                parts.push(&rest[at + c.len_utf8()..]);
                rest = rest[..at].trim_end_matches(space);
            }
            parts.reverse();
            parts
        }
    }
}

/// `str.splitlines`.
pub fn lines(text: &str, keep: bool) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((at, c)) = rest.char_indices().find(|(_, c)| line_end(*c)) {
        let mut end = at + c.len_utf8();
        if c == '\r' && rest[end..].starts_with('\n') {
            end += 1;
        }
        out.push(&rest[..if keep { end } else { at }]);
        rest = &rest[end..];
    }
    if !rest.is_empty() {
        out.push(rest);
    }
    out
}

/// `str.center`, `ljust`, `rjust` and `zfill`.
pub fn padded(limits: &Limits, text: &str, width: usize, how: &str, fill: &str) -> Outcome<Value> {
    if fill.chars().count() != 1 {
        return Err(Fault::new("The fill character must be exactly one character long"));
    }
    let missing = width.saturating_sub(text.chars().count());
    limits.take(text.len().saturating_add(missing.saturating_mul(fill.len())))?;
    Ok(Value::str(match how {
        "ljust" => text.to_owned() + &fill.repeat(missing),
        "rjust" => fill.repeat(missing) + text,
        "zfill" => {
            let sign = text.chars().next().filter(|c| matches!(c, '+' | '-'));
            let (sign, digits) = text.split_at(sign.map_or(0, char::len_utf8));
            [sign, &"0".repeat(missing), digits].concat()
        }
        _ => {
            let left = missing / 2 + (missing & width & 1);
            [&fill.repeat(left), text, &fill.repeat(missing - left)].concat()
        }
    }))
}

/// `str.expandtabs`.
pub fn untabbed(limits: &Limits, text: &str, size: usize) -> Outcome<Value> {
    let mut out = String::new();
    let mut column = 0;
    for c in text.chars() {
        match c {
            '\t' => {
                let blanks = if size == 0 { 0 } else { size - column % size };
                limits.take(blanks)?;
                out.push_str(&" ".repeat(blanks));
                column += blanks;
            }
            '\n' | '\r' => {
                out.push(c);
                column = 0;
            }
            c => {
                out.push(c);
                column += 1;
            }
        }
    }
    limits.take(out.len())?;
    Ok(Value::str(out))
}

/// Jinja's `wordwrap`, as Python's textwrap wraps: lines of at most `width` letters, broken at blanks, and within words
/// where `long` says so.
pub fn wrapped(text: &str, width: usize, long: bool, between: &str, hyphens: bool) -> String {
    let width = width.max(1);
    let wrap_line = |line: &str| -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        let mut current = String::new();
        let count = |t: &str| t.chars().count();
        for piece in pieces(line, hyphens) {
            let mut piece = piece;
            if count(&current) + count(piece) <= width {
                current.push_str(piece);
                continue;
            }
            if piece.chars().all(space) {
                continue;
            }
            let room = if current.is_empty() {
                width
            } else {
                width - count(&current).min(width)
            };
            if count(piece) > width && long {
                while count(piece) > 0 {
                    let room = if current.is_empty() { width } else { room };
                    if count(&current) + count(piece) <= width {
                        current.push_str(piece);
                        break;
                    }
                    let at = piece.char_indices().nth(room).map_or(piece.len(), |(at, _)| at);
                    current.push_str(&piece[..at]);
                    piece = &piece[at..];
                    out.push(std::mem::take(&mut current).trim_end_matches(space).to_owned());
                }
            } else {
                if !current.is_empty() {
                    out.push(std::mem::take(&mut current).trim_end_matches(space).to_owned());
                }
                current.push_str(piece);
            }
        }
        if !current.trim_end_matches(space).is_empty() {
            out.push(current.trim_end_matches(space).to_owned());
        }
        out
    };
    let lines: Vec<String> = lines(text, false)
        .into_iter()
        .map(|line| wrap_line(line).join(between))
        .collect();
    lines.join(between)
}

/// Words, the blanks between them, and the parts of words with hyphens.
fn pieces(line: &str, hyphens: bool) -> Vec<&str> {
    let mut out = Vec::new();
    let mut start = 0;
    let letters: Vec<(usize, char)> = line.char_indices().collect();
    for (i, &(at, c)) in letters.iter().enumerate().skip(1) {
        let before = letters[i - 1].1;
        let breaks = space(c) != space(before)
            || (hyphens && before == '-' && c.is_alphabetic() && i > 1 && letters[i - 2].1.is_alphabetic());
        if breaks {
            out.push(&line[start..at]);
            start = at;
        }
    }
    if start < line.len() {
        out.push(&line[start..]);
    }
    out
}
