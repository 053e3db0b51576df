//! Data sets, template, lengths, what is held out.

use super::Rules;
use super::templates::{TEMPLATES, TOOL_FORMATS, TemplateSource, no_template};
use super::values::{list, text};
use crate::config::FieldError;
use crate::config::spec::*;
use crate::says;

impl Rules<'_> {
    pub(super) fn data(&mut self) -> DataSpec {
        let c = self.c;
        let dataset = list(&c.dataset);
        if dataset.is_empty() {
            self.error("dataset", "required", says::name_dataset());
        }
        let val = self.at_least("val_size", c.val_size, 0.0, 0.0);
        let eval_dataset = list(&c.eval_dataset);
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
        if wants_eval && val == 0.0 && eval_dataset.is_empty() {
            self.needs("eval_strategy", "val_size", says::evaluation_needs_rows());
        }
        if c.group_by_length == Some(true) && c.disable_shuffling == Some(true) {
            let message = says::own_order_and_length();
            self.excludes("group_by_length", "disable_shuffling", message);
        }
        let max_samples = c.max_samples.map(|_| self.count("max_samples", c.max_samples, 1, 1));
        DataSpec {
            dataset,
            eval_dataset,
            dataset_dir: text(&c.dataset_dir).unwrap_or_else(|| "data".into()),
            wording: self.wording(),
            cutoff_len: self.count("cutoff_len", c.cutoff_len, 2048, 8),
            max_samples,
            val_size: match val {
                v if v <= 0.0 => ValSize::None,
                v if v < 1.0 => ValSize::Share(v),
                v => ValSize::Rows(v as usize),
            },
            shuffle: !c.disable_shuffling.unwrap_or(false),
            by_length: c.group_by_length.unwrap_or(false),
            order_seed: c.data_seed,
        }
    }

    /// How conversations become text.
    pub(super) fn wording(&mut self) -> Wording {
        let c = self.c;
        // of a template itself every blank counts
        let template = text(&c.template).map(|name| match TemplateSource::of(&name) {
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
        let tool_format = text(&c.tool_format);
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
            system: c.default_system.clone(),
            thinking: c.enable_thinking,
        }
    }
}
