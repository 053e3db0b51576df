//! What every preference loss must do: which way it pulls, where it turns, what it is where both models agree, and what
//! swapped sides change.

use super::*;

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
    let derivatives = |loss, u: f64, v: f64| pair_losses(&alone(loss), &[pair(u, v, 0.0, 0.0)], &Running::default())[0];
    // NCA raises chosen until s(b u) = 2/3
    let turn = 2f64.ln() / 0.3;
    assert!(derivatives(PrefLoss::NcaPair, turn - 0.1, 0.0).d_chosen < 0.0);
    assert!(derivatives(PrefLoss::NcaPair, turn + 0.1, 0.0).d_chosen > 0.0);
    // SPPO pulls to 1 / (2 b) and its opposite
    let target = 0.5 / 0.3;
    assert!(derivatives(PrefLoss::SppoHard, target + 0.1, -target - 0.1).d_chosen > 0.0);
    assert!(derivatives(PrefLoss::SppoHard, target + 0.1, -target - 0.1).d_rejected < 0.0);
    // APO-down moves only the rejected reply at the start, then lowers chosen once the margin is there
    assert_eq!(derivatives(PrefLoss::ApoDown, 0.0, 0.0).d_chosen, 0.0);
    assert!(derivatives(PrefLoss::ApoDown, 0.0, -5.0).d_chosen > 0.0);
    // EXO pulls to ln((1 - e) / e), IPO to 1 / (2 b)
    let far = 20.0 / 0.3;
    assert!(derivatives(PrefLoss::ExoPair { label_smoothing: 1e-3 }, far, 0.0).d_chosen > 0.0);
    assert!(derivatives(PrefLoss::Ipo, target + 0.1, 0.0).d_chosen > 0.0);
    // DiscoPOP pushes a margin of 0 down, and one well to the right up
    let disco = PrefLoss::Discopop { tau: 0.05 };
    assert!(derivatives(disco, 0.0, 0.0).d_chosen > 0.0);
    assert!(derivatives(disco, 3.0, 0.0).d_chosen < 0.0);
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
    let of = |spec: &Preference, pairs: &[Pair]| pair_losses(spec, pairs, &Running::default());
    for loss in ALL.into_iter().filter(|&l| of_margin(l)) {
        // L(z) and L(-z): with each label flipped, the smoothed loss is the other label's
        let spec = alone(loss);
        for (a, b) in of(&spec, &pairs).iter().zip(of(&spec, &swapped)) {
            close(a.d_chosen, -a.d_rejected);
            close(b.d_chosen, -b.d_rejected);
        }
    }
    // for DPO the two losses differ by b z, and their slopes by b
    let dpo = alone(ALL[0]);
    for ((a, b), p) in of(&dpo, &pairs).iter().zip(of(&dpo, &swapped)).zip(&pairs) {
        close(b.loss - a.loss, 0.3 * p.margin());
        close(a.d_chosen + b.d_chosen, -0.3 / 2.0);
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
