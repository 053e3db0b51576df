//! How the run goes on: spikes, what is learnt by heart, what turns up again, what is over before its last step.

use super::numbers::{percent, rounded, short};
use super::vitals::RECENT;
use super::{Change, Finding, Look, Rule, Severity, Vitals};
use crate::config::RunConfig;
use crate::says;

/// The bound of gradients that is usual, of a run that has none.
const USUAL_BOUND: f64 = 1.0;
/// Share of the steps in which the learning rate rises, where there was no warm-up.
const USUAL_WARMUP: f64 = 0.1;

/// A bound takes care of single spikes; of so many it says that the steps are too long.
const OFTEN: u64 = 3;

/// Steps with gradients far longer than usual, which were let through whole or nearly so.
pub fn spikes(vitals: &Vitals, config: &RunConfig) -> Look {
    let Some(norms) = vitals.curve("grad_norm").filter(|norms| norms.count() > RECENT as u64) else {
        return Look::TooSoon;
    };
    let bound = config.max_grad_norm.filter(|bound| *bound > 0.0);
    // below the bound, or where the usual one is next to nothing, a spike moves the weights no further than a step may
    let harm = bound.unwrap_or(USUAL_BOUND);
    let bad = vitals.spikes.spikes.iter().filter(|spike| spike.norm > harm);
    let kept = bad.clone().count() as u64;
    let count = if kept == vitals.spikes.spikes.len() as u64 {
        vitals.spikes.count
    } else {
        kept
    };
    let Some(worst) = bad.clone().max_by(|a, b| a.norm.total_cmp(&b.norm)) else {
        return Look::Well;
    };
    if bound.is_some() && count < OFTEN {
        return Look::Well;
    }
    let (from, to) = bad.fold((worst.step, worst.step), |(from, to), spike| {
        (from.min(spike.step), to.max(spike.step))
    });
    // the first may be none of the greatest
    let from = vitals
        .spikes
        .first
        .filter(|_| count > kept)
        .map_or(from, |first| first.min(from));
    let warm = config.warmup_ratio.unwrap_or(0.0) > 0.0 || config.warmup_steps.unwrap_or(0.0) > 0.0;
    let early = from <= norms.newest.map_or(0, |newest| newest.step) / 10;
    let change = match (bound, config.learning_rate) {
        (None, _) => Some(Change::new("max_grad_norm", USUAL_BOUND)),
        (Some(_), _) if early && !warm => Some(Change::new("warmup_ratio", USUAL_WARMUP)),
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

/// All training pairs are right within this share of the steps: faster than a model learns what holds for other pairs too.
const AT_ONCE: f64 = 0.05;
/// They still are where so many of the newest tenth are.
const STAYED: f64 = 0.95;
/// Held-out pairs are behind where fewer than these are right.
const BEHIND: f64 = 0.9;

/// Every training pair is right almost at once, and held-out ones are not.
pub fn memorised(vitals: &Vitals, config: &RunConfig) -> Look {
    let accuracy = vitals.newest.and_then(|newest| newest.accuracy);
    let (Some(total), Some(accuracy)) = (vitals.total_steps, accuracy) else {
        return Look::TooSoon;
    };
    let since = vitals
        .perfect
        .since
        .filter(|since| *since as f64 <= AT_ONCE * total as f64);
    // and it stayed so
    let now = vitals.curve("rewards/accuracies").or(vitals.curve("accuracy"));
    let stays = now
        .and_then(super::curve::Curve::tail)
        .is_some_and(|tail| tail.mean >= STAYED);
    let Some(since) = since.filter(|_| stays && accuracy < BEHIND) else {
        return Look::Well;
    };
    let said = says::health_memorised(since, percent(since as f64 / total as f64), percent(accuracy));
    Some(
        Finding::new(Rule::Memorised, Severity::Warning, said)
            .shown("rewards/accuracies", since, vitals.step)
            .with(fewer_steps(config, vitals, since)),
    )
    .into()
}

/// As many steps as are made by `step`, in the key that says how many there are.
fn fewer_steps(config: &RunConfig, vitals: &Vitals, step: u64) -> Option<Change> {
    if config.max_steps.is_some_and(|steps| steps > 0.0) {
        return Some(Change::new("max_steps", step));
    }
    let (epochs, total) = (config.num_train_epochs?, vitals.total_steps?);
    // at least a tenth of an epoch
    let epochs = (epochs * step as f64 / total.max(1) as f64 * 10.0).ceil() / 10.0;
    Some(Change::new("num_train_epochs", epochs.max(0.1)))
}

/// The held-out loss rose again by this part of what it was at its lowest …
const TURNED_BY: f64 = 0.02;
/// … and by this part of all that it had fallen.
const LOST: f64 = 0.03;
/// Evaluations that tell.
const EVALUATIONS: u64 = 3;

/// The held-out loss was lower before, and no more pairs are right for it.
pub fn turned_up(vitals: &Vitals, config: &RunConfig) -> Look {
    let (Some(lowest), Some(newest)) = (vitals.lowest, vitals.newest) else {
        return Look::TooSoon;
    };
    if vitals.evaluations < EVALUATIONS {
        return Look::TooSoon;
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
    let turned = rise > TURNED_BY * lowest.loss.abs() && rise > LOST * (start - lowest.loss) && !better;
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

/// Replies are longer or shorter by this part of what they were.
const DRIFTED_BY: f64 = 0.5;
/// Logged steps that tell.
const LOGGED: u64 = 10;

/// Replies that the model writes while it trains get longer or shorter.
pub fn length_drift(vitals: &Vitals, config: &RunConfig) -> Look {
    let lengths = vitals
        .curve("tokens/responses_len_mean")
        .filter(|lengths| lengths.count() >= LOGGED);
    let Some((head, tail)) = lengths.and_then(|lengths| Some((lengths.head()?, lengths.tail()?))) else {
        return Look::TooSoon;
    };
    let by = tail.mean / head.mean.max(1.0) - 1.0;
    if by.abs() < DRIFTED_BY {
        return Look::Well;
    }
    let (after, before) = (short(tail.mean), short(head.mean));
    let said = match by > 0.0 {
        true => says::health_longer(after, before, percent(by)),
        false => says::health_shorter(after, before, percent(-by)),
    };
    // closer to the reference
    let change = config
        .init_kl_coef
        .map(|held| Change::new("init_kl_coef", rounded(held * 2.0)));
    Some(
        Finding::new(Rule::LengthDrift, Severity::Warning, said)
            .shown("tokens/responses_len_mean", head.from, tail.to)
            .with(change),
    )
    .into()
}

/// The gradient is all but zero where it is below this part of what is usual in the run's beginning.
const GONE: f64 = 0.02;
/// The loss is all but gone where it is below this part of what it began at.
const LEARNT: f64 = 0.05;
/// Nothing was left to learn for this share of the steps.
const FOR_NOTHING: f64 = 0.3;

/// Loss and gradient have been all but zero for a good part of the run.
pub fn saturated(vitals: &Vitals, config: &RunConfig) -> Look {
    let curves = (vitals.curve("loss"), vitals.curve("grad_norm"));
    let (Some(losses), Some(norms)) = curves else {
        return Look::TooSoon;
    };
    let (Some(first), Some(usual), Some(total)) = (losses.first, norms.head(), vitals.total_steps) else {
        return Look::TooSoon;
    };
    if losses.count() < 2 * LOGGED || first.value <= 0.0 {
        return Look::TooSoon;
    }
    let idle = |of: &super::curve::Curve, least: f64| {
        let busy = of.stretches().iter().rposition(|stretch| stretch.mean >= least);
        of.stretches()
            .get(busy.map_or(0, |busy| busy + 1))
            .map(|stretch| stretch.from)
    };
    let since = idle(losses, LEARNT * first.value).zip(idle(norms, GONE * usual.mean));
    let since = since.map(|(loss, norm)| loss.max(norm));
    let share = |since: u64| since as f64 / total.max(1) as f64;
    let Some(since) = since.filter(|since| vitals.step.saturating_sub(*since) as f64 >= FOR_NOTHING * total as f64)
    else {
        return Look::Well;
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
