//! Data sets: from files in people's formats to token ids and the tokens that count.

mod comparison;
pub mod detect;
mod encode;
mod encode_row;
mod error;
mod feedback;
mod gather;
mod held_out;
pub mod info;
mod json_row;
mod layout;
mod load;
mod marked;
mod mix;
mod pairs;
mod preview;
mod random;
mod read;
pub mod rows;
mod shelf;
mod shuffle;
mod source;
mod split;
mod store;
mod stream;
mod task;
pub mod template;
mod tokenize;
mod tokenized;
mod tokenizer;
mod tokenizer_files;
mod tokenizer_gguf;
mod tokenizer_read;
mod units;
mod usable;

#[cfg(test)]
mod tests;

pub use detect::check_comparison;
pub use encode::split_budget;
pub use error::{DataError, Result};
pub use held_out::{HeldOut, held_out_of_rows, held_out_task};
pub use load::{Kept, Loaded, found, kept, load, load_eval, load_with};
pub use marked::Marked;
pub use pairs::{PairRows, pieces};
pub use preview::{Shown, inspect, preview};
pub use read::load_rows;
pub use split::split;
pub use store::{Dataset, Size};
pub use stream::{Opened, Position, Stream, Streamed, StreamedStep};
pub use task::{LossMask, Task};
pub use template::{
    Answer, Clock, Encoder, Message, Moment, Role, Setting, Template, Thinking, cancelled_by, read_template,
};
pub use tokenizer::{Special, Tokenizer, has_chat_template, has_slow_tokenizer, has_tokenizer, tokenizer_json};
pub use tokenizer_gguf::{
    Parts, WAYS, config as gguf_tokenizer_config, parts as gguf_parts, tokenizer as gguf_tokenizer,
};
pub use usable::usable;

/// A preference pair in tokens. Log-probs count over `chosen` and `rejected`; the prompt is shared by both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pair {
    pub prompt: Vec<u32>,
    pub chosen: Vec<u32>,
    pub rejected: Vec<u32>,
}

/// A labelled reply of stage `kto` in tokens, and beside it the same prompt with another row's reply: how likely the
/// policy finds those, against the reference, is the loss's baseline.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labelled {
    pub prompt: Vec<u32>,
    pub reply: Vec<u32>,
    pub good: bool,
    /// `prompt` again, but for the cut-off, which goes by the length of the reply.
    pub other_prompt: Vec<u32>,
    pub other_reply: Vec<u32>,
    /// The pair it was taken from, with the other of the two.
    pub pair: Option<usize>,
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
    /// Packed examples see those before them in the row.
    pub joined: bool,
    /// Where a reply ends whose template writes no token for it: the token behind it counts, and what is to be predicted
    /// there is the end.
    pub ends: Vec<End>,
}

/// The end of a reply that stands for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// Of the token behind the reply.
    pub at: usize,
    /// What is to be predicted in its place.
    pub token: u32,
}

/// Tokens that see each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run<'a> {
    pub tokens: &'a [u32],
    pub counts: &'a [bool],
    /// Of the examples in it.
    pub lengths: &'a [usize],
    /// Counted from its own first token.
    pub ends: Vec<End>,
}

impl Sequence {
    /// One example.
    pub fn new(tokens: Vec<u32>, counts: Vec<bool>) -> Self {
        Self {
            lengths: vec![tokens.len()],
            tokens,
            counts,
            joined: false,
            ends: vec![],
        }
    }

    /// Packs `other` behind this.
    pub fn append(&mut self, mut other: Self) {
        let before = self.tokens.len();
        self.ends.extend(other.ends.into_iter().map(|end| End {
            at: end.at + before,
            ..end
        }));
        self.tokens.append(&mut other.tokens);
        self.counts.append(&mut other.counts);
        self.lengths.append(&mut other.lengths);
    }

    /// Each run of tokens that see each other.
    pub fn examples(&self) -> impl Iterator<Item = Run<'_>> {
        let together = if self.joined { self.lengths.len().max(1) } else { 1 };
        self.lengths.chunks(together).scan(0, |start, lengths| {
            let range = *start..*start + lengths.iter().sum::<usize>();
            *start = range.end;
            let ends = self.ends.iter().filter(|end| range.contains(&end.at));
            let ends = ends.map(|end| End {
                at: end.at - range.start,
                ..*end
            });
            Some(Run {
                ends: ends.collect(),
                tokens: &self.tokens[range.clone()],
                counts: &self.counts[range],
                lengths,
            })
        })
    }

    /// Tokens whose log-prob counts.
    pub fn counted(&self) -> usize {
        self.examples()
            .map(|run| run.counts.iter().skip(1).filter(|c| **c).count())
            .sum()
    }
}

/// A pair whose replies each get a score.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ranked {
    pub pair: Pair,
}

/// Rows of one kind: those of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Examples {
    Pairs(Vec<Pair>),
    Ranked(Vec<Ranked>),
    Labelled(Vec<Labelled>),
    Sequences(Vec<Sequence>),
    /// What replies are written to.
    Prompts(Vec<Vec<u32>>),
}

impl Examples {
    pub fn len(&self) -> usize {
        match self {
            Self::Pairs(rows) => rows.len(),
            Self::Ranked(rows) => rows.len(),
            Self::Labelled(rows) => rows.len(),
            Self::Sequences(rows) => rows.len(),
            Self::Prompts(rows) => rows.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
