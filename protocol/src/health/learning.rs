//! Rules on whether a run learns what it should: collapse, learning rate, and displacement of the chosen reply.

use super::numbers::{percent, rounded, short};
use super::{Change, Finding, Rule, Severity, Verdict, Vitals};
use crate::config::RunConfig;
use crate::method::{MethodId, Scale};
use crate::{Stage, says};

/// A held-out accuracy fell if it lost this much, and more than chance explains ([`DEVIATIONS`]).
const SHARE_FELL: f64 = 0.05;
/// Standard deviations of an accuracy over the held-out rows that count as chance.
const DEVIATIONS: f64 = 2.0;
/// The preference margin fell if it lost this much, in nats per token: a factor of two over seven tokens.
const MARGIN_FELL: f64 = 0.1;
/// A loss or a reward is worse if it changed by this share of what it was.
const WORSE_BY: f64 = 0.1;
/// A run is judged only after this share of its steps: during warm-up it may get worse.
const WARMED_UP: f64 = 0.25;

/// A learning rate for a run whose rate was too high: a tenth of it, or the one recommended for the method and the size of the
/// model where that is lower still.
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

/// The same, but half the rate where it is not far above the recommended one.
pub fn gentler_rate(vitals: &Vitals, config: &RunConfig) -> Vec<Change> {
    match (config.learning_rate, usual_rate(vitals, config)) {
        (Some(rate), Some(usual)) if rate < FAR_ABOVE_USUAL * usual => {
            vec![Change::new("learning_rate", rounded(rate / 2.0))]
        }
        _ => smaller_rate(vitals, config),
    }
}

/// The learning rate recommended for the method and a model of this size.
fn usual_rate(vitals: &Vitals, config: &RunConfig) -> Option<f64> {
    let params = (vitals.all_params > 0).then_some(vitals.all_params);
    MethodId::of(config)?
        .recommended(Scale { rows: None, params })
        .learning_rate
}

/// By how much an accuracy over `rows` rows may differ by chance.
fn chance_deviation(share: f64, rows: u64) -> f64 {
    let share = share.clamp(0.01, 0.99);
    match rows {
        0 => 0.0,
        rows => DEVIATIONS * (share * (1.0 - share) / rows as f64).sqrt(),
    }
}

/// Worse than before training, by what the run was made for: preferences, rewards, or else the loss.
pub fn collapse(vitals: &Vitals, config: &RunConfig) -> Verdict {
    if vitals.share() < WARMED_UP {
        return Verdict::NotJudged;
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
        if before - after.value > SHARE_FELL.max(chance_deviation(before, vitals.eval_rows)) {
            let said = says::health_accuracy_fell(percent(after.value), percent(before));
            return Some(found(name, said, after.step)).into();
        }
        let name = "preference/margins";
        let margin = vitals.before_and_after(name);
        // not a fall where more pairs are right, though by less
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
        return Verdict::NotJudged;
    };
    let worse = after.value - before > WORSE_BY * before.abs();
    let said = says::health_held_out_loss_rose(short(after.value), short(before));
    worse.then(|| found("loss", said, after.step)).into()
}

/// A loss has fallen if it lost at least this share of what it was.
const FELL_BY: f64 = 0.02;
/// A loss that rose by this share of what it was did not do so by noise, since it is a mean over several steps.
const WENT_UP_BY: f64 = 0.1;
/// Fewer logged steps than this say nothing.
const MIN_LOGGED_STEPS: u64 = 10;

/// The loss became NaN, or rose and never came down.
pub fn rate_too_high(vitals: &Vitals, config: &RunConfig) -> Verdict {
    let found = |said| Finding::new(Rule::RateTooHigh, Severity::Bad, said).with(smaller_rate(vitals, config));
    let said = vitals.end.as_ref().map(|end| &end.said);
    if let Some(said) = said.filter(|said| said.code == "diverged") {
        // the worker names the step, which may not have been logged
        let step = said.args.first().and_then(|step| step.english().parse().ok());
        let step = step.unwrap_or(vitals.step);
        let said = says::health_diverged(step);
        return Some(found(said).shown("loss", step.saturating_sub(1), step)).into();
    }
    let Some(loss) = vitals.curve("loss").filter(|loss| loss.count() >= MIN_LOGGED_STEPS) else {
        return Verdict::NotJudged;
    };
    // PPO's loss is not comparable between batches of replies
    if vitals.share() < WARMED_UP || Stage::of(config) == Some(Stage::Ppo) {
        return Verdict::NotJudged;
    }
    let (Some(first), Some(head), Some(peak), Some(tail)) = (loss.first, loss.head(), loss.peak(), loss.tail()) else {
        return Verdict::NotJudged;
    };
    // prefer the eval loss, which is always over the same rows; a single step's training loss says too little
    let (start, now, most) = match vitals.before_and_after("loss") {
        Some((before, after)) => (before, after.value, before.max(first.value)),
        None => (head.mean, tail.mean, head.mean),
    };
    // a share of a loss that is all but zero means nothing: hence the absolute minimum
    let (stays, rose) = (start - FELL_BY * start.abs(), most + WENT_UP_BY * most.abs().max(0.1));
    let high = now > stays && peak.mean > rose;
    let said = says::health_never_fell(short(now), short(start), short(peak.mean), peak.from);
    high.then(|| found(said).shown("loss", peak.from, tail.to)).into()
}

/// An eval loss that changed by less than this share of itself did not move: runs that learn change it by some percent in their
/// first tenth.
const MOVED_BY: f64 = 2e-3;
/// The share of the steps before which that is not said.
const HALF_WAY: f64 = 0.5;

/// After half of the steps the eval loss is what it was.
pub fn rate_too_low(vitals: &Vitals, config: &RunConfig) -> Verdict {
    let Some((before, after)) = vitals.before_and_after("loss").filter(|_| vitals.share() >= HALF_WAY) else {
        return Verdict::NotJudged;
    };
    let still = |name: &str, by: f64| {
        let seen = vitals.before_and_after(name);
        seen.is_none_or(|(before, after)| (after.value - before).abs() <= by)
    };
    let unmoved = (after.value - before).abs() < MOVED_BY * before.abs()
        && still(
            "preference/accuracies",
            chance_deviation(0.5, vitals.eval_rows).min(SHARE_FELL),
        )
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

/// The chosen reply's log-prob fell by this share of itself. It sinks a little in most runs of DPO; where it sinks by a quarter
/// or more, probability went to replies that are in no pair (likelihood displacement: arXiv 2410.08847, 2402.13228).
const DISPLACED_BY: f64 = 0.25;
/// The weight to try for the supervised term on the chosen reply, as in LLaMA-Factory's examples.
const DEFAULT_PREF_FTX: f64 = 0.2;
/// A learning rate this many times the recommended one is to blame first.
const FAR_ABOVE_USUAL: f64 = 4.0;

/// The chosen reply gets less likely while the margin rises.
pub fn displacement(vitals: &Vitals, config: &RunConfig) -> Verdict {
    let (chosen, margins) = (
        vitals.before_and_after("logps/chosen"),
        vitals.before_and_after("preference/margins"),
    );
    let (Some((before, after)), Some((margin_before, margin))) = (chosen, margins) else {
        return Verdict::NotJudged;
    };
    let displaced = before - after.value > DISPLACED_BY * before.abs() && margin.value > margin_before;
    let mut changes = vec![];
    // a supervised term is there already and does not prevent it
    let holds = config.pref_ftx.is_some_and(|weight| weight > 0.0)
        || matches!(config.pref_loss.as_deref(), Some("orpo" | "cpo"));
    match (config.learning_rate, usual_rate(vitals, config)) {
        (Some(rate), Some(usual)) if rate >= FAR_ABOVE_USUAL * usual => changes = smaller_rate(vitals, config),
        (Some(rate), _) if holds => changes.push(Change::new("learning_rate", rounded(rate / 2.0))),
        _ => changes.push(Change::new("pref_ftx", DEFAULT_PREF_FTX)),
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
