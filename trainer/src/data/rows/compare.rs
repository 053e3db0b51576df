//! Reads rows with replies side by side: finds the chosen and the rejected one.

use std::borrow::Cow;

use protocol::says;
use serde_json::{Map, Value, json};

use super::super::comparison::{Candidates, Comparison, Verdict};
use super::super::layout::{Columns, Layout};
use super::alpaca::prompt_transcript;
use super::cell::{self, as_label, listed, number, unfolded};
use super::verdict::{Better, named, place, placed};
use super::{Outcome, Remarks, Row, pair};

/// A reply with the name that messages about its row use.
struct Reply {
    name: String,
    value: Value,
}

/// The number of a list's reply, and its score: the higher, the better.
#[derive(Clone, Copy)]
struct Score {
    reply: usize,
    value: f64,
}

/// Keys that may hold the reply in the objects of a list.
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

/// Keys that mark the reply of a list that somebody chose.
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

/// Reads a row as the pair of its best and its worst reply.
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

/// The prompt, unwrapped from the object or list that it is in.
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

/// The text that a prompt's context is appended to: the prompt itself, or the user's last turn.
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

/// A prompt to summarise a post or an article, worded as in TRL's script for these rows.
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

/// The only text of a list that is stored as text, in columns where all cells are such lists; elsewhere a text that
/// looks like a list is a text.
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
    let score = |reply: usize, value: f64| Score { reply, value };
    let scores: Vec<Score> = match verdict {
        Verdict::Better(column) => best(filled(row, column)?, 0, column, &replies)?,
        Verdict::Place { column, from } => best(filled(row, column)?, *from, column, &replies)?,
        Verdict::Scores(keys) => {
            let key = keys.first().map_or("", String::as_str);
            (0..replies.len())
                .filter_map(|i| Some(score(i, mark(i, key)?)))
                .collect()
        }
        Verdict::Ranks(key) => (0..replies.len())
            .filter_map(|i| Some(score(i, -mark(i, key)?)))
            .collect(),
        Verdict::FirstIsBetter(_) | Verdict::Leaning(_) => return Err(says::unjudged()),
    };
    let ([first, rest @ ..], true) = (scores.as_slice(), scores.len() > 1) else {
        return Err(says::unjudged());
    };
    let (mut best, mut worst) = (*first, *first);
    for score in rest {
        if score.value > best.value {
            best = *score;
        }
        if score.value < worst.value {
            worst = *score;
        }
    }
    if best.value <= worst.value {
        return Err(says::tie());
    }
    // scores that contradict the choice that somebody made
    let picked = |i: usize, flag: &str| items[i].get(flag).and_then(as_label) == Some(true);
    let is_contradicted = |flag: &&&str| picked(worst.reply, flag) && !picked(best.reply, flag);
    if let Some(flag) = FLAGS.iter().find(is_contradicted) {
        return Err(says::choice_contradicted(&replies[worst.reply].name, *flag, judged));
    }
    let mut taken: Vec<Option<Reply>> = replies.into_iter().map(Some).collect();
    match (taken[best.reply].take(), taken[worst.reply].take()) {
        (Some(best), Some(worst)) => Ok([best, worst]),
        _ => Err(says::tie()),
    }
}

/// The key of each reply's score or rank in a list.
fn beside(verdict: &Verdict) -> Option<&String> {
    match verdict {
        Verdict::Scores(keys) => keys.first(),
        Verdict::Ranks(key) => Some(key),
        Verdict::Better(_) | Verdict::Place { .. } | Verdict::FirstIsBetter(_) | Verdict::Leaning(_) => None,
    }
}

/// A score for each reply of a list, 1 for the best one and 0 for the others. `value` names the best by its place,
/// counted from `from`, or is that reply itself.
fn best(value: &Value, from: u8, column: &str, replies: &[Reply]) -> Outcome<Vec<Score>> {
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
        .map(|reply| Score {
            reply,
            value: f64::from(u8::from(reply == best)),
        })
        .collect())
}
