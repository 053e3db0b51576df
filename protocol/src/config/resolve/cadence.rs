//! How long a run goes, and what is logged, evaluated and kept on the way.

use super::Rules;
use super::values::text;
use crate::config::spec::*;
use crate::says;

const WHEN: &[(&str, u8)] = &[("no", 0), ("steps", 1), ("epoch", 2)];
/// Steps between two logs, or two checkpoints, when nothing is said.
const STEPS: f64 = 500.0;

impl Rules<'_> {
    pub(super) fn length(&mut self) -> Length {
        let c = self.c;
        match c.max_steps {
            Some(n) if n > 0.0 && n.fract() == 0.0 => Length::Steps(n as u64),
            Some(n) if n > 0.0 => {
                self.error("max_steps", "type", says::a_whole_number());
                Length::Steps(1)
            }
            // -1 is transformers' "not set"
            _ => Length::Epochs(self.above("num_train_epochs", c.num_train_epochs, 3.0)),
        }
    }

    pub(super) fn cadence(&mut self) -> Cadence {
        let c = self.c;
        let every = |when, steps| match when {
            0 => Every::Never,
            1 => steps,
            _ => Every::Epoch,
        };
        let logging = self.steps("logging_steps", c.logging_steps.unwrap_or(STEPS));
        let saving = self.steps("save_steps", c.save_steps.unwrap_or(STEPS));
        let evaluating = match c.eval_steps {
            Some(steps) => self.steps("eval_steps", steps),
            None => logging,
        };
        let limit = c
            .save_total_limit
            .map(|_| self.count("save_total_limit", c.save_total_limit, 1, 1));
        Cadence {
            log: every(
                self.choice("logging_strategy", &c.logging_strategy, "steps", WHEN),
                logging,
            ),
            log_first: c.logging_first_step.unwrap_or(false),
            eval: every(self.choice("eval_strategy", &c.eval_strategy, "no", WHEN), evaluating),
            eval_delay: self.at_least("eval_delay", c.eval_delay, 0.0, 0.0),
            save: every(self.choice("save_strategy", &c.save_strategy, "steps", WHEN), saving),
            save_total_limit: limit,
            save_only_model: c.save_only_model.unwrap_or(false),
        }
    }

    /// Steps, or a share of them below 1.
    fn steps(&mut self, field: &str, asked: f64) -> Every {
        if asked > 0.0 && asked < 1.0 {
            return Every::Share(asked);
        }
        if asked < 1.0 {
            self.at_least(field, Some(asked), asked, 1.0);
        } else if asked.fract() != 0.0 {
            self.error(field, "type", says::whole_steps());
        }
        Every::Steps(asked.max(1.0) as u64)
    }

    pub(super) fn best(&mut self, cadence: &Cadence) -> BestRule {
        let c = self.c;
        let metric = text(&c.metric_for_best_model).unwrap_or_else(|| "eval_loss".into());
        // the scores that are alike for all methods have one name, wherever they are told
        let scores = metric.trim_start_matches("eval_").starts_with("preference/");
        let metric = match (scores, metric.strip_prefix("eval_")) {
            (true, Some(score)) => score.to_owned(),
            (true, None) | (false, Some(_)) => metric,
            (false, None) => format!("eval_{metric}"),
        };
        let patience = c
            .early_stopping_steps
            .map(|_| self.count("early_stopping_steps", c.early_stopping_steps, 1, 1) as u64);
        let at_end = c.load_best_model_at_end.unwrap_or(false);
        if cadence.eval == Every::Never {
            for (key, set) in [
                ("load_best_model_at_end", at_end),
                ("early_stopping_steps", patience.is_some()),
            ] {
                if set {
                    let message = says::by_evaluations();
                    self.needs(key, "eval_strategy: steps", message);
                }
            }
        }
        if cadence.eval == Every::Never {
            return BestRule {
                metric: "eval_loss".into(),
                greater: false,
                at_end,
                patience,
            };
        }
        BestRule {
            greater: c.greater_is_better.unwrap_or(!metric.ends_with("loss")),
            metric,
            at_end,
            patience,
        }
    }
}
