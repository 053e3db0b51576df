//! A profile of a file's rows: its columns, and the kinds of values in them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::rows::cell::{
    Mark, holds_messages, is_message, list_of_any, list_of_replies, listed, mark, number, unfolded,
};
use super::super::rows::is_transcript;
use super::column_values::ColumnValues;
use super::names;

/// The kind of a value, as far as layouts differ by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shape {
    Text,
    /// One message.
    Message,
    /// A list that begins with the assistant's turn, or has only one message.
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
    /// How its values read as labels.
    marks: BTreeMap<Mark, usize>,
    /// Conversations that end with the user's turn.
    asks: usize,
    /// Whether a value is a number, or a text of one.
    numbers: bool,
    /// Whether its lists of numbers read differently as places and as an order.
    orders: Orders,
    /// Its values, if it may name the better of several replies.
    column_values: ColumnValues,
    /// How many of its texts are lists of texts, stored as text.
    written_lists: usize,
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

/// Among so many labels, one value that is none is taken for an error.
const FEW: usize = 10;

/// The columns of all rows of a file.
#[derive(Debug, Default)]
pub(super) struct Profile {
    pub(super) rows: usize,
    columns: BTreeMap<String, Column>,
    /// Columns that were null in every row so far.
    empty: BTreeSet<String>,
    /// The first message has a `role`, or a `from`.
    pub(super) role: Option<bool>,
}

impl Profile {
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
            let unfolded = match key {
                key if names::holds_marks(key) => list_of_any(value),
                key if names::holds_replies(key) => list_of_replies(value),
                key if names::holds_texts(key) => listed(value),
                _ => unfolded(value),
            };
            let shape = self.shape(&unfolded);
            let written_list = value.is_string()
                && listed(value)
                    .as_array()
                    .is_some_and(|list| list.iter().all(Value::is_string));
            let may_judge = names::may_judge(key);
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
                if may_judge {
                    column.column_values.add(row, key, value);
                }
                column.asks += usize::from(shape == Shape::Messages && ends_with_user(&unfolded));
                if value.as_str().is_none_or(|text| !text.trim().is_empty()) {
                    *column.marks.entry(mark(value)).or_default() += 1;
                }
                column.numbers |= number(value).is_some();
                column.orders = column.orders.add(&unfolded);
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

    /// A main column of a layout: at least half of the rows have it.
    pub(super) fn main(&self, names: &[&str], shapes: &[Shape]) -> Option<String> {
        self.find(names, shapes, self.rows.div_ceil(2))
    }

    /// A column that a row may have or not.
    pub(super) fn any(&self, names: &[&str], shapes: &[Shape]) -> Option<String> {
        self.find(names, shapes, 1)
    }

    /// A column in which some row has a text; rows with other values are reported one by one.
    pub(super) fn some_text(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| {
            let mut columns = self.columns.iter();
            let (key, _) =
                columns.find(|(key, column)| key.eq_ignore_ascii_case(name) && column.count(&[Shape::Text]) > 0)?;
            Some(key.clone())
        })
    }

    /// A column that holds lists or objects where a text belongs.
    pub(super) fn no_text(&self, names: &[&str]) -> Option<String> {
        let holds = |name: &&&str| {
            let column = self.columns.get(**name);
            column.is_some_and(|column| column.marks.contains_key(&Mark::Other))
        };
        names.iter().find(holds).map(|name| (*name).to_owned())
    }

    /// Whether a column holds labels: one row's is enough, for a row without one, or with one that can't be read, is
    /// told of. Numbers of classes are none but for few among labels, nor are words alone.
    pub(super) fn labels(&self, name: &str) -> bool {
        let Some(column) = self.columns.get(name) else {
            return false;
        };
        let some = |mark| column.marks.contains_key(&mark);
        let count = |mark| column.marks.get(&mark).copied().unwrap_or_default();
        let few = (count(Mark::Class) + count(Mark::Other)) * FEW <= count(Mark::Label);
        name == "kto_tag" && !column.marks.is_empty()
            || !column.column_values.has_three_sides() && few && (some(Mark::Label) || some(Mark::Score))
    }

    /// Whether labels may be the numbers of two classes: true, false and words say good or bad.
    pub(super) fn may_be_classes(&self, name: &str) -> bool {
        let classes = |name: &str| Some(self.columns.get(name)?.marks.contains_key(&Mark::Class));
        self.column_values(name).is_some_and(ColumnValues::is_zero_or_one) || classes(name) == Some(true)
    }

    /// Whether every conversation of a column ends with the user's turn.
    pub(super) fn all_ask(&self, name: &str) -> bool {
        self.columns
            .get(name)
            .is_some_and(|column| column.asks > 0 && column.asks == column.shapes.values().sum::<usize>())
    }

    /// Whether every cell of a column is a list, stored as text.
    pub(super) fn written_lists(&self, name: &str) -> bool {
        self.columns.get(name).is_some_and(|column| {
            column.written_lists > 0 && column.written_lists == column.shapes.values().sum::<usize>()
        })
    }

    /// The values of a column that may name the better reply.
    pub(super) fn column_values(&self, name: &str) -> Option<&ColumnValues> {
        self.columns.get(name).map(|column| &column.column_values)
    }

    /// Whether a column of lists could be orders, the best first, as well as places, which would mean different things.
    pub(super) fn is_order_or_places(&self, name: &str) -> bool {
        self.columns
            .get(name)
            .is_some_and(|column| column.orders == Orders::Unsure)
    }

    /// Whether a column's values are numbers, texts that are, or true and false.
    pub(super) fn numbers(&self, name: &str) -> bool {
        self.columns.get(name).is_some_and(|column| {
            column.numbers && !column.marks.contains_key(&Mark::Word) && !column.marks.contains_key(&Mark::Other)
        })
    }

    /// Whether the objects of a column, or of its lists, have a key.
    pub(super) fn has_key(&self, name: &str, key: &str) -> bool {
        self.columns.get(name).is_some_and(|column| column.keys.contains(key))
    }

    /// A column with values of any kind, which at least half of the rows have.
    pub(super) fn has(&self, names: &[&str]) -> Option<String> {
        use Shape::{Answers, Message, Messages, Numbers, Other, Reply, Text, Texts};
        self.main(names, &[Text, Message, Reply, Messages, Texts, Numbers, Answers, Other])
    }

    /// A column that some row fills.
    pub(super) fn has_some(&self, name: &str) -> Option<String> {
        let filled = self
            .columns
            .get(name)
            .and_then(Column::shape)
            .is_some_and(|shape| shape != Shape::Empty);
        filled.then(|| name.to_owned())
    }

    pub(super) fn is(&self, column: &str, shape: Shape) -> bool {
        self.columns.get(column).and_then(Column::shape) == Some(shape)
    }

    /// Whether some column has a name of those that judge replies.
    pub(super) fn may_be_judged(&self) -> bool {
        let judges = |name: &str| {
            let name = name.to_lowercase();
            let beside = names::BESIDE_RANKS.iter().chain(&names::BESIDE_SCORES);
            names::may_judge(&name) && !names::REPLY.contains(&name.as_str())
                || beside.chain(&names::SCORES).any(|known| name.starts_with(known))
        };
        self.names().any(judges)
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

/// What lists of numbers may mean for the replies beside them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Orders {
    /// Places, or orders that mean the same.
    #[default]
    Same,
    /// Orders or places, which would mean different things.
    Unsure,
    /// Places for certain: an order has each number once.
    Places,
}

impl Orders {
    fn add(self, list: &Value) -> Self {
        let numbers = |list: &Vec<Value>| list.iter().map(Value::as_u64).collect::<Option<Vec<u64>>>();
        let Some(list) = list.as_array().and_then(numbers) else {
            return self;
        };
        let least = list.iter().min().copied().unwrap_or_default();
        let at = |place: u64| list.get(usize::try_from(place - least).ok()?);
        let distinct: BTreeSet<u64> = list.iter().copied().collect();
        let is_order = least < 2 && distinct.len() == list.len() && list.iter().all(|place| at(*place).is_some());
        let turned = (0_u64..).zip(&list).all(|(i, place)| at(*place) == Some(&(i + least)));
        match (self, is_order, turned) {
            (Self::Places, ..) | (_, false, _) => Self::Places,
            (_, true, false) => Self::Unsure,
            (_, true, true) => self,
        }
    }
}

fn ends_with_user(messages: &Value) -> bool {
    let last = messages.as_array().and_then(|list| list.last());
    let role = last.and_then(|last| last.get("role").or_else(|| last.get("from")));
    role.and_then(Value::as_str)
        .is_some_and(|role| matches!(role, "user" | "human"))
}
