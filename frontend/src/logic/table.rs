//! The runs table's arithmetic: what a column says of a run, which runs match, in which order they stand.

use super::diff::value_text;
use super::search::Search;
use super::verdict::{evaluated_before_end, newest, result};
use super::view::RunsView;
use crate::fmt;
use protocol::api::{RunState, RunSummary};
use protocol::health::{Health, Severity};
use protocol::metric::{self, Metric, Unit, is_held_out};
use serde_json::Value;
use std::cmp::Ordering;

/// What a cell shows, and what it sorts by.
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
        match (self, other) {
            (Self::Number(a, _), Self::Number(b, _)) => a.total_cmp(b),
            (Self::Text(a), Self::Text(b)) => a.to_lowercase().cmp(&b.to_lowercase()),
            (Self::Number(..), _) => Ordering::Less,
            (_, Self::Number(..)) => Ordering::Greater,
            _ => Ordering::Equal,
        }
    }
}

/// A model or data path's last part: what people call it.
pub fn short_name(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or(path)
}

/// The state's name in addresses.
pub fn state_key(state: RunState) -> &'static str {
    match state {
        RunState::Queued => "queued",
        RunState::Starting => "starting",
        RunState::Running => "running",
        RunState::Stopping => "stopping",
        RunState::Completed => "completed",
        RunState::Stopped => "stopped",
        RunState::Failed => "failed",
        RunState::Untold => "untold",
        RunState::Unknown => "unknown",
    }
}

/// What `column` says of a run: a built-in key, `c.<config key>` or `m.<metric>`.
pub fn cell(run: &RunSummary, column: &str) -> Cell {
    let number = |value: Option<f64>, name: &str| match value {
        Some(value) => Cell::Number(value, fmt::metric(name, value)),
        None => Cell::Empty,
    };
    // as many decimals in every row, so that the points stand under each other
    let aligned = |value: Option<f64>| match value {
        Some(value) => Cell::Number(value, fmt::aligned(value)),
        None => Cell::Empty,
    };
    let text = |text: &str| {
        if text.is_empty() {
            Cell::Empty
        } else {
            Cell::Text(text.into())
        }
    };
    match column {
        "name" => text(&run.name),
        "loss" => text(run.loss_name()),
        "model" => text(short_name(run.config.model_name_or_path.as_deref().unwrap_or_default())),
        "data" => text(short_name(run.config.dataset.as_deref().unwrap_or_default())),
        "step" => Cell::Number(run.step as f64, fmt::count(run.step)),
        "acc" => match result(run, "preference/accuracies") {
            Some(value) => Cell::Number(value, format!("{value:.2}")),
            None => Cell::Empty,
        },
        "margin" => aligned(result(run, "preference/margins")),
        "eval_loss" => aligned(newest(run, "eval_loss")),
        "health" => match &run.health {
            Some(health) => Cell::Number(severity_of(health), found_text(health)),
            None => Cell::Empty,
        },
        "lr" => {
            let config = &run.config;
            let rate = config.learning_rate.or_else(|| run.known_config().learning_rate);
            number(rate, "learning_rate")
        }
        "time" => Cell::Number(run.seconds, fmt::clock(run.seconds)),
        "created" => Cell::Number(run.created as f64, String::new()),
        "peak" => match run.peak_memory {
            Some(bytes) if bytes > 0 => Cell::Number(bytes as f64, fmt::bytes(bytes)),
            _ => Cell::Empty,
        },
        "tags" => text(&run.tags.join(", ")),
        "spark" => number(run.spark.last().copied(), "spark"),
        _ => match column.split_once('.') {
            Some(("m", name)) => match metric::unit(name) {
                Unit::Plain | Unit::Nats => aligned(newest(run, name)),
                _ => number(newest(run, name), name),
            },
            Some(("c", key)) => match run.config.get(key) {
                Some(Value::Number(value)) => match value.as_f64() {
                    Some(value) => Cell::Number(value, fmt::setting(value)),
                    None => Cell::Empty,
                },
                value => text(&value_text(value.as_ref())),
            },
            _ => Cell::Empty,
        },
    }
}

/// How a run's findings sort: by the worst, then by how many there are.
fn severity_of(health: &Health) -> f64 {
    let worst = health.worst().map_or(0, |worst| 1 + worst as u64);
    (worst * 100 + health.findings.len() as u64) as f64
}

/// How many things were found; nothing where all is well.
fn found_text(health: &Health) -> String {
    match health.findings.len() {
        0 => String::new(),
        count => fmt::count(count as u64),
    }
}

/// What a run is filtered by: how bad its worst finding is, or that there is none.
pub fn health_key(run: &RunSummary) -> Option<&'static str> {
    let health = run.health.as_ref()?;
    Some(health.worst().map_or("well", Severity::key))
}

/// The columns of words that say the same of every one of several runs, and so say nothing.
pub fn equal_columns(runs: &[RunSummary], columns: &[String]) -> Vec<String> {
    let same = |column: &&String| match runs {
        [first, rest @ ..] if !rest.is_empty() => {
            let value = cell(first, column);
            matches!(value, Cell::Text(_)) && rest.iter().all(|run| cell(run, column) == value)
        }
        _ => false,
    };
    columns.iter().filter(same).cloned().collect()
}

/// The metric that a column shows, if it shows one.
pub fn column_metric(column: &str) -> Option<&'static Metric> {
    metric::find(match column {
        "acc" => "preference/accuracies",
        "margin" => "preference/margins",
        "eval_loss" => "eval_loss",
        other => other.strip_prefix("m.")?,
    })
}

/// The step a cell's value was measured at, where the run has gone on since.
pub fn measured_at(run: &RunSummary, column: &str) -> Option<u64> {
    let held_out =
        matches!(column, "acc" | "margin" | "eval_loss") || column.strip_prefix("m.").is_some_and(is_held_out);
    let shown = held_out && cell(run, column) != Cell::Empty;
    shown.then(|| evaluated_before_end(run)).flatten()
}

/// Whether a run is shown in `view`, whose search was read as `search`.
fn matches(run: &RunSummary, view: &RunsView, search: &Search) -> bool {
    let among = |list: &[String], value: &str| list.is_empty() || list.iter().any(|item| item == value);
    let model = run.config.model_name_or_path.as_deref().unwrap_or_default();
    run.archived == view.archived
        && among(&view.states, state_key(run.state))
        && among(&view.losses, run.loss_name())
        && among(&view.models, model)
        && among(&view.health, health_key(run).unwrap_or_default())
        && (view.tags.is_empty() || run.tags.iter().any(|tag| view.tags.contains(tag)))
        && search.matches(run)
}

/// The matching runs' ids in order. Empty cells come last whichever way one sorts.
pub fn arrange(runs: &[RunSummary], view: &RunsView) -> Vec<String> {
    let search = Search::parse(&view.search, runs);
    let mut shown: Vec<(Cell, &RunSummary)> = runs
        .iter()
        .filter(|run| matches(run, view, &search))
        .map(|run| (cell(run, &view.sort), run))
        .collect();
    let newest = |a: &RunSummary, b: &RunSummary| b.created.cmp(&a.created).then_with(|| a.id.cmp(&b.id));
    shown.sort_by(|(a, run_a), (b, run_b)| {
        let order = match (a == &Cell::Empty, b == &Cell::Empty) {
            (false, false) if view.descending => b.order(a),
            (false, false) => a.order(b),
            (empty_a, empty_b) => empty_a.cmp(&empty_b),
        };
        // without a chosen order: what waits and goes first, then the newest
        let rank = |run: &RunSummary| match (view.sort.is_empty(), run.state) {
            (true, state) if state.is_live() => (0, 0),
            (true, RunState::Queued) => (1, run.queue_position.unwrap_or(u64::MAX)),
            _ => (2, 0),
        };
        rank(run_a)
            .cmp(&rank(run_b))
            .then(order)
            .then_with(|| newest(run_a, run_b))
    });
    shown.into_iter().map(|(_, run)| run.id.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::event::MetricValue;

    fn run(id: &str, loss: &str, lr: f64, accuracy: Option<f64>) -> RunSummary {
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

    fn ids(runs: &[RunSummary], search: &str) -> Vec<String> {
        let view = RunsView {
            search: search.into(),
            sort: "name".into(),
            ..RunsView::default()
        };
        arrange(runs, &view)
    }

    #[test]
    fn a_search_has_words_and_comparisons() {
        let runs = [
            run("a", "simpo", 1e-6, Some(0.9)),
            run("b", "simpo", 1e-3, Some(0.5)),
            run("c", "ipo", 1e-3, None),
        ];
        assert_eq!(ids(&runs, "simpo lr>1e-5"), ["b"]);
        assert_eq!(ids(&runs, "acc>=0.9"), ["a"]);
        assert_eq!(ids(&runs, "beta=2 DEMO"), ["a", "b", "c"]);
        assert_eq!(ids(&runs, "beta<2"), Vec::<String>::new());
        assert_eq!(ids(&runs, "tc"), ["c"]);
        assert_eq!(ids(&runs, "lr>"), Vec::<String>::new());
    }

    #[test]
    fn empty_cells_come_last_both_ways() {
        let runs = [
            run("a", "ipo", 1.0, None),
            run("b", "ipo", 1.0, Some(0.2)),
            run("c", "ipo", 1.0, Some(0.8)),
        ];
        let order = |descending| {
            arrange(
                &runs,
                &RunsView {
                    sort: "acc".into(),
                    descending,
                    ..RunsView::default()
                },
            )
        };
        assert_eq!(order(false), ["b", "c", "a"]);
        assert_eq!(order(true), ["c", "b", "a"]);
    }

    #[test]
    fn what_goes_and_waits_stands_on_top() {
        let mut runs = [
            run("a", "ipo", 1.0, None),
            run("b", "ipo", 1.0, None),
            run("c", "ipo", 1.0, None),
            run("d", "ipo", 1.0, None),
        ];
        runs[0].created = 9;
        (runs[1].state, runs[1].queue_position) = (RunState::Queued, Some(2));
        (runs[2].state, runs[2].queue_position) = (RunState::Queued, Some(1));
        runs[3].state = RunState::Running;
        assert_eq!(arrange(&runs, &RunsView::default()), ["d", "c", "b", "a"]);
        runs[0].archived = true;
        assert_eq!(
            arrange(
                &runs,
                &RunsView {
                    archived: true,
                    ..RunsView::default()
                }
            ),
            ["a"]
        );
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
        assert_eq!(equal_columns(&runs, &columns), ["model"]);
        assert_eq!(equal_columns(&runs[..1], &columns), [""; 0]);
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
