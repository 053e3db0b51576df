//! The metrics of runs, each declared once: name, unit, which way is better, words, and where it is drawn.

mod chart;
mod name;
mod table;

pub use chart::{CHARTS, Chart, ChartId, Tone};
pub use name::{bare, eval_name, held_out, is_held_out};
pub use table::metrics;

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
    /// Where it is drawn on the run page.
    pub drawn: Drawn,
    pub tone: Tone,
    /// Whether it goes by the chart's right axis.
    pub right_axis: bool,
    /// Whether it is drawn on the comparison page.
    pub compared: bool,
    /// Its name in the lines of a terminal; `None`: it is not shown there.
    pub terminal: Option<&'static str>,
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
    fn what_no_table_has_is_read_off_its_name() {
        assert_eq!(unit("eval_loss"), Unit::Plain);
        assert_eq!(unit("preference/accuracies"), Unit::Share);
        assert_eq!(unit("eval_my/accuracies"), Unit::Share);
        assert_eq!(unit("critic_learning_rate"), Unit::Rate);
        assert_eq!(unit("rollout/kl"), Unit::Plain);
    }
}
