//! Data sets: from files in the formats that people use to token ids and loss masks.

mod comparison;
pub mod detect;
pub(crate) mod encode;
mod error;
mod feedback;
mod held_out;
pub mod info;
mod intake;
mod json_row;
mod layout;
mod load;
mod marked;
mod mix;
mod omissions;
mod packing;
mod pairs;
mod preview;
mod random;
mod read;
pub mod rows;
mod shuffle;
mod source;
mod split;
mod store;
mod stream;
pub mod template;
mod token_cache;
mod tokenize;
pub(crate) mod tokenized;
mod tokenizer;
mod tokenizer_files;
mod tokenizer_gguf;
mod tokenizer_read;
mod units;
mod usable;

#[cfg(test)]
mod tests;

pub use detect::check_comparison;
pub(crate) use encode::RowReport;
pub use encode::{TokenBudget, split_budget};
pub use error::{DataError, Result};
pub use held_out::{HeldOut, held_out_of_rows};
pub use intake::{Intake, LossMask};
pub(crate) use intake::{RowEncoding, RowForm};
pub use load::{Loaded, found, load, load_eval, load_with};
pub use marked::Marked;
pub use pairs::{PairRows, pieces};
pub use preview::{Shown, inspect, preview};
pub use read::load_rows;
pub use split::{Split, split};
pub use store::{Dataset, Size};
pub(crate) use store::{Example, RowKind};
pub use stream::{Opened, Position, Stream, Streamed, StreamedStep};
pub use template::{
    Answer, Clock, EncodedTurn, Encoder, Message, Moment, Role, Setting, Template, Thinking, cancelled_by,
    read_template,
};
pub use token_cache::{CachedTokens, cached_tokens};
pub use tokenizer::{Special, Tokenizer, has_chat_template, has_slow_tokenizer, has_tokenizer, tokenizer_json};
pub use tokenizer_gguf::{
    PRE_TOKENIZERS, PreTokenizer, config as gguf_tokenizer_config, pre_tokenizer as gguf_pre_tokenizer,
    tokenizer as gguf_tokenizer,
};
pub use usable::usable;

/// A preference pair in tokens. Log-probs count over `chosen` and `rejected`; the prompt is shared by both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pair {
    pub prompt: Vec<u32>,
    pub chosen: Vec<u32>,
    pub rejected: Vec<u32>,
}

/// A labelled reply of stage `kto` in tokens, and the same prompt with another row's reply (a mismatched one), from
/// whose log-ratios the loss estimates the KL divergence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labelled {
    pub prompt: Vec<u32>,
    pub reply: Vec<u32>,
    pub good: bool,
    /// The mismatched reply's prompt: `prompt` again, but cut by the length of that reply.
    pub other_prompt: Vec<u32>,
    pub other_reply: Vec<u32>,
    /// The number of the pair that it was unpaired from; the pair's other reply has the same.
    pub pair: Option<usize>,
}

/// A row of stage `sft` or `pt` in tokens: one example, or several packed ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sequence {
    pub tokens: Vec<u32>,
    /// `[tokens]` the loss mask: whether the log-prob of token `t` counts. An example's first token is not predicted,
    /// so its entry is ignored.
    pub counts: Vec<bool>,
    /// Tokens of each example, in order.
    pub lengths: Vec<usize>,
    /// Whether packed examples attend to those before them in the row.
    pub joined: bool,
    /// Where replies end for which the template has no end token: the token after the reply counts, and the target
    /// there is the end token.
    pub ends: Vec<End>,
}

/// The end of a reply for which the template has no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// The position of the token after the reply.
    pub at: usize,
    /// The token to be predicted there.
    pub token: u32,
}

/// A segment of a row, within which tokens attend to those before them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run<'a> {
    pub tokens: &'a [u32],
    pub counts: &'a [bool],
    /// Tokens of each example in it.
    pub lengths: &'a [usize],
    /// Positions count from the segment's first token.
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

    /// Packs `other` after this.
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

    /// The segments, in order.
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

    /// How many tokens count in the loss.
    pub fn counted(&self) -> usize {
        self.examples()
            .map(|run| run.counts.iter().skip(1).filter(|c| **c).count())
            .sum()
    }
}

/// A pair for a reward model, which scores each reply.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ranked {
    pub pair: Pair,
}

/// The rows of a micro-batch, all of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Examples {
    Pairs(Vec<Pair>),
    Ranked(Vec<Ranked>),
    Labelled(Vec<Labelled>),
    Sequences(Vec<Sequence>),
    /// Prompts that replies are generated to.
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
