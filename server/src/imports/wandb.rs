//! A run's history as Weights & Biases exports it: a table in CSV (of a chart, or of `run.history()`), or rows in JSON.

use super::csv;
use super::names::{self, Place};
use super::run::ForeignRun;
use super::{ImportError, plain_json, read_text};
use protocol::says;
use serde_json::{Map, Value};
use std::path::Path;

/// Columns that say which step a row is of, the first that is there.
const STEPS: &[&str] = &["train/global_step", "_step", "Step", "step"];
const TIME: &str = "_timestamp";
const OTHERS: &[&str] = &[
    "_runtime",
    "Relative Time (Process)",
    "Relative Time (Wall)",
    "Wall Time",
];

/// Whether a table or a list of rows is a history.
fn step_column<'a>(columns: impl Iterator<Item = &'a str> + Clone) -> Option<&'static str> {
    let has = |name: &&&str| columns.clone().any(|column| column == **name);
    STEPS.iter().find(has).copied()
}

/// The runs of an exported table: a chart's has a column for each run, `name - train/loss`.
pub fn of_csv(name: &str, path: &Path) -> Result<Vec<ForeignRun>, ImportError> {
    let text = read_text(path)?;
    let mut lines = csv::records(&text).zip(1u64..);
    let columns = lines.next().map(|(columns, _)| columns).unwrap_or_default();
    let Some(step_name) = step_column(columns.iter().map(String::as_str)) else {
        return Err(ImportError(says::import_nothing_there(path)));
    };
    let mut runs: Vec<ForeignRun> = vec![];
    for (row, line) in lines {
        let cell = |name: &str| {
            let at = columns.iter().position(|column| column == name)?;
            row.get(at).map(|cell| cell.trim()).filter(|cell| !cell.is_empty())
        };
        let number = |name: &str| cell(name)?.parse::<f64>().ok();
        let Some(step) = number(step_name) else {
            if row.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            return Err(ImportError(says::import_bad_line(
                path,
                line,
                format!("{step_name} is no number"),
            )));
        };
        let time = number(TIME).map_or(0, |seconds| (seconds * 1e3) as i64);
        for column in &columns {
            let Some(value) = cell(column).and_then(|cell| cell.parse::<f64>().ok()) else {
                continue;
            };
            let (owner, metric) = column.rsplit_once(" - ").unwrap_or((name, column));
            let Some(place) = place(metric, step_name) else {
                continue;
            };
            let run = match runs.iter().position(|run| run.name == owner) {
                Some(at) => runs.get_mut(at),
                None => {
                    runs.push(ForeignRun::named(owner));
                    runs.last_mut()
                }
            };
            if let Some(run) = run {
                run.put(step.max(0.0) as u64, time, place, value);
            }
        }
    }
    Ok(runs)
}

/// The run of rows in JSON: a list of them, or one a line.
pub fn of_json(name: &str, path: &Path) -> Result<ForeignRun, ImportError> {
    let text = plain_json(&read_text(path)?);
    let list: Result<Vec<Map<String, Value>>, _> = match text.trim_start().starts_with('[') {
        true => serde_json::from_str(&text),
        false => text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(serde_json::from_str)
            .collect(),
    };
    let rows = list.map_err(|e| ImportError(says::import_unreadable(path, e)))?;
    let columns: Vec<&str> = rows.iter().flat_map(|row| row.keys().map(String::as_str)).collect();
    let Some(step_name) = step_column(columns.iter().copied()) else {
        return Err(ImportError(says::import_nothing_there(path)));
    };
    let mut run = ForeignRun::named(name);
    for row in &rows {
        let number = |name: &str| row.get(name).and_then(Value::as_f64);
        let Some(step) = number(step_name) else { continue };
        let time = number(TIME).map_or(0, |seconds| (seconds * 1e3) as i64);
        for (key, value) in row {
            if let (Some(place), Some(value)) = (place(key, step_name), value.as_f64()) {
                run.put(step.max(0.0) as u64, time, place, value);
            }
        }
    }
    Ok(run)
}

/// Where a column belongs; nowhere where it says when a row is of, or how a chart sums it up.
fn place(metric: &str, step: &str) -> Option<Place> {
    let about = metric == step || metric == TIME || metric == "_step" || OTHERS.contains(&metric);
    let summed = metric.ends_with("__MIN") || metric.ends_with("__MAX");
    match names::of_tracker(metric) {
        Place::StepNumber => None,
        _ if about || summed => None,
        place => Some(place),
    }
}
