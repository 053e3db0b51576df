//! The logic of the table of runs: the cell of a run in a column, which runs match the search, and their order.

use super::verdict::evaluated_before_end;
use super::view::RunsView;
use crate::fmt;
use protocol::api::{RunState, RunSummary};
use protocol::column::ColumnValue;
use protocol::health::Health;
use protocol::metric::{self, Metric, is_held_out};
use protocol::search::{self, Search};
use std::cmp::{Ordering, Reverse};
use std::sync::OnceLock;

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
pub fn equal_columns<'a>(runs: impl Iterator<Item = &'a RunSummary> + Clone, columns: &[String]) -> Vec<String> {
    let same = |column: &&String| {
        let mut values = runs.clone().map(|run| run.column(column));
        let first = values.next();
        let Some(first @ ColumnValue::Text(_)) = first else {
            return false;
        };
        let Some(second) = values.next() else { return false };
        second == first && values.all(|value| value == first)
    };
    columns.iter().filter(same).cloned().collect()
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

/// A run of the table, beside the text in which the search looks for words.
#[derive(Debug, Clone, Copy)]
pub struct Listed<'a> {
    pub run: &'a RunSummary,
    /// Made at the first search, and kept from one letter to the next.
    pub text: &'a OnceLock<String>,
}

impl Listed<'_> {
    /// Whether it is shown in `view`, whose search was parsed as `search`.
    fn matches(&self, view: &RunsView, search: &Search) -> bool {
        let run = self.run;
        let among = |list: &[String], value: &str| list.is_empty() || list.iter().any(|item| item == value);
        let model = run.config.model_name_or_path.as_deref().unwrap_or_default();
        run.archived == view.archived
            && among(&view.states, run.state.name())
            && among(&view.losses, run.loss_name())
            && among(&view.models, model)
            && among(&view.health, run.health_key().unwrap_or_default())
            && (view.tags.is_empty() || run.tags.iter().any(|tag| view.tags.contains(tag)))
            && (search.terms.is_empty() || search.matches_text(run, self.text.get_or_init(|| search::text(run))))
    }
}

/// Parses a search over these runs. A metric that none of them has logged is not a field.
pub fn search<'a>(text: &str, runs: impl Iterator<Item = &'a RunSummary> + Clone) -> Search {
    Search::parse(text, |metric| runs.clone().any(|run| run.latest.contains_key(metric)))
}

/// The ids of the matching runs in order. Empty cells come last in either direction.
pub fn arrange(runs: &[Listed<'_>], view: &RunsView) -> Vec<String> {
    let search = search(&view.search, runs.iter().map(|listed| listed.run));
    // without a chosen order: live runs first, then queued ones, then the newest
    let rank = |run: &RunSummary| match (view.sort.is_empty(), run.state) {
        (true, state) if state.is_live() => (0, 0),
        (true, RunState::Queued) => (1, run.queue_position.unwrap_or(u64::MAX)),
        _ => (2, 0),
    };
    let newest = |run: &RunSummary| Reverse(run.created);
    let mut shown: Vec<_> = runs
        .iter()
        .filter(|listed| listed.matches(view, &search))
        .map(|listed| (rank(listed.run), listed.run.column(&view.sort), listed.run))
        .collect();
    shown.sort_by(|(rank_a, a, run_a), (rank_b, b, run_b)| {
        let order = || match (a == &ColumnValue::Empty, b == &ColumnValue::Empty) {
            (false, false) if view.descending => b.order(a),
            (false, false) => a.order(b),
            (empty_a, empty_b) => empty_a.cmp(&empty_b),
        };
        rank_a
            .cmp(rank_b)
            .then_with(order)
            .then_with(|| newest(run_a).cmp(&newest(run_b)))
            .then_with(|| run_a.id.cmp(&run_b.id))
    });
    shown.into_iter().map(|(.., run)| run.id.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::event::MetricValue;

    /// The ids that `view` shows of these runs.
    fn arranged(runs: &[RunSummary], view: &RunsView) -> Vec<String> {
        let text = runs.iter().map(|_| OnceLock::new()).collect::<Vec<_>>();
        let listed: Vec<_> = runs.iter().zip(&text).map(|(run, text)| Listed { run, text }).collect();
        arrange(&listed, view)
    }

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
        arranged(runs, &view)
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
            arranged(
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
        assert_eq!(arranged(&runs, &RunsView::default()), ["d", "c", "b", "a"]);
        runs[0].archived = true;
        assert_eq!(
            arranged(
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
