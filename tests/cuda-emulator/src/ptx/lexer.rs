//! PTX text to tokens with line numbers.

#![expect(clippy::string_slice, reason = "cuts at ASCII signs alone")]

#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    /// Names, registers, directives and opcodes, dots and all.
    Word(String),
    Int(u64),
    F32(u32),
    F64(u64),
    Text(String),
    Sign(char),
}

pub fn tokens(text: &str) -> Result<Vec<(Token, u32)>, String> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < bytes.len() {
        let byte = bytes[at];
        match byte {
            b'\n' => {
                line += 1;
                at += 1;
            }
            b' ' | b'\t' | b'\r' => at += 1,
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                while at < bytes.len() && bytes[at] != b'\n' {
                    at += 1;
                }
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                let end = text[at..]
                    .find("*/")
                    .ok_or(format!("line {line}: comment without end"))?;
                line += text[at..at + end].matches('\n').count() as u32;
                at += end + 2;
            }
            b'"' => {
                let end = text[at + 1..]
                    .find('"')
                    .ok_or(format!("line {line}: string without end"))?;
                out.push((Token::Text(text[at + 1..at + 1 + end].to_string()), line));
                at += end + 2;
            }
            b'0'..=b'9' => {
                let start = at;
                while at < bytes.len() && number_goes_on(bytes, start, at) {
                    at += 1;
                }
                out.push((
                    number(&text[start..at]).ok_or(format!("line {line}: number {}", &text[start..at]))?,
                    line,
                ));
            }
            _ if is_word(byte) || byte == b'.' => {
                let start = at;
                while at < bytes.len() {
                    if is_word(bytes[at]) || bytes[at] == b'.' {
                        at += 1;
                    } else if bytes[at..].starts_with(b"::") {
                        at += 2;
                    } else {
                        break;
                    }
                }
                let word = &text[start..at];
                // inline assembly writes `.reg.b32` for `.reg .b32`
                match word.strip_prefix(".reg.") {
                    Some(ty) => out.extend([
                        (Token::Word(".reg".into()), line),
                        (Token::Word(format!(".{ty}")), line),
                    ]),
                    None => out.push((Token::Word(word.to_string()), line)),
                }
            }
            _ => {
                out.push((Token::Sign(byte as char), line));
                at += 1;
            }
        }
    }
    Ok(out)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'%')
}

fn number_goes_on(bytes: &[u8], start: usize, at: usize) -> bool {
    let byte = bytes[at];
    let hex = bytes[start] == b'0' && matches!(bytes.get(start + 1), Some(b'x' | b'X' | b'f' | b'F' | b'd' | b'D'));
    byte.is_ascii_alphanumeric()
        || byte == b'.'
        || (!hex && matches!(byte, b'+' | b'-') && matches!(bytes[at - 1], b'e' | b'E'))
}

fn number(text: &str) -> Option<Token> {
    let lower = text.to_ascii_lowercase();
    if let Some(hex) = lower.strip_prefix("0f") {
        return u32::from_str_radix(hex, 16).ok().map(Token::F32);
    }
    if let Some(hex) = lower.strip_prefix("0d") {
        return u64::from_str_radix(hex, 16).ok().map(Token::F64);
    }
    if lower.contains('.') && !lower.starts_with("0x") {
        return lower.parse::<f64>().ok().map(|v| Token::F64(v.to_bits()));
    }
    let digits = lower.strip_suffix('u').unwrap_or(&lower);
    let value = if let Some(hex) = digits.strip_prefix("0x") {
        u64::from_str_radix(hex, 16)
    } else if let Some(binary) = digits.strip_prefix("0b") {
        u64::from_str_radix(binary, 2)
    } else if digits.len() > 1 && digits.starts_with('0') {
        u64::from_str_radix(&digits[1..], 8)
    } else {
        digits.parse()
    };
    value.ok().map(Token::Int)
}
