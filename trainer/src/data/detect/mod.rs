//! Recognises how an unknown data file is laid out, and says it as an entry of `dataset_info.json`.

mod seen;

use std::ops::ControlFlow;
use std::path::Path;

use protocol::data::DataKind;
use serde_json::Value;

use super::error::{DataError, Result};
use super::info::{Columns, Formatting, Layout, Tags};
use super::rows::GUIDE_REJECTED;
use super::source::read_rows;
use seen::{Seen, Shape};

/// A recognised layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detected {
    pub layout: Layout,
    pub kind: DataKind,
    /// For people.
    pub format: String,
}

/// Looks at all rows of `path`: a column that one row fills is a column.
pub fn detect(path: &Path) -> Result<Detected> {
    let mut seen = Seen::default();
    let mut first_problem = None;
    read_rows(path, |row| {
        match row.value {
            Ok(Value::Object(map)) => seen.add(&map),
            Ok(_) => {
                first_problem.get_or_insert(format!("row {} is not an object", row.number));
            }
            Err(reason) => {
                first_problem.get_or_insert(format!("row {}: {reason}", row.number));
            }
        }
        ControlFlow::Continue(())
    })?;
    if seen.rows == 0 {
        return Err(DataError::file(
            path,
            first_problem.unwrap_or_else(|| "has no rows".into()),
        ));
    }
    recognise(&seen).ok_or_else(|| {
        let keys: Vec<&str> = seen.names().take(12).collect();
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
    let named = |name: &Option<String>, text: &str| name.as_deref() == Some(text);
    if layout.ranking && named(&columns.rejected, GUIDE_REJECTED) {
        return "conversations + rejected_conversations".into();
    }
    let formatting = match (layout.formatting, kind(layout)) {
        (_, DataKind::Text) => return "text".into(),
        (Formatting::Alpaca, DataKind::Preference) if columns.prompt.is_none() && columns.query.is_none() => {
            return "HH-RLHF chosen/rejected".into();
        }
        (Formatting::Alpaca, DataKind::Preference)
            if named(&columns.prompt, "prompt") && named(&columns.chosen, "chosen") =>
        {
            return "TRL prompt/chosen/rejected".into();
        }
        (Formatting::Sharegpt, DataKind::Preference) if named(&columns.rejected, "non_preferred_output") => {
            return "OpenAI preferred/non-preferred output".into();
        }
        (Formatting::Sharegpt, DataKind::Preference)
            if columns.messages.is_none() && named(&columns.chosen, "chosen") =>
        {
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

const CONVERSATION: [&str; 6] = [
    "conversations",
    "messages",
    "conversation",
    "dialogue",
    "dialog",
    "data",
];
const QUESTION: [&str; 11] = [
    "instruction",
    "prompt",
    "question",
    "query",
    "problem",
    "input_text",
    "inputs",
    "input",
    "human",
    "user",
    "source_text",
];
/// What the question is about, in a column of its own.
const CONTEXT: [&str; 4] = ["input", "context", "passage", "document"];
const REPLY: [&str; 15] = [
    "output",
    "response",
    "completion",
    "solution",
    "answer",
    "answers",
    "output_text",
    "target_text",
    "targets",
    "target",
    "generation",
    "assistant",
    "gpt",
    "bot",
    "reply",
];
const SYSTEM: [&str; 3] = ["system", "system_prompt", "system_message"];
const TOOLS: [&str; 2] = ["tools", "functions"];
const LABEL: [&str; 2] = ["kto_tag", "label"];
/// Chosen and rejected replies.
const PAIRS: [(&str, &str); 12] = [
    ("chosen", "rejected"),
    ("chosen_messages", "rejected_messages"),
    ("chosen_conversations", "rejected_conversations"),
    ("chosen_response", "rejected_response"),
    ("response_chosen", "response_rejected"),
    ("preferred_output", "non_preferred_output"),
    ("preferred_response", "dispreferred_response"),
    ("preferred", "dispreferred"),
    ("response_j", "response_k"),
    ("accepted", "rejected"),
    ("win", "lose"),
    ("better", "worse"),
];
/// A rejected reply or conversation beside the reply or conversation that is chosen.
const REJECTED: [&str; 5] = [
    GUIDE_REJECTED,
    "rejected_messages",
    "rejected_response",
    "rejected_output",
    "rejected",
];
/// Conversations, those among them that begin with the wrong side too: each row is told what is wrong with it.
const CHATS: [Shape; 2] = [Shape::Messages, Shape::Reply];
const REPLIES: [Shape; 4] = [Shape::Text, Shape::Message, Shape::Reply, Shape::Messages];

type Found = (Formatting, bool, Columns);

fn recognise(seen: &Seen) -> Option<Detected> {
    let (formatting, ranking, columns) = pairs(seen)
        .or_else(|| beside_the_chosen(seen))
        .or_else(|| conversations(seen))
        .or_else(|| old_pairs(seen))
        .or_else(|| instructions(seen))
        .or_else(|| texts(seen))?;
    let text = formatting == Formatting::Alpaca && !ranking && columns.response.is_none();
    let columns = match text {
        true => columns,
        false => Columns {
            system: seen.any(&SYSTEM, &[Shape::Text]),
            tools: seen.any(&TOOLS, &[Shape::Text, Shape::Texts, Shape::Other]),
            history: (formatting == Formatting::Alpaca)
                .then(|| seen.any(&["history"], &[Shape::Text, Shape::Texts, Shape::Other, Shape::Empty]))
                .flatten(),
            kto_tag: LABEL
                .iter()
                .find(|name| !ranking && seen.labels(name))
                .map(|name| (*name).to_owned()),
            ..columns
        },
    };
    let layout = Layout {
        formatting,
        ranking,
        columns,
        tags: match (formatting, seen.role) {
            (Formatting::Sharegpt, Some(true)) => Tags::openai(),
            _ => Tags::default(),
        },
        num_samples: None,
    };
    Some(Detected {
        kind: kind(&layout),
        format: describe(&layout),
        layout,
    })
}

/// Two columns with a reply each.
fn pairs(seen: &Seen) -> Option<Found> {
    let (chosen, rejected) = PAIRS
        .iter()
        .find_map(|(chosen, rejected)| Some((seen.main(&[*chosen], &REPLIES)?, seen.main(&[*rejected], &REPLIES)?)))?;
    let whole = seen.is(&chosen, Shape::Messages);
    let text = seen.is(&chosen, Shape::Text);
    let columns = Columns {
        chosen: Some(chosen.clone()),
        rejected: Some(rejected),
        ..Columns::default()
    };
    let asked = seen
        .main(&["prompt"], &[Shape::Messages])
        .or(seen.main(&["prompt", "question", "instruction"], &[Shape::Text]));
    // Whole conversations bring their prompt along.
    if whole {
        return Some((
            Formatting::Sharegpt,
            true,
            Columns {
                prompt: asked,
                ..columns
            },
        ));
    }
    let before = seen
        .main(&CONVERSATION, &[Shape::Messages])
        .or(seen.main(&["input"], &[Shape::Messages]));
    if let Some(messages) = before {
        let columns = Columns {
            messages: Some(messages),
            ..columns
        };
        return Some((Formatting::Sharegpt, true, columns));
    }
    if !text {
        return Some((
            Formatting::Sharegpt,
            true,
            Columns {
                prompt: Some(asked?),
                ..columns
            },
        ));
    }
    if let Some(messages) = seen.main(&["prompt"], &[Shape::Messages]) {
        let columns = Columns {
            messages: Some(messages),
            ..columns
        };
        return Some((Formatting::Sharegpt, true, columns));
    }
    match question(seen) {
        Some((prompt, query)) => Some((
            Formatting::Alpaca,
            true,
            Columns {
                prompt: Some(prompt),
                query,
                ..columns
            },
        )),
        None if seen.transcripts(&chosen) => Some((Formatting::Alpaca, true, columns)),
        None => None,
    }
}

/// A conversation, or a question with its answer, beside what was rejected.
fn beside_the_chosen(seen: &Seen) -> Option<Found> {
    let rejected = seen.main(&REJECTED, &REPLIES)?;
    if let Some(messages) = seen.main(&CONVERSATION, &CHATS) {
        let columns = Columns {
            messages: Some(messages),
            rejected: Some(rejected),
            ..Columns::default()
        };
        return Some((Formatting::Sharegpt, true, columns));
    }
    let (prompt, query) = question(seen)?;
    let columns = Columns {
        prompt: Some(prompt),
        query,
        chosen: Some(seen.main(&REPLY, &[Shape::Text])?),
        rejected: Some(rejected),
        ..Columns::default()
    };
    Some((Formatting::Alpaca, true, columns))
}

/// Conversations, whole or with the reply apart.
fn conversations(seen: &Seen) -> Option<Found> {
    let columns = match seen.main(&CONVERSATION, &CHATS) {
        Some(messages) => Columns {
            messages: Some(messages),
            ..Columns::default()
        },
        None => match (
            seen.main(&["data"], &[Shape::Texts]),
            seen.main(&["prompt"], &[Shape::Messages]),
        ) {
            (Some(messages), _) => Columns {
                messages: Some(messages),
                ..Columns::default()
            },
            (None, prompt) => Columns {
                messages: Some(prompt?),
                response: Some(seen.main(&["completion", "response"], &REPLIES)?),
                ..Columns::default()
            },
        },
    };
    Some((Formatting::Sharegpt, false, columns))
}

/// A question with both replies in one list.
fn old_pairs(seen: &Seen) -> Option<Found> {
    let (prompt, query) = question(seen)?;
    let columns = Columns {
        prompt: Some(prompt),
        query,
        response: Some(seen.main(&["output", "response"], &[Shape::Texts])?),
        ..Columns::default()
    };
    Some((Formatting::Alpaca, true, columns))
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

fn texts(seen: &Seen) -> Option<Found> {
    let columns = Columns {
        prompt: Some(seen.main(&["text", "content"], &[Shape::Text])?),
        ..Columns::default()
    };
    Some((Formatting::Alpaca, false, columns))
}

/// The column of the question, and of what it is about.
fn question(seen: &Seen) -> Option<(String, Option<String>)> {
    let prompt = seen.main(&QUESTION, &[Shape::Text])?;
    let query = CONTEXT
        .iter()
        .find_map(|name| seen.any(&[*name], &[Shape::Text]).filter(|name| *name != prompt));
    Some((prompt, query))
}
