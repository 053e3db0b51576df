//! How long a run goes, and what is logged, evaluated and kept on the way.

use super::Rules;
use super::notes::Range;
use super::values::text;
use crate::config::spec::*;
use crate::says;

#[derive(Debug, Clone, Copy)]
enum When {
    Never,
    Steps,
    Epoch,
}

const WHEN: &[(&str, When)] = &[("no", When::Never), ("steps", When::Steps), ("epoch", When::Epoch)];
/// Steps between two logs, or two checkpoints, when nothing is said.
const STEPS: f64 = 500.0;

impl Rules<'_> {
    pub(super) fn length(&mut self) -> Length {
        let c = self.c;
        self.counts("max_steps");
        self.note_range("max_steps", Range::ANY.whole());
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
        let log = self.choice("logging_strategy", &c.logging_strategy, "steps", WHEN);
        let save = self.choice("save_strategy", &c.save_strategy, "steps", WHEN);
        let eval = self.choice("eval_strategy", &c.eval_strategy, "no", WHEN);
        let log = self.every("logging_steps", log, c.logging_steps, STEPS);
        Cadence {
            log,
            log_first: self.flag("logging_first_step", c.logging_first_step),
            eval: self.every("eval_steps", eval, c.eval_steps, c.logging_steps.unwrap_or(STEPS)),
            eval_delay: self.zero_if_unset("eval_delay", c.eval_delay, 0.0),
            save: self.every("save_steps", save, c.save_steps, STEPS),
            save_total_limit: self.count_if_given("save_total_limit", c.save_total_limit, 1),
            save_only_model: self.flag("save_only_model", c.save_only_model),
        }
    }

    /// How often, when it is by steps where `when` says so; steps that do not count are still to be steps.
    fn every(&mut self, field: &'static str, when: When, given: Option<f64>, default: f64) -> Every {
        self.note_range(field, Range::above(0.0));
        if let Some(steps) = given {
            self.whole_or_share(field, steps);
        }
        match when {
            When::Never => Every::Never,
            When::Steps => steps(self.or_default(field, given, default)),
            When::Epoch => Every::Epoch,
        }
    }

    fn whole_or_share(&mut self, field: &'static str, steps: f64) {
        if steps >= 1.0 && steps.fract() != 0.0 {
            self.error(field, "type", says::whole_steps());
        } else if steps <= 0.0 {
            self.given_at_least(field, steps, 1.0);
            self.note_range(field, Range::above(0.0));
        }
    }

    pub(super) fn best(&mut self, cadence: &Cadence) -> BestRule {
        let c = self.c;
        let metric = match cadence.eval {
            Every::Never => text(&c.metric_for_best_model).unwrap_or_default(),
            _ => self.text_or_default("metric_for_best_model", &c.metric_for_best_model, "eval_loss"),
        };
        let metric = BestRule::metric(&metric);
        let patience = self.count_if_given("early_stopping_steps", c.early_stopping_steps, 1);
        let patience = patience.map(|n| n as u64);
        let at_end = self.flag("load_best_model_at_end", c.load_best_model_at_end);
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
            greater: self.or_default("greater_is_better", c.greater_is_better, BestRule::greater(&metric)),
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
