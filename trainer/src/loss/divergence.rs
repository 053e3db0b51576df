//! The margin that a loss takes, under reverse KL or another f-divergence: *Beyond Reverse KL: Generalizing Direct
//! Preference Optimization with Diverse Divergence Constraints*, arXiv 2309.16240.

use super::Pair;
use super::scalar::{ValueAndGrad, sigmoid, softplus};
use protocol::config::Divergence;

/// The argument `z` of a margin loss, and its derivatives by the pair's chosen and rejected log-prob.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Margin {
    pub z: f64,
    pub d_chosen: f64,
    pub d_rejected: f64,
}

/// Exponents are clamped here, at `ln(f32::MAX)`: `exp` of more overflows f32.
const MAX_EXPONENT: f64 = 88.722_839;

/// Each pair's difference of `f'` at the likelihood ratios `e^u` and `e^v`, `f` being the divergence's generator:
///
/// - reverse KL: `u - v`
/// - Jensen-Shannon: `(u - softplus u) - (v - softplus v)`
/// - alpha divergence with coefficient `a`: `(e^(-a v) - e^(-a u)) / a`
pub fn margins(kind: Divergence, pairs: &[Pair]) -> Vec<Margin> {
    // f' as a function of the log-ratio
    let f_prime = |x: f64| match kind {
        Divergence::ReverseKl => ValueAndGrad { value: x, grad: 1.0 },
        Divergence::JensenShannon => ValueAndGrad {
            value: x - softplus(x),
            grad: sigmoid(-x),
        },
        Divergence::Alpha { coefficient: a } => {
            let e = (-a * x).min(MAX_EXPONENT).exp();
            ValueAndGrad {
                value: -e / a,
                grad: if -a * x < MAX_EXPONENT { e } else { 0.0 },
            }
        }
    };
    let margin = |p: &Pair| {
        let (chosen, rejected) = (f_prime(p.chosen_log_ratio()), f_prime(p.rejected_log_ratio()));
        Margin {
            z: chosen.value - rejected.value,
            d_chosen: chosen.grad,
            d_rejected: -rejected.grad,
        }
    };
    pairs.iter().map(margin).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{close, pair};
    use super::*;

    /// u = ln 3, v = -ln 3
    fn pairs() -> [Pair; 1] {
        let ln3 = 3f64.ln();
        [pair(-5.0 + ln3, -7.0 - ln3, -5.0, -7.0)]
    }

    #[test]
    fn worked_by_hand() {
        let ln3 = 3f64.ln();
        let [kl] = margins(Divergence::ReverseKl, &pairs())[..] else {
            panic!()
        };
        close(kl.z, 2.0 * ln3);
        assert_eq!((kl.d_chosen, kl.d_rejected), (1.0, -1.0));
        // softplus: ln 4 and ln 4/3; u - v less their difference ln 3
        let [js] = margins(Divergence::JensenShannon, &pairs())[..] else {
            panic!()
        };
        close(js.z, ln3);
        close(js.d_chosen, 0.25);
        close(js.d_rejected, -0.75);
        // a = 1: 3 - 1/3
        let [alpha] = margins(Divergence::Alpha { coefficient: 1.0 }, &pairs())[..] else {
            panic!()
        };
        close(alpha.z, 3.0 - 1.0 / 3.0);
        close(alpha.d_chosen, 1.0 / 3.0);
        close(alpha.d_rejected, -3.0);
        // a = 1/2: (sqrt 3 - 1 / sqrt 3) / (1/2)
        let [half] = margins(Divergence::Alpha { coefficient: 0.5 }, &pairs())[..] else {
            panic!()
        };
        close(half.z, 2.0 * (3f64.sqrt() - 1.0 / 3f64.sqrt()));
    }

    #[test]
    fn a_reply_the_policy_finds_all_but_impossible_stays_finite() {
        let alpha = Divergence::Alpha { coefficient: 1.0 };
        let [margin] = margins(alpha, &[pair(-1e4, -10.0, -10.0, -10.0)])[..] else {
            panic!()
        };
        assert!(margin.z.is_finite());
        assert_eq!(margin.d_chosen, 0.0);
    }
}
