//! Tokenizers in every form against the ids of the libraries that they come from.

use super::*;
use serde_json::Value;

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/tokenizers")
}

fn ids(value: &Value) -> Vec<Vec<u32>> {
    serde_json::from_value(value.clone()).expect("ids")
}

/// Compares every folder named in `expected.json`, and says of each how many texts differ, and the first few.
fn compare(dir: &Path) -> Vec<String> {
    let expected = std::fs::read(dir.join("expected.json")).expect("expected.json");
    let expected: Value = serde_json::from_slice(&expected).expect("JSON");
    let mut wrong = vec![];
    for (kind, texts) in [("ids", "texts"), ("special", "special_texts")] {
        let texts: Vec<String> = serde_json::from_value(expected[texts].clone()).expect("texts");
        for (name, theirs) in expected[kind].as_object().expect("ids") {
            let tokenizer = Tokenizer::from_dir(&dir.join(name)).expect(name);
            let theirs = ids(theirs);
            let ours: Vec<Vec<u32>> = texts.iter().map(|text| tokenizer.encode(text).expect(name)).collect();
            // the same pieces in another order are as likely: SentencePiece adds scores in f32, the crate in f64
            let alike = |at: usize| {
                let sorted = |ids: &[u32]| {
                    let mut ids = ids.to_vec();
                    ids.sort_unstable();
                    ids
                };
                ours[at] == theirs[at] || (name.starts_with("unigram") && sorted(&ours[at]) == sorted(&theirs[at]))
            };
            let differ = || (0..texts.len()).filter(|at| !alike(*at));
            let count = differ().count();
            for at in differ().take(4) {
                let read = |ids: &[u32]| ids.iter().map(|id| tokenizer.token(*id)).collect::<Vec<_>>();
                wrong.push(format!(
                    "{name} ({count}): {:?}\n  ours   {:?}\n  theirs {:?}",
                    texts[at],
                    read(&ours[at]),
                    read(&theirs[at])
                ));
            }
        }
    }
    wrong
}

#[test]
fn ids_of_every_form_equal_its_own_librarys() {
    let wrong = compare(&golden());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Two classes read `legacy: false`: `AutoTokenizer` gives the fast one, the only one since transformers 5, and ours is its
/// where the other is not asked for. The slow one puts a space before a text that begins with one.
#[test]
fn without_legacy_the_class_asked_for_is_followed() {
    let expected = std::fs::read(golden().join("expected.json")).expect("expected.json");
    let expected: Value = serde_json::from_slice(&expected).expect("JSON");
    let dir = golden().join("llama-new");
    let tokenizer = Tokenizer::from_dir(&dir).expect("tokenizer");
    let slower = Tokenizer::of_class(&dir, Some(false)).expect("slow");
    for row in expected["slow_class"].as_array().expect("rows") {
        let text = row["text"].as_str().expect("text");
        let [slow, fast] = ["slow", "fast"].map(|class| ids(&Value::from(vec![row[class].clone()])).concat());
        assert_eq!(tokenizer.encode(text).expect("ids"), fast, "{text:?}");
        assert_eq!(slower.encode(text).expect("ids"), slow, "{text:?}");
        assert_eq!(slow != fast, text.starts_with(' '), "{text:?}");
    }
    // with tokens beside the pieces: a space stays before those without a name
    let folder = Folder::new();
    let pieces = std::fs::read(dir.join("tokenizer.model")).expect("pieces");
    folder.write("tokenizer.model", &pieces);
    let added = &expected["slow_added"];
    folder.write("tokenizer_config.json", added["config"].to_string().as_bytes());
    let made = tokenizer_json(&folder.0).expect("made").expect("made");
    for beside in [None, Some(made)] {
        if let Some(json) = beside {
            folder.write("tokenizer.json", json);
        }
        let slow = Tokenizer::of_class(&folder.0, Some(false)).expect("slow");
        for row in added["rows"].as_array().expect("rows") {
            let text = row["text"].as_str().expect("text");
            let theirs = ids(&Value::from(vec![row["slow"].clone()])).concat();
            assert_eq!(slow.encode(text).expect("ids"), theirs, "{text:?}");
            let (with_places, places) = slow.encode_with_offsets(text).expect("places");
            assert_eq!(with_places, theirs, "{text:?}");
            assert!(
                places.iter().all(|(from, to)| text.get(*from..*to).is_some()),
                "{text:?} {places:?}"
            );
            assert_eq!(places.last().map(|(_, to)| *to), Some(text.len()), "{text:?}");
        }
    }
}

#[test]
fn both_classes_give_other_folders_the_same_ids() {
    for name in ["llama", "gemma", "qwen", "gpt2", "tekken", "chatglm3"] {
        let dir = golden().join(name);
        let [fast, slow] = [Some(true), Some(false)].map(|fast| Tokenizer::of_class(&dir, fast).expect(name));
        for text in ["  The mill 東", "<s> x", " ", "▁x"] {
            assert_eq!(
                fast.encode(text).expect(name),
                slow.encode(text).expect(name),
                "{name} {text}"
            );
        }
    }
}

#[test]
#[ignore = "looks at published vocabularies: tests/golden/tokenizer_forms.py real FOLDER, then FORMS=FOLDER"]
fn ids_of_published_vocabularies_equal_their_own_librarys() {
    let dir = std::env::var("FORMS").expect("FORMS names a folder");
    let since = std::time::Instant::now();
    let wrong = compare(Path::new(&dir));
    assert!(wrong.is_empty(), "{:?}\n{}", since.elapsed(), wrong.join("\n"));
}

#[test]
fn special_tokens_are_those_of_the_folder() {
    let of = |name: &str| Tokenizer::from_dir(&golden().join(name)).expect(name);
    let text = |special: Option<&Special>| special.map(|special| special.text.clone()).unwrap_or_default();
    for (name, bos, eos, unk) in [
        ("llama", "<s>", "</s>", "<unk>"),
        ("gemma", "<s>", "</s>", "<unk>"),
        ("unigram", "<s>", "</s>", "<unk>"),
        ("qwen", "", "<|endoftext|>", ""),
        ("glm4", "", "<|endoftext|>", ""),
        ("gpt2", "<|endoftext|>", "<|endoftext|>", "<|endoftext|>"),
        ("qwen2", "", "<|endoftext|>", "<|endoftext|>"),
        ("tekken", "<s>", "</s>", "<unk>"),
        ("chatglm3", "<s>", "</s>", "<unk>"),
    ] {
        let tokenizer = of(name);
        let found = (text(tokenizer.bos()), text(tokenizer.eos()), text(tokenizer.unk()));
        assert_eq!(found, (bos.into(), eos.into(), unk.into()), "{name}");
    }
    // the ids that the original's classes give
    let qwen = of("qwen");
    let ranks = 400;
    assert_eq!(qwen.token_id("<|endoftext|>"), Some(ranks));
    assert_eq!(qwen.token_id("<|extra_204|>"), Some(ranks + 207));
    assert_eq!(qwen.encode("<|im_start|>").expect("ids"), [ranks + 1]);
    let glm = of("chatglm3");
    let pieces = 430;
    for (at, name) in ["[MASK]", "[gMASK]", "[sMASK]", "sop", "eop", "<|system|>", "<|user|>"]
        .into_iter()
        .enumerate()
    {
        assert_eq!(glm.token_id(name), Some(pieces + at as u32), "{name}");
    }
    assert_eq!(glm.encode("[gMASK]").expect("ids"), [pieces + 1]);
    // letters of a word are no token of a template
    assert!(!glm.encode("sophisticated").expect("ids").contains(&(pieces + 3)));
    let tekken = of("tekken");
    assert_eq!(tekken.encode("[INST]").expect("ids"), [3]);
    assert_eq!(tekken.token(49).as_deref(), Some("<SPECIAL_49>"));
    assert_eq!(of("glm4").encode("<|user|>").expect("ids"), [407]);
}

#[test]
fn a_long_text_takes_no_longer_than_its_letters() {
    let texts = ["a", " ", "東", "ab ", "🦙", "\n", "x1"].map(|part| part.repeat(200_000 / part.len()));
    for name in [
        "llama",
        "llama-new",
        "gemma",
        "baichuan",
        "unigram",
        "unigram-bytes",
        "qwen",
        "gpt2",
        "tekken",
    ] {
        let tokenizer = Tokenizer::from_dir(&golden().join(name)).expect(name);
        for text in &texts {
            let since = std::time::Instant::now();
            tokenizer.encode(text).expect(name);
            // pairs of letters would be ten thousand million
            assert!(
                since.elapsed().as_secs() < 20,
                "{name} {:?}: {:?}",
                text.get(..4),
                since.elapsed()
            );
        }
    }
}

#[test]
fn texts_come_back() {
    let text = "The mill, 東京 🦙  x\n\ty café";
    for name in [
        "llama",
        "llama-new",
        "gemma",
        "unigram-bytes",
        "chatglm3",
        "qwen",
        "glm4",
        "gpt2",
        "qwen2",
        "tekken",
    ] {
        let tokenizer = Tokenizer::from_dir(&golden().join(name)).expect(name);
        let ids = tokenizer.encode(text).expect(name);
        assert_eq!(tokenizer.decode(&ids).expect(name), text, "{name}");
    }
}

#[test]
fn an_export_has_both_forms_and_the_same_ids() {
    for name in [
        "llama",
        "llama-new",
        "gemma",
        "unigram",
        "qwen",
        "glm4",
        "gpt2",
        "qwen2",
        "tekken",
        "chatglm3",
        "baichuan",
        "own",
        "own-trimmed",
    ] {
        let dir = golden().join(name);
        let folder = Folder::new();
        for file in std::fs::read_dir(&dir).expect(name) {
            let path = file.expect(name).path();
            std::fs::copy(&path, folder.0.join(path.file_name().expect("a name"))).expect(name);
        }
        let own = Tokenizer::from_dir(&dir).expect(name);
        folder.write("tokenizer.json", tokenizer_json(&dir).expect(name).expect(name));
        let exported = Tokenizer::from_dir(&folder.0).expect(name);
        for text in [
            "The mill  東京 🦙\n x",
            "<s>[INST] a</s>",
            "<|user|>sop",
            "banana 12345",
            "か\u{3099} ▁\u{308} a\u{1f}\u{85} two words<own> é ",
        ] {
            assert_eq!(
                own.encode(text).expect(name),
                exported.encode(text).expect(name),
                "{name} {text}"
            );
        }
        assert_eq!(own.vocab_size(), exported.vocab_size(), "{name}");
    }
}

#[test]
fn what_added_tokens_say_is_kept_and_contradictions_are_named() {
    let dir = golden().join("llama");
    let model = std::fs::read(dir.join("tokenizer.model")).expect("pieces");
    let count = Tokenizer::from_dir(&dir).expect("llama").vocab_size();
    let folder = Folder::new();
    folder.write("tokenizer.model", &model);
    let config = format!(
        r#"{{"tokenizer_class": "LlamaTokenizer", "eos_token": "<end>", "added_tokens_decoder": {{
            "{}": {{"content": "<end>", "special": true}}, "{}": {{"content": "<own>", "special": false}}}}}}"#,
        count + 2,
        count + 3
    );
    folder.write("tokenizer_config.json", config.as_bytes());
    let tokenizer = Tokenizer::from_dir(&folder.0).expect("tokenizer");
    assert_eq!(tokenizer.eos().map(|eos| eos.id as usize), Some(count + 2));
    assert_eq!(tokenizer.encode("<own>").expect("ids"), [count as u32 + 3]);
    assert!(tokenizer.is_special(count as u32 + 2) && !tokenizer.is_special(count as u32 + 3));
    assert_eq!(tokenizer.vocab_size(), count + 4);
    // an old folder's list
    let folder = Folder::new();
    folder.write("tokenizer.model", &model);
    folder.write("added_tokens.json", format!(r#"{{"<pad>": {count}}}"#).as_bytes());
    let tokenizer = Tokenizer::from_dir(&folder.0).expect("tokenizer");
    assert_eq!(tokenizer.encode("<pad>").expect("ids"), [count as u32]);
    folder.write("added_tokens.json", br#"{"<pad>": 5}"#);
    let error = Tokenizer::from_dir(&folder.0).expect_err("taken").to_string();
    assert!(
        error.contains("`<pad>`") && error.contains("id 5") && error.contains("tokenizer.model"),
        "{error}"
    );
}

#[test]
fn each_broken_file_is_named_with_its_place() {
    let read = |file: &str| std::fs::read(golden().join(file)).expect(file);
    let fails = |files: &[(&str, &[u8])], parts: &[&str]| {
        let folder = Folder::new();
        for (name, content) in files {
            folder.write(name, content);
        }
        let error = Tokenizer::from_dir(&folder.0).expect_err("an error").to_string();
        for part in parts {
            assert!(error.contains(part), "`{part}` is not in: {error}");
        }
    };
    let ranks = read("qwen/qwen.tiktoken");
    fails(
        &[("qwen.tiktoken", b"IQ== 0\nIg== x\n")],
        &["line 2 of `qwen.tiktoken`"],
    );
    fails(
        &[("qwen.tiktoken", &ranks[..ranks.len() - 9])],
        &["qwen.tiktoken", "line"],
    );
    fails(&[("tekken.json", b"{\"vocab\": []}")], &["tekken.json", "config"]);
    fails(
        &[("vocab.json", &read("gpt2/vocab.json"))],
        &["vocab.json", "merges.txt"],
    );
    fails(
        &[
            ("vocab.json", &read("gpt2/vocab.json")),
            ("merges.txt", b"#version: 0.2\nno pair\n"),
        ],
        &["line 2 of `merges.txt`"],
    );
    fails(
        &[
            ("vocab.json", &read("gpt2/vocab.json")),
            ("merges.txt", &read("gpt2/merges.txt")),
            ("tokenizer_config.json", br#"{"tokenizer_class": "RobertaTokenizer"}"#),
        ],
        &["`RobertaTokenizer`", "tokenizer.json"],
    );
    let pieces = read("llama/tokenizer.model");
    fails(
        &[("tokenizer.model", &pieces[..pieces.len() / 2])],
        &["tokenizer.model", "byte"],
    );
}
