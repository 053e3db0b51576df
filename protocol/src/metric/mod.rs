//! What is measured of a run, each metric declared once: its name, unit, which way is better, its words, where it is drawn.

mod chart;
mod name;
mod table;

pub use chart::{CHARTS, Chart, ChartId, Tone};
pub use name::{bare, eval_name, held_out, is_held_out};
pub use table::metrics;

use crate::said::Lang;

/// The metrics that runs are compared by, in the order in which they are drawn: within a group, what is on one scale whatever the
/// loss first.
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
    /// What people call it, as it stands within a sentence.
    pub title: Words,
    /// Its word in the legend of a chart with several metrics.
    pub label: Words,
    /// What its value says.
    pub meaning: Words,
    pub unit: Unit,
    pub group: Group,
    /// `None`: neither way is better as such.
    pub better: Option<Better>,
    /// Values of runs with different losses are not on one scale.
    pub depends_on_loss: bool,
    pub measured: Measured,
    /// Where on the run page.
    pub drawn: Drawn,
    pub tone: Tone,
    /// Measured on the chart's right axis.
    pub right_axis: bool,
    /// Drawn on the comparison page.
    pub compared: bool,
    /// Its word in a line of a terminal.
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

/// What a value is in: how it is written follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A mean of losses or scores: no unit.
    Plain,
    /// Natural logarithms of probabilities, and their differences.
    Nats,
    /// Of 1, written in percent.
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

/// What it tells of; what the method is about comes first on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// The scores by which any two runs are compared, and what the method itself is after.
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

/// What names of figures begin with that the server measures of the machine, see [`crate::usage`].
pub const MACHINE: &str = "machine/";

/// On which rows it is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measured {
    /// While training, and on held-out rows.
    Both,
    Training,
    /// On held-out rows alone; it has no prefix then.
    HeldOut,
}

/// Where a metric is drawn on the run page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawn {
    /// With what else says so, in this chart.
    In(ChartId),
    /// In a chart of its own.
    Alone,
    /// Where it is of use, it is told in words.
    Nowhere,
}

/// The metric of this name, be it of a step or of an evaluation.
pub fn find(name: &str) -> Option<&'static Metric> {
    let bare = bare(name);
    metrics().find(|metric| metric.name == bare)
}

/// The unit of any metric; what no table has is read off its name.
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
