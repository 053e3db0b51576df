//! Coefficients against finite differences, metrics worked by hand, and what every preference loss must do.

use super::*;

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

const SIX: [PrefLoss; 6] = [
    PrefLoss::Sigmoid {
        beta: 0.3,
        label_smoothing: 0.0,
        ld_alpha: None,
    },
    PrefLoss::Hinge {
        beta: 0.3,
        ld_alpha: None,
    },
    PrefLoss::Ipo {
        beta: 0.3,
        ld_alpha: None,
    },
    PrefLoss::KtoPair {
        beta: 0.3,
        chosen_weight: 1.0,
        rejected_weight: 1.5,
        ld_alpha: None,
    },
    PrefLoss::Orpo { beta: 0.3 },
    PrefLoss::Simpo { beta: 2.0, gamma: 0.5 },
];

/// The six, and their options.
fn variants() -> Vec<Preference> {
    let mut losses = SIX.to_vec();
    losses.extend([
        PrefLoss::Sigmoid {
            beta: 0.3,
            label_smoothing: 0.2,
            ld_alpha: Some(0.4),
        },
        PrefLoss::Hinge {
            beta: 0.3,
            ld_alpha: Some(0.0),
        },
        PrefLoss::KtoPair {
            beta: 0.3,
            chosen_weight: 0.7,
            rejected_weight: 1.0,
            ld_alpha: Some(0.5),
        },
    ]);
    let with = |loss, ftx| Preference {
        loss,
        ftx,
        ref_model: None,
        precompute_reference: false,
    };
    losses
        .iter()
        .flat_map(|&loss| [with(loss, 0.0), with(loss, 0.8)])
        .collect()
}

/// Ragged log-probs of three pairs, with the reference beside them.
struct Batch {
    rows: Vec<[Vec<f32>; 2]>,
    reference: Vec<RefLogps>,
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
        Self { rows, reference }
    }

    fn loss(&self, spec: &Preference) -> BatchLoss {
        let scored = self.scored(spec);
        let mut batch = preference(spec, &scored);
        batch.values.extend(preferences(&scored));
        batch
    }

    fn scored(&self, spec: &Preference) -> Vec<ScoredPair<'_>> {
        let side = |logps| Side {
            logps,
            mean_logits: logps,
        };
        self.rows
            .iter()
            .zip(&self.reference)
            .map(|([chosen, rejected], &reference)| ScoredPair {
                chosen: side(chosen),
                rejected: side(rejected),
                reference: spec.loss.needs_reference().then_some(reference),
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
fn coefficients_are_the_derivatives() {
    // a power of two, so that f32 log-probs move by exactly this
    const STEP: f32 = 1.0 / 1024.0;
    for spec in variants() {
        let mut batch = Batch::ragged();
        let got = batch.loss(&spec).coefficients;
        let mut row = 0;
        for pair in 0..3 {
            for side in 0..2 {
                for token in 0..batch.rows[pair][side].len() {
                    let at = batch.rows[pair][side][token];
                    let mut value = |x| {
                        batch.rows[pair][side][token] = x;
                        batch.loss(&spec).loss
                    };
                    let slope = (value(at + STEP) - value(at - STEP)) / (2.0 * f64::from(STEP));
                    value(at);
                    let off = (f64::from(got[row]) - slope).abs();
                    assert!(off < 2e-6, "{spec:?} row {row}: {} is not {slope}", got[row]);
                    row += 1;
                }
            }
        }
        assert_eq!(row, got.len());
    }
}

#[test]
fn each_loss_raises_chosen_and_lowers_rejected() {
    for loss in SIX {
        let spec = Preference {
            loss,
            ftx: 0.0,
            ref_model: None,
            precompute_reference: false,
        };
        for batch in [Batch::ragged(), Batch::ragged().swapped()] {
            let coefficients = batch.loss(&spec).coefficients;
            let mut rows = coefficients.iter();
            for [chosen, rejected] in &batch.rows {
                // descending the gradient moves log-probs against the coefficients
                assert!(rows.by_ref().take(chosen.len()).all(|&c| c <= 0.0), "{loss:?}");
                assert!(rows.by_ref().take(rejected.len()).all(|&c| c >= 0.0), "{loss:?}");
            }
            assert!(coefficients.iter().any(|&c| c != 0.0), "{loss:?}");
        }
    }
}

#[test]
fn swapping_the_sides_flips_rewards_and_preferences() {
    for spec in variants().iter().filter(|s| ld_alpha(&s.loss).is_none()) {
        let (one, other) = (Batch::ragged().loss(spec), Batch::ragged().swapped().loss(spec));
        for (a, b) in [
            ("rewards/chosen", "rewards/rejected"),
            ("logps/chosen", "logps/rejected"),
        ] {
            close(one.values[a], other.values[b]);
            close(one.values[b], other.values[a]);
        }
        for flipped in ["rewards/margins", "preference/margins"] {
            close(one.values[flipped], -other.values[flipped]);
        }
        for share in ["rewards/accuracies", "preference/accuracies"] {
            close(one.values[share], 1.0 - other.values[share]);
        }
        assert!((one.loss - other.loss).abs() > 1e-3, "{spec:?}");
    }
}

#[test]
fn no_two_losses_agree() {
    let of = |s: &&Preference| SIX.contains(&s.loss);
    let values: Vec<_> = variants()
        .iter()
        .filter(of)
        .map(|s| Batch::ragged().loss(s).loss)
        .collect();
    for (i, a) in values.iter().enumerate() {
        assert!(values[..i].iter().all(|b| (a - b).abs() > 1e-6), "{values:?}");
    }
}

#[test]
fn metrics_worked_by_hand() {
    let spec = |loss| Preference {
        loss,
        ftx: 0.0,
        ref_model: None,
        precompute_reference: false,
    };
    let dpo = Batch::ragged().loss(&spec(SIX[0]));
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

    let simpo = Batch::ragged().loss(&spec(SIX[5]));
    close(simpo.values["rewards/chosen"], 2.0 * c.iter().sum::<f64>() / 3.0);
    close(simpo.values["logps/rejected"], r.iter().sum::<f64>() / 3.0);
    close(simpo.values["preference/margins"], margins);

    let ipo = Batch::ragged().loss(&spec(SIX[2]));
    // u / len: 0.5/3, -0.5, -0.125
    close(ipo.values["rewards/chosen"], 0.3 * (0.5 / 3.0 - 0.625) / 3.0);
    assert!(ipo.values.get("sft_loss").is_none());

    let orpo = Batch::ragged().loss(&spec(SIX[4]));
    close(orpo.values["sft_loss"], -c.iter().sum::<f64>() / 3.0);
    close(
        orpo.values["sft_loss"] + 0.3 * orpo.values["odds_ratio_loss"],
        orpo.loss,
    );
}

#[test]
fn ld_alpha_weighs_the_tail_of_the_policy_alone() {
    let sigmoid = |ld_alpha| Preference {
        loss: PrefLoss::Sigmoid {
            beta: 0.3,
            label_smoothing: 0.0,
            ld_alpha,
        },
        ftx: 0.0,
        ref_model: None,
        precompute_reference: false,
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
fn cross_entropy_is_a_token_mean_over_all_micro_batches() {
    let batch = supervised(&[-1.0, -2.0], 4);
    close(batch.loss, 0.75);
    assert_eq!(batch.coefficients, [-0.25, -0.25]);
}
