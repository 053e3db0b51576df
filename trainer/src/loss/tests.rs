//! Every preference loss on ragged batches, and metrics worked by hand.

mod derivatives;
mod shape;

use super::*;
use protocol::config::{Divergence, Part, ReferenceSpec};

pub fn close(got: f64, want: f64) {
    assert!((got - want).abs() <= 1e-9 * (1.0 + want.abs()), "{got} is not {want}");
}

pub fn pair(chosen: f64, rejected: f64, ref_chosen: f64, ref_rejected: f64) -> Pair {
    Pair {
        chosen,
        rejected,
        ref_chosen,
        ref_rejected,
    }
}

/// Margins under reverse KL.
pub fn kl_margins(pairs: &[Pair]) -> Vec<Margin> {
    margins(Divergence::ReverseKl, pairs)
}

/// Every loss once.
const ALL: [PrefLoss; 17] = [
    PrefLoss::Sigmoid { label_smoothing: 0.0 },
    PrefLoss::Hinge,
    PrefLoss::Ipo,
    PrefLoss::KtoPair {
        chosen_weight: 1.0,
        rejected_weight: 1.5,
    },
    PrefLoss::Orpo,
    PrefLoss::Simpo { gamma: 0.5 },
    PrefLoss::Cpo { label_smoothing: 0.0 },
    PrefLoss::Robust { label_smoothing: 0.2 },
    PrefLoss::ExoPair { label_smoothing: 1e-3 },
    PrefLoss::NcaPair,
    PrefLoss::BcoPair,
    PrefLoss::SppoHard,
    PrefLoss::Aot { label_smoothing: 0.0 },
    PrefLoss::AotPair { label_smoothing: 0.0 },
    PrefLoss::ApoZero,
    PrefLoss::ApoDown,
    PrefLoss::Discopop { tau: 0.05 },
];

/// A loss alone, without options.
fn alone(loss: PrefLoss) -> Preference {
    Preference {
        parts: vec![Part { loss, weight: 1.0 }],
        beta: 0.3,
        ftx: 0.0,
        nll: 0.0,
        ld_alpha: None,
        divergence: Divergence::ReverseKl,
        weighting: false,
        reference: match loss.declared().needs_reference {
            true => ReferenceSpec::Start { precompute: false },
            false => ReferenceSpec::Nothing,
        },
    }
}

/// Every loss, and every option with each loss it belongs to.
fn variants() -> Vec<Preference> {
    let mut all = vec![];
    for loss in ALL {
        let plain = alone(loss);
        let summing = loss.declared().needs_reference && !loss.declared().averages;
        let coupled = loss.declared().coupled;
        let with = |change: &dyn Fn(&mut Preference)| {
            let mut changed = alone(loss);
            change(&mut changed);
            changed
        };
        all.push(plain);
        all.push(with(&|p| p.ftx = 0.8));
        all.push(with(&|p| p.nll = 0.7));
        if summing {
            all.push(with(&|p| p.ld_alpha = Some(0.4)));
            all.push(with(&|p| p.ld_alpha = Some(0.0)));
            all.push(with(&|p| {
                p.parts[0].weight = 0.6;
                p.parts.push(Part {
                    loss: PrefLoss::NcaPair,
                    weight: 0.4,
                });
                (p.nll, p.ftx) = (0.5, 0.2);
            }));
        }
        if of_margin(loss) {
            all.push(with(&|p| p.divergence = Divergence::JensenShannon));
            all.push(with(&|p| p.divergence = Divergence::Alpha { coefficient: 0.5 }));
        }
        if !coupled {
            all.push(with(&|p| {
                p.weighting = true;
                p.nll = 0.3;
            }));
        }
    }
    for label_smoothing in [0.1, 0.4] {
        all.push(alone(PrefLoss::Sigmoid { label_smoothing }));
        all.push(alone(PrefLoss::ExoPair { label_smoothing }));
        all.push(alone(PrefLoss::Aot { label_smoothing }));
        all.push(alone(PrefLoss::AotPair { label_smoothing }));
    }
    all
}

/// Without a reference CPO's margin is one too, and the arithmetic does not ask which.
fn of_margin(loss: PrefLoss) -> bool {
    loss.declared().f_divergence || matches!(loss, PrefLoss::Cpo { .. })
}

/// Ragged log-probs of three pairs, with the reference beside them.
struct Batch {
    rows: Vec<[Vec<f32>; 2]>,
    reference: Vec<RefLogps>,
    running: Running,
}

impl Batch {
    fn ragged() -> Self {
        let rows = vec![
            [vec![-0.5, -1.25, -0.75], vec![-1.5, -0.25, -2.0, -0.5, -1.0]],
            [vec![-2.0], vec![-0.125, -0.5]],
            [vec![-0.5, -0.375, -1.0, -0.625], vec![-0.75]],
        ];
        let reference = [(-3.0, -4.5), (-1.5, -1.0), (-2.0, -1.75)]
            .map(|(chosen, rejected)| RefLogps { chosen, rejected })
            .to_vec();
        Self {
            rows,
            reference,
            running: Running::default(),
        }
    }

    /// The policy where the reference is.
    fn at_reference() -> Self {
        let mut batch = Self::ragged();
        for (rows, reference) in batch.rows.iter().zip(&mut batch.reference) {
            reference.chosen = sum(&rows[0]);
            reference.rejected = sum(&rows[1]);
        }
        batch
    }

    fn loss(&self, spec: &Preference) -> BatchLoss {
        let scored = self.scored(spec);
        let mut running = self.running;
        observe(spec, &scored, &mut running);
        let mut batch = preference(spec, &scored, &running);
        batch.values.extend(preferences(&scored));
        batch
    }

    /// The loss with WPO's weights held where they were.
    fn weighted_loss(&self, spec: &Preference, weights: &[f64]) -> f64 {
        if !spec.weighting {
            return self.loss(spec).loss;
        }
        let scored = self.scored(spec);
        let pairs: Vec<_> = scored.iter().map(|p| ReducedPair::new(spec, p).pair).collect();
        let losses = pair_losses(spec, &pairs, &self.running);
        let nll = spec.nll * nll(&scored).mean;
        losses
            .iter()
            .zip(weights)
            .map(|(pair, w)| w * (pair.loss + nll))
            .sum::<f64>()
            / weights.len() as f64
    }

    fn scored(&self, spec: &Preference) -> Vec<ScoredPair<'_>> {
        // any numbers that tell the tokens apart; constants to the gradient
        const COLLISIONS: [f32; 5] = [-1.5, -0.25, -1.0, -0.75, -2.0];
        fn side(logps: &[f32]) -> Side<'_> {
            Side {
                logps,
                mean_logits: logps,
                log_collision_probs: &COLLISIONS[..logps.len()],
            }
        }
        self.rows
            .iter()
            .zip(&self.reference)
            .map(|([chosen, rejected], &reference)| ScoredPair {
                chosen: side(chosen),
                rejected: side(rejected),
                reference: spec.reference.needed().then_some(reference),
            })
            .collect()
    }

    fn swapped(mut self) -> Self {
        self.rows.iter_mut().for_each(|r| r.swap(0, 1));
        for r in &mut self.reference {
            std::mem::swap(&mut r.chosen, &mut r.rejected);
        }
        self
    }
}

#[test]
fn metrics_worked_by_hand() {
    let dpo = Batch::ragged().loss(&alone(ALL[0]));
    // c = -2.5, -2, -2.5; r = -5.25, -0.625, -0.75; u = 0.5, -0.5, -0.5; v = -0.75, 0.375, 1
    close(dpo.values["rewards/chosen"], 0.3 * -0.5 / 3.0);
    close(dpo.values["rewards/rejected"], 0.3 * 0.625 / 3.0);
    close(dpo.values["rewards/margins"], 0.3 * -1.125 / 3.0);
    close(dpo.values["rewards/accuracies"], 1.0 / 3.0);
    close(dpo.values["logps/chosen"], -7.0 / 3.0);
    close(dpo.values["logps/rejected"], -6.625 / 3.0);
    // over all 8 chosen and all 8 rejected tokens
    close(dpo.values["logits/chosen"], -7.0 / 8.0);
    close(dpo.values["logits/rejected"], -6.625 / 8.0);
    // averages: c = -2.5/3, -2, -0.625; r = -1.05, -0.3125, -0.75
    let (c, r) = ([-2.5 / 3.0, -2.0, -0.625], [-1.05, -0.3125, -0.75]);
    let margins: f64 = c.iter().zip(r).map(|(c, r)| c - r).sum::<f64>() / 3.0;
    close(dpo.values["preference/margins"], margins);
    close(dpo.values["preference/accuracies"], 2.0 / 3.0);

    let mut simpo = alone(ALL[5]);
    simpo.beta = 2.0;
    let simpo = Batch::ragged().loss(&simpo);
    close(simpo.values["rewards/chosen"], 2.0 * c.iter().sum::<f64>() / 3.0);
    close(simpo.values["logps/rejected"], r.iter().sum::<f64>() / 3.0);
    close(simpo.values["preference/margins"], margins);

    let ipo = Batch::ragged().loss(&alone(ALL[2]));
    // u / len: 0.5/3, -0.5, -0.125
    close(ipo.values["rewards/chosen"], 0.3 * (0.5 / 3.0 - 0.625) / 3.0);
    assert!(!ipo.values.contains_key("sft_loss"));

    let orpo = Batch::ragged().loss(&alone(ALL[4]));
    close(orpo.values["sft_loss"], -c.iter().sum::<f64>() / 3.0);
    close(
        orpo.values["sft_loss"] + 0.3 * orpo.values["odds_ratio_loss"],
        orpo.loss,
    );
}

#[test]
fn ld_alpha_weighs_the_tail_of_the_policy_alone() {
    let sigmoid = |ld_alpha| Preference {
        ld_alpha,
        ..alone(ALL[0])
    };
    let values = Batch::ragged().loss(&sigmoid(Some(0.5))).values;
    // chosen: -2.5, -2, -0.5 - 2/2; rejected: -3.75 - 1.5/2, -0.125 - 0.5/2, -0.75
    close(values["logps/chosen"], (-2.5 - 2.0 - 1.5) / 3.0);
    close(values["logps/rejected"], (-4.5 - 0.375 - 0.75) / 3.0);
    close(
        Batch::ragged().loss(&sigmoid(Some(1.0))).loss,
        Batch::ragged().loss(&sigmoid(None)).loss,
    );
}

#[test]
fn weights_add_losses_up() {
    let mpo = Preference {
        parts: [(ALL[0], 0.8), (PrefLoss::BcoPair, 0.2)]
            .map(|(loss, weight)| Part { loss, weight })
            .to_vec(),
        nll: 1.0,
        ..alone(ALL[0])
    };
    let of = |spec: &Preference| Batch::ragged().loss(spec);
    let (dpo, bco) = (of(&alone(ALL[0])), of(&alone(PrefLoss::BcoPair)));
    let got = of(&mpo);
    // 8 chosen tokens of -7 in all
    close(got.values["nll_loss"], 7.0 / 8.0);
    close(got.loss, 0.8 * dpo.loss + 0.2 * bco.loss + 7.0 / 8.0);
    // mean of the rewards: u = 0.5, -0.5, -0.5; v = -0.75, 0.375, 1
    close(got.values["delta"], 0.3 * (-0.5 + 0.625) / 6.0);
    close(got.values["rewards/chosen"], dpo.values["rewards/chosen"]);
}
