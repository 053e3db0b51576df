//! The packed plan of a batch: token-major, padding-free, the prompt of a pair computed once.
//!
//! A batch is one long list of tokens. *Segments* say who may look at whom: a segment's queries see all of its context
//! ranges and, causally, themselves. So causal attention, packing and prefix sharing are one code path. A *row* is a
//! token whose log-probability counts; it names the hidden state that predicts it, and two rows may name the same one:
//! with a shared prompt the first tokens of chosen and rejected are both predicted by the prompt's last token.
//!
//! Prefix sharing is exact: *Accelerating Direct Preference Optimization with Prefix Sharing*, arXiv 2410.20305.
mod device;
mod layout;

pub use device::{DevicePlan, LastLayer, PlanIndices, Queries};
pub use layout::{Extent, Layout};

use crate::error::{Error, Result};
use protocol::says;
use std::ops::Range;

/// A run of query tokens. Key positions run through `context`, then the segment itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// first query token
    pub query: usize,
    /// where the segment's own keys start (equal to `query` but when decoding against a cache)
    pub key: usize,
    pub len: usize,
    /// key ranges seen in full by every query of the segment
    pub context: Vec<Range<usize>>,
}

/// One log-probability that counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// the token whose hidden state predicts `target`
    pub hidden: u32,
    pub target: u32,
    pub sequence: u32,
}

/// A prompt and its two completions, as token ids.
#[derive(Clone, Copy, Debug)]
pub struct PairTokens<'a> {
    pub prompt: &'a [u32],
    pub chosen: &'a [u32],
    pub rejected: &'a [u32],
}

/// A labelled reply and a mismatched one, each behind the prompt as it was cut for it.
#[derive(Clone, Copy, Debug)]
pub struct LabelledTokens<'a> {
    pub prompt: &'a [u32],
    pub reply: &'a [u32],
    pub other_prompt: &'a [u32],
    pub other_reply: &'a [u32],
}

/// A whole sequence; `counts[t]` says whether the log-probability of `tokens[t]` counts. The first token is predicted
/// by nothing, so `counts[0]` is not looked at.
#[derive(Clone, Copy, Debug)]
pub struct SeqTokens<'a> {
    pub tokens: &'a [u32],
    pub counts: &'a [bool],
}

/// What a forward pass computes. Build one with [`Plan::pairs`], [`Plan::separate_pairs`] or [`Plan::sequences`].
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// `[tokens]` ids
    pub tokens: Vec<u32>,
    /// `[tokens]` position of each within its own sequence
    pub positions: Vec<u32>,
    /// segments that share keys, together; groups are independent of each other
    pub groups: Vec<Vec<Segment>>,
    /// ordered by sequence, then by position
    pub rows: Vec<Row>,
    /// `[tokens]` in plans of [`Extent::Whole`], else empty: in how many of the sequences trained on a token occurs
    pub occurrences: Vec<u32>,
    /// `sequences + 1` offsets into `rows`
    starts: Vec<usize>,
    layout: Layout,
    /// `[tokens]` where some layout's rows turn by their length, else empty: tokens of the row that each is of
    lengths: Vec<usize>,
    /// tokens of the longest sequence, with those that the plan leaves out
    longest: usize,
}

impl Plan {
    /// A plan to put rows in, holding this much of them.
    pub fn new(layout: impl Into<Layout>) -> Self {
        Self {
            starts: vec![0],
            layout: layout.into(),
            ..Self::default()
        }
    }

    /// Pairs with shared prompts, packed `[prompt | chosen | rejected]`. Sequence `2 i` is the chosen completion of pair
    /// `i`, `2 i + 1` the rejected one; rows are the completions' tokens.
    pub fn pairs(pairs: &[PairTokens]) -> Result<Self> {
        Self::new(Extent::Predictors).with_pairs(pairs)
    }

    pub fn with_pairs(mut self, pairs: &[PairTokens]) -> Result<Self> {
        for (index, pair) in pairs.iter().enumerate() {
            check_len(index, "pair", pair.chosen.len().min(pair.rejected.len()))?;
            self.completions(pair.prompt, &[(pair.chosen, 1), (pair.rejected, 1)]);
        }
        self.non_empty()
    }

    /// Prompts, each with one reply: sequence `i` is reply `i`, its tokens the rows.
    pub fn replies(replies: &[(&[u32], &[u32])]) -> Result<Self> {
        let mut plan = Self::new(Extent::Predictors);
        for (index, &(prompt, reply)) in replies.iter().enumerate() {
            check_len(index, "reply", reply.len())?;
            plan.completions(prompt, &[(reply, 1)]);
        }
        plan.non_empty()
    }

    /// Replies to be scored whole: prompts with the replies to each, computed to their end. One row a reply, its last
    /// token's; what it would predict is not looked at.
    pub fn scores(prompts: &[(&[u32], Vec<&[u32]>)]) -> Result<Self> {
        Self::new(Extent::Predictors).with_scores(prompts)
    }

    pub fn with_scores(mut self, prompts: &[(&[u32], Vec<&[u32]>)]) -> Result<Self> {
        for (index, (prompt, replies)) in prompts.iter().enumerate() {
            for reply in replies {
                check_len(index, "row", reply.len())?;
            }
            match self.turn_apart(replies.iter().map(|reply| prompt.len() + reply.len())) {
                true => replies.iter().for_each(|reply| self.scored(prompt, &[reply])),
                false => self.scored(prompt, replies),
            }
        }
        self.non_empty()
    }

    /// Labelled replies: sequence `2 i` is reply `i`, `2 i + 1` its mismatched one. They share the prompt where the cut-off
    /// left both the same one.
    pub fn labelled(rows: &[LabelledTokens]) -> Result<Self> {
        Self::new(Extent::Predictors).with_labelled(rows)
    }

    /// The mismatched replies, which only give a baseline, do not occur among the sequences trained on.
    pub fn with_labelled(mut self, rows: &[LabelledTokens]) -> Result<Self> {
        for (index, row) in rows.iter().enumerate() {
            check_len(index, "row", row.reply.len())?;
            match row.prompt == row.other_prompt {
                true => self.completions(row.prompt, &[(row.reply, 1), (row.other_reply, 0)]),
                false => {
                    self.completions(row.prompt, &[(row.reply, 1)]);
                    self.completions(row.other_prompt, &[(row.other_reply, 0)]);
                }
            }
        }
        self.non_empty()
    }

    /// The same pairs with every completion carrying its own copy of the prompt: same numbers, more work. The check of
    /// [`Plan::pairs`], and the shape other trainers compute.
    pub fn separate_pairs(pairs: &[PairTokens]) -> Result<Self> {
        let joined: Vec<(Vec<u32>, Vec<bool>)> = pairs
            .iter()
            .flat_map(|pair| [(pair.prompt, pair.chosen), (pair.prompt, pair.rejected)])
            .map(|(prompt, completion)| {
                let tokens = [prompt, completion].concat();
                let counts = (0..tokens.len()).map(|t| t >= prompt.len()).collect();
                (tokens, counts)
            })
            .collect();
        let sequences: Vec<SeqTokens> = joined
            .iter()
            .map(|(tokens, counts)| SeqTokens { tokens, counts })
            .collect();
        Self::sequences(&sequences)
    }

    /// Independent sequences packed one after another; sequence `i` is `sequences[i]`.
    pub fn sequences(sequences: &[SeqTokens]) -> Result<Self> {
        let alone: Vec<_> = sequences.iter().map(|&sequence| (sequence, &[][..])).collect();
        Self::packed(&alone)
    }

    /// The same of sequences that are made of several examples: positions start anew after each of the lengths.
    pub fn packed(sequences: &[(SeqTokens, &[usize])]) -> Result<Self> {
        Self::new(Extent::Predictors).with_packed(sequences)
    }

    pub fn with_packed(mut self, sequences: &[(SeqTokens, &[usize])]) -> Result<Self> {
        let plan = &mut self;
        for (index, (sequence, lengths)) in sequences.iter().enumerate() {
            check_len(index, "sequence", sequence.tokens.len())?;
            if sequence.tokens.len() != sequence.counts.len() {
                return Err(Error::internal(format!(
                    "sequence {index} has {} tokens but {} label flags",
                    sequence.tokens.len(),
                    sequence.counts.len()
                )));
            }
            let longest = lengths.iter().copied().max().unwrap_or(sequence.tokens.len());
            plan.longest = plan.longest.max(longest);
            // tokens after the last predictor that counts are never looked at
            let used = (1..sequence.tokens.len())
                .rev()
                .find(|&t| sequence.counts[t])
                .unwrap_or(0);
            let computed = match plan.layout.extent {
                Extent::Predictors => used,
                Extent::Whole => sequence.tokens.len(),
            };
            let inner = plan.push(&sequence.tokens[..computed], 0, 1);
            for &length in *lengths {
                plan.row_lengths(inner.end.min(plan.lengths.len() + length), length);
            }
            plan.row_lengths(inner.end, longest);
            let anew = lengths.iter().flat_map(|&length| 0..length as u32);
            plan.positions[inner.clone()]
                .iter_mut()
                .zip(anew)
                .for_each(|(position, p)| *position = p);
            for t in 1..=used {
                if sequence.counts[t] {
                    plan.row(inner.start + t - 1, sequence.tokens[t]);
                }
            }
            if !inner.is_empty() {
                plan.groups.push(vec![own(&inner, vec![])]);
            }
            plan.starts.push(plan.rows.len());
        }
        self.non_empty()
    }

    /// Tokens of the longest sequence, with those at its end that predict nothing.
    pub fn longest(&self) -> usize {
        self.longest
    }

    pub fn sequence_count(&self) -> usize {
        self.starts.len() - 1
    }

    /// The rows of one sequence, in order of position.
    pub fn sequence_rows(&self, sequence: usize) -> Range<usize> {
        self.starts[sequence]..self.starts[sequence + 1]
    }

    /// Asks for another token than the one that stands there, of the row of this number in its sequence.
    pub fn retarget(&mut self, sequence: usize, row: usize, target: u32) {
        let at = self.sequence_rows(sequence).start + row;
        if let Some(row) = self.rows.get_mut(at) {
            row.target = target;
        }
    }

    /// Sums a per-row quantity over each sequence, in f64.
    pub fn sum_by_sequence(&self, values: &[f32]) -> Vec<f64> {
        (0..self.sequence_count())
            .map(|s| values[self.sequence_rows(s)].iter().map(|&v| f64::from(v)).sum())
            .collect()
    }

    /// A prompt once, and sequences that continue it, each with how often it occurs; their tokens are the rows.
    fn completions(&mut self, prompt: &[u32], completions: &[(&[u32], u32)]) {
        let lengths = completions.iter().map(|(tokens, _)| prompt.len() + tokens.len());
        if self.turn_apart(lengths) {
            return completions.iter().for_each(|one| self.completions(prompt, &[*one]));
        }
        let shared = self.push(prompt, 0, completions.iter().map(|(_, occurs)| occurs).sum());
        let mut group = Vec::with_capacity(1 + completions.len());
        if !shared.is_empty() {
            group.push(own(&shared, vec![]));
        }
        for &(completion, occurs) in completions {
            self.longest = self.longest.max(prompt.len() + completion.len());
            // the last token predicts nothing
            let computed = match self.layout.extent {
                Extent::Predictors => completion.len().saturating_sub(1),
                Extent::Whole => completion.len(),
            };
            let inner = self.push(&completion[..computed], prompt.len(), occurs);
            self.row_lengths(self.tokens.len(), prompt.len() + completion.len());
            for (t, &target) in completion.iter().enumerate() {
                let hidden = match t {
                    0 if shared.is_empty() => continue,
                    0 => shared.end - 1,
                    t => inner.start + t - 1,
                };
                self.row(hidden, target);
            }
            if !inner.is_empty() {
                let context = if shared.is_empty() {
                    vec![]
                } else {
                    vec![shared.clone()]
                };
                group.push(own(&inner, context));
            }
            self.starts.push(self.rows.len());
        }
        self.groups.push(group);
    }

    /// A prompt once, and replies to it whose last tokens are the rows.
    fn scored(&mut self, prompt: &[u32], replies: &[&[u32]]) {
        let shared = self.push(prompt, 0, 0);
        let mut group = Vec::with_capacity(1 + replies.len());
        let mut context = vec![];
        if !shared.is_empty() {
            group.push(own(&shared, vec![]));
            context.push(shared);
        }
        for reply in replies {
            let inner = self.push(reply, prompt.len(), 0);
            self.row_lengths(self.tokens.len(), prompt.len() + reply.len());
            self.longest = self.longest.max(prompt.len() + reply.len());
            self.row(inner.end - 1, 0);
            group.push(own(&inner, context.clone()));
            self.starts.push(self.rows.len());
        }
        self.groups.push(group);
    }

    fn push(&mut self, tokens: &[u32], first_position: usize, occurs: u32) -> Range<usize> {
        let start = self.tokens.len();
        if self.layout.extent == Extent::Whole {
            self.occurrences.resize(start + tokens.len(), occurs);
        }
        self.tokens.extend_from_slice(tokens);
        self.positions
            .extend((first_position..first_position + tokens.len()).map(|p| p as u32));
        start..self.tokens.len()
    }

    fn row(&mut self, hidden: usize, target: u32) {
        let sequence = (self.starts.len() - 1) as u32;
        self.rows.push(Row {
            hidden: hidden as u32,
            target,
            sequence,
        });
    }

    fn non_empty(self) -> Result<Self> {
        if self.rows.is_empty() {
            return Err(Error::invalid(says::nothing_counts()));
        }
        Ok(self)
    }
}

fn own(range: &Range<usize>, context: Vec<Range<usize>>) -> Segment {
    Segment {
        query: range.start,
        key: range.start,
        len: range.len(),
        context,
    }
}

fn check_len(index: usize, what: &str, len: usize) -> Result<()> {
    if len == 0 {
        return Err(Error::invalid(says::empty_completion(what, index)));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
