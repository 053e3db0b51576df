//! Scalar functions the losses are made of, safe at both ends of the number line.

/// `ln(1 + e^x)`.
pub fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// `ln s(x)`, with `s` the logistic function.
pub fn log_sigmoid(x: f64) -> f64 {
    -softplus(-x)
}

/// `1 / (1 + e^-x)`.
pub fn sigmoid(x: f64) -> f64 {
    let e = (-x.abs()).exp();
    if x >= 0.0 { 1.0 / (1.0 + e) } else { e / (1.0 + e) }
}

/// A log-prob closer to 0 than this is taken for it: the odds of a certain reply are infinite.
const CERTAIN: f64 = -1e-12;

/// `ln(p / (1 - p))` of a log-prob, and its derivative `1 / (1 - p)`.
///
/// `1 - p` is `-expm1(ln p)`, which keeps its digits where `p` is near 1 and `1 - exp` would lose them all.
pub fn log_odds(logp: f64) -> (f64, f64) {
    let logp = logp.min(CERTAIN);
    let rest = -logp.exp_m1();
    (logp - rest.ln(), 1.0 / rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-12 * (1.0 + b.abs())
    }

    #[test]
    fn worked_by_hand() {
        assert!(near(log_sigmoid(0.0), -std::f64::consts::LN_2));
        assert!(near(sigmoid(3f64.ln()), 0.75));
        assert!(near(sigmoid(-(3f64.ln())), 0.25));
        // p = 1/4: odds 1/3, derivative 4/3
        let (odds, slope) = log_odds(0.25f64.ln());
        assert!(near(odds, (1.0f64 / 3.0).ln()) && near(slope, 4.0 / 3.0));
    }

    #[test]
    fn nothing_overflows() {
        assert_eq!(log_sigmoid(-1000.0), -1000.0);
        assert_eq!(log_sigmoid(1000.0), 0.0);
        assert_eq!((sigmoid(1000.0), sigmoid(-1000.0)), (1.0, 0.0));
        // p = 1 - 1e-10: odds 1e10 to ten digits, where 1 - exp(ln p) has six
        assert!((log_odds(-1e-10).0 - 1e10f64.ln()).abs() < 1e-9);
        for certain in [0.0, 1e-9] {
            let (odds, slope) = log_odds(certain);
            assert!(odds.is_finite() && slope.is_finite());
        }
        assert_eq!(log_odds(-1e4), (-1e4, 1.0));
    }
}
