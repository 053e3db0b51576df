//! Recognises replies side by side, and the column that says which is the better.

use super::super::comparison::{Candidates, Comparison, Verdict};
use super::super::layout::{Columns, Formatting};
use super::super::rows::compare::{Apart, apart};
use super::seen::{Seen, Shape};
use super::{CONVERSATION, Found, QUESTION, REPLIES, question};

/// What two columns of replies are called, but for what tells them apart.
const STEMS: [&str; 16] = [
    "response",
    "answer",
    "completion",
    "output",
    "conversation",
    "reply",
    "generation",
    "human_ref",
    "summary",
    "candidate",
    "ans_text",
    "answer_text",
    "response_text",
    "model_response",
    "model_output",
    "messages",
];
const SIDES: [(&str, &str); 5] = [
    ("a", "b"),
    ("0", "1"),
    ("1", "2"),
    ("first", "second"),
    ("left", "right"),
];
const SCORES: [&str; 8] = [
    "score",
    "rating",
    "reward",
    "overall_score",
    "overall_rating",
    "preference_score",
    "winner_model",
    "votes",
];
/// Columns with a number, below zero for the first.
const LEANINGS: [&str; 2] = ["overall_preference", "preference_strength"];
/// Columns that name the better one.
pub(super) const VERDICTS: [&str; 26] = [
    "better_response_id",
    "preferred_response_id",
    "better_response",
    "preferred_response",
    "preferred_answer",
    "preferred_output",
    "preferred",
    "better",
    "winner",
    "winner_id",
    "preference",
    "human_preference",
    "ans_preference",
    "choice",
    "chosen",
    "chosen_id",
    "best",
    "best_response",
    "selected",
    "verdict",
    "judgment",
    "judgement",
    "vote",
    "result",
    "label",
    "labels",
];
/// Those that say something else beside a list: the right answer of several, as a rule.
const NO_PLACES: [&str; 4] = ["vote", "result", "label", "labels"];
/// Columns with a list of replies.
pub(super) const LISTS: [&str; 10] = [
    "completions",
    "answers",
    "responses",
    "responses_and_scores",
    "candidates",
    "summaries",
    "outputs",
    "generations",
    "replies",
    "samples",
];
/// A reply's number in a list of objects, and its place; the first that is there counts.
const LIST_SCORES: [&str; 8] = [
    "fine-grained_score",
    "overall_score",
    "score",
    "rating",
    "overall_rating",
    "pm_score",
    "reward",
    "votes",
];
const LIST_RANKS: [&str; 2] = ["rank", "ranking"];
/// The list of numbers beside a list of replies.
const BESIDE_SCORES: [&str; 4] = ["scores", "ratings", "rewards", "all_rm_scores"];
const BESIDE_RANKS: [&str; 3] = ["ranks", "ranking", "rank"];
/// Prompts that are called otherwise than questions are.
const ASKED: [&str; 6] = ["history", "context", "post", "article", "info", "full_conversation"];

/// Two columns of replies, or one with a list, and what judges them.
pub(super) fn compared(seen: &Seen) -> Option<(Found, Comparison)> {
    let mut comparison = two(seen)
        .and_then(|[first, second]| Some(Comparison::two(&first, &second, verdict(seen, &first, &second)?)))
        .or_else(|| list(seen))?;
    let text = match &comparison.replies {
        Candidates::Two([first, _]) => seen.is(first, Shape::Text),
        Candidates::List(_) => true,
    };
    let columns = prompt(seen, &comparison)?;
    if let Candidates::Two(names) = &comparison.replies {
        let asked = columns.prompt.iter().chain(&columns.messages);
        let lists = names.iter().chain(asked).filter(|name| seen.written_lists(name));
        comparison.lists = lists.cloned().collect();
    }
    let formatting = match text && columns.messages.is_none() {
        true => Formatting::Alpaca,
        false => Formatting::Sharegpt,
    };
    Some(((formatting, true, columns), comparison))
}

/// The column that names the best of a list by a place which may be counted from 1 as well, and the list.
pub(super) fn unsure_places<'a>(seen: &Seen, comparison: &'a Comparison) -> Option<(&'a str, &'a str)> {
    match comparison {
        Comparison {
            replies: Candidates::List(list),
            verdict: Verdict::Better(column),
            ..
        } if seen.numbers(column) && !seen.counts_from_zero(column, list) => Some((column, list)),
        _ => None,
    }
}

/// Two columns of replies that nothing judges.
pub(super) fn without_verdict(seen: &Seen) -> Option<[String; 2]> {
    two(seen)
}

fn two(seen: &Seen) -> Option<[String; 2]> {
    let names: Vec<&str> = seen.names().collect();
    let shapes = [REPLIES.as_slice(), &[Shape::Texts]].concat();
    let mut found: Vec<(usize, [String; 2])> = Vec::new();
    for (i, first) in names.iter().enumerate() {
        for second in names.iter().skip(i + 1) {
            let Some(stem) =
                sides(first, second).and_then(|Apart { stem, .. }| STEMS.iter().position(|known| *known == stem))
            else {
                continue;
            };
            let both = [*first, *second].map(|name| seen.main(&[name], &shapes).filter(|key| key == name));
            if let [Some(first), Some(second)] = both {
                found.push((stem, [first, second]));
            }
        }
    }
    found.into_iter().min_by_key(|(stem, _)| *stem).map(|(_, names)| names)
}

/// What tells two names apart, if those are two sides.
fn sides(first: &str, second: &str) -> Option<Apart> {
    let apart = apart(first, second);
    let [one, other] = apart.marks.each_ref().map(|mark| mark.to_lowercase());
    SIDES.contains(&(one.as_str(), other.as_str())).then_some(apart)
}

fn verdict(seen: &Seen, first: &str, second: &str) -> Option<Verdict> {
    let Apart {
        marks: [one, other],
        stem,
    } = apart(first, second);
    let letters = one.chars().all(|c| c.is_ascii_alphabetic());
    let named = |names: &[&str]| seen.has(names);
    // A is the better where the label is 1
    if stem == "human_ref"
        && let Some(labels) = named(&["labels", "label"])
    {
        return Some(Verdict::FirstIsBetter(labels));
    }
    if let Some(leaning) = named(&LEANINGS).filter(|name| seen.numbers(name)) {
        return Some(Verdict::Leaning(leaning));
    }
    for name in VERDICTS {
        let Some(column) = seen.main(&[name], &[Shape::Text, Shape::Other]) else {
            continue;
        };
        let number = seen.numbers(&column);
        if number && seen.goes_below_zero(&column) && !column.ends_with("_id") {
            return Some(Verdict::Leaning(column));
        }
        // 0 and 1 may be a number or a flag where sides are letters: the scores say more, if there are some
        if !number || !letters || scores(seen, &one, &other).is_none() {
            return Some(Verdict::Better(column));
        }
    }
    scores(seen, &one, &other)
}

/// A number for each side.
fn scores(seen: &Seen, one: &str, other: &str) -> Option<Verdict> {
    SCORES.iter().find_map(|stem| {
        let column = |mark: &str| {
            let names = [
                format!("{stem}_{mark}"),
                format!("{stem}{mark}"),
                format!("{mark}_{stem}"),
            ];
            names
                .iter()
                .find_map(|name| seen.has(&[name]).filter(|column| seen.numbers(column)))
        };
        Some(Verdict::Scores(vec![column(one)?, column(other)?]))
    })
}

fn list(seen: &Seen) -> Option<Comparison> {
    LISTS.iter().find_map(|name| {
        let column = seen.main(&[*name], &[Shape::Other, Shape::Texts])?;
        let inside = |keys: &[&str]| {
            keys.iter()
                .find(|key| seen.has_key(&column, key))
                .map(|key| (*key).to_owned())
        };
        let beside = |names: &[&str]| seen.main(names, &[Shape::Numbers]);
        let verdict = inside(&LIST_RANKS)
            .map(Verdict::Ranks)
            .or_else(|| inside(&LIST_SCORES).map(|key| Verdict::Scores(vec![key])))
            .or_else(|| beside(&BESIDE_SCORES).map(|key| Verdict::Scores(vec![key])))
            .or_else(|| beside(&BESIDE_RANKS).map(Verdict::Ranks))
            .or_else(|| {
                let mut places = VERDICTS.iter().filter(|name| !NO_PLACES.contains(name));
                let column = places.find_map(|name| seen.main(&[*name], &[Shape::Text, Shape::Other]))?;
                Some(Verdict::Better(column))
            })?;
        Some(Comparison::list(&column, verdict))
    })
}

/// Where the prompt is; whole conversations bring their own.
fn prompt(seen: &Seen, comparison: &Comparison) -> Option<Columns> {
    let whole = match &comparison.replies {
        Candidates::Two([first, _]) => seen.is(first, Shape::Messages),
        Candidates::List(_) => false,
    };
    let used: Vec<&str> = comparison.columns().collect();
    let free = |name: &String| !used.contains(&name.as_str());
    let messages = seen
        .main(&CONVERSATION, &[Shape::Messages])
        .or(seen.main(&["prompt", "context", "history", "input"], &[Shape::Messages]))
        .filter(free);
    if whole {
        return Some(Columns::default());
    }
    if let Some(messages) = messages {
        return Some(Columns {
            messages: Some(messages),
            ..Columns::default()
        });
    }
    if let Some((prompt, query)) = question(seen).filter(|(prompt, _)| free(prompt)) {
        return Some(Columns {
            prompt: Some(prompt),
            query: query.filter(free),
            ..Columns::default()
        });
    }
    let texts = [Shape::Text, Shape::Texts];
    let wrapped = |names: &[&str]| {
        let name = seen.main(names, &[Shape::Other, Shape::Answers])?;
        let held = ["full_text", "text", "post", "article"];
        held.iter().any(|key| seen.has_key(&name, key)).then_some(name)
    };
    let prompt = seen
        .main(&ASKED, &texts)
        .or_else(|| seen.main(&QUESTION, &[Shape::Texts]))
        .or_else(|| wrapped(&ASKED))
        .or_else(|| wrapped(&QUESTION))
        .filter(free)?;
    Some(Columns {
        prompt: Some(prompt),
        ..Columns::default()
    })
}
