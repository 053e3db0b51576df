//! Recognises replies side by side, and the column that says which is the better one.

use protocol::{Said, says};

use super::super::comparison::{Candidates, Comparison, Verdict};
use super::super::layout::{Columns, Formatting};
use super::super::rows::verdict::{NameDiff, name_diff};
use super::column_values::ColumnValues;
use super::names::{
    ASKED_OTHERWISE, BESIDE_RANKS, BESIDE_SCORES, CONVERSATION, LIST_RANKS, LIST_SCORES, LISTS, NO_PLACES, QUESTION,
    SIDES, STEMS, verdicts,
};
use super::profile::{Profile, Shape};
use super::{Question, REPLIES, Recognised, judge, question};

/// A layout of replies side by side, and what judges them.
pub(super) struct Compared {
    pub layout: Recognised,
    pub comparison: Comparison,
}

/// Recognises replies side by side with what judges them; the error says why that is not certain.
pub(super) fn compared(profile: &Profile) -> Result<Option<Compared>, Said> {
    let Some((mut comparison, doubt)) = replies(profile) else {
        return Ok(None);
    };
    let text = match &comparison.replies {
        Candidates::Two([first, _]) => profile.is(first, Shape::Text),
        Candidates::List(_) => true,
    };
    let Some(columns) = prompt(profile, &comparison) else {
        return Ok(None);
    };
    if let Some(doubt) = doubt {
        return Err(doubt);
    }
    if let Candidates::Two(names) = &comparison.replies {
        let asked = columns.prompt.iter().chain(&columns.messages);
        let lists = names.iter().chain(asked).filter(|name| profile.written_lists(name));
        comparison.lists = lists.cloned().collect();
    }
    let formatting = match text && columns.messages.is_none() {
        true => Formatting::Alpaca,
        false => Formatting::Sharegpt,
    };
    Ok(Some(Compared {
        layout: Recognised::pairs(formatting, columns),
        comparison,
    }))
}

/// The replies of a file, what judges them, and why that is in doubt, if it is.
fn replies(profile: &Profile) -> Option<(Comparison, Option<Said>)> {
    if let Some(Sides { names, others }) = two(profile) {
        let with = |verdict| Comparison::two(&names[0], &names[1], verdict);
        let nothing = || with(Verdict::Better(names[0].clone()));
        match judge::verdict(profile, &names) {
            Err(doubt) => return Some((nothing(), Some(doubt))),
            Ok(Some(_)) if !others.is_empty() => return Some((nothing(), Some(several(&names, &others)))),
            Ok(Some(verdict)) => return Some((with(verdict), None)),
            Ok(None) if !others.is_empty() && profile.may_be_judged() => {
                return Some((nothing(), Some(several(&names, &others))));
            }
            Ok(None) => {}
        }
    }
    let comparison = list(profile)?;
    let doubt = doubt(profile, &comparison);
    Some((comparison, doubt))
}

fn several(names: &[String; 2], others: &[String]) -> Said {
    let all: Vec<&str> = names.iter().chain(others).map(String::as_str).collect();
    says::several_sides(all.len(), all.join(", "))
}

/// Why it is not certain which reply of a list is the better one.
fn doubt(profile: &Profile, comparison: &Comparison) -> Option<Said> {
    let Candidates::List(list) = &comparison.replies else {
        return None;
    };
    match &comparison.verdict {
        Verdict::Better(column) => {
            let column_values = profile.column_values(column)?;
            let unsure = column_values.has_numbers()
                && (column_values.whole().is_none() || !column_values.counts_from_zero(list));
            (unsure || column_values.flags).then(|| says::places_unsure(column, list))
        }
        // a place has each reply, a ranking may have an order
        Verdict::Ranks(column) if column.eq_ignore_ascii_case("ranking") => profile
            .is_order_or_places(column)
            .then(|| says::order_or_places(column, list)),
        _ => None,
    }
}

/// Why an entry's comparison can't be right, by all values of its judging column; `None` if it can.
pub(super) fn wrong_with(column_values: &ColumnValues, comparison: &Comparison) -> Option<Said> {
    match (&comparison.replies, &comparison.verdict) {
        (Candidates::Two(sides), Verdict::Better(column)) => judge::wrong_with(column_values, column, sides),
        (Candidates::Two([first, second]), Verdict::Place { column, from }) => {
            let from = f64::from(*from);
            let fits = |n: f64| n == from || n == from + 1.0 || n == -1.0;
            let wrong = column_values.numbers().find(|n| !fits(*n))?;
            Some(says::place_beyond(column, wrong.to_string(), first, second))
        }
        (Candidates::List(list), Verdict::Better(column)) => column_values
            .passes_the_end_of(list)
            .then(|| says::places_unsure(column, list)),
        (Candidates::List(list), Verdict::Place { column, from: 0 }) => column_values
            .passes_the_end_of(list)
            .then(|| says::place_past_end(column, list)),
        (Candidates::List(list), Verdict::Place { column, .. }) => column_values
            .numbers()
            .any(|n| n == 0.0)
            .then(|| says::place_zero(column, list)),
        _ => None,
    }
}

/// Whether `chosen` and `rejected` hold nothing but names of two replies that stand in other columns; an error where
/// they name replies in some rows only, or some of more replies.
pub(super) fn are_names(profile: &Profile, chosen: &str, rejected: &str) -> Result<bool, Said> {
    let columns = [chosen, rejected];
    let sides = two(profile).filter(|sides| sides.all().all(|name| !columns.contains(&name)));
    let two = sides.as_ref().filter(|sides| sides.others.is_empty());
    if two.is_some_and(|sides| judge::names_sides(profile, columns, &sides.names)) {
        return Ok(true);
    }
    let list = || {
        let mut lists = LISTS.iter();
        let list = lists.find_map(|name| profile.main(&[*name], &[Shape::Other, Shape::Texts]))?;
        (!columns.contains(&list.as_str())).then(|| vec![list])
    };
    let replies: Option<Vec<String>> = match &sides {
        Some(sides) => Some(sides.all().map(str::to_owned).collect()),
        None => list(),
    };
    let Some(replies) = replies else {
        return Ok(false);
    };
    // names in some rows at least, unless what is named so is a reply itself
    let is_among = |name: &str| replies.iter().any(|reply| reply == name);
    let some = |column: &str| {
        let column_values = profile.column_values(column);
        column_values
            .is_some_and(|column_values| column_values.any(is_mark, |_| false) && !column_values.is_held_by(is_among))
    };
    match columns.into_iter().all(some) {
        true => Err(says::names_of_replies(chosen, rejected, replies.join("`, `"))),
        false => Ok(false),
    }
}

/// Whether a text only names one of several replies: a letter, a number, `response_b`.
fn is_mark(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    let joints = ['_', ' ', '-'];
    let mark = STEMS
        .iter()
        .chain(&["option", "model"])
        .find_map(|stem| text.strip_prefix(stem))
        .map_or(text.as_str(), |mark| mark.trim_start_matches(joints));
    let mut letters = mark.chars();
    match (letters.next(), letters.next()) {
        (Some(one), None) => one.is_ascii_alphanumeric(),
        _ => mark.len() == 2 && mark.chars().all(|c| c.is_ascii_digit()),
    }
}

/// Why replies side by side are of no use: nothing judges them, or there are more than two.
pub(super) fn without_verdict(profile: &Profile) -> Option<Said> {
    let Sides { names, others } = two(profile)?;
    Some(match others.is_empty() {
        true => says::no_verdict(&names[0], &names[1]),
        false => several(&names, &others),
    })
}

/// The columns that a column of answers names instead of holding answers itself: `B` beside `answer_a` and `answer_b`,
/// or beside `A` to `D`.
pub(super) fn named_by(profile: &Profile, answers: &str) -> Option<String> {
    let column_values = profile.column_values(answers)?;
    let letters = column_values.all(is_mark, |_| false);
    let numbers = column_values
        .whole()
        .filter(|_| column_values.has_numbers() && column_values.words.is_empty());
    let marks: Vec<String> = match numbers {
        Some(numbers) => numbers.iter().map(i64::to_string).collect(),
        None if letters => column_values
            .words
            .iter()
            .map(|word| word.trim().to_lowercase())
            .collect(),
        None => return None,
    };
    let called = |name: &str| {
        let name = name.to_lowercase();
        let bare = ["option", "choice", "answer", "response"]
            .iter()
            .find_map(|stem| name.strip_prefix(stem));
        let bare = bare.map_or(name.as_str(), |mark| mark.trim_start_matches(['_', ' ', '-']));
        marks.iter().any(|mark| mark == bare)
    };
    let named: Vec<&str> = profile
        .names()
        .filter(|name| *name != answers && called(name))
        .collect();
    let listed = || {
        profile
            .names()
            .find(|name| ["options", "choices"].contains(&name.to_lowercase().as_str()))
    };
    match named.is_empty() {
        false => Some(named.join("`, `")),
        true if letters => listed().map(str::to_owned),
        true => None,
    }
}

/// Columns of replies: the first two, and further ones.
struct Sides {
    names: [String; 2],
    others: Vec<String>,
}

impl Sides {
    fn all(&self) -> impl Iterator<Item = &str> {
        self.names.iter().chain(&self.others).map(String::as_str)
    }
}

/// Marks of further replies after the first two.
const FURTHER: [&str; 18] = [
    "c", "d", "e", "f", "g", "h", "2", "3", "4", "5", "6", "7", "8", "9", "third", "fourth", "fifth", "middle",
];

fn two(profile: &Profile) -> Option<Sides> {
    let columns: Vec<&str> = profile.names().collect();
    let shapes = [REPLIES.as_slice(), &[Shape::Texts]].concat();
    let mut found: Vec<(usize, [&str; 2])> = Vec::new();
    let is_reply = |name: &str| profile.main(&[name], &shapes).is_some_and(|key| key == name);
    for (i, first) in columns.iter().enumerate() {
        for second in columns.iter().skip(i + 1) {
            let Some(stem) =
                sides(first, second).and_then(|NameDiff { stem, .. }| STEMS.iter().position(|known| *known == stem))
            else {
                continue;
            };
            if is_reply(first) && is_reply(second) {
                found.push((stem, [first, second]));
            }
        }
    }
    let (stem, [first, second]) = found.into_iter().min_by_key(|(stem, _)| *stem)?;
    let goes_on = |name: &&&str| {
        let further = name_diff(first, name);
        let mark = further.marks[1].trim_matches(['_', ' ', '-']).to_lowercase();
        ![first, second].contains(name)
            && FURTHER.contains(&mark.as_str())
            && STEMS.iter().position(|known| *known == further.stem) == Some(stem)
            && is_reply(name)
    };
    Some(Sides {
        names: [first.to_owned(), second.to_owned()],
        others: columns.iter().filter(goes_on).map(|name| (*name).to_owned()).collect(),
    })
}

/// How two names differ, if they are names of two sides.
fn sides(first: &str, second: &str) -> Option<NameDiff> {
    let diff = name_diff(first, second);
    let [one, other] = diff.marks.each_ref().map(|mark| mark.to_lowercase());
    SIDES.contains(&(one.as_str(), other.as_str())).then_some(diff)
}

fn list(profile: &Profile) -> Option<Comparison> {
    LISTS.iter().find_map(|name| {
        let column = profile.main(&[*name], &[Shape::Other, Shape::Texts])?;
        let inside = |keys: &[&str]| {
            keys.iter()
                .find(|key| profile.has_key(&column, key))
                .map(|key| (*key).to_owned())
        };
        let beside = |names: &[&str]| profile.main(names, &[Shape::Numbers]);
        let verdict = inside(&LIST_RANKS)
            .map(Verdict::Ranks)
            .or_else(|| inside(&LIST_SCORES).map(|key| Verdict::Scores(vec![key])))
            .or_else(|| beside(&BESIDE_SCORES).map(|key| Verdict::Scores(vec![key])))
            .or_else(|| beside(&BESIDE_RANKS).map(Verdict::Ranks))
            .or_else(|| {
                let mut places = verdicts().filter(|name| !NO_PLACES.contains(&name.as_str()));
                let column = places.find_map(|name| profile.main(&[&name], &[Shape::Text, Shape::Other]))?;
                Some(Verdict::Better(column))
            })?;
        Some(Comparison::list(&column, verdict))
    })
}

/// The columns of the prompt; whole conversations contain their own.
fn prompt(profile: &Profile, comparison: &Comparison) -> Option<Columns> {
    let whole = match &comparison.replies {
        Candidates::Two([first, _]) => profile.is(first, Shape::Messages),
        Candidates::List(_) => false,
    };
    let used: Vec<&str> = comparison.columns().collect();
    let free = |name: &String| !used.contains(&name.as_str());
    let messages = profile
        .main(&CONVERSATION, &[Shape::Messages])
        .or(profile.main(&["prompt", "context", "history", "input"], &[Shape::Messages]))
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
    if let Some(Question { prompt, query }) = question(profile).filter(|question| free(&question.prompt)) {
        return Some(Columns {
            prompt: Some(prompt),
            query: query.filter(free),
            ..Columns::default()
        });
    }
    let texts = [Shape::Text, Shape::Texts];
    let wrapped = |names: &[&str]| {
        let name = profile.main(names, &[Shape::Other, Shape::Answers])?;
        let held = ["full_text", "text", "post", "article"];
        held.iter().any(|key| profile.has_key(&name, key)).then_some(name)
    };
    let prompt = profile
        .main(&ASKED_OTHERWISE, &texts)
        .or_else(|| profile.main(&QUESTION, &[Shape::Texts]))
        .or_else(|| wrapped(&ASKED_OTHERWISE))
        .or_else(|| wrapped(&QUESTION))
        .filter(free)?;
    Some(Columns {
        prompt: Some(prompt),
        ..Columns::default()
    })
}
