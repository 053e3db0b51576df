//! Data sets: from files in people's formats to token ids and the tokens that count.

pub mod detect;
mod encode;
mod error;
pub mod info;
mod load;
mod preview;
pub mod rows;
mod source;
mod split;
pub mod template;
mod tokenizer;

#[cfg(test)]
mod tests;

pub use encode::split_budget;
pub use error::{DataError, Result};
pub use load::{Loaded, LossMask, Task, load, load_rows, load_with};
pub use preview::{Shown, inspect, preview};
pub use split::split;
pub use template::{Encoder, Message, Role, Setting, Template, Thinking};
pub use tokenizer::{Special, Tokenizer};

/// A preference pair in tokens. Log-probs count over `chosen` and `rejected`; the prompt is shared by both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pair {
    pub prompt: Vec<u32>,
    pub chosen: Vec<u32>,
    pub rejected: Vec<u32>,
}

/// A row of stage `sft` or `pt` in tokens: one example, or several packed ones that don't see each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sequence {
    pub tokens: Vec<u32>,
    /// Whether the log-prob of token `t` counts in the loss. An example's first token is predicted by nothing, so what
    /// stands there is not looked at.
    pub counts: Vec<bool>,
    /// Tokens of each example, in order.
    pub lengths: Vec<usize>,
}

impl Sequence {
    /// One example.
    pub fn new(tokens: Vec<u32>, counts: Vec<bool>) -> Self {
        Self {
            lengths: vec![tokens.len()],
            tokens,
            counts,
        }
    }

    /// Packs `other` behind this.
    pub fn append(&mut self, mut other: Self) {
        self.tokens.append(&mut other.tokens);
        self.counts.append(&mut other.counts);
        self.lengths.append(&mut other.lengths);
    }

    /// Tokens and counts of each example.
    pub fn examples(&self) -> impl Iterator<Item = (&[u32], &[bool])> {
        self.lengths.iter().scan(0, |start, &length| {
            let range = *start..*start + length;
            *start = range.end;
            Some((&self.tokens[range.clone()], &self.counts[range]))
        })
    }

    /// Tokens whose log-prob counts.
    pub fn counted(&self) -> usize {
        self.examples()
            .map(|(_, counts)| counts.iter().skip(1).filter(|c| **c).count())
            .sum()
    }
}

/// All rows of one split, of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Examples {
    Pairs(Vec<Pair>),
    Sequences(Vec<Sequence>),
}

impl Examples {
    pub fn len(&self) -> usize {
        match self {
            Self::Pairs(rows) => rows.len(),
            Self::Sequences(rows) => rows.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
