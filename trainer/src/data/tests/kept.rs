//! What is kept of each row, what counts of it, and what is told of all of them, alike for those who show and who train.

use protocol::data::DataNote;
use serde_json::{Value, json};

use super::layouts::{a, recognised, u, written};
use super::*;
use crate::data::rows::Replies;

/// What stands beside a message's text stays with it.
#[test]
fn fields_of_messages_are_kept() {
    let calls = json!([{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]);
    let row = json!({"messages": [
        u("Q"),
        {"role": "assistant", "content": "Let me look.", "tool_calls": calls, "reasoning_content": "Hm.", "weight": 0},
        {"role": "tool", "name": "f", "tool_call_id": "c1", "content": "1"},
        {"role": "tool", "tool_call_id": "c2", "content": "2"},
        {"role": "assistant", "content": "A", "reasoning_content": "", "thinking": "So."},
    ]});
    let folder = written(&[row]);
    let (rows, _) = folder.rows("d.jsonl");
    let [_, call, tools] = rows[0].1.prompt.as_slice() else {
        panic!("{:?}", rows[0].1.prompt)
    };
    assert_eq!(
        (call.role, call.said.as_deref(), call.reasoning.as_deref(), call.learned),
        (Role::Function, Some("Let me look."), Some("Hm."), false)
    );
    assert_eq!(serde_json::from_str::<Value>(&call.content).expect("JSON"), calls);
    let answers: Vec<_> = tools
        .answers
        .iter()
        .map(|t| (t.content.as_str(), t.name.as_deref(), t.call_id.as_deref()))
        .collect();
    assert_eq!(answers, [("1", Some("f"), Some("c1")), ("2", None, Some("c2"))]);
    let Replies::One(reply) = &rows[0].1.replies else {
        panic!("{rows:?}")
    };
    assert_eq!(reply.reasoning.as_deref(), Some("So."));
}

/// Marks of turns are honoured: those that are not learned have no token that counts.
#[test]
fn turns_marked_as_not_learned_do_not_count() {
    let encoder = encoder("chatml");
    let learned = |first: Value, second: Value, mask| {
        let row = json!({"messages": [u("q"), first, u("Q"), second]});
        let folder = written(&[row]);
        let intake = conversations(mask, protocol::config::Packing::No);
        match load(&folder.spec("d.jsonl"), intake, 1, &encoder) {
            Ok(loaded) => {
                let Ok(Examples::Sequences(rows)) = loaded.train.read_all() else {
                    panic!("pairs")
                };
                let ids: Vec<u32> = rows[0]
                    .tokens
                    .iter()
                    .zip(&rows[0].counts)
                    .filter(|(_, c)| **c)
                    .map(|(id, _)| *id)
                    .collect();
                encoder.tokenizer().decode(&ids).expect("text").replace('\n', " ")
            }
            Err(e) => e.to_string(),
        }
    };
    let marked = |text: &str, key: &str, value: Value| {
        let mut message = a(text);
        message[key] = value;
        message
    };
    let off = [
        ("weight", json!(0)),
        ("weight", json!(0.0)),
        ("loss_weight", json!(0.0)),
        ("loss", json!(false)),
        ("train", json!(false)),
        ("training", json!("false")),
        ("trainable", json!(0)),
    ];
    for (key, value) in off {
        let first = || marked("one", key, value.clone());
        assert_eq!(learned(first(), a("two"), LossMask::Replies).trim(), "two", "{key}");
        let whole = learned(first(), a("two"), LossMask::Everything);
        assert!(
            whole.contains('Q') && whole.contains("two") && !whole.contains("one"),
            "{key}: {whole}"
        );
        let told = learned(a("one"), marked("two", key, value.clone()), LossMask::LastReply);
        assert!(told.contains("marked as not to be learned"), "{told}");
        let told = learned(first(), marked("two", key, value), LossMask::Replies);
        assert!(told.contains("every reply of it is marked"), "{told}");
    }
    for (key, value) in [("weight", json!(1)), ("loss", json!(true)), ("train", Value::Null)] {
        let both = learned(marked("one", key, value), a("two"), LossMask::Replies);
        assert!(both.contains("one") && both.contains("two"), "{both}");
    }
    // files with columns hold every key, mostly null
    let mut nulls = marked("one", "weight", Value::Null);
    nulls["train"] = json!(false);
    assert_eq!(learned(nulls, a("two"), LossMask::Replies).trim(), "two");
    let mut both = marked("one", "weight", json!(1));
    both["train"] = json!(false);
    let told = learned(both, a("two"), LossMask::Replies);
    assert!(told.contains("contradict each other"), "{told}");
    let told = learned(marked("one", "weight", json!(0.5)), a("two"), LossMask::Replies);
    assert!(told.contains("`weight` is 0.5"), "{told}");
}

#[test]
fn what_is_good_to_know_is_told() {
    let notes = |rows: &[Value]| recognised(rows).1.notes;
    let pair = |good: &str| json!({"prompt": "Q", "chosen": good, "rejected": "bad"});
    assert_eq!(
        notes(&[pair("good"), pair("bad"), pair("bad")]),
        [DataNote::SameReplies { rows: 2 }]
    );
    assert_eq!(notes(&[pair("good"), pair(" ")]), [DataNote::EmptyReplies { rows: 1 }]);
    let labelled = |label: bool| json!({"prompt": "Q", "completion": "A", "label": label});
    assert_eq!(
        notes(&[labelled(false), labelled(false)]),
        [DataNote::OneLabel { good: false }]
    );
    assert_eq!(notes(&[labelled(true), labelled(false)]), []);
    let other = json!({"prompt": "something else", "chosen": [u("Q"), a("good")], "rejected": [u("Q"), a("bad")]});
    assert_eq!(
        notes(&[other]),
        [DataNote::OtherPrompt {
            column: "prompt".into(),
            rows: 1
        }]
    );
    let system = json!({"system": "column", "messages": [{"role": "system", "content": "turn"}, u("Q"), a("A")]});
    assert_eq!(
        notes(&[system]),
        [DataNote::OtherPrompt {
            column: "system".into(),
            rows: 1
        }]
    );
    let marked = json!({"messages": [{"role": "user", "content": "Q", "train": true, "mood": "glad"}, a("A")]});
    assert_eq!(
        notes(&[marked]),
        [
            DataNote::UnusedKeys {
                column: "messages".into(),
                keys: vec!["mood".into()]
            },
            DataNote::MarkedPrompts { rows: 1 },
        ]
    );
}

/// What inspection counts as usable, training uses: the same rows are refused by both.
#[test]
fn inspection_and_training_agree() {
    let encoder = encoder("qwen");
    let packing = protocol::config::Packing::No;
    let sft = conversations(LossMask::Replies, packing);
    let call = |value: &str| {
        json!({"conversations": [{"from": "human", "value": "Q"}, {"from": "function_call", "value": value},
        {"from": "observation", "value": "1"}, {"from": "gpt", "value": "A"}], "tools": "[]"})
    };
    let cases = [
        (
            sft,
            vec![
                json!({"instruction": "Q", "output": "A"}),
                json!({"instruction": "Q", "output": null}),
            ],
            1,
        ),
        (
            sft,
            vec![call("{\"name\": \"f\", \"arguments\": {}}"), call("{}"), call("f(1)")],
            1,
        ),
        (
            sft,
            vec![
                json!({"messages": [u("Q"), a("A")], "tools": "[]"}),
                json!({"messages": [u("Q"), a("A")], "tools": "none"}),
            ],
            1,
        ),
        (
            LABELLED,
            vec![
                json!({"prompt": "Q", "completion": "A", "label": "true"}),
                json!({"prompt": "Q", "completion": "A", "label": 1}),
                json!({"prompt": "Q", "completion": "A", "label": null}),
            ],
            2,
        ),
        (
            texts(false),
            vec![json!({"text": "some words"}), json!({"text": ""})],
            1,
        ),
    ];
    for (intake, rows, usable) in cases {
        let folder = written(&rows);
        let entry = folder.find("d.jsonl").expect("entry");
        let inspection = inspect(&entry).expect("inspect");
        let loaded = load(&folder.spec("d.jsonl"), intake, 1, &encoder).expect("load");
        let report = &loaded.reports[0];
        assert_eq!(
            (inspection.usable, inspection.bad_total),
            (usable, rows.len() as u64 - usable),
            "{rows:?}"
        );
        assert_eq!(
            (report.usable, &report.bad_rows),
            (usable, &inspection.bad_rows),
            "{rows:?}"
        );
        let shown = Shown {
            offset: 0,
            rows: 10,
            cutoff_len: 4096,
            intake: learning(detect::kind(&entry.layout), LossMask::Replies),
        };
        let preview = preview(&entry, &encoder, shown).expect("preview");
        let bad = preview
            .rows
            .iter()
            .filter(|row| matches!(row, protocol::data::RenderedRow::Bad(_)))
            .count();
        assert_eq!(bad as u64, inspection.bad_total, "{rows:?}");
        assert_eq!(preview.lengths.expect("lengths").rows, usable, "{rows:?}");
    }
}
