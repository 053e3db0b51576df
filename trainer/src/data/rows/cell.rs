//! Reads one cell of a row: texts, labels, and JSON that a table stores as text.

use std::borrow::Cow;

use protocol::{Said, says};
use serde_json::{Map, Value};

use super::{Outcome, python};

/// The text in a column; `None` if it is missing or null.
pub(super) fn text<'a>(row: &'a Value, column: &Option<String>) -> Outcome<Option<&'a str>> {
    let Some(column) = column else { return Ok(None) };
    match row.get(column) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(says::not_text(column, what(other))),
    }
}

/// The reply in a column: a text, or the one text of a question's `answers` (`{"text": [..]}`).
pub(super) fn reply_text(row: &Value, column: &Option<String>) -> Outcome<Option<String>> {
    let Some(name) = column else { return Ok(None) };
    let Some(answers) = row.get(name).map(unfolded) else {
        return Ok(None);
    };
    let Some(Value::Array(texts)) = answers.get("text") else {
        return Ok(text(row, column)?.map(str::to_owned));
    };
    match texts.as_slice() {
        [] => Ok(None),
        [Value::String(text)] => Ok(Some(text.clone())),
        [Value::String(first), rest @ ..] if rest.iter().all(|other| other.as_str() == Some(first)) => {
            Ok(Some(first.clone()))
        }
        _ => Err(says::several_answers(name, texts.len())),
    }
}

/// A cell's value, with JSON or Python lists that are stored as text parsed. A text that only looks like one stays a
/// text.
pub fn unfolded(value: &Value) -> Cow<'_, Value> {
    unfolded_if(value, |found| holds_messages(found) || is_answers(found))
}

/// As [`unfolded`], for cells that must hold lists of texts: a text that is such a list is parsed too.
pub fn listed(value: &Value) -> Cow<'_, Value> {
    unfolded_if(value, |found| {
        let texts = |list: &Vec<Value>| !list.is_empty() && list.iter().all(Value::is_string);
        holds_messages(found) || is_answers(found) || found.as_array().is_some_and(texts)
    })
}

/// As [`unfolded`], for cells that may hold several replies: texts, or objects with one each.
pub fn list_of_replies(value: &Value) -> Cow<'_, Value> {
    unfolded_if(value, |found| {
        let replies = |list: &Vec<Value>| list.iter().all(Value::is_string) || list.iter().all(Value::is_object);
        let list = found.as_array().filter(|list| !list.is_empty());
        holds_messages(found) || is_answers(found) || list.is_some_and(replies)
    })
}

/// As [`unfolded`], for cells that may hold any list.
pub fn list_of_any(value: &Value) -> Cow<'_, Value> {
    unfolded_if(value, Value::is_array)
}

fn unfolded_if(value: &Value, wanted: impl Fn(&Value) -> bool) -> Cow<'_, Value> {
    let Value::String(text) = value else {
        return Cow::Borrowed(value);
    };
    if !text.trim_start().starts_with(['[', '{', '(']) {
        return Cow::Borrowed(value);
    }
    let found = serde_json::from_str::<Value>(text).ok().or_else(|| python::parse(text));
    match found.filter(wanted) {
        Some(found) => Cow::Owned(found),
        None => Cow::Borrowed(value),
    }
}

/// A question's known answers, with their positions: `{"text": […], "answer_start": […]}`.
fn is_answers(value: &Value) -> bool {
    value.get("text").is_some_and(Value::is_array) && value.get("answer_start").is_some_and(Value::is_array)
}

/// Whether a text is a list of Python's dictionaries, which tables write where JSON belongs.
pub(super) fn is_python(text: &str) -> bool {
    let mut letters = text.chars().filter(|c| !c.is_whitespace());
    letters.next() == Some('[') && letters.next() == Some('{') && letters.next() == Some('\'')
}

/// Whether a text can be nothing but messages in Python's writing that can't be read: a reply that shows such a list is
/// a reply.
pub(super) fn is_pythons_messages(text: &str) -> bool {
    let sides = ["'role':", "'from':"];
    is_python(text) && sides.iter().any(|side| text.contains(side)) && python::parse(text).is_none()
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

/// What a value is where a label may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// Good or bad.
    Label,
    /// A whole number that is none of 1, 0 and -1: the number of a class.
    Class,
    /// A number with a fraction.
    Score,
    Word,
    Other,
}

pub fn mark(value: &Value) -> Mark {
    match value {
        _ if as_label(value).is_some() => Mark::Label,
        Value::Number(number) if number.as_f64().is_some_and(|n| n.fract() == 0.0) => Mark::Class,
        Value::Number(_) => Mark::Score,
        Value::String(text) if text.trim().parse::<f64>().is_ok_and(|n| n.fract() != 0.0) => Mark::Score,
        Value::String(_) => Mark::Word,
        _ => Mark::Other,
    }
}

/// Words for a good reply and for a bad one.
const GOOD: [&str; 23] = [
    "true",
    "t",
    "1",
    "+1",
    "1.0",
    "yes",
    "y",
    "good",
    "desirable",
    "chosen",
    "accepted",
    "accept",
    "preferred",
    "like",
    "liked",
    "upvote",
    "up",
    "thumbs up",
    "thumbs_up",
    "thumbsup",
    "thumb up",
    "thumb_up",
    "👍",
];
const BAD: [&str; 25] = [
    "false",
    "f",
    "0",
    "-1",
    "0.0",
    "-1.0",
    "no",
    "n",
    "bad",
    "undesirable",
    "rejected",
    "reject",
    "dispreferred",
    "dislike",
    "disliked",
    "downvote",
    "down",
    "thumbs down",
    "thumbs_down",
    "thumbsdown",
    "thumb down",
    "thumb_down",
    "👎",
    "not good",
    "unpreferred",
];

pub(super) fn as_label(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(good) => Some(*good),
        Value::Number(number) => match number.as_f64()? {
            1.0 => Some(true),
            0.0 | -1.0 => Some(false),
            _ => None,
        },
        Value::String(text) => {
            let word = text.trim().to_lowercase();
            let among = |words: &[&str]| words.contains(&word.as_str());
            among(&GOOD).then_some(true).or(among(&BAD).then_some(false))
        }
        _ => None,
    }
}

/// A number, written as one or as text; true is 1.
pub fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::Bool(yes) => Some(f64::from(u8::from(*yes))),
        Value::String(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
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
            .ok_or_else(|| says::label_unread(column, value)),
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

/// The kind of a value, for messages.
pub(super) fn what(value: &Value) -> Said {
    match value {
        Value::Null => says::null(),
        Value::Bool(_) => says::a_truth(),
        Value::Number(_) => says::a_number(),
        Value::String(_) => says::a_text(),
        Value::Array(_) => says::a_list(),
        Value::Object(_) => says::an_object(),
    }
}
