//! Recognises the layout of an unknown data file, as an entry of `dataset_info.json` would describe it.

mod column_values;
mod compared;
mod describe;
mod judge;
mod names;
mod pairs;
mod profile;

use std::ops::ControlFlow;
use std::path::Path;

use protocol::data::{DataKind, KTO_TAG};
use protocol::{Said, says};
use serde_json::Value;

use super::comparison::{Comparison, Verdict};
use super::error::{DataError, Result};
use super::info::Entry;
use super::layout::{Columns, Formatting, Layout, Tags};
use super::source::{Files, Place, Watch, read_rows};
use column_values::ColumnValues;
use names::{ASKED, CONTEXT, CONVERSATION, LABEL, ORIGINS, QUESTION, REPLY, SYSTEM, TEXT, TOOLS};
use pairs::{beside_the_chosen, old_pairs, pairs};
use profile::{Profile, Shape};

pub use describe::{describe, kind};
pub(super) use names::is_reply;

/// A recognised layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detected {
    pub layout: Layout,
    pub kind: DataKind,
    /// The name of the format, for people.
    pub format: String,
}

/// Recognises the layout by all rows of `files`: a column may have a value in a single row.
pub(super) fn detect(files: &Files, watch: &Watch) -> Result<Detected> {
    let path = files.path.as_path();
    let mut profile = Profile::default();
    let mut first_problem = None;
    let (mut by_columns, mut table) = (false, false);
    read_rows(files, watch, |row| {
        match row.value {
            Ok(Value::Object(map)) => {
                by_columns = is_by_columns(&map);
                table = is_table(&map);
                profile.add(&map);
            }
            Ok(_) => {
                first_problem.get_or_insert_with(|| Place::said(&row.place, says::row_no_object(row.number)));
            }
            Err(reason) => {
                first_problem.get_or_insert_with(|| match &row.place {
                    None => says::at_row(row.number, reason),
                    place => Place::said(place, reason),
                });
            }
        }
        ControlFlow::Continue(())
    })?;
    if profile.rows == 0 {
        return Err(DataError::file(path, first_problem.unwrap_or_else(says::has_no_rows)));
    }
    if table && profile.rows == 1 {
        return Err(DataError::file(path, says::by_columns()));
    }
    if let Some(why) = no_use(&profile) {
        return Err(DataError::file(path, why));
    }
    let detected = recognise(&profile).map_err(|why| DataError::file(path, why))?;
    detected.ok_or_else(|| {
        if let Some(why) = compared::without_verdict(&profile) {
            return DataError::file(path, why);
        }
        if by_columns && profile.rows == 1 {
            return DataError::file(path, says::by_columns());
        }
        for (side, other) in [("chosen", "rejected"), ("rejected", "chosen")] {
            if profile.has(&[side]).is_some() && profile.has(&[other]).is_none() {
                return DataError::file(path, says::side_alone(side, other));
            }
        }
        let keys: Vec<&str> = profile.names().take(12).collect();
        let empty: Vec<&str> = profile.empty().take(12).collect();
        DataError::file(path, says::unknown_layout(keys.join(", "), empty.join(", ")))
    })
}

/// Collects the values of a comparison's judging column while rows are read, to check that they mean what the entry
/// says.
pub(super) struct Judging<'a> {
    comparison: &'a Comparison,
    column: &'a str,
    column_values: ColumnValues,
}

impl<'a> Judging<'a> {
    /// `None` if there is no comparison, or none by places.
    pub(super) fn of(layout: &'a Layout) -> Option<Self> {
        let comparison = layout.comparison.as_ref()?;
        match &comparison.verdict {
            Verdict::Better(column) | Verdict::Place { column, .. } => Some(Self {
                comparison,
                column,
                column_values: ColumnValues::default(),
            }),
            _ => None,
        }
    }

    pub(super) fn see(&mut self, row: &Value) {
        if let Some(row) = row.as_object()
            && let Some(value) = row.get(self.column)
        {
            self.column_values.add(row, self.column, value);
        }
    }

    /// Refuses a comparison that the values of all rows contradict.
    pub(super) fn check(&self, path: &Path) -> Result<()> {
        match compared::wrong_with(&self.column_values, self.comparison) {
            Some(why) => Err(DataError::file(path, why)),
            None => Ok(()),
        }
    }
}

/// Refuses an entry's comparison that its rows contradict.
pub fn check_comparison(entry: &Entry) -> Result<()> {
    let Some(mut judging) = Judging::of(&entry.layout) else {
        return Ok(());
    };
    read_rows(&entry.files, &Watch::none(), |row| {
        row.value.iter().for_each(|value| judging.see(value));
        ControlFlow::Continue(())
    })?;
    judging.check(&entry.files.path)
}

/// Whether an object is a whole table and no row: columns as lists (`to_dict("list")` of pandas), or rows under their
/// numbers.
fn is_by_columns(map: &serde_json::Map<String, Value>) -> bool {
    map.len() > 1 && (map.values().all(Value::is_array) || map.values().all(Value::is_object))
}

/// Whether an object is a table for certain: lists of one length, and one of them stands where a row has one text.
fn is_table(map: &serde_json::Map<String, Value>) -> bool {
    let plain = |value: &Value| !value.is_array() && !value.is_object();
    let list = |value: &Value| value.as_array().filter(|list| list.iter().all(plain)).map(Vec::len);
    let lengths: Vec<Option<usize>> = map.values().map(list).collect();
    let is_text = |name: &String| QUESTION.contains(&name.as_str()) || TEXT.contains(&name.as_str());
    let alike = lengths
        .first()
        .is_some_and(|first| first.is_some() && lengths.iter().all(|n| n == first));
    alike && map.keys().any(is_text)
}

/// Why rows of a known format are of no use to any stage.
fn no_use(profile: &Profile) -> Option<Said> {
    let texts = [Shape::Texts, Shape::Empty];
    if profile
        .any(&["labels", "label"], &[Shape::Other, Shape::Numbers])
        .is_some()
        && profile.main(&["completions"], &texts).is_some()
        && profile.main(&["prompt"], &REPLIES).is_some()
    {
        return Some(says::stepwise_rows());
    }
    let tree = profile.has(&["message_tree_id"]).is_some() && profile.has_key("prompt", "replies")
        || profile.has(&["message_id"]).is_some() && profile.any(&["parent_id"], &[Shape::Text]).is_some();
    tree.then(says::message_tree)
}

/// Conversations, and those that begin with the assistant's turn: such rows are reported one by one.
const CHATS: [Shape; 2] = [Shape::Messages, Shape::Reply];
const REPLIES: [Shape; 4] = [Shape::Text, Shape::Message, Shape::Reply, Shape::Messages];
/// A reply, or several of them.
const SEVERAL: [Shape; 5] = [Shape::Text, Shape::Message, Shape::Reply, Shape::Messages, Shape::Texts];

/// A layout by its columns, as one of the recognisers below finds it.
struct Recognised {
    formatting: Formatting,
    /// Rows hold a chosen and a rejected reply.
    ranking: bool,
    columns: Columns,
}

impl Recognised {
    /// Rows of a chosen and a rejected reply.
    fn pairs(formatting: Formatting, columns: Columns) -> Self {
        Self {
            formatting,
            ranking: true,
            columns,
        }
    }

    /// Rows of one reply, of prompts or of texts.
    fn single(formatting: Formatting, columns: Columns) -> Self {
        Self {
            formatting,
            ranking: false,
            columns,
        }
    }
}

/// The columns of the question and of what it is about.
struct Question {
    prompt: String,
    query: Option<String>,
}

/// Recognises a layout; the error says why it is not certain which of several replies is the better one.
fn recognise(profile: &Profile) -> std::result::Result<Option<Detected>, Said> {
    let mut comparison = None;
    let mut found = pairs(profile)?;
    if found.is_none()
        && let Some(compared) = compared::compared(profile)?
    {
        comparison = Some(compared.comparison);
        found = Some(compared.layout);
    }
    if found.is_none()
        && let Some(answers) = profile.main(&REPLY, &[Shape::Text])
        && let Some(named) = compared::named_by(profile, &answers)
    {
        return Err(says::answers_name_others(answers, named));
    }
    let Some(Recognised {
        formatting,
        ranking,
        columns,
    }) = found
        .or_else(|| beside_the_chosen(profile))
        .or_else(|| conversations(profile))
        .or_else(|| old_pairs(profile))
        .or_else(|| instructions(profile))
        .or_else(|| prompts(profile))
        .or_else(|| texts(profile))
    else {
        return Ok(None);
    };
    let text = formatting == Formatting::Alpaca && columns.prompt.as_deref().is_some_and(|name| TEXT.contains(&name));
    let columns = match text && !ranking && columns.response.is_none() {
        true => columns,
        false => Columns {
            system: profile.some_text(&SYSTEM).or_else(|| profile.no_text(&SYSTEM)),
            tools: profile.any(&TOOLS, &[Shape::Text, Shape::Texts, Shape::Other]),
            history: (formatting == Formatting::Alpaca && comparison.is_none())
                .then(|| profile.any(&["history"], &[Shape::Text, Shape::Texts, Shape::Other, Shape::Empty]))
                .flatten(),
            // of which a text's `<image>` would be all that is trained on: rows that fill it are refused
            images: profile.has_some("images"),
            videos: profile.has_some("videos"),
            audios: profile.has_some("audios"),
            kto_tag: LABEL
                .iter()
                .find(|name| !ranking && profile.labels(name))
                .map(|name| (*name).to_owned()),
            ..columns
        },
    };
    let label = columns.kto_tag.as_deref();
    let layout = Layout {
        formatting,
        ranking,
        label_may_be_class: label.is_some_and(|name| name != KTO_TAG && profile.may_be_classes(name)),
        columns,
        comparison,
        tags: match (formatting, profile.role) {
            (Formatting::Sharegpt, Some(true)) => Tags::openai(),
            _ => Tags::default(),
        },
        num_samples: None,
    };
    Ok(Some(Detected {
        kind: kind(&layout),
        format: describe(&layout),
        layout,
    }))
}

/// Conversations, whole or with the reply in another column.
fn conversations(profile: &Profile) -> Option<Recognised> {
    let columns = match profile.main(&CONVERSATION, &CHATS) {
        // all end with the user's turn
        Some(messages) if profile.all_ask(&messages) => Columns {
            prompt: Some(messages),
            ..Columns::default()
        },
        Some(messages) => Columns {
            messages: Some(messages),
            ..Columns::default()
        },
        None => match profile.main(&CONVERSATION, &[Shape::Texts]) {
            Some(messages) => Columns {
                messages: Some(messages),
                ..Columns::default()
            },
            None => {
                let reply = |shapes: &[Shape]| profile.main(&["completion", "response"], shapes);
                let (asked, reply) = match profile.main(&["prompt"], &[Shape::Messages]) {
                    Some(asked) => (asked, reply(&SEVERAL)?),
                    None => (
                        profile.main(&QUESTION, &[Shape::Text])?,
                        reply(&[Shape::Message, Shape::Reply, Shape::Messages])?,
                    ),
                };
                Columns {
                    messages: Some(asked),
                    response: Some(reply),
                    ..Columns::default()
                }
            }
        },
    };
    Some(Recognised::single(Formatting::Sharegpt, columns))
}

fn instructions(profile: &Profile) -> Option<Recognised> {
    let Question { prompt, query } = question(profile)?;
    let response = profile.main(&REPLY, &[Shape::Text, Shape::Answers])?;
    let columns = Columns {
        prompt: Some(prompt),
        query,
        response: Some(response),
        ..Columns::default()
    };
    Some(Recognised::single(Formatting::Alpaca, columns))
}

/// Prompts alone: nothing else in the rows is text that could be a reply.
fn prompts(profile: &Profile) -> Option<Recognised> {
    if let Some(asked) = profile.main(&ASKED, &[Shape::Messages]) {
        let columns = Columns {
            prompt: Some(asked),
            ..Columns::default()
        };
        return Some(Recognised::single(Formatting::Sharegpt, columns));
    }
    let Question { prompt, query } = question(profile)?;
    let known = |name: &str| {
        let is = |column: &Option<String>| column.as_deref() == Some(name);
        prompt == name || is(&query) || name == "history" || ORIGINS.contains(&name) || SYSTEM.contains(&name)
    };
    if profile
        .names()
        .any(|name| !known(name) && profile.any(&[name], &SEVERAL).is_some())
    {
        return None;
    }
    let columns = Columns {
        prompt: Some(prompt),
        query,
        ..Columns::default()
    };
    Some(Recognised::single(Formatting::Alpaca, columns))
}

fn texts(profile: &Profile) -> Option<Recognised> {
    let columns = Columns {
        prompt: Some(profile.main(&TEXT, &[Shape::Text])?),
        ..Columns::default()
    };
    Some(Recognised::single(Formatting::Alpaca, columns))
}

fn question(profile: &Profile) -> Option<Question> {
    let prompt = profile.main(&QUESTION, &[Shape::Text])?;
    let query = CONTEXT
        .iter()
        .find_map(|name| profile.some_text(&[*name]).filter(|name| *name != prompt));
    Some(Question { prompt, query })
}
