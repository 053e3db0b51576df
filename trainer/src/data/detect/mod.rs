//! Recognises how an unknown data file is laid out, and says it as an entry of `dataset_info.json`.

mod compared;
mod describe;
mod judge;
mod marked;
mod names;
mod pairs;
mod seen;

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
use marked::Marked;
use names::{ASKED, CONTEXT, CONVERSATION, LABEL, ORIGINS, QUESTION, REPLY, SYSTEM, TEXT, TOOLS};
use pairs::{beside_the_chosen, old_pairs, pairs};
use seen::{Seen, Shape};

pub use describe::{describe, kind};
pub(super) use names::is_reply;

/// A recognised layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detected {
    pub layout: Layout,
    pub kind: DataKind,
    /// For people.
    pub format: String,
}

/// Looks at all rows of `files`: a column that one row fills is a column.
pub(super) fn detect(files: &Files, watch: &Watch) -> Result<Detected> {
    let path = files.path.as_path();
    let mut seen = Seen::default();
    let mut first_problem = None;
    let (mut by_columns, mut table) = (false, false);
    read_rows(files, watch, |row| {
        match row.value {
            Ok(Value::Object(map)) => {
                by_columns = is_by_columns(&map);
                table = is_table(&map);
                seen.add(&map);
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
    if seen.rows == 0 {
        return Err(DataError::file(path, first_problem.unwrap_or_else(says::has_no_rows)));
    }
    if table && seen.rows == 1 {
        return Err(DataError::file(path, says::by_columns()));
    }
    if let Some(why) = no_use(&seen) {
        return Err(DataError::file(path, why));
    }
    let detected = recognise(&seen).map_err(|why| DataError::file(path, why))?;
    detected.ok_or_else(|| {
        if let Some(why) = compared::without_verdict(&seen) {
            return DataError::file(path, why);
        }
        if by_columns && seen.rows == 1 {
            return DataError::file(path, says::by_columns());
        }
        let keys: Vec<&str> = seen.names().take(12).collect();
        let empty: Vec<&str> = seen.empty().take(12).collect();
        DataError::file(path, says::unknown_layout(keys.join(", "), empty.join(", ")))
    })
}

/// What the judging column of a comparison holds, gathered by whoever reads the rows: it may count otherwise than the entry
/// says.
pub(super) struct Judging<'a> {
    comparison: &'a Comparison,
    column: &'a str,
    marked: Marked,
}

impl<'a> Judging<'a> {
    /// `None`: there is no comparison, or none that counts.
    pub(super) fn of(layout: &'a Layout) -> Option<Self> {
        let comparison = layout.comparison.as_ref()?;
        match &comparison.verdict {
            Verdict::Better(column) | Verdict::Place { column, .. } => Some(Self {
                comparison,
                column,
                marked: Marked::default(),
            }),
            _ => None,
        }
    }

    pub(super) fn see(&mut self, row: &Value) {
        if let Some(row) = row.as_object()
            && let Some(value) = row.get(self.column)
        {
            self.marked.add(row, self.column, value);
        }
    }

    /// Refuses a comparison whose rows, all of which were seen, show that it counts otherwise.
    pub(super) fn check(&self, path: &Path) -> Result<()> {
        match compared::wrong_with(&self.marked, self.comparison) {
            Some(why) => Err(DataError::file(path, why)),
            None => Ok(()),
        }
    }
}

/// Refuses an entry's comparison that its rows contradict, before anything else is made of them.
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

/// Whether an object is a whole table and no row: columns as lists (`to_dict("list")` of pandas), or rows under their numbers.
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

/// Known rows that none of the stages can learn from.
fn no_use(seen: &Seen) -> Option<Said> {
    let texts = [Shape::Texts, Shape::Empty];
    if seen
        .any(&["labels", "label"], &[Shape::Other, Shape::Numbers])
        .is_some()
        && seen.main(&["completions"], &texts).is_some()
        && seen.main(&["prompt"], &REPLIES).is_some()
    {
        return Some(says::stepwise_rows());
    }
    let tree = seen.has(&["message_tree_id"]).is_some() && seen.has_key("prompt", "replies")
        || seen.has(&["message_id"]).is_some() && seen.any(&["parent_id"], &[Shape::Text]).is_some();
    tree.then(says::message_tree)
}

/// Conversations, those among them that begin with the wrong side too: each row is told what is wrong with it.
const CHATS: [Shape; 2] = [Shape::Messages, Shape::Reply];
const REPLIES: [Shape; 4] = [Shape::Text, Shape::Message, Shape::Reply, Shape::Messages];
/// The same, or several of them.
const SEVERAL: [Shape; 5] = [Shape::Text, Shape::Message, Shape::Reply, Shape::Messages, Shape::Texts];
type Found = (Formatting, bool, Columns);

/// The error says why what judges the replies can't be told for certain.
fn recognise(seen: &Seen) -> std::result::Result<Option<Detected>, Said> {
    let mut comparison = None;
    let mut found = pairs(seen)?;
    if found.is_none()
        && let Some((columns, compared)) = compared::compared(seen)?
    {
        comparison = Some(compared);
        found = Some(columns);
    }
    if found.is_none()
        && let Some(answers) = seen.main(&REPLY, &[Shape::Text])
        && let Some(named) = compared::named_by(seen, &answers)
    {
        return Err(says::answers_name_others(answers, named));
    }
    let Some((formatting, ranking, columns)) = found
        .or_else(|| beside_the_chosen(seen))
        .or_else(|| conversations(seen))
        .or_else(|| old_pairs(seen))
        .or_else(|| instructions(seen))
        .or_else(|| prompts(seen))
        .or_else(|| texts(seen))
    else {
        return Ok(None);
    };
    let text = formatting == Formatting::Alpaca && columns.prompt.as_deref().is_some_and(|name| TEXT.contains(&name));
    let columns = match text && !ranking && columns.response.is_none() {
        true => columns,
        false => Columns {
            system: seen.some_text(&SYSTEM).or_else(|| seen.no_text(&SYSTEM)),
            tools: seen.any(&TOOLS, &[Shape::Text, Shape::Texts, Shape::Other]),
            history: (formatting == Formatting::Alpaca && comparison.is_none())
                .then(|| seen.any(&["history"], &[Shape::Text, Shape::Texts, Shape::Other, Shape::Empty]))
                .flatten(),
            kto_tag: LABEL
                .iter()
                .find(|name| !ranking && seen.labels(name))
                .map(|name| (*name).to_owned()),
            ..columns
        },
    };
    let label = columns.kto_tag.as_deref();
    let layout = Layout {
        formatting,
        ranking,
        label_may_be_class: label.is_some_and(|name| name != KTO_TAG && seen.may_be_classes(name)),
        columns,
        comparison,
        tags: match (formatting, seen.role) {
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

/// Conversations, whole or with the reply apart.
fn conversations(seen: &Seen) -> Option<Found> {
    let columns = match seen.main(&CONVERSATION, &CHATS) {
        // none is answered
        Some(messages) if seen.all_ask(&messages) => Columns {
            prompt: Some(messages),
            ..Columns::default()
        },
        Some(messages) => Columns {
            messages: Some(messages),
            ..Columns::default()
        },
        None => match seen.main(&CONVERSATION, &[Shape::Texts]) {
            Some(messages) => Columns {
                messages: Some(messages),
                ..Columns::default()
            },
            None => {
                let reply = |shapes: &[Shape]| seen.main(&["completion", "response"], shapes);
                let (asked, reply) = match seen.main(&["prompt"], &[Shape::Messages]) {
                    Some(asked) => (asked, reply(&SEVERAL)?),
                    None => (
                        seen.main(&QUESTION, &[Shape::Text])?,
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
    Some((Formatting::Sharegpt, false, columns))
}

fn instructions(seen: &Seen) -> Option<Found> {
    let (prompt, query) = question(seen)?;
    let response = seen.main(&REPLY, &[Shape::Text, Shape::Answers])?;
    let columns = Columns {
        prompt: Some(prompt),
        query,
        response: Some(response),
        ..Columns::default()
    };
    Some((Formatting::Alpaca, false, columns))
}

/// Prompts alone: nothing else in the rows is text that could be a reply.
fn prompts(seen: &Seen) -> Option<Found> {
    if let Some(asked) = seen.main(&ASKED, &[Shape::Messages]) {
        let columns = Columns {
            prompt: Some(asked),
            ..Columns::default()
        };
        return Some((Formatting::Sharegpt, false, columns));
    }
    let (prompt, query) = question(seen)?;
    let known = |name: &str| {
        let is = |column: &Option<String>| column.as_deref() == Some(name);
        prompt == name || is(&query) || name == "history" || ORIGINS.contains(&name) || SYSTEM.contains(&name)
    };
    if seen
        .names()
        .any(|name| !known(name) && seen.any(&[name], &SEVERAL).is_some())
    {
        return None;
    }
    let columns = Columns {
        prompt: Some(prompt),
        query,
        ..Columns::default()
    };
    Some((Formatting::Alpaca, false, columns))
}

fn texts(seen: &Seen) -> Option<Found> {
    let columns = Columns {
        prompt: Some(seen.main(&TEXT, &[Shape::Text])?),
        ..Columns::default()
    };
    Some((Formatting::Alpaca, false, columns))
}

/// The column of the question, and of what it is about.
fn question(seen: &Seen) -> Option<(String, Option<String>)> {
    let prompt = seen.main(&QUESTION, &[Shape::Text])?;
    let query = CONTEXT
        .iter()
        .find_map(|name| seen.some_text(&[*name]).filter(|name| *name != prompt));
    Some((prompt, query))
}
