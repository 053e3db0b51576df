//! Scalar functions that the losses are made of, numerically stable for arguments of any size.

/// A function's value at a point, and its derivative by the argument there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ValueAndGrad {
    pub value: f64,
    pub grad: f64,
}

/// `ln(1 + e^x)`.
pub fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// `ln s(x)`, with `s` the logistic function.
pub fn log_sigmoid(x: f64) -> f64 {
    -softplus(-x)
}

/// `s(x) = 1 / (1 + e^-x)`, the logistic function.
pub fn sigmoid(x: f64) -> f64 {
    let e = (-x.abs()).exp();
    if x >= 0.0 { 1.0 / (1.0 + e) } else { e / (1.0 + e) }
}

/// Log-probs are capped here: at 0, a probability of 1, the odds are infinite.
const MAX_LOGP: f64 = -1e-12;

/// The log-odds `ln(p / (1 - p))` of a reply with `logp = ln p`, and their derivative by `logp`, `1 / (1 - p)`.
///
/// `1 - p` is `-expm1(logp)`: `1 - exp(logp)` would lose all digits where `p` is near 1.
pub fn log_odds(logp: f64) -> ValueAndGrad {
    let logp = logp.min(MAX_LOGP);
    let complement = -logp.exp_m1();
    ValueAndGrad {
        value: logp - complement.ln(),
        grad: 1.0 / complement,
    }
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
        let odds = log_odds(0.25f64.ln());
        assert!(near(odds.value, (1.0f64 / 3.0).ln()) && near(odds.grad, 4.0 / 3.0));
    }

    #[test]
    fn nothing_overflows() {
        assert_eq!(log_sigmoid(-1000.0), -1000.0);
        assert_eq!(log_sigmoid(1000.0), 0.0);
        assert_eq!((sigmoid(1000.0), sigmoid(-1000.0)), (1.0, 0.0));
        // p = 1 - 1e-10: odds 1e10 to ten digits, where 1 - exp(ln p) has six
        assert!((log_odds(-1e-10).value - 1e10f64.ln()).abs() < 1e-9);
        for certain in [0.0, 1e-9] {
            let odds = log_odds(certain);
            assert!(odds.value.is_finite() && odds.grad.is_finite());
        }
        let impossible = log_odds(-1e4);
        assert_eq!((impossible.value, impossible.grad), (-1e4, 1.0));
    }
}
