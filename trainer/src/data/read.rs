//! Reads a data set's rows one by one, and reports of them: inspection and training both read rows here.

use std::ops::ControlFlow;

use protocol::data::{DataKind, DataNote};
use protocol::event::{BadRow, DataReport};
use protocol::{Said, says};

use super::detect::Judging;
use super::error::{DataError, Result};
use super::info::{self, Entry};
use super::rows::{self, Remarks, Row, Survey, Weights};
use super::source::{Place, Watch, read_rows};

/// How many bad rows a report lists; the rest are only counted.
pub(super) const LISTED: usize = 100;

/// Reads the first `limit` rows of a data set; those that can't be read go into `report`. Rows keep their number.
pub fn load_rows(entry: &Entry, limit: Option<usize>, report: &mut DataReport) -> Result<Vec<(u64, Row)>> {
    let mut rows = Vec::new();
    let keep = |number, row| {
        rows.push((number, row));
        ControlFlow::Continue(())
    };
    each_row(entry, limit, report, &Watch::none(), |_| Ok(()), keep)?;
    Ok(rows)
}

/// Goes through the rows of a data set that can be used as `kind`.
pub(super) fn usable_rows(
    entry: &Entry,
    kind: Option<DataKind>,
    limit: Option<usize>,
    report: &mut DataReport,
    watch: &Watch,
    keep: impl FnMut(u64, Row) -> ControlFlow<()>,
) -> Result<()> {
    let fits = |row: &Row| rows::check(row, kind, &entry.layout.columns);
    each_row(entry, limit, report, watch, fits, keep)
}

/// Goes through the rows of a data set, holding none: those that can be read and `fits` lets pass go to `keep`, the
/// others into `report`, until `keep` breaks. Inspection and training read rows here and nowhere else.
pub(super) fn each_row(
    entry: &Entry,
    limit: Option<usize>,
    report: &mut DataReport,
    watch: &Watch,
    fits: impl Fn(&Row) -> std::result::Result<(), Said>,
    mut keep: impl FnMut(u64, Row) -> ControlFlow<()>,
) -> Result<()> {
    let mut survey = Survey::default();
    let mut weights = Weights::default();
    let mut judging = Judging::of(&entry.layout);
    // a sampled data set is sampled from all of its rows
    let limit = match entry.layout.num_samples {
        Some(_) => u64::MAX,
        None => limit.map_or(u64::MAX, |n| n as u64),
    };
    let unread = read_rows(&entry.files, watch, |raw| {
        if report.rows >= limit {
            // A named column may come later only, and how one counts shows in all of it.
            let named = !entry.names_columns || survey.missing(&entry.layout).is_none();
            let done = named && judging.is_none();
            if let Ok(value) = &raw.value {
                survey.see(value);
                judging.iter_mut().for_each(|judging| judging.see(value));
            }
            return match done {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            };
        }
        report.rows += 1;
        for key in raw.duplicate_keys {
            survey.duplicate_key(key, raw.number);
        }
        let read = raw.value.and_then(|value| {
            let mut remarks = Remarks::default();
            survey.see(&value);
            judging.iter_mut().for_each(|judging| judging.see(&value));
            survey.label(entry.layout.columns.kto_tag.as_deref(), &value);
            weights.check(&entry.files, &entry.layout, &value)?;
            let row = rows::read(&entry.layout, &value, &mut remarks)?;
            fits(&row)?;
            survey.count(remarks);
            Ok(row)
        });
        match read {
            Ok(row) => {
                report.usable += 1;
                keep(raw.number, row)
            }
            Err(why) => {
                survey.refused(&why);
                bad(report, raw.number, Place::said(&raw.place, why));
                ControlFlow::Continue(())
            }
        }
    })?;
    named_columns(entry, &survey)?;
    judging.map_or(Ok(()), |judging| judging.check(&entry.files.path))?;
    if let Some(column) = entry
        .layout
        .columns
        .kto_tag
        .as_deref()
        .filter(|_| survey.has_three_labels())
    {
        return Err(DataError::dataset(&entry.name, says::three_labels(column)));
    }
    let keys = entry.unused.clone();
    if !keys.is_empty() {
        report.found.push(DataNote::UnusedEntryKeys { keys });
    }
    if !unread.files.is_empty() {
        report.found.push(DataNote::UnusedFiles { files: unread.files });
    }
    let lists = unread.lists.into_iter();
    report.found.extend(lists.map(|list| DataNote::UnusedList {
        key: list.key,
        rows: list.rows,
    }));
    report.found.extend(survey.notes(&entry.layout));
    if report.usable == 0 {
        return Err(DataError::NoUsableRow {
            name: entry.name.clone(),
            total: report.rows as usize,
            bad: std::mem::take(&mut report.bad_rows),
        });
    }
    Ok(())
}

/// Refuses an entry that names a column that no row has.
pub(super) fn named_columns(entry: &Entry, survey: &Survey) -> Result<()> {
    let columns = survey.columns();
    match survey.missing(&entry.layout) {
        Some(missing) if entry.names_columns && !columns.is_empty() => Err(DataError::dataset(
            &entry.name,
            says::column_nowhere(info::FILE, missing, &entry.files.path, columns.join(", ")),
        )),
        _ => Ok(()),
    }
}

pub(super) fn bad(report: &mut DataReport, row: u64, why: Said) {
    report.bad_total += 1;
    if report.bad_rows.len() < LISTED {
        report.bad_rows.push(BadRow::new(row, why));
    }
}
