//! Template text to tokens, with transformers' settings: `trim_blocks` and `lstrip_blocks`.

#![expect(
    clippy::string_slice,
    reason = "places come from find and char_indices of the same text, so they lie between letters"
)]

use std::sync::Arc;

use super::python::space;
use super::value::{Fault, Outcome};

#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    Text(Arc<str>),
    BlockBegin,
    BlockEnd,
    PrintBegin,
    PrintEnd,
    Name(Arc<str>),
    Str(Arc<str>),
    Int(i128),
    Float(f64),
    /// An operator or bracket.
    Sign(&'static str),
    End,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    pub token: Token,
    pub line: u32,
}

/// Longest first.
const SIGNS: [&str; 25] = [
    "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".",
    ":", "|", ",",
];

pub fn tokens(source: &str) -> Outcome<Vec<Placed>> {
    let source = source.replace("\r\n", "\n").replace('\r', "\n");
    let source = source.strip_suffix('\n').unwrap_or(&source);
    let mut lexer = Lexer {
        rest: source,
        line: 1,
        line_starts: true,
        out: Vec::new(),
    };
    while !lexer.rest.is_empty() {
        lexer.text()?;
    }
    lexer.push(Token::End);
    Ok(lexer.out)
}

struct Lexer<'a> {
    rest: &'a str,
    line: u32,
    /// Whether what was read last ended a line.
    line_starts: bool,
    out: Vec<Placed>,
}

/// What opens within text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opening {
    Print,
    Block,
    Comment,
}

impl<'a> Lexer<'a> {
    fn push(&mut self, token: Token) {
        let line = self.line;
        self.out.push(Placed { token, line });
    }

    fn advance(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.line += taken.matches('\n').count() as u32;
        self.rest = rest;
        taken
    }

    fn fault<T>(&self, message: impl Into<String>) -> Outcome<T> {
        Err(Fault::new(message).at(self.line))
    }

    /// Text up to the next tag, and the tag.
    fn text(&mut self) -> Outcome<()> {
        let found = self.rest.match_indices('{').find_map(|(at, _)| {
            let kind = match self.rest.as_bytes().get(at + 1) {
                Some(b'{') => Opening::Print,
                Some(b'%') => Opening::Block,
                Some(b'#') => Opening::Comment,
                _ => return None,
            };
            Some((at, kind))
        });
        let Some((at, kind)) = found else {
            let text = self.advance(self.rest.len());
            self.push(Token::Text(text.into()));
            return Ok(());
        };
        let text = self.advance(at);
        let starts = self.line_starts;
        self.advance(2);
        let sign = self.sign();
        let text = without_margin(text, sign, kind != Opening::Print, starts);
        if !text.is_empty() {
            self.push(Token::Text(text.into()));
        }
        match kind {
            Opening::Comment => self.comment(),
            Opening::Block => match self.raw_begins() {
                Some(length) => {
                    self.advance(length);
                    self.raw()
                }
                None => {
                    self.push(Token::BlockBegin);
                    self.tag(true)
                }
            },
            Opening::Print => {
                self.push(Token::PrintBegin);
                self.tag(false)
            }
        }
    }

    /// The `-` or `+` right after an opening.
    fn sign(&mut self) -> Option<char> {
        let sign = self.rest.chars().next().filter(|c| matches!(c, '-' | '+'));
        self.advance(sign.map_or(0, char::len_utf8));
        sign
    }

    /// The end of a block or comment was read: what white space goes with it.
    fn after_end(&mut self, sign: Option<char>) {
        let length = match sign {
            Some('-') => self.rest.len() - self.rest.trim_start_matches(space).len(),
            None => usize::from(self.rest.starts_with('\n')),
            _ => 0,
        };
        self.line_starts = self.advance(length).ends_with('\n');
    }

    fn comment(&mut self) -> Outcome<()> {
        let Some(at) = self.rest.find("#}") else {
            return self.fault("Missing end of comment tag");
        };
        let inside = self.advance(at);
        self.advance(2);
        self.after_end(inside.chars().next_back().filter(|c| matches!(c, '-' | '+')));
        Ok(())
    }

    /// How long the rest of a `{% raw %}` is, after its opening.
    fn raw_begins(&self) -> Option<usize> {
        let rest = self
            .rest
            .trim_start_matches(space)
            .strip_prefix("raw")?
            .trim_start_matches(space);
        let after = match rest.strip_prefix("-%}") {
            Some(after) => after.trim_start_matches(space),
            None => rest.strip_prefix("%}")?,
        };
        Some(self.rest.len() - after.len())
    }

    fn raw(&mut self) -> Outcome<()> {
        let whole = self.rest;
        let mut from = 0;
        while let Some(at) = whole[from..].find("{%") {
            let start = from + at;
            from = start + 2;
            let mut rest = &whole[from..];
            let sign = rest.chars().next().filter(|c| matches!(c, '-' | '+'));
            rest = &rest[sign.map_or(0, char::len_utf8)..];
            let Some(rest) = rest.trim_start_matches(space).strip_prefix("endraw") else {
                continue;
            };
            let rest = rest.trim_start_matches(space);
            let end = rest.chars().next().filter(|c| matches!(c, '-' | '+'));
            let Some(rest) = rest[end.map_or(0, char::len_utf8)..].strip_prefix("%}") else {
                continue;
            };
            let starts = self.line_starts;
            self.push(Token::Text(without_margin(&whole[..start], sign, true, starts).into()));
            self.advance(whole.len() - rest.len());
            self.after_end(end);
            return Ok(());
        }
        self.fault("Missing end of raw directive")
    }

    /// What stands in a tag, and its end.
    fn tag(&mut self, block: bool) -> Outcome<()> {
        let mut open: Vec<char> = Vec::new();
        loop {
            let blank = self.rest.len() - self.rest.trim_start_matches(space).len();
            self.advance(blank);
            if open.is_empty() && self.tag_ends(block) {
                return Ok(());
            }
            let Some(c) = self.rest.chars().next() else {
                return self.fault("unexpected end of template");
            };
            match c {
                '\'' | '"' => self.string(c)?,
                '0'..='9' => self.number()?,
                c if c == '_' || c.is_alphabetic() => {
                    let end = self.rest.find(|c: char| !(c == '_' || c.is_alphanumeric()));
                    let name = self.advance(end.unwrap_or(self.rest.len()));
                    self.push(Token::Name(name.into()));
                }
                _ => {
                    let Some(sign) = SIGNS.into_iter().find(|s| self.rest.starts_with(s)) else {
                        return self.fault(format!("unexpected char {c:?}"));
                    };
                    match c {
                        '(' | '[' | '{' => open.push(c),
                        ')' | ']' | '}' => {
                            let opened = open.pop();
                            if !matches!((opened, c), (Some('('), ')') | (Some('['), ']') | (Some('{'), '}')) {
                                return self.fault(format!("unexpected '{c}'"));
                            }
                        }
                        _ => {}
                    }
                    self.advance(sign.len());
                    self.push(Token::Sign(sign));
                }
            }
        }
    }

    fn tag_ends(&mut self, block: bool) -> bool {
        let mark = if block { "%}" } else { "}}" };
        let sign = self.rest.chars().next().filter(|c| *c == '-' || (block && *c == '+'));
        let Some(rest) = self.rest[sign.map_or(0, char::len_utf8)..].strip_prefix(mark) else {
            return false;
        };
        self.push(if block { Token::BlockEnd } else { Token::PrintEnd });
        self.advance(self.rest.len() - rest.len());
        if block {
            self.after_end(sign);
        } else {
            // only `-` takes white space after a value
            self.after_end(sign.or(Some('+')));
        }
        true
    }

    fn string(&mut self, quote: char) -> Outcome<()> {
        let mut escaped = false;
        let end = self.rest.char_indices().skip(1).find(|(_, c)| {
            let found = *c == quote && !escaped;
            escaped = *c == '\\' && !escaped;
            found
        });
        let Some((end, _)) = end else {
            return self.fault("a text without its closing quote");
        };
        let line = self.line;
        let inside = &self.advance(end + 1)[1..end];
        let text = unescaped(inside).map_err(|e| e.at(line))?;
        self.out.push(Placed {
            token: Token::Str(text.into()),
            line,
        });
        Ok(())
    }

    fn number(&mut self) -> Outcome<()> {
        let bytes = self.rest.as_bytes();
        for (mark, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
            if self.rest.get(..2).is_some_and(|p| p.eq_ignore_ascii_case(mark)) {
                let digits: usize = bytes[2..]
                    .iter()
                    .take_while(|b| b.is_ascii_hexdigit() || **b == b'_')
                    .count();
                let text = self.advance(2 + digits)[2..].replace('_', "");
                let n = i128::from_str_radix(&text, radix);
                return match n {
                    Ok(n) => {
                        self.push(Token::Int(n));
                        Ok(())
                    }
                    Err(_) => self.fault(format!("a number that can't be read: {mark}{text}")),
                };
            }
        }
        let digits = |from: usize| {
            let run = bytes[from.min(bytes.len())..]
                .iter()
                .take_while(|b| b.is_ascii_digit() || **b == b'_')
                .count();
            from + run
        };
        let whole = digits(0);
        let mut end = whole;
        if bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
            end = digits(end + 1);
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            if bytes.get(end + 1 + sign).is_some_and(u8::is_ascii_digit) {
                end = digits(end + 1 + sign);
            }
        }
        let text = self.advance(end).replace('_', "");
        let token = if end == whole {
            text.parse().map(Token::Int).ok()
        } else {
            text.parse().map(Token::Float).ok()
        };
        match token {
            Some(token) => {
                self.push(token);
                Ok(())
            }
            None => self.fault(format!("a number that can't be read: {text}")),
        }
    }
}

/// Text before a tag: `-` takes all white space off its end, `lstrip_blocks` what stands on the tag's line.
fn without_margin(text: &str, sign: Option<char>, block: bool, line_starts: bool) -> &str {
    if sign == Some('-') {
        return text.trim_end_matches(space);
    }
    if sign == Some('+') || !block {
        return text;
    }
    let margin = text.rfind('\n').map_or(0, |at| at + 1);
    match (margin > 0 || line_starts) && text[margin..].chars().all(space) {
        true => &text[..margin],
        false => text,
    }
}

/// Python's escapes; an unknown one stays as it is, a backslash at the end of a line goes on with the next.
fn unescaped(text: &str) -> Outcome<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let Some(c) = rest.chars().next() else { break };
        let after = &rest[c.len_utf8()..];
        let plain = match c {
            '\n' => Some(""),
            '\\' => Some("\\"),
            '\'' => Some("'"),
            '"' => Some("\""),
            'a' => Some("\x07"),
            'b' => Some("\x08"),
            'f' => Some("\x0c"),
            'n' => Some("\n"),
            'r' => Some("\r"),
            't' => Some("\t"),
            'v' => Some("\x0b"),
            _ => None,
        };
        if let Some(plain) = plain {
            out.push_str(plain);
            rest = after;
            continue;
        }
        let (digits, radix, from) = match c {
            'x' => (2, 16, after),
            'u' => (4, 16, after),
            'U' => (8, 16, after),
            '0'..='7' => (rest.chars().take(3).take_while(|c| c.is_digit(8)).count(), 8, rest),
            _ => {
                out.push('\\');
                out.push(c);
                rest = after;
                continue;
            }
        };
        let read = from.get(..digits).filter(|d| d.chars().all(|c| c.is_digit(radix)));
        let code = read.and_then(|d| u32::from_str_radix(d, radix).ok());
        let Some(letter) = code.and_then(char::from_u32) else {
            return Err(Fault::new(format!("a text with a broken \\{c} escape")));
        };
        out.push(letter);
        rest = &from[digits..];
    }
    out.push_str(rest);
    Ok(out)
}
