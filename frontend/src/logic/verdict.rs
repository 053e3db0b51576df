//! The verdict on a run that is over: what was measured after training against what was measured before it, and nothing that was not
//! measured.

use protocol::api::{RunState, RunSummary};
use protocol::metric::{self, held_out};

/// What a run was measured by: its values after training, and before it where they are known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Measure {
    /// Ended before its first step.
    NeverBegan,
    /// Steps were made and there are held-out rows, but they were not evaluated after the first step.
    NotEvaluated,
    /// No held-out rows.
    Unmeasured,
    /// Share of held-out pairs in which the chosen reply is preferred.
    Preference {
        after: f64,
        before: Option<f64>,
    },
    /// The same by a reward model's scores.
    Scores {
        after: f64,
        before: f64,
    },
    Reward {
        after: f64,
        before: f64,
    },
    Loss {
        after: f64,
        before: Option<f64>,
    },
}

/// How a result compares with the value before training.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trend {
    Better,
    Same,
    Worse,
    Unknown,
}

/// The verdict on a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    pub measure: Measure,
    pub trend: Trend,
    /// The step it was measured at, where the run went on after it.
    pub at: Option<u64>,
}

/// A held-out metric after training, by its bare name; `None` while there is only the evaluation before training.
pub fn result(run: &RunSummary, name: &str) -> Option<f64> {
    run.result(name)
}

/// The step of the newest evaluation, where the run has gone on since.
pub fn evaluated_before_end(run: &RunSummary) -> Option<u64> {
    run.evaluated.filter(|step| *step < run.step)
}

fn measure(run: &RunSummary) -> Measure {
    if run.step == 0 {
        return Measure::NeverBegan;
    }
    if !run.evaluated_in_training() {
        return if run.baseline.is_empty() {
            Measure::Unmeasured
        } else {
            Measure::NotEvaluated
        };
    }
    let before = |name| held_out(&run.baseline, name);
    let both = |name| Some((result(run, name)?, before(name)?));
    if let Some((after, before)) = both("accuracy") {
        return Measure::Scores { after, before };
    }
    if let Some((after, before)) = both("reward") {
        return Measure::Reward { after, before };
    }
    if let Some(after) = result(run, "preference/accuracies") {
        let before = before("preference/accuracies");
        return Measure::Preference { after, before };
    }
    match result(run, "loss") {
        Some(after) => Measure::Loss {
            after,
            before: before("loss"),
        },
        None => Measure::Unmeasured,
    }
}

/// The trend of a held-out metric, by its bare name.
fn trend(name: &str, after: f64, before: Option<f64>) -> Trend {
    let better = metric::find(name).and_then(|metric| metric.better);
    match (better, before) {
        (Some(better), Some(before)) if better.prefers(after, before) => Trend::Better,
        (Some(better), Some(before)) if better.prefers(before, after) => Trend::Worse,
        (Some(_), Some(_)) => Trend::Same,
        _ => Trend::Unknown,
    }
}

/// The verdict on a run, as far as it was measured.
pub fn verdict(run: &RunSummary) -> Verdict {
    let measure = measure(run);
    let trend = match measure {
        Measure::NeverBegan | Measure::NotEvaluated | Measure::Unmeasured => Trend::Unknown,
        Measure::Preference { after, before } => match trend("preference/accuracies", after, before) {
            // as many pairs right as before, but by smaller margins, is getting worse
            Trend::Same => trend(
                "preference/margins",
                result(run, "preference/margins").unwrap_or(0.0),
                held_out(&run.baseline, "preference/margins"),
            ),
            trend => trend,
        },
        Measure::Scores { after, before } => trend("accuracy", after, Some(before)),
        Measure::Reward { after, before } => trend("reward", after, Some(before)),
        Measure::Loss { after, before } => trend("loss", after, before),
    };
    let measured = !matches!(
        measure,
        Measure::NeverBegan | Measure::NotEvaluated | Measure::Unmeasured
    );
    Verdict {
        measure,
        trend,
        at: evaluated_before_end(run).filter(|_| measured),
    }
}

/// Whether a run is over and its held-out rows say that training made the model worse.
pub fn made_worse(run: &RunSummary) -> bool {
    matches!(run.state, RunState::Completed | RunState::Stopped) && verdict(run).trend == Trend::Worse
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// A run over after `step` steps, last evaluated at `evaluated`.
    fn run(step: u64, evaluated: Option<u64>, latest: serde_json::Value, baseline: serde_json::Value) -> RunSummary {
        serde_json::from_value(json!({
            "id": "a", "name": "a", "state": "stopped", "queue_position": null, "tags": [], "note": "", "archived": false,
            "created": 0, "started": 1, "ended": 2, "seconds": 1.0, "step": step, "total_steps": 100, "seq": 1,
            "parent": null, "config": {}, "latest": latest, "baseline": baseline, "evaluated": evaluated,
            "checkpoints": 0, "spark": [], "message": "", "peak_memory": null
        }))
        .unwrap()
    }

    #[test]
    fn only_what_was_measured_is_said() {
        let pairs =
            |accuracy: f64, margin: f64| json!({"preference/accuracies": accuracy, "preference/margins": margin});
        let before = pairs(0.2, 0.0);
        let cases = [
            // nothing was trained
            (
                run(0, Some(0), before.clone(), before.clone()),
                Measure::NeverBegan,
                Trend::Unknown,
                None,
            ),
            // the value there is was measured before the first step
            (
                run(48, Some(0), before.clone(), before.clone()),
                Measure::NotEvaluated,
                Trend::Unknown,
                None,
            ),
            (
                run(48, None, json!({"loss": 1.0}), json!({})),
                Measure::Unmeasured,
                Trend::Unknown,
                None,
            ),
            (
                run(48, Some(48), pairs(0.9, 1.0), before.clone()),
                Measure::Preference {
                    after: 0.9,
                    before: Some(0.2),
                },
                Trend::Better,
                None,
            ),
            (
                run(48, Some(40), pairs(0.0, -1.0), before.clone()),
                Measure::Preference {
                    after: 0.0,
                    before: Some(0.2),
                },
                Trend::Worse,
                Some(40),
            ),
            (
                run(48, Some(48), pairs(0.2, -0.5), before.clone()),
                Measure::Preference {
                    after: 0.2,
                    before: Some(0.2),
                },
                Trend::Worse,
                None,
            ),
            (
                run(48, Some(48), before.clone(), before),
                Measure::Preference {
                    after: 0.2,
                    before: Some(0.2),
                },
                Trend::Same,
                None,
            ),
            (
                run(9, Some(9), json!({"eval_loss": 3.0}), json!({"eval_loss": 2.0})),
                Measure::Loss {
                    after: 3.0,
                    before: Some(2.0),
                },
                Trend::Worse,
                None,
            ),
            (
                run(9, Some(9), json!({"eval_reward": 3.0}), json!({"eval_reward": 2.0})),
                Measure::Reward {
                    after: 3.0,
                    before: 2.0,
                },
                Trend::Better,
                None,
            ),
        ];
        for (run, measure, trend, at) in cases {
            assert_eq!(verdict(&run), Verdict { measure, trend, at }, "{run:?}");
            assert_eq!(made_worse(&run), trend == Trend::Worse);
        }
    }

    #[test]
    fn the_evaluation_before_training_is_no_result() {
        let values = json!({"preference/accuracies": 0.18, "eval_loss": 1.0, "loss": 0.5});
        let before = run(48, Some(0), values.clone(), values.clone());
        assert_eq!(
            (result(&before, "preference/accuracies"), before.newest("eval_loss")),
            (None, None)
        );
        assert_eq!(before.newest("loss"), Some(0.5));
        let after = run(48, Some(40), values.clone(), values);
        assert_eq!(result(&after, "preference/accuracies"), Some(0.18));
        assert_eq!(evaluated_before_end(&after), Some(40));
    }
}
