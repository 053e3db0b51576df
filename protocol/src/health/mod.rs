//! Is something going wrong with a run, and what should one try: rules over its curves and its config, by which server,
//! terminal and board say the same.

mod course;
mod curve;
mod learning;
mod numbers;
mod outside;
mod vitals;

pub use outside::stalled;
pub use vitals::Vitals;

use crate::config::RunConfig;
use crate::{Said, says};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Rises with every change of the rules: what was found by older ones is looked for anew.
pub const RULES: u32 = 2;

/// How bad a finding is. The order is that of a list: the worst is the greatest.
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
    /// Its name in addresses and searches.
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
    /// The loss never falls, or is no number any more.
    RateTooHigh,
    /// Nothing moves.
    RateTooLow,
    /// The chosen reply gets less likely while the margin rises.
    Displacement,
    /// Single steps with gradients far longer than usual.
    Spikes,
    /// All pairs of training are right at once, held-out ones are not.
    Memorised,
    /// The held-out loss was lower before.
    TurnedUp,
    /// Replies get longer or shorter.
    LengthDrift,
    /// Nothing is left to learn.
    Saturated,
    /// Many rows are longer than what is trained on.
    Truncated,
    NoHeldOut,
    /// Nothing was heard for long.
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
    /// Where it shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<Steps>,
    /// The metric whose chart shows it, by the name that events give it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<String>,
    /// What to change in the next run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// A checkpoint that is better than the newest.
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

    /// The sentence with what to try, for where there is no button for it.
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

/// What one rule says of a run.
enum Look {
    /// There is not enough to look at, or it is not for such runs.
    TooSoon,
    Well,
    Found(Box<Finding>),
}

impl From<Option<Finding>> for Look {
    fn from(found: Option<Finding>) -> Self {
        found.map_or(Self::Well, |finding| Self::Found(Box::new(finding)))
    }
}

/// What all rules say of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Health {
    /// Rules that had enough to look at.
    pub checks: u32,
    /// The worst first.
    pub findings: Vec<Finding>,
}

impl Health {
    /// How bad the worst finding is.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }

    /// Adds what was found later, in its place.
    pub fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
        self.sort();
    }

    fn sort(&mut self) {
        self.findings
            .sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.rule.cmp(&b.rule)));
    }
}

/// What the rules say of a run whose config, with every default, is `config`.
pub fn look(vitals: &Vitals, config: &RunConfig) -> Health {
    let mut health = Health::default();
    let looks = [
        learning::collapse(vitals, config),
        learning::rate_too_high(vitals, config),
        learning::rate_too_low(vitals, config),
        learning::displacement(vitals, config),
        course::spikes(vitals, config),
        course::memorised(vitals, config),
        course::turned_up(vitals, config),
        course::length_drift(vitals, config),
        course::saturated(vitals, config),
        outside::truncated(vitals, config),
        outside::no_held_out(vitals, config),
        outside::slower(vitals),
    ];
    for look in looks {
        match look {
            Look::TooSoon => continue,
            Look::Well => {}
            Look::Found(finding) => health.findings.push(*finding),
        }
        health.checks += 1;
    }
    // one cause is told once: what collapsed, or is no number any more, did so by its learning rate
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
