//! Reads the rows of people's files as conversations: a prompt with a reply, a pair of replies or none, or plain text.

mod alpaca;
pub(super) mod cell;
mod compare;
mod message;
mod pair;
mod python;
mod survey;
pub(super) mod verdict;
mod weight;

use serde_json::{Map, Value};

use super::layout::{Columns, Formatting, Layout, Tags};
use super::template::{self, Message, Role, Setting};
use cell::{label, text, truthy, what};
use message::{Conversation, conversation};
use protocol::data::DataKind;
use protocol::{Said, says};

pub(super) use alpaca::is_transcript;
pub(super) use survey::{Remarks, Survey};
pub(super) use weight::Weights;

/// A row, in one form for all files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub setting: Setting,
    /// Ends with the user's turn, or a tool's result.
    pub prompt: Vec<Message>,
    pub replies: Replies,
}

/// The replies to a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replies {
    /// None: the row is plain text or only a prompt.
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
    /// A labelled reply with the reply of another row, and the number of the pair that it was unpaired from.
    Feedback {
        reply: Message,
        good: bool,
        other: Message,
        pair: Option<usize>,
    },
}

impl Row {
    /// About how many bytes its texts have.
    pub(super) fn bytes(&self) -> usize {
        let texts = self.prompt.iter().chain(self.replies.each());
        let setting = [&self.setting.system, &self.setting.tools].into_iter().flatten();
        texts.map(|turn| turn.content.len()).sum::<usize>() + setting.map(String::len).sum::<usize>()
    }
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

/// The column of the rejected conversation beside `conversations`, whatever the entry says.
pub(super) const GUIDE_REJECTED: &str = "rejected_conversations";

/// A row or a part of one, or why the row can't be used.
type Outcome<T> = Result<T, Said>;

/// Reads one row of this layout; the error says what is wrong with it. What people should know goes into `remarks`.
pub(super) fn read(layout: &Layout, row: &Value, remarks: &mut Remarks) -> Outcome<Row> {
    let Value::Object(_) = row else {
        return Err(says::not_a_row(what(row)));
    };
    for column in [&layout.columns.images, &layout.columns.videos, &layout.columns.audios]
        .into_iter()
        .flatten()
    {
        if truthy(&row[column]) {
            return Err(says::holds_media(column));
        }
    }
    weight::check(layout, row)?;
    let read = match (&layout.comparison, layout.formatting) {
        (Some(comparison), _) => compare::read(layout, comparison, row, remarks)?,
        (None, Formatting::Alpaca) => alpaca::read(layout, row, remarks)?,
        (None, Formatting::Sharegpt) => sharegpt(layout, row, remarks)?,
    };
    remarks.replies(&read.replies);
    Ok(read)
}

/// Whether a row can be used as `kind`, or as a prompt where that is `None`; the error says why not.
pub(super) fn check(row: &Row, kind: Option<DataKind>, columns: &Columns) -> Outcome<()> {
    if kind != Some(DataKind::Text) {
        if let Some(tools) = &row.setting.tools {
            template::check_tools(tools).map_err(|e| e.said())?;
        }
        let calls = row.prompt.iter().chain(row.replies.each());
        for calls in calls.filter(|turn| turn.role == Role::Function) {
            template::check_calls(&calls.content).map_err(|e| e.said())?;
        }
    }
    let column = |name: &Option<String>, default: &str| name.clone().unwrap_or_else(|| default.to_owned());
    let Some(kind) = kind else { return Ok(()) };
    match (kind, &row.replies) {
        (DataKind::Text, _) if row.prompt.first().is_none_or(|text| text.content.is_empty()) => Err(says::text_empty()),
        (DataKind::Prompts, _) if row.prompt.iter().all(|turn| turn.content.trim().is_empty()) => {
            Err(says::no_prompt())
        }
        (DataKind::Unpaired, Replies::One(_) | Replies::None) => {
            Err(says::no_label(column(&columns.kto_tag, "kto_tag")))
        }
        (DataKind::Instruction, Replies::None) => Err(says::no_reply(column(&columns.response, "output"))),
        (DataKind::Preference | DataKind::Unpaired, replies) if replies.each().any(|reply| !reply.learned) => {
            Err(says::reply_not_learned())
        }
        (DataKind::Instruction, Replies::One(reply)) => {
            let mut learned = row.prompt.iter().filter(|turn| turn.role.is_reply()).chain([reply]);
            match learned.any(|reply| reply.learned) {
                true => Ok(()),
                false => Err(says::no_reply_learned()),
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
    let prompts = columns.messages.is_none() && columns.prompt.is_some();
    let name = columns.messages.as_ref().or(columns.prompt.as_ref());
    let name = name.map_or("conversations", String::as_str);
    let answered = columns
        .response
        .as_ref()
        .is_some_and(|name| row.get(name).is_some_and(|v| !v.is_null()));
    let found = match &row[name] {
        // a question alone, with its reply as a message in another column
        Value::String(_) if answered => prompt_text(name, &row[name], tags, remarks)?,
        value => conversation(name, value, tags, remarks)?,
    };
    let mut turns = found.turns;
    if turns.is_empty() {
        return Err(says::column_empty(name));
    }
    if let Some(column) = &columns.response
        && turns.len() % 2 == 1
        && row.get(column).is_some_and(|v| !v.is_null())
    {
        let side = pair::side(column, &row[column], true, tags, remarks)?;
        if !side.turns.is_empty() && !pair::alike(&side.turns, &turns) {
            return Err(says::not_from_prompt(column));
        }
        turns.push(side.reply);
    }
    let replies = match turns.len() % 2 == 0 {
        true => match turns.pop() {
            Some(reply) => labelled(reply, label(row, &columns.kto_tag)?),
            None => Replies::None,
        },
        false if prompts => Replies::None,
        false => return Err(says::ends_with_user(name)),
    };
    other_system(row, columns, found.system.as_deref(), remarks)?;
    Ok(Row {
        setting: setting(row, columns, found.system)?,
        prompt: turns,
        replies,
    })
}

/// A conversation that is one text, or is stored as text.
fn prompt_text(name: &str, value: &Value, tags: &Tags, remarks: &mut Remarks) -> Outcome<Conversation> {
    match cell::unfolded(value).as_ref() {
        Value::String(text) => Ok(Conversation {
            system: None,
            turns: vec![Message::new(Role::User, text)],
        }),
        unfolded => conversation(name, unfolded, tags, remarks),
    }
}

fn labelled(reply: Message, label: Option<bool>) -> Replies {
    match label {
        Some(good) => Replies::Labelled { reply, good },
        None => Replies::One(reply),
    }
}

/// A conversation's own system turn takes precedence over the column, as in LLaMA-Factory; a column with another text
/// is reported.
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
        Some(Value::String(text)) => match serde_json::from_str::<serde::de::IgnoredAny>(text) {
            Ok(_) if text.trim_start().starts_with('{') => Some(format!("[{text}]")),
            Ok(_) => Some(text.clone()),
            Err(_) => match python::parse(text) {
                Some(list @ Value::Array(_)) if truthy(&list) => Some(list.to_string()),
                Some(one @ Value::Object(_)) => Some(format!("[{one}]")),
                _ if cell::is_python(text) => {
                    return Err(says::python_list(columns.tools.as_deref().unwrap_or("tools")));
                }
                _ => Some(text.clone()),
            },
        },
        Some(list @ Value::Array(_)) if truthy(list) => Some(list.to_string()),
        Some(Value::Array(_)) => None,
        Some(one @ Value::Object(_)) => Some(format!("[{one}]")),
        Some(other) => return Err(says::tools_no_list(what(other))),
    })
}

/// Keys of a message that are not used, except those with empty values.
fn left_over<'a>(map: &'a Map<String, Value>, used: &'a [&str]) -> impl Iterator<Item = &'a str> {
    map.iter()
        .filter(|(key, value)| !used.contains(&key.as_str()) && truthy(value))
        .map(|(key, _)| key.as_str())
}
