//! Coefficients and slopes against finite differences.

use super::*;

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
        let all = pair_losses(spec, pairs, &running);
        all.iter().map(|t| t.loss).sum::<f64>() / pairs.len() as f64
    };
    for spec in variants() {
        let got = pair_losses(&spec, &pairs, &running);
        for i in 0..pairs.len() {
            let moved = |chosen: f64, rejected: f64| {
                let mut pairs = pairs;
                pairs[i].chosen += chosen;
                pairs[i].rejected += rejected;
                mean(&spec, &pairs)
            };
            for (slope, by) in [
                (got[i].d_chosen, moved(STEP, 0.0) - moved(-STEP, 0.0)),
                (got[i].d_rejected, moved(0.0, STEP) - moved(0.0, -STEP)),
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
