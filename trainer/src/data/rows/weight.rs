//! Row weights: here all rows weigh the same, so that rows with another weight are refused.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use protocol::says;
use serde_json::Value;

use super::super::layout::Layout;
use super::super::source::{Files, Watch, read_rows};
use super::Outcome;
use super::cell::number;

/// Names of columns that are certainly row weights.
const CERTAIN: [&str; 4] = ["sample_weight", "example_weight", "row_weight", "loss_weight"];
/// Names of columns that may also be a person's or a product's weight.
const PLAIN: [&str; 2] = ["weight", "weights"];
/// Row weights are within this range; values outside are kilograms or the like.
const USUAL: std::ops::RangeInclusive<f64> = 0.0..=10.0;

/// Refuses a row that is to count for more or less than others. A text that is no number is a weight of something else.
pub(super) fn check(layout: &Layout, row: &Value) -> Outcome<()> {
    match weighted(&CERTAIN, layout, row) {
        Some((name, value)) => Err(says::row_weight(name, value)),
        None => Ok(()),
    }
}

/// The column that gives a row another weight than 1.
fn weighted<'a>(names: &[&'static str], layout: &Layout, row: &'a Value) -> Option<(&'static str, &'a Value)> {
    names.iter().find_map(|name| {
        let value = row.get(name)?;
        let used = layout.columns_used().any(|used| used == *name);
        (!used && number(value)? != 1.0).then_some((*name, value))
    })
}

/// Whether the plain names of a file are weights of its rows: only all values together tell, which are looked at once,
/// when the first of them matters.
#[derive(Debug, Default)]
pub(in crate::data) struct Weights {
    of_rows: BTreeMap<&'static str, bool>,
}

impl Weights {
    /// As [`check`], by the plain names.
    pub(in crate::data) fn check(&mut self, files: &Files, layout: &Layout, row: &Value) -> Outcome<()> {
        for name in PLAIN {
            let Some((name, value)) = weighted(&[name], layout, row) else {
                continue;
            };
            if *self.of_rows.entry(name).or_insert_with(|| all_usual(files, name)) {
                return Err(says::row_weight(name, value));
            }
        }
        Ok(())
    }
}

/// Whether all numbers of a column are such as weights of rows are. A file that can't be read is told of where its rows
/// are read.
fn all_usual(files: &Files, name: &str) -> bool {
    let mut usual = true;
    let read = read_rows(files, &Watch::none(), |row| {
        let value = row.value.as_ref().ok().and_then(|row| row.get(name)).and_then(number);
        usual = value.is_none_or(|value| USUAL.contains(&value));
        match usual {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    });
    usual || read.is_err()
}
