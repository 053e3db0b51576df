//! Losses over single replies labelled good or bad: from scored rows to a value, coefficients and what is logged.

use super::{BatchLoss, Running, ScoredPair, Values, bco, count, kto, sum};
use protocol::config::{Kto, KtoLoss};

/// What a loss sees of a row: its reply's log-ratio, policy minus reference, and that of the mismatched reply.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    pub good: bool,
    pub ratio: f64,
    pub other_ratio: f64,
}

/// A reply's loss, and the derivative of the batch's *mean* loss by its log-ratio.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slope {
    pub loss: f64,
    pub slope: f64,
}

/// A loss that looks at one reply at a time: `f` gives value and derivative.
pub(super) fn each_reply(replies: &[Judged], f: impl Fn(&Judged) -> (f64, f64)) -> Vec<Slope> {
    let n = replies.len() as f64;
    let slope = |reply| {
        let (loss, slope) = f(reply);
        Slope { loss, slope: slope / n }
    };
    replies.iter().map(slope).collect()
}

/// A micro-batch as the model scored it: `chosen` of each pair is the row's reply, `rejected` the mismatched one.
#[derive(Debug, Clone, Copy)]
pub struct Labels<'a> {
    pub rows: &'a [ScoredPair<'a>],
    pub good: &'a [bool],
}

impl Labels<'_> {
    fn judged(&self) -> Vec<Judged> {
        let judge = |(row, &good): (&ScoredPair, &bool)| {
            let reference = row.reference.unwrap_or_default();
            Judged {
                good,
                ratio: sum(row.chosen.logps) - reference.chosen,
                other_ratio: sum(row.rejected.logps) - reference.rejected,
            }
        };
        self.rows.iter().zip(self.good).map(judge).collect()
    }

    /// Takes the batch's rewards into the running mean that BCO compares with.
    pub fn observe(&self, spec: &Kto, running: &mut Running) {
        if spec.loss == KtoLoss::Bco {
            let rewards = self
                .judged()
                .iter()
                .map(|reply| spec.beta * reply.ratio)
                .collect::<Vec<_>>();
            running.add(&rewards);
        }
    }

    /// The loss; `running` has seen this batch where it is trained on.
    ///
    /// `pref_ftx` adds the good replies' mean cross entropy per token, each by its own length, times rows over good
    /// rows, as LLaMA-Factory does.
    pub fn loss(&self, spec: &Kto, running: &Running) -> BatchLoss {
        let judged = self.judged();
        let n = judged.len() as f64;
        let good = judged.iter().filter(|reply| reply.good).count() as f64;
        let imitate = spec.ftx * n / (good * good).max(1.0);
        let (slopes, name, baseline) = match spec.loss {
            KtoLoss::Kto {
                chosen_weight,
                rejected_weight,
            } => {
                let kl = kto::baseline(&judged);
                let weights = (chosen_weight, rejected_weight);
                (kto::loss(spec.beta, weights, kl, &judged), "kl", kl)
            }
            KtoLoss::Bco => (bco::loss(spec.beta, running.mean(), &judged), "delta", running.mean()),
        };
        let mut d_logp = Vec::new();
        let mut loss = 0.0;
        for ((row, reply), slope) in self.rows.iter().zip(&judged).zip(&slopes) {
            loss += slope.loss / n;
            let length = count(row.chosen);
            let mut coefficient = slope.slope;
            if reply.good {
                loss -= imitate * sum(row.chosen.logps) / length;
                coefficient -= imitate / length;
            }
            d_logp.extend(row.chosen.logps.iter().map(|_| coefficient as f32));
            d_logp.extend(row.rejected.logps.iter().map(|_| 0.0));
        }
        BatchLoss {
            loss,
            d_logp,
            d_value: vec![],
            values: Values::from([(name, baseline)]),
            weighted: self.weighted(spec.beta, &judged),
        }
    }

    /// Means over the good replies and over the bad ones, each weighing as many as there are.
    fn weighted(&self, beta: f64, judged: &[Judged]) -> Vec<(&'static str, f64, f64)> {
        let mut out = Vec::new();
        for (good, names) in [
            (
                true,
                ["rewards/chosen", "logps/chosen", "logits/chosen", "count/chosen"],
            ),
            (
                false,
                [
                    "rewards/rejected",
                    "logps/rejected",
                    "logits/rejected",
                    "count/rejected",
                ],
            ),
        ] {
            let rows: Vec<_> = self
                .rows
                .iter()
                .zip(judged)
                .filter(|(_, reply)| reply.good == good)
                .collect();
            let n = rows.len() as f64;
            out.push((names[3], n, 1.0));
            if rows.is_empty() {
                continue;
            }
            let rewards: f64 = rows.iter().map(|(_, reply)| beta * reply.ratio).sum();
            let logps: f64 = rows.iter().map(|(row, _)| sum(row.chosen.logps)).sum();
            let tokens: f64 = rows.iter().map(|(row, _)| row.chosen.mean_logits.len() as f64).sum();
            let logits: f64 = rows.iter().map(|(row, _)| sum(row.chosen.mean_logits)).sum();
            out.push((names[0], rewards / n, n));
            out.push((names[1], logps / n, n));
            out.push((names[2], logits / tokens.max(1.0), tokens));
        }
        out
    }
}
