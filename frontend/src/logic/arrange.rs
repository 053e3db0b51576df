//! Which runs the table shows, and in which order.

use super::view::RunsView;
use protocol::api::{RunState, RunSummary};
use protocol::column::ColumnValue;
use protocol::search::{self, Search};
use std::cmp::Reverse;
use std::sync::OnceLock;

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

/// The places of the matching runs in `runs`, in order. Empty cells come last in either direction.
pub fn arrange(runs: &[Listed<'_>], view: &RunsView) -> Vec<usize> {
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
        .enumerate()
        .filter(|(_, listed)| listed.matches(view, &search))
        .map(|(place, Listed { run, .. })| (rank(run), run.column(&view.sort), *run, place))
        .collect();
    shown.sort_by(|(rank_a, a, run_a, _), (rank_b, b, run_b, _)| {
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
    shown.into_iter().map(|(.., place)| place).collect()
}

#[cfg(test)]
mod tests {
    use super::super::table::tests::run;
    use super::*;

    /// The ids that `view` shows of these runs.
    fn arranged(runs: &[RunSummary], view: &RunsView) -> Vec<String> {
        let text = runs.iter().map(|_| OnceLock::new()).collect::<Vec<_>>();
        let listed: Vec<_> = runs.iter().zip(&text).map(|(run, text)| Listed { run, text }).collect();
        let places = arrange(&listed, view).into_iter();
        places.map(|place| runs[place].id.clone()).collect()
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
}
