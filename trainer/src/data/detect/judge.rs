//! Which column judges two replies side by side, and how: over the whole column, for one row alone can't tell.

use std::collections::BTreeSet;

use protocol::{Said, says};

use super::super::comparison::Verdict;
use super::super::rows::verdict::{Apart, apart, by_words, is_model};
use super::marked::{Marked, listed};
use super::names::{COUNTED, LEANINGS, PAIRS, PREFERENCES, SCORES, verdicts};
use super::seen::{Seen, Shape};

/// What a column says of two replies.
#[derive(Debug, PartialEq, Eq)]
enum Judged {
    By(Verdict),
    /// It judges them, and nothing tells which way.
    Unsure(Said),
    /// It says nothing of them.
    Nothing,
}

/// What judges two replies: a column that names the better one, a number that leans to one of them, a number for each.
pub(super) fn verdict(seen: &Seen, sides: &[String; 2]) -> Result<Option<Verdict>, Said> {
    let apart = apart(&sides[0], &sides[1]);
    // A is the better where the label is 1
    if apart.stem == "human_ref"
        && let Some(labels) = seen.has(&["labels", "label"])
    {
        return match seen.marked(&labels).filter(|marked| !is_flag(marked)) {
            None => Ok(Some(Verdict::FirstIsBetter(labels))),
            Some(marked) => Err(unsure(marked, &labels, sides)),
        };
    }
    let mut first_unsure = None;
    for name in verdicts().chain(PAIRS.map(|(chosen, _)| chosen.to_owned())) {
        let column = seen.main(&[&name], &[Shape::Text, Shape::Other]);
        let Some(column) = column.filter(|column| !sides.contains(column)) else {
            continue;
        };
        let Some(marked) = seen.marked(&column) else {
            continue;
        };
        match named_in(marked, &column, sides, &apart) {
            Judged::By(verdict) => return Ok(Some(verdict)),
            Judged::Unsure(said) => drop(first_unsure.get_or_insert(said)),
            Judged::Nothing => {}
        }
    }
    match leaning(seen, sides) {
        Judged::By(verdict) => return Ok(Some(verdict)),
        Judged::Unsure(said) => drop(first_unsure.get_or_insert(said)),
        Judged::Nothing => {}
    }
    match (scores(seen, &apart.marks), first_unsure) {
        (Some(scores), _) => Ok(Some(scores)),
        (None, Some(said)) => Err(said),
        (None, None) => Ok(None),
    }
}

/// What is wrong with a column that an entry says the better reply is named in, or nothing.
pub(super) fn wrong_with(marked: &Marked, column: &str, sides: &[String; 2]) -> Option<Said> {
    match named_in(marked, column, sides, &apart(&sides[0], &sides[1])) {
        Judged::By(Verdict::Better(_)) | Judged::Nothing => None,
        Judged::By(_) => Some(unsure(marked, column, sides)),
        Judged::Unsure(said) => Some(said),
    }
}

/// Whether all that a pair's columns hold are names of the two replies, or of their models.
pub(super) fn names_sides(seen: &Seen, columns: [&str; 2], sides: &[String; 2]) -> bool {
    let marks = apart(&sides[0], &sides[1]).marks;
    columns.iter().all(|column| {
        let by_model = |name: &str| marks.iter().any(|mark| is_model(name, mark));
        seen.marked(column)
            .is_some_and(|marked| marked.all(|word| by_words(word, sides).is_some(), by_model))
    })
}

/// 1 or true for one side, 0 or false for the other.
fn is_flag(marked: &Marked) -> bool {
    marked
        .whole()
        .is_some_and(|values| values.iter().all(|n| [-1, 0, 1].contains(n)))
}

fn named_in(marked: &Marked, column: &str, sides: &[String; 2], apart: &Apart) -> Judged {
    if marked.has_numbers() {
        return numbered(marked, column, sides, apart);
    }
    let by_column = |name: &str| apart.marks.iter().any(|mark| is_model(name, mark)) || sides.iter().any(|s| s == name);
    if marked.any(|word| by_words(word, sides).is_some(), by_column) {
        return Judged::By(Verdict::Better(column.to_owned()));
    }
    match marked.flags {
        true => Judged::Unsure(unsure(marked, column, sides)),
        false => Judged::Nothing,
    }
}

/// Numbers that are places of two replies: counted from 0, from 1, or as the columns are called.
fn numbered(marked: &Marked, column: &str, sides: &[String; 2], apart: &Apart) -> Judged {
    let unsure = || Judged::Unsure(unsure(marked, column, sides));
    let lower = column.to_lowercase();
    // it counts things, and leans to none
    let counts = COUNTED.iter().any(|end| lower.ends_with(end));
    let names = counts || !PREFERENCES.contains(&lower.as_str());
    let Some(mut values) = marked.whole().filter(|_| !marked.flags) else {
        return unsure();
    };
    let none = values.remove(&-1);
    let within = |set: &[i64]| !values.is_empty() && values.iter().all(|n| set.contains(n));
    let by = |from| {
        Judged::By(Verdict::Place {
            column: column.to_owned(),
            from,
        })
    };
    let better = || Judged::By(Verdict::Better(column.to_owned()));
    let both: BTreeSet<i64> = [1, 2].into();
    let [one, other] = apart
        .marks
        .each_ref()
        .map(|mark| mark.trim_matches(['_', ' ', '-']).to_lowercase());
    match (one.as_str(), other.as_str()) {
        _ if values.is_empty() => better(),
        // an id of another thing is a row's own trouble
        ("0", "1") if counts && values.contains(&0) && values.contains(&1) && !values.contains(&2) => better(),
        ("0", "1") if within(&[0, 1]) && (!none || names) => better(),
        ("0", "1") if within(&[1, 2]) && (!none || values == both) => by(1),
        ("1", "2") if within(&[1, 2]) && (!none || values.contains(&2) || counts) => better(),
        // of a name that doesn't count, 0 may say that the first is not the better one
        ("1", "2") if within(&[0, 1]) && counts => by(0),
        ("0", "1") | ("1", "2") => unsure(),
        _ if within(&[1, 2]) && values.contains(&2) => by(1),
        _ if within(&[0, 1]) && counts => by(0),
        _ => unsure(),
    }
}

/// A number below zero for the first and above zero for the second, as HelpSteer's are.
fn leaning(seen: &Seen, sides: &[String; 2]) -> Judged {
    let numeric = |name: &&str| seen.has(&[*name]).filter(|column| seen.numbers(column));
    let Some(column) = LEANINGS.iter().find_map(numeric) else {
        return Judged::Nothing;
    };
    let Some(marked) = seen.marked(&column) else {
        return Judged::Nothing;
    };
    // numbers that are never below zero may be a scale, or how clear the verdict is that another column gives
    match !marked.flags && marked.numbers().any(|n| n < 0.0) {
        true => Judged::By(Verdict::Leaning(column)),
        false => Judged::Unsure(scale(marked, &column, sides)),
    }
}

/// A number for each side.
fn scores(seen: &Seen, marks: &[String; 2]) -> Option<Verdict> {
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
        Some(Verdict::Scores(vec![column(&marks[0])?, column(&marks[1])?]))
    })
}

/// That a column says nothing for certain: places that may be counted in two ways, or a scale.
fn unsure(marked: &Marked, column: &str, sides: &[String; 2]) -> Said {
    match marked.numbers().any(|n| n.fract() != 0.0 || !(-1.0..=2.0).contains(&n)) {
        true => scale(marked, column, sides),
        false => says::sides_unsure(column, values(marked), &sides[0], &sides[1]),
    }
}

fn scale(marked: &Marked, column: &str, sides: &[String; 2]) -> Said {
    says::scale_unsure(column, values(marked), &sides[0], &sides[1])
}

fn values(marked: &Marked) -> String {
    match marked.has_numbers() {
        true => listed(marked.numbers()),
        false => "true, false".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn of(sides: [&str; 2], column: &str, values: &[Value]) -> String {
        let mut seen = Seen::default();
        for value in values {
            let row = json!({"prompt": "Q", sides[0]: "x", sides[1]: "y", column: value});
            seen.add(row.as_object().expect("a row"));
        }
        match verdict(&seen, &sides.map(str::to_owned)) {
            Ok(None) => "nothing".into(),
            Ok(Some(Verdict::Better(_))) => "named".into(),
            Ok(Some(Verdict::Place { from, .. })) => format!("from {from}"),
            Ok(Some(Verdict::Leaning(_))) => "leaning".into(),
            Ok(Some(other)) => format!("{other:?}"),
            Err(said) => said.code,
        }
    }

    #[test]
    fn numbers_are_judged_over_their_whole_column() {
        let (zero, one, letters) = (
            ["response_0", "response_1"],
            ["response_1", "response_2"],
            ["response_a", "response_b"],
        );
        for (sides, column, values, want) in [
            (zero, "winner", &[0, 1][..], "named"),
            (zero, "winner", &[1, 2], "from 1"),
            (zero, "winner", &[0, 1, 2], "sides_unsure"),
            (zero, "winner", &[0, 1, -1], "named"),
            (zero, "preference", &[0, 1, -1], "sides_unsure"),
            (zero, "better_response_id", &[0, 1, -1], "named"),
            (zero, "better_response_id", &[0, 1, 7], "named"),
            (zero, "better_response_id", &[1, 2, -1], "from 1"),
            (one, "preference", &[1, 2], "named"),
            (one, "preference", &[2], "named"),
            (one, "preference", &[0, 1], "sides_unsure"),
            (one, "preferred", &[0, 1], "sides_unsure"),
            (one, "vote", &[0, 1], "sides_unsure"),
            (one, "verdict", &[0], "sides_unsure"),
            (one, "result", &[0, 1], "sides_unsure"),
            (one, "winner", &[0, 1], "sides_unsure"),
            (one, "winner_idx", &[0, 1], "from 0"),
            (one, "preferred_index", &[0], "from 0"),
            (one, "preference", &[0, 1, 2], "sides_unsure"),
            (one, "winner", &[1, 2, -1], "named"),
            (one, "winner", &[0, 1, -1], "sides_unsure"),
            (one, "winner_id", &[0, 1, -1], "from 0"),
            (one, "label", &[0, 1], "sides_unsure"),
            (one, "preference", &[1, 2, 3, 4, 5, 6, 7], "scale_unsure"),
            (one, "preference", &[1, 7], "scale_unsure"),
            (one, "preference", &[-2, 1], "scale_unsure"),
            (letters, "winner", &[1, 2], "from 1"),
            (letters, "winner", &[0, 1], "sides_unsure"),
            (letters, "winner", &[0, 1, -1], "sides_unsure"),
            (letters, "winner_idx", &[0, 1, -1], "from 0"),
            (letters, "preference", &[1, 2, 3, 4, 5], "scale_unsure"),
            (one, "preference_strength", &[-3, 2, 0], "leaning"),
            (one, "preference_strength", &[-1], "leaning"),
            (one, "preference_strength", &[2, 2], "scale_unsure"),
            (one, "preference_strength", &[0, 1], "scale_unsure"),
            (one, "preference_strength", &[3], "scale_unsure"),
            (one, "overall_preference", &[1, 1], "scale_unsure"),
            (one, "overall_preference", &[1, -3], "leaning"),
            (one, "preference_strength", &[1, 2, 3], "scale_unsure"),
            (letters, "preference_strength", &[-1, 1], "leaning"),
            (letters, "preference_strength", &[2], "scale_unsure"),
            (one, "overall_preference", &[1, 4, 7], "scale_unsure"),
        ] {
            let values: Vec<Value> = values.iter().map(|n| json!(n)).collect();
            assert_eq!(of(sides, column, &values), want, "{sides:?} {column} {values:?}");
        }
        for (sides, column, values, want) in [
            (zero, "winner", &[json!("1"), json!("2"), json!("tie")][..], "from 1"),
            (zero, "winner", &[json!(0.5)], "scale_unsure"),
            (letters, "winner", &[json!(true), json!(false)], "sides_unsure"),
            (letters, "winner", &[json!("A"), json!("tie")], "named"),
            (letters, "label", &[json!("maths"), json!("law")], "nothing"),
            (letters, "winner", &[json!("y"), json!("x")], "named"),
        ] {
            assert_eq!(of(sides, column, values), want, "{sides:?} {column} {values:?}");
        }
    }
}
