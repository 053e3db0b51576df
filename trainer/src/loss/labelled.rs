//! Losses over single replies labelled good or bad: from scored rows to a loss, its derivatives and what is logged.

use super::scalar::ValueAndGrad;
use super::{BatchLoss, Running, ScoredPair, Values, WeightedMean, bco, count, kto, sum};
use protocol::config::{Kto, KtoLoss};

/// What a loss sees of a row: its label, and the log-ratios (summed log-prob under the policy, less the reference's) of
/// its reply and of a mismatched one, the reply of another row after this row's prompt.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LabelledReply {
    pub good: bool,
    pub log_ratio: f64,
    pub mismatched_log_ratio: f64,
}

/// A reply's loss, and the derivative of the batch's *mean* loss by its log-ratio.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReplyLoss {
    pub loss: f64,
    pub d_log_ratio: f64,
}

/// A loss of one reply at a time: `f` gives a reply's own loss and its derivative by the log-ratio.
pub(super) fn each_reply(replies: &[LabelledReply], f: impl Fn(&LabelledReply) -> ValueAndGrad) -> Vec<ReplyLoss> {
    let n = replies.len() as f64;
    let of_reply = |reply| {
        let own = f(reply);
        ReplyLoss {
            loss: own.value,
            d_log_ratio: own.grad / n,
        }
    };
    replies.iter().map(of_reply).collect()
}

/// A micro-batch as the model scored it: `chosen` of each pair is the row's reply, `rejected` the mismatched one.
/// `good` has a label per row.
#[derive(Debug, Clone, Copy)]
pub struct Labels<'a> {
    pub rows: &'a [ScoredPair<'a>],
    pub good: &'a [bool],
}

impl Labels<'_> {
    fn replies(&self) -> Vec<LabelledReply> {
        let reply = |(row, &good): (&ScoredPair, &bool)| {
            let reference = row.reference.unwrap_or_default();
            LabelledReply {
                good,
                log_ratio: sum(row.chosen.logps) - reference.chosen,
                mismatched_log_ratio: sum(row.rejected.logps) - reference.rejected,
            }
        };
        self.rows.iter().zip(self.good).map(reply).collect()
    }

    /// Adds the batch's rewards to the running mean that BCO compares rewards with; nothing for KTO.
    pub fn observe(&self, spec: &Kto, running: &mut Running) {
        if spec.loss == KtoLoss::Bco {
            let replies = self.replies();
            let rewards: Vec<_> = replies.iter().map(|reply| spec.beta * reply.log_ratio).collect();
            running.add(&rewards);
        }
    }

    /// The loss, a mean over rows. `running` must already include this batch ([`Labels::observe`]) where it is trained
    /// on.
    ///
    /// `pref_ftx` adds the good replies' cross entropy, each averaged over its own tokens, then over the good rows,
    /// times all rows over good rows, as LLaMA-Factory does.
    pub fn loss(&self, spec: &Kto, running: &Running) -> BatchLoss {
        let replies = self.replies();
        let n = replies.len() as f64;
        let good = replies.iter().filter(|reply| reply.good).count() as f64;
        let ftx = spec.ftx * n / (good * good).max(1.0);
        let (losses, name, reference_point) = match spec.loss {
            KtoLoss::Kto {
                chosen_weight,
                rejected_weight,
            } => {
                let kl = kto::kl_estimate(&replies);
                let weights = kto::Weights {
                    desirable: chosen_weight,
                    undesirable: rejected_weight,
                };
                (kto::loss(spec.beta, weights, kl, &replies), "kl", kl)
            }
            KtoLoss::Bco => (bco::loss(spec.beta, running.mean(), &replies), "delta", running.mean()),
        };
        let mut d_logp = Vec::new();
        let mut loss = 0.0;
        for ((row, reply), own) in self.rows.iter().zip(&replies).zip(&losses) {
            loss += own.loss / n;
            let length = count(row.chosen);
            let mut d_token = own.d_log_ratio;
            if reply.good {
                loss -= ftx * sum(row.chosen.logps) / length;
                d_token -= ftx / length;
            }
            d_logp.extend(row.chosen.logps.iter().map(|_| d_token as f32));
            // the mismatched reply only sets the reference point, a constant
            d_logp.extend(row.rejected.logps.iter().map(|_| 0.0));
        }
        BatchLoss {
            loss,
            d_logp,
            d_value: vec![],
            values: Values::from([(name, reference_point)]),
            weighted: self.weighted(spec.beta, &replies),
        }
    }

    /// Means over the good replies and over the bad ones, weighted by how many replies (of logits: tokens) they are of.
    fn weighted(&self, beta: f64, replies: &[LabelledReply]) -> Vec<WeightedMean> {
        let mut out = Vec::new();
        let mut add = |name, mean, weight| out.push(WeightedMean { name, mean, weight });
        for (good, names) in [(true, CHOSEN), (false, REJECTED)] {
            let rows: Vec<_> = self
                .rows
                .iter()
                .zip(replies)
                .filter(|(_, reply)| reply.good == good)
                .collect();
            let n = rows.len() as f64;
            add(names.count, n, 1.0);
            if rows.is_empty() {
                continue;
            }
            let rewards: f64 = rows.iter().map(|(_, reply)| beta * reply.log_ratio).sum();
            let logps: f64 = rows.iter().map(|(row, _)| sum(row.chosen.logps)).sum();
            let tokens: f64 = rows.iter().map(|(row, _)| row.chosen.mean_logits.len() as f64).sum();
            let logits: f64 = rows.iter().map(|(row, _)| sum(row.chosen.mean_logits)).sum();
            add(names.rewards, rewards / n, n);
            add(names.logps, logps / n, n);
            add(names.logits, logits / tokens.max(1.0), tokens);
        }
        out
    }
}

/// What is logged of the replies with one label, by name.
struct MetricNames {
    rewards: &'static str,
    logps: &'static str,
    logits: &'static str,
    count: &'static str,
}

const CHOSEN: MetricNames = MetricNames {
    rewards: "rewards/chosen",
    logps: "logps/chosen",
    logits: "logits/chosen",
    count: "count/chosen",
};

const REJECTED: MetricNames = MetricNames {
    rewards: "rewards/rejected",
    logps: "logps/rejected",
    logits: "logits/rejected",
    count: "count/rejected",
};
