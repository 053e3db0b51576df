//! Finds the column that judges two replies side by side, and how it does, by its values in all rows: a single row is
//! not enough to tell.

use std::collections::BTreeSet;

use protocol::{Said, says};

use super::super::comparison::Verdict;
use super::super::rows::verdict::{NameDiff, by_words, is_model, name_diff};
use super::column_values::{ColumnValues, listed};
use super::names::{COUNTED, LEANINGS, PAIRS, PREFERENCES, SCORES, verdicts};
use super::profile::{Profile, Shape};

/// What a column says of two replies.
#[derive(Debug, PartialEq, Eq)]
enum Judged {
    By(Verdict),
    /// It judges them, but it is not certain in which way.
    Unsure(Said),
    /// It says nothing of them.
    Nothing,
}

/// What judges two replies: a column that names the better one, a number that leans to one of them, a number for each.
pub(super) fn verdict(profile: &Profile, sides: &[String; 2]) -> Result<Option<Verdict>, Said> {
    let diff = name_diff(&sides[0], &sides[1]);
    // A is the better where the label is 1
    if diff.stem == "human_ref"
        && let Some(labels) = profile.has(&["labels", "label"])
    {
        return match profile.column_values(&labels).filter(|values| !is_flag(values)) {
            None => Ok(Some(Verdict::FirstIsBetter(labels))),
            Some(values) => Err(unsure(values, &labels, sides)),
        };
    }
    let mut first_unsure = None;
    for name in verdicts().chain(PAIRS.map(|(chosen, _)| chosen.to_owned())) {
        let column = profile.main(&[&name], &[Shape::Text, Shape::Other]);
        let Some(column) = column.filter(|column| !sides.contains(column)) else {
            continue;
        };
        let Some(values) = profile.column_values(&column) else {
            continue;
        };
        match named_in(values, &column, sides, &diff) {
            Judged::By(verdict) => return Ok(Some(verdict)),
            Judged::Unsure(said) => drop(first_unsure.get_or_insert(said)),
            Judged::Nothing => {}
        }
    }
    match leaning(profile, sides) {
        Judged::By(verdict) => return Ok(Some(verdict)),
        Judged::Unsure(said) => drop(first_unsure.get_or_insert(said)),
        Judged::Nothing => {}
    }
    match (scores(profile, &diff.marks), first_unsure) {
        (Some(scores), _) => Ok(Some(scores)),
        (None, Some(said)) => Err(said),
        (None, None) => Ok(None),
    }
}

/// Why a column can't be the one that names the better reply, as an entry says; `None` if it can.
pub(super) fn wrong_with(values: &ColumnValues, column: &str, sides: &[String; 2]) -> Option<Said> {
    match named_in(values, column, sides, &name_diff(&sides[0], &sides[1])) {
        Judged::By(Verdict::Better(_)) | Judged::Nothing => None,
        Judged::By(_) => Some(unsure(values, column, sides)),
        Judged::Unsure(said) => Some(said),
    }
}

/// Whether all that a pair's columns hold are names of the two replies, or of their models.
pub(super) fn names_sides(profile: &Profile, columns: [&str; 2], sides: &[String; 2]) -> bool {
    let marks = name_diff(&sides[0], &sides[1]).marks;
    columns.iter().all(|column| {
        let by_model = |name: &str| marks.iter().any(|mark| is_model(name, mark));
        profile
            .column_values(column)
            .is_some_and(|values| values.all(|word| by_words(word, sides).is_some(), by_model))
    })
}

/// 1 or true for one side, 0 or false for the other.
fn is_flag(values: &ColumnValues) -> bool {
    values
        .whole()
        .is_some_and(|numbers| numbers.iter().all(|n| [-1, 0, 1].contains(n)))
}

fn named_in(values: &ColumnValues, column: &str, sides: &[String; 2], diff: &NameDiff) -> Judged {
    if values.has_numbers() {
        return numbered(values, column, sides, diff);
    }
    let by_column = |name: &str| diff.marks.iter().any(|mark| is_model(name, mark)) || sides.iter().any(|s| s == name);
    if values.any(|word| by_words(word, sides).is_some(), by_column) {
        return Judged::By(Verdict::Better(column.to_owned()));
    }
    match values.flags {
        true => Judged::Unsure(unsure(values, column, sides)),
        false => Judged::Nothing,
    }
}

/// Numbers that are places of two replies: counted from 0, from 1, or as the columns are called.
fn numbered(values: &ColumnValues, column: &str, sides: &[String; 2], diff: &NameDiff) -> Judged {
    let unsure = || Judged::Unsure(unsure(values, column, sides));
    let lower = column.to_lowercase();
    // it counts things, and leans to none
    let counts = COUNTED.iter().any(|end| lower.ends_with(end));
    let names = counts || !PREFERENCES.contains(&lower.as_str());
    let Some(mut places) = values.whole().filter(|_| !values.flags) else {
        return unsure();
    };
    let none = places.remove(&-1);
    let within = |set: &[i64]| !places.is_empty() && places.iter().all(|n| set.contains(n));
    let by = |from| {
        Judged::By(Verdict::Place {
            column: column.to_owned(),
            from,
        })
    };
    let better = || Judged::By(Verdict::Better(column.to_owned()));
    let both: BTreeSet<i64> = [1, 2].into();
    let [one, other] = diff
        .marks
        .each_ref()
        .map(|mark| mark.trim_matches(['_', ' ', '-']).to_lowercase());
    match (one.as_str(), other.as_str()) {
        _ if places.is_empty() => better(),
        // an id of another thing is a row's own trouble
        ("0", "1") if counts && places.contains(&0) && places.contains(&1) && !places.contains(&2) => better(),
        ("0", "1") if within(&[0, 1]) && (!none || names) => better(),
        ("0", "1") if within(&[1, 2]) && (!none || places == both) => by(1),
        ("1", "2") if within(&[1, 2]) && (!none || places.contains(&2) || counts) => better(),
        // of a name that doesn't count, 0 may say that the first is not the better one
        ("1", "2") if within(&[0, 1]) && counts => by(0),
        ("0", "1") | ("1", "2") => unsure(),
        _ if within(&[1, 2]) && places.contains(&2) => by(1),
        _ if within(&[0, 1]) && counts => by(0),
        _ => unsure(),
    }
}

/// A number below zero for the first and above zero for the second, as HelpSteer's are.
fn leaning(profile: &Profile, sides: &[String; 2]) -> Judged {
    let numeric = |name: &&str| profile.has(&[*name]).filter(|column| profile.numbers(column));
    let Some(column) = LEANINGS.iter().find_map(numeric) else {
        return Judged::Nothing;
    };
    let Some(values) = profile.column_values(&column) else {
        return Judged::Nothing;
    };
    // numbers that are never below zero may be a scale, or how clear the verdict is that another column gives
    match !values.flags && values.numbers().any(|n| n < 0.0) {
        true => Judged::By(Verdict::Leaning(column)),
        false => Judged::Unsure(scale(values, &column, sides)),
    }
}

/// A number for each side.
fn scores(profile: &Profile, marks: &[String; 2]) -> Option<Verdict> {
    SCORES.iter().find_map(|stem| {
        let column = |mark: &str| {
            let names = [
                format!("{stem}_{mark}"),
                format!("{stem}{mark}"),
                format!("{mark}_{stem}"),
            ];
            names
                .iter()
                .find_map(|name| profile.has(&[name]).filter(|column| profile.numbers(column)))
        };
        Some(Verdict::Scores(vec![column(&marks[0])?, column(&marks[1])?]))
    })
}

/// That a column says nothing for certain: places that may be counted in two ways, or a scale.
fn unsure(values: &ColumnValues, column: &str, sides: &[String; 2]) -> Said {
    match values.numbers().any(|n| n.fract() != 0.0 || !(-1.0..=2.0).contains(&n)) {
        true => scale(values, column, sides),
        false => says::sides_unsure(column, shown(values), &sides[0], &sides[1]),
    }
}

fn scale(values: &ColumnValues, column: &str, sides: &[String; 2]) -> Said {
    says::scale_unsure(column, shown(values), &sides[0], &sides[1])
}

fn shown(values: &ColumnValues) -> String {
    match values.has_numbers() {
        true => listed(values.numbers()),
        false => "true, false".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn of(sides: [&str; 2], column: &str, values: &[Value]) -> String {
        let mut profile = Profile::default();
        for value in values {
            let row = json!({"prompt": "Q", sides[0]: "x", sides[1]: "y", column: value});
            profile.add(row.as_object().expect("a row"));
        }
        match verdict(&profile, &sides.map(str::to_owned)) {
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
