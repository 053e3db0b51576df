//! Folding the runs of a sweep into one row of a table, and what that row shows.

use protocol::api::{OfSweep, RunState, RunSummary};
use protocol::sweep::best;
use std::collections::HashMap;

/// The prefix of a row's key that stands for a sweep; the sweep's id follows.
const SWEEP_PREFIX: &str = "sweep:";

/// The id of the sweep that a row stands for; `None` where it stands for a run.
pub fn sweep_row(row: &str) -> Option<&str> {
    row.strip_prefix(SWEEP_PREFIX)
}

/// A row: a run, or a sweep with its runs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Row {
    Run(String),
    Sweep {
        id: String,
        /// The ids of its runs, in the order in which they were given.
        runs: Vec<String>,
    },
}

/// One row for each run, and one for each sweep at the place of the first of its runs.
pub fn rows(ids: impl Iterator<Item = String>, sweep_of: impl Fn(&str) -> Option<String>) -> Vec<Row> {
    let mut rows: Vec<Row> = vec![];
    // the index of each sweep's row
    let mut places: HashMap<String, usize> = HashMap::new();
    for run in ids {
        let Some(id) = sweep_of(&run) else {
            rows.push(Row::Run(run));
            continue;
        };
        let known = places.get(&id).and_then(|place| rows.get_mut(*place));
        if let Some(Row::Sweep { runs, .. }) = known {
            runs.push(run);
        } else {
            places.insert(id.clone(), rows.len());
            rows.push(Row::Sweep { id, runs: vec![run] });
        }
    }
    rows
}

/// The keys of the table's rows. The runs of a sweep follow its own row where it is `open`, else they are left out.
pub fn fold(ids: Vec<String>, sweep_of: impl Fn(&str) -> Option<String>, open: &[String]) -> Vec<String> {
    let shown = |row| match row {
        Row::Run(run) => vec![run],
        Row::Sweep { id, runs } => {
            let row = format!("{SWEEP_PREFIX}{id}");
            let unfolded = if open.contains(&id) { runs } else { vec![] };
            std::iter::once(row).chain(unfolded).collect()
        }
    };
    rows(ids.into_iter(), sweep_of).into_iter().flat_map(shown).collect()
}

/// What the row of a sweep shows.
#[derive(Debug, Clone, PartialEq)]
pub struct FoldedSweep {
    pub name: String,
    /// How many runs it makes in all.
    pub total: u64,
    /// How many of them are over, and how many of these had begun.
    pub over: u64,
    pub ended: u64,
    pub is_live: bool,
    /// Nothing goes or waits, and a person ended some of its runs.
    pub is_stopped: bool,
    /// The id of the best run so far.
    pub best: Option<String>,
}

/// What the row of a sweep needs of one of its runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    index: u64,
    id: String,
    state: RunState,
    ended: bool,
    /// Ended by a person: what the sweep itself stopped early is where it was to be.
    cut_off: bool,
    value: Option<f64>,
}

impl Member {
    /// `None` for a run of another sweep, or of none.
    pub fn of(run: &RunSummary, sweep: &str) -> Option<Self> {
        let of = run.sweep.as_ref().filter(|of| of.id == sweep)?;
        Some(Self {
            index: of.index,
            id: run.id.clone(),
            state: run.state,
            ended: run.has_ended(),
            cut_off: run.state == RunState::Stopped && !of.early,
            value: run.newest(&of.target.metric),
        })
    }
}

/// The row of a sweep, folded from its runs. The best is chosen among completed runs; while there is none, among all.
pub fn fold_sweep(sweep: &OfSweep, mut runs: Vec<Member>) -> FoldedSweep {
    runs.sort_by_key(|run| run.index);
    let done = |run: &Member| run.state == RunState::Completed;
    let any_done = runs.iter().any(done);
    let value = |run: &Member| run.value.filter(|_| done(run) || !any_done);
    FoldedSweep {
        best: best(sweep.target.goal, runs.iter().map(value)).and_then(|place| Some(runs.get(place)?.id.clone())),
        over: runs.iter().filter(|run| run.state.is_over()).count() as u64,
        ended: runs.iter().filter(|run| run.ended).count() as u64,
        is_live: runs.iter().any(|run| run.state.is_live()),
        is_stopped: runs.iter().all(|run| run.state.is_over()) && runs.iter().any(|run| run.cut_off),
        total: sweep.of,
        name: sweep.name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweeps_runs_fold_where_the_first_of_them_stood() {
        let of = |id: &str| id.strip_prefix('s').map(|_| "x".to_owned());
        let ids = || ["a", "s1", "b", "s2"].map(String::from).to_vec();
        assert_eq!(fold(ids(), of, &[]), ["a", "sweep:x", "b"]);
        assert_eq!(fold(ids(), of, &["x".into()]), ["a", "sweep:x", "s1", "s2", "b"]);
    }

    #[test]
    fn a_run_that_never_began_is_none_that_ended_and_the_sweep_was_stopped() {
        let member = |index, state, ended, cut_off| Member {
            index,
            id: index.to_string(),
            state,
            ended,
            cut_off,
            value: None,
        };
        let sweep: OfSweep = serde_json::from_str(
            r#"{"id":"x","name":"x","index":0,"of":3,"point":{},"target":{"metric":"loss","goal":"minimize"},"early":false}"#,
        )
        .unwrap();
        let first = member(0, RunState::Stopped, true, true);
        let others = [1, 2].map(|index| member(index, RunState::Stopped, false, true));
        let told = fold_sweep(&sweep, std::iter::once(first).chain(others).collect());
        assert_eq!((told.ended, told.over, told.is_stopped), (1, 3, true));
        // what the sweep itself stopped early is no stop of it
        let early = [
            member(0, RunState::Completed, true, false),
            member(1, RunState::Stopped, true, false),
        ];
        assert!(!fold_sweep(&sweep, early.to_vec()).is_stopped);
    }
}
