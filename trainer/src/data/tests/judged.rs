//! Which of several replies is the better one: over whole columns, in lists, and as an entry says it.

use serde_json::{Value, json};

use super::layouts::{recognised, shown, told, written};
use super::*;

/// Numbers count from 0 or from 1 as their whole column shows, and are told where it doesn't.
#[test]
fn a_number_is_read_by_its_whole_column() {
    let row = |sides: [&str; 2], column: &str, value: Value| json!({"prompt": "Q", sides[0]: "x", sides[1]: "y", column: value});
    let (zero, one) = (["response_0", "response_1"], ["response_1", "response_2"]);
    for (sides, column, values) in [
        (one, "preference_idx", [0, 1]),
        (zero, "preference", [1, 2]),
        (one, "preference", [1, 2]),
        (["answer_a", "answer_b"], "preference", [1, 2]),
    ] {
        let (shown, inspection) = recognised(&values.map(|n| row(sides, column, json!(n))));
        assert_eq!(shown, ["Q > x / y", "Q > y / x"], "{sides:?} {column} {values:?}");
        assert_eq!(inspection.bad_total, 0);
    }
    for (sides, column, values, parts) in [
        (
            one,
            "preference",
            &[1, 4, 7][..],
            &["`preference`", "1, 4, 7", "`leaning`"][..],
        ),
        (
            one,
            "overall_preference",
            &[1, 2, 5],
            &["`overall_preference`", "scale"],
        ),
        // 1 may be the first, and 0 that it is not the better
        (one, "preferred", &[0, 1], &["`preferred`", "`better_from_0`"]),
        (
            one,
            "preference_strength",
            &[2, 2],
            &["`preference_strength`", "`leaning`"],
        ),
        (
            zero,
            "preference",
            &[0, 1, -1],
            &["`preference`", "-1, 0, 1", "`better_from_0`"],
        ),
        (
            ["answer_a", "answer_b"],
            "winner",
            &[0, 1],
            &["`winner`", "`answer_a`", "`first_is_better`"],
        ),
        (zero, "winner", &[0, 1, 2], &["`winner`", "`response_1`"]),
    ] {
        let error = told(&values.iter().map(|n| row(sides, column, json!(n))).collect::<Vec<_>>());
        for part in parts {
            assert!(error.contains(part), "`{part}` is not in: {error}");
        }
    }
}

/// Places in a list of replies are counted from 0, and the rows have to show it.
#[test]
fn places_in_a_list_count_from_zero_or_are_asked_for() {
    let row = |best: Value| json!({"prompt": "Q", "responses": ["x", "y", "z"], "best": best});
    let (shown, _) = recognised(&[row(json!(0)), row(json!(2))]);
    assert_eq!(shown, ["Q > x / y", "Q > z / x"]);
    let (shown, _) = recognised(&[row(json!("y")), row(json!("z"))]);
    assert_eq!(shown, ["Q > y / x", "Q > z / x"]);
    for places in [[1, 2], [1, 3], [0, 3]] {
        let error = told(&places.map(|place| row(json!(place))));
        assert!(
            error.contains("`best`") && error.contains("`responses`") && error.contains("`comparison`"),
            "{error}"
        );
    }
    // the right one of several answers makes no pair
    for (name, value) in [
        ("label", json!(0)),
        ("labels", json!(1)),
        ("result", json!(0)),
        ("vote", json!(1)),
    ] {
        let row = json!({"question": "Q", "answers": ["x", "y", "z"], name: value});
        let error = told(&[row.clone(), row]);
        assert!(error.contains("answers") && error.contains(name), "{error}");
    }
}

/// Lists of numbers that say the same as an order and as places are read.
#[test]
fn a_ranking_that_says_one_thing_is_read() {
    let row = |key: &str, ranking: Value| json!({"prompt": "Q", "responses": ["x", "y", "z"], key: ranking});
    for (key, ranking, expected) in [
        ("ranking", json!([2, 1, 3]), "Q > y / z"),
        ("ranking", json!([3, 1, 1]), "Q > y / x"),
        ("ranks", json!([3, 1, 2]), "Q > y / x"),
        ("ranks", json!([2, 0, 1]), "Q > y / x"),
    ] {
        let (shown, _) = recognised(&[row(key, ranking.clone())]);
        assert_eq!(shown, [expected], "{key} {ranking}");
    }
    let short = json!({"prompt": "Q", "responses": ["x", "y", "z"], "scores": [1, 2]});
    let whole = json!({"prompt": "Q", "responses": ["x", "y"], "scores": [1, 2]});
    let (_, inspection) = recognised(&[whole, short]);
    assert_eq!(inspection.bad_rows[0].code, "beside_other_length");
}

/// An entry that counts otherwise than its rows is refused by name.
#[test]
fn the_places_of_an_entry_are_compared_with_its_rows() {
    let row = |who: Value| json!({"q": "Q", "left_text": "x", "right_text": "y", "list": ["x", "y"], "who": who});
    let two = json!(["left_text", "right_text"]);
    let list = json!("list");
    for (replies, key, values, outcome) in [
        (&two, "better", &[1, 2][..], Err("`better_from_1`")),
        (&two, "better", &[0, 1], Err("`better_from_0`")),
        (&two, "better_from_0", &[0, 1, -1], Ok(["Q > x / y", "Q > y / x"])),
        (&two, "better_from_1", &[1, 2], Ok(["Q > x / y", "Q > y / x"])),
        (&two, "better_from_0", &[1, 2], Err("`who` is 2")),
        (&two, "better_from_1", &[0, 1], Err("`who` is 0")),
        (&list, "better", &[0, 1], Ok(["Q > x / y", "Q > y / x"])),
        (&list, "better", &[1, 2], Err("`better_from_1`")),
        (&list, "better_from_1", &[1, 2], Ok(["Q > x / y", "Q > y / x"])),
        (
            &list,
            "better_from_0",
            &[1, 2],
            Err("says `better_from_0`, and `who` is as large"),
        ),
        (
            &list,
            "better_from_1",
            &[0, 1],
            Err("says `better_from_1`, and `who` is 0"),
        ),
        (&list, "better_from_0", &[0, 2], Err("mend those rows")),
        (&list, "better_from_1", &[0, 2], Err("mend those rows")),
    ] {
        let folder = written(&values.iter().map(|n| row(json!(n))).collect::<Vec<_>>());
        let entry =
            json!({"file_name": "d.jsonl", "columns": {"prompt": "q"}, "comparison": {"replies": replies, key: "who"}});
        folder.write("dataset_info.json", json!({ "d": entry }).to_string());
        // whoever reads rows tells it, with the first of them already
        let entry = folder.find("d").expect("entry");
        let case = format!("{replies} {key} {values:?}");
        let (mut spec, encoder) = (folder.spec("d"), encoder("chatml"));
        spec.max_samples = Some(1);
        let page = Shown {
            offset: 0,
            rows: 1,
            cutoff_len: 100,
            intake: learning(detect::kind(&entry.layout), LossMask::Replies),
        };
        let read = load_rows(&entry, None, &mut DataReport::default());
        for told in [
            check_comparison(&entry).err(),
            inspect(&entry).err(),
            preview(&entry, &encoder, page).err(),
            load(&spec, PAIRS, 1, &encoder).err(),
            read.as_ref().err().map(|e| DataError::row(e.said())),
        ] {
            match (told, outcome) {
                (None, Ok(_)) => {}
                (Some(e), Err(part)) => assert!(e.to_string().contains(part), "`{part}` is not in: {e}"),
                (told, _) => panic!("{case}: {told:?}"),
            }
        }
        if let (Ok(rows), Ok(expected)) = (read, outcome) {
            let rows: Vec<String> = rows.iter().map(|(_, row)| shown(row)).collect();
            assert_eq!(rows, expected, "{case}");
        }
    }
}

/// An entry may say by itself where the replies are and what judges them.
#[test]
fn an_entry_names_a_comparison() {
    let rows = [json!({"q": "Q", "left_text": "bad", "right_text": "good", "who": "right"})];
    let folder = written(&rows);
    let entry = |comparison: Value| {
        folder.write(
            "dataset_info.json",
            json!({"d": {"file_name": "d.jsonl", "columns": {"prompt": "q"}, "comparison": comparison}}).to_string(),
        );
        folder.find("d")
    };
    let read = entry(json!({"replies": ["left_text", "right_text"], "better": "who"})).expect("entry");
    let mut report = DataReport::default();
    let rows = load_rows(&read, None, &mut report).expect("rows");
    assert_eq!(shown(&rows[0].1), "Q > good / bad");
    let error = entry(json!({"replies": ["left_text"]})).expect_err("half").to_string();
    assert!(error.contains("`comparison`"), "{error}");
    let missing = entry(json!({"replies": ["left_text", "right_txt"], "better": "who"})).expect("entry");
    let error = load_rows(&missing, None, &mut DataReport::default())
        .expect_err("missing")
        .to_string();
    assert!(error.contains("`right_txt`"), "{error}");
}

/// Names of replies in some rows, and replies in others, can't be told apart.
#[test]
fn names_among_replies_are_refused() {
    let row = |chosen: &str, rejected: &str| json!({"prompt": "Q", "response_a": "x", "response_b": "y", "chosen": chosen, "rejected": rejected});
    let error = told(&[row("A", "B"), row("one text", "other text")]);
    assert!(error.contains("`chosen`") && error.contains("`response_a`"), "{error}");
    // replies of the sides are replies, whatever they are
    let letters = json!({"prompt": "Q", "response_a": "A", "response_b": "B", "chosen": "A", "rejected": "B"});
    let (shown, _) = recognised(&[letters, row("x", "y")]);
    assert_eq!(shown, ["Q > A / B", "Q > x / y"]);
    // beside more replies than two, or a list of them
    for (beside, name) in [
        (json!({"answer_a": "x", "answer_b": "y", "answer_c": "z"}), "answer_c"),
        (json!({"responses": ["x", "y"]}), "`responses`"),
        (json!({"completions": [{"text": "x"}, {"text": "y"}]}), "`completions`"),
    ] {
        let row = |chosen: &str, rejected: &str| {
            let mut row = json!({"prompt": "Q", "chosen": chosen, "rejected": rejected});
            let columns = beside.as_object().expect("columns").clone();
            row.as_object_mut().expect("row").extend(columns);
            row
        };
        let error = told(&[row("A", "B"), row("one text", "other text")]);
        assert!(error.contains("`chosen`") && error.contains(name), "{error}");
        let (shown, _) = recognised(&[row("A", "no"), row("one text", "other text")]);
        assert_eq!(shown, ["Q > A / no", "Q > one text / other text"]);
    }
    // a reply of the list is a reply
    let letters = json!({"prompt": "Q", "responses": ["A", "B"], "chosen": "A", "rejected": "B"});
    let (shown, _) = recognised(&[letters.clone(), letters]);
    assert_eq!(shown, ["Q > A / B"; 2]);
}
