//! How far a run is and how long it still takes, by its row alone.

use protocol::api::RunSummary;

/// How far, from 0 to 1.
pub fn share(run: &RunSummary) -> Option<f64> {
    let total = run.total_steps.filter(|total| *total > 0)?;
    Some(run.step as f64 / total as f64)
}

/// Seconds to go, by the time that its steps took so far, pauses apart; nothing while that is not known.
pub fn left(run: &RunSummary) -> Option<f64> {
    share(run).filter(|share| *share > 0.02)?;
    let to_go = run.total_steps?.saturating_sub(run.step);
    let pace = run.seconds / run.step as f64;
    (pace > 0.0).then_some(pace * to_go as f64)
}
