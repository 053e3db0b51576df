//! Each format in its shapes, and how it is recognised.

use protocol::data::DataKind;
use serde_json::{Value, json};

use super::*;
use crate::data::rows::Replies;

fn lines(rows: &[Value]) -> String {
    rows.iter().map(|r| format!("{r}\n")).collect()
}

/// Reads rows through an entry of `dataset_info.json`.
fn read(entry: Value, rows: &[Value]) -> (Vec<Row>, Vec<String>) {
    let folder = Folder::new();
    folder.write("d.jsonl", lines(rows));
    let mut entry = entry;
    entry["file_name"] = json!("d.jsonl");
    folder.write("dataset_info.json", json!({ "d": entry }).to_string());
    let (rows, report) = folder.rows("d");
    let bad = report
        .bad_rows
        .into_iter()
        .map(|b| format!("{}: {}", b.row, b.reason))
        .collect();
    (rows.into_iter().map(|(_, row)| row).collect(), bad)
}

fn user(text: &str) -> Message {
    Message::new(Role::User, text)
}

fn assistant(text: &str) -> Message {
    Message::new(Role::Assistant, text)
}

fn pair(prompt: &[Message], chosen: &str, rejected: &str) -> Row {
    Row {
        setting: Setting::default(),
        prompt: prompt.to_vec(),
        replies: Replies::Pair {
            chosen: assistant(chosen),
            rejected: assistant(rejected),
        },
    }
}

#[test]
fn alpaca_instructions() {
    let entry = json!({"columns": {"prompt": "instruction", "query": "input", "response": "output", "system": "sys",
                                   "history": "history"}});
    let (rows, bad) = read(
        entry,
        &[
            json!({"instruction": "Add", "input": "1 2", "output": "3", "sys": "S", "history": [["a", "b"]]}),
            json!({"instruction": "Add", "input": "", "output": "", "history": []}),
            json!({"instruction": "Add", "output": null}),
            json!({"output": "x"}),
            json!({"instruction": ["Add"], "output": "x"}),
            json!({"instruction": "x", "output": "y", "history": [["a"]]}),
            json!({"instruction": "x", "output": "y", "history": "a"}),
        ],
    );
    assert_eq!(rows[0].prompt, [user("a"), assistant("b"), user("Add\n1 2")]);
    assert_eq!(rows[0].setting.system.as_deref(), Some("S"));
    assert_eq!(rows[0].replies, Replies::One(assistant("3")));
    assert_eq!(rows[1].prompt, [user("Add")]);
    assert_eq!(rows[2].replies, Replies::None);
    assert_eq!(
        bad,
        [
            "4: `instruction` is missing",
            "5: `instruction` is a list; it must be text",
            "6: `history` must be a list of question and answer pairs",
            "7: `history` must be a list of question and answer pairs",
        ]
    );
}

#[test]
fn alpaca_preference() {
    let (rows, bad) = read(
        json!({"ranking": true}),
        &[
            json!({"instruction": "Q", "input": "", "chosen": "good", "rejected": "bad"}),
            json!({"instruction": "Q", "chosen": "good"}),
            json!({"instruction": "Q", "chosen": "good", "rejected": [1]}),
        ],
    );
    assert_eq!(rows, [pair(&[user("Q")], "good", "bad")]);
    assert_eq!(
        bad,
        ["2: `rejected` is missing", "3: `rejected` is a list; it must be text"]
    );
}

#[test]
fn sharegpt_instructions() {
    let (rows, bad) = read(
        json!({"formatting": "sharegpt"}),
        &[
            json!({"conversations": [{"from": "system", "value": "S"}, {"from": "human", "value": "Q"},
                                     {"from": "gpt", "value": "A"}]}),
            json!({"conversations": [{"from": "human", "value": "Q"}]}),
            json!({"conversations": [{"from": "gpt", "value": "A"}, {"from": "human", "value": "Q"}]}),
            json!({"conversations": [{"from": "human", "value": "Q"}, {"from": "human", "value": "Q"}]}),
            json!({"conversations": [{"from": "alien", "value": "Q"}]}),
            json!({"conversations": [{"from": "human", "value": 1}]}),
            json!({"conversations": "hello"}),
            json!({"conversations": []}),
            json!({"conversations": [{"from": "human", "value": "Q"}, {"from": "function_call", "value": "{}"},
                                     {"from": "observation", "value": "R"}, {"from": "gpt", "value": "A"}]}),
            json!({"conversations": [{"from": "human", "value": "Q"}, {"from": "system", "value": "S"}]}),
        ],
    );
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0].setting.system.as_deref(), Some("S"));
    assert_eq!(rows[0].prompt, [user("Q")]);
    assert_eq!(rows[1].prompt[1].role, Role::Function);
    assert_eq!(
        bad[0],
        "2: `conversations` ends with the user's turn; there is no reply to learn"
    );
    assert_eq!(bad[1], "3: `conversations` begins with the assistant's turn");
    assert_eq!(bad[2], "4: `conversations`: turn 2 has the same side as the one before");
    assert!(bad[3].contains("role `alien` is unknown"), "{}", bad[3]);
    assert!(bad[4].contains("`value` is a number"), "{}", bad[4]);
    assert!(bad[5].contains("must be a list of messages"), "{}", bad[5]);
    assert!(bad[6].contains("is empty"), "{}", bad[6]);
    assert!(bad[7].contains("a system message after the first turn"), "{}", bad[7]);
}

#[test]
fn openai_messages() {
    let (rows, bad) = read(
        json!({"formatting": "openai"}),
        &[
            json!({"messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "Q"},
                                {"role": "assistant", "content": [{"type": "text", "text": "A"}]}]}),
            json!({"messages": [{"role": "user", "content": "Q"},
                {"role": "assistant", "content": null,
                 "tool_calls": [{"type": "function", "function": {"name": "f", "arguments": "{\"x\": 1}"}}]},
                {"role": "tool", "content": "1"}, {"role": "tool", "content": "2"},
                {"role": "assistant", "content": "A"}]}),
            json!({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": "x"}]},
                                {"role": "assistant", "content": "A"}]}),
        ],
    );
    assert_eq!(rows[0].replies, Replies::One(assistant("A")));
    assert_eq!(rows[1].prompt[1].role, Role::Function);
    let answer = |content: &str| Answer {
        content: content.into(),
        ..Answer::default()
    };
    let both = Message {
        answers: vec![answer("1"), answer("2")],
        ..Message::new(Role::Observation, "1\n2")
    };
    assert_eq!(rows[1].prompt[2], both);
    assert_eq!(bad, ["3: `messages` holds `image_url`; Corral trains on text"]);
}

#[test]
fn sharegpt_preference() {
    let turn = |from: &str, value: &str| json!({"from": from, "value": value});
    let (rows, bad) = read(
        json!({"formatting": "sharegpt", "ranking": true,
               "columns": {"messages": "conversations", "chosen": "chosen", "rejected": "rejected"}}),
        &[
            json!({"conversations": [turn("human", "1"), turn("gpt", "2"), turn("human", "3")],
                   "chosen": turn("gpt", "good"), "rejected": turn("gpt", "bad")}),
            json!({"conversations": [turn("human", "1"), turn("gpt", "2")],
                   "chosen": turn("gpt", "good"), "rejected": turn("gpt", "bad")}),
            json!({"conversations": [turn("human", "1")], "chosen": turn("human", "good"), "rejected": turn("gpt", "bad")}),
            json!({"conversations": [turn("human", "1")], "rejected": turn("gpt", "bad")}),
        ],
    );
    assert_eq!(rows, [pair(&[user("1"), assistant("2"), user("3")], "good", "bad")]);
    assert_eq!(
        bad,
        [
            "2: the prompt doesn't end with the user's turn",
            "3: `chosen` is not the assistant's turn",
            "4: `chosen` is missing",
        ]
    );
}

/// The guide's rows are read whether their entry spells the columns out or not.
#[test]
fn the_guides_own_conversations() {
    let turn = |from: &str, value: &str| json!({"from": from, "value": value});
    let rows = [
        json!({"conversations": [turn("human", "Q"), turn("gpt", "good")],
               "rejected_conversations": [turn("human", "Q"), turn("gpt", "bad")]}),
        json!({"conversations": [turn("human", "Q"), turn("gpt", "good")],
               "rejected_conversations": [turn("human", "other"), turn("gpt", "bad")]}),
        json!({"conversations": [turn("human", "Q"), turn("gpt", "good")],
               "rejected_conversations": [turn("human", "Q")]}),
        json!({"conversations": [turn("human", "Q"), turn("gpt", "good")],
               "rejected_conversations": [turn("human", "Q"), turn("gpt", "x"), turn("human", "Q"), turn("gpt", "bad")]}),
    ];
    let entries = [
        json!({"formatting": "sharegpt", "ranking": true,
               "columns": {"messages": "conversations", "rejected": "rejected_conversations"}}),
        json!({"formatting": "sharegpt", "ranking": true,
               "columns": {"messages": "conversations", "chosen": "conversations", "rejected": "rejected_conversations"}}),
        json!({"formatting": "sharegpt", "ranking": true}),
    ];
    for entry in entries {
        let (read, bad) = read(entry, &rows);
        assert_eq!(read, [pair(&[user("Q")], "good", "bad")]);
        assert_eq!(
            bad,
            [
                "2: `conversations` and `rejected_conversations` differ at turn 1 already; only their last turns may differ",
                "3: `rejected_conversations` doesn't end with the assistant's turn",
                "4: `conversations` has 1 turns before its reply, `rejected_conversations` has 3",
            ]
        );
    }
}

#[test]
fn files_are_recognised_and_their_entry_reads_them_again() {
    let human = |value: &str| json!({"from": "human", "value": value});
    let gpt = |value: &str| json!({"from": "gpt", "value": value});
    let asks = |content: &str| json!({"role": "user", "content": content});
    let says = |content: &str| json!({"role": "assistant", "content": content});
    let q = [user("Q")];
    let cases = [
        (
            json!({"instruction": "Q", "input": "", "output": "A"}),
            "alpaca, instructions",
            None,
        ),
        (
            json!({"instruction": "Q", "input": "", "chosen": "good", "rejected": "bad"}),
            "alpaca, preference",
            Some(pair(&q, "good", "bad")),
        ),
        (
            json!({"conversations": [human("Q"), gpt("A")]}),
            "sharegpt, instructions",
            None,
        ),
        (
            json!({"conversations": [human("Q")], "chosen": gpt("good"), "rejected": gpt("bad")}),
            "sharegpt, preference",
            Some(pair(&q, "good", "bad")),
        ),
        (
            json!({"conversations": [human("Q"), gpt("good")], "rejected_conversations": [human("Q"), gpt("bad")]}),
            "conversations + rejected_conversations",
            Some(pair(&q, "good", "bad")),
        ),
        (
            json!({"messages": [asks("Q"), says("A")]}),
            "openai, instructions",
            None,
        ),
        (
            json!({"prompt": "Q", "chosen": "good", "rejected": "bad"}),
            "TRL prompt/chosen/rejected",
            Some(pair(&q, "good", "bad")),
        ),
        (
            json!({"prompt": [asks("Q")], "chosen": [says("good")], "rejected": [says("bad")]}),
            "TRL chosen/rejected",
            Some(pair(&q, "good", "bad")),
        ),
        (
            json!({"chosen": [asks("Q"), says("good")], "rejected": [asks("Q"), says("bad")]}),
            "TRL chosen/rejected",
            Some(pair(&q, "good", "bad")),
        ),
        (
            json!({"prompt": "Q", "chosen": [asks("Q"), says("good")], "rejected": [asks("Q"), says("bad")],
                   "score_chosen": 1.5}),
            "TRL chosen/rejected",
            Some(pair(&q, "good", "bad")),
        ),
        (json!({"prompt": "Q", "completion": "A"}), "alpaca, instructions", None),
        (json!({"text": "Some words."}), "text", None),
        (
            json!({"messages": [asks("Q"), says("A")], "label": true}),
            "openai, labelled replies",
            None,
        ),
    ];
    for (row, format, expected) in cases {
        let folder = Folder::new();
        for (name, content) in [
            ("d.jsonl", lines(&[row.clone(), row.clone()])),
            ("d.json", json!([row, row]).to_string()),
        ] {
            let path = folder.write(name, content);
            let detected = detect::detect(&source::Files::all(path), &source::Watch::none()).expect(format);
            assert_eq!(detected.format, format, "{row}");
            // What would be written into dataset_info.json reads the rows just as well.
            let entry = detected.layout.entry(name);
            let again = layout::Layout::read(entry.as_object().expect("object")).expect("entry");
            assert_eq!(again, detected.layout, "{entry}");
            let (rows, report) = folder.rows(name);
            assert_eq!((rows.len(), report.bad_total), (2, 0), "{row} {:?}", report.bad_rows);
            if let Some(expected) = &expected {
                assert_eq!(&rows[1].1, expected, "{row}");
                assert_eq!(detected.kind, DataKind::Preference);
            }
        }
    }
}

#[test]
fn what_no_one_knows_is_not_guessed() {
    let folder = Folder::new();
    folder.write("d.jsonl", lines(&[json!({"alpha": 1, "beta": "x"})]));
    let error = folder.find("d.jsonl").expect_err("unknown").to_string();
    assert!(error.contains("alpha, beta") && error.contains("columns"), "{error}");
}
