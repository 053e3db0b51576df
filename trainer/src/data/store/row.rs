//! One tokenized row, and its encoding in a store: 32-bit words and a header.

use sha2::{Digest, Sha256};

use super::super::{End, Labelled, Pair, Sequence};
use super::RowKind;

/// One row in tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Example {
    Pair(Pair),
    Labelled(Labelled),
    Sequence(Sequence),
    Document(Vec<u32>),
    Prompt(Vec<u32>),
}

impl Example {
    /// How many tokens training computes: each reply's with its prompt's.
    pub(in crate::data) fn tokens(&self) -> usize {
        match self {
            Self::Pair(pair) => 2 * pair.prompt.len() + pair.chosen.len() + pair.rejected.len(),
            Self::Labelled(row) => row.prompt.len() + row.reply.len(),
            Self::Sequence(sequence) => sequence.tokens.len(),
            Self::Document(ids) | Self::Prompt(ids) => ids.len(),
        }
    }

    /// The largest token id. A mismatched reply counts in the row that it comes from.
    pub(in crate::data) fn largest_id(&self) -> Option<u32> {
        let largest = |parts: &[&[u32]]| parts.iter().filter_map(|part| part.iter().max().copied()).max();
        match self {
            Self::Pair(pair) => largest(&[&pair.prompt, &pair.chosen, &pair.rejected]),
            Self::Labelled(row) => largest(&[&row.prompt, &row.reply]),
            Self::Sequence(sequence) => largest(&[&sequence.tokens]),
            Self::Document(ids) | Self::Prompt(ids) => largest(&[ids]),
        }
    }

    pub(super) fn pair(&self) -> Option<u32> {
        match self {
            Self::Labelled(row) => row.pair_number(),
            _ => None,
        }
    }

    /// SHA-256 of its token ids and loss mask: a resumed run checks that its data is the same.
    pub(in crate::data) fn hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        let mut feed = |ids: &[u32]| {
            hash.update((ids.len() as u64).to_le_bytes());
            ids.iter().for_each(|id| hash.update(id.to_le_bytes()));
        };
        match self {
            Self::Pair(pair) => [&pair.prompt, &pair.chosen, &pair.rejected]
                .into_iter()
                .for_each(|ids| feed(ids)),
            Self::Labelled(row) => {
                for part in [&row.prompt, &row.reply, &row.other_prompt, &row.other_reply] {
                    feed(part);
                }
                hash.update([u8::from(row.good)]);
            }
            Self::Document(ids) | Self::Prompt(ids) => feed(ids),
            Self::Sequence(sequence) => {
                feed(&sequence.tokens);
                hash.update(sequence.counts.iter().map(|&c| u8::from(c)).collect::<Vec<_>>());
                for length in &sequence.lengths {
                    hash.update((*length as u64).to_le_bytes());
                }
                hash.update([u8::from(sequence.joined)]);
            }
        }
        hash.finalize().into()
    }
}

/// The header of a row: what a store knows of it without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::data) struct RowHeader {
    /// The position of its first byte.
    pub at: u64,
    /// How many 32-bit words it has.
    pub words: u32,
    pub tokens: u32,
    pub pair: Option<u32>,
    pub hash: [u8; 32],
    pub size: Size,
}

/// The size of one row's plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Tokens from which others are predicted.
    pub predictors: usize,
    /// All tokens.
    pub whole: usize,
    /// Log-probs that are computed.
    pub rows: usize,
}

/// The number that means no pair.
const NONE: u32 = u32::MAX;

impl RowHeader {
    pub(super) const BYTES: usize = 64;

    pub(super) fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[..8].copy_from_slice(&self.at.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.words.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.tokens.to_le_bytes());
        bytes[16..20].copy_from_slice(&self.pair.unwrap_or(NONE).to_le_bytes());
        bytes[20..52].copy_from_slice(&self.hash);
        for (at, size) in [self.size.predictors, self.size.whole, self.size.rows]
            .into_iter()
            .enumerate()
        {
            let size = u32::try_from(size).unwrap_or(u32::MAX);
            bytes[52 + 4 * at..56 + 4 * at].copy_from_slice(&size.to_le_bytes());
        }
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8; Self::BYTES]) -> Self {
        let mut hash = [0; 32];
        hash.copy_from_slice(&bytes[20..52]);
        let pair = super::word(&bytes[16..]);
        Self {
            at: bytes.first_chunk().copied().map_or(0, u64::from_le_bytes),
            words: super::word(&bytes[8..]),
            tokens: super::word(&bytes[12..]),
            pair: (pair != NONE).then_some(pair),
            hash,
            size: Size {
                predictors: super::word(&bytes[52..]) as usize,
                whole: super::word(&bytes[56..]) as usize,
                rows: super::word(&bytes[60..]) as usize,
            },
        }
    }
}

/// Encodes a row as words: first the lengths of its parts, then the parts.
pub(super) fn to_words(example: &Example, words: &mut Vec<u32>) {
    // a row is far smaller than 2^32 tokens: it was read out of at most 64 MiB
    let length = |part: usize| u32::try_from(part).unwrap_or(u32::MAX);
    match example {
        Example::Pair(pair) => {
            words.extend([length(pair.prompt.len()), length(pair.chosen.len())]);
            [&pair.prompt, &pair.chosen, &pair.rejected]
                .into_iter()
                .for_each(|part| words.extend(part));
        }
        Example::Labelled(row) => {
            words.extend([
                u32::from(row.good),
                length(row.prompt.len()),
                length(row.reply.len()),
                length(row.other_prompt.len()),
            ]);
            let parts = [&row.prompt, &row.reply, &row.other_prompt, &row.other_reply];
            parts.into_iter().for_each(|part| words.extend(part));
        }
        Example::Sequence(sequence) => {
            let runs: Vec<u32> = runs(&sequence.counts).map(length).collect();
            words.extend([
                u32::from(sequence.joined),
                length(sequence.lengths.len()),
                length(sequence.ends.len()),
                length(runs.len()),
            ]);
            words.extend(sequence.lengths.iter().copied().map(length));
            words.extend(sequence.ends.iter().flat_map(|end| [length(end.at), end.token]));
            words.extend(runs);
            words.extend(&sequence.tokens);
        }
        Example::Document(ids) | Example::Prompt(ids) => words.extend(ids),
    }
}

/// Run lengths of a loss mask: how many tokens don't count, then how many do, and so on.
fn runs(counts: &[bool]) -> impl Iterator<Item = usize> {
    let starts_counting = counts.first().copied().unwrap_or(false);
    let none = starts_counting.then_some(0);
    none.into_iter()
        .chain(counts.chunk_by(|a, b| a == b).map(<[bool]>::len))
}

/// Decodes a row; `None` if the words are none.
pub(super) fn from_words(kind: RowKind, words: &[u32], pair: Option<u32>) -> Option<Example> {
    let mut rest = Words(words);
    Some(match kind {
        RowKind::Pairs | RowKind::Ranked => {
            let [prompt, chosen] = rest.lengths()?;
            Example::Pair(Pair {
                prompt: rest.take(prompt)?,
                chosen: rest.take(chosen)?,
                rejected: rest.0.to_vec(),
            })
        }
        RowKind::Labelled => {
            let [good, prompt, reply, other_prompt] = rest.lengths()?;
            Example::Labelled(Labelled {
                good: good == 1,
                prompt: rest.take(prompt)?,
                reply: rest.take(reply)?,
                other_prompt: rest.take(other_prompt)?,
                other_reply: rest.0.to_vec(),
                pair: pair.map(|pair| pair as usize),
            })
        }
        RowKind::Sequences => {
            let [joined, lengths, ends, runs] = rest.lengths()?;
            let lengths = rest.take(lengths)?.into_iter().map(|n| n as usize).collect();
            let ends = rest.take(2 * ends)?;
            let ends = ends.chunks_exact(2).map(|end| End {
                at: end[0] as usize,
                token: end[1],
            });
            let runs = rest.take(runs)?;
            let mut counts = Vec::with_capacity(rest.0.len());
            for (at, run) in runs.iter().enumerate() {
                let end = counts.len() + *run as usize;
                if end > rest.0.len() {
                    return None;
                }
                counts.resize(end, at % 2 == 1);
            }
            Example::Sequence(Sequence {
                counts,
                lengths,
                joined: joined == 1,
                ends: ends.collect(),
                tokens: rest.0.to_vec(),
            })
        }
        RowKind::Prompts => Example::Prompt(words.to_vec()),
        RowKind::Documents => Example::Document(words.to_vec()),
    })
}

/// Words that are not looked at yet.
struct Words<'a>(&'a [u32]);

impl Words<'_> {
    fn take(&mut self, n: usize) -> Option<Vec<u32>> {
        let (taken, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(taken.to_vec())
    }

    fn lengths<const N: usize>(&mut self) -> Option<[usize; N]> {
        let taken = self.take(N)?;
        Some(std::array::from_fn(|i| taken[i] as usize))
    }
}
