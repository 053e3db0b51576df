//! Rules on what the model writes: in PPO's own replies, and to the sample prompts of an evaluation.

use super::learning::gentler_rate;
use super::numbers::{percent, rounded, short};
use super::{Change, Finding, Rule, Severity, Verdict, Vitals};
use crate::config::RunConfig;
use crate::says;

/// Replies are longer or shorter by this share of their length at the start.
const DRIFTED_BY: f64 = 0.5;
/// Fewer logged steps than this say nothing.
const MIN_LOGGED_STEPS: u64 = 10;

/// Replies written during training get longer or shorter.
pub fn length_drift(vitals: &Vitals, config: &RunConfig) -> Verdict {
    let lengths = vitals
        .curve("tokens/responses_len_mean")
        .filter(|lengths| lengths.count() >= MIN_LOGGED_STEPS);
    let Some((head, tail)) = lengths.and_then(|lengths| Some((lengths.head()?, lengths.tail()?))) else {
        return Verdict::NotJudged;
    };
    let by = tail.mean / head.mean.max(1.0) - 1.0;
    if by.abs() < DRIFTED_BY {
        return Verdict::Well;
    }
    let (after, before) = (short(tail.mean), short(head.mean));
    let said = match by > 0.0 {
        true => says::health_longer(after, before, percent(by)),
        false => says::health_shorter(after, before, percent(-by)),
    };
    // a higher KL price keeps the policy closer to the reference
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

/// Sample replies no longer end if at least this share of them reaches the most tokens that one may have,
const ENDLESS: f64 = 0.5;
/// and it was lower before training by at least this.
const ENDLESS_ROSE: f64 = 0.25;

/// Replies to the sample prompts go on until they are cut off, where before training they ended by themselves.
pub fn endless(vitals: &Vitals, config: &RunConfig) -> Verdict {
    let Some((before, after)) = vitals.before_and_after("completions/clipped_ratio") else {
        return Verdict::NotJudged;
    };
    let found = || {
        let said = says::health_endless(percent(after.value), percent(before));
        Finding::new(Rule::Endless, Severity::Warning, said)
            .shown(vitals.shown_as("completions/mean_length"), 0, after.step)
            .with(gentler_rate(vitals, config))
    };
    (after.value >= ENDLESS && after.value - before >= ENDLESS_ROSE)
        .then(found)
        .into()
}

/// Replies repeat themselves if at least this share of their sequences of four tokens came before in the same reply (the
/// repetition of arXiv 1908.04319, section 6),
const REPETITIVE: f64 = 0.3;
/// and it was lower before training by at least this.
const REPETITION_ROSE: f64 = 0.2;

/// Replies to the sample prompts say the same again and again, where before training they did not.
pub fn repetitive(vitals: &Vitals, config: &RunConfig) -> Verdict {
    let Some((before, after)) = vitals.before_and_after("completions/repetition") else {
        return Verdict::NotJudged;
    };
    let found = || {
        let said = says::health_repetitive(percent(after.value), percent(before));
        Finding::new(Rule::Repetitive, Severity::Bad, said)
            .shown(vitals.shown_as("completions/repetition"), 0, after.step)
            .with(gentler_rate(vitals, config))
    };
    (after.value >= REPETITIVE && after.value - before >= REPETITION_ROSE)
        .then(found)
        .into()
}
