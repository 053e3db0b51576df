//! Checks that training will find usable rows, with the loader itself, on as few rows as are enough to tell.

use protocol::config::{DataSpec, Mixing, ValSize};

use super::error::{DataError, Result};
use super::intake::Intake;
use super::load::load_at;
use super::store::Place;
use super::template::Encoder;
use crate::error;

/// How many of the first rows are tried; all rows are if none of these is usable.
const FIRST: [usize; 2] = [64, 4096];

/// Loads the first rows of the data sets `names` as training will, for as long as `go_on` gives no error.
///
/// # Errors
/// No row of one of them can be used, or all together fill no block; or the error of `go_on`. What else is wrong with the data
/// sets is told where they are looked for.
pub fn usable(
    spec: &DataSpec,
    names: &[String],
    intake: Intake,
    encoder: &Encoder,
    go_on: impl Fn() -> error::Result<()>,
) -> Result<()> {
    let whole = DataSpec {
        dataset: names.to_vec(),
        eval_dataset: Vec::new(),
        val_size: ValSize::None,
        // each data set by itself
        mixing: Mixing::Concat,
        // the rows that are tried are not cached
        tokenized_path: None,
        pair_marks: None,
        ..spec.clone()
    };
    if names.is_empty() {
        return Ok(());
    }
    let place = Place {
        worth: u64::MAX,
        ..Place::default()
    };
    let on = |_, _| go_on();
    for first in FIRST {
        let part = DataSpec {
            max_samples: Some(spec.max_samples.map_or(first, |most| most.min(first))),
            ..whole.clone()
        };
        match load_at(&place, &part, intake, 0, encoder, on) {
            Ok(_) => return Ok(()),
            Err(interrupted @ DataError::Interrupted(_)) => return Err(interrupted),
            // more of them may do
            Err(_) => {}
        }
    }
    match load_at(&place, &whole, intake, 0, encoder, on) {
        Err(error) if is_told(&error) => Err(error),
        _ => Ok(()),
    }
}

/// Whether it is of rows, or a stop; what else there is, is told where data sets are looked for.
fn is_told(error: &DataError) -> bool {
    match error {
        DataError::NoUsableRow { .. } | DataError::Interrupted(_) => true,
        DataError::Dataset { problem, .. } => problem.code == "block_unfilled",
        _ => false,
    }
}
