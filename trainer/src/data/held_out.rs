//! What a run holds out for evaluation: how many rows, of which kind, and whether any are left to train on.

use std::ops::ControlFlow;
use std::path::Path;

use protocol::config::{DataSpec, Packing, ValSize};
use protocol::event::DataReport;
use protocol::says;

use super::error::{DataError, Result};
use super::load::found;
use super::read::usable_rows;
use super::source::Watch;
use super::task::Task;
use super::{detect, info, mix};

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
pub fn held_out_of_rows(spec: &DataSpec, task: Task, seed: u64) -> Result<HeldOut> {
    let packs = matches!(
        task,
        Task::Pretrain { packing: true }
            | Task::Supervised {
                packing: Packing::Plain | Packing::Neat,
                ..
            }
    );
    if spec.val_size == ValSize::None || !spec.eval_dataset.is_empty() || packs {
        return Ok(HeldOut::Some);
    }
    // usually the first rows are enough to tell
    if let Ok(rows) = usable(spec, task, seed, Some(enough(spec)))
        && held_out(spec, rows).is_ok()
    {
        return Ok(HeldOut::Some);
    }
    let rows = usable(spec, task, seed, None)?;
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
fn usable(spec: &DataSpec, task: Task, seed: u64, limit: Option<usize>) -> Result<usize> {
    let mut sizes = Vec::new();
    for name in &spec.dataset {
        let entry = found(spec, task, name)?;
        let limit = [limit, spec.max_samples].into_iter().flatten().min();
        let mut report = DataReport::default();
        let mut rows: usize = 0;
        usable_rows(
            &entry,
            task.needs(&entry),
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

/// The task of the evaluation rows. Supervised training may be evaluated on pairs, by which all methods are compared.
pub fn held_out_task(spec: &DataSpec, task: Task) -> Result<Task> {
    if !matches!(task, Task::Supervised { .. }) {
        return Ok(task);
    }
    let dir = Path::new(&spec.dataset_dir);
    let mut kinds = vec![];
    for name in &spec.eval_dataset {
        kinds.push(detect::kind(&info::find(name, dir)?.layout));
    }
    match task.stage().scored_as(kinds.into_iter()) == task.stage() {
        true => Ok(task),
        false => Ok(Task::Preference),
    }
}
