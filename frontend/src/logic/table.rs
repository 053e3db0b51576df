//! The cell of a run in a column of the table.

use super::verdict::evaluated_before_end;
use crate::fmt;
use protocol::api::RunSummary;
use protocol::column::ColumnValue;
use protocol::health::Health;
use protocol::metric::{self, Metric, is_held_out};
use std::cmp::Ordering;
use std::ops::Deref;

/// The text of a cell, and the value it sorts by.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Empty,
    Text(String),
    Number(f64, String),
}

impl Cell {
    pub fn text(&self) -> &str {
        match self {
            Self::Empty => "",
            Self::Text(text) | Self::Number(_, text) => text,
        }
    }

    pub fn order(&self, other: &Self) -> Ordering {
        self.value().order(&other.value())
    }

    fn value(&self) -> ColumnValue {
        match self {
            Self::Empty => ColumnValue::Empty,
            Self::Text(text) => ColumnValue::Text(text.clone()),
            Self::Number(value, _) => ColumnValue::Number(*value),
        }
    }
}

/// The cell of a run in `column`: a built-in key, `c.<config key>` or `m.<metric>`.
pub fn cell(run: &RunSummary, column: &str) -> Cell {
    let value = match run.column(column) {
        ColumnValue::Empty => return Cell::Empty,
        ColumnValue::Text(text) => return Cell::Text(text),
        ColumnValue::Number(value) => value,
    };
    let text = match column {
        "step" => fmt::count(run.step),
        "acc" => format!("{value:.2}"),
        // the same number of decimals in every row, so that the decimal points are aligned
        "margin" | "eval_loss" => fmt::aligned(value),
        "health" => run.health.as_ref().map(found_text).unwrap_or_default(),
        "lr" => fmt::metric("learning_rate", value),
        "time" => fmt::clock(value),
        "created" => String::new(),
        "peak" => fmt::bytes(value as u64),
        _ => match column.split_once('.') {
            Some(("m", name)) => metric::unit(name).aligned(value),
            Some(("c", _)) => fmt::setting(value),
            _ => fmt::metric(column, value),
        },
    };
    Cell::Number(value, text)
}

/// The number of health findings; empty where all is well.
fn found_text(health: &Health) -> String {
    match health.findings.len() {
        0 => String::new(),
        count => fmt::count(count as u64),
    }
}

/// The text columns that have the same value in all of several runs, and so tell nothing apart.
pub fn equal_columns<R: Deref<Target = RunSummary>>(
    runs: impl Iterator<Item = R> + Clone,
    columns: &[String],
) -> Vec<String> {
    let same = |column: &&String| {
        let mut runs = runs.clone();
        let (Some(first), Some(second)) = (runs.next(), runs.next()) else {
            return false;
        };
        let (value, asked) = (first.column(column), asked(&first, column));
        // what was asked for in the same words is the same without a look at what the column makes of it
        let equal =
            |run: &RunSummary| (asked.is_some() && asked == self::asked(run, column)) || run.column(column) == value;
        matches!(value, ColumnValue::Text(_)) && equal(&second) && runs.all(|run| equal(&run))
    };
    columns.iter().filter(same).cloned().collect()
}

/// The words of the config that a column is made of.
fn asked<'a>(run: &'a RunSummary, column: &str) -> Option<&'a str> {
    match column {
        "model" => run.config.model_name_or_path.as_deref(),
        "data" => run.config.dataset.as_deref(),
        _ => None,
    }
}

/// The metric that a column shows, if it shows one.
pub fn column_metric(column: &str) -> Option<&'static Metric> {
    metric::of_column(column).or_else(|| metric::find(column.strip_prefix("m.")?))
}

/// The step at which a cell's value was measured, where the run has made steps since.
pub fn measured_at(run: &RunSummary, column: &str) -> Option<u64> {
    let held_out = metric::of_column(column).is_some() || column.strip_prefix("m.").is_some_and(is_held_out);
    let shown = held_out && cell(run, column) != Cell::Empty;
    shown.then(|| evaluated_before_end(run)).flatten()
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use protocol::event::MetricValue;

    /// A run of three steps, and its accuracy after them.
    pub fn run(id: &str, loss: &str, lr: f64, accuracy: Option<f64>) -> RunSummary {
        let text = format!(
            r#"{{"id":"{id}","name":"run {id}","state":"completed","queue_position":null,"tags":["t{id}"],"note":"","archived":false,
            "created":0,"started":null,"ended":null,"seconds":21.0,"step":3,"total_steps":3,"seq":1,"parent":null,
            "config":{{"stage":"dpo","pref_loss":"{loss}","pref_beta":2.0,"learning_rate":{lr},"model_name_or_path":"/models/demo/"}},
            "latest":{{}},"baseline":{{}},"evaluated":3,"spark":[],"message":"","peak_memory":null}}"#
        );
        let mut run: RunSummary = serde_json::from_str(&text).unwrap();
        if let Some(accuracy) = accuracy {
            run.latest
                .insert("eval_preference/accuracies".into(), MetricValue::new(accuracy).unwrap());
        }
        run
    }

    #[test]
    fn columns_come_from_config_and_results() {
        let run = run("a", "simpo", 5e-6, Some(0.914));
        let text = |column: &str| cell(&run, column).text().to_owned();
        assert_eq!(text("model"), "demo");
        assert_eq!(text("lr"), "5e−6");
        assert_eq!(text("acc"), "0.91");
        assert_eq!(text("time"), "00:21");
        assert_eq!(text("c.pref_beta"), "2");
        assert_eq!(text("m.eval_preference/accuracies"), "91 %");
        assert_eq!(cell(&run, "m.nothing"), Cell::Empty);
        assert_eq!(measured_at(&run, "acc"), None);
    }

    #[test]
    fn columns_that_say_nothing_are_known() {
        let runs = [run("a", "simpo", 1e-6, None), run("b", "ipo", 1e-6, None)];
        let columns = ["loss", "model", "lr"].map(String::from);
        assert_eq!(equal_columns(runs.iter(), &columns), ["model"]);
        assert_eq!(equal_columns(runs[..1].iter(), &columns), [""; 0]);
    }

    #[test]
    fn a_value_of_before_the_last_step_carries_its_step_and_one_of_before_training_is_none() {
        let mut run = run("a", "simpo", 5e-6, Some(0.914));
        run.evaluated = Some(2);
        let at =
            |run: &RunSummary| ["acc", "m.eval_preference/accuracies", "loss", "margin"].map(|c| measured_at(run, c));
        assert_eq!(at(&run), [Some(2), Some(2), None, None]);
        run.evaluated = Some(0);
        assert_eq!(at(&run), [None; 4]);
        assert_eq!(cell(&run, "acc"), Cell::Empty);
    }
}
