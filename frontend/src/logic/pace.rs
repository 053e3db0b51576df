//! The progress of a run and its remaining time, from its row alone.

use protocol::api::RunSummary;

/// The progress from 0 to 1; `None` while the number of steps is unknown.
pub fn share(run: &RunSummary) -> Option<f64> {
    let total = run.total_steps.filter(|total| *total > 0)?;
    Some(run.step as f64 / total as f64)
}

/// The remaining seconds by its pace, the same wherever they are shown; `None` while they are not known.
pub fn left(run: &RunSummary) -> Option<f64> {
    share(run).filter(|share| *share > 0.02)?;
    let to_go = run.total_steps?.saturating_sub(run.step);
    Some(run.pace? * to_go as f64)
}
