//! Names of metrics in evaluations: prefixed with `eval_`, as in transformers, except for metrics that only evaluations have.

use super::{Measured, metrics};
use crate::event::Metrics;

const PREFIX: &str = "eval_";

/// The name of a metric in evaluations: `eval_loss` for `loss`, but `preference/margins` unchanged.
pub fn eval_name(name: &str) -> String {
    match is_held_out(name) {
        true => name.to_owned(),
        false => format!("{PREFIX}{name}"),
    }
}

/// The name without the prefix of [`eval_name`].
pub fn bare(name: &str) -> &str {
    prefixed(name).unwrap_or(name)
}

/// The bare name, where the prefix is before it.
pub fn prefixed(name: &str) -> Option<&str> {
    name.strip_prefix(PREFIX)
}

/// The name that transformers, and who is told by its callbacks, has for a metric of an evaluation: the prefix is before every one,
/// those too that only evaluations have.
pub fn transformers_eval_name(name: &str) -> String {
    format!("{PREFIX}{}", bare(name))
}

/// Whether a metric with this name is measured on held-out rows: it has the prefix, or is one that only evaluations have.
pub fn is_held_out(name: &str) -> bool {
    let only = || metrics().filter(|metric| metric.measured == Measured::HeldOut);
    prefixed(name).is_some() || only().any(|metric| metric.name == name)
}

/// The value of the metric with this bare name in the metrics of an evaluation.
pub fn held_out(metrics: &Metrics, name: &str) -> Option<f64> {
    let prefixed = || metrics.get(&transformers_eval_name(name));
    // files of other programs have the prefix before every metric
    let found = match is_held_out(name) {
        true => metrics.get(name).or_else(prefixed),
        false => prefixed(),
    };
    found.map(|value| value.get())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::MetricValue;

    #[test]
    fn an_evaluation_marks_what_training_measures_too() {
        for (name, told) in [
            ("loss", "eval_loss"),
            ("rewards/margins", "eval_rewards/margins"),
            ("preference/margins", "preference/margins"),
            ("eval_loss", "eval_loss"),
            ("of_another_program", "eval_of_another_program"),
        ] {
            assert_eq!(eval_name(name), told);
            assert!(is_held_out(told));
            // in the files of other programs all of them are marked
            assert_eq!(transformers_eval_name(name), format!("eval_{}", bare(name)));
        }
        assert_eq!((prefixed("eval_loss"), prefixed("loss")), (Some("loss"), None));
        assert!(!is_held_out("loss"));
        assert_eq!(
            (bare("eval_loss"), bare("preference/margins")),
            ("loss", "preference/margins")
        );
    }

    #[test]
    fn a_held_out_value_is_found_by_its_bare_name() {
        let one = |name: &str| -> Metrics { [(name.to_owned(), MetricValue::new(2.0).unwrap())].into() };
        assert_eq!(held_out(&one("eval_loss"), "loss"), Some(2.0));
        assert_eq!(held_out(&one("loss"), "loss"), None);
        assert_eq!(held_out(&one("preference/margins"), "preference/margins"), Some(2.0));
        assert_eq!(
            held_out(&one("eval_preference/margins"), "preference/margins"),
            Some(2.0)
        );
    }
}
