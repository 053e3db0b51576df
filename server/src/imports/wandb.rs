//! A run's history as Weights & Biases exports it: a table in CSV (of a chart, or of `run.history()`), or rows in JSON.

use super::csv;
use super::names::{self, Meaning};
use super::run::ForeignRun;
use super::{ImportError, MAX_RUNS, check_weight, plain_json, read_rows, read_text};
use protocol::{Said, says};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Columns that say which step a row is of, the first that is there.
const STEPS: &[&str] = &["train/global_step", "_step", "Step", "step"];
/// How many bytes of a file are read to recognise a history.
const RECOGNISED_BY: u64 = 64 << 10;
/// After so many lines of a table it is looked whether they are too many.
const CHECKED_EVERY: u64 = 1000;
const TIME: &str = "_timestamp";
const IGNORED: &[&str] = &[
    "_runtime",
    "Relative Time (Process)",
    "Relative Time (Wall)",
    "Wall Time",
];

/// The column that has the step, by which a table or list of rows is known to be a history.
fn step_column<'a>(columns: impl Iterator<Item = &'a str> + Clone) -> Option<&'static str> {
    let has = |name: &&&str| columns.clone().any(|column| column == **name);
    STEPS.iter().find(has).copied()
}

/// Whether a file that lies among others is an exported history: a CSV's header or the first row says so. Any `step` is
/// not enough there, and the last values that W&B keeps of a run are no history.
pub fn is_one(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let csv = name.ends_with(".csv");
    if !csv && !name.ends_with(".jsonl") && !name.ends_with(".json") || name == "wandb-summary.json" {
        return false;
    }
    let mut bytes = vec![];
    let file = File::open(path).map(|file| file.take(RECOGNISED_BY));
    // a pipe would wait for whoever writes into it
    if !path.is_file() || file.and_then(|mut file| file.read_to_end(&mut bytes)).is_err() {
        return false;
    }
    let text = String::from_utf8_lossy(&bytes);
    if csv {
        let columns = csv::records(&text).next().unwrap_or_default();
        let chart = |column: &String| column.contains(" - ");
        let has = |name: &str| columns.iter().any(|column| column == name);
        return STEPS.iter().take(2).any(|name| has(name)) || has("Step") && columns.iter().any(chart);
    }
    let text = text.trim_start();
    let row = text.strip_prefix('[').unwrap_or(text).trim_start();
    let first = row.split_inclusive('}').next().unwrap_or_default();
    first.starts_with('{') && STEPS.iter().take(2).any(|name| first.contains(&format!("\"{name}\"")))
}

/// The runs of an exported table: a chart's has a column for each run, `name - train/loss`.
pub fn of_csv(name: &str, path: &Path) -> Result<Vec<ForeignRun>, ImportError> {
    let text = read_text(path)?;
    let mut lines = csv::records(&text).zip(1u64..);
    let columns = lines.next().map(|(columns, _)| columns).unwrap_or_default();
    let Some(step_name) = step_column(columns.iter().map(String::as_str)) else {
        return Err(ImportError(says::import_nothing_there(path)));
    };
    let at = |name: &str| columns.iter().position(|column| column == name);
    let (step_at, time_at) = (at(step_name), at(TIME));
    let many_runs = || ImportError(says::import_many_runs(path, MAX_RUNS as u64));
    let (mut runs, metrics) = runs_of_columns(name, &columns, step_name).ok_or_else(many_runs)?;
    let mut steps = Steps::default();
    for (row, line) in lines {
        let cell = |at: usize| row.get(at).map(|cell| cell.trim()).filter(|cell| !cell.is_empty());
        if row.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let step = match step_at.and_then(cell).map(str::parse::<f64>) {
            Some(Ok(step)) => Some(step),
            Some(Err(_)) => return Err(ImportError(says::import_not_a_step(path, line, step_name))),
            None => None,
        };
        if line % CHECKED_EVERY == 0 {
            check_weight(path, &runs)?;
        }
        let step = steps.next(step);
        let time = time_at.and_then(cell).and_then(|cell| cell.parse::<f64>().ok());
        let time = time.map_or(0, |seconds| (seconds * 1e3) as i64);
        for Column { at, run, meaning } in &metrics {
            let value = cell(*at).and_then(|cell| cell.parse::<f64>().ok());
            if let (Some(value), Some(run)) = (value, runs.get_mut(*run)) {
                run.put(step, time, meaning.clone(), value);
            }
        }
    }
    for run in &mut runs {
        run.notices.extend(steps.said(step_name));
    }
    Ok(runs)
}

/// A column of values.
struct Column {
    at: usize,
    /// Which of the runs it belongs to.
    run: usize,
    meaning: Meaning,
}

/// The runs that a table's columns are of. Runs may have one name: the second column of the same name is of another run.
/// `None`: they are of more runs than are taken in.
fn runs_of_columns(name: &str, columns: &[String], step_name: &str) -> Option<(Vec<ForeignRun>, Vec<Column>)> {
    let (mut runs, mut found) = (vec![], vec![]);
    let mut numbers: HashMap<(&str, usize), usize> = HashMap::new();
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for (at, column) in columns.iter().enumerate() {
        let nth = seen.entry(column).or_default();
        *nth += 1;
        let (owner, metric) = column.rsplit_once(" - ").unwrap_or((name, column));
        let Some(meaning) = meaning(metric, step_name) else {
            continue;
        };
        let run = *numbers.entry((owner, *nth)).or_insert_with(|| {
            runs.push(ForeignRun::named(owner));
            runs.len() - 1
        });
        if runs.len() > MAX_RUNS {
            return None;
        }
        found.push(Column { at, run, meaning });
    }
    Some((runs, found))
}

/// The steps of a history's rows. A row without one is of the step of the row before, as W&B itself has it where one metric
/// is another's step.
#[derive(Default)]
struct Steps {
    last: u64,
    without: u64,
}

impl Steps {
    fn next(&mut self, step: Option<f64>) -> u64 {
        match step {
            Some(step) => self.last = step.max(0.0) as u64,
            None => self.without += 1,
        }
        self.last
    }

    fn said(&self, column: &str) -> Option<Said> {
        (self.without > 0).then(|| says::import_no_step(self.without, column))
    }
}

/// The run of rows in JSON: a list of them, or one a line.
pub fn of_json(name: &str, path: &Path) -> Result<ForeignRun, ImportError> {
    let text = plain_json(&read_rows(path)?);
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
    let mut steps = Steps::default();
    for row in &rows {
        let number = |name: &str| row.get(name).and_then(Value::as_f64);
        let step = steps.next(number(step_name));
        let time = number(TIME).map_or(0, |seconds| (seconds * 1e3) as i64);
        for (key, value) in row {
            if let (Some(meaning), Some(value)) = (meaning(key, step_name), value.as_f64()) {
                run.put(step, time, meaning, value);
            }
        }
    }
    run.notices.extend(steps.said(step_name));
    Ok(run)
}

/// What a column is; `None` where it tells the time of a row, or how a chart sums a metric up.
fn meaning(metric: &str, step: &str) -> Option<Meaning> {
    let about = metric == step || metric == TIME || metric == "_step" || IGNORED.contains(&metric);
    let summed = metric.ends_with("__MIN") || metric.ends_with("__MAX");
    match names::of_tracker(metric) {
        Meaning::StepNumber => None,
        _ if about || summed => None,
        meaning => Some(meaning),
    }
}
