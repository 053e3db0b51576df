//! What a stage trains towards: the loss of a scored batch, and the forward pass that gives what the loss is made of.

use crate::data::Examples;
use crate::loss::{self, BatchLoss, Labels, RefLogps, Running, ScoredPair, Side, Tokens};
use crate::model::{ForwardOptions, Scored};
use crate::plan::Plan;
use protocol::config::{Kto, Method, Preference, TokenWeights};

/// What TRL calls it.
pub const TOKEN_ACCURACY: &str = "mean_token_accuracy";
/// The same.
pub const ENTROPY: &str = "entropy";

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
            top_entropies: matches!(weights, TokenWeights::Entropy { .. }),
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
        let mut found = self.loss_alone(batch, running);
        let told = [
            (TOKEN_ACCURACY, self.token_accuracy(batch)),
            (ENTROPY, self.entropy(batch)),
        ];
        let told = told.into_iter().filter_map(|(name, mean)| Some((name, mean?)));
        found
            .weighted
            .extend(told.map(|(name, TokenMean { value, tokens })| (name, value, tokens)));
        found
    }

    /// Of the tokens that a batch's text teaches (of pairs: the chosen replies'), the share that are the policy's likeliest; as
    /// TRL's `mean_token_accuracy`. `None` of methods whose rows teach no text.
    fn token_accuracy(self, batch: &Batch) -> Option<TokenMean> {
        let step = match (self, batch.examples) {
            (Self::Supervised { .. }, Examples::Sequences(_)) => 1,
            (Self::Supervised { .. }, _) | (Self::Preference(_), _) => 2,
            (Self::Feedback(_) | Self::Reward, _) => return None,
        };
        let hit = |row| f64::from(u8::from(batch.scored.is_likeliest(row)));
        TokenMean::of(batch, step, hit)
    }

    /// Of the tokens that a batch's loss is made of (of pairs: both replies'), the mean entropy of what may come in their place, in
    /// nats; as TRL's `entropy`. `None` of methods that ask for no log-probs.
    fn entropy(self, batch: &Batch) -> Option<TokenMean> {
        let step = match (self, batch.examples) {
            (Self::Supervised { .. }, Examples::Sequences(_)) | (Self::Preference(_), _) => 1,
            // a labelled reply stands beside a mismatched one, which is no part of it
            (Self::Supervised { .. } | Self::Feedback(_), _) => 2,
            (Self::Reward, _) => return None,
        };
        TokenMean::of(batch, step, |row| f64::from(batch.scored.entropies[row]))
    }

    fn loss_alone(self, batch: &Batch, running: &Running) -> BatchLoss {
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
                    entropies: &batch.scored.top_entropies,
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
                    entropies: &chosen(&batch.scored.top_entropies),
                };
                loss::supervised(weights, chosen, tokens)
            }
        }
    }
}

/// A mean over tokens, and how many they are.
#[derive(Debug, Clone, Copy, PartialEq)]
struct TokenMean {
    value: f64,
    tokens: f64,
}

impl TokenMean {
    /// Over the counted tokens of each `step`th sequence of a batch; `None` of no token.
    fn of(batch: &Batch, step: usize, value: impl Fn(usize) -> f64) -> Option<Self> {
        let rows = (0..batch.plan.sequence_count()).step_by(step);
        let rows = rows.flat_map(|sequence| batch.plan.sequence_rows(sequence));
        let (sum, tokens) = rows.fold((0.0, 0.0), |(sum, tokens), row| (sum + value(row), tokens + 1.0));
        (tokens > 0.0).then(|| Self {
            value: sum / tokens,
            tokens,
        })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::PairTokens;
    use protocol::config::{Against, Divergence};

    #[test]
    fn of_pairs_the_token_accuracy_is_that_of_the_chosen_replies_and_the_entropy_that_of_both() {
        let pair = PairTokens {
            prompt: &[5],
            chosen: &[7, 8, 9],
            rejected: &[1, 2],
        };
        let plan = Plan::pairs(&[pair]).expect("a plan");
        let scored = Scored {
            logps: vec![-1.0, -2.0, -0.5, -3.0, -3.0],
            likeliest: vec![-1.0, -1.0, -0.5, -1.0, -1.0],
            entropies: vec![1.0, 2.0, 3.0, 5.0, 9.0],
            ..Scored::default()
        };
        let of = |objective: Objective, examples| {
            let batch = Batch {
                examples: &examples,
                plan: &plan,
                scored: &scored,
                reference: None,
            };
            [objective.token_accuracy(&batch), objective.entropy(&batch)]
        };
        let mean = |value, tokens| Some(TokenMean { value, tokens });
        let supervised = Objective::Supervised {
            tokens: 5,
            weights: TokenWeights::Even,
        };
        let chosen = of(supervised, Examples::Pairs(vec![]));
        assert_eq!(chosen, [mean(2.0 / 3.0, 3.0), mean(2.0, 3.0)]);
        let all = of(supervised, Examples::Sequences(vec![]));
        assert_eq!(all, [mean(2.0 / 5.0, 5.0), mean(4.0, 5.0)]);
        let preference = Preference {
            parts: vec![],
            beta: 0.1,
            ftx: 0.0,
            nll: 0.0,
            ld_alpha: None,
            divergence: Divergence::ReverseKl,
            weighting: false,
            reference: Against::Nothing,
        };
        let pairs = of(Objective::Preference(&preference), Examples::Pairs(vec![]));
        assert_eq!(pairs, [mean(2.0 / 3.0, 3.0), mean(4.0, 5.0)]);
        assert_eq!(of(Objective::Reward, Examples::Ranked(vec![])), [None, None]);
    }
}
