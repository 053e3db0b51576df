//! Reads parquet in batches of rows, small enough to fit into memory even with long texts.

use std::fs::File;
use std::path::Path;

use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::basic::Compression;

use protocol::{Said, says};

use super::super::error::{DataError, Result};
use super::arrow::{broken_after, guarded, hand_on};
use super::limits::Budget;
use super::{Each, Watch, footer};

/// About how many bytes a batch has.
const BATCH: u64 = 16 << 20;
/// How deep columns may be nested: a list is two levels.
const NESTING: usize = 128;
/// Rows of a batch, at most.
const ROWS: u64 = 1024;

pub(super) fn read(path: &Path, file: File, watch: &Watch, each: &mut Each) -> Result<()> {
    let size = file.metadata().map_err(|e| DataError::read(path, e))?.len();
    let mut rows = 0;
    let broken = |rows: u64, why: Said| broken_after(path, "parquet", rows, why);
    let nesting = footer::nesting(&file, size).map_err(|why| broken(0, why))?;
    if nesting > NESTING {
        return Err(broken(0, says::columns_nested(nesting, NESTING)));
    }
    // metadata of another tool's types (categories, time zones) does not change rows
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let opened = guarded(|| ParquetRecordBatchReaderBuilder::try_new_with_options(file, options));
    let builder = opened.map_err(|why| broken(0, why))?;
    let all_rows = builder.metadata().file_metadata().num_rows();
    let all_rows = u64::try_from(all_rows).unwrap_or(0).max(1);
    let groups = builder.metadata().row_groups();
    let mut packings = groups
        .iter()
        .flat_map(|group| group.columns())
        .map(|column| column.compression());
    if let Some(packing) = packings.find_map(|packing| match packing {
        Compression::BROTLI(_) => Some("Brotli"),
        Compression::LZO => Some("LZO"),
        _ => None,
    }) {
        return Err(DataError::file(path, says::parquet_packed_so(packing)));
    }
    let of_row =
        |bytes: i64, rows: i64| u64::try_from(bytes).unwrap_or(u64::MAX) / u64::try_from(rows.max(1)).unwrap_or(1);
    let largest = groups
        .iter()
        .map(|group| of_row(group.total_byte_size(), group.num_rows()))
        .max();
    let batch = (BATCH / largest.unwrap_or(0).max(1)).clamp(1, ROWS);
    let made = guarded(|| builder.with_batch_size(usize::try_from(batch).unwrap_or(1)).build());
    let mut reader = made.map_err(|why| broken(0, why))?;
    let mut budget = Budget::of(size);
    loop {
        // columns are stored apart, so that the position in the file is no measure of progress
        watch.at((size as f64 * (rows as f64 / all_rows as f64)) as u64);
        match guarded(|| reader.next().transpose()).map_err(|why| broken(rows, why))? {
            None => return Ok(()),
            Some(batch) if hand_on(path, &batch, &mut rows, &mut budget, each)? => {}
            Some(_) => return Ok(()),
        }
    }
}
