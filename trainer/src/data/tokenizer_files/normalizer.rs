//! How a text is written before it is parted into pieces: by the rules of a `tokenizer.json`, or as SentencePiece's own
//! library does (`normalizer.cc`), which no rules of the crate can say.
//!
//! The crate looks rules up by letters as a reader sees them and takes the shortest; SentencePiece takes the longest rule
//! wherever it stands, and only a plain space is one to it.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use tokenizers::{NormalizedString, Normalizer, NormalizerWrapper};

/// What stands for a space in pieces.
pub const SPACE: char = '▁';

/// A tokenizer of the crate's parts whose texts are written by either.
pub type Pipeline = tokenizers::TokenizerImpl<
    tokenizers::ModelWrapper,
    Written,
    tokenizers::PreTokenizerWrapper,
    tokenizers::PostProcessorWrapper,
    tokenizers::DecoderWrapper,
>;

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

/// SentencePiece's `NormalizerSpec`, and where the class around it puts a space.
#[derive(Debug, Clone, Serialize)]
pub struct Pieces {
    pub charsmap: Option<Charsmap>,
    pub prefix: Prefix,
    /// `remove_extra_whitespaces`.
    pub trim: bool,
    /// Symbols that are left as they are, by their first letter, the longest first.
    pub own: BTreeMap<char, Vec<String>>,
}

/// Which parts between special tokens begin with a space of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Prefix {
    EachPart,
    /// The first part alone, unless it begins with one (`legacy: false`).
    FirstPart,
    /// None, whatever the file says (`add_prefix_space: false`).
    None,
}

/// `precompiled_charsmap`: a double array over the bytes of what is replaced (Darts), and behind it the replacements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Charsmap {
    units: Vec<u32>,
    replacements: String,
}

impl Charsmap {
    /// `None` where the bytes are no such map.
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

    /// The longest rule at the beginning of a text: how many of its bytes become what.
    fn rule(&self, text: &str) -> Option<(usize, &str)> {
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
        // a map that parts letters is no one's
        text.get(length..)?;
        let replacement = self.replacements.get(at..)?;
        Some((length, replacement.split('\0').next()?))
    }
}

/// Letters on their way out, each with how many letters that came in it stands for.
struct Out {
    letters: Vec<(char, usize)>,
    /// Letters that came in before the first that went out.
    dropped: usize,
}

impl Out {
    fn drop(&mut self, count: usize) {
        match self.letters.last_mut() {
            Some((_, stands_for)) => *stands_for += count,
            None => self.dropped += count,
        }
    }

    /// Puts what `count` letters became.
    fn put(&mut self, text: &str, count: usize) {
        let mut rest = count;
        for letter in text.chars() {
            let letter = if letter == ' ' { SPACE } else { letter };
            self.letters.push((letter, rest.min(1)));
            rest = rest.saturating_sub(1);
        }
        self.drop(rest);
    }
}

impl Pieces {
    /// What the first letters of a text become: how many bytes are taken, and what comes of them.
    fn step<'a>(&'a self, text: &'a str) -> Option<(usize, &'a str)> {
        let first = text.chars().next()?;
        let own = self.own.get(&first).into_iter().flatten();
        let own = own.map(String::as_str).find(|symbol| text.starts_with(symbol));
        if let Some(symbol) = own {
            return Some((symbol.len(), symbol));
        }
        let rule = self.charsmap.as_ref().and_then(|map| map.rule(text));
        rule.or_else(|| Some((first.len_utf8(), text.get(..first.len_utf8())?)))
    }

    /// Goes past the first letters: what comes of them, and how many they were.
    fn next<'a>(&'a self, text: &mut &'a str) -> Option<(&'a str, usize)> {
        let (length, becomes) = self.step(text)?;
        let (taken, rest) = text.split_at_checked(length)?;
        *text = rest;
        Some((becomes, taken.chars().count()))
    }

    fn write<'a>(&'a self, mut text: &'a str, first_part: bool) -> Out {
        let mut out = Out {
            letters: vec![],
            dropped: 0,
        };
        if self.trim {
            let mut after = text;
            while let Some((" ", count)) = self.next(&mut after) {
                out.dropped += count;
                text = after;
            }
        }
        let Some((_, first)) = self.step(text) else {
            return out;
        };
        let begins = match self.prefix {
            Prefix::EachPart => true,
            Prefix::FirstPart => first_part && !first.starts_with([' ', SPACE]),
            Prefix::None => false,
        };
        if begins {
            out.letters.push((SPACE, 0));
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
            while let Some((_, stands_for)) = out.letters.pop_if(|(letter, _)| *letter == SPACE) {
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
        let changes = out.letters.into_iter().map(|(letter, stands_for)| {
            // 1 is a letter more, 0 stands for one, and below are those that went with it
            (letter, 1 - isize::try_from(stands_for).unwrap_or(isize::MAX))
        });
        text.transform(changes, out.dropped);
        Ok(())
    }
}
