//! Asynchronous successive halving: whether a run is good enough to continue, by its evaluations and those of the others.

use super::{Goal, Halving};

/// How a run stands at a rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// 1 is the best.
    pub rank: u64,
    /// Runs that have reached this rung.
    pub count: u64,
    /// Whether it is among the best `1/eta`; of fewer than `eta` runs only the best one is.
    pub goes_on: bool,
}

/// Whether runs are compared after this many evaluations: `min_iter * eta^k` for some `k`.
pub fn is_rung(halving: Halving, evaluation: u64) -> bool {
    let Some(mut left) = evaluation.checked_div(halving.min_iter).filter(|_| evaluation > 0) else {
        return false;
    };
    if !evaluation.is_multiple_of(halving.min_iter) || halving.eta < 2 {
        return false;
    }
    while left.is_multiple_of(halving.eta) {
        left /= halving.eta;
    }
    left == 1
}

/// How the value `own` ranks among `others`, those of the runs that reached the same rung. Equal values share the better rank.
pub fn standing(halving: Halving, goal: Goal, own: f64, others: &[f64]) -> Standing {
    let better = others.iter().filter(|other| goal.better(**other, own)).count() as u64;
    let count = others.len() as u64 + 1;
    let most = (count / halving.eta.max(2)).max(1);
    Standing {
        rank: better + 1,
        count,
        goes_on: better < most,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rungs_are_powers_of_eta() {
        let rungs = |eta, min_iter| {
            (0..=20)
                .filter(|n| is_rung(Halving { eta, min_iter }, *n))
                .collect::<Vec<_>>()
        };
        assert_eq!(rungs(2, 1), [1, 2, 4, 8, 16]);
        assert_eq!(rungs(3, 1), [1, 3, 9]);
        assert_eq!(rungs(3, 2), [2, 6, 18]);
    }

    /// As Optuna's `SuccessiveHalvingPruner` promotes: of `n` values the best `n // eta`, and the best one in any case.
    #[test]
    fn the_best_share_goes_on() {
        let halving = Halving::default();
        let goes_on = |own, others: &[f64]| standing(halving, Goal::Maximize, own, others).goes_on;
        assert!(goes_on(0.1, &[]));
        assert!(!goes_on(0.1, &[0.2]));
        assert!(goes_on(0.3, &[0.2]));
        assert!(!goes_on(0.2, &[0.3, 0.1]));
        assert!(goes_on(0.2, &[0.3, 0.1, 0.0]));
        assert!(goes_on(0.2, &[0.2, 0.2, 0.2]));
        let third = standing(
            Halving { eta: 3, min_iter: 1 },
            Goal::Minimize,
            0.5,
            &[0.1, 0.6, 0.7, 0.2, 0.9],
        );
        assert_eq!((third.rank, third.count, third.goes_on), (3, 6, false));
    }
}
