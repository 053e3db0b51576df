//! Coefficients against finite differences, metrics worked by hand, and what every preference loss must do.

use super::*;
use protocol::config::{Against, Divergence, Part};

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
        reference: match loss.needs_reference() {
            true => Against::Start { precompute: false },
            false => Against::Nothing,
        },
    }
}

/// Every loss, and every option with each loss it belongs to.
fn variants() -> Vec<Preference> {
    let mut all = vec![];
    for loss in ALL {
        let plain = alone(loss);
        let summing = loss.needs_reference() && !loss.averages();
        let coupled = matches!(
            loss,
            PrefLoss::KtoPair { .. } | PrefLoss::Aot { .. } | PrefLoss::AotPair { .. }
        );
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

fn of_margin(loss: PrefLoss) -> bool {
    matches!(
        loss,
        PrefLoss::Sigmoid { .. }
            | PrefLoss::Hinge
            | PrefLoss::Ipo
            | PrefLoss::Robust { .. }
            | PrefLoss::ExoPair { .. }
            | PrefLoss::Cpo { .. }
    )
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
        let pairs: Vec<_> = scored.iter().map(|p| Weighted::new(spec, p).pair).collect();
        let terms = terms(spec, &pairs, &self.running);
        let nll = spec.nll * nll(&scored).0;
        terms.iter().zip(weights).map(|(t, w)| w * (t.loss + nll)).sum::<f64>() / weights.len() as f64
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
fn coefficients_are_the_derivatives() {
    // a power of two, so that f32 log-probs move by exactly this
    const STEP: f32 = 1.0 / 1024.0;
    for spec in variants() {
        let mut batch = Batch::ragged();
        // what the gradient takes for a constant: BCO's running mean, made so heavy that one batch can't move it, and
        // WPO's weights, divided out below
        batch.running = heavy(0.25);
        // no two gains alike: where sorting ties there is no derivative
        batch.reference[2].chosen = -2.25;
        let got = batch.loss(&spec).d_logp;
        let fixed: Vec<f64> = match spec.weighting {
            true => batch.scored(&spec).iter().map(wpo::weight).collect(),
            false => vec![1.0; 3],
        };
        let mut row = 0;
        for pair in 0..3 {
            for side in 0..2 {
                for token in 0..batch.rows[pair][side].len() {
                    let at = batch.rows[pair][side][token];
                    let mut value = |x| {
                        batch.rows[pair][side][token] = x;
                        batch.weighted_loss(&spec, &fixed)
                    };
                    let slope = (value(at + STEP) - value(at - STEP)) / (2.0 * f64::from(STEP));
                    value(at);
                    let off = (f64::from(got[row]) - slope).abs();
                    let near = 2e-6 * (1.0 + slope.abs());
                    assert!(off < near, "{spec:?} row {row}: {} is not {slope}", got[row]);
                    row += 1;
                }
            }
        }
        assert_eq!(row, got.len());
    }
}

/// A running mean that one more batch hardly moves.
fn heavy(mean: f64) -> Running {
    serde_json::from_value(serde_json::json!({"mean": mean.to_string(), "count": "1e18"})).unwrap()
}

#[test]
fn slopes_are_the_derivatives_in_f64() {
    const STEP: f64 = 1e-5;
    let pairs = [
        pair(-2.5, -5.25, -3.0, -4.5),
        pair(-2.0, -0.625, -1.5, -1.0),
        pair(-2.5, -0.75, -2.25, -1.75),
    ];
    let mut running = Running::default();
    running.add(&[0.125]);
    let mean = |spec: &Preference, pairs: &[Pair]| {
        let all = terms(spec, pairs, &running);
        all.iter().map(|t| t.loss).sum::<f64>() / pairs.len() as f64
    };
    for spec in variants() {
        let got = terms(&spec, &pairs, &running);
        for i in 0..pairs.len() {
            let moved = |chosen: f64, rejected: f64| {
                let mut pairs = pairs;
                pairs[i].chosen += chosen;
                pairs[i].rejected += rejected;
                mean(&spec, &pairs)
            };
            for (slope, by) in [
                (got[i].chosen, moved(STEP, 0.0) - moved(-STEP, 0.0)),
                (got[i].rejected, moved(0.0, STEP) - moved(0.0, -STEP)),
            ] {
                let want = by / (2.0 * STEP);
                assert!(
                    (slope - want).abs() < 1e-7 * (1.0 + want.abs()),
                    "{spec:?}: {slope} is not {want}"
                );
            }
        }
    }
}

#[test]
fn each_loss_raises_chosen_and_lowers_rejected() {
    for loss in ALL {
        let spec = alone(loss);
        for batch in [Batch::ragged(), Batch::ragged().swapped(), Batch::at_reference()] {
            let coefficients = batch.loss(&spec).d_logp;
            let mut rows = coefficients.iter();
            for [chosen, rejected] in &batch.rows {
                // descending the gradient moves log-probs against the coefficients
                let up = rows.by_ref().take(chosen.len()).all(|&c| c <= 0.0);
                let down = rows.by_ref().take(rejected.len()).all(|&c| c >= 0.0);
                match loss {
                    // by design both replies of a pair fall, the rejected one further
                    PrefLoss::ApoDown => assert!(down, "{loss:?}"),
                    // by design it turns where the chosen reply has gained enough: below, at the start
                    PrefLoss::NcaPair => assert!(down, "{loss:?}"),
                    // as published, around a margin of 0 it widens what is wrong: `discopop.rs`
                    PrefLoss::Discopop { .. } => {}
                    _ => assert!(up && down, "{loss:?}"),
                }
            }
            assert!(
                loss == PrefLoss::ApoDown || coefficients.iter().any(|&c| c != 0.0),
                "{loss:?}"
            );
        }
    }
}

#[test]
fn where_a_loss_turns() {
    let slopes = |loss, u: f64, v: f64| {
        let term = terms(&alone(loss), &[pair(u, v, 0.0, 0.0)], &Running::default())[0];
        (term.chosen, term.rejected)
    };
    // NCA raises chosen until s(b u) = 2/3
    let turn = 2f64.ln() / 0.3;
    assert!(slopes(PrefLoss::NcaPair, turn - 0.1, 0.0).0 < 0.0);
    assert!(slopes(PrefLoss::NcaPair, turn + 0.1, 0.0).0 > 0.0);
    // SPPO pulls to 1 / (2 b) and its opposite
    let target = 0.5 / 0.3;
    assert!(slopes(PrefLoss::SppoHard, target + 0.1, -target - 0.1).0 > 0.0);
    assert!(slopes(PrefLoss::SppoHard, target + 0.1, -target - 0.1).1 < 0.0);
    // APO-down moves only the rejected reply at the start, then lowers chosen once the margin is there
    assert_eq!(slopes(PrefLoss::ApoDown, 0.0, 0.0).0, 0.0);
    assert!(slopes(PrefLoss::ApoDown, 0.0, -5.0).0 > 0.0);
    // EXO pulls to ln((1 - e) / e), IPO to 1 / (2 b)
    let far = 20.0 / 0.3;
    assert!(slopes(PrefLoss::ExoPair { label_smoothing: 1e-3 }, far, 0.0).0 > 0.0);
    assert!(slopes(PrefLoss::Ipo, target + 0.1, 0.0).0 > 0.0);
    // DiscoPOP pushes a margin of 0 down, and one well to the right up
    let disco = PrefLoss::Discopop { tau: 0.05 };
    assert!(slopes(disco, 0.0, 0.0).0 > 0.0);
    assert!(slopes(disco, 3.0, 0.0).0 < 0.0);
}

#[test]
fn the_value_where_policy_and_reference_agree() {
    let ln2 = std::f64::consts::LN_2;
    let e: f64 = 1e-3;
    for (loss, want) in [
        (PrefLoss::Sigmoid { label_smoothing: 0.1 }, ln2),
        (PrefLoss::Robust { label_smoothing: 0.2 }, ln2),
        (
            PrefLoss::ExoPair { label_smoothing: e },
            -ln2 - 0.5 * ((1.0 - e).ln() + e.ln()),
        ),
        (PrefLoss::Hinge, 1.0),
        (PrefLoss::Ipo, 1.0 / 0.36),
        (PrefLoss::NcaPair, 2.0 * ln2),
        (PrefLoss::BcoPair, 2.0 * ln2),
        (PrefLoss::SppoHard, 2.0 / 0.36),
        (PrefLoss::Aot { label_smoothing: 0.1 }, ln2),
        (PrefLoss::AotPair { label_smoothing: 0.1 }, ln2),
        (PrefLoss::ApoZero, 1.0),
        (PrefLoss::ApoDown, 1.0),
        (PrefLoss::Discopop { tau: 0.05 }, 0.5 * (ln2 + 1.0)),
        (
            PrefLoss::KtoPair {
                chosen_weight: 1.0,
                rejected_weight: 1.0,
            },
            0.5,
        ),
    ] {
        let got = Batch::at_reference().loss(&alone(loss));
        close(got.loss, want);
        assert_eq!(got.values["rewards/accuracies"], 0.0, "{loss:?}");
        for divergence in [Divergence::JensenShannon, Divergence::Alpha { coefficient: 2.0 }] {
            if of_margin(loss) {
                let other = Preference {
                    divergence,
                    ..alone(loss)
                };
                close(Batch::at_reference().loss(&other).loss, want);
            }
        }
    }
}

#[test]
fn swapping_the_sides_flips_rewards_and_preferences() {
    for spec in variants().iter().filter(|s| s.ld_alpha.is_none()) {
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
        assert!((one.loss - other.loss).abs() > 1e-4, "{spec:?}");
    }
}

#[test]
fn swapping_the_sides_of_a_margin_loss_mirrors_it() {
    let pairs = [pair(-2.5, -5.25, -3.0, -4.5), pair(-2.0, -0.625, -1.5, -1.0)];
    let swapped = pairs.map(|p| pair(p.rejected, p.chosen, p.ref_rejected, p.ref_chosen));
    let of = |spec: &Preference, pairs: &[Pair]| terms(spec, pairs, &Running::default());
    for loss in ALL.into_iter().filter(|&l| of_margin(l)) {
        // L(z) and L(-z): with each label flipped, the smoothed loss is the other label's
        let spec = alone(loss);
        for (a, b) in of(&spec, &pairs).iter().zip(of(&spec, &swapped)) {
            close(a.chosen, -a.rejected);
            close(b.chosen, -b.rejected);
        }
    }
    // for DPO the two losses differ by b z, and their slopes by b
    let dpo = alone(ALL[0]);
    for ((a, b), p) in of(&dpo, &pairs).iter().zip(of(&dpo, &swapped)).zip(&pairs) {
        close(b.loss - a.loss, 0.3 * p.margin());
        close(a.chosen + b.chosen, -0.3 / 2.0);
    }
}

#[test]
fn no_two_losses_agree() {
    let values: Vec<_> = ALL
        .iter()
        .map(|&loss| Batch::ragged().loss(&alone(loss)).loss)
        .collect();
    for (i, a) in values.iter().enumerate() {
        assert!(values[..i].iter().all(|b| (a - b).abs() > 1e-6), "{values:?}");
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
