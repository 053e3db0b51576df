//! What the board shows of a data set: its format and bad rows, and rows as the model will see them.

use std::ops::ControlFlow;

use protocol::data::{Inspection, Preview, RenderedRow, RowLengths, Token};
use protocol::event::{BadRow, DataReport};
use protocol::says;

use super::detect::Judging;
use super::encode::RowReport;
use super::error::{DataError, Result};
use super::info::Entry;
use super::intake::Intake;
use super::omissions::OmissionCounts;
use super::pairs::pieces;
use super::read::{each_row, named_columns};
use super::rows::{self, Remarks, Row, Survey, Weights};
use super::source::{Place, Watch, read_rows};
use super::store::{Example, RowKind};
use super::template::Encoder;
use super::{detect, feedback};

/// Which rows of a data set to render, and how.
#[derive(Clone, Copy)]
pub struct Shown {
    /// Rows left out before the first one shown.
    pub offset: u64,
    pub rows: u64,
    pub cutoff_len: usize,
    /// What learns from such rows.
    pub intake: Intake,
}

/// How many tokens a preview shows, of all its rows: about a hundred megabytes of JSON.
const MAX_TOKENS: usize = 1 << 20;

/// Reads all of a data set and says what it is. A data set without a usable row is not an error here: the report shows
/// why.
pub fn inspect(entry: &Entry) -> Result<Inspection> {
    let mut report = DataReport::default();
    let kind = Some(detect::kind(&entry.layout));
    let fits = |row: &Row| rows::check(row, kind, &entry.layout.columns);
    match each_row(entry, None, &mut report, &Watch::none(), fits, |_, _| {
        ControlFlow::Continue(())
    }) {
        Ok(()) => {}
        Err(DataError::NoUsableRow { bad, .. }) => report.bad_rows = bad,
        Err(e) => return Err(e),
    }
    let bytes = entry.files.bytes()?;
    let file = entry
        .files
        .path
        .file_name()
        .map(|f| f.to_string_lossy().into_owned())
        .unwrap_or_default();
    Ok(Inspection {
        kind: detect::kind(&entry.layout),
        format: detect::describe(&entry.layout),
        label_may_be_class: entry.layout.label_may_be_class,
        entry: entry.layout.entry(&file),
        rows: report.rows,
        usable: report.usable,
        bad_rows: report.bad_rows,
        bad_total: report.bad_total,
        bytes,
        notes: report.found,
    })
}

/// Renders some rows of a data set: every token, whether it counts, whether it is special.
pub fn preview(entry: &Entry, encoder: &Encoder, shown: Shown) -> Result<Preview> {
    let (mut out, mut lengths) = (Vec::new(), Vec::new());
    let mut left_out = OmissionCounts::default();
    let mut total = 0;
    let mut room = MAX_TOKENS;
    let (mut survey, mut weights) = (Survey::default(), Weights::default());
    let kind = Some(detect::kind(&entry.layout));
    let mut judging = Judging::of(&entry.layout);
    read_rows(&entry.files, &Watch::none(), |raw| {
        let index = total;
        total += 1;
        if let Ok(value) = &raw.value {
            survey.see(value);
            judging.iter_mut().for_each(|judging| judging.see(value));
        }
        if index >= shown.offset && index - shown.offset < shown.rows {
            let rendered = raw
                .value
                .and_then(|value| {
                    weights.check(&entry.files, &entry.layout, &value)?;
                    rows::read(&entry.layout, &value, &mut Remarks::default())
                })
                .and_then(|row| rows::check(&row, kind, &entry.layout.columns).map(|()| row))
                .and_then(|row| render(encoder, shown, &mut room, raw.number, row).map_err(|e| e.said()));
            match rendered {
                Ok((row, row_report)) => {
                    out.push(row);
                    lengths.push(row_report.tokens as u64);
                    left_out.count(row_report.omissions);
                }
                Err(why) => {
                    let why = Place::said(&raw.place, why);
                    out.push(RenderedRow::Bad(BadRow::new(raw.number, why)));
                }
            }
        }
        ControlFlow::Continue(())
    })?;
    named_columns(entry, &survey)?;
    judging.map_or(Ok(()), |judging| judging.check(&entry.files.path))?;
    Ok(Preview {
        rows: out,
        total,
        template: encoder.template().title().to_owned(),
        lengths: RowLengths::of(lengths, shown.cutoff_len as u64),
        notes: left_out.notes().collect(),
    })
}

/// A row as training makes it, and what became of it on the way. One that finds no room in the answer is not shown, and
/// says so.
fn render(
    encoder: &Encoder,
    shown: Shown,
    room: &mut usize,
    number: u64,
    row: Row,
) -> Result<(RenderedRow, RowReport)> {
    let row = match shown.intake.makes == RowKind::Labelled {
        true => feedback::alone(number, row.clone()).unwrap_or(row),
        false => row,
    };
    let (encoded, row_report) = shown.intake.encode(&row, shown.cutoff_len, encoder)?;
    let cut = row_report.cut;
    let length = length(&encoded).min(shown.cutoff_len.saturating_mul(2));
    let Some(left) = room.checked_sub(length) else {
        let why = says::row_not_shown(length, MAX_TOKENS);
        return Ok((RenderedRow::Bad(BadRow::new(number, why)), row_report));
    };
    *room = left;
    let rendered = match encoded {
        Example::Pair(pair) => {
            let chosen = [pair.prompt.as_slice(), &pair.chosen].concat();
            let rejected = [pair.prompt.as_slice(), &pair.rejected].concat();
            let length = pair.prompt.len();
            let mut prompt = tokens(encoder, &chosen, |i| i >= length)?;
            let chosen = prompt.split_off(length);
            let rejected = tokens(encoder, &rejected, |i| i >= length)?.split_off(length);
            RenderedRow::Pair {
                row: number,
                prompt,
                chosen,
                rejected,
                cut,
            }
        }
        Example::Labelled(labelled) => {
            let whole = [labelled.prompt.as_slice(), &labelled.reply].concat();
            RenderedRow::Labelled {
                row: number,
                tokens: tokens(encoder, &whole, |i| i >= labelled.prompt.len())?,
                good: labelled.good,
                cut,
            }
        }
        Example::Sequence(sequence) => RenderedRow::Sequence {
            row: number,
            tokens: tokens(encoder, &sequence.tokens, |i| {
                // what stands for the end of the reply before it is not what is learned there
                i > 0 && sequence.counts[i] && sequence.ends.iter().all(|end| end.at != i)
            })?,
            cut,
        },
        Example::Document(mut ids) => {
            let cut = ids.len() > shown.cutoff_len;
            ids.truncate(shown.cutoff_len);
            RenderedRow::Sequence {
                row: number,
                tokens: tokens(encoder, &ids, |i| i > 0)?,
                cut,
            }
        }
        Example::Prompt(ids) => RenderedRow::Sequence {
            row: number,
            tokens: tokens(encoder, &ids, |_| false)?,
            cut,
        },
    };
    Ok((rendered, row_report))
}

/// Tokens that a row has to show.
fn length(encoded: &Example) -> usize {
    match encoded {
        Example::Pair(pair) => pair.prompt.len() + pair.chosen.len() + pair.rejected.len(),
        Example::Labelled(labelled) => labelled.prompt.len() + labelled.reply.len(),
        Example::Sequence(sequence) => sequence.tokens.len(),
        Example::Document(ids) | Example::Prompt(ids) => ids.len(),
    }
}

/// Each token with the text that it adds to the text before it.
fn tokens(encoder: &Encoder, ids: &[u32], counts: impl Fn(usize) -> bool) -> Result<Vec<Token>> {
    let texts = pieces(encoder, ids)?;
    let token = |(i, (&id, text))| Token {
        id,
        text,
        counts: counts(i),
        special: encoder.tokenizer().is_special(id),
    };
    Ok(ids.iter().zip(texts).enumerate().map(token).collect())
}
