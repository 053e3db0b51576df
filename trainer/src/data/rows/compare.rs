//! Rows that hold replies side by side: which of them is chosen, and which is rejected.

use std::borrow::Cow;

use protocol::says;
use serde_json::{Map, Value, json};

use super::super::comparison::{Candidates, Comparison, Verdict};
use super::super::layout::{Columns, Layout};
use super::alpaca::prompt_transcript;
use super::cell::{self, as_label, listed, number, unfolded};
use super::verdict::{Better, named, place, placed};
use super::{Outcome, Remarks, Row, pair};

/// A reply with the name it has in what is told of its row.
struct Reply {
    name: String,
    value: Value,
}

/// The reply in the objects of a list.
const TEXTS: [&str; 11] = [
    "response",
    "answer",
    "text",
    "content",
    "output",
    "completion",
    "summary",
    "reply",
    "generated_text",
    "generation",
    "message",
];

/// What marks the reply in a list that somebody chose.
const FLAGS: [&str; 8] = [
    "selected",
    "is_selected",
    "accepted",
    "is_accepted",
    "chosen",
    "is_chosen",
    "is_best",
    "preferred",
];

/// The better and the worse of a row's replies, read as every other pair.
pub(super) fn read(layout: &Layout, comparison: &Comparison, row: &Value, remarks: &mut Remarks) -> Outcome<Row> {
    let [chosen, rejected] = match &comparison.replies {
        Candidates::Two(names) => two(names, &comparison.verdict, row)?,
        Candidates::List(column) => list(column, &comparison.verdict, row, remarks)?,
    };
    let columns = &layout.columns;
    let mut plain = Map::new();
    for name in columns.names() {
        if let Some(value) = row.get(name) {
            plain.insert(name.to_owned(), value.clone());
        }
    }
    let (system, tools) = (columns.system.clone(), columns.tools.clone());
    let mut pair = Columns {
        chosen: Some(chosen.name.clone()),
        rejected: Some(rejected.name.clone()),
        system,
        tools,
        ..Columns::default()
    };
    if let Some(name) = columns.messages.as_ref().or(columns.prompt.as_ref()) {
        let mut asked = asked(comparison, name, row.get(name).unwrap_or(&Value::Null))?;
        if let Some(more) = cell::text(row, &columns.query)?.filter(|more| !more.is_empty()) {
            let text = last_words(&mut asked).ok_or_else(|| says::not_text(name, super::what(&row[name])))?;
            text.push('\n');
            text.push_str(more);
        }
        plain.insert(name.clone(), asked);
        pair.prompt = Some(name.clone());
    }
    for reply in [chosen, rejected] {
        let text = alone(comparison, &reply.name, &reply.value)?;
        plain.insert(reply.name, text);
    }
    let layout = Layout {
        columns: pair,
        comparison: None,
        ..layout.clone()
    };
    pair::read(&layout, &Value::Object(plain), remarks)
}

/// What a prompt says, whatever it is wrapped in.
fn asked(comparison: &Comparison, column: &str, value: &Value) -> Outcome<Value> {
    if let Value::Object(map) = value {
        let text = |key: &str| map.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        if let Some(text) = text("full_text").or(text("text")) {
            return Ok(text.into());
        }
        return Ok(summarise(map).map_or_else(|| value.clone(), Value::String));
    }
    if let Some(turns) = value.as_str().and_then(prompt_transcript) {
        let turn = |(i, text): (usize, String)| {
            let role = if i % 2 == 0 { "user" } else { "assistant" };
            json!({"role": role, "content": text})
        };
        return Ok(turns.into_iter().enumerate().map(turn).collect());
    }
    alone(comparison, column, value)
}

/// The words that what a prompt is about is written under: the prompt itself, or the user's last turn.
fn last_words(asked: &mut Value) -> Option<&mut String> {
    if let Cow::Owned(turns) = unfolded(asked) {
        *asked = turns;
    }
    let turn = match asked {
        Value::String(text) => return Some(text),
        Value::Array(turns) => turns.last_mut()?,
        _ => return None,
    };
    if let Value::String(text) = turn {
        return Some(text);
    }
    let side = turn.get("role").or_else(|| turn.get("from"))?.as_str()?;
    if !matches!(side, "user" | "human") {
        return None;
    }
    let key = ["content", "value"].into_iter().find(|key| turn.get(key).is_some())?;
    match turn.get_mut(key)? {
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// A post or an article to be summarised, in the words that TRL's own script for these rows uses.
fn summarise(map: &Map<String, Value>) -> Option<String> {
    let text = |key: &str| map.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let line = |head: &str, key: &str| text(key).map_or(String::new(), |text| format!("{head}{text}\n\n"));
    let (subreddit, title) = (line("SUBREDDIT: r/", "subreddit"), line("TITLE: ", "title"));
    let body = match (text("post"), text("article")) {
        (Some(post), _) => format!("{subreddit}{title}POST: {}", post.replace("\n\n", "\n")),
        (None, Some(article)) => format!("{title}{}", article.replace("\n\n", "\n")),
        (None, None) => return None,
    };
    Some(format!("{body}\n\nTL;DR:"))
}

/// A text out of the list that it stands alone in, where a column holds nothing but such lists: elsewhere a text that
/// looks like one is what was said.
fn alone(comparison: &Comparison, column: &str, value: &Value) -> Outcome<Value> {
    if !comparison.lists.iter().any(|list| list == column) {
        return Ok(value.clone());
    }
    let Cow::Owned(list) = listed(value) else {
        return Ok(value.clone());
    };
    match list.as_array().map(Vec::as_slice) {
        Some([one]) => Ok(one.clone()),
        Some(several) => Err(says::several_turns(several.len())),
        None => Ok(value.clone()),
    }
}

fn two(names: &[String; 2], verdict: &Verdict, row: &Value) -> Outcome<[Reply; 2]> {
    let reply = |name: &String| match row.get(name) {
        None | Some(Value::Null) => Err(says::column_missing(name)),
        Some(value) => Ok(Reply {
            name: name.clone(),
            value: value.clone(),
        }),
    };
    let [first, second] = [reply(&names[0])?, reply(&names[1])?];
    let better = match verdict {
        Verdict::Better(column) => {
            let value = filled(row, column)?;
            named(value, names, row).ok_or_else(|| says::verdict_unread(column, value, &names[0], &names[1]))?
        }
        Verdict::Place { column, from } => {
            let value = filled(row, column)?;
            let better = match place(value) {
                Some(_) => placed(value, *from),
                None => named(value, names, row),
            };
            better.ok_or_else(|| says::verdict_unread(column, value, &names[0], &names[1]))?
        }
        Verdict::FirstIsBetter(column) => {
            let value = filled(row, column)?;
            match as_label(value) {
                _ if place(value) == Some(-1) => Better::Neither,
                Some(true) => Better::First,
                Some(false) => Better::Second,
                None => return Err(says::verdict_unread(column, value, &names[0], &names[1])),
            }
        }
        Verdict::Leaning(column) => Better::by(0.0, counted(row, column)?),
        Verdict::Scores(columns) => match columns.as_slice() {
            [one, other] => Better::by(counted(row, one)?, counted(row, other)?),
            _ => return Err(says::unjudged()),
        },
        Verdict::Ranks(_) => return Err(says::unjudged()),
    };
    match better {
        Better::First => Ok([first, second]),
        Better::Second => Ok([second, first]),
        Better::Neither => Err(says::tie()),
    }
}

/// The value of a verdict's column; a row without one is unlabelled.
fn filled<'a>(row: &'a Value, column: &str) -> Outcome<&'a Value> {
    match row.get(column) {
        None | Some(Value::Null) => Err(says::unjudged()),
        Some(Value::String(text)) if text.trim().is_empty() => Err(says::unjudged()),
        Some(value) => Ok(value),
    }
}

fn counted(row: &Value, column: &str) -> Outcome<f64> {
    let value = filled(row, column)?;
    number(value).ok_or_else(|| says::not_a_number(column, value))
}

/// The best and the worst of a list.
fn list(column: &str, verdict: &Verdict, row: &Value, remarks: &mut Remarks) -> Outcome<[Reply; 2]> {
    let value = match row.get(column) {
        None | Some(Value::Null) => return Err(says::column_missing(column)),
        Some(value) => cell::list_of_any(value),
    };
    let items = value
        .as_array()
        .ok_or_else(|| says::not_a_list(column, super::what(&value)))?;
    let mut replies = Vec::with_capacity(items.len());
    let judged = beside(verdict).map_or("", String::as_str);
    for (i, item) in items.iter().enumerate() {
        let text = match item {
            Value::Object(map) => {
                let key = TEXTS
                    .iter()
                    .find(|key| map.get(**key).is_some_and(|value| !value.is_null()));
                let used = [&[key.copied().unwrap_or_default(), judged], FLAGS.as_slice()].concat();
                remarks.keys(column, map, &used);
                key.and_then(|key| map.get(*key))
            }
            other => Some(other),
        };
        let name = format!("{column}[{i}]");
        let value = text.ok_or_else(|| says::no_text_in(&name))?.clone();
        replies.push(Reply { name, value });
    }
    if replies.len() < 2 {
        return Err(says::too_few_replies(column, replies.len()));
    }
    remarks.other_replies = replies.len() > 2;
    let marks_beside = beside(verdict).and_then(|key| row.get(key)).map(cell::list_of_any);
    let marks_beside = marks_beside.as_deref().and_then(Value::as_array);
    if let Some(key) = beside(verdict)
        && let Some(marks) = marks_beside
        && marks.len() != replies.len()
        && !items.iter().any(|item| item.get(key).is_some())
    {
        return Err(says::beside_other_length(key, marks.len(), column, replies.len()));
    }
    let mark = |i: usize, key: &str| {
        let inside = items[i].get(key);
        inside.or_else(|| marks_beside?.get(i)).and_then(number)
    };
    let marks: Vec<(usize, f64)> = match verdict {
        Verdict::Better(column) => best(filled(row, column)?, 0, column, &replies)?,
        Verdict::Place { column, from } => best(filled(row, column)?, *from, column, &replies)?,
        Verdict::Scores(keys) => {
            let key = keys.first().map_or("", String::as_str);
            (0..replies.len()).filter_map(|i| Some((i, mark(i, key)?))).collect()
        }
        Verdict::Ranks(key) => (0..replies.len()).filter_map(|i| Some((i, -mark(i, key)?))).collect(),
        Verdict::FirstIsBetter(_) | Verdict::Leaning(_) => return Err(says::unjudged()),
    };
    let ([first, rest @ ..], true) = (marks.as_slice(), marks.len() > 1) else {
        return Err(says::unjudged());
    };
    let (mut best, mut worst) = (*first, *first);
    for mark in rest {
        if mark.1 > best.1 {
            best = *mark;
        }
        if mark.1 < worst.1 {
            worst = *mark;
        }
    }
    if best.1 <= worst.1 {
        return Err(says::tie());
    }
    // a number that says the contrary of who chose among them
    let picked = |i: usize, flag: &str| items[i].get(flag).and_then(as_label) == Some(true);
    if let Some(flag) = FLAGS.iter().find(|flag| picked(worst.0, flag) && !picked(best.0, flag)) {
        return Err(says::choice_contradicted(&replies[worst.0].name, *flag, judged));
    }
    let mut taken: Vec<Option<Reply>> = replies.into_iter().map(Some).collect();
    match (taken[best.0].take(), taken[worst.0].take()) {
        (Some(best), Some(worst)) => Ok([best, worst]),
        _ => Err(says::tie()),
    }
}

/// The key of what judges each reply of a list.
fn beside(verdict: &Verdict) -> Option<&String> {
    match verdict {
        Verdict::Scores(keys) => keys.first(),
        Verdict::Ranks(key) => Some(key),
        Verdict::Better(_) | Verdict::Place { .. } | Verdict::FirstIsBetter(_) | Verdict::Leaning(_) => None,
    }
}

/// A mark for each reply of a list of which one is named the best: by its place, counted from `from`, or by itself.
fn best(value: &Value, from: u8, column: &str, replies: &[Reply]) -> Outcome<Vec<(usize, f64)>> {
    let itself = || replies.iter().position(|reply| reply.value == *value);
    let best = match place(value) {
        Some(-1) => return Err(says::tie()),
        Some(place) => usize::try_from(place - i64::from(from)).ok(),
        None => itself(),
    };
    let best = best
        .filter(|best| *best < replies.len())
        .ok_or_else(|| says::verdict_unread(column, value, &replies[0].name, &replies[1].name))?;
    Ok((0..replies.len())
        .map(|i| (i, f64::from(u8::from(i == best))))
        .collect())
}
