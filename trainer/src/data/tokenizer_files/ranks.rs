//! tiktoken's files: on each line a token's bytes in base64 and its rank. `qwen.tiktoken`, and what GLM-4 and Llama 3
//! keep in `tokenizer.model`.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use protocol::{Said, says};

use super::tokenizer_json::{TokenizerJson, of_ranks};

/// Tokens longer than this are refused: the number of their splits would grow out of hand.
pub const MAX_TOKEN_BYTES: usize = 4096;

/// Qwen's pattern of pieces; each digit is one.
pub const QWEN: &str =
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
/// Llama 3's and GLM-4's; up to three digits stay together.
pub const THREE_DIGITS: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
/// Llama 4's; words end where capitals begin.
pub const CASED: &str = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// Whether a file may be one of these, by its first line.
pub fn is_ranks(bytes: &[u8]) -> bool {
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    line(first).is_some()
}

fn line(line: &[u8]) -> Option<(Vec<u8>, u32)> {
    let (token, rank) = str::from_utf8(line).ok()?.trim_end().split_once(' ')?;
    Some((STANDARD.decode(token).ok()?, rank.parse().ok()?))
}

/// The tokens of `file` by rank; the error names the line.
pub fn read(file: &str, bytes: &[u8]) -> Result<Vec<(Vec<u8>, u32)>, Said> {
    let lines = bytes.split(|byte| *byte == b'\n').enumerate();
    let lines = lines.filter(|(_, line)| !line.trim_ascii().is_empty());
    let ranks: Vec<(Vec<u8>, u32)> = lines
        .map(|(at, text)| line(text).ok_or_else(|| says::words_line(file, at + 1)))
        .collect::<Result<_, _>>()?;
    checked(file, ranks)
}

/// Refuses ranks and tokens that occur twice, ranks with gaps, and tokens that are too long.
pub fn checked(file: &str, ranks: Vec<(Vec<u8>, u32)>) -> Result<Vec<(Vec<u8>, u32)>, Said> {
    let mut met = HashSet::with_capacity(ranks.len());
    let mut texts = HashSet::with_capacity(ranks.len());
    for (at, (bytes, rank)) in ranks.iter().enumerate() {
        if bytes.is_empty() || *rank as usize >= ranks.len() || !met.insert(*rank) || !texts.insert(bytes.as_slice()) {
            return Err(says::words_line(file, at + 1));
        }
        if bytes.len() > MAX_TOKEN_BYTES {
            return Err(says::words_long_piece(file, bytes.len(), MAX_TOKEN_BYTES));
        }
    }
    match ranks.is_empty() {
        true => Err(says::words_broken(file, 0)),
        false => Ok(ranks),
    }
}

/// A tokenizer with a vocabulary of ranks, whose pieces of text match `pattern`.
pub fn tokenizer_json(ranks: &[(Vec<u8>, u32)], pattern: &str) -> TokenizerJson {
    of_ranks(ranks, 0, pattern)
}
