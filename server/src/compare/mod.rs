//! Several runs together, for programs, files and pictures: curves, every value of a chart, the table, a report. What is asked is
//! the query of the board's compare page, so that an address there is an address here.

mod colors;
mod curves;
mod picture;
mod points;
mod report;
mod series;
mod svg;
mod table;
pub mod views;

pub use curves::{__path_curves, curves};
pub use picture::{__path_picture, picture};
pub use points::{__path_csv, __path_json, csv, json};
pub use report::{__path_report, report};
pub use series::{__path_series, series};
pub use table::{__path_table_csv, __path_table_json, table_csv, table_json};

use crate::ApiError;
use crate::db::{Db, RunRow};
use crate::error::ApiResult;
use crate::extract::list;
use protocol::numbers::{ValueGroup, exact_text, grouped_by};
use protocol::{Lang, says};
use serde::Deserialize;
use serde_json::Value;

/// Runs asked for together, at most.
const MOST_RUNS: usize = 1000;
/// Metrics likewise.
const MOST_METRICS: usize = 100;
/// Points of one answer, at most, about: of very many lines each has fewer.
const MOST_POINTS: u64 = 2_000_000;

/// Points of each line: as many as asked for, where all lines together do not come to too many.
fn points_each(asked: u64, runs: usize, metrics: usize) -> u64 {
    asked.min(MOST_POINTS / (runs * metrics).max(1) as u64).max(16)
}

/// What of which runs, as the compare page's address says it.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
pub struct Asked {
    /// Ids of runs with commas between; a table without any is of all runs that are not archived.
    runs: String,
    /// Ids of those that are not drawn.
    hide: String,
    /// The id of the baseline.
    pin: String,
    /// A column of the page's table, with `-` in front from the greatest down.
    sort: String,
    /// Full names of metrics with commas between (`loss,eval_loss`).
    y: String,
    /// `step`, `epoch`, `time`, the full name of a metric, or `c.` and a key of the config.
    x: String,
    /// A key of the config: its values are groups of runs.
    group: String,
    /// How much noise is taken out of training metrics, 0 to 0.99.
    smooth: Option<f64>,
    /// The part of the x axis: `10~20`.
    zoom: String,
    /// Decades on the y axis.
    log: String,
    /// Leaves outliers out of sight.
    clip: String,
    /// What gives more than eight runs their colours: `acc`, `margin`, `eval_loss`, `lr`.
    color: String,
    /// Charts of one's own: `y~x` with commas between.
    own: String,
    /// Of a report: `en`, `ja`, `zh`.
    lang: String,
    /// Title of a picture, and the name of a file.
    title: String,
}

/// What runs along the bottom.
#[derive(Debug, Clone, PartialEq)]
pub enum X {
    Step,
    Epoch,
    Time,
    Metric(String),
    Key(String),
}

impl X {
    fn parse(text: &str) -> Self {
        match text {
            "" | "step" => Self::Step,
            "epoch" => Self::Epoch,
            "time" => Self::Time,
            _ => match text.strip_prefix("c.") {
                Some(key) => Self::Key(key.into()),
                None => Self::Metric(text.into()),
            },
        }
    }

    fn title(&self) -> &str {
        match self {
            Self::Step => "step",
            Self::Epoch => "epoch",
            Self::Time => "s",
            Self::Metric(name) | Self::Key(name) => name,
        }
    }
}

impl Asked {
    fn x(&self) -> X {
        X::parse(&self.x)
    }

    fn lang(&self) -> Lang {
        Lang::from_tag(&self.lang)
    }

    fn zoom(&self) -> Option<(f64, f64)> {
        let (from, to) = self.zoom.split_once('~')?;
        let window: (f64, f64) = (from.parse().ok()?, to.parse().ok()?);
        (window.0 < window.1).then_some(window)
    }

    /// The same with another chart.
    fn with(&self, y: &[String], x: &str) -> Self {
        Self {
            y: y.join(","),
            x: x.to_owned(),
            ..self.clone()
        }
    }

    /// The runs in their order.
    ///
    /// # Errors
    /// One is not there, none is named, or too many are.
    async fn rows(&self, db: &Db) -> ApiResult<Vec<RunRow>> {
        let ids = list(&self.runs);
        if ids.is_empty() || ids.len() > MOST_RUNS {
            return Err(ApiError::bad(says::bad_runs(MOST_RUNS)));
        }
        let mut rows = vec![];
        // a vacant place of the page's selection
        for id in ids.iter().filter(|id| *id != "-") {
            rows.push(crate::runs::find(db, id).await?);
        }
        Ok(rows)
    }

    /// Metrics asked for.
    fn metrics(&self) -> ApiResult<Vec<String>> {
        let names = list(&self.y);
        if names.is_empty() || names.len() > MOST_METRICS {
            return Err(ApiError::bad(says::bad_metrics(MOST_METRICS)));
        }
        Ok(names)
    }

    /// The group's key.
    ///
    /// # Errors
    /// There is no such key.
    fn group(&self) -> ApiResult<Option<&str>> {
        match self.group.as_str() {
            "" => Ok(None),
            key => known_key(key).map(Some),
        }
    }
}

/// # Errors
/// No run config has it.
fn known_key(key: &str) -> ApiResult<&str> {
    match protocol::config::KEYS.iter().any(|known| known.name == key) {
        true => Ok(key),
        false => Err(ApiError::bad(says::bad_group(key.escape_debug().to_string()))),
    }
}

/// A run's value of a key.
fn value_of(row: &RunRow, key: &str) -> Option<Value> {
    row.summary.known_config().get(key)
}

/// The same to its last digit.
fn exact_of(row: &RunRow, key: &str) -> String {
    exact_text(value_of(row, key).as_ref())
}

/// The runs of each value.
fn groups(rows: &[RunRow], key: &str) -> Vec<ValueGroup> {
    let values: Vec<_> = rows.iter().map(|row| value_of(row, key)).collect();
    grouped_by(&values)
}
