//! How a sweep's runs fold into one row, and what that row says.

use protocol::api::{OfSweep, RunState, RunSummary};
use protocol::sweep::best;
use std::collections::HashMap;

/// A row of the table that stands for a sweep: this, then its id.
const ROW: &str = "sweep:";

/// The id of the sweep that a row of the table stands for.
pub fn sweep_row(row: &str) -> Option<&str> {
    row.strip_prefix(ROW)
}

/// What has a row of its own: a run, or a sweep with its runs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Row {
    Run(String),
    Sweep {
        id: String,
        /// Ids, as their rows would follow each other.
        runs: Vec<String>,
    },
}

/// A row for each run, a sweep's together where the first of them stood.
pub fn rows(ids: impl Iterator<Item = String>, sweep_of: impl Fn(&str) -> Option<String>) -> Vec<Row> {
    let mut rows: Vec<Row> = vec![];
    // where each sweep's row is
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

/// The table's rows: a sweep's runs behind its own, those of a sweep that is not `open` away.
pub fn fold(ids: Vec<String>, sweep_of: impl Fn(&str) -> Option<String>, open: &[String]) -> Vec<String> {
    let shown = |row| match row {
        Row::Run(run) => vec![run],
        Row::Sweep { id, runs } => {
            let row = format!("{ROW}{id}");
            let unfolded = if open.contains(&id) { runs } else { vec![] };
            std::iter::once(row).chain(unfolded).collect()
        }
    };
    rows(ids.into_iter(), sweep_of).into_iter().flat_map(shown).collect()
}

/// What the table's row of a sweep says.
#[derive(Debug, Clone, PartialEq)]
pub struct Folded {
    pub name: String,
    /// Runs that it makes, and that are over.
    pub of: u64,
    pub over: u64,
    pub live: bool,
    /// The id of the best run so far.
    pub best: Option<String>,
}

/// What of a run counts in its sweep's row.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    index: u64,
    id: String,
    state: RunState,
    value: Option<f64>,
}

impl Member {
    /// Nothing of a run of another sweep, or of none.
    pub fn of(run: &RunSummary, sweep: &str) -> Option<Self> {
        let of = run.sweep.as_ref().filter(|of| of.id == sweep)?;
        Some(Self {
            index: of.index,
            id: run.id.clone(),
            state: run.state,
            value: super::verdict::newest(run, &of.target.metric),
        })
    }
}

/// The row of a sweep, by its runs.
pub fn folded(sweep: &OfSweep, mut runs: Vec<Member>) -> Folded {
    runs.sort_by_key(|run| run.index);
    let done = |run: &Member| run.state == RunState::Completed;
    let any_done = runs.iter().any(done);
    let value = |run: &Member| run.value.filter(|_| done(run) || !any_done);
    Folded {
        best: best(sweep.target.goal, runs.iter().map(value)).and_then(|place| Some(runs.get(place)?.id.clone())),
        over: runs.iter().filter(|run| run.state.is_over()).count() as u64,
        live: runs.iter().any(|run| run.state.is_live()),
        of: sweep.of,
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
}
