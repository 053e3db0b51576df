//! Named templates against LLaMA-Factory's token ids and label masks, chat templates against transformers' text.

use serde_json::Value;

use super::super::chat::{End, Frame};
use super::*;

fn values() -> Value {
    let text = std::fs::read_to_string(golden().join("templates.json")).expect("tests/golden/templates.json");
    serde_json::from_str(&text).expect("JSON")
}

pub(super) fn ids(value: &Value) -> Vec<u32> {
    serde_json::from_value(value.clone()).expect("token ids")
}

pub(super) fn messages(value: &Value) -> Vec<Message> {
    let list = value.as_array().expect("messages");
    list.iter()
        .enumerate()
        .map(|(i, m)| {
            let role = [Role::User, Role::Assistant][i % 2];
            Message::new(role, m["content"].as_str().expect("content"))
        })
        .collect()
}

/// A mask as lengths: not counted, counted, not counted, …
pub(super) fn runs(counts: &[bool]) -> Vec<usize> {
    let mut out = vec![0];
    let mut counted = false;
    for &count in counts {
        if count != counted {
            counted = count;
            out.push(0);
        }
        *out.last_mut().expect("one") += 1;
    }
    out
}

struct Case {
    encoder: Encoder,
    mask: LossMask,
    default_system: Option<String>,
}

impl Case {
    fn of(values: &Value, options: &Value) -> Self {
        let dir = golden().join(values["tokenizer"].as_str().expect("tokenizer"));
        let thinking = options.get("enable_thinking").map(|flag| Thinking::of(flag.as_bool()));
        let mask = if options["mask_history"] == true {
            LossMask::LastReply
        } else if options["train_on_prompt"] == true {
            LossMask::Everything
        } else {
            LossMask::Replies
        };
        Self {
            encoder: Encoder::from_dir(&dir, options["template"].as_str(), thinking).expect("encoder"),
            mask,
            default_system: options["default_system"].as_str().map(str::to_owned),
        }
    }
}

#[test]
fn tokens_and_masks_equal_llama_factorys() {
    let values = values();
    let conversations = values["conversations"].as_array().expect("conversations");
    let mut compared = 0;
    for case in values["cases"].as_array().expect("cases") {
        let options = &case["options"];
        let Case {
            encoder,
            mask,
            default_system,
        } = Case::of(&values, options);
        assert!(encoder.added_tokens().is_empty(), "{options}");
        assert_eq!(encoder.stop_ids(), ids(&case["stop"]), "{options}");
        assert_eq!(encoder.tokenizer().eos().map(|e| e.text.as_str()), case["eos"].as_str());
        let expected = case["conversations"].as_array().expect("results");
        assert_eq!(expected.len(), conversations.len());
        for (conversation, expected) in conversations.iter().zip(expected) {
            let place = format!("{options} {}", conversation["name"]);
            let system = conversation["system"]
                .as_str()
                .filter(|s| !s.is_empty())
                .map(str::to_owned);
            let setting = Setting {
                system: system.or_else(|| default_system.clone()),
                tools: None,
            };
            let all = messages(&conversation["messages"]);
            let (chosen, prompt) = all.split_last().expect("turns");
            let rejected = Message::new(Role::Assistant, conversation["rejected"].as_str().expect("rejected"));

            let turns = encoder.turns(&setting, &all).expect(&place);
            let wanted: Vec<EncodedTurn> = expected["turns"]
                .as_array()
                .expect("turns")
                .iter()
                .map(|t| EncodedTurn {
                    prompt: ids(&t[0]),
                    reply: ids(&t[1]),
                })
                .collect();
            assert_eq!(turns, wanted, "{place}");
            let flat: Vec<u32> = wanted
                .iter()
                .flat_map(|turn| turn.prompt.iter().chain(&turn.reply))
                .copied()
                .collect();

            for (cutoff, sft) in expected["sft"].as_object().expect("sft") {
                let row = Row {
                    setting: setting.clone(),
                    prompt: prompt.to_vec(),
                    replies: Replies::One(chosen.clone()),
                };
                let (sequence, loss) =
                    encode::conversation(&encoder, &row, mask, cutoff.parse().expect("number")).expect(&place);
                let tokens = if sft["ids"].is_null() {
                    flat.clone()
                } else {
                    ids(&sft["ids"])
                };
                assert_eq!(sequence.tokens, tokens, "{place} sft {cutoff}");
                let wanted: Vec<usize> = serde_json::from_value(sft["runs"].clone()).expect("runs");
                assert_eq!(runs(&sequence.counts), wanted, "{place} sft {cutoff}");
                assert_eq!(loss.cut, tokens.len() < flat.len(), "{place} sft {cutoff}");
                compared += 1;
            }

            let pairs = expected["pair"].as_object().expect("pair");
            let reply = &wanted.last().expect("turns").reply;
            let whole = &pairs["4096"];
            let side = |key: &str, same: &[u32]| match &whole[key] {
                Value::Null => same.to_vec(),
                list => ids(list),
            };
            let whole = [
                side("prompt", &flat[..flat.len() - reply.len()]),
                side("chosen", reply),
                ids(&whole["rejected"]),
            ];
            for (cutoff, pair) in pairs {
                let row = Row {
                    setting: setting.clone(),
                    prompt: prompt.to_vec(),
                    replies: Replies::Pair {
                        chosen: chosen.clone(),
                        rejected: rejected.clone(),
                    },
                };
                let (got, _) = encode::pair(&encoder, &row, cutoff.parse().expect("number")).expect(&place);
                let kept = |i: usize, key: &str| match pair[key].as_u64() {
                    Some(n) => whole[i][..n as usize].to_vec(),
                    None => whole[i].clone(),
                };
                assert_eq!(got.prompt, kept(0, "prompt"), "{place} pair {cutoff}");
                assert_eq!(got.chosen, kept(1, "chosen"), "{place} pair {cutoff}");
                assert_eq!(got.rejected, kept(2, "rejected"), "{place} pair {cutoff}");
                compared += 1;
            }

            let start = match &expected["generate"] {
                Value::Null => whole[0].clone(),
                list => ids(list),
            };
            assert_eq!(encoder.prompt(&setting, prompt).expect(&place), start, "{place}");
        }
    }
    assert_eq!(compared, 20 * 10 * (3 + 4));
}

#[test]
fn pretraining_blocks_equal_llama_factorys() {
    let values = values();
    let texts: Vec<&str> = values["texts"]
        .as_array()
        .expect("texts")
        .iter()
        .map(|t| t.as_str().expect("text"))
        .collect();
    let mut compared = 0;
    for case in values["pretrain"].as_array().expect("pretrain") {
        let options = &case["options"];
        if options["packing"] == false {
            continue;
        }
        // An explicit `packing: true` takes one token off the cut-off there; a run of stage `pt` packs without it.
        let size = options["cutoff_len"].as_u64().expect("cutoff") as usize - 1;
        let dir = tempfile(options["add_bos_token"] == true);
        let encoder = Encoder::from_dir(&dir, options["template"].as_str(), Thinking::On).expect("encoder");
        let documents: Vec<Vec<u32>> = texts
            .iter()
            .map(|t| encode::document(&encoder, t).expect("document"))
            .collect();
        let mut blocks = encode::Blocks::new(&encoder, size);
        let blocks: Vec<_> = documents.iter().flat_map(|ids| blocks.push(ids)).collect();
        let rows = case["rows"].as_array().expect("rows");
        assert_eq!(blocks.len(), rows.len(), "{options}");
        for (block, row) in blocks.iter().zip(rows) {
            assert_eq!(block.tokens, ids(row), "{options}");
        }
        std::fs::remove_dir_all(&dir).expect("remove");
        compared += 1;
    }
    assert_eq!(compared, 3);
}

/// A copy of the golden tokenizer, of the class that puts BOS before plain text or not.
fn tempfile(add_bos: bool) -> PathBuf {
    let source = golden().join("models/llama");
    let dir = std::env::temp_dir().join(format!("corral-tokenizer-{}-{add_bos}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("folder");
    std::fs::copy(source.join("tokenizer.json"), dir.join("tokenizer.json")).expect("copy");
    let text = std::fs::read_to_string(source.join("tokenizer_config.json")).expect("config");
    let mut config: Value = serde_json::from_str(&text).expect("JSON");
    if add_bos {
        config["tokenizer_class"] = "LlamaTokenizerFast".into();
        config["add_bos_token"] = true.into();
    }
    std::fs::write(dir.join("tokenizer_config.json"), config.to_string()).expect("write");
    dir
}

#[test]
fn chat_templates_render_as_in_transformers() {
    let text = std::fs::read_to_string(golden().join("chat_templates.json")).expect("chat_templates.json");
    let values: Value = serde_json::from_str(&text).expect("JSON");
    let tokenizer = tokenizer();
    let mut compared = 0;
    for (name, source) in values["templates"].as_object().expect("templates") {
        let chat = ChatTemplate::new(source.as_str().expect("source"), &tokenizer).expect(name);
        let conversations = values["conversations"].as_array().expect("conversations");
        for (i, conversation) in conversations.iter().enumerate() {
            let setting = Setting {
                system: conversation["system"].as_str().map(str::to_owned),
                tools: conversation["tools"].as_str().map(str::to_owned),
            };
            let messages: Vec<Message> = conversation["messages"]
                .as_array()
                .expect("messages")
                .iter()
                .map(|m| {
                    let role = match m[0].as_str() {
                        Some("user") => Role::User,
                        Some("assistant") => Role::Assistant,
                        Some("call") => Role::Function,
                        _ => Role::Observation,
                    };
                    Message::new(role, m[1].as_str().expect("content"))
                })
                .collect();
            let shown = [
                ("prompt", &messages[..messages.len() - 1], End::GenerationPrompt),
                ("full", &messages[..], End::Closed),
            ];
            for (key, messages, end) in shown {
                let expected = &values["rendered"][name][i][key];
                let frame = Frame {
                    tokenizer: &tokenizer,
                    thinking: None,
                    now: Moment::UNRECORDED,
                    setting: &setting,
                };
                let got = chat.render(frame, messages, end);
                match expected.as_str() {
                    Some(text) => assert_eq!(got.expect(name), text, "{name} {i} {key}"),
                    None => {
                        let error = got.expect_err(name).to_string();
                        let raised = expected["error"].as_str().expect("error");
                        assert!(error.contains(raised), "{name} {i} {key}: {error}");
                    }
                }
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 6 * 5 * 2);
}
