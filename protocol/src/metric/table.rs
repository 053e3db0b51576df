//! The metrics that are known by name.

mod machine;
mod parts;
mod samples;
mod scores;
mod training;

use super::{Drawn, Group, Measured, Metric, Tone, Unit, Words};

/// What most metrics are like; each declares its name, words and differences.
const USUAL: Metric = Metric {
    name: "",
    title: Words::NONE,
    label: Words::NONE,
    meaning: Words::NONE,
    unit: Unit::Plain,
    group: Group::Method,
    better: None,
    depends_on_loss: false,
    measured: Measured::Both,
    of_margins: None,
    drawn: Drawn::Alone,
    tone: Tone::Series(4),
    right_axis: false,
    compared: false,
    terminal: None,
    column: None,
    spark: None,
};

/// All metrics, in the order in which they are listed.
pub fn metrics() -> impl Iterator<Item = &'static Metric> {
    [
        scores::SCORES,
        samples::SAMPLES,
        parts::PARTS,
        training::TRAINING,
        machine::OF_MACHINE,
    ]
    .into_iter()
    .flatten()
}
