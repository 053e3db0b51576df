//! Normalizers: the rules of a `tokenizer.json`, or SentencePiece's own (`normalizer.cc`), which the `tokenizers` crate
//! can't express.
//!
//! The crate looks rules up by grapheme clusters and takes the shortest match; SentencePiece takes the longest match at
//! any byte, and treats nothing but U+0020 as a space.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use tokenizers::{NormalizedString, Normalizer, NormalizerWrapper};

/// What replaces spaces in SentencePiece's pieces.
pub const SPACE: char = '▁';

/// A tokenizer of the crate's components, with either kind of normalizer.
pub type Pipeline = tokenizers::TokenizerImpl<
    tokenizers::ModelWrapper,
    Written,
    tokenizers::PreTokenizerWrapper,
    tokenizers::PostProcessorWrapper,
    tokenizers::DecoderWrapper,
>;

/// A normalizer.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Written {
    Rules(NormalizerWrapper),
    Pieces(Pieces),
}

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        NormalizerWrapper::deserialize(deserializer).map(Self::Rules)
    }
}

/// SentencePiece's `NormalizerSpec`, and where the tokenizer class around it adds a space.
#[derive(Debug, Clone, Serialize)]
pub struct Pieces {
    pub charsmap: Option<Charsmap>,
    pub prefix: Prefix,
    /// `remove_extra_whitespaces`.
    pub trim: bool,
    /// Symbols that are not normalized, by their first character, the longest first.
    pub own: BTreeMap<char, Vec<String>>,
}

/// Which parts of the text, between special tokens, get a space in front.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Prefix {
    EachPart,
    /// Only the first part, unless it begins with one (`legacy: false`).
    FirstPart,
    /// No part, whatever the file says (`add_prefix_space: false`).
    None,
}

/// `precompiled_charsmap`: a double-array trie (Darts) over the bytes to be replaced, then the replacements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Charsmap {
    units: Vec<u32>,
    replacements: String,
}

/// What the beginning of a text is replaced by.
#[derive(Debug, Clone, Copy)]
struct Replacement<'a> {
    /// Bytes of the text that are replaced.
    bytes: usize,
    by: &'a str,
}

impl Charsmap {
    /// Reads the map; `None` if the bytes are none.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (size, rest) = bytes.split_first_chunk::<4>()?;
        let size = usize::try_from(u32::from_le_bytes(*size)).ok()?;
        let (units, replacements) = rest.split_at_checked(size)?;
        let units = units.as_chunks::<4>().0.iter().copied().map(u32::from_le_bytes);
        Some(Self {
            units: units.collect(),
            replacements: str::from_utf8(replacements).ok()?.to_owned(),
        })
    }

    /// The longest rule that matches the beginning of a text.
    fn rule(&self, text: &str) -> Option<Replacement<'_>> {
        let unit = |at: usize| self.units.get(at).copied();
        let below = |unit: u32| ((unit >> 10) << ((unit & (1 << 9)) >> 6)) as usize;
        let mut longest = None;
        let mut at = below(unit(0)?);
        for (byte, length) in text.bytes().zip(1..) {
            at ^= usize::from(byte);
            let Some(found) = unit(at).filter(|unit| unit & (1 << 31 | 0xff) == u32::from(byte)) else {
                break;
            };
            at ^= below(found);
            if found >> 8 & 1 == 1
                && let Some(value) = unit(at)
            {
                longest = Some((length, (value & !(1 << 31)) as usize));
            }
        }
        let (length, at) = longest?;
        // a rule that ends inside a character is damaged
        text.get(length..)?;
        let replacement = self.replacements.get(at..)?;
        Some(Replacement {
            bytes: length,
            by: replacement.split('\0').next()?,
        })
    }
}

/// The characters of a normalized text, each with how many of the original's characters it stands for.
struct Output {
    chars: Vec<(char, usize)>,
    /// How many characters of the original were dropped before the first of these.
    dropped: usize,
}

impl Output {
    /// Drops `count` characters of the original.
    fn drop(&mut self, count: usize) {
        match self.chars.last_mut() {
            Some((_, stands_for)) => *stands_for += count,
            None => self.dropped += count,
        }
    }

    /// Adds `text`, which replaces `count` characters of the original.
    fn put(&mut self, text: &str, count: usize) {
        let mut rest = count;
        for c in text.chars() {
            let c = if c == ' ' { SPACE } else { c };
            self.chars.push((c, rest.min(1)));
            rest = rest.saturating_sub(1);
        }
        self.drop(rest);
    }
}

impl Pieces {
    /// What replaces the beginning of a text: a symbol by itself, a rule's match, or the first character by itself.
    fn replacement<'a>(&'a self, text: &'a str) -> Option<Replacement<'a>> {
        let first = text.chars().next()?;
        let own = self.own.get(&first).into_iter().flatten();
        let own = own.map(String::as_str).find(|symbol| text.starts_with(symbol));
        if let Some(symbol) = own {
            return Some(Replacement {
                bytes: symbol.len(),
                by: symbol,
            });
        }
        let rule = self.charsmap.as_ref().and_then(|map| map.rule(text));
        rule.or_else(|| {
            let bytes = first.len_utf8();
            let by = text.get(..bytes)?;
            Some(Replacement { bytes, by })
        })
    }

    /// Advances `text` past the next replacement; gives what it puts there, and how many characters it replaces.
    fn next<'a>(&'a self, text: &mut &'a str) -> Option<(&'a str, usize)> {
        let replacement = self.replacement(text)?;
        let (replaced, rest) = text.split_at_checked(replacement.bytes)?;
        *text = rest;
        Some((replacement.by, replaced.chars().count()))
    }

    /// Normalizes a part of a text.
    fn write<'a>(&'a self, mut text: &'a str, first_part: bool) -> Output {
        let mut out = Output {
            chars: vec![],
            dropped: 0,
        };
        if self.trim {
            let mut after = text;
            while let Some((" ", count)) = self.next(&mut after) {
                out.dropped += count;
                text = after;
            }
        }
        let Some(Replacement { by: first, .. }) = self.replacement(text) else {
            return out;
        };
        let begins = match self.prefix {
            Prefix::EachPart => true,
            Prefix::FirstPart => first_part && !first.starts_with([' ', SPACE]),
            Prefix::None => false,
        };
        if begins {
            out.chars.push((SPACE, 0));
        }
        let mut after_space = self.trim;
        while let Some((becomes, count)) = self.next(&mut text) {
            let kept = if after_space {
                becomes.trim_start_matches(' ')
            } else {
                becomes
            };
            out.put(kept, count);
            if !kept.is_empty() {
                after_space = self.trim && kept.ends_with(' ');
            }
        }
        if self.trim {
            while let Some((_, stands_for)) = out.chars.pop_if(|(c, _)| *c == SPACE) {
                out.drop(stands_for);
            }
        }
        out
    }
}

impl Normalizer for Written {
    fn normalize(&self, text: &mut NormalizedString) -> tokenizers::Result<()> {
        let pieces = match self {
            Self::Rules(rules) => return rules.normalize(text),
            Self::Pieces(pieces) => pieces,
        };
        let out = pieces.write(text.get(), text.offsets_original().0 == 0);
        let changes = out.chars.into_iter().map(|(c, stands_for)| {
            // 1: an added character; 0: it replaces one; below 0: more are replaced with it
            (c, 1 - isize::try_from(stands_for).unwrap_or(isize::MAX))
        });
        text.transform(changes, out.dropped);
        Ok(())
    }
}
