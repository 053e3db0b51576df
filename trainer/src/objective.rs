//! What a stage trains towards: the loss of a scored batch, and the forward pass that gives what the loss is made of.

use crate::data::Examples;
use crate::loss::{self, BatchLoss, Labels, RefLogps, Running, ScoredPair, Side, Tokens};
use crate::model::{ForwardOptions, Scored};
use crate::plan::Plan;
use protocol::config::{Kto, Method, Preference, TokenWeights};

/// What scores a batch: the loss, with what it is divided by.
#[derive(Debug, Clone, Copy)]
pub enum Objective<'a> {
    Preference(&'a Preference),
    Feedback(&'a Kto),
    Reward,
    /// Cross entropy over this many tokens.
    Supervised {
        tokens: usize,
        weights: TokenWeights,
    },
}

/// A batch as it was scored.
#[derive(Clone, Copy)]
pub struct Batch<'a> {
    pub examples: &'a Examples,
    pub plan: &'a Plan,
    pub scored: &'a Scored,
    pub reference: Option<&'a [RefLogps]>,
}

impl<'a> Batch<'a> {
    pub fn pairs(&self) -> Vec<ScoredPair<'a>> {
        pairs(self.plan, self.scored, self.reference)
    }

    fn good(&self) -> Vec<bool> {
        match self.examples {
            Examples::Labelled(all) => all.iter().map(|row| row.good).collect(),
            _ => vec![],
        }
    }
}

impl<'a> Objective<'a> {
    pub fn new(method: &'a Method, tokens: usize) -> Self {
        match method {
            Method::Preference(preference) => Self::Preference(preference),
            Method::Kto(kto) => Self::Feedback(kto),
            Method::Reward(_) => Self::Reward,
            &Method::Supervised { weights, .. } => Self::Supervised { tokens, weights },
            // PPO has a step and an evaluation of its own
            Method::Ppo(_) | Method::Pretrain { .. } => Self::Supervised {
                tokens,
                weights: TokenWeights::Even,
            },
        }
    }

    /// A pass of the policy that gives what this loss is made of.
    pub fn scoring(self) -> ForwardOptions {
        let weights = match self {
            Self::Supervised { weights, .. } => weights,
            Self::Preference(_) | Self::Feedback(_) | Self::Reward => TokenWeights::Even,
        };
        ForwardOptions {
            log_collision_probs: matches!(self, Self::Preference(spec) if spec.weighting),
            entropies: matches!(weights, TokenWeights::Entropy { .. }),
            ..ForwardOptions::policy()
        }
    }

    /// Takes a batch that is trained on into the running mean, before its loss.
    pub fn observe(self, batch: &Batch, running: &mut Running) {
        match self {
            Self::Preference(spec) => loss::observe(spec, &batch.pairs(), running),
            Self::Feedback(spec) => {
                let labels = (batch.pairs(), batch.good());
                Labels {
                    rows: &labels.0,
                    good: &labels.1,
                }
                .observe(spec, running);
            }
            Self::Reward | Self::Supervised { .. } => {}
        }
    }

    /// The loss of a scored batch. Pairs and labelled replies under cross entropy count with the chosen side.
    pub fn loss(self, batch: &Batch, running: &Running) -> BatchLoss {
        match (self, batch.examples) {
            (Self::Preference(spec), _) => loss::preference(spec, &batch.pairs(), running),
            (Self::Reward, _) => loss::reward::loss(&batch.scored.values),
            (Self::Feedback(spec), _) => {
                let labels = (batch.pairs(), batch.good());
                Labels {
                    rows: &labels.0,
                    good: &labels.1,
                }
                .loss(spec, running)
            }
            (Self::Supervised { tokens, weights }, Examples::Sequences(_)) => {
                let all = Tokens {
                    logps: &batch.scored.logps,
                    entropies: &batch.scored.entropies,
                };
                loss::supervised(weights, all, tokens)
            }
            (Self::Supervised { tokens, weights }, _) => {
                let rows = (0..batch.plan.sequence_count() / 2).map(|i| batch.plan.sequence_rows(2 * i));
                let chosen = |of: &[f32]| -> Vec<f32> {
                    let rows = rows.clone().filter_map(|rows| of.get(rows));
                    rows.flatten().copied().collect()
                };
                let chosen = Tokens {
                    logps: &chosen(&batch.scored.logps),
                    entropies: &chosen(&batch.scored.entropies),
                };
                loss::supervised(weights, chosen, tokens)
            }
        }
    }
}

/// The pairs of a plan with what the model and the reference gave them.
fn pairs<'a>(plan: &Plan, scored: &'a Scored, reference: Option<&[RefLogps]>) -> Vec<ScoredPair<'a>> {
    let side = |sequence| {
        let rows = plan.sequence_rows(sequence);
        Side {
            logps: &scored.logps[rows.clone()],
            mean_logits: &scored.mean_logits[rows.clone()],
            log_collision_probs: scored.log_collision_probs.get(rows).unwrap_or_default(),
        }
    };
    (0..plan.sequence_count() / 2)
        .map(|i| ScoredPair {
            chosen: side(2 * i),
            rejected: side(2 * i + 1),
            reference: reference.map(|r| r[i]),
        })
        .collect()
}
