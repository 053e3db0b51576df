//! What is wrong around the training: rows, evaluation, the worker and its machine.

use super::curve::median;
use super::numbers::{percent, short};
use super::vitals::RECENT;
use super::{Change, Finding, Look, Rule, Severity, Vitals};
use crate::config::RunConfig;
use crate::{Stage, says};

/// More rows than this share cut off are a loss of what they teach, most often of a reply's end.
const CUT: f64 = 0.1;

/// Many rows are longer than what is trained on.
pub fn truncated(vitals: &Vitals, config: &RunConfig) -> Look {
    let Some(length) = config.cutoff_len else {
        return Look::TooSoon;
    };
    let (usable, cut) = vitals
        .rows
        .values()
        .fold((0, 0), |(usable, cut), rows| (usable + rows.usable, cut + rows.cut));
    if usable == 0 {
        return Look::TooSoon;
    }
    let share = cut as f64 / usable as f64;
    let said = says::health_cut(percent(share), cut, usable, length);
    let found = || Finding::new(Rule::Truncated, Severity::Warning, said).with([Change::new("cutoff_len", length * 2)]);
    (share > CUT).then(found).into()
}

/// The share that is held out where nothing says how much.
const HELD_OUT: f64 = 0.1;
/// Of a stream a number of rows is.
const HELD_OUT_ROWS: f64 = 100.0;

/// Nothing is held out. PPO is judged by the rewards of its own replies.
pub fn no_held_out(vitals: &Vitals, config: &RunConfig) -> Look {
    if !vitals.ours || vitals.step == 0 || Stage::of(config) == Some(Stage::Ppo) {
        return Look::TooSoon;
    }
    let mut changes = vec![Change::new(
        "val_size",
        if config.streaming == Some(true) {
            HELD_OUT_ROWS
        } else {
            HELD_OUT
        },
    )];
    if config.eval_strategy.as_deref().is_none_or(|strategy| strategy == "no") {
        changes.push(Change::new("eval_strategy", "steps"));
    }
    let found = || Finding::new(Rule::NoHeldOut, Severity::Note, says::health_no_held_out()).with(changes);
    (vitals.eval_rows == 0).then(found).into()
}

/// A speed has fallen where it is below this part of what is usual.
const HALVED: f64 = 0.5;
/// And it stays where none of the newest is above this part of it.
const STAYS: f64 = 0.7;
/// Steps of less are not worth to be told of: what starts a step weighs more than the step.
const WORTH: f64 = 0.05;

/// Tokens per second have halved, and stay there.
pub fn slower(vitals: &Vitals) -> Look {
    let Some(speeds) = vitals
        .curve("tokens_per_second")
        .filter(|speeds| speeds.count() >= 3 * RECENT as u64)
    else {
        return Look::TooSoon;
    };
    if vitals.speeds.len() < RECENT {
        return Look::TooSoon;
    }
    // the newest half: some steps are enough to be sure, and news should not be old
    let newest: Vec<_> = vitals.speeds.iter().skip(RECENT / 2).collect();
    let values: Vec<f64> = newest.iter().map(|speed| speed.value).collect();
    let most = values.iter().copied().fold(0.0, f64::max);
    let (Some(usual), Some(now), Some(from)) = (speeds.median(), median(values), newest.first()) else {
        return Look::TooSoon;
    };
    let since = vitals
        .speeds
        .iter()
        .rev()
        .take_while(|speed| speed.value < STAYS * usual)
        .last();
    let since = since.map_or(from.step, |speed| speed.step);
    // slow for longer than single speeds are remembered: since when, the curve says
    let busy = speeds
        .stretches()
        .iter()
        .rposition(|stretch| stretch.mean >= STAYS * usual);
    let slow_stretch = busy.and_then(|busy| speeds.stretches().get(busy + 1));
    let since = slow_stretch.map_or(since, |stretch| stretch.from.min(since));
    let slow = now < HALVED * usual
        && most < STAYS * usual
        && vitals.seconds_per_step().is_some_and(|seconds| seconds > WORTH);
    let said = says::health_slower(short(now), short(usual), since);
    let found = || Finding::new(Rule::Slower, Severity::Note, said).shown("tokens_per_second", since, vitals.step);
    slow.then(found).into()
}

/// Silence is odd where it is so many times as long as a step usually takes …
const STEPS: f64 = 8.0;
/// … and as many seconds.
const SILENCE: f64 = 60.0;

/// Nothing was heard for oddly long: at `now` (ms), last heard of at `heard`, with steps of that many seconds.
pub fn stalled(now: i64, heard: i64, seconds_per_step: Option<f64>) -> Option<Finding> {
    let silent = (now - heard) as f64 / 1000.0;
    let odd = silent > (seconds_per_step.unwrap_or(0.0) * STEPS).max(SILENCE);
    let usual = seconds_per_step.map(short).unwrap_or_default();
    let said = says::health_stalled(silent.floor(), usual);
    odd.then(|| Finding::new(Rule::Stalled, Severity::Warning, said))
}
