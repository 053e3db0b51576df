//! Describing a sweep: how far it is, which run is the best, which keys matter.

use crate::db::{Db, RunRow, SweepRow};
use crate::error::ApiResult;
use crate::off_thread::off_thread;
use protocol::TrainEvent;
use protocol::api::{Reference, RunState, SweepDetail, SweepRun, SweepState, SweepSummary};
use protocol::sweep::{self, Measured};
use std::collections::HashMap;

pub(super) async fn summary(db: &Db, row: SweepRow) -> ApiResult<SweepSummary> {
    let runs = db.runs_of_sweep(&row.id).await?;
    Ok(of_runs(row, &runs))
}

fn of_runs(row: SweepRow, runs: &[RunRow]) -> SweepSummary {
    let over = runs.iter().filter(|run| run.summary.state.is_over()).count() as u64;
    let ended = runs.iter().filter(|run| run.summary.has_ended()).count() as u64;
    let open = runs.iter().any(|run| !run.summary.state.is_over());
    let state = match (
        open || (!row.stopped && row.made < row.runs),
        row.stopped && (over < row.runs || runs.iter().any(|run| run.summary.was_cut_off())),
    ) {
        (true, _) => SweepState::Going,
        (false, true) => SweepState::Stopped,
        (false, false) => SweepState::Done,
    };
    SweepSummary {
        id: row.id,
        name: row.name,
        state,
        said: row.said,
        config: row.config,
        sweep: row.sweep,
        target: row.target,
        runs: row.runs,
        made: row.made,
        ended,
        created: row.created,
    }
}

/// A sweep with its runs, and the best of them.
pub struct SweepRuns {
    pub summary: SweepSummary,
    /// In the order of making.
    pub runs: Vec<SweepRun>,
    best: Option<usize>,
}

impl SweepRuns {
    async fn of(db: &Db, row: SweepRow) -> ApiResult<Self> {
        let rows = db.runs_of_sweep(&row.id).await?;
        let mut values = db.evaluations(&row.id, &row.target.metric).await?;
        let summary = of_runs(row, &rows);
        let runs: Vec<SweepRun> = rows
            .into_iter()
            .filter_map(|run| {
                let of = run.summary.sweep?;
                Some(SweepRun {
                    id: run.summary.id,
                    name: run.summary.name,
                    state: run.summary.state,
                    point: of.point,
                    values: values.remove(&run.key).unwrap_or_default(),
                    early: of.early,
                    seconds: run.summary.seconds,
                })
            })
            .collect();
        let whole = runs
            .iter()
            .any(|run| run.state == RunState::Completed && !run.values.is_empty());
        let result = |run: &SweepRun| {
            run.values
                .last()
                .copied()
                .filter(|_| !whole || run.state == RunState::Completed)
        };
        let best = sweep::best(summary.target.goal, runs.iter().map(result));
        Ok(Self { summary, runs, best })
    }

    /// The best run: of the completed ones, where there are any.
    pub fn best(&self) -> Option<&SweepRun> {
        self.runs.get(self.best?)
    }
}

/// The runs of a sweep that has ended; `None` while it goes.
pub async fn ended(db: &Db, id: &str) -> ApiResult<Option<SweepRuns>> {
    let Some(row) = db.sweep(id).await? else {
        return Ok(None);
    };
    let sweep = SweepRuns::of(db, row).await?;
    Ok(Some(sweep).filter(|sweep| sweep.summary.state != SweepState::Going))
}

pub(super) async fn detail(db: &Db, row: SweepRow) -> ApiResult<SweepDetail> {
    let reference = reference(db, &row.id).await?;
    let sweep = SweepRuns::of(db, row).await?;
    let best = sweep.best().map(|run| run.id.clone());
    let SweepRuns { summary, runs, .. } = sweep;
    // with some stopped early, all are compared where all have been
    let over = || runs.iter().filter(|run| run.state.is_over() && !run.values.is_empty());
    let early = runs.iter().any(|run| run.early);
    let compared_at = early.then(|| over().map(|run| run.values.len()).min()).flatten();
    let measured: Vec<Measured> = over()
        .filter(|run| early || run.state == RunState::Completed)
        .filter_map(|run| {
            let value = compared_at.map_or_else(|| run.values.last(), |n| run.values.get(n - 1));
            Some(Measured {
                point: run.point.clone(),
                value: *value?,
            })
        })
        .collect();
    let (space, goal, count) = (summary.sweep.clone(), summary.target.goal, measured.len() as u64);
    let importance = off_thread(move || sweep::importance(&space, goal, &measured)).await?;
    Ok(SweepDetail {
        best,
        importance,
        measured: count,
        compared_at: compared_at.map(|n| n as u64),
        reference,
        yaml: sweep::to_yaml(Some(&summary.name), &summary.config, &summary.sweep),
        runs,
        summary,
    })
}

/// How many runs computed the reference's log-probs and how many read them, by their notices.
async fn reference(db: &Db, id: &str) -> ApiResult<Reference> {
    let mut by_run: HashMap<i64, bool> = HashMap::new();
    for (run, line) in db.notices_of_sweep(id).await? {
        let Ok(protocol::Event {
            body: TrainEvent::Notice(said),
            ..
        }) = serde_json::from_str(&line)
        else {
            continue;
        };
        match said.code.as_str() {
            "reference_computed" => drop(by_run.insert(run, true)),
            // a run that was resumed reads what it computed itself
            "reference_read" => drop(by_run.entry(run).or_insert(false)),
            _ => {}
        }
    }
    let computed = by_run.values().filter(|computed| **computed).count() as u64;
    Ok(Reference {
        computed,
        read: by_run.len() as u64 - computed,
    })
}
