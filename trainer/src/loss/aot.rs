//! AOT: *Distributional Preference Alignment of LLMs via Optimal Transport*, arXiv 2406.05882. Chosen and rejected
//! replies are compared as distributions over the micro-batch: both are sorted, and equal ranks (quantiles) meet.

use super::dpo::smoothed_loss;
use super::{Pair, PairLoss};

/// `aot_pair`, for unpaired data: `d = sort(u) - sort(v)`, then DPO's smoothed loss of each `d`.
pub fn unpaired(beta: f64, smoothing: f64, pairs: &[Pair]) -> Vec<PairLoss> {
    let chosen: Vec<_> = pairs.iter().map(Pair::chosen_log_ratio).collect();
    let rejected: Vec<_> = pairs.iter().map(Pair::rejected_log_ratio).collect();
    let mut losses = vec![PairLoss::default(); pairs.len()];
    for (&i, &j) in argsort(&chosen).iter().zip(&argsort(&rejected)) {
        let loss = smoothed_loss(beta, smoothing, chosen[i] - rejected[j]);
        losses[i].loss = loss.value;
        losses[i].d_chosen = loss.grad / pairs.len() as f64;
        losses[j].d_rejected = -loss.grad / pairs.len() as f64;
    }
    losses
}

/// `aot`, for paired data: `d = sort(c - r) - sort(c0 - r0)`, the margins within pairs of the policy and of the
/// reference, then DPO's smoothed loss of each `d`.
pub fn paired(beta: f64, smoothing: f64, pairs: &[Pair]) -> Vec<PairLoss> {
    let policy: Vec<_> = pairs.iter().map(|p| p.chosen - p.rejected).collect();
    let mut reference: Vec<_> = pairs.iter().map(|p| p.ref_chosen - p.ref_rejected).collect();
    reference.sort_by(f64::total_cmp);
    let mut losses = vec![PairLoss::default(); pairs.len()];
    for (&i, reference) in argsort(&policy).iter().zip(reference) {
        let loss = smoothed_loss(beta, smoothing, policy[i] - reference);
        losses[i] = PairLoss {
            loss: loss.value,
            d_chosen: loss.grad / pairs.len() as f64,
            d_rejected: -loss.grad / pairs.len() as f64,
        };
    }
    losses
}

/// Indices that put `values` in ascending order.
fn argsort(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    order
}

#[cfg(test)]
mod tests {
    use super::super::tests::{close, pair};
    use super::*;

    #[test]
    fn quantile_by_quantile() {
        // u = 3, 1 and v = 0, 2, b = ln 3: sorted 1 - 0 = 1 and 3 - 2 = 1, s = 3/4 both
        let b = 3f64.ln();
        let pairs = [pair(-7.0, -10.0, -10.0, -10.0), pair(-9.0, -8.0, -10.0, -10.0)];
        let third = (4.0f64 / 3.0).ln();
        for term in unpaired(b, 0.0, &pairs) {
            close(term.loss, third);
            close(term.d_chosen, -b / 8.0);
            close(term.d_rejected, b / 8.0);
        }
        // e = 1/4 is where s is: no gradient
        close(unpaired(b, 0.25, &pairs)[0].d_chosen, 0.0);
    }

    #[test]
    fn the_two_sides_of_a_pair_may_meet_other_partners() {
        // u = 4, 0 and v = 1, 0: sorted 0 - 0 and 4 - 1; pair 0's rejected reply met pair 0's chosen one
        let pairs = [pair(-6.0, -9.0, -10.0, -10.0), pair(-10.0, -10.0, -10.0, -10.0)];
        let terms = unpaired(1.0, 0.0, &pairs);
        close(terms[1].d_chosen, -0.25);
        close(terms[1].d_rejected, 0.25);
        close(terms[0].d_chosen, -terms[0].d_rejected);
        // and crosswise: u = 4, 0 and v = 0, 1
        let pairs = [pair(-6.0, -10.0, -10.0, -10.0), pair(-10.0, -9.0, -10.0, -10.0)];
        let terms = unpaired(1.0, 0.0, &pairs);
        close(terms[1].d_chosen, -terms[0].d_rejected);
        close(terms[0].d_chosen, -terms[1].d_rejected);
        close(terms[1].loss, 2f64.ln());
    }

    #[test]
    fn margins_meet_the_references_margins() {
        // policy margins 5, 1; reference margins 0, 4: sorted 1 - 0 and 5 - 4
        let b = 3f64.ln();
        let pairs = [pair(-5.0, -10.0, -10.0, -10.0), pair(-9.0, -10.0, -6.0, -10.0)];
        for term in paired(b, 0.0, &pairs) {
            close(term.loss, (4.0f64 / 3.0).ln());
            close(term.d_chosen, -b / 8.0);
        }
    }
}
