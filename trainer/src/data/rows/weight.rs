//! How much a row counts: here every row counts alike, so that a column that says otherwise is no note but a refusal.

use protocol::says;
use serde_json::Value;

use super::super::layout::Layout;
use super::Outcome;
use super::cell::number;

/// Names that the weight of a row has.
const WEIGHTS: [&str; 6] = [
    "weight",
    "weights",
    "sample_weight",
    "example_weight",
    "row_weight",
    "loss_weight",
];

/// Refuses a row that is to count for more or less than others. A text that is no number is a weight of something else.
pub(super) fn check(layout: &Layout, row: &Value) -> Outcome<()> {
    for name in WEIGHTS {
        let Some(value) = row
            .get(name)
            .filter(|_| !layout.columns_used().any(|used| used == name))
        else {
            continue;
        };
        match number(value) {
            Some(weight) if weight != 1.0 => return Err(says::row_weight(name, value)),
            _ => {}
        }
    }
    Ok(())
}
