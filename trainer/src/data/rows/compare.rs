//! Rows that hold replies side by side: which of them is chosen, and which is rejected.

use std::borrow::Cow;

use protocol::says;
use serde_json::{Map, Value, json};

use super::super::comparison::{Candidates, Comparison, Verdict};
use super::super::layout::{Columns, Layout};
use super::alpaca::prompt_transcript;
use super::cell::{as_label, listed, number};
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
        let mut asked = asked(row.get(name).unwrap_or(&Value::Null))?;
        if let (Value::String(text), Some(more)) = (&mut asked, columns.query.as_ref().and_then(|name| row.get(name)))
            && let Some(more) = more.as_str().filter(|more| !more.is_empty())
        {
            text.push('\n');
            text.push_str(more);
        }
        plain.insert(name.clone(), asked);
        pair.prompt = Some(name.clone());
    }
    plain.insert(chosen.name, alone(&chosen.value)?);
    plain.insert(rejected.name, alone(&rejected.value)?);
    let layout = Layout {
        columns: pair,
        comparison: None,
        ..layout.clone()
    };
    pair::read(&layout, &Value::Object(plain), remarks)
}

/// What a prompt says, whatever it is wrapped in.
fn asked(value: &Value) -> Outcome<Value> {
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
    alone(value)
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

/// A text out of the list that it stands alone in; what is no list stays as it is.
fn alone(value: &Value) -> Outcome<Value> {
    let Cow::Owned(list) = listed(value) else {
        return Ok(value.clone());
    };
    match list.as_array().map(Vec::as_slice) {
        Some([one]) => Ok(one.clone()),
        Some(several) => Err(says::several_turns(several.len())),
        None => Ok(value.clone()),
    }
}

/// Which of two is the better one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Better {
    First,
    Second,
    Neither,
}

impl Better {
    fn by(first: f64, second: f64) -> Self {
        match first.partial_cmp(&second) {
            Some(std::cmp::Ordering::Greater) => Self::First,
            Some(std::cmp::Ordering::Less) => Self::Second,
            _ => Self::Neither,
        }
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
        Verdict::FirstIsBetter(column) => {
            let value = filled(row, column)?;
            match as_label(value) {
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

/// Words for neither of two.
const NEITHER: [&str; 14] = [
    "tie",
    "tied",
    "draw",
    "equal",
    "same",
    "neither",
    "none",
    "both",
    "both_bad",
    "bothbad",
    "both bad",
    "both good",
    "both_good",
    "no preference",
];

/// Which of the columns `names` a value means: by what tells them apart, by the column, by its model, or by the reply
/// itself.
fn named(value: &Value, names: &[String; 2], row: &Value) -> Option<Better> {
    let said = match value {
        Value::String(text) => text.trim().trim_matches(['[', ']']).to_lowercase(),
        Value::Number(number) => match number.as_f64()? {
            whole if whole.fract() == 0.0 => format!("{whole}"),
            _ => return None,
        },
        _ => return None,
    };
    if NEITHER.contains(&said.as_str()) || said.starts_with("tie") {
        return Some(Better::Neither);
    }
    let marks = apart(&names[0], &names[1]).marks;
    // "Answer 1", "model_a": what comes last tells
    let last = said.rsplit(['_', ' ', '-']).next().unwrap_or_default();
    let words = [["first", "left"], ["second", "right"]];
    let means = |i: usize| {
        let (name, mark) = (&names[i], &marks[i]);
        let holds = |column: String| row.get(&column).is_some_and(|held| held == value && value.is_string());
        said == name.to_lowercase()
            || last == mark.to_lowercase()
            || words[i].contains(&said.as_str())
            || ["model_", "model", "generator_"]
                .iter()
                .any(|stem| holds(format!("{stem}{mark}")))
            || holds(name.clone())
    };
    match [means(0), means(1)] {
        [true, false] => Some(Better::First),
        [false, true] => Some(Better::Second),
        _ => None,
    }
}

/// What tells two names apart, and what is left without it: `0`, `1` and `response` of `response_0` and `response_1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::data) struct Apart {
    pub marks: [String; 2],
    pub stem: String,
}

pub(in crate::data) fn apart(one: &str, other: &str) -> Apart {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let start = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
    let most = one.len().min(other.len()) - start;
    let end = one
        .iter()
        .rev()
        .zip(other.iter().rev())
        .take(most)
        .take_while(|(a, b)| a == b)
        .count();
    let text = |letters: &[char]| letters.iter().collect::<String>();
    let trim = |letters: &[char]| text(letters).trim_matches(['_', '-', ' ']).to_lowercase();
    let (before, after) = (trim(&one[..start]), trim(&one[one.len() - end..]));
    let joint = if before.is_empty() || after.is_empty() { "" } else { "_" };
    Apart {
        marks: [&one, &other].map(|name| text(&name[start..name.len() - end])),
        stem: format!("{before}{joint}{after}"),
    }
}

/// The best and the worst of a list.
fn list(column: &str, verdict: &Verdict, row: &Value, remarks: &mut Remarks) -> Outcome<[Reply; 2]> {
    let value = match row.get(column) {
        None | Some(Value::Null) => return Err(says::column_missing(column)),
        Some(value) => super::cell::list_of_any(value),
    };
    let items = value
        .as_array()
        .ok_or_else(|| says::not_a_list(column, super::what(&value)))?;
    let mut replies = Vec::with_capacity(items.len());
    for (i, item) in items.iter().enumerate() {
        let text = match item {
            Value::Object(map) => TEXTS
                .iter()
                .find_map(|key| map.get(*key).filter(|value| !value.is_null())),
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
    let mark = |i: usize, key: &str| {
        let inside = items[i].get(key);
        inside.or_else(|| row.get(key)?.get(i)).and_then(number)
    };
    let marks: Vec<(usize, f64)> = match verdict {
        Verdict::Better(column) => {
            let value = filled(row, column)?;
            let best = number(value)
                .filter(|n| n.fract() == 0.0 && *n >= 0.0)
                .map(|n| n as usize);
            let best = best.or_else(|| replies.iter().position(|reply| reply.value == *value));
            let best = best
                .filter(|best| *best < replies.len())
                .ok_or_else(|| says::verdict_unread(column, value, &replies[0].name, &replies[1].name))?;
            (0..replies.len())
                .map(|i| (i, f64::from(u8::from(i == best))))
                .collect()
        }
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
    let mut taken: Vec<Option<Reply>> = replies.into_iter().map(Some).collect();
    match (taken[best.0].take(), taken[worst.0].take()) {
        (Some(best), Some(worst)) => Ok([best, worst]),
        _ => Err(says::tie()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart() {
        for (one, other, marks, stem) in [
            ("response_0", "response_1", ["0", "1"], "response"),
            ("human_ref_A", "human_ref_B", ["A", "B"], "human_ref"),
            ("ans1_text", "ans2_text", ["1", "2"], "ans_text"),
            ("a_answer", "b_answer", ["a", "b"], "answer"),
            ("a", "a", ["", ""], "a"),
        ] {
            let marks = marks.map(str::to_owned);
            let stem = stem.to_owned();
            assert_eq!(apart(one, other), Apart { marks, stem });
        }
    }

    #[test]
    fn verdicts_name_a_side() {
        let row = json!({"r_a": "yes", "r_b": "no", "model_a": "gpt-4", "model_b": "llama", "x_1": "", "x_2": ""});
        let letters = ["r_a".to_owned(), "r_b".to_owned()];
        let numbers = ["x_1".to_owned(), "x_2".to_owned()];
        for (value, names, better) in [
            (json!("model_a"), &letters, Some(Better::First)),
            (json!("B"), &letters, Some(Better::Second)),
            (json!("[[A]]"), &letters, Some(Better::First)),
            (json!("Response B"), &letters, Some(Better::Second)),
            (json!("llama"), &letters, Some(Better::Second)),
            (json!("no"), &letters, Some(Better::Second)),
            (json!("tie (bothbad)"), &letters, Some(Better::Neither)),
            (json!("both_bad"), &letters, Some(Better::Neither)),
            // 0 and 1 may be a number or a flag
            (json!(1), &letters, None),
            (json!("c"), &letters, None),
            (json!(1), &numbers, Some(Better::First)),
            (json!("2"), &numbers, Some(Better::Second)),
            (json!("Answer 2"), &numbers, Some(Better::Second)),
            (json!(2.0), &numbers, Some(Better::Second)),
            (json!(0), &numbers, None),
            (json!(1.5), &numbers, None),
        ] {
            assert_eq!(named(&value, names, &row), better, "{value}");
        }
    }
}
