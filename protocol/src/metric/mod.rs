//! The metrics of runs, each declared once: name, unit, which way is better, words, and where it is drawn.

mod chart;
mod margins;
mod name;
mod table;

pub use chart::{CHARTS, Chart, ChartId, Tone};
pub use name::{bare, eval_name, held_out, is_held_out, prefixed, transformers_eval_name};
pub use table::metrics;

use crate::numbers;
use crate::said::Lang;

/// The metrics of the comparison page, in the order in which they are drawn: within a group, first those whose scale does not
/// depend on the loss.
pub fn compared() -> Vec<&'static Metric> {
    let mut compared: Vec<_> = metrics().filter(|metric| metric.compared).collect();
    compared.sort_by_key(|metric| (metric.group, metric.depends_on_loss));
    compared
}

/// A metric that the trainer logs, or that other programs log under the same name.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// As a training step logs it, e.g. `rewards/margins`; an evaluation puts [`eval_name`]'s prefix in front.
    pub name: &'static str,
    /// What people call it, in the form it has within a sentence.
    pub title: Words,
    /// Its name in the legend of a chart with several metrics.
    pub label: Words,
    /// What its value means.
    pub meaning: Words,
    pub unit: Unit,
    pub group: Group,
    /// Which way is better; `None`: neither.
    pub better: Option<Better>,
    /// Whether values of runs with different losses are on different scales.
    pub depends_on_loss: bool,
    pub measured: Measured,
    /// How it is computed of the preference margins of held-out pairs (`margins.rs`); `None`: of something else. Of several batches
    /// the mean is told, each batch counting by its pairs.
    pub of_margins: Option<fn(&[f64]) -> f64>,
    /// Where it is drawn on the run page.
    pub drawn: Drawn,
    pub tone: Tone,
    /// Whether it goes by the chart's right axis.
    pub right_axis: bool,
    /// Whether it is drawn on the comparison page.
    pub compared: bool,
    /// Its name in the lines of a terminal; `None`: it is not shown there.
    pub terminal: Option<&'static str>,
    /// The column of its newest held-out value in the list of runs; `None`: the one that any metric may have, `m.NAME`.
    pub column: Option<&'static str>,
    /// Its rank among those of which the first that a run logs is drawn small beside it; `None`: it never is.
    pub spark: Option<u8>,
}

/// A word or sentence in every language, in the order of [`Lang::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words(pub [&'static str; Lang::ALL.len()]);

impl Words {
    /// No words at all.
    pub const NONE: Self = Self([""; Lang::ALL.len()]);

    pub const fn english(&self) -> &'static str {
        self.0[0]
    }

    pub const fn in_lang(&self, lang: Lang) -> &'static str {
        self.0[lang as usize]
    }
}

/// The unit of a value, which decides how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A mean of losses or scores: no unit.
    Plain,
    /// Natural logarithms of probabilities, and their differences.
    Nats,
    /// A share of 1, written in percent.
    Share,
    /// A learning rate: scientific where it is small.
    Rate,
    Tokens,
    TokensPerSecond,
    Bytes,
    Watts,
    /// Things counted.
    Count,
}

impl Unit {
    /// A value as people read it, with as many digits as say something of this unit.
    pub fn written(self, x: f64) -> String {
        match self {
            Self::Share => numbers::percent(x),
            Self::Rate => numbers::setting(x),
            Self::TokensPerSecond => numbers::rate(x),
            Self::Bytes => numbers::bytes(x.max(0.0) as u64),
            Self::Watts => format!("{} W", numbers::number(x)),
            Self::Plain | Self::Nats | Self::Tokens | Self::Count => numbers::number(x),
        }
    }

    /// The same in a column of a table, where scores have their points under each other.
    pub fn aligned(self, x: f64) -> String {
        match self {
            Self::Plain | Self::Nats => numbers::aligned(x),
            _ => self.written(x),
        }
    }
}

/// What a metric is about; pages show the groups in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// What the method optimises, and scores by which any two runs can be compared.
    Method,
    /// How the optimizer moves.
    Optimization,
    /// What the machine does.
    Machine,
}

/// Which way a value should go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    Higher,
    Lower,
}

impl Better {
    /// Whether `a` is better than `b`.
    pub fn prefers(self, a: f64, b: f64) -> bool {
        match self {
            Self::Higher => a > b,
            Self::Lower => a < b,
        }
    }
}

/// Prefix of the metrics that the server measures of the machine, see [`crate::usage`].
pub const MACHINE: &str = "machine/";

/// On which rows it is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measured {
    /// While training, and on held-out rows.
    Both,
    Training,
    /// On held-out rows only; its name has no prefix then.
    HeldOut,
}

/// Where a metric is drawn on the run page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawn {
    /// In this chart, together with other metrics.
    In(ChartId),
    /// In a chart of its own.
    Alone,
    /// In no chart; it is shown in words where it is of use.
    Nowhere,
}

/// The metric with this name, of a step or of an evaluation.
pub fn find(name: &str) -> Option<&'static Metric> {
    let bare = bare(name);
    metrics().find(|metric| metric.name == bare)
}

/// The metric that a column of the list of runs is of.
pub fn of_column(column: &str) -> Option<&'static Metric> {
    metrics().find(|metric| metric.column == Some(column))
}

/// The metric that is drawn small beside a run, of those that it logs.
pub fn spark(logged: impl Fn(&str) -> bool) -> Option<&'static Metric> {
    let drawn = metrics().filter(|metric| metric.spark.is_some() && logged(metric.name));
    drawn.min_by_key(|metric| metric.spark)
}

/// The unit of any metric; for unknown metrics it is guessed from the name.
pub fn unit(name: &str) -> Unit {
    match find(name) {
        Some(metric) => metric.unit,
        None if name.ends_with("accuracies") || name.ends_with("accuracy") => Unit::Share,
        None if name.ends_with("learning_rate") => Unit::Rate,
        None => Unit::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_metric_is_declared_once() {
        let names: BTreeSet<_> = metrics().map(|metric| metric.name).collect();
        assert_eq!(names.len(), metrics().count());
        for metric in metrics() {
            assert_eq!(metric.name, bare(metric.name));
            assert!(
                !metric.title.english().is_empty() && !metric.meaning.english().is_empty(),
                "{}",
                metric.name
            );
        }
    }

    #[test]
    fn a_chart_has_a_metric_and_one_unit_an_axis() {
        for chart in CHARTS {
            let drawn = || metrics().filter(|metric| metric.drawn == Drawn::In(chart.id));
            assert!(drawn().count() > 0, "{:?}", chart.id);
            for right in [false, true] {
                let axis: Vec<_> = drawn().filter(|metric| metric.right_axis == right).collect();
                assert!(axis.windows(2).all(|two| two[0].unit == two[1].unit), "{:?}", chart.id);
            }
            if drawn().count() > 1 {
                assert!(
                    drawn().all(|metric| !metric.label.english().is_empty()),
                    "{:?}",
                    chart.id
                );
            }
        }
    }

    #[test]
    fn a_run_is_drawn_by_the_first_that_it_logs() {
        let of = |logged: &[&str]| spark(|name| logged.contains(&name)).map(|metric| metric.name);
        assert_eq!(of(&["grad_norm", "loss", "rewards/margins"]), Some("rewards/margins"));
        assert_eq!((of(&["grad_norm", "loss"]), of(&["grad_norm"])), (Some("loss"), None));
        for (column, name) in [("acc", "preference/accuracies"), ("eval_loss", "loss")] {
            assert_eq!(of_column(column).map(|metric| metric.name), Some(name));
        }
        assert!(of_column("lr").is_none());
    }

    #[test]
    fn what_no_table_has_is_read_off_its_name() {
        assert_eq!(unit("eval_loss"), Unit::Plain);
        assert_eq!(unit("preference/accuracies"), Unit::Share);
        assert_eq!(unit("eval_my/accuracies"), Unit::Share);
        assert_eq!(unit("critic_learning_rate"), Unit::Rate);
        assert_eq!(unit("rollout/kl"), Unit::Plain);
    }
}
