//! Rules on the course of a run: spikes, memorised pairs, an eval loss that rises again, replies that drift in length, and
//! training that goes on after there is nothing left to learn.

use super::numbers::{percent, rounded, short};
use super::vitals::RECENT;
use super::{Change, Finding, Rule, Severity, Verdict, Vitals};
use crate::config::RunConfig;
use crate::says;

/// The gradient norm that clipping usually bounds, for runs without clipping.
const DEFAULT_MAX_GRAD_NORM: f64 = 1.0;
/// The warm-up to try, as a share of the steps, where there was none.
const DEFAULT_WARMUP_RATIO: f64 = 0.1;

/// Clipping takes care of single spikes; this many mean that the steps are too large.
const MIN_CLIPPED_SPIKES: u64 = 3;

/// Steps with gradients far larger than usual, that clipping did not bound, or that are many.
pub fn spikes(vitals: &Vitals, config: &RunConfig) -> Verdict {
    let Some(norms) = vitals.curve("grad_norm").filter(|norms| norms.count() > RECENT as u64) else {
        return Verdict::NotJudged;
    };
    let bound = config.max_grad_norm.filter(|bound| *bound > 0.0);
    // a spike below the bound moves the weights no further than any step may
    let harm = bound.unwrap_or(DEFAULT_MAX_GRAD_NORM);
    let bad = vitals.spikes.spikes.iter().filter(|spike| spike.norm > harm);
    let kept = bad.clone().count() as u64;
    let count = if kept == vitals.spikes.spikes.len() as u64 {
        vitals.spikes.count
    } else {
        kept
    };
    let Some(worst) = bad.clone().max_by(|a, b| a.norm.total_cmp(&b.norm)) else {
        return Verdict::Well;
    };
    if bound.is_some() && count < MIN_CLIPPED_SPIKES {
        return Verdict::Well;
    }
    let (from, to) = bad.fold((worst.step, worst.step), |(from, to), spike| {
        (from.min(spike.step), to.max(spike.step))
    });
    // only the largest spikes are remembered: the first may not be among them
    let from = vitals
        .spikes
        .first
        .filter(|_| count > kept)
        .map_or(from, |first| first.min(from));
    let warm = config.warmup_ratio.unwrap_or(0.0) > 0.0 || config.warmup_steps.unwrap_or(0.0) > 0.0;
    let early = from <= norms.newest.map_or(0, |newest| newest.step) / 10;
    let change = match (bound, config.learning_rate) {
        (None, _) => Some(Change::new("max_grad_norm", DEFAULT_MAX_GRAD_NORM)),
        (Some(_), _) if early && !warm => Some(Change::new("warmup_ratio", DEFAULT_WARMUP_RATIO)),
        (Some(_), rate) => rate.map(|rate| Change::new("learning_rate", rounded(rate / 2.0))),
    };
    let said = says::health_spikes(count, short(worst.norm), worst.step, short(worst.usual));
    Some(
        Finding::new(Rule::Spikes, Severity::Warning, said)
            .shown("grad_norm", from, to)
            .with(change),
    )
    .into()
}

/// Every training pair is right within this share of the steps: faster than a model learns what holds for other pairs too.
const EARLY_SHARE: f64 = 0.05;
/// They count as still right at this mean accuracy over the newest tenth of the steps.
const STAYED_ACCURACY: f64 = 0.95;
/// Held-out pairs are behind below this accuracy.
const HELD_OUT_BEHIND: f64 = 0.9;

/// Every training pair is right almost at once, but held-out pairs are not.
pub fn memorised(vitals: &Vitals, config: &RunConfig) -> Verdict {
    let accuracy = vitals.newest.and_then(|newest| newest.accuracy);
    let (Some(total), Some(accuracy)) = (vitals.total_steps, accuracy) else {
        return Verdict::NotJudged;
    };
    let since = vitals
        .perfect
        .since
        .filter(|since| *since as f64 <= EARLY_SHARE * total as f64);
    // and it stayed so
    let now = vitals.curve("rewards/accuracies").or(vitals.curve("accuracy"));
    let stays = now
        .and_then(super::curve::Curve::tail)
        .is_some_and(|tail| tail.mean >= STAYED_ACCURACY);
    let Some(since) = since.filter(|_| stays && accuracy < HELD_OUT_BEHIND) else {
        return Verdict::Well;
    };
    let said = says::health_memorised(since, percent(since as f64 / total as f64), percent(accuracy));
    Some(
        Finding::new(Rule::Memorised, Severity::Warning, said)
            .shown("rewards/accuracies", since, vitals.step)
            .with(fewer_steps(config, vitals, since)),
    )
    .into()
}

/// Ends the run at `step`, by the key that sets its length.
fn fewer_steps(config: &RunConfig, vitals: &Vitals, step: u64) -> Option<Change> {
    if config.max_steps.is_some_and(|steps| steps > 0.0) {
        return Some(Change::new("max_steps", step));
    }
    let (epochs, total) = (config.num_train_epochs?, vitals.total_steps?);
    // in tenths of an epoch, at least one
    let epochs = (epochs * step as f64 / total.max(1) as f64 * 10.0).ceil() / 10.0;
    Some(Change::new("num_train_epochs", epochs.max(0.1)))
}

/// The eval loss rose again by this share of its lowest value …
const ROSE_BY: f64 = 0.02;
/// … and by this share of all that it had fallen.
const LOST_OF_FALL: f64 = 0.03;
/// Fewer evaluations than this say nothing.
const MIN_EVALUATIONS: u64 = 3;

/// The eval loss was lower before, and accuracy on held-out pairs did not rise meanwhile.
pub fn turned_up(vitals: &Vitals, config: &RunConfig) -> Verdict {
    let (Some(lowest), Some(newest)) = (vitals.lowest, vitals.newest) else {
        return Verdict::NotJudged;
    };
    if vitals.evaluations < MIN_EVALUATIONS {
        return Verdict::NotJudged;
    }
    let start = vitals
        .evaluated("loss")
        .and_then(|curve| curve.first)
        .map_or(lowest.loss, |first| first.value);
    let rise = newest.loss - lowest.loss;
    let better = match (newest.accuracy, lowest.accuracy) {
        (Some(now), Some(then)) => now > then,
        _ => false,
    };
    let turned = rise > ROSE_BY * lowest.loss.abs() && rise > LOST_OF_FALL * (start - lowest.loss) && !better;
    let said = says::health_turned(short(lowest.loss), lowest.step, short(newest.loss));
    let found = || {
        let mut finding = Finding::new(Rule::TurnedUp, Severity::Warning, said)
            .shown(vitals.shown_as("loss"), lowest.step, newest.step)
            .with(fewer_steps(config, vitals, lowest.step));
        let limit = config.save_total_limit.map_or(usize::MAX, |limit| limit as usize);
        finding.checkpoint = vitals.checkpoint_at(lowest.step, limit).map(str::to_owned);
        finding
    };
    turned.then(found).into()
}

/// Fewer logged steps than this say nothing.
const MIN_LOGGED_STEPS: u64 = 10;

/// The gradient norm is all but zero below this share of its mean at the run's beginning.
const GRADIENT_GONE: f64 = 0.02;
/// The loss is all but zero below this share of its first value.
const LOSS_GONE: f64 = 0.05;
/// There was nothing left to learn for at least this share of the steps.
const WASTED_SHARE: f64 = 0.3;

/// Loss and gradient have been all but zero for a good part of the run.
pub fn saturated(vitals: &Vitals, config: &RunConfig) -> Verdict {
    let curves = (vitals.curve("loss"), vitals.curve("grad_norm"));
    let (Some(losses), Some(norms)) = curves else {
        return Verdict::NotJudged;
    };
    let (Some(first), Some(usual), Some(total)) = (losses.first, norms.head(), vitals.total_steps) else {
        return Verdict::NotJudged;
    };
    if losses.count() < 2 * MIN_LOGGED_STEPS || first.value <= 0.0 {
        return Verdict::NotJudged;
    }
    let idle = |of: &super::curve::Curve, least: f64| {
        let busy = of.stretches().iter().rposition(|stretch| stretch.mean >= least);
        of.stretches()
            .get(busy.map_or(0, |busy| busy + 1))
            .map(|stretch| stretch.from)
    };
    let since = idle(losses, LOSS_GONE * first.value).zip(idle(norms, GRADIENT_GONE * usual.mean));
    let since = since.map(|(loss, norm)| loss.max(norm));
    let share = |since: u64| since as f64 / total.max(1) as f64;
    let Some(since) = since.filter(|since| vitals.step.saturating_sub(*since) as f64 >= WASTED_SHARE * total as f64)
    else {
        return Verdict::Well;
    };
    let tail = losses.tail().map_or(0.0, |tail| tail.mean);
    let said = says::health_saturated(since, percent(share(since)), short(tail), short(first.value));
    Some(
        Finding::new(Rule::Saturated, Severity::Note, said)
            .shown("grad_norm", since, vitals.step)
            .with(fewer_steps(config, vitals, since)),
    )
    .into()
}
