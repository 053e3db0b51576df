//! Whether a run that is over can go on, and from where.

use protocol::api::{RunState, RunSummary};

/// How a run that is over can be continued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GoOn {
    /// Not at all: it is complete, or what ended it would end it again.
    No,
    /// From its newest checkpoint.
    Resume,
    /// From the beginning, since there is no checkpoint.
    StartOver,
    /// By queueing it again: it was taken out of the queue before it began.
    BackToQueue,
}

/// The way to offer for continuing a run that is over. A failure before the first step comes from the config, and would come again.
pub fn go_on(run: &RunSummary) -> GoOn {
    if run.origin.is_some() {
        return GoOn::No;
    }
    match (run.state, run.checkpoints, run.started.is_some()) {
        (RunState::Stopped | RunState::Failed, 1.., _) => GoOn::Resume,
        (RunState::Stopped, 0, false) => GoOn::BackToQueue,
        (RunState::Stopped, 0, true) => GoOn::StartOver,
        (RunState::Failed, 0, _) if run.step > 0 => GoOn::StartOver,
        _ => GoOn::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn run(step: u64) -> RunSummary {
        serde_json::from_value(json!({
            "id": "a", "name": "a", "state": "stopped", "queue_position": null, "tags": [], "note": "", "archived": false,
            "created": 0, "started": 1, "ended": 2, "seconds": 1.0, "step": step, "total_steps": 100, "seq": 1,
            "parent": null, "config": {}, "latest": {}, "baseline": {}, "evaluated": null, "checkpoints": 0, "spark": [],
            "message": "", "peak_memory": null
        }))
        .unwrap()
    }

    #[test]
    fn a_run_goes_on_only_where_that_can_help() {
        use RunState::{Completed, Failed, Stopped};
        for (state, checkpoints, started, step, way) in [
            (Stopped, 1, true, 48, GoOn::Resume),
            (Failed, 2, true, 48, GoOn::Resume),
            (Stopped, 0, false, 0, GoOn::BackToQueue),
            (Stopped, 0, true, 48, GoOn::StartOver),
            // killed in its 48th step, before the first checkpoint
            (Failed, 0, true, 48, GoOn::StartOver),
            // a wrong `lora_target`
            (Failed, 0, true, 0, GoOn::No),
            (Completed, 1, true, 48, GoOn::No),
        ] {
            let mut run = run(step);
            (run.state, run.checkpoints) = (state, checkpoints);
            run.started = started.then_some(1);
            assert_eq!(go_on(&run), way, "{state:?} {checkpoints} {started} {step}");
        }
    }
}
