//! Other programs' names of metrics, as ours where they are the same thing; any other keeps its own.

use protocol::metric;

/// Where a metric of another program belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
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
pub fn of_tracker(tag: &str) -> Place {
    match tag.split_once('/') {
        Some(("train", "epoch")) => Place::Epoch,
        Some(("train", "global_step")) => Place::StepNumber,
        Some(("train", name)) => Place::Step(name.to_owned()),
        Some(("eval", name)) => Place::Eval(metric::eval_name(name)),
        _ => of_log(tag),
    }
}

/// The same where a point has a step of its own: a tag names none.
pub fn of_tag(tag: &str) -> Place {
    match of_tracker(tag) {
        Place::StepNumber => Place::Step(tag.to_owned()),
        other => other,
    }
}

/// What transformers' log has: evaluations by `eval_` in front.
pub fn of_log(name: &str) -> Place {
    match name {
        "epoch" => Place::Epoch,
        "step" => Place::StepNumber,
        _ => match name.strip_prefix("eval_") {
            Some(rest) => Place::Eval(metric::eval_name(rest)),
            None => Place::Step(name.to_owned()),
        },
    }
}

/// What LLaMA-Factory's `trainer_log.jsonl` calls the same things.
pub fn of_llama_factory(name: &str) -> Place {
    match name {
        "current_steps" => Place::StepNumber,
        "lr" => Place::Step("learning_rate".into()),
        "accuracy" => Place::Step("rewards/accuracies".into()),
        "throughput" => Place::Step("tokens_per_second".into()),
        "total_tokens" => Place::Step("num_input_tokens_seen".into()),
        "total_steps" | "percentage" | "elapsed_time" | "remaining_time" => Place::Nothing,
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
            assert_eq!(of_tracker(&train_tag(name)), Place::Step(name.into()));
        }
        for name in ["eval_loss", "eval_rewards/margins", "preference/accuracies"] {
            assert_eq!(of_tracker(&eval_tag(name)), Place::Eval(name.into()));
        }
        assert_eq!(of_tracker(&train_tag("epoch")), Place::Epoch);
        assert_eq!(of_tracker("rollout/kl"), Place::Step("rollout/kl".into()));
        assert_eq!(of_log("eval_rewards/chosen"), Place::Eval("eval_rewards/chosen".into()));
        assert_eq!(of_llama_factory("lr"), Place::Step("learning_rate".into()));
        assert_eq!(of_llama_factory("eval_loss"), Place::Eval("eval_loss".into()));
    }
}
