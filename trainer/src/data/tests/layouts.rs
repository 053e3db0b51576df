//! What public data sets look like, and what has to be read from them: a line for each.

use protocol::data::{DataKind, DataNote, Inspection};
use serde_json::{Value, json};

use super::*;
use crate::data::rows::Replies;

/// A file's rows as short text: `[system] user | assistant ⟶ reply`, pairs with both replies, labels in front.
pub(super) fn shown(row: &Row) -> String {
    let mut text = String::new();
    if let Some(system) = &row.setting.system {
        text.push_str(&format!("[{system}] "));
    }
    let turns: Vec<&str> = row.prompt.iter().map(|turn| turn.content.as_str()).collect();
    text.push_str(&turns.join(" | "));
    match &row.replies {
        Replies::None => {}
        Replies::One(reply) => text.push_str(&format!(" > {}", reply.content)),
        Replies::Pair { chosen, rejected } => text.push_str(&format!(" > {} / {}", chosen.content, rejected.content)),
        Replies::Labelled { reply, good } => text.push_str(&format!(" > {good} {}", reply.content)),
        Replies::Feedback { .. } => text.push('?'),
    }
    text
}

pub(super) fn written(rows: &[Value]) -> Folder {
    let folder = Folder::new();
    let text: String = rows.iter().map(|row| format!("{row}\n")).collect();
    folder.write("d.jsonl", text);
    folder
}

/// Rows of a file that is recognised, read again by the entry that would be written of it.
pub(super) fn recognised(rows: &[Value]) -> (Vec<String>, Inspection) {
    let folder = written(rows);
    let entry = folder.find("d.jsonl").unwrap_or_else(|e| panic!("{e}: {rows:?}"));
    let inspection = inspect(&entry).expect("inspect");
    folder.write("dataset_info.json", json!({ "d": inspection.entry }).to_string());
    let (found, report) = folder.rows("d");
    assert_eq!(report.bad_total, inspection.bad_total, "{rows:?} {:?}", report.bad_rows);
    (found.iter().map(|(_, row)| shown(row)).collect(), inspection)
}

/// What training makes of a file's rows, at the stage that they are for.
pub(super) fn trained(rows: &[Value]) -> DataReport {
    let folder = written(rows);
    let entry = folder.find("d.jsonl").unwrap_or_else(|e| panic!("{e}: {rows:?}"));
    let intake = match detect::kind(&entry.layout) {
        DataKind::Preference => PAIRS,
        DataKind::Instruction => conversations(LossMask::Replies, protocol::config::Packing::No),
        DataKind::Text => texts(false),
        DataKind::Unpaired => LABELLED,
        DataKind::Prompts => PROMPTS,
    };
    let mut loaded =
        load(&folder.spec("d.jsonl"), intake, 1, &encoder("chatml")).unwrap_or_else(|e| panic!("{e}: {rows:?}"));
    loaded.reports.remove(0)
}

/// Why a file of these rows is refused.
pub(super) fn told(rows: &[Value]) -> String {
    written(rows).find("d.jsonl").expect_err("refused").to_string()
}

pub(super) fn unused(inspection: &Inspection) -> Vec<String> {
    inspection
        .notes
        .iter()
        .find_map(|note| match note {
            DataNote::UnusedColumns { columns } => Some(columns.clone()),
            _ => None,
        })
        .unwrap_or_default()
}

/// A row, twice in a file, is recognised, inspected and trained on as `expected`, with the columns `named` told as not used.
pub(super) fn is_read(row: &Value, expected: &str, named: &[&str]) {
    let two = [row.clone(), row.clone()];
    let (rows, inspection) = recognised(&two);
    assert_eq!(rows, [expected, expected], "{row}");
    assert_eq!(
        (inspection.usable, inspection.bad_total),
        (2, 0),
        "{row} {:?}",
        inspection.bad_rows
    );
    assert_eq!(unused(&inspection), named, "{row}");
    assert_eq!(trained(&two).usable, 2, "{row}");
}

pub(super) fn u(text: &str) -> Value {
    json!({"role": "user", "content": text})
}

pub(super) fn a(text: &str) -> Value {
    json!({"role": "assistant", "content": text})
}

pub(super) fn s(text: &str) -> Value {
    json!({"role": "system", "content": text})
}

#[test]
fn public_layouts_are_read_whole() {
    let hh = |reply: &str| format!("\n\nHuman: Hi\n\nAssistant: Hello\n\nHuman: Assistant: who?\n\nAssistant: {reply}");
    let chat = json!([u("Q"), a("good")]);
    let cases = [
        // Alpaca, Dolly, question answering, FLAN and others
        (
            json!({"instruction": "I", "input": "X", "output": "A"}),
            "I\nX > A",
            &[][..],
        ),
        (
            json!({"instruction": "I", "context": "C", "response": "A", "category": "qa"}),
            "I\nC > A",
            &["category"],
        ),
        (
            json!({"question": "Q", "context": "C", "answers": {"text": ["A"], "answer_start": [3]}, "id": "7"}),
            "Q\nC > A",
            &["id"],
        ),
        (
            json!({"system_prompt": "S", "question": "Q", "response": "A"}),
            "[S] Q > A",
            &[],
        ),
        (json!({"inputs": "Q", "targets": "A"}), "Q > A", &[]),
        (json!({"input": "Q", "output": "A"}), "Q > A", &[]),
        (json!({"input": "Q", "target": "A", "kind": "k"}), "Q > A", &["kind"]),
        (json!({"input_text": "Q", "output_text": "A"}), "Q > A", &[]),
        (
            json!({"Question": "Q", "Complex_CoT": "T", "Response": "A"}),
            "Q > A",
            &["Complex_CoT"],
        ),
        (
            json!({"problem": "Q", "solution": "A", "answer": "4"}),
            "Q > A",
            &["answer"],
        ),
        (
            json!({"query": "Q", "response": "A", "history": [["q", "a"]], "system": "S"}),
            "[S] q | a | Q > A",
            &[],
        ),
        (
            json!({"query": "Q", "response": "A", "history": "[[\"q\", \"a\"]]"}),
            "q | a | Q > A",
            &[],
        ),
        // Conversations
        (
            json!({"messages": [s("S"), u("Q"), a("A")], "prompt": "Q", "prompt_id": "1"}),
            "[S] Q > A",
            &["prompt", "prompt_id"],
        ),
        (
            json!({"messages": [{"role": "developer", "content": "S"}, u("Q"), a("A")]}),
            "[S] Q > A",
            &[],
        ),
        (
            json!({"conversations": [{"from": "human", "value": "Q"}, {"from": "gpt", "value": "A"}], "system": "S"}),
            "[S] Q > A",
            &[],
        ),
        (
            json!({"conversations": [{"from": "USER", "value": "Q"}, {"from": "ASSISTANT", "value": "A"}]}),
            "Q > A",
            &[],
        ),
        (
            json!({"conversations": [{"from": "user", "text": "Q"}, {"from": "bot", "text": "A"}]}),
            "Q > A",
            &[],
        ),
        (
            json!({"conversation": [{"human": "q", "assistant": "a"}, {"human": "Q", "assistant": "A"}]}),
            "q | a | Q > A",
            &[],
        ),
        (
            json!({"conversation": [{"system": "S", "input": "Q", "output": "A"}], "source": "w"}),
            "[S] Q > A",
            &["source"],
        ),
        (json!({"data": ["q", "a", "Q", "A"]}), "q | a | Q > A", &[]),
        (
            json!({"messages": "[{\"role\": \"user\", \"content\": \"Q\"}, {\"role\": \"assistant\", \"content\": \"A\"}]"}),
            "Q > A",
            &[],
        ),
        (json!({"prompt": [u("Q")], "completion": [a("A")]}), "Q > A", &[]),
        (
            json!({"messages": [{"role": "user", "content": [{"type": "text", "value": "Q"}], "loss_weight": 0.0},
                             {"role": "assistant", "content": [{"type": "text", "value": "A"}], "loss_weight": 1.0}]}),
            "Q > A",
            &[],
        ),
        // Pairs
        (
            json!({"prompt": "Q", "prompt_id": "1", "chosen": chat, "rejected": [u("Q"), a("bad")], "messages": chat,
                "score_chosen": 8.5}),
            "Q > good / bad",
            &["messages", "prompt_id", "score_chosen"],
        ),
        (
            json!({"prompt": "q", "chosen": [u("q"), a("a"), u("Q"), a("good")], "rejected": [u("q"), a("a"), u("Q"), a("bad")]}),
            "q | a | Q > good / bad",
            &[],
        ),
        (
            json!({"prompt": "Q", "chosen": [s("S"), u("Q"), a("good")], "rejected": [s("S"), u("Q"), a("bad")]}),
            "[S] Q > good / bad",
            &[],
        ),
        (
            json!({"prompt": "Q", "chosen": chat.to_string(), "rejected": json!([u("Q"), a("bad")]).to_string()}),
            "Q > good / bad",
            &[],
        ),
        (
            json!({"system": "S", "question": "Q", "chosen": "good", "rejected": "bad"}),
            "[S] Q > good / bad",
            &[],
        ),
        (
            json!({"instruction": "Q", "chosen_response": "good", "rejected_response": "bad"}),
            "Q > good / bad",
            &[],
        ),
        (
            json!({"question": "Q", "response_j": "good", "response_k": "bad"}),
            "Q > good / bad",
            &[],
        ),
        (
            json!({"chosen": hh("good"), "rejected": hh("bad")}),
            "Hi | Hello | Assistant: who? > good / bad",
            &[],
        ),
        (
            json!({"instruction": "Q", "input": "", "output": ["good", "bad"]}),
            "Q > good / bad",
            &[],
        ),
        (
            json!({"chosen_messages": [{"role": "user", "content": [{"type": "text", "value": "Q"}]},
                                    {"role": "assistant", "content": [{"type": "text", "value": "good"}]}],
                "rejected_messages": [{"role": "user", "content": [{"type": "text", "value": "Q"}]},
                                      {"role": "assistant", "content": [{"type": "text", "value": "bad"}]}]}),
            "Q > good / bad",
            &[],
        ),
        (
            json!({"input": {"messages": [u("Q")], "tools": [], "parallel_tool_calls": true},
                "preferred_output": [a("good")], "non_preferred_output": [a("bad")]}),
            "Q > good / bad",
            &[],
        ),
        (
            json!({"messages": chat, "rejected_response": "bad"}),
            "Q > good / bad",
            &[],
        ),
        (
            json!({"messages": chat, "rejected_messages": [u("Q"), a("bad")]}),
            "Q > good / bad",
            &[],
        ),
        (
            json!({"query": "Q", "response": "good", "rejected_response": "bad", "system": "S"}),
            "[S] Q > good / bad",
            &[],
        ),
        (
            json!({"source": "w", "conversation": [{"input": "Q", "output": "x"}], "prompt": "Q", "chosen": chat,
                "rejected": [u("Q"), a("bad")]}),
            "Q > good / bad",
            &["conversation", "source"],
        ),
        // Labels
        (
            json!({"prompt": "Q", "completion": "A", "label": true}),
            "Q > true A",
            &[],
        ),
        (
            json!({"prompt": "Q", "completion": "A", "label": "False"}),
            "Q > false A",
            &[],
        ),
        (
            json!({"instruction": "Q", "output": "A", "kto_tag": 1}),
            "Q > true A",
            &[],
        ),
        (
            json!({"prompt": [u("Q")], "completion": [a("A")], "label": 0}),
            "Q > false A",
            &[],
        ),
        (json!({"messages": [u("Q"), a("A")], "label": 0.0}), "Q > false A", &[]),
        // a class is no label
        (
            json!({"prompt": "Q", "completion": "A", "label": 3}),
            "Q > A",
            &["label"],
        ),
        (json!({"text": "T", "title": "H", "label": 1}), "T", &["label", "title"]),
    ];
    for (row, expected, named) in cases {
        is_read(&row, expected, named);
    }
}
