//! Which runs the table shows, and in which order.

use super::view::RunsView;
use protocol::api::{RunState, RunSummary};
use protocol::column::{Column, SortKey};
use protocol::search::{self, Search};
use std::cmp::Reverse;
use std::ops::Deref;
use std::sync::OnceLock;

/// What a view lets through: its filters, and its search, read once for all runs.
pub struct Sieve<'a> {
    view: &'a RunsView,
    search: Search,
}

impl<'a> Sieve<'a> {
    pub fn new<R: Deref<Target = RunSummary>>(view: &'a RunsView, runs: impl Iterator<Item = R> + Clone) -> Self {
        let search = search(&view.search, runs);
        Self { view, search }
    }

    /// Whether a run is shown. The `text` in which words are looked for is made at the first search, and kept from one letter to the next.
    pub fn passes(&self, run: &RunSummary, text: &OnceLock<String>) -> bool {
        let Self { view, search } = self;
        let among = |list: &[String], value: &str| list.iter().any(|item| item == value);
        let model = || run.config.model_name_or_path.as_deref().unwrap_or_default();
        run.archived == view.archived
            && (view.states.is_empty() || among(&view.states, run.state.name()))
            && (view.losses.is_empty() || among(&view.losses, run.loss_name()))
            && (view.models.is_empty() || among(&view.models, model()))
            && (view.health.is_empty() || among(&view.health, run.health_key().unwrap_or_default()))
            && (view.tags.is_empty() || run.tags.iter().any(|tag| view.tags.contains(tag)))
            && (search.terms.is_empty() || search.matches_text(run, text.get_or_init(|| search::text(run))))
    }
}

/// Parses a search over these runs. A metric that none of them has logged is not a field.
pub fn search<R: Deref<Target = RunSummary>>(text: &str, runs: impl Iterator<Item = R> + Clone) -> Search {
    Search::parse(text, |metric| runs.clone().any(|run| run.latest.contains_key(metric)))
}

/// What a run's place goes by.
struct Key {
    /// Without a chosen order: live runs first, then queued ones.
    rank: (u8, u64),
    value: SortKey,
    newest: Reverse<i64>,
    place: usize,
}

/// The places of these runs, in the order of a view. Empty cells come last in either direction.
pub fn order<R: Deref<Target = RunSummary>>(runs: &[R], view: &RunsView) -> Vec<usize> {
    let rank = |run: &RunSummary| match (view.sort.is_empty(), run.state) {
        (true, state) if state.is_live() => (0, 0),
        (true, RunState::Queued) => (1, run.queue_position.unwrap_or(u64::MAX)),
        _ => (2, 0),
    };
    let column = Column::named(&view.sort);
    let key = |(place, run): (usize, &R)| Key {
        rank: rank(run),
        value: run.value(column).sort_key(),
        newest: Reverse(run.created),
        place,
    };
    let mut keys: Vec<_> = runs.iter().enumerate().map(key).collect();
    let id = |key: &Key| runs.get(key.place).map(|run| run.id.as_str());
    keys.sort_by(|a, b| {
        a.rank
            .cmp(&b.rank)
            .then_with(|| a.value.order(&b.value, view.descending))
            .then_with(|| a.newest.cmp(&b.newest))
            .then_with(|| id(a).cmp(&id(b)))
    });
    keys.into_iter().map(|key| key.place).collect()
}

#[cfg(test)]
mod tests {
    use super::super::table::tests::run;
    use super::*;

    /// The ids that `view` shows of these runs.
    fn arranged(runs: &[RunSummary], view: &RunsView) -> Vec<String> {
        let runs: Vec<&RunSummary> = runs.iter().collect();
        let sieve = Sieve::new(view, runs.iter().copied());
        let ordered = order(&runs, view).into_iter().map(|place| runs[place]);
        let shown = ordered.filter(|run| sieve.passes(run, &OnceLock::new()));
        shown.map(|run| run.id.clone()).collect()
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
