//! What the home page shows of all the runs: live ones, those that need attention, and the newest verdicts.

use super::fold::{Row, rows};
use protocol::api::{RunState, RunSummary};
use protocol::health::Severity;
use std::collections::{BTreeSet, HashMap};

/// Rows of each section at most; the page of runs has them all.
pub const MAX_GOING: usize = 6;
pub const MAX_NEEDY: usize = 8;
pub const MAX_VERDICTS: usize = 8;

/// How long after its end (ms) a run may still need attention.
const NEWS: i64 = 7 * 24 * 3600 * 1000;

/// What decides where a run is listed on the home page. Its metrics are not part of it, so that they can change without sorting anew.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    pub id: String,
    pub state: RunState,
    pub started: Option<i64>,
    pub ended: Option<i64>,
    pub archived: bool,
    pub worst: Option<Severity>,
    /// The id of the sweep it belongs to.
    pub sweep: Option<String>,
}

impl Shape {
    pub fn of(run: &RunSummary) -> Self {
        Self {
            id: run.id.clone(),
            state: run.state,
            started: run.started,
            ended: run.ended,
            archived: run.archived,
            worst: run.health.as_ref().and_then(|health| health.worst()),
            sweep: run.sweep.as_ref().map(|sweep| sweep.id.clone()),
        }
    }

    /// How urgently it needs attention, 0 the most; `None` where all is well or long past.
    fn urgency(&self, now: i64, is_silent: bool) -> Option<u8> {
        let is_news = self.state.is_live() || self.ended.is_some_and(|ended| now - ended < NEWS);
        if self.archived || !is_news {
            return None;
        }
        match (self.state, self.worst) {
            (RunState::Failed, _) => Some(0),
            (_, Some(Severity::Bad)) => Some(1),
            (_, Some(Severity::Warning)) => Some(2),
            _ => is_silent.then_some(2),
        }
    }
}

/// The rows of the home page, in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Home {
    pub going: Vec<String>,
    /// Live runs beyond those shown.
    pub more_going: usize,
    /// Queued runs.
    pub waiting: usize,
    /// Rows that need attention, the most urgent first.
    pub needy: Vec<Row>,
    pub verdicts: Vec<Row>,
}

/// Chooses the rows to show at `now`. `silent` are the runs that have sent nothing for unusually long.
pub fn home(runs: &[Shape], silent: &BTreeSet<String>, now: i64) -> Home {
    let sweeps: HashMap<&str, &String> = runs
        .iter()
        .filter_map(|run| Some((run.id.as_str(), run.sweep.as_ref()?)))
        .collect();
    let first_rows = |runs: &mut dyn Iterator<Item = &Shape>, limit| {
        let mut first = rows(runs.map(|run| run.id.clone()), |id| {
            sweeps.get(id).map(|sweep| (*sweep).clone())
        });
        first.truncate(limit);
        first
    };
    let mut going: Vec<&Shape> = runs.iter().filter(|run| run.state.is_live()).collect();
    going.sort_by_key(|run| (run.started.unwrap_or(i64::MAX), &run.id));
    let mut needy: Vec<(u8, &Shape)> = runs
        .iter()
        .filter_map(|run| Some((run.urgency(now, silent.contains(&run.id))?, run)))
        .collect();
    needy.sort_by_key(|(urgency, run)| (*urgency, std::cmp::Reverse(run.ended.unwrap_or(i64::MAX))));
    let judged = |run: &&Shape| matches!(run.state, RunState::Completed | RunState::Stopped) && !run.archived;
    let mut verdicts: Vec<&Shape> = runs.iter().filter(judged).collect();
    verdicts.sort_by_key(|run| std::cmp::Reverse(run.ended));
    Home {
        more_going: going.len().saturating_sub(MAX_GOING),
        going: going.iter().take(MAX_GOING).map(|run| run.id.clone()).collect(),
        waiting: runs.iter().filter(|run| run.state == RunState::Queued).count(),
        needy: first_rows(&mut needy.into_iter().map(|(_, run)| run), MAX_NEEDY),
        verdicts: first_rows(&mut verdicts.into_iter(), MAX_VERDICTS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(id: &str, state: RunState, ended: i64, worst: Option<Severity>) -> Shape {
        Shape {
            id: id.into(),
            state,
            started: Some(ended),
            ended: (!state.is_live()).then_some(ended),
            archived: false,
            worst,
            sweep: None,
        }
    }

    fn alone(ids: &[&str]) -> Vec<Row> {
        ids.iter().map(|id| Row::Run((*id).to_owned())).collect()
    }

    #[test]
    fn the_pressing_comes_first_and_what_is_long_past_is_no_news() {
        let now = 10 * NEWS;
        let mut runs = vec![
            run("old", RunState::Failed, now - NEWS - 1, None),
            run("warned", RunState::Completed, now - 1, Some(Severity::Warning)),
            run("bad", RunState::Running, now - 5, Some(Severity::Bad)),
            run("failed", RunState::Failed, now - 9, None),
            run("failed later", RunState::Failed, now - 2, Some(Severity::Bad)),
            run("well", RunState::Completed, now - 3, Some(Severity::Note)),
            run("waits", RunState::Queued, 0, None),
        ];
        runs.push(Shape {
            archived: true,
            ..run("put away", RunState::Failed, now, None)
        });
        let silent = BTreeSet::from(["hangs".to_owned()]);
        runs.push(run("hangs", RunState::Running, now - 8, None));
        let home = home(&runs, &silent, now);
        assert_eq!(home.needy, alone(&["failed later", "failed", "bad", "hangs", "warned"]));
        assert_eq!(home.verdicts, alone(&["warned", "well"]));
        assert_eq!(
            (home.going, home.waiting),
            (vec!["hangs".to_owned(), "bad".to_owned()], 1)
        );
    }

    #[test]
    fn of_a_thousand_runs_a_few_are_shown() {
        let runs: Vec<_> = (0..1000)
            .map(|i| run(&format!("{i:04}"), RunState::Completed, i, Some(Severity::Bad)))
            .chain((0..9).map(|i| run(&format!("going {i}"), RunState::Running, i, None)))
            .collect();
        let home = home(&runs, &BTreeSet::new(), 1000);
        assert_eq!((home.needy.len(), home.verdicts.len()), (MAX_NEEDY, MAX_VERDICTS));
        assert_eq!((home.going.len(), home.more_going), (MAX_GOING, 3));
        assert_eq!(
            (&home.verdicts[0], home.going[0].as_str()),
            (&alone(&["0999"])[0], "going 0")
        );
    }

    #[test]
    fn a_sweep_is_one_row_however_many_of_its_runs_are_meant() {
        let of = |sweep: &str, run: Shape| Shape {
            sweep: Some(sweep.into()),
            ..run
        };
        let mut runs: Vec<_> = (0..90)
            .map(|i| {
                of(
                    "s",
                    run(
                        &format!("s-{i}"),
                        RunState::Completed,
                        i,
                        (i % 2 == 1).then_some(Severity::Bad),
                    ),
                )
            })
            .collect();
        runs.push(run("single", RunState::Completed, 50, Some(Severity::Warning)));
        let home = home(&runs, &BTreeSet::new(), 1000);
        let [Row::Sweep { id, runs }, Row::Run(single)] = &home.needy[..] else {
            panic!("{:?}", home.needy)
        };
        assert_eq!(
            (id.as_str(), runs.len(), runs[0].as_str(), single.as_str()),
            ("s", 45, "s-89", "single")
        );
        assert_eq!(home.verdicts.len(), 2);
    }
}
