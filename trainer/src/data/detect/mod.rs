//! Recognises how an unknown data file is laid out, and says it as an entry of `dataset_info.json`.

mod compared;
mod seen;

use std::ops::ControlFlow;
use std::path::Path;

use protocol::data::DataKind;
use protocol::{Said, says};
use serde_json::Value;

use super::error::{DataError, Result};
use super::layout::{Columns, Formatting, Layout, Tags};
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
    let mut by_columns = false;
    read_rows(path, |row| {
        match row.value {
            Ok(Value::Object(map)) => {
                by_columns = is_by_columns(&map);
                seen.add(&map);
            }
            Ok(_) => {
                first_problem.get_or_insert(says::row_no_object(row.number));
            }
            Err(reason) => {
                first_problem.get_or_insert(says::at_row(row.number, reason));
            }
        }
        ControlFlow::Continue(())
    })?;
    if seen.rows == 0 {
        return Err(DataError::file(path, first_problem.unwrap_or_else(says::has_no_rows)));
    }
    if let Some(why) = no_use(&seen) {
        return Err(DataError::file(path, why));
    }
    let detected = recognise(&seen).ok_or_else(|| {
        if let Some([first, second]) = compared::without_verdict(&seen) {
            return DataError::file(path, says::no_verdict(first, second));
        }
        if by_columns && seen.rows == 1 {
            return DataError::file(path, says::by_columns());
        }
        let keys: Vec<&str> = seen.names().take(12).collect();
        let empty: Vec<&str> = seen.empty().take(12).collect();
        DataError::file(path, says::unknown_layout(keys.join(", "), empty.join(", ")))
    })?;
    let compared = detected.layout.comparison.as_ref();
    match compared.and_then(|compared| compared::unsure_places(&seen, compared)) {
        Some((column, list)) => Err(DataError::file(path, says::places_unsure(column, list))),
        None => Ok(detected),
    }
}

/// Whether an object is a whole table and no row: columns as lists (`to_dict("list")` of pandas), or rows under their numbers.
fn is_by_columns(map: &serde_json::Map<String, Value>) -> bool {
    map.len() > 1 && (map.values().all(Value::is_array) || map.values().all(Value::is_object))
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

/// What kind of rows a layout describes.
pub fn kind(layout: &Layout) -> DataKind {
    if layout.ranking {
        DataKind::Preference
    } else if layout.columns.kto_tag.is_some() {
        DataKind::Unpaired
    } else if layout.columns.response.is_some() {
        DataKind::Instruction
    } else if layout.formatting == Formatting::Alpaca {
        match layout.columns.prompt.as_deref().is_some_and(is_question) || layout.columns.query.is_some() {
            true => DataKind::Prompts,
            false => DataKind::Text,
        }
    } else if layout.columns.messages.is_none() && layout.columns.prompt.is_some() {
        DataKind::Prompts
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
    if layout.comparison.is_some() {
        return "replies side by side, preference".into();
    }
    let formatting = match (layout.formatting, kind(layout)) {
        (_, DataKind::Text) => return "text".into(),
        (_, DataKind::Prompts) => return "prompts".into(),
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

/// Conversations that end with the user's turn.
const ASKED: [&str; 2] = ["prompt", "context_messages"];
const CONVERSATION: [&str; 7] = [
    "conversations",
    "messages",
    "conversation",
    "dialogue",
    "dialog",
    "trajectory",
    "data",
];
const QUESTION: [&str; 12] = [
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
    "user_input",
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
const REJECTED: [&str; 6] = [
    GUIDE_REJECTED,
    "rejected_messages",
    "rejected_message",
    "rejected_response",
    "rejected_output",
    "rejected",
];
/// Conversations, those among them that begin with the wrong side too: each row is told what is wrong with it.
const CHATS: [Shape; 2] = [Shape::Messages, Shape::Reply];
const REPLIES: [Shape; 4] = [Shape::Text, Shape::Message, Shape::Reply, Shape::Messages];
/// The same, or several of them.
const SEVERAL: [Shape; 5] = [Shape::Text, Shape::Message, Shape::Reply, Shape::Messages, Shape::Texts];
/// What says where a row comes from, and nothing that is learned.
const ORIGINS: [&str; 14] = [
    "id",
    "idx",
    "index",
    "uid",
    "uuid",
    "prompt_id",
    "source",
    "dataset",
    "category",
    "subset",
    "split",
    "lang",
    "language",
    "type",
];

/// Whether a column is called as one of several texts is, turns or replies.
fn holds_texts(name: &str) -> bool {
    CONVERSATION.contains(&name) || compared::LISTS.contains(&name) || name == "history"
}

fn is_question(name: &str) -> bool {
    QUESTION.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Whether a column is called as one of replies is.
pub(super) fn is_reply(name: &str) -> bool {
    let named = |known: &[&str]| known.iter().any(|known| known.eq_ignore_ascii_case(name));
    named(&REPLY)
        || named(&REJECTED)
        || PAIRS
            .iter()
            .any(|(chosen, rejected)| [*chosen, *rejected].contains(&name))
}

type Found = (Formatting, bool, Columns);

fn recognise(seen: &Seen) -> Option<Detected> {
    let mut comparison = None;
    let (formatting, ranking, columns) = pairs(seen)
        .or_else(|| {
            let (found, compared) = compared::compared(seen)?;
            comparison = Some(compared);
            Some(found)
        })
        .or_else(|| beside_the_chosen(seen))
        .or_else(|| conversations(seen))
        .or_else(|| old_pairs(seen))
        .or_else(|| instructions(seen))
        .or_else(|| prompts(seen))
        .or_else(|| texts(seen))?;
    let text = formatting == Formatting::Alpaca && columns.prompt.as_deref().is_some_and(|name| TEXT.contains(&name));
    let columns = match text && !ranking && columns.response.is_none() {
        true => columns,
        false => Columns {
            system: seen.any(&SYSTEM, &[Shape::Text]),
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
    let layout = Layout {
        formatting,
        ranking,
        columns,
        comparison,
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
        .find_map(|(chosen, rejected)| Some((seen.main(&[*chosen], &SEVERAL)?, seen.main(&[*rejected], &SEVERAL)?)))?;
    let asks = question(seen).is_some();
    // without a question a list of texts is a conversation
    let whole = seen.is(&chosen, Shape::Messages) || seen.is(&chosen, Shape::Texts) && !asks;
    let text = seen.is(&chosen, Shape::Text) || seen.is(&chosen, Shape::Texts) && asks;
    let columns = Columns {
        opening: seen.main(&["initial_reason_steps"], &[Shape::Text]),
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
    let rejected = seen.main(&REJECTED, &SEVERAL)?;
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

/// Columns of plain text.
const TEXT: [&str; 2] = ["text", "content"];

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
        .find_map(|name| seen.any(&[*name], &[Shape::Text]).filter(|name| *name != prompt));
    Some((prompt, query))
}
