//! Is something going wrong with a run, and what should one try: rules over its curves and its config, shared by server,
//! terminal and board so that all say the same.

mod course;
mod curve;
mod learning;
mod numbers;
mod outside;
mod replies;
mod vitals;

pub use outside::stalled;
pub use vitals::Vitals;

use crate::config::RunConfig;
use crate::{Said, says};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Version of the rules. Rises where they find or say something else of a run, so that runs judged by older rules are judged again.
pub const RULES: u32 = 4;

/// How bad a finding is, from the least to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Note,
    /// The result is likely to be worse than it could be.
    Warning,
    /// The result is of no use.
    Bad,
}

impl Severity {
    /// Its name in URLs and searches.
    pub fn key(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Bad => "bad",
        }
    }
}

/// What a rule looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Worse than before training.
    Collapse,
    /// The loss never falls, or has become NaN.
    RateTooHigh,
    /// Hardly anything changes.
    RateTooLow,
    /// The chosen reply gets less likely while the margin rises.
    Displacement,
    /// Single steps with gradients far longer than usual.
    Spikes,
    /// Every training pair is right almost at once, but held-out pairs are not.
    Memorised,
    /// The held-out loss was lower before.
    TurnedUp,
    /// Replies get longer or shorter.
    LengthDrift,
    /// Replies no longer end.
    Endless,
    /// Replies say the same again and again.
    Repetitive,
    /// Nothing is left to learn.
    Saturated,
    /// Many rows are cut off.
    Truncated,
    NoHeldOut,
    /// No event for too long.
    Stalled,
    Slower,
}

/// A range of steps, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Steps {
    pub from: u64,
    pub to: u64,
}

/// A key of the config and what to set it to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Change {
    pub key: String,
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub value: Value,
}

impl Change {
    fn new(key: &str, value: impl Into<Value>) -> Self {
        Self {
            key: key.into(),
            value: value.into(),
        }
    }
}

/// `key=value`, as a command line takes it.
impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.value {
            Value::String(text) => write!(f, "{}={text}", self.key),
            Value::Number(number) => match number.as_f64() {
                Some(value) => write!(f, "{}={}", self.key, numbers::setting(value)),
                None => write!(f, "{}={number}", self.key),
            },
            other => write!(f, "{}={other}", self.key),
        }
    }
}

/// Something that goes wrong, and what to try.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Finding {
    pub rule: Rule,
    pub severity: Severity,
    /// The sentence, with the numbers it rests on.
    pub said: Said,
    /// The steps in which it shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<Steps>,
    /// The metric whose chart shows it, by its name in events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<String>,
    /// What to change in the next run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// A checkpoint that is better than the newest one, by the name of its folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<String>,
}

impl Finding {
    fn new(rule: Rule, severity: Severity, said: Said) -> Self {
        Self {
            rule,
            severity,
            said,
            steps: None,
            metric: None,
            changes: vec![],
            checkpoint: None,
        }
    }

    /// The sentence followed by what to try, for places that have no button for it.
    pub fn whole(&self) -> Said {
        let said = match &self.checkpoint {
            Some(checkpoint) => says::health_use(&self.said, checkpoint),
            None => self.said.clone(),
        };
        let changes: Vec<_> = self.changes.iter().map(ToString::to_string).collect();
        match changes.is_empty() {
            true => said,
            false => says::health_try(said, changes.join(" ")),
        }
    }

    fn shown(mut self, metric: impl Into<String>, from: u64, to: u64) -> Self {
        self.metric = Some(metric.into());
        self.steps = Some(Steps { from, to });
        self
    }

    fn with(mut self, changes: impl IntoIterator<Item = Change>) -> Self {
        self.changes = changes.into_iter().collect();
        self
    }
}

/// The verdict of one rule on a run.
enum Verdict {
    /// Not judged: there is too little to go by yet, or the rule is not for this kind of run.
    NotJudged,
    Well,
    Found(Box<Finding>),
}

impl From<Option<Finding>> for Verdict {
    fn from(found: Option<Finding>) -> Self {
        found.map_or(Self::Well, |finding| Self::Found(Box::new(finding)))
    }
}

/// The verdict of all rules on a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Health {
    /// How many rules could judge the run.
    pub checks: u32,
    /// The worst first.
    pub findings: Vec<Finding>,
}

impl Health {
    /// How bad the worst finding is.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }

    /// Adds a finding that was made later, in its place.
    pub fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
        self.sort();
    }

    fn sort(&mut self) {
        self.findings
            .sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.rule.cmp(&b.rule)));
    }
}

/// Judges a run by all rules. `config` is the run's config with every default filled in.
pub fn judge(vitals: &Vitals, config: &RunConfig) -> Health {
    let mut health = Health::default();
    let verdicts = [
        learning::collapse(vitals, config),
        learning::rate_too_high(vitals, config),
        learning::rate_too_low(vitals, config),
        learning::displacement(vitals, config),
        course::spikes(vitals, config),
        course::memorised(vitals, config),
        course::turned_up(vitals, config),
        replies::length_drift(vitals, config),
        replies::endless(vitals, config),
        replies::repetitive(vitals, config),
        course::saturated(vitals, config),
        outside::truncated(vitals, config),
        outside::no_held_out(vitals, config),
        outside::slower(vitals),
    ];
    for verdict in verdicts {
        match verdict {
            Verdict::NotJudged => continue,
            Verdict::Well => {}
            Verdict::Found(finding) => health.findings.push(*finding),
        }
        health.checks += 1;
    }
    // report one cause once: where a run collapsed or became NaN, the learning rate explains the other findings
    let found = |rule| health.findings.iter().any(|finding| finding.rule == rule);
    let collapsed = found(Rule::Collapse);
    let too_high = found(Rule::RateTooHigh) && !found(Rule::RateTooLow);
    health.findings.retain(|finding| match finding.rule {
        Rule::RateTooHigh => too_high && !collapsed,
        Rule::Displacement | Rule::TurnedUp | Rule::Spikes | Rule::Saturated => !collapsed && !too_high,
        _ => true,
    });
    health.sort();
    health
}
