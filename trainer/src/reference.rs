//! The reference model's log-probs: computed beside each batch, or once before training and kept for later runs.

mod store;

pub use store::{LogpCache, Scorer, precompute};

use crate::error::Result;
use crate::loss::RefLogps;
use crate::model::{DeviceScores, ForwardOptions, Mode, Model, Scored};
use crate::plan::{DevicePlan, Plan};
use std::sync::Arc;

/// Where the reference's log-probs come from.
pub enum Reference {
    /// The loss needs none.
    None,
    /// The weights the run started from, which the trained model keeps beside its own.
    Start { forwards: u64 },
    /// Another model.
    Model { model: Box<Model>, forwards: u64 },
    /// Stored, by the hash of a row.
    Stored {
        train: Vec<StoredRow>,
        eval: Vec<StoredRow>,
        forwards: u64,
    },
}

/// What is stored of a row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StoredRow {
    pub sums: RefLogps,
    /// Of single tokens, sequence by sequence; `None`: they are not kept.
    tokens: Option<Arc<[f32]>>,
}

/// Which rows are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    Train,
    Eval,
}

impl Split {
    /// What passes over its rows are for, the reference's as the policy's.
    pub fn mode(self) -> Mode {
        match self {
            Self::Train => Mode::Training,
            Self::Eval => Mode::Inference,
        }
    }
}

impl Reference {
    /// What is known of a batch's pairs, computed or begun to be. `plan` is the plan of `rows`.
    pub fn scores(
        &mut self,
        model: &mut Model,
        plan: &DevicePlan,
        split: Split,
        rows: &[usize],
    ) -> Result<ReferenceScores> {
        Ok(match self {
            Self::None => ReferenceScores::None,
            Self::Start { .. } | Self::Model { .. } => {
                ReferenceScores::OnDevice(self.pass(model, plan, split.mode())?)
            }
            Self::Stored { train, eval, .. } => {
                let of = if split == Split::Train { train } else { eval };
                ReferenceScores::Known(rows.iter().map(|&row| of[row].clone()).collect())
            }
        })
    }

    /// A pass of the reference over a plan, which no store holds.
    pub fn pass(&mut self, model: &mut Model, plan: &DevicePlan, mode: Mode) -> Result<DeviceScores> {
        let (model, options) = match self {
            Self::Model { model, forwards } => {
                *forwards += 1;
                (&mut **model, ForwardOptions::policy())
            }
            Self::Start { forwards } => {
                *forwards += 1;
                (model, ForwardOptions::reference())
            }
            Self::None | Self::Stored { .. } => (model, ForwardOptions::reference()),
        };
        model.forward_on_device(plan, options.within(mode))
    }

    /// Forward passes of the reference so far.
    pub fn forwards(&self) -> u64 {
        match self {
            Self::None => 0,
            Self::Start { forwards } | Self::Model { forwards, .. } | Self::Stored { forwards, .. } => *forwards,
        }
    }
}

/// The reference's log-probs of a batch before they are asked for.
pub enum ReferenceScores {
    /// The loss needs none.
    None,
    Known(Vec<StoredRow>),
    OnDevice(DeviceScores),
}

/// The reference's log-probs of a batch.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReferenceLogps {
    /// Of each row's replies.
    pub sums: Vec<RefLogps>,
    /// Of single tokens, in the places of the policy's, and not a number where one is not known; empty: none is.
    pub tokens: Vec<f32>,
}

impl ReferenceLogps {
    fn stored(rows: &[StoredRow], plan: &Plan) -> Self {
        let sums = rows.iter().map(|row| row.sums).collect();
        if rows.iter().all(|row| row.tokens.is_none()) {
            return Self { sums, tokens: vec![] };
        }
        let mut tokens = vec![];
        for (i, row) in rows.iter().enumerate() {
            let count = plan.sequence_rows(2 * i).len() + plan.sequence_rows(2 * i + 1).len();
            match &row.tokens {
                Some(known) if known.len() == count => tokens.extend_from_slice(known),
                _ => tokens.resize(tokens.len() + count, f32::NAN),
            }
        }
        Self { sums, tokens }
    }
}

impl ReferenceScores {
    /// Brings the policy's scores of the plan to the host and these with them, with one wait.
    pub fn read_with(self, policy: DeviceScores, plan: &Plan) -> Result<(Scored, Option<ReferenceLogps>)> {
        Ok(match self {
            Self::None => (policy.read()?, None),
            Self::Known(rows) => (policy.read()?, Some(ReferenceLogps::stored(&rows, plan))),
            Self::OnDevice(reference) => {
                let [policy, reference] = DeviceScores::read_together([policy, reference])?;
                let sums = sums_of_pairs(plan, &reference);
                let tokens = reference.logps;
                (policy, Some(ReferenceLogps { sums, tokens }))
            }
        })
    }
}

/// Summed log-probs of a plan of pairs.
fn sums_of_pairs(plan: &Plan, scored: &Scored) -> Vec<RefLogps> {
    let sums = plan.sum_by_sequence(&scored.logps);
    let pair = |s: &[f64]| RefLogps {
        chosen: s[0],
        rejected: s[1],
    };
    sums.chunks_exact(2).map(pair).collect()
}
