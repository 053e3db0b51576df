//! Data sets, template, lengths, what is held out.

use super::Rules;
use super::templates::{TEMPLATES, TOOL_FORMATS, TemplateSource, no_template};
use super::values::text;
use crate::config::FieldError;
use crate::config::keys::key;
use crate::config::spec::*;
use crate::{Stage, says};

impl Rules<'_> {
    pub(super) fn data(&mut self) -> DataSpec {
        let c = self.c;
        let dataset = self.list(key::dataset);
        let val = self.number(key::val_size);
        let predicts = c.do_predict == Some(true);
        if dataset.is_empty() && (val > 0.0 || !predicts || c.do_train == Some(true)) {
            self.error("dataset", "required", says::name_dataset());
        }
        let eval_dataset = self.list(key::eval_dataset);
        if val > 0.0 && eval_dataset.is_empty() {
            self.idle(&["eval_dataset"]);
        }
        if val == 0.0 && eval_dataset.is_empty() {
            self.idle(&["eval_strategy"]);
        }
        if val > 0.0 && !eval_dataset.is_empty() {
            self.excludes(
                "val_size",
                "eval_dataset",
                says::exclude_each_other("val_size", "eval_dataset"),
            );
        }
        if val > 1.0 && val.fract() != 0.0 {
            self.error("val_size", "range", says::share_or_rows());
        }
        let wants_eval = !matches!(text(&c.eval_strategy).as_deref(), None | Some("no")) || c.do_eval == Some(true);
        if predicts && val == 0.0 && eval_dataset.is_empty() {
            self.needs("do_predict", "eval_dataset", says::evaluation_needs_rows());
        } else if wants_eval && val == 0.0 && eval_dataset.is_empty() {
            self.needs("eval_strategy", "val_size", says::evaluation_needs_rows());
        }
        let by_length = self.flag(key::group_by_length);
        if c.disable_shuffling == Some(true) {
            self.idle(&["group_by_length"]);
        }
        if by_length && c.disable_shuffling == Some(true) {
            let message = says::own_order_and_length();
            self.excludes("group_by_length", "disable_shuffling", message);
        }
        let trains_on_pairs = Stage::of(c).is_some_and(Stage::learns_pairs);
        let pair_marks = self.text(key::pair_marks).filter(|_| trains_on_pairs);
        if !trains_on_pairs {
            self.idle(&["pair_marks"]);
            if text(&c.pair_marks).is_some() {
                self.explain("pair_marks", says::no_effect_marks());
            }
        }
        let mixing = self.mixing(dataset.len(), eval_dataset.len());
        let max_samples = self.optional(key::max_samples).map(|n| n as usize);
        let streaming = self.streaming(val);
        let streams = streaming.is_some();
        let spec = DataSpec {
            dataset,
            eval_dataset,
            dataset_dir: self.plain(key::dataset_dir),
            wording: self.wording(),
            cutoff_len: self.count(key::cutoff_len),
            tokenized_path: self.text(key::tokenized_path),
            pair_marks,
            max_samples,
            streaming,
            mixing,
            val_size: match val {
                v if v <= 0.0 => ValSize::None,
                v if v < 1.0 => ValSize::Share(v),
                v => ValSize::Rows(v as usize),
            },
            shuffle: !self.flag(key::disable_shuffling),
            by_length,
            order_seed: self.optional(key::data_seed),
        };
        if streams {
            // refused where they are set, or seeded by `seed` as in LLaMA-Factory
            self.idle(&[
                "max_samples",
                "tokenized_path",
                "pair_marks",
                "group_by_length",
                "precompute_ref_log_probs",
                "data_seed",
            ]);
        }
        spec
    }

    /// Whether rows are trained on while they are read, and what does not go with it: whatever has to know all of them before.
    fn streaming(&mut self, val_size: f64) -> Option<Streaming> {
        let c = self.c;
        if !self.flag(key::streaming) {
            return None;
        }
        if !c.max_steps.is_some_and(|n| n > 0.0) {
            self.error("max_steps", "required", says::stream_needs_steps());
        }
        if val_size > 0.0 && val_size < 1.0 {
            self.error("val_size", "range", says::stream_holds_out_rows());
        }
        let on = |flag: Option<bool>| flag.unwrap_or(false);
        for (key, set) in [
            ("max_samples", c.max_samples.is_some()),
            ("tokenized_path", text(&c.tokenized_path).is_some()),
            ("pair_marks", text(&c.pair_marks).is_some()),
            ("group_by_length", on(c.group_by_length)),
            ("precompute_ref_log_probs", on(c.precompute_ref_log_probs)),
        ] {
            if set {
                self.excludes(key, "streaming", says::stream_excludes(key));
            }
        }
        if Stage::of(c) == Some(Stage::Ppo) {
            self.idle(&["streaming"]);
            self.excludes("streaming", "stage: ppo", says::stream_of_prompts());
        }
        for (key, when) in [
            ("logging_strategy", &c.logging_strategy),
            ("eval_strategy", &c.eval_strategy),
            ("save_strategy", &c.save_strategy),
        ] {
            if text(when).as_deref() == Some("epoch") {
                self.excludes(key, "streaming", says::stream_has_no_epoch(key));
            }
        }
        let buffer = match c.disable_shuffling == Some(true) {
            true => 1,
            false => self.count(key::buffer_size),
        };
        Some(Streaming { buffer })
    }

    /// How so many data sets, and so many to be scored on, become one each.
    fn mixing(&mut self, sets: usize, eval_sets: usize) -> Mixing {
        let until = self.choice(key::mix_strategy);
        if sets.max(eval_sets) < 2 {
            self.idle(&["mix_strategy"]);
        }
        let shares = self.list(key::interleave_probs);
        let Some(until) = until else {
            self.idle(&["interleave_probs"]);
            if !shares.is_empty() {
                let message = says::shares_of_concat();
                self.needs("interleave_probs", "mix_strategy", message);
            }
            return Mixing::Concat;
        };
        if sets.max(eval_sets) < 2 && shares.is_empty() {
            return Mixing::Concat;
        }
        if shares.is_empty() {
            let probabilities = None;
            return Mixing::Interleave { until, probabilities };
        }
        let probabilities: Vec<f64> = shares.iter().map(|share| share.parse().unwrap_or(f64::NAN)).collect();
        let sum: f64 = probabilities.iter().sum();
        // NumPy's own measure of a sum that is 1
        if probabilities.iter().any(|p| p.is_nan() || *p <= 0.0) || (sum - 1.0).abs() > f64::EPSILON.sqrt() {
            self.error("interleave_probs", "range", says::shares_sum_to_one());
        }
        for (count, key) in [(sets, "dataset"), (eval_sets, "eval_dataset")] {
            if count > 0 && count != probabilities.len() {
                self.error(
                    "interleave_probs",
                    "count",
                    says::shares_per_set(probabilities.len(), key, count),
                );
            }
        }
        Mixing::Interleave {
            until,
            probabilities: Some(probabilities),
        }
    }

    /// How conversations become text.
    pub(super) fn wording(&mut self) -> Wording {
        let c = self.c;
        // of a template itself every blank counts
        let template = self.text(key::template).map(|name| match TemplateSource::of(&name) {
            TemplateSource::Text(_) => c.template.clone().unwrap_or_default(),
            TemplateSource::Named(_) | TemplateSource::File(_) => name,
        });
        if let Some(no) = template.as_deref().and_then(no_template) {
            let args = match no.code {
                "choice" => TEMPLATES.join(", "),
                "too_large" => TemplateSource::MOST.to_string(),
                _ => template.clone().unwrap_or_default(),
            };
            let error = FieldError::new("template", no.code, no.said);
            self.errors.push(error.with_args([args]));
        }
        let tool_format = self.text(key::tool_format);
        if let Some(name) = tool_format.as_deref()
            && !TOOL_FORMATS.contains(&name)
        {
            self.belongs(
                "tool_format",
                "choice",
                TOOL_FORMATS,
                says::no_such_tool_format(name, TOOL_FORMATS.join(", ")),
            );
        }
        Wording {
            template,
            tool_format,
            system: {
                self.counts(key::default_system);
                c.default_system.clone()
            },
            thinking: self.optional(key::enable_thinking),
            fast: self.optional(key::use_fast_tokenizer),
        }
    }
}
