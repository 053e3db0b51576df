//! Rules on what surrounds the training: rows, evaluation, the worker and its machine.

use super::curve::median;
use super::numbers::{percent, short};
use super::vitals::RECENT;
use super::{Change, Finding, Rule, Severity, Verdict, Vitals};
use crate::config::RunConfig;
use crate::{Stage, says};

/// A greater share of rows that are cut off is a loss of training signal, most often of the ends of replies.
const MAX_CUT_SHARE: f64 = 0.1;

/// Many rows are longer than the cut-off.
pub fn truncated(vitals: &Vitals, config: &RunConfig) -> Verdict {
    let Some(length) = config.cutoff_len else {
        return Verdict::NotJudged;
    };
    let (usable, cut) = vitals
        .rows
        .values()
        .fold((0, 0), |(usable, cut), rows| (usable + rows.usable, cut + rows.cut));
    if usable == 0 {
        return Verdict::NotJudged;
    }
    let share = cut as f64 / usable as f64;
    let longer = vitals.context.map_or(length * 2, |most| most.min(length * 2));
    let found = || match longer > length {
        true => {
            let said = says::health_cut(percent(share), cut, usable, length);
            Finding::new(Rule::Truncated, Severity::Warning, said).with([Change::new("cutoff_len", longer)])
        }
        // a longer cut-off would be past what the model was made for
        false => {
            let said = says::health_cut_at_most(percent(share), cut, usable, length);
            Finding::new(Rule::Truncated, Severity::Warning, said)
        }
    };
    (share > MAX_CUT_SHARE).then(found).into()
}

/// The `val_size` to try: a share of the rows.
const DEFAULT_VAL_SIZE: f64 = 0.1;
/// The `val_size` to try with streaming: a number of rows.
const DEFAULT_STREAMED_VAL_SIZE: f64 = 100.0;

/// No rows are held out. Does not apply to PPO, which is judged by the rewards of its own replies.
pub fn no_held_out(vitals: &Vitals, config: &RunConfig) -> Verdict {
    if !vitals.ours || vitals.step == 0 || Stage::of(config) == Some(Stage::Ppo) {
        return Verdict::NotJudged;
    }
    let mut changes = vec![Change::new(
        "val_size",
        if config.streaming == Some(true) {
            DEFAULT_STREAMED_VAL_SIZE
        } else {
            DEFAULT_VAL_SIZE
        },
    )];
    if config.eval_strategy.as_deref().is_none_or(|strategy| strategy == "no") {
        changes.push(Change::new("eval_strategy", "steps"));
    }
    let found = || Finding::new(Rule::NoHeldOut, Severity::Note, says::health_no_held_out()).with(changes);
    (vitals.eval_rows == 0).then(found).into()
}

/// A speed has fallen if it is below this share of the median.
const HALVED: f64 = 0.5;
/// And it stays low if none of the newest speeds is above this share of the median.
const STAYS_BELOW: f64 = 0.7;
/// Shorter steps, in seconds, are not judged: their overhead weighs more than the step.
const MIN_STEP_SECONDS: f64 = 0.05;

/// Tokens per second have halved and stay low.
pub fn slower(vitals: &Vitals) -> Verdict {
    let Some(speeds) = vitals
        .curve("tokens_per_second")
        .filter(|speeds| speeds.count() >= 3 * RECENT as u64)
    else {
        return Verdict::NotJudged;
    };
    if vitals.speeds.len() < RECENT {
        return Verdict::NotJudged;
    }
    // only the newest half: a few steps are enough to be sure, and old slowness is not news
    let newest: Vec<_> = vitals.speeds.iter().skip(RECENT / 2).collect();
    let values: Vec<f64> = newest.iter().map(|speed| speed.value).collect();
    let most = values.iter().copied().fold(0.0, f64::max);
    let (Some(usual), Some(now), Some(from)) = (speeds.median(), median(values), newest.first()) else {
        return Verdict::NotJudged;
    };
    let since = vitals
        .speeds
        .iter()
        .rev()
        .take_while(|speed| speed.value < STAYS_BELOW * usual)
        .last();
    let since = since.map_or(from.step, |speed| speed.step);
    // slow for longer than single speeds are remembered: the curve says since when
    let busy = speeds
        .stretches()
        .iter()
        .rposition(|stretch| stretch.mean >= STAYS_BELOW * usual);
    let slow_stretch = busy.and_then(|busy| speeds.stretches().get(busy + 1));
    let since = slow_stretch.map_or(since, |stretch| stretch.from.min(since));
    let slow = now < HALVED * usual
        && most < STAYS_BELOW * usual
        && vitals
            .seconds_per_step()
            .is_some_and(|seconds| seconds > MIN_STEP_SECONDS);
    let said = says::health_slower(short(now), short(usual), since);
    let found = || Finding::new(Rule::Slower, Severity::Note, said).shown("tokens_per_second", since, vitals.step);
    slow.then(found).into()
}

/// A run has stalled if it is silent for this many times the usual length of a step …
const SILENT_STEPS: f64 = 8.0;
/// … and for at least this many seconds.
const MIN_SILENT_SECONDS: f64 = 60.0;

/// No event for too long: `now` and the time of the newest event `heard` are milliseconds since the Unix epoch.
pub fn stalled(now: i64, heard: i64, seconds_per_step: Option<f64>) -> Option<Finding> {
    let silent = (now - heard) as f64 / 1000.0;
    let odd = silent > (seconds_per_step.unwrap_or(0.0) * SILENT_STEPS).max(MIN_SILENT_SECONDS);
    let usual = seconds_per_step.map(short).unwrap_or_default();
    let said = says::health_stalled(silent.floor(), usual);
    odd.then(|| Finding::new(Rule::Stalled, Severity::Warning, said))
}
