//! Other programs' names of metrics, as ours where they are the same thing; any other keeps its own.

use protocol::metric;

/// What a column or tag of another program's log is to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// Of a training step, under this name.
    Step(String),
    /// Of an evaluation.
    Eval(String),
    /// How many passes over the data were done.
    Epoch,
    /// The step that the row is of.
    StepNumber,
    /// Says nothing about the run's progress.
    Nothing,
}

/// What trackers are told by transformers' callbacks: `train/loss`, `eval/loss`, `train/global_step`.
pub fn of_tracker(tag: &str) -> Meaning {
    match tag.split_once('/') {
        Some(("train", "epoch")) => Meaning::Epoch,
        Some(("train", "global_step")) => Meaning::StepNumber,
        Some(("train", name)) => Meaning::Step(name.to_owned()),
        Some(("eval", name)) => Meaning::Eval(metric::eval_name(name)),
        _ => of_log(tag),
    }
}

/// The same where a point has a step of its own: a tag names none.
pub fn of_tag(tag: &str) -> Meaning {
    match of_tracker(tag) {
        Meaning::StepNumber => Meaning::Step(tag.to_owned()),
        other => other,
    }
}

/// What transformers' log has: evaluations by `eval_` in front.
pub fn of_log(name: &str) -> Meaning {
    match name {
        "epoch" => Meaning::Epoch,
        "step" => Meaning::StepNumber,
        _ => match metric::prefixed(name) {
            Some(rest) => Meaning::Eval(metric::eval_name(rest)),
            None => Meaning::Step(name.to_owned()),
        },
    }
}

/// What LLaMA-Factory's `trainer_log.jsonl` calls the same things.
pub fn of_llama_factory(name: &str) -> Meaning {
    match name {
        "current_steps" => Meaning::StepNumber,
        "lr" => Meaning::Step("learning_rate".into()),
        "accuracy" => Meaning::Step("rewards/accuracies".into()),
        "throughput" => Meaning::Step("tokens_per_second".into()),
        "total_tokens" => Meaning::Step("num_input_tokens_seen".into()),
        "total_steps" | "percentage" | "elapsed_time" | "remaining_time" => Meaning::Nothing,
        other => of_log(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::tensorboard::{eval_tag, train_tag};

    #[test]
    fn what_goes_out_under_their_names_comes_in_under_ours() {
        for name in ["loss", "rewards/chosen", "learning_rate", "tokens_per_second"] {
            assert_eq!(of_tracker(&train_tag(name)), Meaning::Step(name.into()));
        }
        for name in ["eval_loss", "eval_rewards/margins", "preference/accuracies"] {
            assert_eq!(of_tracker(&eval_tag(name)), Meaning::Eval(name.into()));
        }
        assert_eq!(of_tracker(&train_tag("epoch")), Meaning::Epoch);
        assert_eq!(of_tracker("rollout/kl"), Meaning::Step("rollout/kl".into()));
        assert_eq!(
            of_log("eval_rewards/chosen"),
            Meaning::Eval("eval_rewards/chosen".into())
        );
        assert_eq!(of_llama_factory("lr"), Meaning::Step("learning_rate".into()));
        assert_eq!(of_llama_factory("eval_loss"), Meaning::Eval("eval_loss".into()));
    }
}
