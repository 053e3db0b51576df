//! The margin a loss looks at, under reverse KL or another divergence: *Beyond Reverse KL: Generalizing Direct Preference
//! Optimization with Diverse Divergence Constraints*, arXiv 2309.16240.

use super::Pair;
use super::scalar::{sigmoid, softplus};
use protocol::config::Divergence;

/// The argument of a margin loss, and its derivatives by the chosen and the rejected number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Margin {
    pub z: f64,
    pub by_chosen: f64,
    pub by_rejected: f64,
}

/// Exponents above this are clamped: `exp` of more is no f32.
const CAP: f64 = 88.722_839;

/// Of each pair, the difference of `f'` at the two likelihood ratios `e^u` and `e^v`:
///
/// - reverse KL: `u - v`
/// - Jensen-Shannon: `(u - softplus u) - (v - softplus v)`
/// - alpha divergence with coefficient `a`: `(e^(-a v) - e^(-a u)) / a`
pub fn margins(kind: Divergence, pairs: &[Pair]) -> Vec<Margin> {
    // f' and its derivative
    let of = |x: f64| match kind {
        Divergence::ReverseKl => (x, 1.0),
        Divergence::JensenShannon => (x - softplus(x), sigmoid(-x)),
        Divergence::Alpha { coefficient: a } => {
            let e = (-a * x).min(CAP).exp();
            (-e / a, if -a * x < CAP { e } else { 0.0 })
        }
    };
    let margin = |p: &Pair| {
        let ((u, by_u), (v, by_v)) = (of(p.chosen_ratio()), of(p.rejected_ratio()));
        Margin {
            // as a difference of sums it keeps the digits that reverse KL had before
            z: if kind == Divergence::ReverseKl {
                p.margin()
            } else {
                u - v
            },
            by_chosen: by_u,
            by_rejected: -by_v,
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
        assert_eq!((kl.by_chosen, kl.by_rejected), (1.0, -1.0));
        // softplus: ln 4 and ln 4/3; u - v less their difference ln 3
        let [js] = margins(Divergence::JensenShannon, &pairs())[..] else {
            panic!()
        };
        close(js.z, ln3);
        close(js.by_chosen, 0.25);
        close(js.by_rejected, -0.75);
        // a = 1: 3 - 1/3
        let [alpha] = margins(Divergence::Alpha { coefficient: 1.0 }, &pairs())[..] else {
            panic!()
        };
        close(alpha.z, 3.0 - 1.0 / 3.0);
        close(alpha.by_chosen, 1.0 / 3.0);
        close(alpha.by_rejected, -3.0);
        // a = 1/2: (sqrt 3 - 1 / sqrt 3) / (1/2)
        let [half] = margins(Divergence::Alpha { coefficient: 0.5 }, &pairs())[..] else {
            panic!()
        };
        close(half.z, 2.0 * (3f64.sqrt() - 1.0 / 3f64.sqrt()));
    }

    #[test]
    fn a_reply_the_policy_has_given_up_stays_finite() {
        let alpha = Divergence::Alpha { coefficient: 1.0 };
        let [margin] = margins(alpha, &[pair(-1e4, -10.0, -10.0, -10.0)])[..] else {
            panic!()
        };
        assert!(margin.z.is_finite());
        assert_eq!(margin.by_chosen, 0.0);
    }
}
