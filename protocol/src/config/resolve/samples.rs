//! Which prompts a run answers on its way.

use super::Rules;
use super::values::text;
use crate::config::keys::key;
use crate::config::spec::*;
use crate::samples::own_prompts;
use crate::says;

const HELD_OUT: &str = "sample_prompts";
const OWN: &str = "sample_own_prompts";

impl Rules<'_> {
    /// `None`: none are answered.
    pub(super) fn samples(&mut self, method: &Method, data: &DataSpec) -> Option<Samples> {
        let c = self.c;
        let mut held_out = self.count(key::sample_prompts);
        self.counts(key::sample_own_prompts);
        let plain = method.stage().reads_plain_text();
        // a text to be continued may end in a space
        let own = c.sample_own_prompts.as_deref().unwrap_or_default();
        let mut own = own_prompts(own, plain).unwrap_or_else(|why| {
            self.error(OWN, "samples", why);
            vec![]
        });
        if let Method::Reward(_) = method {
            self.idle(&[HELD_OUT, OWN]);
            if held_out > 0 {
                self.explain(HELD_OUT, says::samples_of_scores(HELD_OUT));
            }
            if text(&c.sample_own_prompts).is_some() {
                self.explain(OWN, says::samples_of_scores(OWN));
            }
            held_out = 0;
            own.clear();
        } else if data.val_size == ValSize::None && data.eval_dataset.is_empty() {
            self.idle(&[HELD_OUT]);
            if held_out > 0 {
                self.explain(HELD_OUT, says::samples_without_rows(HELD_OUT));
            }
            held_out = 0;
        }
        let samples = Samples {
            held_out,
            own,
            max_new_tokens: self.count(key::sample_max_new_tokens),
            temperature: self.number(key::sample_temperature),
        };
        let any = samples.count() > 0;
        if !any {
            self.unused(&["sample_max_new_tokens", "sample_temperature"]);
        }
        any.then_some(samples)
    }
}
