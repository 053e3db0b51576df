//! Rows that hold replies side by side: which of them is chosen, and which is rejected.

use std::borrow::Cow;

use protocol::says;
use serde_json::{Map, Value, json};

use super::super::comparison::{Candidates, Comparison, Verdict};
use super::super::layout::{Columns, Layout};
use super::alpaca::prompt_transcript;
use super::cell::{self, as_label, listed, number, unfolded};
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
    let Apart { marks, stem } = apart(&names[0], &names[1]);
    let holds = |i: usize| {
        let mark = &marks[i];
        let held = |column: &str| row.get(column).is_some_and(|held| held == value && value.is_string());
        held(&names[i])
            || ["model_", "model", "generator_"]
                .iter()
                .any(|stem| held(&format!("{stem}{mark}")))
    };
    let called = |said: &str| one_of([0, 1].map(|i| calls(said, i, &names[i], &marks[i], &stem)));
    let first_word = said.split(|c: char| !c.is_alphanumeric()).next();
    if NEITHER.contains(&said.as_str()) || first_word == Some("tie") {
        return Some(Better::Neither);
    }
    let whole = one_of([0, 1].map(|i| holds(i) || calls(&said, i, &names[i], &marks[i], &stem)));
    whole.or_else(|| ordered(&said, called))
}

fn one_of(means: [bool; 2]) -> Option<Better> {
    match means {
        [true, false] => Some(Better::First),
        [false, true] => Some(Better::Second),
        _ => None,
    }
}

/// Words that stand before what tells two replies apart.
const BEFORE_A_MARK: [&str; 8] = [
    "answer",
    "response",
    "reply",
    "model",
    "assistant",
    "option",
    "output",
    "completion",
];

/// Whether a text calls a reply by its column or by its mark, alone or after one word: more words may say anything of it.
fn calls(said: &str, i: usize, name: &str, mark: &str, stem: &str) -> bool {
    const WORDS: [[&str; 2]; 2] = [["first", "left"], ["second", "right"]];
    let joints = ['_', ' ', '-'];
    let (name, mark) = (name.to_lowercase(), mark.trim_matches(joints).to_lowercase());
    let marked = || {
        let before = said.strip_suffix(&mark)?.trim_end_matches(joints);
        Some(before.is_empty() || before == stem || BEFORE_A_MARK.contains(&before))
    };
    said == name || WORDS[i].contains(&said) || !mark.is_empty() && marked() == Some(true)
}

/// What `A > B`, `B < A` and `A = B` say, with any number of signs.
fn ordered(said: &str, called: impl Fn(&str) -> Option<Better>) -> Option<Better> {
    let (one, rest) = said.split_at_checked(said.find(['<', '>', '='])?)?;
    let other = rest.trim_start_matches(['<', '>', '=']);
    let signs = rest.strip_suffix(other)?;
    let sides = (called(one.trim())?, called(other.trim())?);
    let of = |sign: char| signs.chars().all(|c| c == sign);
    match sides {
        (one, other) if one == other => None,
        (one, _) if of('>') => Some(one),
        (_, other) if of('<') => Some(other),
        _ if of('=') => Some(Better::Neither),
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
        Some(value) => cell::list_of_any(value),
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
            // an order of both
            (json!("A > B"), &letters, Some(Better::First)),
            (json!("[[A>>B]]"), &letters, Some(Better::First)),
            (json!("A >> B"), &letters, Some(Better::First)),
            (json!("B > A"), &letters, Some(Better::Second)),
            (json!("A < B"), &letters, Some(Better::Second)),
            (json!("A<<B"), &letters, Some(Better::Second)),
            (json!("A = B"), &letters, Some(Better::Neither)),
            (json!("A >= B"), &letters, None),
            (json!("A > C"), &letters, None),
            (json!("A > A"), &letters, None),
            (json!("A > B > A"), &letters, None),
            (json!("Response 1 > Response 2"), &numbers, Some(Better::First)),
            (json!("Response 2 > Response 1"), &numbers, Some(Better::Second)),
            // more than one word before the mark may say anything of it
            (json!("A is better than B"), &letters, None),
            (json!("neither a nor b"), &letters, None),
            (json!("not B"), &letters, None),
            (json!("worse than 2"), &numbers, None),
            (json!("Response 1 beats Response 2"), &numbers, None),
            (json!("tiered model b"), &letters, None),
            (json!("r_b"), &letters, Some(Better::Second)),
            (json!("R B"), &letters, Some(Better::Second)),
            (json!("option-a"), &letters, Some(Better::First)),
            (json!("modelB"), &letters, Some(Better::Second)),
        ] {
            assert_eq!(named(&value, names, &row), better, "{value}");
        }
    }
}
