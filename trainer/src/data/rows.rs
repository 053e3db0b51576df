//! Rows of people's files as conversations: what is asked, and the reply, pair of replies or plain text.

use serde_json::Value;

use super::info::{Columns, Formatting, Layout, Tags};
use super::template::{Message, Role, Setting};

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

/// The rejected conversation beside `conversations`, whatever the entry says.
pub(super) const GUIDE_REJECTED: &str = "rejected_conversations";

type Outcome<T> = Result<T, String>;

/// Reads one row laid out as `layout`; the error says what is wrong with it.
pub fn read(layout: &Layout, row: &Value) -> Outcome<Row> {
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
    match layout.formatting {
        Formatting::Alpaca => alpaca(layout, row),
        Formatting::Sharegpt => sharegpt(layout, row),
    }
}

fn alpaca(layout: &Layout, row: &Value) -> Outcome<Row> {
    let columns = &layout.columns;
    let mut prompt = Vec::new();
    if let Some(column) = &columns.history
        && truthy(&row[column])
    {
        let turns = row[column]
            .as_array()
            .ok_or_else(|| format!("`{column}` must be a list of question and answer pairs"))?;
        for turn in turns {
            match (&turn[0], &turn[1]) {
                (Value::String(question), Value::String(answer)) => {
                    prompt.push(Message::new(Role::User, question));
                    prompt.push(Message::new(Role::Assistant, answer));
                }
                _ => return Err(format!("`{column}` must be a list of question and answer pairs")),
            }
        }
    }
    let parts = [text(row, &columns.prompt)?, text(row, &columns.query)?];
    let question: Vec<&str> = parts.into_iter().flatten().filter(|t| !t.is_empty()).collect();
    prompt.push(Message::new(Role::User, question.join("\n")));

    let needed = |column: &Option<String>, key: &str| -> Outcome<Message> {
        let name = column
            .as_deref()
            .ok_or_else(|| format!("the entry in dataset_info.json names no `{key}` column"))?;
        let content = text(row, column)?.ok_or_else(|| format!("`{name}` is missing"))?;
        Ok(Message::new(Role::Assistant, content))
    };
    let replies = if layout.ranking {
        Replies::Pair {
            chosen: needed(&columns.chosen, "chosen")?,
            rejected: needed(&columns.rejected, "rejected")?,
        }
    } else {
        let reply = text(row, &columns.response)?.map(|t| Message::new(Role::Assistant, t));
        match (reply, label(row, columns)) {
            (Some(reply), Some(good)) => Replies::Labelled { reply, good },
            (Some(reply), None) => Replies::One(reply),
            (None, _) => Replies::None,
        }
    };
    let missing = question.is_empty()
        && [&columns.prompt, &columns.query]
            .into_iter()
            .flatten()
            .all(|c| row.get(c).is_none());
    if missing {
        let name = columns.prompt.as_deref().unwrap_or("prompt");
        return Err(format!("`{name}` is missing"));
    }
    Ok(Row {
        setting: setting(row, columns, None)?,
        prompt,
        replies,
    })
}

fn sharegpt(layout: &Layout, row: &Value) -> Outcome<Row> {
    let (columns, tags) = (&layout.columns, &layout.tags);
    if layout.ranking {
        return sharegpt_pair(layout, row);
    }
    let name = columns.messages.as_deref().unwrap_or("conversations");
    let (system, mut turns) = conversation(name, &row[name], tags)?;
    if turns.is_empty() {
        return Err(format!("`{name}` is empty"));
    }
    if let Some(column) = &columns.response
        && turns.len() % 2 == 1
        && row.get(column).is_some_and(|v| !v.is_null())
    {
        let completion = reply(column, &row[column], tags, &mut turns)?;
        turns.push(completion);
    }
    if turns.len() % 2 != 0 {
        return Err(format!(
            "`{name}` ends with the user's turn; there is no reply to learn"
        ));
    }
    let reply = turns.pop().ok_or("no reply")?;
    Ok(Row {
        setting: setting(row, columns, system)?,
        prompt: turns,
        replies: match label(row, columns) {
            Some(good) => Replies::Labelled { reply, good },
            None => Replies::One(reply),
        },
    })
}

/// Pairs come in three shapes: a prompt with two replies; a whole conversation with a whole rejected one
/// (`conversations`, `rejected_conversations`); two whole conversations that share their beginning (TRL), with or
/// without the shared prompt apart.
fn sharegpt_pair(layout: &Layout, row: &Value) -> Outcome<Row> {
    let (columns, tags) = (&layout.columns, &layout.tags);
    fn present<'a>(row: &Value, name: &'a Option<String>) -> Option<&'a str> {
        name.as_deref().filter(|n| row.get(*n).is_some_and(|v| !v.is_null()))
    }
    let column = |name| present(row, name);
    let guide = row.get(GUIDE_REJECTED).map(|_| GUIDE_REJECTED);
    let rejected_name = column(&columns.rejected)
        .or(guide)
        .ok_or_else(|| format!("`{}` is missing", columns.rejected.as_deref().unwrap_or("rejected")))?;
    let messages = column(&columns.messages);
    let prompt_column = column(&columns.prompt);
    // The chosen side may be the messages themselves.
    let chosen_name = column(&columns.chosen).filter(|name| Some(*name) != messages);

    let whole = |name: &str| -> Outcome<(Option<String>, Vec<Message>, Message)> {
        let (system, mut turns) = conversation(name, &row[name], tags)?;
        match turns.pop() {
            Some(last) if last.role.is_reply() => Ok((system, turns, last)),
            Some(_) => Err(format!("`{name}` doesn't end with the assistant's turn")),
            None => Err(format!("`{name}` is empty")),
        }
    };
    let before = messages.or(prompt_column);
    let (system, prompt, chosen, rejected) = match (before, chosen_name) {
        // Both conversations whole, each with its reply.
        (Some(name), None) if row[rejected_name].is_array() => {
            let (system, prompt, chosen) = whole(name)?;
            let (other_system, other, rejected) = whole(rejected_name)?;
            same_prompt((name, &system, &prompt), (rejected_name, &other_system, &other))?;
            (system, prompt, chosen, rejected)
        }
        (None, Some(name)) if row[rejected_name].is_array() => {
            let (system, prompt, chosen) = whole(name)?;
            let (other_system, other, rejected) = whole(rejected_name)?;
            same_prompt((name, &system, &prompt), (rejected_name, &other_system, &other))?;
            if prompt.is_empty() {
                return Err(format!("`{name}` and `{rejected_name}` hold no prompt"));
            }
            (system, prompt, chosen, rejected)
        }
        (Some(before), Some(name)) => {
            let (system, mut prompt) = match &row[before] {
                Value::String(text) => (None, vec![Message::new(Role::User, text)]),
                list => conversation(before, list, tags)?,
            };
            let chosen = reply(name, &row[name], tags, &mut prompt)?;
            let rejected = reply(rejected_name, &row[rejected_name], tags, &mut prompt)?;
            (system, prompt, chosen, rejected)
        }
        (Some(_), None) => {
            let name = columns.chosen.as_deref().unwrap_or("chosen");
            return Err(format!("`{name}` is missing"));
        }
        (None, _) => {
            let name = columns
                .messages
                .as_deref()
                .or(columns.prompt.as_deref())
                .unwrap_or("conversations");
            return Err(format!("`{name}` is missing"));
        }
    };
    if prompt.len() % 2 == 0 {
        return Err(match prompt.is_empty() {
            true => "there is no prompt".into(),
            false => "the prompt doesn't end with the user's turn".into(),
        });
    }
    Ok(Row {
        setting: setting(row, columns, system)?,
        prompt,
        replies: Replies::Pair { chosen, rejected },
    })
}

/// A reply as a message, a text, or a list of messages that is the reply alone or repeats the prompt before it.
fn reply(name: &str, value: &Value, tags: &Tags, prompt: &mut [Message]) -> Outcome<Message> {
    let found = match value {
        Value::String(text) => Message::new(Role::Assistant, text),
        Value::Array(list) if list.len() == 1 => message(name, &list[0], tags)?.1,
        Value::Array(_) => {
            let (_, mut turns) = conversation(name, value, tags)?;
            let last = turns.pop().ok_or_else(|| format!("`{name}` is empty"))?;
            if turns != prompt {
                return Err(format!("`{name}` doesn't begin with the row's prompt"));
            }
            last
        }
        Value::Object(_) => message(name, value, tags)?.1,
        other => return Err(format!("`{name}` is {}; it must be a message", what(other))),
    };
    if found.role.is_reply() {
        Ok(found)
    } else {
        Err(format!("`{name}` is not the assistant's turn"))
    }
}

type Side<'a> = (&'a str, &'a Option<String>, &'a [Message]);

fn same_prompt(one: Side, other: Side) -> Outcome<()> {
    if one.1 != other.1 {
        return Err(format!("`{}` and `{}` have different system messages", one.0, other.0));
    }
    if one.2.len() != other.2.len() {
        return Err(format!(
            "`{}` has {} turns before its reply, `{}` has {}",
            one.0,
            one.2.len(),
            other.0,
            other.2.len()
        ));
    }
    match one.2.iter().zip(other.2).position(|(a, b)| a != b) {
        None => Ok(()),
        Some(turn) => Err(format!(
            "`{}` and `{}` differ at turn {} already; only their last turns may differ",
            one.0,
            other.0,
            turn + 1
        )),
    }
}

/// A list of messages, its leading system message apart. Turns alternate, beginning with the user's.
fn conversation(name: &str, value: &Value, tags: &Tags) -> Outcome<(Option<String>, Vec<Message>)> {
    let list = match value {
        Value::Array(list) => list,
        Value::Null => return Err(format!("`{name}` is missing")),
        other => return Err(format!("`{name}` is {}; it must be a list of messages", what(other))),
    };
    let mut system = None;
    let mut turns: Vec<Message> = Vec::with_capacity(list.len());
    for (i, item) in list.iter().enumerate() {
        let (who, message) = message(name, item, tags)?;
        if who == Who::System {
            if i > 0 {
                return Err(format!("`{name}`: a system message after the first turn"));
            }
            system = Some(message.content);
            continue;
        }
        // OpenAI gives each tool's answer a message of its own.
        if let Some(last) = turns.last_mut()
            && last.role == Role::Observation
            && message.role == Role::Observation
        {
            last.content.push('\n');
            last.content.push_str(&message.content);
            continue;
        }
        if message.role.is_reply() != (turns.len() % 2 == 1) {
            return Err(match turns.is_empty() {
                true => format!("`{name}` begins with the assistant's turn"),
                false => format!("`{name}`: turn {} has the same side as the one before", i + 1),
            });
        }
        turns.push(message);
    }
    Ok((system, turns))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    System,
    Turn,
}

/// One message. The layout's names come first; the other names in use are understood too.
fn message(name: &str, value: &Value, tags: &Tags) -> Outcome<(Who, Message)> {
    let Value::Object(map) = value else {
        return Err(format!("`{name}` holds {} where a message should be", what(value)));
    };
    let role = [tags.role.as_str(), "role", "from"]
        .into_iter()
        .find_map(|key| map.get(key))
        .ok_or_else(|| format!("`{name}`: a message without `{}`", tags.role))?;
    let role = role
        .as_str()
        .ok_or_else(|| format!("`{name}`: `{}` is {}", tags.role, what(role)))?;
    let content = [tags.content.as_str(), "content", "value"]
        .into_iter()
        .find_map(|key| map.get(key));

    let known = [
        (tags.user.as_str(), Some(Role::User)),
        (&tags.assistant, Some(Role::Assistant)),
        (&tags.observation, Some(Role::Observation)),
        (&tags.function, Some(Role::Function)),
        (&tags.system, None),
        ("user", Some(Role::User)),
        ("human", Some(Role::User)),
        ("assistant", Some(Role::Assistant)),
        ("gpt", Some(Role::Assistant)),
        ("observation", Some(Role::Observation)),
        ("tool", Some(Role::Observation)),
        ("function_call", Some(Role::Function)),
        ("system", None),
    ];
    let role = known
        .into_iter()
        .find(|(key, _)| *key == role)
        .map(|(_, r)| r)
        .ok_or_else(|| {
            format!("`{name}`: role `{role}` is unknown; name the roles under `tags` in dataset_info.json")
        })?;
    if role == Some(Role::Assistant)
        && let Some(calls) = map.get("tool_calls").filter(|c| truthy(c))
    {
        return Ok((Who::Turn, Message::new(Role::Function, calls.to_string())));
    }
    let content = match content {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => parts_text(name, parts)?,
        Some(Value::Null) | None => return Err(format!("`{name}`: a message without `{}`", tags.content)),
        Some(other) => {
            return Err(format!(
                "`{name}`: `{}` is {}; it must be text",
                tags.content,
                what(other)
            ));
        }
    };
    Ok(match role {
        None => (Who::System, Message::new(Role::User, content)),
        Some(role) => (Who::Turn, Message::new(role, content)),
    })
}

/// OpenAI's content in parts: the texts, one after the other.
fn parts_text(name: &str, parts: &[Value]) -> Outcome<String> {
    parts
        .iter()
        .map(|part| match (part["type"].as_str(), part["text"].as_str()) {
            (None | Some("text"), Some(text)) => Ok(text),
            (Some(kind), _) => Err(format!("`{name}` holds `{kind}`; Corral trains on text")),
            _ => Err(format!("`{name}`: a part of a message without `text`")),
        })
        .collect()
}

fn setting(row: &Value, columns: &Columns, system: Option<String>) -> Outcome<Setting> {
    let tools = match columns.tools.as_ref().map(|c| &row[c]) {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.clone()),
        Some(list @ Value::Array(_)) => Some(list.to_string()),
        Some(other) => return Err(format!("the tools are {}; they must be a JSON list", what(other))),
    };
    Ok(Setting {
        system: match system {
            Some(text) => Some(text),
            None => text(row, &columns.system)?.map(str::to_owned),
        },
        tools: tools.filter(|t| !t.is_empty()),
    })
}

/// The text in a column; `None` where it is missing or null.
fn text<'a>(row: &'a Value, column: &Option<String>) -> Outcome<Option<&'a str>> {
    let Some(column) = column else { return Ok(None) };
    match row.get(column) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(format!("`{column}` is {}; it must be text", what(other))),
    }
}

fn label(row: &Value, columns: &Columns) -> Option<bool> {
    columns.kto_tag.as_ref().and_then(|c| row[c].as_bool())
}

fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(b) => *b,
        Value::String(s) => !s.is_empty(),
        Value::Array(a) => !a.is_empty(),
        Value::Object(o) => !o.is_empty(),
        Value::Number(_) => true,
    }
}

fn what(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
