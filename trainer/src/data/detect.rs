//! Recognises how an unknown data file is laid out, and says it as an entry of `dataset_info.json`.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

use protocol::data::DataKind;
use serde_json::{Map, Value};

use super::error::{DataError, Result};
use super::info::{Columns, Formatting, Layout, Tags};
use super::rows::GUIDE_REJECTED;
use super::source::read_rows;

/// Rows looked at.
const SAMPLE: usize = 100;

/// A recognised layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detected {
    pub layout: Layout,
    pub kind: DataKind,
    /// For people.
    pub format: String,
}

/// Looks at the first rows of `path`.
pub fn detect(path: &Path) -> Result<Detected> {
    let mut rows: Vec<Map<String, Value>> = Vec::new();
    let mut first_problem = None;
    read_rows(path, |row| {
        match row.value {
            Ok(Value::Object(map)) => rows.push(map),
            Ok(_) => {
                first_problem.get_or_insert(format!("row {} is not an object", row.number));
            }
            Err(reason) => {
                first_problem.get_or_insert(format!("row {}: {reason}", row.number));
            }
        }
        if rows.len() < SAMPLE {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    })?;
    if rows.is_empty() {
        return Err(DataError::file(
            path,
            first_problem.unwrap_or_else(|| "has no rows".into()),
        ));
    }
    let seen = Seen::of(&rows);
    recognise(&seen).ok_or_else(|| {
        let keys: Vec<&str> = seen.keys.keys().copied().take(12).collect();
        DataError::file(
            path,
            format!(
                "its rows have {}, which is no layout Corral knows; describe it in dataset_info.json with `columns`",
                keys.join(", ")
            ),
        )
    })
}

/// What kind of rows a layout describes.
pub fn kind(layout: &Layout) -> DataKind {
    if layout.ranking {
        DataKind::Preference
    } else if layout.columns.kto_tag.is_some() {
        DataKind::Unpaired
    } else if layout.formatting == Formatting::Alpaca && layout.columns.response.is_none() {
        DataKind::Text
    } else {
        DataKind::Instruction
    }
}

/// A layout in words.
pub fn describe(layout: &Layout) -> String {
    let columns = &layout.columns;
    if layout.ranking && columns.rejected.as_deref() == Some(GUIDE_REJECTED) {
        return "conversations + rejected_conversations".into();
    }
    let formatting = match (layout.formatting, kind(layout)) {
        (_, DataKind::Text) => return "text".into(),
        (Formatting::Alpaca, DataKind::Preference) if columns.prompt.as_deref() == Some("prompt") => {
            return "TRL prompt/chosen/rejected".into();
        }
        (Formatting::Sharegpt, DataKind::Preference) if columns.messages.is_none() => {
            return "TRL chosen/rejected".into();
        }
        (Formatting::Alpaca, _) => "alpaca",
        (Formatting::Sharegpt, _) if layout.tags.role == "role" => "openai",
        (Formatting::Sharegpt, _) => "sharegpt",
    };
    let kind = match kind(layout) {
        DataKind::Preference => "preference",
        DataKind::Unpaired => "labelled replies",
        _ => "instructions",
    };
    format!("{formatting}, {kind}")
}

/// Type of a value, as far as layouts tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Text,
    Flag,
    Message,
    Messages,
    Other,
}

/// Keys that most rows have, with the shape most of their values have.
struct Seen<'a> {
    keys: BTreeMap<&'a str, Shape>,
    tags: Tags,
}

impl<'a> Seen<'a> {
    fn of(rows: &'a [Map<String, Value>]) -> Self {
        let mut counts: BTreeMap<&str, BTreeMap<u8, (usize, Shape)>> = BTreeMap::new();
        let mut sample = None;
        for row in rows {
            for (key, value) in row {
                let shape = match value {
                    Value::Null => continue,
                    Value::String(_) => Shape::Text,
                    Value::Bool(_) => Shape::Flag,
                    Value::Object(map) if is_message(map) => {
                        sample.get_or_insert(map);
                        Shape::Message
                    }
                    Value::Array(list) => match list.first() {
                        Some(Value::Object(map)) if is_message(map) => {
                            sample.get_or_insert(map);
                            Shape::Messages
                        }
                        _ => Shape::Other,
                    },
                    _ => Shape::Other,
                };
                let count = counts.entry(key).or_default().entry(shape as u8).or_insert((0, shape));
                count.0 += 1;
            }
        }
        let keys = counts
            .into_iter()
            .filter_map(|(key, shapes)| {
                let (count, shape) = shapes.into_values().max_by_key(|(count, _)| *count)?;
                (count * 2 >= rows.len()).then_some((key, shape))
            })
            .collect();
        let tags = match sample {
            Some(map) if map.contains_key("role") => Tags::openai(),
            _ => Tags::default(),
        };
        Self { keys, tags }
    }

    fn has(&self, key: &str, shape: Shape) -> bool {
        self.keys.get(key) == Some(&shape)
    }

    fn first(&self, names: &[&str], shape: Shape) -> Option<String> {
        names
            .iter()
            .find(|name| self.has(name, shape))
            .map(|name| (*name).to_owned())
    }
}

fn is_message(map: &Map<String, Value>) -> bool {
    let has = |key| map.contains_key(key);
    (has("from") && has("value")) || (has("role") && (has("content") || has("tool_calls")))
}

fn recognise(seen: &Seen) -> Option<Detected> {
    let has = |key, shape| seen.has(key, shape);
    let some = |key: &str| Some(key.to_owned());
    let system = seen.first(&["system"], Shape::Text);
    let tools = seen.first(&["tools"], Shape::Text);
    let messages = seen.first(&["conversations", "messages", "conversation"], Shape::Messages);
    let question = &["instruction", "prompt", "question", "query"];

    let (formatting, ranking, columns) = if let Some(messages) = &messages
        && has(GUIDE_REJECTED, Shape::Messages)
    {
        let columns = Columns {
            messages: Some(messages.clone()),
            rejected: some(GUIDE_REJECTED),
            ..Columns::default()
        };
        (Formatting::Sharegpt, true, columns)
    } else if seen.keys.contains_key("chosen") && seen.keys.contains_key("rejected") {
        let columns = Columns {
            chosen: some("chosen"),
            rejected: some("rejected"),
            ..Columns::default()
        };
        let conversational = !has("chosen", Shape::Text);
        if let Some(messages) = messages {
            let columns = Columns {
                messages: Some(messages),
                ..columns
            };
            (Formatting::Sharegpt, true, columns)
        } else if conversational && has("chosen", Shape::Messages) {
            let prompt = seen
                .first(&["prompt"], Shape::Messages)
                .or(seen.first(&["prompt"], Shape::Text));
            (Formatting::Sharegpt, true, Columns { prompt, ..columns })
        } else if conversational {
            return None;
        } else if let Some(prompt) = seen.first(&["prompt"], Shape::Messages) {
            let columns = Columns {
                messages: Some(prompt),
                ..columns
            };
            (Formatting::Sharegpt, true, columns)
        } else {
            let columns = Columns {
                prompt: Some(seen.first(question, Shape::Text)?),
                query: has("instruction", Shape::Text)
                    .then(|| seen.first(&["input"], Shape::Text))
                    .flatten(),
                ..columns
            };
            (Formatting::Alpaca, true, columns)
        }
    } else if messages.is_some() {
        let columns = Columns {
            messages,
            ..Columns::default()
        };
        (Formatting::Sharegpt, false, columns)
    } else if let Some(prompt) = seen.first(&["prompt"], Shape::Messages)
        && let Some(response) = seen.first(&["completion"], Shape::Messages)
    {
        let columns = Columns {
            messages: Some(prompt),
            response: Some(response),
            ..Columns::default()
        };
        (Formatting::Sharegpt, false, columns)
    } else if let Some(prompt) = seen.first(question, Shape::Text)
        && let Some(response) = seen.first(&["output", "response", "completion", "answer"], Shape::Text)
    {
        let query = seen.first(&["input"], Shape::Text);
        let columns = Columns {
            prompt: Some(prompt),
            query,
            response: Some(response),
            ..Columns::default()
        };
        (Formatting::Alpaca, false, columns)
    } else {
        let columns = Columns {
            prompt: Some(seen.first(&["text", "content"], Shape::Text)?),
            ..Columns::default()
        };
        (Formatting::Alpaca, false, columns)
    };
    let text = formatting == Formatting::Alpaca && !ranking && columns.response.is_none();
    let history = (formatting == Formatting::Alpaca && seen.keys.contains_key("history")).then(|| "history".to_owned());
    let columns = if text {
        columns
    } else {
        Columns {
            system,
            tools,
            history,
            kto_tag: (!ranking)
                .then(|| seen.first(&["kto_tag", "label"], Shape::Flag))
                .flatten(),
            ..columns
        }
    };
    let layout = Layout {
        formatting,
        ranking,
        columns,
        tags: if formatting == Formatting::Sharegpt {
            seen.tags.clone()
        } else {
            Tags::default()
        },
        num_samples: None,
    };
    Some(Detected {
        kind: kind(&layout),
        format: describe(&layout),
        layout,
    })
}
