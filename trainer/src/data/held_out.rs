//! What a run holds out for evaluation: how many rows, and whether any are left to train on.

use std::ops::ControlFlow;

use protocol::config::{DataSpec, ValSize};
use protocol::event::DataReport;
use protocol::says;

use super::error::{DataError, Result};
use super::intake::Intake;
use super::load::found;
use super::mix;
use super::read::usable_rows;
use super::source::Watch;

/// So many rows are enough to know that a share of them leaves some.
const ENOUGH: usize = 64;

/// How many rows `val_size` holds out, before they are tokens.
#[derive(Debug)]
pub enum HeldOut {
    /// Rows are left to train on, or only tokenizing will tell.
    Some,
    /// It holds out all rows; the error says so.
    All(DataError),
}

impl HeldOut {
    /// For so many rows.
    pub fn of(spec: &DataSpec, rows: usize) -> Self {
        match held_out(spec, rows) {
            Ok(_) => Self::Some,
            Err(all) => Self::All(all),
        }
    }
}

/// Whether `val_size` leaves rows to train on, as far as the rows tell. `seed` is the run's, which mixtures are drawn
/// by.
///
/// # Errors
/// The rows can't be read, or none of them can be used.
pub fn held_out_of_rows(spec: &DataSpec, intake: Intake, seed: u64) -> Result<HeldOut> {
    if spec.val_size == ValSize::None || !spec.eval_dataset.is_empty() || intake.form.joins() {
        return Ok(HeldOut::Some);
    }
    // usually the first rows are enough to tell
    if let Ok(rows) = usable(spec, intake, seed, Some(enough(spec)))
        && held_out(spec, rows).is_ok()
    {
        return Ok(HeldOut::Some);
    }
    let rows = usable(spec, intake, seed, None)?;
    Ok(HeldOut::of(spec, rows))
}

/// How many rows are enough to know that `val_size` leaves some.
pub(super) fn enough(spec: &DataSpec) -> usize {
    match spec.val_size {
        ValSize::Rows(n) => n.saturating_add(1),
        _ => ENOUGH,
    }
}

/// How many usable rows the data sets have together, among the first `limit` of each.
fn usable(spec: &DataSpec, intake: Intake, seed: u64, limit: Option<usize>) -> Result<usize> {
    let mut sizes = Vec::new();
    for name in &spec.dataset {
        let entry = found(spec, intake, name)?;
        let limit = [limit, spec.max_samples].into_iter().flatten().min();
        let mut report = DataReport::default();
        let mut rows: usize = 0;
        usable_rows(
            &entry,
            intake.needs(&entry),
            limit,
            &mut report,
            &Watch::none(),
            |_, _| {
                rows += 1;
                ControlFlow::Continue(())
            },
        )?;
        sizes.push(match entry.layout.num_samples {
            Some(n) => n.min(limit.unwrap_or(n)).min(rows.saturating_mul(n)),
            None => rows,
        });
    }
    Ok(mix::mixed(&sizes, &spec.mixing, seed)?.len())
}

/// How many of `rows` rows `val_size` holds out.
///
/// # Errors
/// It would hold out all of them.
pub(super) fn held_out(spec: &DataSpec, rows: usize) -> Result<usize> {
    let held = match spec.val_size {
        ValSize::None => 0,
        ValSize::Share(share) => (share * rows as f64).ceil() as usize,
        ValSize::Rows(n) => n,
    };
    match held < rows {
        true => Ok(held),
        false => Err(DataError::dataset(
            &spec.dataset.join(","),
            says::holds_out_all(held, rows),
        )),
    }
}
