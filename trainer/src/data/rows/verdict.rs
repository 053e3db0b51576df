//! Reads verdicts on two replies: the words and numbers for each of them, and the words for neither.

use serde_json::Value;

/// Which of two is the better one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::data) enum Better {
    First,
    Second,
    Neither,
}

impl Better {
    pub fn by(first: f64, second: f64) -> Self {
        match first.partial_cmp(&second) {
            Some(std::cmp::Ordering::Greater) => Self::First,
            Some(std::cmp::Ordering::Less) => Self::Second,
            _ => Self::Neither,
        }
    }
}

/// Words for neither of two.
const NEITHER: [&str; 23] = [
    "tie",
    "ties",
    "tied",
    "draw",
    "equal",
    "equally good",
    "equally bad",
    "same",
    "similar",
    "neither",
    "none",
    "both",
    "both_bad",
    "bothbad",
    "both bad",
    "both good",
    "both_good",
    "no preference",
    "no_preference",
    "no-preference",
    "no winner",
    "no_winner",
    "-1",
];

/// Names of columns with the model of a reply, without the reply's mark.
const MODELS: [&str; 9] = [
    "model",
    "model_name",
    "model_id",
    "generator",
    "llm",
    "chatbot",
    "bot",
    "engine",
    "assistant_model",
];

/// A verdict normalized for comparison: lower case, no brackets around it, whole numbers without a fraction.
fn spoken(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().trim_matches(['[', ']']).to_lowercase()),
        Value::Number(number) => number.as_f64().filter(|n| n.fract() == 0.0).map(|n| format!("{n}")),
        _ => None,
    }
}

/// Whether a verdict says that neither is the better one.
fn is_neither(said: &str) -> bool {
    NEITHER.contains(&said) || said.split(|c: char| !c.is_alphanumeric()).next() == Some("tie")
}

/// Which of the columns `names` a value means: by what tells them apart, by the column, by its model, or by the reply
/// itself.
pub(super) fn named(value: &Value, names: &[String; 2], row: &Value) -> Option<Better> {
    let said = spoken(value)?;
    let NameDiff { marks, stem } = name_diff(&names[0], &names[1]);
    let holds = |i: usize| {
        let same = |column: &str| row.get(column).is_some_and(|held| held == value && value.is_string());
        same(&names[i])
            || row
                .as_object()
                .into_iter()
                .flatten()
                .any(|(column, held)| held == value && value.is_string() && is_model(column, &marks[i]))
    };
    if is_neither(&said) {
        return Some(Better::Neither);
    }
    let whole = one_of([0, 1].map(|i| holds(i) || calls(&said, i, &names[i], &marks[i], &stem)));
    whole.or_else(|| ordered(&said, |said| called(said, names, &marks, &stem)))
}

/// Which of the columns `names` a text alone means, whatever else its row holds.
pub(in crate::data) fn by_words(said: &str, names: &[String; 2]) -> Option<Better> {
    let said = spoken(&Value::from(said))?;
    if is_neither(&said) {
        return Some(Better::Neither);
    }
    let NameDiff { marks, stem } = name_diff(&names[0], &names[1]);
    called(&said, names, &marks, &stem).or_else(|| ordered(&said, |said| called(said, names, &marks, &stem)))
}

fn called(said: &str, names: &[String; 2], marks: &[String; 2], stem: &str) -> Option<Better> {
    one_of([0, 1].map(|i| calls(said, i, &names[i], &marks[i], stem)))
}

/// Whether a column names the model behind the reply with this mark: `model_a`, `a_model`, `model_a_name`.
pub(in crate::data) fn is_model(column: &str, mark: &str) -> bool {
    let joints = ['_', ' ', '-'];
    let (column, mark) = (column.to_lowercase(), mark.trim_matches(joints).to_lowercase());
    !mark.is_empty()
        && MODELS.iter().any(|stem| {
            let behind = column.strip_prefix(stem).map(|rest| rest.trim_start_matches(joints));
            let before = column.strip_suffix(stem).map(|rest| rest.trim_end_matches(joints));
            let around = behind.and_then(|rest| rest.strip_suffix("name").or(rest.strip_suffix("id")));
            let around = around.map(|rest| rest.trim_end_matches(joints));
            [behind, before, around].into_iter().flatten().any(|rest| rest == mark)
        })
}

/// Which of two a place means that is counted from `from`; -1 is neither.
pub(super) fn placed(value: &Value, from: u8) -> Option<Better> {
    match place(value)? - i64::from(from) {
        0 => Some(Better::First),
        1 => Some(Better::Second),
        _ if place(value) == Some(-1) => Some(Better::Neither),
        _ => None,
    }
}

/// A whole number; true and false are none.
pub(in crate::data) fn place(value: &Value) -> Option<i64> {
    let whole = |n: f64| (n.fract() == 0.0 && n.abs() < 1e9).then_some(n as i64);
    match value {
        Value::Bool(_) => None,
        value => super::cell::number(value).and_then(whole),
    }
}

fn one_of(means: [bool; 2]) -> Option<Better> {
    match means {
        [true, false] => Some(Better::First),
        [false, true] => Some(Better::Second),
        _ => None,
    }
}

/// Words before a reply's mark.
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

/// Whether a text calls a reply by its column or by its mark, alone or after one word: more words may say anything of
/// it.
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

/// How two names differ, and what they have in common: `0`, `1` and `response` of `response_0` and `response_1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::data) struct NameDiff {
    pub marks: [String; 2],
    pub stem: String,
}

pub(in crate::data) fn name_diff(one: &str, other: &str) -> NameDiff {
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
    NameDiff {
        marks: [&one, &other].map(|name| text(&name[start..name.len() - end])),
        stem: format!("{before}{joint}{after}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_models_behind_replies() {
        for (column, mark, is) in [
            ("model_a", "a", true),
            ("model_name_a", "a", true),
            ("model_a_name", "a", true),
            ("a_model", "A", true),
            ("Model_B", "B", true),
            ("model_b", "a", false),
            ("generator_2", "_2", true),
            ("model1", "1", true),
            ("model", "a", false),
            ("model", "", false),
            ("models_a", "a", false),
            ("model_response_a", "a", false),
        ] {
            assert_eq!(is_model(column, mark), is, "{column} {mark}");
        }
    }

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
            assert_eq!(name_diff(one, other), NameDiff { marks, stem });
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
            // no winner
            (json!(-1), &numbers, Some(Better::Neither)),
            (json!("-1"), &letters, Some(Better::Neither)),
            (json!("no_winner"), &letters, Some(Better::Neither)),
            // truths name nobody
            (json!(true), &numbers, None),
        ] {
            assert_eq!(named(&value, names, &row), better, "{value}");
        }
    }
}
