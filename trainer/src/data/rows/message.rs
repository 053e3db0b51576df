//! Reads messages and conversations in the forms that people have: role, content, and the fields beside them.

use protocol::says;
use serde_json::{Map, Value};

use super::super::layout::Tags;
use super::super::template::{Answer, Message, Role};
use super::cell::{exchange, listed, truthy, what};
use super::{Outcome, Remarks};

/// A list of messages, without its leading system message. Turns alternate, beginning with the user's.
#[derive(Debug, Default)]
pub(super) struct Conversation {
    pub system: Option<String>,
    pub turns: Vec<Message>,
}

/// Reads the conversation in a cell called `name`.
pub(super) fn conversation(name: &str, value: &Value, tags: &Tags, remarks: &mut Remarks) -> Outcome<Conversation> {
    let value = listed(value);
    let list = match value.as_ref() {
        Value::Array(list) => list,
        Value::Null => return Err(says::column_missing(name)),
        // OpenAI's preference rows keep prompt and tools together
        Value::Object(map) if map.get("messages").is_some_and(Value::is_array) => {
            return wrapped(name, map, tags, remarks);
        }
        Value::String(text) if super::cell::is_python(text) => return Err(says::python_list(name)),
        other => return Err(says::not_messages(name, what(other))),
    };
    let mut found = Conversation::default();
    for (i, item) in list.iter().enumerate() {
        // texts alone: question and answer in turn
        if let Value::String(text) = item
            && list.iter().all(Value::is_string)
        {
            let role = [Role::User, Role::Assistant][i % 2];
            found.turns.push(Message::new(role, text));
            continue;
        }
        if let Some(two) = item.as_object().and_then(exchange) {
            if let Some(system) = two.system.filter(|_| i == 0) {
                found.system = Some(system.to_owned());
            }
            found.turns.push(Message::new(Role::User, two.question));
            found.turns.push(Message::new(Role::Assistant, two.answer));
            continue;
        }
        match message(name, item, tags, remarks)? {
            Spoken::System(text) if i == 0 => found.system = Some(text),
            Spoken::System(_) => return Err(says::late_system(name)),
            Spoken::Turn(message) => found.push(name, i, message)?,
        }
    }
    Ok(found)
}

/// A conversation in an object with what belongs to it.
fn wrapped(name: &str, map: &Map<String, Value>, tags: &Tags, remarks: &mut Remarks) -> Outcome<Conversation> {
    let mut found = conversation(name, &map["messages"], tags, remarks)?;
    remarks.keys(name, map, &["messages", "tools", "system"]);
    let beside = match map.get("system") {
        None | Some(Value::Null) => return Ok(found),
        Some(Value::String(text)) => text,
        Some(other) => return Err(says::key_not_text(name, "system", what(other))),
    };
    if found.system.as_ref().is_some_and(|own| own.trim() != beside.trim()) {
        return Err(says::systems_differ(name, format!("{name}.system")));
    }
    found.system = Some(beside.clone()).filter(|text| !text.is_empty()).or(found.system);
    Ok(found)
}

impl Conversation {
    /// Adds a turn. OpenAI gives each tool's answer a message of its own; together they are one turn.
    fn push(&mut self, name: &str, i: usize, mut message: Message) -> Outcome<()> {
        if let Some(last) = self.turns.last_mut()
            && last.role == Role::Observation
            && message.role == Role::Observation
        {
            if last.answers.is_empty() {
                last.answers.push(Answer {
                    content: last.content.clone(),
                    ..Answer::default()
                });
            }
            last.content.push('\n');
            last.content.push_str(&message.content);
            match message.answers.is_empty() {
                false => last.answers.append(&mut message.answers),
                true => last.answers.push(Answer {
                    content: message.content,
                    ..Answer::default()
                }),
            }
            return Ok(());
        }
        if message.role.is_reply() != (self.turns.len() % 2 == 1) {
            return Err(match self.turns.is_empty() {
                true => says::begins_with_reply(name),
                false => says::same_side(name, i + 1),
            });
        }
        self.turns.push(message);
        Ok(())
    }
}

/// What one message is.
pub(super) enum Spoken {
    System(String),
    Turn(Message),
}

/// Keys of reasoning that is kept apart from the text.
const REASONING: [&str; 4] = ["reasoning_content", "reasoning", "thinking", "thought"];
/// Keys that say whether a turn is trained on: OpenAI's and Mistral's, LLaMA-Factory's, ms-swift's, axolotl's.
const MARKS: [&str; 7] = [
    "weight",
    "loss_weight",
    "loss",
    "train",
    "training",
    "trainable",
    "learn",
];

/// One message. The layout's names come first; the other names in use are understood too.
pub(super) fn message(name: &str, value: &Value, tags: &Tags, remarks: &mut Remarks) -> Outcome<Spoken> {
    let Value::Object(map) = value else {
        return Err(says::not_a_message(name, what(value)));
    };
    let role_key = [tags.role.as_str(), "role", "from"]
        .into_iter()
        .find(|key| map.get(*key).is_some_and(|value| !value.is_null()))
        .ok_or_else(|| says::message_without(name, &tags.role))?;
    let role = map[role_key]
        .as_str()
        .ok_or_else(|| says::key_not_text(name, role_key, what(&map[role_key])))?;
    let content_keys = [tags.content.as_str(), "content", "value", "text"];
    let filled = |key: &&str| map.get(*key).is_some_and(|value| !value.is_null());
    let content_key = content_keys
        .into_iter()
        .find(filled)
        .or_else(|| content_keys.into_iter().find(|key| map.contains_key(*key)));
    let speaker = speaker(role, tags).ok_or_else(|| says::role_unknown(name, role))?;
    let content = match content_key.map(|key| (key, &map[key])) {
        None | Some((_, Value::Null)) => None,
        Some((_, Value::String(text))) => Some(Parts::text(text)),
        Some((_, Value::Array(parts))) => Some(Parts::read(name, parts, remarks)?),
        Some((key, other)) => {
            return Err(says::key_not_text(name, key, what(other)));
        }
    };
    let missing = || says::message_without(name, &tags.content);
    let Speaker::Turn(role) = speaker else {
        remarks.keys(name, map, &[role_key, content_key.unwrap_or_default()]);
        return Ok(Spoken::System(content.ok_or_else(missing)?.text));
    };

    let mut used = vec![role_key, content_key.unwrap_or_default(), "name"];
    used.extend(MARKS);
    used.push(DETAIL);
    let mark = mark(name, map)?;
    if !role.is_reply() && mark == Some(true) {
        remarks.marked_prompt = true;
    }
    let person = field(map, &["name"]);
    let mut turn = match (role, calls(map, content.as_ref())) {
        (Role::Assistant | Role::Function, Some(calls)) => {
            used.extend(["tool_calls", "function_call"]);
            Message {
                said: content
                    .as_ref()
                    .map(|c| c.text.clone())
                    .filter(|text| !text.trim().is_empty()),
                ..Message::new(Role::Function, calls)
            }
        }
        _ => Message::new(role, content.as_ref().ok_or_else(missing)?.text.as_str()),
    };
    turn.learned = mark != Some(false);
    if role.is_reply() {
        used.extend(REASONING);
        turn.reasoning = field(map, &REASONING).or(content.and_then(|c| c.reasoning));
    }
    if role == Role::Observation {
        used.extend(["tool_call_id", "call_id"]);
        let call_id = field(map, &["tool_call_id", "call_id"]);
        if person.is_some() || call_id.is_some() {
            turn.answers.push(Answer {
                content: turn.content.clone(),
                name: person,
                call_id,
            });
        }
    } else {
        turn.name = person;
    }
    remarks.keys(name, map, &used);
    Ok(Spoken::Turn(turn))
}

enum Speaker {
    System,
    Turn(Role),
}

/// The role of a name: the layout's names first, then other names in use, in any case.
fn speaker(role: &str, tags: &Tags) -> Option<Speaker> {
    let named = [
        (&tags.user, Speaker::Turn(Role::User)),
        (&tags.assistant, Speaker::Turn(Role::Assistant)),
        (&tags.observation, Speaker::Turn(Role::Observation)),
        (&tags.function, Speaker::Turn(Role::Function)),
        (&tags.system, Speaker::System),
    ];
    if let Some((_, speaker)) = named.into_iter().find(|(name, _)| *name == role) {
        return Some(speaker);
    }
    Some(match role.trim().to_ascii_lowercase().replace('-', "_").as_str() {
        "user" | "human" | "prompter" => Speaker::Turn(Role::User),
        "assistant" | "gpt" | "chatgpt" | "bot" | "chatbot" | "model" | "ai" | "bing" | "bard" => {
            Speaker::Turn(Role::Assistant)
        }
        "observation" | "tool" | "function" | "ipython" | "tool_response" | "tool_result" | "tool_results"
        | "function_response" => Speaker::Turn(Role::Observation),
        "function_call" | "tool_call" | "tool_calls" => Speaker::Turn(Role::Function),
        "system" | "developer" => Speaker::System,
        _ => return None,
    })
}

/// The tool calls of a message in JSON: OpenAI's list, its older single call, or parts of the content.
fn calls(map: &Map<String, Value>, content: Option<&Parts>) -> Option<String> {
    match ["tool_calls", "function_call"]
        .iter()
        .find_map(|key| map.get(*key).filter(|c| truthy(c)))
    {
        Some(Value::String(text)) => Some(text.clone()),
        Some(calls) => Some(calls.to_string()),
        None => content
            .filter(|c| !c.calls.is_empty())
            .map(|c| Value::from(c.calls.clone()).to_string()),
    }
}

fn field(map: &Map<String, Value>, names: &[&str]) -> Option<String> {
    names
        .iter()
        .find_map(|name| map.get(*name)?.as_str().filter(|text| !text.trim().is_empty()))
        .map(str::to_owned)
}

/// Whether the data says that a turn is trained on or not. Files with columns have every key in every message, mostly
/// null.
fn mark(name: &str, map: &Map<String, Value>) -> Outcome<Option<bool>> {
    let mut said: Option<(&str, bool)> = None;
    for key in MARKS {
        let Some(value) = map.get(key) else { continue };
        let Some(learned) = one_mark(name, key, value)? else {
            continue;
        };
        match said {
            Some((other, before)) if before != learned => {
                return Err(says::marks_contradict(name, other, key));
            }
            _ => said = Some((key, learned)),
        }
    }
    detail(name, map)?;
    Ok(said.map(|(_, learned)| learned))
}

/// Axolotl's marks of the parts of a turn. Here a turn is trained on as a whole, or not at all.
const DETAIL: &str = "train_detail";

fn detail(name: &str, map: &Map<String, Value>) -> Outcome<()> {
    let Some(parts) = map.get(DETAIL).filter(|parts| truthy(parts)) else {
        return Ok(());
    };
    let whole = |part: &Value| part.get("train").is_some_and(|train| *train == Value::Bool(true));
    match parts.as_array().is_some_and(|parts| parts.iter().all(whole)) {
        true => Ok(()),
        false => Err(says::part_of_a_turn(name, DETAIL)),
    }
}

fn one_mark(name: &str, key: &str, value: &Value) -> Outcome<Option<bool>> {
    let number = match value {
        Value::Null => return Ok(None),
        Value::Bool(learned) => return Ok(Some(*learned)),
        Value::Number(number) => number.as_f64(),
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "" => return Ok(None),
            "true" => Some(1.0),
            "false" => Some(0.0),
            number => number.parse().ok(),
        },
        _ => None,
    };
    match number {
        Some(1.0) => Ok(Some(true)),
        Some(0.0) => Ok(Some(false)),
        _ => Err(says::mark_unread(name, key, value)),
    }
}

/// Content in parts: the texts in order, and what is between them.
#[derive(Debug, Default)]
struct Parts {
    text: String,
    reasoning: Option<String>,
    calls: Vec<Value>,
}

impl Parts {
    fn text(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            ..Self::default()
        }
    }

    fn read(name: &str, parts: &[Value], remarks: &mut Remarks) -> Outcome<Self> {
        let mut found = Self::default();
        for part in parts {
            if let Value::String(text) = part {
                found.text.push_str(text);
                continue;
            }
            let kind = part["type"].as_str();
            let texts = ["text", "value", "reasoning", "thinking"];
            let key = texts.into_iter().find(|key| part[*key].is_string());
            let value = key.and_then(|key| part[key].as_str());
            if let Value::Object(map) = part {
                remarks.keys(name, map, &["type", key.unwrap_or_default()]);
            }
            match (kind, value) {
                (None | Some("text" | "input_text" | "output_text"), Some(text)) => found.text.push_str(text),
                (Some("reasoning" | "thinking"), Some(text)) => {
                    found.reasoning.get_or_insert_default().push_str(text);
                }
                (Some("tool_call" | "tool_calls"), Some(text)) => match serde_json::from_str(text) {
                    Ok(Value::Array(mut calls)) => found.calls.append(&mut calls),
                    Ok(call) => found.calls.push(call),
                    Err(e) => return Err(says::call_not_json(name, e)),
                },
                (None | Some("text"), None) => return Err(says::part_without_text(name)),
                (Some(kind), _) => return Err(says::media_part(name, kind)),
            }
        }
        Ok(found)
    }
}
