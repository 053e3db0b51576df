//! What stands in one cell of a row: texts, labels, and JSON that a table kept as text.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::Outcome;

/// The text in a column; `None` where it is missing or null.
pub(super) fn text<'a>(row: &'a Value, column: &Option<String>) -> Outcome<Option<&'a str>> {
    let Some(column) = column else { return Ok(None) };
    match row.get(column) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(format!("`{column}` is {}; it must be text", what(other))),
    }
}

/// The reply in a column: a text, or the one text of a question's `answers` (`{"text": [..]}`).
pub(super) fn reply_text<'a>(row: &'a Value, column: &Option<String>) -> Outcome<Option<&'a str>> {
    let Some(name) = column else { return Ok(None) };
    let Some(Value::Array(texts)) = row.get(name).and_then(|answers| answers.get("text")) else {
        return text(row, column);
    };
    match texts.as_slice() {
        [] => Ok(None),
        [Value::String(text)] => Ok(Some(text)),
        [Value::String(first), rest @ ..] if rest.iter().all(|other| other.as_str() == Some(first)) => Ok(Some(first)),
        _ => Err(format!("`{name}` holds {} answers; a row has one reply", texts.len())),
    }
}

/// What a cell holds once JSON that was kept as text is read as JSON. A text that only looks like it stays a text.
pub fn unfolded(value: &Value) -> Cow<'_, Value> {
    let Value::String(text) = value else {
        return Cow::Borrowed(value);
    };
    if !text.trim_start().starts_with(['[', '{']) {
        return Cow::Borrowed(value);
    }
    match serde_json::from_str::<Value>(text) {
        Ok(found @ (Value::Array(_) | Value::Object(_))) if holds_messages(&found) => Cow::Owned(found),
        _ => Cow::Borrowed(value),
    }
}

/// Whether a text is a list of Python's dictionaries, which tables write where JSON belongs.
pub(super) fn is_python(text: &str) -> bool {
    let mut letters = text.chars().filter(|c| !c.is_whitespace());
    letters.next() == Some('[') && letters.next() == Some('{') && letters.next() == Some('\'')
}

/// Whether a value is messages: one, a list of them, or an object with such a list under `messages`.
pub fn holds_messages(value: &Value) -> bool {
    match value {
        Value::Array(list) => list.first().is_some_and(holds_message),
        Value::Object(map) => is_message(map) || map.get("messages").is_some_and(holds_messages),
        _ => false,
    }
}

fn holds_message(value: &Value) -> bool {
    value.as_object().is_some_and(|map| is_message(map) || is_exchange(map))
}

/// Whether an object is one message.
pub fn is_message(map: &Map<String, Value>) -> bool {
    let has = |key| map.contains_key(key);
    let says = ["value", "content", "text"].into_iter().any(has);
    (has("from") && says) || (has("role") && (says || has("tool_calls") || has("function_call")))
}

/// Names of a question and its answer where a conversation lists them two by two.
const EXCHANGES: [(&str, &str); 7] = [
    ("human", "assistant"),
    ("human", "gpt"),
    ("user", "assistant"),
    ("input", "output"),
    ("instruction", "output"),
    ("prompt", "response"),
    ("question", "answer"),
];

/// A question with its answer in one object, and what may stand before them.
pub(super) struct Exchange<'a> {
    pub system: Option<&'a str>,
    pub question: &'a str,
    pub answer: &'a str,
}

pub(super) fn exchange(map: &Map<String, Value>) -> Option<Exchange<'_>> {
    let text = |key: &str| map.get(key).and_then(Value::as_str);
    EXCHANGES.iter().find_map(|(question, answer)| {
        Some(Exchange {
            system: text("system").filter(|text| !text.is_empty()),
            question: text(question)?,
            answer: text(answer)?,
        })
    })
}

fn is_exchange(map: &Map<String, Value>) -> bool {
    exchange(map).is_some()
}

/// Whether a value can be a label.
pub fn is_label(value: &Value) -> bool {
    as_label(value).is_some()
}

fn as_label(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(good) => Some(*good),
        Value::Number(number) => match number.as_f64()? {
            1.0 => Some(true),
            0.0 | -1.0 => Some(false),
            _ => None,
        },
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "good" | "desirable" | "chosen" => Some(true),
            "false" | "0" | "-1" | "no" | "bad" | "undesirable" | "rejected" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// The label in a column; `None` where it is missing, null or empty.
pub(super) fn label(row: &Value, column: &Option<String>) -> Outcome<Option<bool>> {
    let Some(column) = column else { return Ok(None) };
    match row.get(column) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
        Some(value) => as_label(value)
            .map(Some)
            .ok_or_else(|| format!("`{column}` is {value}; a label is true or false")),
    }
}

/// Whether there is something in a value.
pub(super) fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(b) => *b,
        Value::String(s) => !s.is_empty(),
        Value::Array(a) => !a.is_empty(),
        Value::Object(o) => !o.is_empty(),
        Value::Number(_) => true,
    }
}

pub(super) fn what(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
