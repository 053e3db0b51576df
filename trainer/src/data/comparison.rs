//! Rows with replies side by side and a verdict on them: which columns those are, as `comparison` in
//! `dataset_info.json` says it.

use protocol::{Said, says};
use serde_json::{Map, Value, json};

/// Replies to one prompt, and what says which is the better.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    pub replies: Candidates,
    pub verdict: Verdict,
    /// Columns, of replies or of the prompt, whose cells are lists of turns stored as text.
    pub lists: Vec<String>,
}

/// Where the replies are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Candidates {
    /// Two columns, with a reply or a whole conversation each.
    Two([String; 2]),
    /// One column with a list of them: texts, or objects that hold a text and what is known of it.
    List(String),
}

/// What says which reply is the better.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A column that names it: by its number, its letter, its column or its model.
    Better(String),
    /// A column with the place of the better one, counted from 0 or from 1; -1 where neither is.
    Place { column: String, from: u8 },
    /// A column that is true, or 1, where the first is the better one.
    FirstIsBetter(String),
    /// A column with a number: below zero the first is the better one, above zero the second.
    Leaning(String),
    /// A number for each, the higher the better: a column each for two columns of replies; for a list the key in its
    /// objects, or the column of the list of numbers beside it.
    Scores(Vec<String>),
    /// A place for each, 1 the best.
    Ranks(String),
}

/// The entry's key.
pub const KEY: &str = "comparison";
const REPLIES: &str = "replies";
const LISTS: &str = "lists";
const VERDICTS: [&str; 7] = [
    "better",
    "better_from_0",
    "better_from_1",
    "first_is_better",
    "leaning",
    "scores",
    "ranks",
];

impl Comparison {
    pub fn two(first: &str, second: &str, verdict: Verdict) -> Self {
        Self {
            replies: Candidates::Two([first.to_owned(), second.to_owned()]),
            verdict,
            lists: Vec::new(),
        }
    }

    pub fn list(column: &str, verdict: Verdict) -> Self {
        Self {
            replies: Candidates::List(column.to_owned()),
            verdict,
            lists: Vec::new(),
        }
    }

    /// The columns that its rows must have, without those that may be keys inside a list.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        let (first, second, list) = match &self.replies {
            Candidates::Two([first, second]) => (first, Some(second), false),
            Candidates::List(column) => (column, None, true),
        };
        let verdict: &[String] = match &self.verdict {
            Verdict::Better(column)
            | Verdict::Place { column, .. }
            | Verdict::FirstIsBetter(column)
            | Verdict::Leaning(column) => std::slice::from_ref(column),
            Verdict::Scores(columns) if !list => columns,
            Verdict::Scores(_) | Verdict::Ranks(_) => &[],
        };
        [first].into_iter().chain(second).chain(verdict).map(String::as_str)
    }

    /// What judges the replies of a list: a key in its objects, or a column beside it.
    pub fn key(&self) -> Option<&str> {
        match (&self.replies, &self.verdict) {
            (Candidates::List(_), Verdict::Scores(keys)) => keys.first().map(String::as_str),
            (Candidates::List(_), Verdict::Ranks(key)) => Some(key),
            _ => None,
        }
    }

    /// Reads an entry's `comparison`; the error says what is wrong with it.
    pub fn read(value: &Value) -> Result<Self, Said> {
        let shape = || says::comparison_shape(KEY, REPLIES, VERDICTS.join(", "));
        let map = value.as_object().ok_or_else(shape)?;
        if let Some(unknown) = map
            .keys()
            .find(|key| ![REPLIES, LISTS].contains(&key.as_str()) && !VERDICTS.contains(&key.as_str()))
        {
            let names = format!("{REPLIES}, {LISTS}, {}", VERDICTS.join(", "));
            return Err(says::entry_lacks(KEY, unknown, names));
        }
        let texts = |value: &Value| -> Option<Vec<String>> {
            match value {
                Value::String(text) => Some(vec![text.clone()]),
                Value::Array(list) => list.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
                _ => None,
            }
        };
        let replies = match map.get(REPLIES).and_then(texts).as_deref() {
            Some([column]) => Candidates::List(column.clone()),
            Some([first, second]) => Candidates::Two([first.clone(), second.clone()]),
            _ => return Err(shape()),
        };
        let lists = match map.get(LISTS) {
            None | Some(Value::Null) => Vec::new(),
            Some(value) => texts(value).ok_or_else(|| says::comparison_lists(format!("{KEY}.{LISTS}")))?,
        };
        let mut named = VERDICTS.iter().filter_map(|key| Some((*key, map.get(*key)?)));
        let (Some((key, value)), None) = (named.next(), named.next()) else {
            return Err(shape());
        };
        let names = texts(value).ok_or_else(shape)?;
        let verdict = match (key, names.as_slice(), &replies) {
            ("better", [column], _) => Verdict::Better(column.clone()),
            ("better_from_0" | "better_from_1", [column], _) => Verdict::Place {
                column: column.clone(),
                from: u8::from(key.ends_with('1')),
            },
            ("first_is_better", [column], Candidates::Two(_)) => Verdict::FirstIsBetter(column.clone()),
            ("leaning", [column], Candidates::Two(_)) => Verdict::Leaning(column.clone()),
            ("scores", [_], Candidates::List(_)) | ("scores", [_, _], Candidates::Two(_)) => Verdict::Scores(names),
            ("ranks", [key], Candidates::List(_)) => Verdict::Ranks(key.clone()),
            _ => return Err(shape()),
        };
        Ok(Self {
            replies,
            verdict,
            lists,
        })
    }

    /// As an entry says it.
    pub fn entry(&self) -> Value {
        let mut map = Map::new();
        map.insert(
            REPLIES.into(),
            match &self.replies {
                Candidates::Two(columns) => json!(columns),
                Candidates::List(column) => json!(column),
            },
        );
        let (key, value) = match &self.verdict {
            Verdict::Better(column) => ("better", json!(column)),
            Verdict::Place { column, from: 0 } => ("better_from_0", json!(column)),
            Verdict::Place { column, .. } => ("better_from_1", json!(column)),
            Verdict::FirstIsBetter(column) => ("first_is_better", json!(column)),
            Verdict::Leaning(column) => ("leaning", json!(column)),
            Verdict::Scores(columns) => match columns.as_slice() {
                [one] => ("scores", json!(one)),
                _ => ("scores", json!(columns)),
            },
            Verdict::Ranks(key) => ("ranks", json!(key)),
        };
        map.insert(key.into(), value);
        if !self.lists.is_empty() {
            map.insert(LISTS.into(), json!(self.lists));
        }
        Value::Object(map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let text = |text: &str| text.to_owned();
        for comparison in [
            Comparison::two("a", "b", Verdict::Better(text("winner"))),
            Comparison {
                lists: vec![text("a"), text("prompt")],
                ..Comparison::two("a", "b", Verdict::Better(text("winner")))
            },
            Comparison::two(
                "a",
                "b",
                Verdict::Place {
                    column: text("winner"),
                    from: 0,
                },
            ),
            Comparison::list(
                "answers",
                Verdict::Place {
                    column: text("winner"),
                    from: 1,
                },
            ),
            Comparison::two("a", "b", Verdict::FirstIsBetter(text("labels"))),
            Comparison::two("a", "b", Verdict::Leaning(text("strength"))),
            Comparison::two("a", "b", Verdict::Scores(vec![text("score_a"), text("score_b")])),
            Comparison::list("answers", Verdict::Ranks(text("rank"))),
            Comparison::list("completions", Verdict::Scores(vec![text("score")])),
            Comparison::list("summaries", Verdict::Better(text("choice"))),
        ] {
            assert_eq!(
                Comparison::read(&comparison.entry()),
                Ok(comparison.clone()),
                "{comparison:?}"
            );
        }
    }

    #[test]
    fn what_is_not_whole_is_refused() {
        for (entry, part) in [
            (json!("a"), "must be an object"),
            (json!({"replies": ["a", "b"]}), "one of better"),
            (
                json!({"replies": ["a", "b"], "better": "x", "ranks": "y"}),
                "one of better",
            ),
            (json!({"replies": ["a", "b", "c"], "better": "x"}), "two columns"),
            (json!({"replies": ["a", "b"], "scores": "x"}), "must be an object"),
            (json!({"replies": "a", "leaning": "x"}), "must be an object"),
            (json!({"replies": "a", "best": "x"}), "has no `best`"),
            (
                json!({"replies": "a", "ranks": "x", "lists": [1]}),
                "`comparison.lists`",
            ),
        ] {
            let error = Comparison::read(&entry).expect_err("refused");
            assert!(error.contains(part), "{entry}: {error}");
        }
    }
}
