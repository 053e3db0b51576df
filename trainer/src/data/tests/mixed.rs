//! Columns that hold one thing in some rows and another in others, and cells that stand for a whole table.

use protocol::data::DataNote;
use serde_json::{Value, json};

use super::layouts::{a, recognised, told, u, unused, written};
use super::*;

/// What the odd rows of a column are is told row by row; the column is used.
#[test]
fn odd_rows_are_bad_rows_and_the_column_is_kept() {
    let sft = |extra: &str, value: Value| {
        let mut row = json!({"instruction": "Q", "output": "A"});
        row[extra] = value;
        row
    };
    let kto = |label: Value| json!({"prompt": "Q", "completion": "A", "label": label});
    let mut labels: Vec<Value> = (0..20).map(|i| kto(json!(i % 2))).collect();
    labels.push(kto(json!(3)));
    for (rows, bad, code) in [
        (
            vec![sft("input", json!("x")), sft("input", json!(3)), sft("input", json!(4))],
            vec![2, 3],
            "not_text",
        ),
        (
            vec![
                sft("input", json!(1)),
                sft("input", json!(null)),
                sft("input", json!("x")),
            ],
            vec![1],
            "not_text",
        ),
        (
            vec![
                sft("system", json!(null)),
                sft("system", json!({"text": "S"})),
                sft("system", json!(null)),
            ],
            vec![2],
            "not_text",
        ),
        (
            vec![
                sft("system", json!("S")),
                sft("system", json!(["S"])),
                sft("system", json!(["T"])),
            ],
            vec![2, 3],
            "not_text",
        ),
        (labels, vec![21], "label_unread"),
    ] {
        let folder = written(&rows);
        let inspection = inspect(&folder.find("d.jsonl").expect("entry")).expect("inspect");
        let found: Vec<u64> = inspection.bad_rows.iter().map(|row| row.row).collect();
        assert_eq!(found, bad, "{rows:?}");
        assert!(inspection.bad_rows.iter().all(|row| row.code == code), "{rows:?}");
        assert_eq!(unused(&inspection), [""; 0], "{rows:?}");
    }
    // a column of numbers is none that belongs to the prompt, and classes are no labels
    let numbers = written(&[sft("input", json!(3)), sft("input", json!(4))]);
    let inspection = inspect(&numbers.find("d.jsonl").expect("entry")).expect("inspect");
    assert_eq!((inspection.usable, unused(&inspection)), (2, vec!["input".to_owned()]));
    let classes: Vec<Value> = (0..30).map(|i| kto(json!(i % 3))).collect();
    let inspection = inspect(&written(&classes).find("d.jsonl").expect("entry")).expect("inspect");
    assert_eq!((inspection.usable, unused(&inspection)), (30, vec!["label".to_owned()]));
}

/// Few numbers among labels that are none leave the replies to `sft`, as other labels that may be classes do.
#[test]
fn labels_with_an_odd_one_are_for_the_stage_that_is_asked() {
    let mut rows: Vec<Value> = (0..20)
        .map(|i| json!({"prompt": "Q", "completion": "A", "label": i % 2}))
        .collect();
    rows.push(json!({"prompt": "Q", "completion": "A", "label": 3}));
    let folder = written(&rows);
    let sft = conversations(LossMask::Replies, protocol::config::Packing::No);
    for (intake, usable) in [(sft, 21), (LABELLED, 20)] {
        let loaded = load(&folder.spec("d.jsonl"), intake, 1, &encoder("chatml")).expect("loads");
        assert_eq!(loaded.reports[0].usable, usable, "{}", intake.stage.name());
    }
}

#[test]
fn a_table_in_one_object_is_told() {
    for table in [
        json!({"instruction": ["q", "q2"], "output": ["a", "b"]}),
        json!({"prompt": ["q", "q2"], "chosen": ["a", "b"], "rejected": ["c", "d"]}),
        json!({"prompt": ["q"], "chosen": ["a"], "rejected": ["c"]}),
        json!({"prompt": ["q", "q2"], "completion": ["a", "b"], "label": [true, false]}),
        json!({"text": ["a", "b", "c"]}),
    ] {
        let error = told(std::slice::from_ref(&table));
        assert!(error.contains("orient"), "{table}: {error}");
    }
    // one row of texts is a row
    let row = json!({"prompt": "Q", "chosen": ["x"], "rejected": ["y"]});
    assert_eq!(written(&[row]).rows("d.jsonl").0.len(), 1);
}

/// What stands beside the messages, beside replies or in the parts of a message is used or named.
#[test]
fn keys_at_any_depth_are_used_or_named() {
    let out = |text: &str| json!([a(text)]);
    let preferred =
        |input: Value| json!({"input": input, "preferred_output": out("x"), "non_preferred_output": out("y")});
    let completion = |score: u8, system: &str| json!({"response": format!("r{score}"), "overall_score": score, "custom_system_prompt": system});
    for (row, want, keys) in [
        (
            preferred(json!({"messages": [u("Q")], "system": "S"})),
            "[S] Q > x / y",
            None,
        ),
        (
            preferred(json!({"messages": [u("Q")], "system": null, "mood": "m"})),
            "Q > x / y",
            Some(("input", "mood")),
        ),
        (
            json!({"instruction": "Q", "completions": [completion(1, "S"), completion(2, "T")]}),
            "Q > r2 / r1",
            Some(("completions", "custom_system_prompt")),
        ),
        (
            json!({"messages": [{"role": "user", "content": [{"type": "text", "text": "Q", "cache_control": {"type": "x"}}]}, a("A")]}),
            "Q > A",
            Some(("messages", "cache_control")),
        ),
    ] {
        let (rows, inspection) = recognised(std::slice::from_ref(&row));
        assert_eq!(rows, [want], "{row}");
        let named = inspection.notes.into_iter().find_map(|note| match note {
            DataNote::UnusedKeys { column, keys } => Some((column, keys.join(", "))),
            _ => None,
        });
        let keys = keys.map(|(column, keys)| (column.to_owned(), keys.to_owned()));
        assert_eq!(named, keys, "{row}");
    }
    let two = preferred(json!({"messages": [{"role": "system", "content": "T"}, u("Q")], "system": "S"}));
    let answers = json!({"question": "Q", "answers": [
        {"text": "x", "pm_score": 1, "selected": true},
        {"text": "y", "pm_score": 4, "selected": false}]});
    for (row, code) in [(two, "systems_differ"), (answers, "choice_contradicted")] {
        let folder = written(&[row]);
        let inspection = inspect(&folder.find("d.jsonl").expect("entry")).expect("inspect");
        let codes: Vec<&str> = inspection.bad_rows.iter().map(|row| row.code.as_str()).collect();
        assert_eq!(codes, [code]);
    }
}

/// The arguments of a call are an object, whichever form it has.
#[test]
fn arguments_that_are_no_json_are_bad_rows() {
    let call = |arguments: &str| {
        let call = json!({"type": "function", "function": {"name": "f", "arguments": arguments}});
        json!({"messages": [u("Q"), {"role": "assistant", "content": null, "tool_calls": [call]},
            {"role": "tool", "content": "1"}, a("A")]})
    };
    for (arguments, usable) in [("{\"x\": 1}", 1), ("{}", 1), ("", 1), ("not json", 0), ("\"x\"", 0)] {
        let folder = written(&[call(arguments)]);
        let inspection = inspect(&folder.find("d.jsonl").expect("entry")).expect("inspect");
        assert_eq!(inspection.usable, usable, "{arguments}");
        let told = inspection.bad_rows.iter().all(|row| row.code == "arguments_no_object");
        assert!(told, "{arguments}: {:?}", inspection.bad_rows);
    }
}
