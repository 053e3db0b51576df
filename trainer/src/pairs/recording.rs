//! One evaluation's numbers, pair by pair, as they are written.

use crate::error::{Error, Result};
use crate::loss::ScoredPair;
use protocol::pairs::{Head, Scores};
use std::sync::Arc;

/// A reply with what a pass gave it.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoredReply {
    /// Of its tokens.
    pub logps: Vec<f32>,
    /// Their sum.
    pub sum: f64,
    /// The reference's sum.
    pub reference: Option<f64>,
}

impl ScoredReply {
    pub fn new(logps: &[f32], reference: Option<f64>) -> Self {
        Self {
            logps: logps.to_vec(),
            sum: logps.iter().map(|&x| f64::from(x)).sum(),
            reference,
        }
    }

    /// Per token.
    pub fn average(&self) -> f64 {
        self.sum / self.logps.len().max(1) as f64
    }
}

/// What an evaluation gives the pairs that are kept, in their order.
pub struct Recording {
    heads: Arc<[Head]>,
    scores: Vec<u8>,
    logps: Vec<f32>,
    /// Pairs so far, those that are not kept included.
    met: usize,
    /// Pairs that are kept without being known before.
    unknown: usize,
}

impl Recording {
    /// Of so many pairs, whose lengths nobody else keeps.
    pub fn of_all(pairs: usize) -> Self {
        Self {
            unknown: pairs,
            ..Self::new(Arc::new([]))
        }
    }

    pub(super) fn new(heads: Arc<[Head]>) -> Self {
        Self {
            scores: Vec::with_capacity(heads.len() * Scores::BYTES),
            heads,
            logps: vec![],
            met: 0,
            unknown: 0,
        }
    }

    pub fn pairs(&mut self, pairs: &[ScoredPair]) -> Result<()> {
        for pair in pairs {
            let chosen = ScoredReply::new(pair.chosen.logps, pair.reference.map(|r| r.chosen));
            let rejected = ScoredReply::new(pair.rejected.logps, pair.reference.map(|r| r.rejected));
            self.pair(&chosen, &rejected)?;
        }
        Ok(())
    }

    /// # Errors
    /// The replies are not as long as those of the folder.
    pub fn pair(&mut self, chosen: &ScoredReply, rejected: &ScoredReply) -> Result<()> {
        let scores = Scores {
            // its sign decides, and stays as the metric has it
            margin: (chosen.average() - rejected.average()) as f32,
            chosen: chosen.sum as f32,
            rejected: rejected.sum as f32,
            ref_chosen: chosen.reference.map(|sum| sum as f32),
            ref_rejected: rejected.reference.map(|sum| sum as f32),
        };
        let Some(head) = self.next(scores) else { return Ok(()) };
        let lengths = [chosen.logps.len() as u64, rejected.logps.len() as u64];
        if lengths != [u64::from(head.chosen_tokens), u64::from(head.rejected_tokens)] {
            return Err(Error::internal("a held-out pair is not as long as it was"));
        }
        if head.token_at.is_some() {
            self.logps.extend(chosen.logps.iter().chain(&rejected.logps));
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
        let scores = self.scores.chunks_exact(Scores::BYTES).filter_map(Scores::decode);
        let margins: Vec<f32> = scores.map(|scores| scores.margin).collect();
        match margins.len() == pairs {
            true => Ok(margins),
            false => Err(Error::internal("an evaluation left out held-out pairs")),
        }
    }

    /// Records of all pairs, and the log-probs of tokens that are kept.
    pub(super) fn finish(self) -> Result<(Vec<u8>, Vec<f32>)> {
        match self.met >= self.heads.len() {
            true => Ok((self.scores, self.logps)),
            false => Err(Error::internal("an evaluation left out held-out pairs")),
        }
    }
}
