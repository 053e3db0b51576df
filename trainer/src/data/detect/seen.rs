//! The columns of a file's rows, and what stands in them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::rows::cell::{Mark, holds_messages, is_message, list_of_any, listed, mark, number, unfolded};
use super::super::rows::is_transcript;
use super::compared;

/// Type of a value, as far as layouts tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shape {
    Text,
    /// One message.
    Message,
    /// A list that begins with the assistant's turn, or has one message alone.
    Reply,
    /// A conversation.
    Messages,
    /// Several texts.
    Texts,
    /// Several numbers.
    Numbers,
    /// An object with a list under `text`, as questions with known answers have.
    Answers,
    Other,
    /// An empty list or object.
    Empty,
}

#[derive(Debug, Default)]
struct Column {
    shapes: BTreeMap<Shape, usize>,
    /// What its values are where labels may be.
    marks: BTreeMap<Mark, usize>,
    /// Conversations that end with the user's turn.
    asks: usize,
    /// The least of its numbers.
    least: Option<f64>,
    /// Texts that are lists of texts in writing.
    written_lists: usize,
    /// Lists beside it that were as long as its number says, in some row.
    lengths: BTreeSet<String>,
    /// Keys of its objects, or of the first object of its lists.
    keys: BTreeSet<String>,
    /// Every text is a conversation of `Human:` and `Assistant:` turns.
    transcripts: bool,
}

impl Column {
    /// The shape most of its values have.
    fn shape(&self) -> Option<Shape> {
        let filled = self.shapes.iter().filter(|(shape, _)| **shape != Shape::Empty);
        let most = filled.max_by_key(|(_, count)| **count);
        most.or(self.shapes.iter().next()).map(|(shape, _)| *shape)
    }

    fn count(&self, shapes: &[Shape]) -> usize {
        shapes.iter().filter_map(|shape| self.shapes.get(shape)).sum()
    }
}

/// The columns of all rows.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) rows: usize,
    columns: BTreeMap<String, Column>,
    /// Columns that were null in every row so far.
    empty: BTreeSet<String>,
    /// The first message has a `role`, or a `from`.
    pub(super) role: Option<bool>,
}

impl Seen {
    pub(super) fn add(&mut self, row: &serde_json::Map<String, Value>) {
        self.rows += 1;
        for (key, value) in row {
            if value.is_null() {
                if !self.columns.contains_key(key) {
                    self.empty.insert(key.clone());
                }
                continue;
            }
            self.empty.remove(key);
            let unfolded = match super::holds_texts(key) {
                true => listed(value),
                false => unfolded(value),
            };
            let shape = self.shape(&unfolded);
            let written_list = value.is_string()
                && listed(value)
                    .as_array()
                    .is_some_and(|list| list.iter().all(Value::is_string));
            let lengths = lengths(row, key, value);
            if !self.columns.contains_key(key) {
                let column = Column {
                    transcripts: true,
                    ..Column::default()
                };
                self.columns.insert(key.clone(), column);
            }
            if let Some(column) = self.columns.get_mut(key) {
                *column.shapes.entry(shape).or_default() += 1;
                column.written_lists += usize::from(written_list);
                column.lengths.extend(lengths);
                column.asks += usize::from(shape == Shape::Messages && ends_with_user(&unfolded));
                if value.as_str().is_none_or(|text| !text.trim().is_empty()) {
                    *column.marks.entry(mark(value)).or_default() += 1;
                }
                if let Some(number) = number(value) {
                    column.least = Some(column.least.map_or(number, |least| least.min(number)));
                }
                let first = unfolded
                    .as_array()
                    .map_or(unfolded.as_ref(), |list| list.first().unwrap_or(value));
                column
                    .keys
                    .extend(first.as_object().into_iter().flat_map(|map| map.keys().cloned()));
                column.transcripts &= value.as_str().is_some_and(is_transcript);
            }
        }
    }

    fn shape(&mut self, value: &Value) -> Shape {
        match value {
            Value::String(_) => Shape::Text,
            Value::Array(list) if list.is_empty() => Shape::Empty,
            Value::Object(map) if map.is_empty() => Shape::Empty,
            Value::Array(list) if list.iter().all(Value::is_string) => Shape::Texts,
            Value::Array(list) if list.iter().all(Value::is_number) => Shape::Numbers,
            // several conversations
            Value::Array(list)
                if list
                    .first()
                    .is_some_and(|first| first.is_array() && holds_messages(first)) =>
            {
                Shape::Reply
            }
            Value::Array(list) if holds_messages(value) => {
                let first = list.first().and_then(Value::as_object);
                if let Some(map) = first.filter(|map| is_message(map)) {
                    self.role.get_or_insert(map.contains_key("role"));
                }
                let side = |key| first.and_then(|map| map.get(key)).and_then(Value::as_str);
                let replies = matches!(side("role").or(side("from")), Some("assistant" | "gpt" | "model"));
                match replies {
                    true => Shape::Reply,
                    false => Shape::Messages,
                }
            }
            Value::Object(map) if is_message(map) => {
                self.role.get_or_insert(map.contains_key("role"));
                Shape::Message
            }
            Value::Object(map) if map.get("messages").is_some_and(holds_messages) => self.shape(&map["messages"]),
            Value::Object(map) if map.get("text").is_some_and(Value::is_array) => Shape::Answers,
            _ => Shape::Other,
        }
    }

    /// The first of `names`, whatever its case, that at least `least` rows fill with one of `shapes`.
    fn find(&self, names: &[&str], shapes: &[Shape], least: usize) -> Option<String> {
        names.iter().find_map(|name| {
            let same = |key: &&String| key.as_str() == *name;
            let alike = |key: &&String| key.eq_ignore_ascii_case(name);
            let key = self.columns.keys().find(same).or(self.columns.keys().find(alike))?;
            let column = &self.columns[key];
            let fills = shapes.contains(&column.shape()?) && column.count(shapes) >= least.max(1);
            fills.then(|| key.clone())
        })
    }

    /// A column that makes the layout: at least half of the rows have it.
    pub(super) fn main(&self, names: &[&str], shapes: &[Shape]) -> Option<String> {
        self.find(names, shapes, self.rows.div_ceil(2))
    }

    /// A column that a row may have or not.
    pub(super) fn any(&self, names: &[&str], shapes: &[Shape]) -> Option<String> {
        self.find(names, shapes, 1)
    }

    /// Whether a column holds labels: one row's is enough, for a row without one, or with one that can't be read, is
    /// told of. Numbers of classes are none, nor are words alone.
    pub(super) fn labels(&self, name: &str) -> bool {
        let Some(column) = self.columns.get(name) else {
            return false;
        };
        let some = |mark| column.marks.contains_key(&mark);
        name == "kto_tag" && !column.marks.is_empty()
            || !some(Mark::Class) && !some(Mark::Other) && (some(Mark::Label) || some(Mark::Score))
    }

    /// Whether every conversation of a column ends with the user's turn.
    pub(super) fn all_ask(&self, name: &str) -> bool {
        self.columns
            .get(name)
            .is_some_and(|column| column.asks > 0 && column.asks == column.shapes.values().sum::<usize>())
    }

    /// Whether some number of a column is below zero.
    pub(super) fn goes_below_zero(&self, name: &str) -> bool {
        self.columns
            .get(name)
            .and_then(|column| column.least)
            .is_some_and(|least| least < 0.0)
    }

    /// Whether every cell of a column is a list that was kept as text.
    pub(super) fn written_lists(&self, name: &str) -> bool {
        self.columns.get(name).is_some_and(|column| {
            column.written_lists > 0 && column.written_lists == column.shapes.values().sum::<usize>()
        })
    }

    /// Whether a column's numbers are places in the list `list` that are counted from 0: 0 is among them, and the length
    /// of the list never.
    pub(super) fn counts_from_zero(&self, name: &str, list: &str) -> bool {
        self.columns
            .get(name)
            .is_some_and(|column| column.least == Some(0.0) && !column.lengths.contains(list))
    }

    /// Whether a column's values are numbers, texts that are, or true and false.
    pub(super) fn numbers(&self, name: &str) -> bool {
        self.columns.get(name).is_some_and(|column| {
            column.least.is_some()
                && !column.marks.contains_key(&Mark::Word)
                && !column.marks.contains_key(&Mark::Other)
        })
    }

    /// Whether the objects of a column, or of its lists, have a key.
    pub(super) fn has_key(&self, name: &str, key: &str) -> bool {
        self.columns.get(name).is_some_and(|column| column.keys.contains(key))
    }

    /// A column whatever stands in it, that at least half of the rows have.
    pub(super) fn has(&self, names: &[&str]) -> Option<String> {
        use Shape::{Answers, Message, Messages, Numbers, Other, Reply, Text, Texts};
        self.main(names, &[Text, Message, Reply, Messages, Texts, Numbers, Answers, Other])
    }

    pub(super) fn is(&self, column: &str, shape: Shape) -> bool {
        self.columns.get(column).and_then(Column::shape) == Some(shape)
    }

    /// Names of the columns, in order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.keys().map(String::as_str)
    }

    /// Columns that are null in every row.
    pub(super) fn empty(&self) -> impl Iterator<Item = &str> {
        self.empty.iter().map(String::as_str)
    }

    /// Whether every text of a column is a conversation of `Human:` and `Assistant:` turns.
    pub(super) fn transcripts(&self, column: &str) -> bool {
        self.columns.get(column).is_some_and(|column| column.transcripts)
    }
}

/// The lists of a row that are as long as the value of `key` says.
fn lengths(row: &serde_json::Map<String, Value>, key: &str, value: &Value) -> Vec<String> {
    let Some(number) = number(value).filter(|_| compared::VERDICTS.contains(&key.to_lowercase().as_str())) else {
        return Vec::new();
    };
    let is_as_long = |(name, list): &(&String, &Value)| {
        let list = list_of_any(list);
        compared::LISTS.contains(&name.to_lowercase().as_str())
            && list.as_array().is_some_and(|list| list.len() as f64 == number)
    };
    row.iter().filter(is_as_long).map(|(name, _)| name.clone()).collect()
}

fn ends_with_user(messages: &Value) -> bool {
    let last = messages.as_array().and_then(|list| list.last());
    let role = last.and_then(|last| last.get("role").or_else(|| last.get("from")));
    role.and_then(Value::as_str)
        .is_some_and(|role| matches!(role, "user" | "human"))
}
