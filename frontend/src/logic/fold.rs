//! Folding the runs of a sweep into one row of a table, and what that row shows.

use protocol::api::{OfSweep, RunState, RunSummary};
use protocol::sweep::best;
use std::collections::HashMap;
use std::sync::Arc;

/// The prefix of a row's key that stands for a sweep; the sweep's id follows.
const SWEEP_PREFIX: &str = "sweep:";

/// The id of the sweep that a row stands for; `None` where it stands for a run.
pub fn sweep_row(row: &str) -> Option<&str> {
    row.strip_prefix(SWEEP_PREFIX)
}

/// A row: a run, or a sweep with its runs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Row<Id = String> {
    Run(Id),
    Sweep {
        id: String,
        /// The ids of its runs, in the order in which they were given.
        runs: Vec<Id>,
    },
}

/// One row for each run, and one for each sweep at the place of the first of its runs.
pub fn rows<Id: AsRef<str>>(ids: impl Iterator<Item = Id>, sweep_of: impl Fn(&str) -> Option<String>) -> Vec<Row<Id>> {
    let mut rows: Vec<Row<Id>> = vec![];
    // the index of each sweep's row
    let mut places: HashMap<String, usize> = HashMap::new();
    for run in ids {
        let Some(id) = sweep_of(run.as_ref()) else {
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
pub fn fold(
    ids: impl Iterator<Item = Arc<str>>,
    sweep_of: impl Fn(&str) -> Option<String>,
    open: &[String],
) -> Vec<Arc<str>> {
    let mut keys = vec![];
    for row in rows(ids, sweep_of) {
        match row {
            Row::Run(run) => keys.push(run),
            Row::Sweep { id, runs } => {
                keys.push(format!("{SWEEP_PREFIX}{id}").into());
                keys.extend(runs.into_iter().filter(|_| open.contains(&id)));
            }
        }
    }
    keys
}

/// What the row of a sweep shows.
#[derive(Debug, Clone, PartialEq)]
pub struct FoldedSweep {
    pub name: String,
    /// How many runs it makes in all.
    pub total: u64,
    /// Whether no run of it goes, waits or is yet to be made.
    pub is_over: bool,
    /// How many of them came to an end.
    pub ended: u64,
    /// When the last of these did (ms).
    pub last_end: Option<i64>,
    /// Between two runs of a search, which makes the next one by the results of those before, nothing goes or waits: it counts as
    /// completed then.
    pub state: RunState,
    /// The id of the best run so far.
    pub best: Option<String>,
}

/// What the row of a sweep needs of one of its runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    index: u64,
    id: String,
    state: RunState,
    /// When it came to an end (ms); 0 where nobody knows.
    ended: Option<i64>,
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
            ended: run.has_ended().then(|| run.ended.unwrap_or_default()),
            cut_off: run.was_cut_off(),
            value: run.newest(&of.target.metric),
        })
    }
}

/// The row of a sweep, folded from its runs. The best is chosen among completed runs; while there is none, among all.
pub fn fold_sweep(sweep: &OfSweep, mut runs: Vec<Member>) -> FoldedSweep {
    runs.sort_by_key(|run| run.index);
    let done = |run: &Member| run.state == RunState::Completed;
    let any_done = runs.iter().any(done);
    // by its place, since runs may have been deleted
    let all_made = runs.last().is_some_and(|run| run.index + 1 >= sweep.of);
    let value = |run: &Member| run.value.filter(|_| done(run) || !any_done);
    FoldedSweep {
        best: best(sweep.target.goal, runs.iter().map(value)).and_then(|place| Some(runs.get(place)?.id.clone())),
        is_over: runs.iter().all(|run| run.state.is_over()) && (sweep.stopped || all_made),
        ended: runs.iter().filter(|run| run.ended.is_some()).count() as u64,
        last_end: runs.iter().filter_map(|run| run.ended).max(),
        state: state_of(sweep, &runs),
        total: sweep.of,
        name: sweep.name.clone(),
    }
}

fn state_of(sweep: &OfSweep, runs: &[Member]) -> RunState {
    let any = |is: fn(&Member) -> bool| runs.iter().any(is);
    if any(|run| run.state.is_live()) {
        RunState::Running
    } else if let Some(open) = runs.iter().find(|run| !run.state.is_over()) {
        open.state
    } else if sweep.stopped && ((runs.len() as u64) < sweep.of || any(|run| run.cut_off)) {
        RunState::Stopped
    } else {
        RunState::Completed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweeps_runs_fold_where_the_first_of_them_stood() {
        let of = |id: &str| id.strip_prefix('s').map(|_| "x".to_owned());
        let keys = |open: &[String]| {
            let ids = ["a", "s1", "b", "s2"].into_iter().map(Arc::from);
            fold(ids, of, open).join(" ")
        };
        assert_eq!(keys(&[]), "a sweep:x b");
        assert_eq!(keys(&["x".into()]), "a sweep:x s1 s2 b");
    }

    fn member(index: u64, state: RunState, ended: Option<i64>, cut_off: bool) -> Member {
        Member {
            index,
            id: index.to_string(),
            state,
            ended,
            cut_off,
            value: None,
        }
    }

    fn folded(members: &[Member], stopped: bool) -> FoldedSweep {
        let sweep = r#"{"id":"x","name":"x","index":0,"of":3,"point":{},"target":{"metric":"loss","goal":"minimize"},"early":false}"#;
        let mut sweep: OfSweep = serde_json::from_str(sweep).unwrap();
        sweep.stopped = stopped;
        fold_sweep(&sweep, members.to_vec())
    }

    #[test]
    fn a_stopped_sweep_is_over_with_runs_that_never_began() {
        use RunState::Stopped;
        let members = [0, 1, 2].map(|index| member(index, Stopped, (index == 0).then_some(7), true));
        let told = folded(&members, true);
        assert_eq!((told.ended, told.is_over, told.total), (1, true, 3));
        assert_eq!((told.last_end, told.state), (Some(7), Stopped));
    }

    #[test]
    fn a_sweep_is_over_once_its_runs_are_and_no_more_are_made() {
        use RunState::{Completed, Stopped};
        let done = |index| member(index, Completed, Some(1), false);
        for (members, stopped, is_over, state) in [
            // a search that makes its last run after the second
            (&[done(0), done(1)][..], false, false, Completed),
            // and one that was stopped before
            (&[done(0), done(1)], true, true, Stopped),
            // one of its runs was deleted
            (&[done(0), done(2)], false, true, Completed),
            // a person ended one run, not the sweep
            (
                &[done(0), member(1, Stopped, Some(2), true), done(2)],
                false,
                true,
                Completed,
            ),
        ] {
            let told = folded(members, stopped);
            assert_eq!((told.is_over, told.state), (is_over, state));
        }
    }

    #[test]
    fn a_sweep_has_the_state_of_its_runs() {
        use RunState::{Completed, Queued, Running, Starting, Stopped};
        let (done, waits) = (member(0, Completed, Some(1), false), member(1, Queued, None, false));
        let cut_off = member(2, Stopped, Some(2), true);
        // what the sweep itself stopped early is no stop of it
        let early = member(2, Stopped, Some(2), false);
        for (members, state) in [
            ([done.clone(), waits.clone(), member(2, Starting, None, false)], Running),
            ([done.clone(), waits, cut_off.clone()], Queued),
            ([done.clone(), done.clone(), cut_off], Stopped),
            ([done.clone(), done, early], Completed),
        ] {
            assert_eq!(folded(&members, state == Stopped).state, state);
        }
    }
}
