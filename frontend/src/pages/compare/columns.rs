//! The columns of the comparison: the results of each run, then the keys in which their configs differ.

use crate::fmt;
use crate::i18n::{compare as words, said_words as said};
use crate::logic::diff::differences;
use crate::logic::results::{best, deltas, signed};
use crate::logic::table::{Cell, measured_at};
use crate::logic::verdict::result;
use protocol::RunConfig;
use protocol::api::RunSummary;
use protocol::column::results;
use protocol::metric::{self, Better, Metric, Unit};

/// A cell of the comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub text: String,
    /// The value it sorts by.
    pub value: Cell,
    pub best: bool,
    pub delta: Option<Delta>,
    /// The step at which it was measured, where the run has made steps since.
    pub at: Option<u64>,
}

/// The difference from the baseline.
#[derive(Debug, Clone, PartialEq)]
pub struct Delta {
    pub text: String,
    pub good: bool,
}

/// A column, with a cell for each run.
#[derive(Debug, Clone)]
pub struct Column {
    pub key: String,
    pub title: String,
    /// Whether it is a key of the config, not a result.
    pub setting: bool,
    /// How a result is formatted; `None` where it is not a number.
    pub write: Option<fn(f64) -> String>,
    pub cells: Vec<Found>,
}

impl PartialEq for Column {
    fn eq(&self, other: &Self) -> bool {
        // how a column is formatted follows from its key
        (&self.key, &self.title, &self.cells) == (&other.key, &other.title, &other.cells)
    }
}

/// The text of a group of runs in a column: the mean and the range, or the value that all have in common.
pub fn of_group(column: &Column, places: &[usize]) -> String {
    let cells = || places.iter().filter_map(|place| column.cells.get(*place));
    let number = |cell: &Found| match cell.value {
        Cell::Number(value, _) => Some(value),
        _ => None,
    };
    let numbers: Vec<f64> = cells().filter_map(number).collect();
    let Some(write) = column.write else {
        let first = cells().next().map(|cell| &cell.text);
        let same = cells().all(|cell| Some(&cell.text) == first);
        return first.filter(|_| same).cloned().unwrap_or_default();
    };
    if numbers.is_empty() {
        return "–".into();
    }
    let ends = |(low, high): (f64, f64), value: &f64| (low.min(*value), high.max(*value));
    let (low, high) = numbers.iter().fold((f64::INFINITY, f64::NEG_INFINITY), ends);
    let mean = write(numbers.iter().sum::<f64>() / numbers.len() as f64);
    match low < high {
        true => format!("{mean} ({} … {})", write(low), write(high)),
        false => mean,
    }
}

/// A result that runs can be compared by.
struct Outcome {
    key: &'static str,
    title: String,
    better: Better,
    value: Box<dyn Fn(&RunSummary) -> Option<f64>>,
    write: fn(f64) -> String,
    /// The least difference that shows in the formatted text.
    least: f64,
    /// Whether it is comparable only between runs of the same length.
    by_length: bool,
    /// Whether it is comparable only between runs with the same loss.
    by_loss: bool,
}

impl Outcome {
    /// A metric's newest held-out value.
    fn held_out(metric: &'static Metric) -> Self {
        Self {
            key: metric.column.unwrap_or(metric.name),
            title: metric::eval_name(metric.name),
            better: metric.better.unwrap_or(Better::Higher),
            value: Box::new(|run| result(run, metric.name)),
            write: match metric.unit {
                Unit::Share => |share| format!("{:.1} %", share * 100.0),
                _ => fmt::aligned,
            },
            least: 0.0005,
            by_length: false,
            by_loss: metric.depends_on_loss,
        }
    }

    /// A cost of a run: less is better, among runs of the same length.
    fn cost(key: &'static str, title: String, value: fn(&RunSummary) -> Option<f64>, write: fn(f64) -> String) -> Self {
        Self {
            key,
            title,
            better: Better::Lower,
            value: Box::new(value),
            write,
            least: 0.5,
            by_length: true,
            by_loss: false,
        }
    }
}

fn outcomes() -> Vec<Outcome> {
    let peak = |run: &RunSummary| run.training_peak().map(|bytes| bytes as f64);
    let mut all: Vec<_> = results().map(Outcome::held_out).collect();
    all.push(Outcome::cost(
        "time",
        words::time().into(),
        RunSummary::time_taken,
        fmt::clock,
    ));
    let title = metric::find("memory").map_or("memory", |metric| said(&metric.title));
    all.push(Outcome::cost("memory", fmt::sentence(title), peak, |bytes| {
        fmt::bytes(bytes as u64)
    }));
    all
}

/// All columns of these runs.
pub fn columns(runs: &[RunSummary], configs: &[RunConfig], pinned: Option<usize>) -> Vec<Column> {
    let same_length = runs.windows(2).all(|pair| pair[0].step == pair[1].step);
    let losses: Vec<_> = runs.iter().map(RunSummary::loss_name).collect();
    let same_loss = losses.windows(2).all(|pair| pair[0] == pair[1]);
    let all = outcomes();
    let outcomes = all.iter().filter_map(|outcome| {
        let comparable = (same_length || !outcome.by_length) && (same_loss || !outcome.by_loss);
        outcome_column(outcome, runs, pinned, comparable)
    });
    let settings = differences(configs).into_iter().map(|(key, values)| Column {
        key: key.into(),
        title: key.into(),
        setting: true,
        write: None,
        cells: values.into_iter().map(setting_cell).collect(),
    });
    let name = Column {
        key: "name".into(),
        title: words::run().into(),
        setting: false,
        write: None,
        cells: runs.iter().map(|run| setting_cell(run.name.clone())).collect(),
    };
    [name].into_iter().chain(outcomes).chain(settings).collect()
}

fn outcome_column(outcome: &Outcome, runs: &[RunSummary], pinned: Option<usize>, comparable: bool) -> Option<Column> {
    let values: Vec<_> = runs.iter().map(|run| (outcome.value)(run)).collect();
    if values.iter().all(Option::is_none) {
        return None;
    }
    let best = if comparable {
        best(&values, outcome.better)
    } else {
        vec![]
    };
    let deltas = if comparable {
        deltas(&values, pinned)
    } else {
        vec![None; values.len()]
    };
    let cells = values.iter().enumerate().map(|(place, value)| {
        let changed = deltas[place].filter(|delta| delta.abs() >= outcome.least);
        Found {
            text: value.map_or_else(|| "–".to_owned(), outcome.write),
            value: value.map_or(Cell::Empty, |value| Cell::Number(value, String::new())),
            best: best.contains(&place),
            delta: changed.map(|delta| Delta {
                text: signed(delta, outcome.write),
                good: (delta > 0.0) == (outcome.better == Better::Higher),
            }),
            at: measured_at(&runs[place], outcome.key),
        }
    });
    Some(Column {
        key: outcome.key.into(),
        title: outcome.title.clone(),
        setting: false,
        write: Some(outcome.write),
        cells: cells.collect(),
    })
}

fn setting_cell(text: String) -> Found {
    // numbers sort as numbers; they are formatted with a typographic minus sign
    let number = text.replace('−', "-").parse::<f64>();
    Found {
        value: match number {
            Ok(value) => Cell::Number(value, String::new()),
            Err(_) if text.is_empty() => Cell::Empty,
            Err(_) => Cell::Text(text.clone()),
        },
        text,
        best: false,
        delta: None,
        at: None,
    }
}
