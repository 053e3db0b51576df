//! How long a run goes, and what is logged, evaluated and kept on the way.

use super::Rules;
use super::values::text;
use crate::config::keys::{TypedKey, When, key};
use crate::config::spec::*;
use crate::says;

impl Rules<'_> {
    pub(super) fn length(&mut self) -> Length {
        match self.value(key::max_steps) {
            Some(n) if n > 0.0 && n.fract() == 0.0 => Length::Steps(n as u64),
            Some(n) if n > 0.0 => {
                self.error("max_steps", "type", says::a_whole_number());
                Length::Steps(1)
            }
            // -1 is transformers' "not set"
            _ => Length::Epochs(self.number(key::num_train_epochs)),
        }
    }

    pub(super) fn cadence(&mut self) -> Cadence {
        let log = self.choice(key::logging_strategy);
        let save = self.choice(key::save_strategy);
        let eval = self.choice(key::eval_strategy);
        Cadence {
            log: self.every(log, key::logging_steps),
            eval: self.every(eval, key::eval_steps),
            eval_delay: self.number(key::eval_delay),
            save: self.every(save, key::save_steps),
        }
    }

    /// How often, when it is by steps where `when` says so; steps that do not count are still to be steps.
    fn every(&mut self, when: When, key: TypedKey<f64>) -> Every {
        match key.given(self.c) {
            Some(steps) if steps >= 1.0 && steps.fract() != 0.0 => {
                self.error(key.row.name, "type", says::whole_steps());
            }
            Some(steps) if steps <= 0.0 => self.below(key.row.name, 1.0),
            _ => {}
        }
        match when {
            When::Never => Every::Never,
            When::Steps => steps(self.value(key).unwrap_or_default()),
            When::Epoch => Every::Epoch,
        }
    }

    pub(super) fn best(&mut self, cadence: &Cadence) -> BestRule {
        let c = self.c;
        let metric = match cadence.eval {
            Every::Never => text(&c.metric_for_best_model).unwrap_or_default(),
            _ => self.plain(key::metric_for_best_model),
        };
        let metric = BestRule::metric(&metric);
        let patience = self.optional(key::early_stopping_steps);
        let at_end = self.flag(key::load_best_model_at_end);
        if cadence.eval == Every::Never {
            self.idle(&["load_best_model_at_end", "early_stopping_steps"]);
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
            greater: self.flag(key::greater_is_better),
            metric,
            at_end,
            patience,
        }
    }
}

/// Steps, or a share of them below 1.
fn steps(asked: f64) -> Every {
    match asked > 0.0 && asked < 1.0 {
        true => Every::Share(asked),
        false => Every::Steps(asked.max(1.0) as u64),
    }
}
