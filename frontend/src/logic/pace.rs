//! How far a run is and how long it still takes, by its row alone.

use protocol::api::RunSummary;

/// How far, from 0 to 1.
pub fn share(run: &RunSummary) -> Option<f64> {
    let total = run.total_steps.filter(|total| *total > 0)?;
    Some(run.step as f64 / total as f64)
}

/// Seconds that its steps took so far, pauses apart; nothing before the first.
pub fn pace(run: &RunSummary) -> Option<f64> {
    (run.step > 0 && run.seconds > 0.0).then(|| run.seconds / run.step as f64)
}

/// Seconds to go by its pace, wherever they are told; nothing while that is not known.
pub fn left(run: &RunSummary) -> Option<f64> {
    share(run).filter(|share| *share > 0.02)?;
    let to_go = run.total_steps?.saturating_sub(run.step);
    Some(pace(run)? * to_go as f64)
}
