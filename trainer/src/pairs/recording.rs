//! One evaluation's numbers, pair by pair, as they are written.

use super::most_moved::{MostMoved, MovedTokens};
use crate::error::{Error, Result};
use protocol::pairs::{Head, MOST_MOVED, Scores};
use std::sync::Arc;

/// A reply under the reference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReferenceReply<'a> {
    /// Of its tokens' log-probs.
    pub sum: f64,
    /// Of its tokens; empty: they are not known one by one.
    pub logps: &'a [f32],
}

/// What a reply has of the reference.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptReference {
    pub sum: f64,
    pub logps: Vec<f32>,
}

/// A reply with what a pass gave it.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoredReply {
    /// Of its tokens.
    pub logps: Vec<f32>,
    /// Their sum.
    pub sum: f64,
    pub reference: Option<KeptReference>,
}

impl ScoredReply {
    pub fn new(logps: &[f32], reference: Option<ReferenceReply>) -> Self {
        Self {
            logps: logps.to_vec(),
            sum: logps.iter().map(|&x| f64::from(x)).sum(),
            reference: reference.map(|of| KeptReference {
                sum: of.sum,
                logps: of.logps.to_vec(),
            }),
        }
    }

    /// Per token.
    pub fn average(&self) -> f64 {
        self.sum / self.logps.len().max(1) as f64
    }

    fn reference_sum(&self) -> Option<f32> {
        self.reference.as_ref().map(|of| of.sum as f32)
    }
}

/// What an evaluation gives the pairs that are kept, in their order.
pub struct Recording {
    heads: Arc<[Head]>,
    scores: Vec<u8>,
    /// The margins of the first evaluation; `None`: this is the first.
    first: Option<Vec<f32>>,
    /// Of the first evaluation, whose log-probs are kept of all tokens.
    logps: Vec<f32>,
    most_moved: MostMoved,
    /// Pairs so far, those that are not kept included.
    met: usize,
    /// Pairs that are kept without being known before.
    unknown: usize,
}

/// A whole recording.
pub(super) struct Recorded {
    /// Records of all pairs.
    pub scores: Vec<u8>,
    /// Log-probs of all tokens, of the first evaluation.
    pub logps: Vec<f32>,
    /// By their numbers.
    pub moved: Vec<MovedTokens>,
}

impl Recording {
    /// Of so many pairs, whose lengths nobody else keeps.
    pub fn of_all(pairs: usize) -> Self {
        Self {
            unknown: pairs,
            ..Self::new(Arc::new([]), None)
        }
    }

    pub(super) fn new(heads: Arc<[Head]>, first: Option<Vec<f32>>) -> Self {
        Self {
            scores: Vec::with_capacity(heads.len() * Scores::BYTES),
            heads,
            first,
            logps: vec![],
            most_moved: MostMoved::new(MOST_MOVED),
            met: 0,
            unknown: 0,
        }
    }

    /// # Errors
    /// The replies are not as long as those of the folder.
    pub fn pair(&mut self, chosen: &ScoredReply, rejected: &ScoredReply) -> Result<()> {
        let scores = Scores {
            // its sign decides, and stays as the metric has it
            margin: (chosen.average() - rejected.average()) as f32,
            chosen: chosen.sum as f32,
            rejected: rejected.sum as f32,
            ref_chosen: chosen.reference_sum(),
            ref_rejected: rejected.reference_sum(),
        };
        let pair = self.met;
        let Some(head) = self.next(scores) else { return Ok(()) };
        let lengths = [chosen.logps.len() as u64, rejected.logps.len() as u64];
        if lengths != [u64::from(head.chosen_tokens), u64::from(head.rejected_tokens)] {
            return Err(Error::internal("a held-out pair is not as long as it was"));
        }
        if head.token_at.is_none() {
            return Ok(());
        }
        let moved = match &self.first {
            Some(first) => first.get(pair).map_or(0.0, |first| (scores.margin - first).abs()),
            None => {
                self.logps.extend(chosen.logps.iter().chain(&rejected.logps));
                0.0
            }
        };
        if self.most_moved.wants(moved) {
            self.most_moved
                .add(MovedTokens::new(pair as u64, moved, [chosen, rejected]));
        }
        Ok(())
    }

    /// What a reward model gives replies, each chosen one before its rejected one.
    pub fn rewards(&mut self, values: &[f32]) {
        for pair in values.chunks_exact(2) {
            self.next(Scores {
                margin: (f64::from(pair[0]) - f64::from(pair[1])) as f32,
                chosen: pair[0],
                rejected: pair[1],
                ..Scores::default()
            });
        }
    }

    fn next(&mut self, scores: Scores) -> Option<Head> {
        let head = self.heads.get(self.met).copied();
        let kept = head.is_some() || self.met < self.unknown;
        self.met += 1;
        if kept {
            self.scores.extend(scores.encode());
        }
        head
    }

    /// How far each chosen reply is ahead.
    ///
    /// # Errors
    /// Not every pair was scored.
    pub fn margins(self) -> Result<Vec<f32>> {
        let pairs = self.unknown.max(self.heads.len());
        let margins = margins(&self.scores);
        match margins.len() == pairs {
            true => Ok(margins),
            false => Err(Error::internal("an evaluation left out held-out pairs")),
        }
    }

    pub(super) fn finish(self) -> Result<Recorded> {
        match self.met >= self.heads.len() {
            true => Ok(Recorded {
                scores: self.scores,
                logps: self.logps,
                moved: self.most_moved.finish(),
            }),
            false => Err(Error::internal("an evaluation left out held-out pairs")),
        }
    }
}

/// The margins of an evaluation's records.
pub(super) fn margins(scores: &[u8]) -> Vec<f32> {
    let scores = scores.chunks_exact(Scores::BYTES).filter_map(Scores::decode);
    scores.map(|scores| scores.margin).collect()
}
