//! Rows of people's files as conversations: what is asked, and the reply, pair of replies or plain text.

mod alpaca;
pub(super) mod cell;
mod message;
mod pair;
mod survey;

use serde_json::{Map, Value};

use super::info::{Columns, Formatting, Layout};
use super::template::{self, Message, Role, Setting};
use cell::{label, text, truthy, what};
use message::conversation;
use protocol::data::DataKind;

pub(super) use alpaca::is_transcript;
pub(super) use survey::{Remarks, Survey};

/// A row, whatever file it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub setting: Setting,
    /// Ends with the user's turn, or a tool's answer.
    pub prompt: Vec<Message>,
    pub replies: Replies,
}

/// What answers the prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replies {
    /// Nothing: the prompt is plain text.
    None,
    One(Message),
    Pair {
        chosen: Message,
        rejected: Message,
    },
    /// One reply, labelled good or bad.
    Labelled {
        reply: Message,
        good: bool,
    },
    /// The same with the reply of another row, and the pair it was taken from.
    Feedback {
        reply: Message,
        good: bool,
        other: Message,
        pair: Option<usize>,
    },
}

impl Replies {
    /// Every reply of the row itself.
    fn each(&self) -> impl Iterator<Item = &Message> {
        let (first, second) = match self {
            Self::None => (None, None),
            Self::One(reply) | Self::Labelled { reply, .. } | Self::Feedback { reply, .. } => (Some(reply), None),
            Self::Pair { chosen, rejected } => (Some(chosen), Some(rejected)),
        };
        first.into_iter().chain(second)
    }
}

/// The rejected conversation beside `conversations`, whatever the entry says.
pub(super) const GUIDE_REJECTED: &str = "rejected_conversations";

type Outcome<T> = Result<T, String>;

/// Reads one row laid out as `layout`; the error says what is wrong with it. What is good to know goes into `remarks`.
pub(super) fn read(layout: &Layout, row: &Value, remarks: &mut Remarks) -> Outcome<Row> {
    let Value::Object(_) = row else {
        return Err(format!("{}; a row is an object", what(row)));
    };
    for column in [&layout.columns.images, &layout.columns.videos, &layout.columns.audios]
        .into_iter()
        .flatten()
    {
        if truthy(&row[column]) {
            return Err(format!("`{column}` holds media; Corral trains on text"));
        }
    }
    let read = match layout.formatting {
        Formatting::Alpaca => alpaca::read(layout, row, remarks)?,
        Formatting::Sharegpt => sharegpt(layout, row, remarks)?,
    };
    remarks.replies(&read.replies);
    Ok(read)
}

/// Whether a row can be used as `kind`, or as a prompt where that is `None`; the error says why not.
pub(super) fn check(row: &Row, kind: Option<DataKind>, columns: &Columns) -> Outcome<()> {
    if kind != Some(DataKind::Text) {
        if let Some(tools) = &row.setting.tools {
            template::check_tools(tools).map_err(|e| e.to_string())?;
        }
        let calls = row.prompt.iter().chain(row.replies.each());
        for calls in calls.filter(|turn| turn.role == Role::Function) {
            template::check_calls(&calls.content).map_err(|e| e.to_string())?;
        }
    }
    let column = |name: &Option<String>, default: &str| name.clone().unwrap_or_else(|| default.to_owned());
    let Some(kind) = kind else { return Ok(()) };
    match (kind, &row.replies) {
        (DataKind::Text, _) if row.prompt.first().is_none_or(|text| text.content.is_empty()) => {
            Err("the text is empty".into())
        }
        (DataKind::Unpaired, Replies::One(_) | Replies::None) => Err(format!(
            "it has no label (true or false in the column `{}`)",
            column(&columns.kto_tag, "kto_tag")
        )),
        (DataKind::Instruction, Replies::None) => Err(format!(
            "it has no reply (text in the column `{}`)",
            column(&columns.response, "output")
        )),
        (DataKind::Preference | DataKind::Unpaired, replies) if replies.each().any(|reply| !reply.learned) => {
            Err("its reply is marked as not to be learned".into())
        }
        (DataKind::Instruction, Replies::One(reply)) => {
            let mut learned = row.prompt.iter().filter(|turn| turn.role.is_reply()).chain([reply]);
            match learned.any(|reply| reply.learned) {
                true => Ok(()),
                false => Err("every reply of it is marked as not to be learned".into()),
            }
        }
        _ => Ok(()),
    }
}

fn sharegpt(layout: &Layout, row: &Value, remarks: &mut Remarks) -> Outcome<Row> {
    let (columns, tags) = (&layout.columns, &layout.tags);
    if layout.ranking {
        return pair::read(layout, row, remarks);
    }
    let name = columns.messages.as_deref().unwrap_or("conversations");
    let found = conversation(name, &row[name], tags, remarks)?;
    let mut turns = found.turns;
    if turns.is_empty() {
        return Err(format!("`{name}` is empty"));
    }
    if let Some(column) = &columns.response
        && turns.len() % 2 == 1
        && row.get(column).is_some_and(|v| !v.is_null())
    {
        let side = pair::side(column, &row[column], tags, remarks)?;
        if !side.turns.is_empty() && !pair::alike(&side.turns, &turns) {
            return Err(format!("`{column}` doesn't begin with the row's prompt"));
        }
        turns.push(side.reply);
    }
    if turns.len() % 2 != 0 {
        return Err(format!(
            "`{name}` ends with the user's turn; there is no reply to learn"
        ));
    }
    let reply = turns.pop().ok_or("no reply")?;
    other_system(row, columns, found.system.as_deref(), remarks)?;
    Ok(Row {
        setting: setting(row, columns, found.system)?,
        prompt: turns,
        replies: labelled(reply, label(row, &columns.kto_tag)?),
    })
}

fn labelled(reply: Message, label: Option<bool>) -> Replies {
    match label {
        Some(good) => Replies::Labelled { reply, good },
        None => Replies::One(reply),
    }
}

/// A conversation's own system turn goes before the column, as in LLaMA-Factory; a column that says something else is told.
fn other_system(row: &Value, columns: &Columns, own: Option<&str>, remarks: &mut Remarks) -> Outcome<()> {
    let column = text(row, &columns.system)?.filter(|text| !text.trim().is_empty());
    if let (Some(own), Some(other)) = (own, column)
        && own.trim() != other.trim()
    {
        remarks.other_prompt.clone_from(&columns.system);
    }
    Ok(())
}

fn setting(row: &Value, columns: &Columns, system: Option<String>) -> Outcome<Setting> {
    Ok(Setting {
        system: match system {
            Some(text) => Some(text),
            None => text(row, &columns.system)?.map(str::to_owned),
        },
        tools: tools(row, columns)?.filter(|t| !t.is_empty()),
    })
}

/// The tools a row offers, as a JSON list: the column's, or those beside OpenAI's `input.messages`.
fn tools(row: &Value, columns: &Columns) -> Outcome<Option<String>> {
    let beside = || columns.messages.as_ref().and_then(|name| row.get(name)?.get("tools"));
    let value = match &columns.tools {
        Some(column) => row.get(column),
        None => beside(),
    };
    Ok(match value {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if text.trim_start().starts_with('{') => Some(format!("[{text}]")),
        Some(Value::String(text)) if cell::is_python(text) => {
            return Err(python_list(columns.tools.as_deref().unwrap_or("tools")));
        }
        Some(Value::String(text)) => Some(text.clone()),
        Some(list @ Value::Array(_)) if truthy(list) => Some(list.to_string()),
        Some(Value::Array(_)) => None,
        Some(one @ Value::Object(_)) => Some(format!("[{one}]")),
        Some(other) => return Err(format!("the tools are {}; they must be a JSON list", what(other))),
    })
}

fn python_list(name: &str) -> String {
    format!("`{name}` is a Python list written as text; write it as JSON (`json.dumps`)")
}

/// Keys of a message that nothing is made of, but for those without anything in them.
fn left_over<'a>(map: &'a Map<String, Value>, used: &'a [&str]) -> impl Iterator<Item = &'a str> {
    map.iter()
        .filter(|(key, value)| !used.contains(&key.as_str()) && truthy(value))
        .map(|(key, _)| key.as_str())
}
