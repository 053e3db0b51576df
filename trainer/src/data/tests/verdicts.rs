//! What judges replies side by side: ties, rows without a verdict, lists in writing, and rows of which nothing can be made.

use super::layouts::{a, recognised, told, trained, u, written};
use super::*;
use protocol::data::DataNote;
use serde_json::{Value, json};

/// Rows that name no better reply are left out, and counted by what is missing.
#[test]
fn ties_and_rows_without_a_verdict_are_left_out_by_name() {
    let pku =
        |better: Value| json!({"prompt": "Q", "response_0": "a", "response_1": "b", "better_response_id": better});
    let arena = |winner: &str| {
        let chat = |reply: &str| json!([u("Q"), a(reply)]);
        json!({"conversation_a": chat("a"), "conversation_b": chat("b"), "winner": winner})
    };
    let scored = |first: Value, second: Value| json!({"question": "Q", "answers": [{"text": "a", "score": first}, {"text": "b", "score": second}]});
    let steered =
        |strength: Value| json!({"prompt": "Q", "response_1": "a", "response_2": "b", "preference_strength": strength});
    let label = |label: Value| json!({"prompt": "Q", "completion": "A", "label": label});
    let counted = |winner: Value| json!({"prompt": "Q", "answer_1": "a", "answer_2": "b", "winner_id": winner});
    let shp = |labels: Value| json!({"history": "Q", "human_ref_A": "a", "human_ref_B": "b", "labels": labels});
    let listed = |best: Value| json!({"prompt": "Q", "responses": ["a", "b"], "best": best});
    for (rows, notes, codes) in [
        (
            vec![pku(json!(0)), pku(json!(1)), pku(Value::Null), pku(json!(7))],
            vec![DataNote::Unjudged { rows: 1 }],
            &["unjudged", "verdict_unread"][..],
        ),
        (
            vec![
                arena("model_a"),
                arena("tie"),
                arena("tie (bothbad)"),
                arena("both_bad"),
                arena(""),
            ],
            vec![DataNote::Ties { rows: 3 }, DataNote::Unjudged { rows: 1 }],
            &["tie", "tie", "tie", "unjudged"],
        ),
        (
            vec![pku(json!(0)), pku(json!(1)), pku(json!(-1))],
            vec![DataNote::Ties { rows: 1 }],
            &["tie"],
        ),
        (
            vec![counted(json!(0)), counted(json!(1)), counted(json!("tie"))],
            vec![DataNote::Ties { rows: 1 }],
            &["tie"],
        ),
        (
            vec![shp(json!(0)), shp(json!(1)), shp(json!(-1))],
            vec![DataNote::Ties { rows: 1 }],
            &["tie"],
        ),
        (
            vec![listed(json!(0)), listed(json!(1)), listed(json!(-1))],
            vec![DataNote::Ties { rows: 1 }],
            &["tie"],
        ),
        (
            vec![
                scored(json!(2), json!(1)),
                scored(json!(2), json!(2)),
                scored(json!(2), Value::Null),
            ],
            vec![DataNote::Ties { rows: 1 }, DataNote::Unjudged { rows: 1 }],
            &["tie", "unjudged"],
        ),
        (
            vec![steered(json!(-3)), steered(json!(0)), steered(Value::Null)],
            vec![DataNote::Ties { rows: 1 }, DataNote::Unjudged { rows: 1 }],
            &["tie", "unjudged"],
        ),
        (
            vec![
                label(json!("good")),
                label(json!("thumbs down")),
                label(json!("👍")),
                label(json!(0.7)),
                label(json!("meh")),
            ],
            vec![DataNote::LabelsUnread { rows: 2 }],
            &["label_unread", "label_unread"],
        ),
        (
            vec![
                json!({"prompt": "Q", "chosen": "a", "rejected": ["b", "c"]}),
                json!({"prompt": "Q", "chosen": "a", "rejected": ["b"]}),
            ],
            vec![DataNote::OtherReplies { rows: 1 }],
            &[],
        ),
    ] {
        let (_, inspection) = recognised(&rows);
        assert_eq!(inspection.notes, notes, "{rows:?}");
        let why: Vec<&str> = inspection.bad_rows.iter().map(|bad| bad.code.as_str()).collect();
        assert_eq!(why, codes, "{rows:?}");
        let report = trained(&rows);
        assert_eq!(
            (&report.bad_rows, &report.found),
            (&inspection.bad_rows, &inspection.notes),
            "{rows:?}"
        );
    }
}

/// Labels that are scores alone leave no row; words alone are no labels, and told.
#[test]
fn what_is_called_a_label_and_is_none() {
    let row = |label: Value| json!({"prompt": "Q", "completion": "A", "label": label});
    let folder = written(&[row(json!(0.7)), row(json!(0.2))]);
    let inspection = inspect(&folder.find("d.jsonl").expect("entry")).expect("inspect");
    assert_eq!(
        (inspection.usable, inspection.notes),
        (0, vec![DataNote::LabelsUnread { rows: 2 }])
    );
    let (_, inspection) = recognised(&[row(json!("sports")), row(json!("weather"))]);
    let told = DataNote::NoLabels {
        column: "label".into(),
        values: vec!["sports".into(), "weather".into()],
    };
    assert!(inspection.notes.contains(&told), "{:?}", inspection.notes);
}

#[test]
fn rows_that_nothing_can_be_made_of_say_so_by_name() {
    for (row, parts) in [
        (
            json!({"prompt": "Q", "completions": ["step one", "step two"], "labels": [true, false]}),
            &["stepwise", "process reward"][..],
        ),
        (
            json!({"message_id": "1", "parent_id": "0", "text": "Q", "role": "prompter", "lang": "en"}),
            &["tree", "`messages`"],
        ),
        (
            json!({"message_tree_id": "1", "tree_state": "ready", "prompt": {"text": "Q", "role": "prompter", "replies": []}}),
            &["tree"],
        ),
        (
            json!({"prompt": "Q", "response_a": "x", "response_b": "y"}),
            &["two replies", "`response_a`", "`comparison`"],
        ),
        // more than two replies
        (
            json!({"prompt": "Q", "answer_a": "x", "answer_b": "y", "answer_c": "z", "answer_d": "w", "winner": "C"}),
            &["4 replies", "answer_a, answer_b, answer_c, answer_d", "`scores`"],
        ),
        (
            json!({"prompt": "Q", "answer_a": "x", "answer_b": "y", "answer_c": "z", "ranking": [2, 0, 1]}),
            &["3 replies", "`ranks`"],
        ),
        (
            json!({"prompt": "Q", "response_1": "x", "response_2": "y", "response_3": "z", "score_1": 1, "score_2": 2, "score_3": 3}),
            &["3 replies"],
        ),
        (
            json!({"prompt": "Q", "response_1": "x", "response_2": "y", "response_3": "z", "overall": [1, 2, 3]}),
            &["3 replies"],
        ),
        // an order, or places
        (
            json!({"prompt": "Q", "responses": ["x", "y", "z"], "ranking": [2, 0, 1]}),
            &["`ranking`", "`responses`", "`ranks`"],
        ),
        // names of replies that stand in a list
        (
            json!({"prompt": "Q", "responses": ["x", "y"], "chosen": "A", "rejected": "B"}),
            &["`chosen`", "`rejected`", "`responses`"],
        ),
        (
            json!({"prompt": "Q", "answer_a": "x", "answer_b": "y", "answer_c": "z", "chosen": "C", "rejected": "A"}),
            &["`chosen`", "answer_c"],
        ),
        (json!({"alpha": "x", "beta": null}), &["alpha", "nothing in beta"]),
    ] {
        let error = told(&[row.clone(), row.clone()]);
        for part in parts {
            assert!(error.contains(part), "`{part}` is not in: {error}");
        }
    }
}

/// Cells that look like lists are lists where the column holds nothing else; in other columns that is what was said.
#[test]
fn a_list_in_writing_is_one_where_all_of_its_column_are() {
    let row = |good: &str, bad: &str| json!({"prompt": "Q", "response_a": good, "response_b": bad, "winner": "a"});
    for (rows, expected) in [
        (
            [row("[\"Paris\"]", "no"), row("yes", "no")],
            ["Q > [\"Paris\"] / no", "Q > yes / no"],
        ),
        (
            [row("['x', 'y']", "[1]"), row("yes", "['no']")],
            ["Q > ['x', 'y'] / [1]", "Q > yes / ['no']"],
        ),
        (
            [row("[\"x\"]", "[\"y\"]"), row("['v']", "[\"w\"]")],
            ["Q > x / y", "Q > v / w"],
        ),
    ] {
        let (shown, inspection) = recognised(&rows);
        assert_eq!(shown, expected, "{:?}", inspection.bad_rows);
        assert_eq!(trained(&rows).usable, 2);
    }
}
