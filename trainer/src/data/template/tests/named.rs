//! The templates and tool formats of LLaMA-Factory's newest package, and the names that it dropped since 0.9.3.

use serde_json::Value;

use super::golden::{ids, messages, runs};
use super::*;

pub(super) fn recorded(file: &str) -> Value {
    let text = std::fs::read_to_string(golden().join(file)).expect(file);
    serde_json::from_str(&text).expect("JSON")
}

pub(super) fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

pub(super) fn encoder(values: &Value, options: &Value) -> Encoder {
    let dir = golden().join(values["tokenizer"].as_str().expect("tokenizer"));
    let wording: Wording = serde_json::from_value(options.clone()).expect("wording");
    let template = Template::named(wording.template.as_deref().expect("template")).expect("a template");
    let tokenizer = Tokenizer::from_dir(&dir).expect("tokenizer");
    let day = values["day"].as_str().expect("day").parse().expect("a day");
    Encoder::worded(tokenizer, template, &wording)
        .expect("encoder")
        .with_clock(Clock::Stopped(day))
}

/// A recorded conversation with tools in it.
pub(super) fn spoken(messages: &Value) -> Vec<Message> {
    let role = |name: &str| match name {
        "user" => Role::User,
        "assistant" => Role::Assistant,
        "observation" => Role::Observation,
        "function" => Role::Function,
        other => panic!("{other}"),
    };
    let list = messages.as_array().expect("messages").iter();
    list.map(|m| {
        Message::new(
            role(m["role"].as_str().expect("role")),
            text(&m["content"]).expect("content"),
        )
    })
    .collect()
}

#[test]
fn tokens_labels_and_ends_equal_llama_factorys() {
    let mut compared = 0;
    for file in ["named_templates.json", "named_templates_older.json"] {
        let values = recorded(file);
        for case in values["cases"].as_array().expect("cases") {
            let options = &case["options"];
            let encoder = encoder(&values, options);
            assert!(encoder.added_tokens().is_empty(), "{options}");
            assert_eq!(encoder.stop_ids(), ids(&case["stop"]), "{options}");
            assert_eq!(encoder.tokenizer().eos().map(|e| e.text.as_str()), case["eos"].as_str());
            let conversations = values["conversations"].as_array().expect("conversations");
            let expected = case["conversations"].as_array().expect("results");
            for (conversation, expected) in conversations.iter().zip(expected) {
                let place = format!("{file} {options} {}", conversation["name"]);
                assert_eq!(conversation["name"], expected["name"]);
                let setting = Setting {
                    system: text(&conversation["system"]),
                    tools: None,
                };
                let all = messages(&conversation["messages"]);
                let (chosen, prompt) = all.split_last().expect("turns");
                let turns: Vec<[Vec<u32>; 2]> = serde_json::from_value(expected["turns"].clone()).expect("turns");
                let turns: Vec<_> = turns
                    .into_iter()
                    .map(|[prompt, reply]| EncodedTurn { prompt, reply })
                    .collect();
                assert_eq!(encoder.turns(&setting, &all).expect(&place), turns, "{place}");
                assert_eq!(
                    encoder.prompt(&setting, prompt).expect(&place),
                    ids(&expected["generate"]),
                    "{place}"
                );
                let row = Row {
                    setting: setting.clone(),
                    prompt: prompt.to_vec(),
                    replies: Replies::One(chosen.clone()),
                };
                let (sequence, _) = encode::conversation(&encoder, &row, LossMask::Replies, 4096).expect(&place);
                assert_eq!(sequence.tokens, ids(&expected["ids"]), "{place}");
                // where another token is to be predicted than stands there, it is the end of the reply before
                let ends: Vec<[u32; 2]> = serde_json::from_value(expected["ends"].clone()).expect("ends");
                let own: Vec<_> = sequence.ends.iter().map(|end| [end.at as u32, end.token]).collect();
                assert_eq!(own, ends, "{place}");
                let lengths: Vec<usize> = serde_json::from_value(expected["runs"].clone()).expect("runs");
                assert_eq!(runs(&sequence.counts), lengths, "{place}");
                let rejected = Message::new(Role::Assistant, conversation["rejected"].as_str().expect("rejected"));
                let pair = encoder.pair(&setting, prompt, chosen, &rejected).expect(&place);
                assert_eq!(pair.chosen, ids(&expected["chosen"]), "{place}");
                assert_eq!(pair.rejected, ids(&expected["rejected"]), "{place}");
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 240);
}

#[test]
fn tools_and_calls_equal_llama_factorys() {
    let values = recorded("named_templates.json");
    let setting = Setting {
        system: Some("Be kind.".into()),
        tools: text(&values["tools"]["offered"]),
    };
    let talk = spoken(&values["tools"]["messages"]);
    let mut formats = std::collections::BTreeSet::new();
    for case in values["cases"].as_array().expect("cases") {
        let Some(expected) = case.get("tools") else { continue };
        let options = &case["options"];
        let encoder = encoder(&values, options);
        let turns = texts(&encoder, &setting, &talk);
        let expected: Vec<[String; 2]> = serde_json::from_value(expected.clone()).expect("turns");
        assert_eq!(turns, expected, "{options}");
        formats.insert(options["tool_format"].as_str().unwrap_or_default());
    }
    // "": a template's own way
    assert_eq!(
        formats.into_iter().collect::<Vec<_>>(),
        ["", "default", "glm4", "llama3", "mistral", "qwen", "qwen3_5"]
    );
}
