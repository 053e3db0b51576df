//! What stands in cells and beside them: lists that tables wrote as text, keys that stand twice, weights, homes in paths.

use protocol::data::DataNote;
use serde_json::{Value, json};

use super::layouts::{a, recognised, told, trained, u, unused, written};
use super::*;

/// Lists that pandas writes with Python's quotes are the lists they are, wherever a list belongs.
#[test]
fn pythons_lists_in_cells_are_lists() {
    let python = "[{'role': 'user', 'content': \"What's up?\"}, {'role': 'assistant', 'content': 'A\\n\"B\"', 'tool_calls': None}]";
    let printed = "[{'content': 'Q', 'role': 'user'}\n {'content': 'A', 'role': 'assistant'}]";
    for (row, expected) in [
        (json!({"messages": python}), "What's up? > A\n\"B\""),
        (json!({"messages": printed}), "Q > A"),
        (
            json!({"conversations": "[{'from': 'human', 'value': 'Q'}, {'from': 'gpt', 'value': 'A'}]"}),
            "Q > A",
        ),
        (json!({"conversation": "['q', 'a', \"Q's\", 'A']"}), "q | a | Q's > A"),
        (json!({"conversation": "[\"q\", \"a\", \"Q\", \"A\"]"}), "q | a | Q > A"),
        (
            json!({"prompt": "Q", "chosen": "[{'role': 'user', 'content': 'Q'}, {'role': 'assistant', 'content': 'good'}]",
                "rejected": "[{'role': 'user', 'content': 'Q'}, {'role': 'assistant', 'content': 'bad'}]"}),
            "Q > good / bad",
        ),
        (
            json!({"instruction": "Q", "output": "A", "history": "[['q', 'a']]"}),
            "q | a | Q > A",
        ),
        (
            json!({"question": "Q", "context": "C", "answers": "{'text': array(['A'], dtype=object), 'answer_start': array([3])}"}),
            "Q\nC > A",
        ),
        (
            json!({"question": "Q", "responses": "['bad', 'good']", "ranks": [2, 1]}),
            "Q > good / bad",
        ),
        // an answer about Python stays a text
        (json!({"instruction": "Q", "output": "['a', 'b']"}), "Q > ['a', 'b']"),
        (
            json!({"prompt": "Q", "chosen": "[{'name': 'a'}]", "rejected": "[{'role': x} for x in y]"}),
            "Q > [{'name': 'a'}] / [{'role': x} for x in y]",
        ),
    ] {
        let (rows, inspection) = recognised(&[row.clone(), row.clone()]);
        assert_eq!(rows, [expected, expected], "{row}");
        assert_eq!((inspection.usable, inspection.bad_total), (2, 0), "{row}");
        assert_eq!(trained(&[row.clone(), row.clone()]).usable, 2, "{row}");
    }
    // and one that can't be read names the mend
    let folder = written(&[json!({"messages": "[{'role': 'user', 'content': datetime(2024, 1)}]"})]);
    folder.write(
        "dataset_info.json",
        r#"{"d": {"file_name": "d.jsonl", "formatting": "openai"}}"#,
    );
    let (_, report) = folder.rows("d");
    assert!(
        report.bad_rows[0].reason.contains("json.dumps"),
        "{:?}",
        report.bad_rows
    );
}

/// Of a key that stands twice the last value counts, and that is said with its name and its row, in files of both kinds.
#[test]
fn keys_that_stand_twice_are_told() {
    let plain = r#"{"instruction": "Q", "output": "A"}"#;
    let twice = r#"{"instruction": "Q", "output": "A", "output": "B"}"#;
    let inside =
        r#"{"messages": [{"role": "user", "content": "x", "content": "Q"}, {"role": "assistant", "content": "A"}]}"#;
    for (name, text, key, row) in [
        ("d.jsonl", format!("{plain}\n{twice}\n{twice}\n"), "output", 2),
        ("d.json", format!("[{plain}, {twice}, {twice}]"), "output", 2),
        (
            "d.json",
            format!("{{\"data\": [{plain}, {twice}, {twice}]}}"),
            "output",
            2,
        ),
        ("d.jsonl", format!("{inside}\n{inside}\n"), "content", 1),
    ] {
        let folder = Folder::new();
        folder.write(name, &text);
        let note = DataNote::KeyTwice {
            key: key.into(),
            row,
            rows: 2,
        };
        let inspection = inspect(&folder.find(name).expect("entry")).expect("inspect");
        assert_eq!(inspection.notes, std::slice::from_ref(&note), "{text}");
        let intake = conversations(LossMask::Replies, protocol::config::Packing::No);
        let loaded = load(&folder.spec(name), intake, 1, &encoder("chatml")).expect("load");
        assert_eq!(loaded.reports[0].found, [note], "{text}");
    }
}

/// Here every row counts alike: a weight that says otherwise leaves its row out, and one that says nothing is nothing.
#[test]
fn weights_are_neutral_or_refused() {
    let row = |key: &str, value: Value| {
        let mut row = json!({"instruction": "Q", "output": "A"});
        row[key] = value;
        row
    };
    for (key, value, code) in [
        ("weight", json!(1), None),
        ("weight", json!(1.0), None),
        ("weight", Value::Null, None),
        // the weight of something else
        ("weight", json!("12 kg"), None),
        ("weight", json!(0.5), Some("row_weight")),
        ("weight", json!(0), Some("row_weight")),
        ("sample_weight", json!("2.0"), Some("row_weight")),
        ("loss_weight", json!(3), Some("row_weight")),
        ("row_weight", json!(72.5), Some("row_weight")),
        ("weights", json!(10), Some("row_weight")),
        // a person's
        ("weight", json!(72.5), None),
        ("weights", json!("-3"), None),
    ] {
        let rows = [row("x", json!(1)), row(key, value.clone())];
        let (_, inspection) = recognised(&rows);
        let why = inspection.bad_rows.first().map(|bad| bad.code.as_str());
        assert_eq!(why, code, "{key} {value}");
        assert_eq!(trained(&rows).bad_rows, inspection.bad_rows, "{key} {value}");
    }
    // all values together tell what a column is
    for (values, bad) in [
        (vec![json!(2), json!(72.5), json!(1)], 0),
        (vec![json!(72.5), json!(2)], 0),
        (vec![json!(2), json!("big"), json!(1), json!(0.5)], 2),
    ] {
        let rows: Vec<Value> = values.into_iter().map(|value| row("weight", value)).collect();
        let (_, inspection) = recognised(&rows);
        assert_eq!(inspection.bad_total, bad, "{rows:?}");
        assert_eq!(trained(&rows).bad_rows, inspection.bad_rows, "{rows:?}");
        assert_eq!(unused(&inspection), ["weight"], "{rows:?}");
    }
    let detailed =
        |detail: Value| json!({"messages": [u("Q"), {"role": "assistant", "content": "A", "train_detail": detail}]});
    for (detail, code) in [
        (json!([]), None),
        (Value::Null, None),
        (json!([{"begin_offset": 0, "end_offset": 0, "train": true}]), None),
        (
            json!([{"begin_offset": 0, "end_offset": 0, "train": false}]),
            Some("part_of_a_turn"),
        ),
        (json!("x"), Some("part_of_a_turn")),
    ] {
        let rows = [json!({"messages": [u("Q"), a("A")]}), detailed(detail.clone())];
        let (_, inspection) = recognised(&rows);
        let why = inspection.bad_rows.first().map(|bad| bad.code.as_str());
        assert_eq!(why, code, "{detail}");
        assert_eq!(trained(&rows).bad_rows, inspection.bad_rows, "{detail}");
    }
}

/// Prompts alone are for PPO; where a reply is empty in every row, that is what is said.
#[test]
fn prompts_without_replies_are_for_ppo() {
    let rows = [
        json!({"instruction": "Q", "input": "", "output": null}),
        json!({"instruction": "P", "input": "", "output": null}),
    ];
    let (shown, inspection) = recognised(&rows);
    assert_eq!(shown, ["Q", "P"]);
    assert_eq!((inspection.kind, inspection.usable), (DataKind::Prompts, 2));
    assert_eq!(
        inspection.notes,
        [DataNote::EmptyColumn {
            column: "output".into()
        }]
    );
    assert_eq!(unused(&inspection), [""; 0]);
    let folder = written(&rows);
    let ppo = load(&folder.spec("d.jsonl"), PROMPTS, 1, &encoder("chatml")).expect("load");
    assert_eq!((ppo.train.len(), ppo.reports[0].found.len()), (2, 1));
    let sft = conversations(LossMask::Replies, protocol::config::Packing::No);
    let error = load(&folder.spec("d.jsonl"), sft, 1, &encoder("chatml"))
        .expect_err("sft")
        .to_string();
    assert!(
        error.contains("prompts without replies") && error.contains("`ppo`"),
        "{error}"
    );
    // a column that could be a reply makes the rows something else, which is not guessed
    let error = told(&[json!({"question": "Q", "my_answer": "A"})]);
    assert!(error.contains("my_answer"), "{error}");
    // an empty prompt is none
    let folder = written(&[json!({"prompt": "Q"}), json!({"prompt": " "})]);
    let inspection = inspect(&folder.find("d.jsonl").expect("entry")).expect("inspect");
    assert_eq!((inspection.usable, inspection.bad_total), (1, 1));
}

/// `~` and `$HOME` are the home, in a folder's name, a file's and an entry's; other variables are named.
#[test]
fn homes_are_written_out() {
    let home = std::env::var("HOME").expect("HOME");
    let folder = Folder::new();
    let away = |path: &str| info::find(path, &folder.0).expect_err(path).to_string();
    for written in [
        "~/no-such-file.json",
        "$HOME/no-such-file.json",
        "${HOME}/no-such-file.json",
    ] {
        folder.write("dataset_info.json", json!({"d": {"file_name": written}}).to_string());
        let error = away("d");
        assert!(error.contains(&format!("{home}/no-such-file.json")), "{error}");
    }
    for (file, part) in [
        ("$DATA/x.json", "$DATA "),
        ("sub/${SET}/x.json", "${SET} "),
        ("~nobody/x.json", "~nobody/x.json"),
    ] {
        folder.write("dataset_info.json", json!({"d": {"file_name": file}}).to_string());
        for error in [away("d"), away(file)] {
            assert!(error.contains(part), "{error}");
        }
        let error = info::find("d", Path::new(file)).expect_err("folder").to_string();
        assert!(error.contains("dataset_dir") && error.contains(part), "{error}");
    }
}
