//! The value of a run in each column of the list of runs, before formatting: what searches compare and sorting goes by.

use crate::api::RunSummary;
use crate::health::{Health, Severity};
use crate::metric::{self, Metric};
use crate::numbers::value_text;
use serde_json::Value;
use std::cmp::Ordering;

/// Columns that are neither a key of the config (`c.pref_beta`) nor a metric (`m.loss`).
pub const COLUMNS: [&str; 15] = [
    "name",
    "loss",
    "model",
    "data",
    "step",
    "acc",
    "margin",
    "eval_loss",
    "health",
    "lr",
    "time",
    "created",
    "peak",
    "tags",
    "spark",
];

/// A column as its name says, looked up once for many runs.
#[derive(Debug, Clone, Copy)]
pub enum Column<'a> {
    /// One of [`COLUMNS`], or none.
    Own(&'a str),
    /// The held-out value of a metric that has a column of its own.
    Result(&'static Metric),
    /// Any metric's newest value.
    Metric(&'a str),
    /// A key of the config.
    Setting(&'a str),
}

impl<'a> Column<'a> {
    pub fn named(name: &'a str) -> Self {
        match (name.split_once('.'), metric::of_column(name)) {
            (Some(("m", metric)), _) => Self::Metric(metric),
            (Some(("c", key)), _) => Self::Setting(key),
            (_, Some(metric)) => Self::Result(metric),
            (_, None) => Self::Own(name),
        }
    }
}

/// The metrics whose held-out values have a column of their own, in the order of these columns.
pub fn results() -> impl Iterator<Item = &'static Metric> {
    COLUMNS.iter().filter_map(|column| metric::of_column(column))
}

/// What a column says of a run.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnValue {
    Empty,
    Text(String),
    Number(f64),
}

/// The letters in small, without a text made of them.
fn small(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

impl ColumnValue {
    fn text(text: &str) -> Self {
        match text {
            "" => Self::Empty,
            text => Self::Text(text.into()),
        }
    }

    /// The same to sort many by: a text's letters are made small once and not in each comparison.
    pub fn sort_key(self) -> SortKey {
        SortKey(match self {
            Self::Text(text) => Self::Text(text.to_lowercase()),
            other => other,
        })
    }

    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(value) => Some(*value),
            _ => None,
        }
    }

    /// Numbers before words, and what is empty last.
    pub fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            (Self::Text(a), Self::Text(b)) => small(a).cmp(small(b)),
            (Self::Number(_), _) => Ordering::Less,
            (_, Self::Number(_)) => Ordering::Greater,
            (Self::Text(_), Self::Empty) => Ordering::Less,
            (Self::Empty, Self::Text(_)) => Ordering::Greater,
            (Self::Empty, Self::Empty) => Ordering::Equal,
        }
    }
}

/// A value that is compared with many others.
#[derive(Debug, Clone, PartialEq)]
pub struct SortKey(ColumnValue);

impl SortKey {
    /// As [`ColumnValue::order`], but in the other direction where it is `descending`, and what is empty comes last in both.
    pub fn order(&self, other: &Self, descending: bool) -> Ordering {
        let order = match (&self.0, &other.0) {
            (ColumnValue::Empty, _) | (_, ColumnValue::Empty) => return self.0.order(&other.0),
            (ColumnValue::Text(a), ColumnValue::Text(b)) => a.cmp(b),
            (a, b) => a.order(b),
        };
        if descending { order.reverse() } else { order }
    }
}

impl From<Option<f64>> for ColumnValue {
    fn from(value: Option<f64>) -> Self {
        value.map_or(Self::Empty, Self::Number)
    }
}

/// Whether there is such a column: a metric's where `is_metric` says that one has this name.
pub fn is_column(column: &str, is_metric: impl Fn(&str) -> bool) -> bool {
    match column.split_once('.') {
        Some(("c", key)) => crate::config::KEYS.iter().any(|known| known.name == key),
        Some(("m", metric)) => is_metric(metric),
        _ => COLUMNS.contains(&column),
    }
}

/// A model or data path's last part: what people call it.
pub fn short_name(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or(path)
}

/// How a run's findings sort: by the worst, then by how many there are.
fn severity(health: &Health) -> f64 {
    let worst = health.worst().map_or(0, |worst| 1 + worst as u64);
    (worst * 100 + health.findings.len() as u64) as f64
}

impl RunSummary {
    /// What `column` says of it: one of [`COLUMNS`], `c.<config key>` or `m.<metric>`.
    pub fn column(&self, column: &str) -> ColumnValue {
        self.value(Column::named(column))
    }

    /// The same of a column that was looked up before.
    pub fn value(&self, column: Column<'_>) -> ColumnValue {
        let name = match column {
            Column::Own(name) => name,
            Column::Result(metric) => return self.result(metric.name).into(),
            Column::Metric(name) => return self.newest(name).into(),
            Column::Setting(key) => return setting(self.config.get(key)),
        };
        let text = |text: &Option<String>| ColumnValue::text(short_name(text.as_deref().unwrap_or_default()));
        match name {
            "name" => ColumnValue::text(&self.name),
            "loss" => ColumnValue::text(self.loss_name()),
            "model" => text(&self.config.model_name_or_path),
            "data" => text(&self.config.dataset),
            "step" => ColumnValue::Number(self.step as f64),
            "health" => self.health.as_ref().map(severity).into(),
            "lr" => {
                let asked = self.config.learning_rate;
                asked.or_else(|| self.known_config().learning_rate).into()
            }
            "time" => ColumnValue::Number(self.seconds),
            "created" => ColumnValue::Number(self.created as f64),
            "peak" => self.peak().map(|bytes| bytes as f64).into(),
            "tags" => ColumnValue::text(&self.tags.join(", ")),
            "spark" => self.spark.last().copied().into(),
            _ => ColumnValue::Empty,
        }
    }

    /// Seconds of training; `None` until the run is over.
    pub fn time_taken(&self) -> Option<f64> {
        (self.state.is_over() && self.seconds > 0.0).then_some(self.seconds)
    }

    /// Peak memory of its worker, in bytes.
    pub fn peak(&self) -> Option<u64> {
        self.peak_memory.filter(|bytes| *bytes > 0)
    }

    /// The same, for runs that made at least one step: the peak of others says nothing about their config.
    pub fn training_peak(&self) -> Option<u64> {
        self.peak().filter(|_| self.step > 0)
    }

    /// The severity of its worst finding, `well` without findings; `None`: it was not judged yet.
    pub fn health_key(&self) -> Option<&'static str> {
        let health = self.health.as_ref()?;
        Some(health.worst().map_or("well", Severity::key))
    }
}

/// The column value for a config key with this value.
pub fn setting(value: Option<Value>) -> ColumnValue {
    match value {
        Some(Value::Number(value)) => value.as_f64().into(),
        value => ColumnValue::text(&value_text(value.as_ref())),
    }
}
