//! A batch as it was scored, and an evaluation that is told of it.

use super::Row;
use crate::data::{Examples, Labelled, Pair};
use crate::error::{Error, Result};
use crate::loss::{Means, ScoredPair, Side};
use crate::model::Scored;
use crate::pairs::{Recording, ReferenceReply, ScoredReply};
use crate::plan::Plan;
use crate::reference::ReferenceLogps;
use std::collections::HashMap;

/// A batch of rows of any kind, as it was scored.
#[derive(Clone, Copy)]
pub struct ScoredBatch<'a> {
    pub examples: &'a Examples,
    pub plan: &'a Plan,
    pub scored: &'a Scored,
    pub reference: Option<&'a ReferenceLogps>,
    /// Tokens that cross entropy is divided by.
    pub tokens: usize,
}

impl<'a> ScoredBatch<'a> {
    /// # Errors
    /// The rows are of another kind.
    pub(super) fn of_rows<R: Row>(&self) -> Result<Batch<'a, R>> {
        Ok(Batch {
            rows: R::of(self.examples).ok_or_else(|| Error::internal("a stage was given another one's rows"))?,
            plan: self.plan,
            scored: self.scored,
            reference: self.reference,
            tokens: self.tokens,
        })
    }
}

/// A batch of rows of one kind, as it was scored.
pub struct Batch<'a, R> {
    pub rows: &'a [R],
    pub plan: &'a Plan,
    pub scored: &'a Scored,
    pub reference: Option<&'a ReferenceLogps>,
    /// Tokens that cross entropy is divided by.
    pub tokens: usize,
}

/// A row of two replies, one behind the other in a plan.
pub trait TwoReplies: Row {}

impl TwoReplies for Pair {}

/// Its own, and the mismatched one.
impl TwoReplies for Labelled {}

impl<'a, R: TwoReplies> Batch<'a, R> {
    /// Both replies of each row with what the model and the reference gave them.
    pub fn pairs(&self) -> Vec<ScoredPair<'a>> {
        let scored = self.scored;
        let side = |sequence| {
            let rows = self.plan.sequence_rows(sequence);
            Side {
                logps: &scored.logps[rows.clone()],
                mean_logits: &scored.mean_logits[rows.clone()],
                log_collision_probs: scored.log_collision_probs.get(rows).unwrap_or_default(),
            }
        };
        (0..self.plan.sequence_count() / 2)
            .map(|i| ScoredPair {
                chosen: side(2 * i),
                rejected: side(2 * i + 1),
                reference: self.reference.map(|r| r.sums[i]),
            })
            .collect()
    }

    /// A reply with its tokens' log-probs. Replies are counted through: a row's second one comes after its first.
    pub fn reply(&self, sequence: usize) -> ScoredReply {
        let rows = self.plan.sequence_rows(sequence);
        let reference = self.reference.map(|of| {
            let sums = of.sums[sequence / 2];
            ReferenceReply {
                sum: if sequence.is_multiple_of(2) {
                    sums.chosen
                } else {
                    sums.rejected
                },
                logps: of.tokens.get(rows.clone()).unwrap_or_default(),
            }
        });
        ScoredReply::new(&self.scored.logps[rows], reference)
    }
}

/// What an evaluation has been told so far.
#[derive(Default)]
pub struct Evaluation<'a> {
    pub means: Means,
    /// Is given each pair.
    pub recording: Option<&'a mut Recording>,
    pub(super) apart: SplitPairs,
}

impl<'a> Evaluation<'a> {
    pub fn new(recording: Option<&'a mut Recording>) -> Self {
        Self {
            recording,
            ..Self::default()
        }
    }
}

/// Pairs that were taken apart, coming together again: replies met alone so far.
#[derive(Default)]
pub(super) struct SplitPairs(HashMap<usize, ScoredReply>);

impl SplitPairs {
    /// The row's pair, chosen reply first, when this is its second reply.
    pub fn add_reply(&mut self, row: &Labelled, reply: ScoredReply) -> Option<(ScoredReply, ScoredReply)> {
        let pair = row.pair?;
        match self.0.remove(&pair) {
            Some(other) if row.good => Some((reply, other)),
            Some(other) => Some((other, reply)),
            None => {
                self.0.insert(pair, reply);
                None
            }
        }
    }
}
