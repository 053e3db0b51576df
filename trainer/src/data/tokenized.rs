//! Tokenized data that LLaMA-Factory has saved to `tokenized_path`: folders of Hugging Face's `datasets`, read as its
//! trainers read them.

use std::fs::File;
use std::io::BufReader;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use protocol::event::{BadRow, DataReport};
use protocol::{Said, says};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::error::{DataError, Result};
use super::intake::Intake;
use super::read::LISTED;
use super::source::{Files, Watch, read_rows};
use super::store::{Example, Place, Store, Writer};
use super::{EncodedTurn, End, Labelled, Pair, Sequence};
use crate::files;

/// The file that lists the splits of a folder.
const DICT: &str = "dataset_dict.json";
/// The file that lists the data files of a split.
const STATE: &str = "state.json";
/// The label of tokens that do not count in the loss.
const IGNORED: i64 = -100;

/// A folder of tokenized data.
pub(super) struct Tokenized {
    folder: PathBuf,
    /// `None` if it is one split by itself, to train on.
    splits: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Dict {
    splits: Vec<String>,
}

#[derive(Deserialize)]
struct State {
    #[serde(rename = "_data_files")]
    data_files: Vec<DataFile>,
    /// Files with row indices, where rows were selected or shuffled.
    #[serde(rename = "_indices_files", default)]
    indices_files: Option<Vec<IgnoredAny>>,
}

#[derive(Deserialize)]
struct DataFile {
    filename: String,
}

impl Tokenized {
    pub(super) const TRAIN: &str = "train";
    pub(super) const HELD_OUT: &str = "validation";

    /// The folder that `tokenized_path` names, if LLaMA-Factory saved it.
    ///
    /// # Errors
    /// It is damaged.
    pub(super) fn at(path: Option<&str>) -> Result<Option<Self>> {
        let Some(path) = path else { return Ok(None) };
        let folder = files::at_home(path).map_err(|why| DataError::file(Path::new(path), why))?;
        let splits = match (folder.join(DICT).exists(), folder.join(STATE).exists()) {
            (true, _) => Some(described::<Dict>(&folder.join(DICT))?.splits),
            (false, true) => None,
            (false, false) => return Ok(None),
        };
        Ok(Some(Self { folder, splits }))
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn has(&self, split: &str) -> bool {
        match &self.splits {
            Some(splits) => splits.iter().any(|name| name == split),
            None => split == Self::TRAIN,
        }
    }

    /// The rows of a split as `intake` takes them, only the first `limit`, with their report. They are stored at `place`.
    ///
    /// # Errors
    /// It has no such split, or no row of it is of its kind.
    pub(super) fn rows(
        &self,
        split: &str,
        intake: Intake,
        limit: Option<usize>,
        place: &Place,
        watch: &Watch,
    ) -> Result<(Store, DataReport)> {
        let folder = match &self.splits {
            Some(splits) if !self.has(split) => {
                return Err(DataError::file(
                    &self.folder,
                    says::no_split_of_tokens(split, splits.join(", ")),
                ));
            }
            Some(_) => self.folder.join(split),
            None => self.folder.clone(),
        };
        let state: State = described(&folder.join(STATE))?;
        if state.indices_files.is_some_and(|files| !files.is_empty()) {
            return Err(DataError::file(&folder, says::tokens_indexed()));
        }
        let named: Vec<String> = state.data_files.into_iter().map(|file| file.filename).collect();
        if let Some(elsewhere) = named
            .iter()
            .find(|name| Path::new(name).file_name() != Some(name.as_ref()))
        {
            return Err(DataError::file(
                &folder.join(STATE),
                says::bad_file_name_of_tokens(elsewhere),
            ));
        }
        let files = Files {
            path: folder.clone(),
            chosen: Some(named),
        };
        let name = folder.display().to_string();
        let mut report = DataReport {
            dataset: name.clone(),
            ..DataReport::default()
        };
        let mut writer = Writer::new(intake.makes, place);
        let mut written = Ok(());
        read_rows(&files, watch, |raw| {
            report.rows += 1;
            match raw.value.and_then(|row| example(row, intake)) {
                Ok(row) => {
                    report.usable += 1;
                    written = writer.push(row);
                }
                Err(why) => {
                    report.bad_total += 1;
                    if report.bad_rows.len() < LISTED {
                        report.bad_rows.push(BadRow::new(raw.number, why));
                    }
                }
            }
            match written {
                Ok(()) if limit.is_none_or(|limit| writer.len() < limit) => ControlFlow::Continue(()),
                _ => ControlFlow::Break(()),
            }
        })?;
        written?;
        match report.usable {
            0 => Err(DataError::NoUsableRow {
                name,
                total: usize::try_from(report.rows).unwrap_or(usize::MAX),
                bad: report.bad_rows,
            }),
            _ => Ok((writer.finish()?, report)),
        }
    }
}

fn described<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<T> {
    let file = File::open(path).map_err(|e| DataError::read(path, e))?;
    serde_json::from_reader(BufReader::new(file)).map_err(|e| DataError::file(path, says::not_json(e)))
}

/// A part of a row, or why the row can't be used.
pub(super) type Outcome<T> = std::result::Result<T, Said>;

/// A row as an example.
fn example(row: Value, intake: Intake) -> Outcome<Example> {
    let Value::Object(row) = row else {
        return Err(says::tokens_without("input_ids"));
    };
    let media = ["images", "videos", "audios"];
    if let Some(column) = media.into_iter().find(|column| {
        let filled = |value: &Value| value.as_array().is_some_and(|list| !list.is_empty());
        row.get(*column).is_some_and(filled)
    }) {
        return Err(says::tokens_of_media(column));
    }
    (intake.read_tokens)(&row)
}

/// A pair.
pub(crate) fn pair(row: &Map<String, Value>) -> Outcome<Example> {
    two_replies(row).map(Example::Pair)
}

/// A labelled reply with its mismatched one.
pub(crate) fn labelled(row: &Map<String, Value>) -> Outcome<Example> {
    labelled_reply(row).map(Example::Labelled)
}

/// A conversation, or several packed ones.
pub(crate) fn conversations(row: &Map<String, Value>) -> Outcome<Example> {
    sequence(row).map(Example::Sequence)
}

/// A text, all of whose tokens count.
pub(crate) fn text(row: &Map<String, Value>) -> Outcome<Example> {
    let ids = ids(row, "input_ids")?;
    let counts = vec![true; ids.len()];
    Ok(Example::Sequence(Sequence::new(ids, counts)))
}

/// A prompt.
pub(crate) fn prompt(row: &Map<String, Value>) -> Outcome<Example> {
    ids(row, "input_ids").map(Example::Prompt)
}

fn two_replies(row: &Map<String, Value>) -> Outcome<Pair> {
    let chosen = turn(row, "chosen_input_ids", "chosen_labels")?;
    let rejected = turn(row, "rejected_input_ids", "rejected_labels")?;
    match chosen.prompt == rejected.prompt {
        true => Ok(Pair {
            prompt: chosen.prompt,
            chosen: chosen.reply,
            rejected: rejected.reply,
        }),
        false => Err(says::tokens_of_two_prompts()),
    }
}

fn labelled_reply(row: &Map<String, Value>) -> Outcome<Labelled> {
    let good = row.get("kto_tags").and_then(Value::as_bool);
    let good = good.ok_or_else(|| says::tokens_without("kto_tags"))?;
    let own = turn(row, "input_ids", "labels")?;
    let other = turn(row, "kl_input_ids", "kl_labels")?;
    Ok(Labelled {
        prompt: own.prompt,
        reply: own.reply,
        good,
        other_prompt: other.prompt,
        other_reply: other.reply,
        pair: None,
    })
}

/// A prompt, whose tokens have no labels, and the reply after it, whose tokens all have.
fn turn(row: &Map<String, Value>, ids_column: &str, labels_column: &str) -> Outcome<EncodedTurn> {
    let (mut ids, labels) = (ids(row, ids_column)?, labels(row, labels_column, ids_column)?);
    let prompt = labels.iter().take_while(|label| **label == IGNORED).count();
    let own = ids
        .iter()
        .zip(&labels)
        .skip(prompt)
        .all(|(id, label)| i64::from(*id) == *label);
    if !own || prompt == ids.len() {
        return Err(says::tokens_without_reply(labels_column));
    }
    let reply = ids.split_off(prompt);
    Ok(EncodedTurn { prompt: ids, reply })
}

/// One conversation, or several packed ones. Packed conversations have a number each in the attention mask if they
/// don't attend to each other, else positions that begin at 0.
fn sequence(row: &Map<String, Value>) -> Outcome<Sequence> {
    let ids = ids(row, "input_ids")?;
    let labels = labels(row, "labels", "input_ids")?;
    let mask = numbers(row, "attention_mask")?.unwrap_or_else(|| vec![1; ids.len()]);
    let positions = numbers(row, "position_ids")?.filter(|_| mask.iter().all(|number| *number <= 1));
    if mask.len() != ids.len() {
        return Err(says::tokens_unequal("attention_mask", "input_ids"));
    }
    if positions.as_ref().is_some_and(|positions| positions.len() != ids.len()) {
        return Err(says::tokens_unequal("position_ids", "input_ids"));
    }
    // padding is not attended to, or is at position 0 and has no label
    let is_padding = |at: &usize| match &positions {
        Some(positions) => positions[*at] == 0 && labels[*at] == IGNORED,
        None => mask[*at] == 0,
    };
    let is_start = |at: &usize| match &positions {
        Some(positions) => positions[*at] == 0,
        None => mask[*at] != mask[*at - 1],
    };
    let end = ids.len() - (0..ids.len()).rev().take_while(is_padding).count();
    let starts: Vec<usize> = [0].into_iter().chain((1..end).filter(is_start)).collect();
    let ends = starts.iter().skip(1).copied().chain([end]);
    let mut whole = Sequence {
        joined: positions.is_some(),
        ..Sequence::default()
    };
    for (start, end) in starts.iter().copied().zip(ends) {
        whole.append(conversation(&ids[start..end], &labels[start..end])?);
    }
    match whole.counted() {
        0 => Err(says::tokens_without_reply("labels")),
        _ => Ok(whole),
    }
}

fn conversation(ids: &[u32], labels: &[i64]) -> Outcome<Sequence> {
    let counts = labels.iter().map(|label| *label != IGNORED).collect();
    let mut whole = Sequence::new(ids.to_vec(), counts);
    for (at, (id, label)) in ids.iter().zip(labels).enumerate() {
        if *label != IGNORED && *label != i64::from(*id) {
            let token = u32::try_from(*label).map_err(|_| says::tokens_no_ids("labels"))?;
            whole.ends.push(End { at, token });
        }
    }
    Ok(whole)
}

/// The token ids of a column.
fn ids(row: &Map<String, Value>, column: &str) -> Outcome<Vec<u32>> {
    let numbers = numbers(row, column)?.ok_or_else(|| says::tokens_without(column))?;
    let ids: Option<Vec<u32>> = numbers.into_iter().map(|id| u32::try_from(id).ok()).collect();
    match ids {
        Some(ids) if !ids.is_empty() => Ok(ids),
        _ => Err(says::tokens_no_ids(column)),
    }
}

/// The label of each token id.
fn labels(row: &Map<String, Value>, column: &str, ids: &str) -> Outcome<Vec<i64>> {
    let labels = numbers(row, column)?.ok_or_else(|| says::tokens_without(column))?;
    match row.get(ids).and_then(Value::as_array).map(Vec::len) == Some(labels.len()) {
        true => Ok(labels),
        false => Err(says::tokens_unequal(column, ids)),
    }
}

/// A column of numbers; `None` if there is none.
fn numbers(row: &Map<String, Value>, column: &str) -> Outcome<Option<Vec<i64>>> {
    let list = match row.get(column) {
        None | Some(Value::Null) => return Ok(None),
        Some(list) => list.as_array(),
    };
    let numbers = list.and_then(|list| list.iter().map(Value::as_i64).collect());
    numbers.map(Some).ok_or_else(|| says::tokens_no_ids(column))
}
