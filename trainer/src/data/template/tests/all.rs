//! Every named template against LLaMA-Factory's own ids, labels and tool texts, on a tokenizer that holds their tokens.

use serde_json::Value;

use super::golden::{ids, messages, runs};
use super::named::{encoder, recorded, spoken, text};
use super::*;

const FILES: [&str; 3] = [
    "all_templates.json",
    "all_templates_newer.json",
    "all_templates_older.json",
];

/// The conversation's thoughts in the template's own words.
fn worded(list: &Value, words: ThoughtWords) -> Vec<Message> {
    let mut all = messages(list);
    for message in &mut all {
        message.content = fill(&message.content, words);
    }
    all
}

fn fill(text: &str, words: ThoughtWords) -> String {
    text.replace("<open>", words.open).replace("<close>", words.close)
}

fn words(options: &Value) -> ThoughtWords {
    let name = options["template"].as_str().expect("template");
    NamedTemplate::find(name).expect(name).thoughts
}

#[test]
fn tokens_labels_and_ends_of_every_template_equal_llama_factorys() {
    let mut met = std::collections::BTreeSet::new();
    let mut wrong = vec![];
    for file in FILES {
        let values = recorded(file);
        for case in values["cases"].as_array().expect("cases") {
            let options = &case["options"];
            met.insert(text(&options["template"]).expect("template"));
            let encoder = encoder(&values, options);
            assert!(encoder.added_tokens().is_empty(), "{options}");
            assert_eq!(encoder.stop_ids(), ids(&case["stop"]), "{options}");
            assert_eq!(encoder.tokenizer().eos().map(|e| e.text.as_str()), case["eos"].as_str());
            let mask = match options["mask_history"].as_bool() {
                Some(true) => LossMask::LastReply,
                _ => LossMask::Replies,
            };
            let conversations = values["conversations"].as_array().expect("conversations");
            let expected = case["conversations"].as_array().expect("results");
            for (conversation, expected) in conversations.iter().zip(expected) {
                let place = format!("{file} {options} {}", conversation["name"]);
                let setting = Setting {
                    system: text(&conversation["system"]),
                    tools: None,
                };
                let all = worded(&conversation["messages"], words(options));
                let (chosen, prompt) = all.split_last().expect("turns");
                let row = Row {
                    setting: setting.clone(),
                    prompt: prompt.to_vec(),
                    replies: Replies::One(chosen.clone()),
                };
                let mut same = |what: &str, ours: &[u32], theirs: &Value| {
                    if ours != ids(theirs) {
                        let read = |ids: &[u32]| encoder.tokenizer().decode_all(ids).expect("text");
                        wrong.push(format!("{place} {what}\n{}\n{}", read(ours), read(&ids(theirs))));
                    }
                };
                let (sequence, _) = encode::conversation(&encoder, &row, mask, 4096).expect(&place);
                same("ids", &sequence.tokens, &expected["ids"]);
                let ends: Vec<[u32; 2]> = serde_json::from_value(expected["ends"].clone()).expect("ends");
                let lengths: Vec<usize> = serde_json::from_value(expected["runs"].clone()).expect("runs");
                // 0.9.3 also wants an end before the first turn, where nothing can be predicted
                let closes = encoder.closing().is_some();
                if mask == LossMask::Replies {
                    let own: Vec<_> = sequence.ends.iter().map(|end| [end.at as u32, end.token]).collect();
                    let ends: Vec<_> = ends.into_iter().filter(|[at, _]| *at > 0).collect();
                    assert_eq!(own, ends, "{place}");
                    assert!(
                        file == FILES[2] && closes || runs(&sequence.counts) == lengths,
                        "{place}"
                    );
                    same(
                        "prompt",
                        &encoder.prompt(&setting, prompt).expect(&place),
                        &expected["generate"],
                    );
                    let rejected = fill(conversation["rejected"].as_str().expect("rejected"), words(options));
                    let rejected = Message::new(Role::Assistant, rejected);
                    let pair = encoder.pair(&setting, prompt, chosen, &rejected).expect(&place);
                    same("chosen", &pair.chosen, &expected["chosen"]);
                    same("rejected", &pair.rejected, &expected["rejected"]);
                } else if !closes {
                    // of templates that write no end, ours learns the last reply's alone: README.md
                    assert_eq!(runs(&sequence.counts), lengths, "{place}");
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(met.into_iter().collect::<Vec<_>>(), protocol::config::TEMPLATES);
}

#[test]
fn tools_and_calls_of_every_template_equal_llama_factorys() {
    let mut wrong = vec![];
    // 0.9.3 had other layouts of tools
    for values in FILES[..2].iter().copied().map(recorded) {
        let talk = spoken(&values["tools"]["messages"]);
        for case in values["cases"].as_array().expect("cases") {
            for (key, system) in [("tools", Some("Be kind.")), ("tools_alone", None)] {
                let Some(expected) = case.get(key) else { continue };
                let setting = Setting {
                    system: system.map(str::to_owned),
                    tools: text(&values["tools"]["offered"]),
                };
                let options = &case["options"];
                let encoder = encoder(&values, options);
                let turns = texts(&encoder, &setting, &talk);
                let expected: Vec<[String; 2]> = serde_json::from_value(expected.clone()).expect("turns");
                if turns != expected {
                    wrong.push(format!("{options}\n{turns:?}\n{expected:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}
