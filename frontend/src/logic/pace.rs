//! How far a run is and how long it still takes, by its row alone.

use protocol::api::RunSummary;

/// How far, from 0 to 1.
pub fn share(run: &RunSummary) -> Option<f64> {
    let total = run.total_steps.filter(|total| *total > 0)?;
    Some(run.step as f64 / total as f64)
}

/// Seconds to go at `now` (ms), by the pace of its worker so far; nothing while that is not known.
pub fn left(run: &RunSummary, now: i64) -> Option<f64> {
    let share = share(run).filter(|share| *share > 0.02)?;
    let taken = (now - run.started?).max(0) as f64 / 1000.0;
    Some(taken * (1.0 - share) / share)
}
