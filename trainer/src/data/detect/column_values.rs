//! The values, in all rows, of a column that may say which of several replies is the better one.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::super::rows::cell::{list_of_any, number};

/// How many distinct values of a column are kept; a verdict has fewer.
const MOST: usize = 64;
/// Texts longer than this name no reply.
const LONGEST: usize = 200;

#[derive(Debug, Default)]
pub(super) struct ColumnValues {
    /// Numbers in thousandths, and how many rows have them.
    numbers: BTreeMap<i64, usize>,
    /// True or false.
    pub flags: bool,
    /// Texts that are not numbers.
    pub words: BTreeSet<String>,
    /// Texts there are, and those too many or too long to keep.
    texts: usize,
    unkept: usize,
    /// Columns that held the same text, and in how many rows.
    same: BTreeMap<String, usize>,
    /// Columns of lists whose length was its number, in some row.
    lengths: BTreeSet<String>,
    /// Columns that held the same text as a whole or in a list, in some row.
    holders: BTreeSet<String>,
}

impl ColumnValues {
    pub(super) fn add(&mut self, row: &Map<String, Value>, key: &str, value: &Value) {
        match (value, number(value)) {
            (Value::Bool(_), _) => self.flags = true,
            (_, Some(number)) => {
                let thousandths = (number * 1000.0).round() as i64;
                if self.numbers.len() < MOST || self.numbers.contains_key(&thousandths) {
                    *self.numbers.entry(thousandths).or_default() += 1;
                }
                let is_as_long = |(name, list): &(&String, &Value)| {
                    let list = list_of_any(list);
                    list.as_array().is_some_and(|list| list.len() as f64 == number) && *name != key
                };
                self.lengths
                    .extend(row.iter().filter(is_as_long).map(|(name, _)| name.clone()));
            }
            (Value::String(text), None) if !text.trim().is_empty() => {
                self.texts += 1;
                match text.len() <= LONGEST && (self.words.len() < MOST || self.words.contains(text)) {
                    true => drop(self.words.insert(text.clone())),
                    false => self.unkept += 1,
                }
                if text.len() <= LONGEST {
                    let same = row.iter().filter(|(name, held)| *held == value && *name != key);
                    for (name, _) in same {
                        *self.same.entry(name.clone()).or_default() += 1;
                    }
                    let holds = |held: &Value| {
                        held == value || list_of_any(held).as_array().is_some_and(|list| list.contains(value))
                    };
                    let holders = row.iter().filter(|(name, held)| *name != key && holds(held));
                    self.holders.extend(holders.map(|(name, _)| name.clone()));
                }
            }
            _ => {}
        }
    }

    /// Its whole numbers, if it has no others.
    pub(super) fn whole(&self) -> Option<BTreeSet<i64>> {
        let each = self.numbers.keys();
        each.map(|n| (n % 1000 == 0).then_some(n / 1000)).collect()
    }

    pub(super) fn has_numbers(&self) -> bool {
        !self.numbers.is_empty()
    }

    /// Its numbers, as a person reads them.
    pub(super) fn numbers(&self) -> impl Iterator<Item = f64> {
        self.numbers.keys().map(|n| *n as f64 / 1000.0)
    }

    /// Whether it is 0 or 1 in every row, as a number.
    pub(super) fn is_zero_or_one(&self) -> bool {
        let numbers = self.has_numbers() && self.numbers.keys().all(|n| [0, 1000].contains(n));
        numbers && !self.flags && self.texts == 0
    }

    /// Whether -1, 0 and 1 all occur, so that they are three classes.
    pub(super) fn has_three_sides(&self) -> bool {
        [-1000, 0, 1000].iter().all(|n| self.numbers.contains_key(n))
    }

    /// Whether its numbers are places in the list `list` that are counted from 0: 0 is among them, and the length of
    /// the list never. -1 is no place.
    pub(super) fn counts_from_zero(&self, list: &str) -> bool {
        self.numbers.keys().find(|n| **n != -1000) == Some(&0) && !self.lengths.contains(list)
    }

    /// Whether one of its numbers is past the end of `list`, counted from 0.
    pub(super) fn passes_the_end_of(&self, list: &str) -> bool {
        self.lengths.contains(list)
    }

    /// Whether every text is one that `names` something: by itself, or as a column says that `is_named` takes.
    pub(super) fn all(&self, names: impl Fn(&str) -> bool, is_named: impl Fn(&str) -> bool) -> bool {
        let by_column: usize = self
            .same
            .iter()
            .filter(|(name, _)| is_named(name))
            .map(|(_, n)| n)
            .sum();
        self.texts > 0 && (by_column >= self.texts || self.unkept == 0 && self.words.iter().all(|word| names(word)))
    }

    /// Whether a column that `is_meant` takes held one of its texts, as a whole or in a list.
    pub(super) fn is_held_by(&self, is_meant: impl Fn(&str) -> bool) -> bool {
        self.holders.iter().any(|name| is_meant(name))
    }

    /// Whether some text is one that `names` something, or that a column holds which `is_named` takes.
    pub(super) fn any(&self, names: impl Fn(&str) -> bool, is_named: impl Fn(&str) -> bool) -> bool {
        self.words.iter().any(|word| names(word)) || self.same.keys().any(|name| is_named(name))
    }
}

/// The first few values, as a list for messages.
pub(super) fn listed(values: impl Iterator<Item = f64>) -> String {
    let mut shown: Vec<String> = values.take(9).map(|n| n.to_string()).collect();
    if shown.len() == 9 {
        shown.truncate(8);
        shown.push("…".into());
    }
    shown.join(", ")
}
