//! Whether the run learns what it should: rules on the learning rate, and on what becomes of the chosen reply.

use super::numbers::{percent, rounded, short};
use super::{Change, Finding, Look, Rule, Severity, Vitals};
use crate::config::RunConfig;
use crate::method::{MethodId, Scale};
use crate::{Stage, says};

/// A held-out share fell where it lost this much, and more than chance makes of it ([`DEVIATIONS`]).
const SHARE_FELL: f64 = 0.05;
/// Standard deviations of a share that was counted over the held-out rows.
const DEVIATIONS: f64 = 2.0;
/// The preference margin fell where it lost this much, in nats per token: twice as unlikely over seven tokens.
const MARGIN_FELL: f64 = 0.1;
/// A loss or a reward is worse where it moved by this part of what it was.
const WORSE_BY: f64 = 0.1;
/// A run that goes is judged by what it was tuned for once it made so much of its steps: while the rate rises it may get worse.
const WARMED_UP: f64 = 0.25;

/// The learning rate for a run whose rate was too high: a tenth, or what is usual for the method and the size of the model
/// where that is still less.
pub fn smaller_rate(vitals: &Vitals, config: &RunConfig) -> Vec<Change> {
    let Some(rate) = config.learning_rate else {
        return vec![];
    };
    let tenth = rate / 10.0;
    let less = usual_rate(vitals, config)
        .filter(|usual| *usual < tenth)
        .unwrap_or(tenth);
    vec![Change::new("learning_rate", rounded(less))]
}

/// What the rate is set to for the method and a model of this size.
fn usual_rate(vitals: &Vitals, config: &RunConfig) -> Option<f64> {
    let params = (vitals.all_params > 0).then_some(vitals.all_params);
    MethodId::of(config)?
        .recommended(Scale { rows: None, params })
        .learning_rate
}

/// By how much a share may change when nothing does, counted over so many rows.
fn chance(share: f64, rows: u64) -> f64 {
    let share = share.clamp(0.01, 0.99);
    match rows {
        0 => 0.0,
        rows => DEVIATIONS * (share * (1.0 - share) / rows as f64).sqrt(),
    }
}

/// Worse than before training, by what the run was made for: preferences, rewards, else the loss.
pub fn collapse(vitals: &Vitals, config: &RunConfig) -> Look {
    if vitals.share() < WARMED_UP {
        return Look::TooSoon;
    }
    let shares = ["preference/accuracies", "accuracy"];
    let share = shares
        .iter()
        .find_map(|name| Some((*name, vitals.before_and_after(name)?)));
    let found = |name: &str, said, to| {
        Finding::new(Rule::Collapse, Severity::Bad, said)
            .shown(vitals.shown_as(name), 0, to)
            .with(smaller_rate(vitals, config))
    };
    if let Some((name, (before, after))) = share {
        if before - after.value > SHARE_FELL.max(chance(before, vitals.eval_rows)) {
            let said = says::health_accuracy_fell(percent(after.value), percent(before));
            return Some(found(name, said, after.step)).into();
        }
        let name = "preference/margins";
        let margin = vitals.before_and_after(name);
        // more pairs are right, if by less
        let fell = margin.filter(|(was, is)| was - is.value > MARGIN_FELL && after.value <= before);
        return fell
            .map(|(was, is)| found(name, says::health_margin_fell(short(is.value), short(was)), is.step))
            .into();
    }
    if let Some((before, after)) = vitals.before_and_after("reward") {
        let worse = before - after.value > WORSE_BY * before.abs();
        let said = says::health_reward_fell(short(after.value), short(before));
        return worse.then(|| found("reward", said, after.step)).into();
    }
    let Some((before, after)) = vitals.before_and_after("loss") else {
        return Look::TooSoon;
    };
    let worse = after.value - before > WORSE_BY * before.abs();
    let said = says::health_held_out_loss_rose(short(after.value), short(before));
    worse.then(|| found("loss", said, after.step)).into()
}

/// The loss has fallen by at least this part of what it was, or it has not fallen.
const FELL_BY: f64 = 0.02;
/// A loss that went up by this part of what it was did not do so by noise: means of several steps do not.
const WENT_UP_BY: f64 = 0.1;
/// Logged steps that tell.
const LOGGED: u64 = 10;

/// The loss is no number any more, or went up and never came down.
pub fn rate_too_high(vitals: &Vitals, config: &RunConfig) -> Look {
    let found = |said| Finding::new(Rule::RateTooHigh, Severity::Bad, said).with(smaller_rate(vitals, config));
    let said = vitals.end.as_ref().map(|end| &end.said);
    if let Some(said) = said.filter(|said| said.code == "diverged") {
        // logged or not, the worker names the step
        let step = said.args.first().and_then(|step| step.english().parse().ok());
        let step = step.unwrap_or(vitals.step);
        let said = says::health_diverged(step);
        return Some(found(said).shown("loss", step.saturating_sub(1), step)).into();
    }
    let Some(loss) = vitals.curve("loss").filter(|loss| loss.count() >= LOGGED) else {
        return Look::TooSoon;
    };
    // what PPO minimises is made anew with each batch of replies
    if vitals.share() < WARMED_UP || Stage::of(config) == Some(Stage::Ppo) {
        return Look::TooSoon;
    }
    let (Some(first), Some(head), Some(peak), Some(tail)) = (loss.first, loss.head(), loss.peak(), loss.tail()) else {
        return Look::TooSoon;
    };
    // of the held-out rows where there are: each evaluation sees the same ones. Without, one step's loss says too little
    let (start, now, most) = match vitals.before_and_after("loss") {
        Some((before, after)) => (before, after.value, before.max(first.value)),
        None => (head.mean, tail.mean, head.mean),
    };
    // of a loss that is all but zero no part can be told
    let (stays, rose) = (start - FELL_BY * start.abs(), most + WENT_UP_BY * most.abs().max(0.1));
    let high = now > stays && peak.mean > rose;
    let said = says::health_never_fell(short(now), short(start), short(peak.mean), peak.from);
    high.then(|| found(said).shown("loss", peak.from, tail.to)).into()
}

/// A held-out loss that changed by less than this part of itself did not move: runs that learn change it by per cents in their
/// first tenth.
const MOVED_BY: f64 = 2e-3;
/// Half of the steps are made before that is said.
const HALF: f64 = 0.5;

/// After half of the steps the held-out loss is what it was.
pub fn rate_too_low(vitals: &Vitals, config: &RunConfig) -> Look {
    let Some((before, after)) = vitals.before_and_after("loss").filter(|_| vitals.share() >= HALF) else {
        return Look::TooSoon;
    };
    let still = |name: &str, by: f64| {
        let seen = vitals.before_and_after(name);
        seen.is_none_or(|(before, after)| (after.value - before).abs() <= by)
    };
    let unmoved = (after.value - before).abs() < MOVED_BY * before.abs()
        && still("preference/accuracies", chance(0.5, vitals.eval_rows).min(SHARE_FELL))
        && still("preference/margins", MARGIN_FELL / 10.0);
    let said = says::health_nothing_moves(short(after.value), short(before), after.step);
    let change = config
        .learning_rate
        .map(|rate| Change::new("learning_rate", rounded(rate * 10.0)));
    let found = || {
        Finding::new(Rule::RateTooLow, Severity::Warning, said)
            .shown(vitals.shown_as("loss"), 0, after.step)
            .with(change)
    };
    unmoved.then(found).into()
}

/// The chosen reply's log-prob fell by this part of itself. It sinks a little in most runs of DPO; where it sinks by a quarter
/// and more, likelihood went to replies that are in no pair (likelihood displacement: arXiv 2410.08847, 2402.13228).
const DISPLACED_BY: f64 = 0.25;
/// Weight of the supervised term that holds the chosen reply, as in LLaMA-Factory's examples.
const HOLD: f64 = 0.2;
/// A rate of so many times the usual one is to blame first.
const FAR: f64 = 4.0;

/// The chosen reply gets less likely while the margin rises.
pub fn displacement(vitals: &Vitals, config: &RunConfig) -> Look {
    let (chosen, margins) = (
        vitals.before_and_after("logps/chosen"),
        vitals.before_and_after("preference/margins"),
    );
    let (Some((before, after)), Some((margin_before, margin))) = (chosen, margins) else {
        return Look::TooSoon;
    };
    let displaced = before - after.value > DISPLACED_BY * before.abs() && margin.value > margin_before;
    let mut changes = vec![];
    // what has a supervised term already is not held by it
    let holds = config.pref_ftx.is_some_and(|weight| weight > 0.0)
        || matches!(config.pref_loss.as_deref(), Some("orpo" | "cpo"));
    match (config.learning_rate, usual_rate(vitals, config)) {
        (Some(rate), Some(usual)) if rate >= FAR * usual => changes = smaller_rate(vitals, config),
        (Some(rate), _) if holds => changes.push(Change::new("learning_rate", rounded(rate / 2.0))),
        _ => changes.push(Change::new("pref_ftx", HOLD)),
    }
    let said = says::health_displaced(
        short(after.value),
        short(before),
        short(margin.value),
        short(margin_before),
    );
    let found = || {
        Finding::new(Rule::Displacement, Severity::Warning, said)
            .shown(vitals.shown_as("logps/chosen"), 0, after.step)
            .with(changes)
    };
    displaced.then(found).into()
}
