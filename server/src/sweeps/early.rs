//! Successive halving: a run is held against the others of its sweep after an evaluation, and stopped if it is not among the best.

use crate::db::progress::Progress;
use crate::db::{Db, RunRow};
use crate::runs::announcer::Announcer;
use crate::supervisor::{Event, Supervisor};
use protocol::api::Stop;
use protocol::says;
use protocol::sweep::{is_rung, standing};

/// Looks at a run whose evaluations are stored, and stops it where it falls behind. At its last evaluation there is nothing to
/// stop any more.
///
/// # Errors
/// When the database can't be read or written; the next evaluation looks again.
pub async fn halve(
    db: &Db,
    supervisor: &Supervisor,
    announcer: &Announcer,
    row: &RunRow,
    progress: &Progress,
) -> Result<(), sqlx::Error> {
    let Some(of) = &row.summary.sweep else { return Ok(()) };
    let over = progress.finished.is_some() || progress.total_steps().is_some_and(|total| progress.step >= total);
    let Some(sweep) = db.sweep(&of.id).await?.filter(|_| !over) else {
        return Ok(());
    };
    let Some(halving) = sweep.sweep.early_terminate else {
        return Ok(());
    };
    let all = db.evaluations(&of.id, &sweep.target.metric).await?;
    let own = all.get(&row.key).map(Vec::as_slice).unwrap_or_default();
    // the newest rung: of those that went by while nobody looked, the last one tells most
    let Some(evaluation) = (1..=own.len()).rev().find(|n| is_rung(halving, *n as u64)) else {
        return Ok(());
    };
    if !db.reach_rung(row.key, evaluation as u64).await? {
        return Ok(());
    }
    let others = all.iter().filter(|(key, _)| **key != row.key);
    let others: Vec<f64> = others
        .filter_map(|(_, values)| values.get(evaluation - 1).copied())
        .collect();
    let Some(value) = own.get(evaluation - 1) else {
        return Ok(());
    };
    let standing = standing(halving, sweep.target.goal, *value, &others);
    if standing.goes_on {
        return Ok(());
    }
    let said = says::sweep_stopped_early(evaluation as u64, standing.rank, standing.count, &sweep.target.metric);
    db.set_early(row.key, &said).await?;
    db.ask_stop(row.key, Stop::Save).await?;
    supervisor.tell(Event::Stop {
        run: row.summary.id.clone(),
        how: Stop::Save,
    });
    announcer.run(&row.summary.id).await;
    Ok(())
}
