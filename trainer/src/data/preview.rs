//! What the board shows of a data set: its format and bad rows, and rows as the model will see them.

use std::ops::ControlFlow;

use protocol::data::{DataKind, Inspection, Preview, RenderedRow, Token};
use protocol::event::{BadRow, DataReport};

use super::error::{DataError, Result};
use super::info::Entry;
use super::load::{LossMask, load_rows};
use super::rows::{self, Row};
use super::source::read_rows;
use super::template::{Encoder, Template};
use super::{detect, encode, feedback};

/// Which rows of a data set to render, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// Rows left out before the first one shown.
    pub offset: u64,
    pub rows: u64,
    pub cutoff_len: usize,
    pub mask: LossMask,
}

/// Reads all of a data set and says what it is. A data set without a usable row is not an error here: the report shows
/// why.
pub fn inspect(entry: &Entry) -> Result<Inspection> {
    let mut report = DataReport::default();
    match load_rows(entry, None, &mut report) {
        Ok(_) => {}
        Err(DataError::NoUsableRow { bad, .. }) => report.bad_rows = bad,
        Err(e) => return Err(e),
    }
    let bytes = std::fs::metadata(&entry.path)
        .map_err(|e| DataError::read(&entry.path, e))?
        .len();
    let file = entry
        .path
        .file_name()
        .map(|f| f.to_string_lossy().into_owned())
        .unwrap_or_default();
    Ok(Inspection {
        kind: detect::kind(&entry.layout),
        format: detect::describe(&entry.layout),
        entry: entry.layout.entry(&file),
        rows: report.rows,
        usable: report.usable,
        bad_rows: report.bad_rows,
        bad_total: report.bad_total,
        bytes,
    })
}

/// Renders some rows of a data set: every token, whether it counts, whether it is special.
pub fn preview(entry: &Entry, encoder: &Encoder, shown: Shown) -> Result<Preview> {
    let mut out = Vec::new();
    let mut total = 0;
    read_rows(&entry.path, |raw| {
        let index = total;
        total += 1;
        if index >= shown.offset && index - shown.offset < shown.rows {
            let rendered = raw
                .value
                .and_then(|value| rows::read(&entry.layout, &value))
                .and_then(|row| render(entry, encoder, shown, raw.number, &row).map_err(|e| e.to_string()));
            out.push(rendered.unwrap_or_else(|reason| {
                RenderedRow::Bad(BadRow {
                    row: raw.number,
                    reason,
                })
            }));
        }
        ControlFlow::Continue(())
    })?;
    Ok(Preview {
        rows: out,
        total,
        template: match encoder.template() {
            Template::Named(named) => named.name.to_owned(),
            Template::Model(_) => "chat_template".to_owned(),
        },
    })
}

fn render(entry: &Entry, encoder: &Encoder, shown: Shown, number: u64, row: &Row) -> Result<RenderedRow> {
    match detect::kind(&entry.layout) {
        DataKind::Preference => {
            let (pair, loss) = encode::pair(encoder, row, shown.cutoff_len)?;
            let chosen = [pair.prompt.as_slice(), &pair.chosen].concat();
            let rejected = [pair.prompt.as_slice(), &pair.rejected].concat();
            let length = pair.prompt.len();
            let mut prompt = tokens(encoder, &chosen, |i| i >= length)?;
            let chosen = prompt.split_off(length);
            let rejected = tokens(encoder, &rejected, |i| i >= length)?.split_off(length);
            Ok(RenderedRow::Pair {
                row: number,
                prompt,
                chosen,
                rejected,
                cut: loss.cut,
            })
        }
        DataKind::Instruction => {
            let (sequence, loss) = encode::conversation(encoder, row, shown.mask, shown.cutoff_len)?;
            Ok(RenderedRow::Sequence {
                row: number,
                tokens: tokens(encoder, &sequence.tokens, |i| i > 0 && sequence.counts[i])?,
                cut: loss.cut,
            })
        }
        DataKind::Text => {
            let text = row.prompt.first().map_or("", |m| m.content.as_str());
            let mut ids = encode::document(encoder, text)?;
            let cut = ids.len() > shown.cutoff_len;
            ids.truncate(shown.cutoff_len);
            Ok(RenderedRow::Sequence {
                row: number,
                tokens: tokens(encoder, &ids, |i| i > 0)?,
                cut,
            })
        }
        DataKind::Unpaired => {
            let row = feedback::rows(vec![(number, row.clone())], 0).remove(0).1;
            let (labelled, loss) = encode::labelled(encoder, &row, shown.cutoff_len)?;
            let whole = [labelled.prompt.as_slice(), &labelled.reply].concat();
            Ok(RenderedRow::Labelled {
                row: number,
                tokens: tokens(encoder, &whole, |i| i >= labelled.prompt.len())?,
                good: labelled.good,
                cut: loss.cut,
            })
        }
    }
}

/// Each token with the text it adds to what stands before it.
fn tokens(encoder: &Encoder, ids: &[u32], counts: impl Fn(usize) -> bool) -> Result<Vec<Token>> {
    let tokenizer = encoder.tokenizer();
    let mut stream = tokenizer.inner().decode_stream(false);
    let mut out = Vec::with_capacity(ids.len());
    for (i, &id) in ids.iter().enumerate() {
        let text = stream
            .step(id)
            .map_err(|e| DataError::Row(e.to_string()))?
            .unwrap_or_else(|| char::REPLACEMENT_CHARACTER.to_string());
        out.push(Token {
            id,
            text,
            counts: counts(i),
            special: tokenizer.is_special(id),
        });
    }
    Ok(out)
}
