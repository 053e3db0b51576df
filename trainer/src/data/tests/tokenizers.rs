//! Tokenizer folders that lack things, contradict themselves or are broken.

use super::*;

fn golden(file: &str) -> Vec<u8> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/models/llama");
    std::fs::read(dir.join(file)).expect(file)
}

fn folder_with(files: &[(&str, &[u8])]) -> Folder {
    let folder = Folder::new();
    for (name, content) in files {
        folder.write(name, content);
    }
    folder
}

#[track_caller]
fn fails(files: &[(&str, &[u8])], parts: &[&str]) {
    let folder = folder_with(files);
    let error = Tokenizer::from_dir(&folder.0).expect_err("an error").to_string();
    for part in parts {
        assert!(error.contains(part), "`{part}` is not in: {error}");
    }
    assert!(error.contains(&folder.0.display().to_string()), "{error}");
}

#[test]
fn broken_folders_are_named() {
    let good = golden("tokenizer.json");
    fails(&[], &["there is no `tokenizer.json`"]);
    fails(
        &[("tokenizer.model", b"\x0a")],
        &["tokenizer.model", "from byte 0", "take that of the model again"],
    );
    fails(&[("tokenizer.json", b"")], &["tokenizer.json"]);
    fails(&[("tokenizer.json", b"{}")], &["tokenizer.json"]);
    fails(&[("tokenizer.json", b"\x80\x04\x95pickle")], &["tokenizer.json"]);
    fails(&[("tokenizer.json", &good[..good.len() / 2])], &["tokenizer.json"]);
    fails(
        &[("tokenizer.json", &good), ("tokenizer_config.json", b"[1,")],
        &["tokenizer_config.json", "not JSON"],
    );
    fails(
        &[("tokenizer.json", &good), ("chat_template.jinja", b"\xff")],
        &["chat_template.jinja", "UTF-8"],
    );
    let config = br#"{"added_tokens_decoder": {"9000": {"content": "<new>", "special": true}}}"#;
    fails(
        &[("tokenizer.json", &good), ("tokenizer_config.json", config)],
        &["<new>", "9000"],
    );
    let deep = "[".repeat(100_000);
    fails(&[("tokenizer.json", deep.as_bytes())], &["tokenizer.json"]);
}

/// Every byte of the file matters to something; whichever breaks, there is an error or a tokenizer that answers.
#[test]
fn a_damaged_file_never_takes_the_program_along() {
    let good = golden("tokenizer.json");
    let (mut read, mut refused) = (0, 0);
    for i in 0..400 {
        let mut bytes = good.clone();
        let at = i * 7919 % bytes.len();
        match i % 4 {
            0 => bytes[at] ^= 1 << (i % 7),
            1 => drop(bytes.drain(at..(at + 17).min(good.len()))),
            2 => bytes[at] = b'9',
            _ => bytes.insert(at, b','),
        }
        let folder = folder_with(&[("tokenizer.json", &bytes)]);
        match Tokenizer::from_dir(&folder.0) {
            Err(_) => refused += 1,
            Ok(tokenizer) => {
                read += 1;
                if let Ok(ids) = tokenizer.encode("Hello 東京 🦙 <|im_end|>") {
                    let _ = tokenizer.decode_all(&ids);
                }
            }
        }
    }
    assert!(read > 20 && refused > 100, "{read} {refused}");
}

#[test]
fn special_tokens_are_found_wherever_they_are_written() {
    let good = golden("tokenizer.json");
    let texts = |files: &[(&str, &[u8])]| {
        let folder = folder_with(files);
        let tokenizer = Tokenizer::from_dir(&folder.0).expect("tokenizer");
        let text = |t: Option<&Special>| t.map(|t| t.text.clone()).unwrap_or_default();
        (text(tokenizer.bos()), text(tokenizer.eos()))
    };
    let both = |bos: &str, eos: &str| (bos.to_owned(), eos.to_owned());
    let config = br#"{"bos_token": {"content": "<s>", "lstrip": false}, "eos_token": "</s>"}"#;
    assert_eq!(
        texts(&[("tokenizer.json", &good), ("tokenizer_config.json", config)]),
        both("<s>", "</s>")
    );
    let map = br#"{"eos_token": {"content": "<|eot_id|>"}}"#;
    assert_eq!(
        texts(&[("tokenizer.json", &good), ("special_tokens_map.json", map)]),
        both("", "<|eot_id|>")
    );
    // A Llama tokenizer that is silent has Llama's; one that says null has none.
    let class = br#"{"tokenizer_class": "LlamaTokenizerFast", "bos_token": null}"#;
    assert_eq!(
        texts(&[("tokenizer.json", &good), ("tokenizer_config.json", class)]),
        both("", "</s>")
    );
    let model = br#"{"bos_token_id": 1, "eos_token_id": [10, 2]}"#;
    assert_eq!(
        texts(&[("tokenizer.json", &good), ("config.json", model)]),
        both("<s>", "<|eot_id|>")
    );
    // Ids past the vocabulary are no tokens.
    let model = br#"{"bos_token_id": 70000, "eos_token_id": -1}"#;
    assert_eq!(
        texts(&[("tokenizer.json", &good), ("config.json", model)]),
        both("", "")
    );
}

#[test]
fn chat_templates_are_found_wherever_they_are_written() {
    let good = golden("tokenizer.json");
    let template = |files: &[(&str, &[u8])]| {
        let folder = folder_with(files);
        let tokenizer = Tokenizer::from_dir(&folder.0).expect("tokenizer");
        tokenizer.chat_template().map(str::to_owned)
    };
    let named = br#"{"chat_template": [{"name": "tool_use", "template": "T"}, {"name": "default", "template": "D"}]}"#;
    let named: (&str, &[u8]) = ("tokenizer_config.json", named);
    let file: (&str, &[u8]) = ("tokenizer.json", &good);
    assert_eq!(template(&[file, named]).as_deref(), Some("D"));
    assert_eq!(
        template(&[file, named, ("chat_template.jinja", b"J")]).as_deref(),
        Some("J")
    );
    assert_eq!(template(&[file]), None);
    let one = br#"{"chat_template": [{"name": "rag", "template": "R"}]}"#;
    assert_eq!(template(&[file, ("tokenizer_config.json", one)]).as_deref(), Some("R"));
    let two = br#"{"chat_template": [{"name": "rag", "template": "R"}, {"name": "tool_use", "template": "T"}]}"#;
    let folder = folder_with(&[file, ("tokenizer_config.json", two)]);
    let error = Encoder::from_dir(&folder.0, None, Thinking::On)
        .expect_err("none is the default")
        .to_string();
    assert!(
        error.contains("rag, tool_use") && error.contains("`default`"),
        "{error}"
    );
    let folder = folder_with(&[file]);
    let error = Encoder::from_dir(&folder.0, None, Thinking::On)
        .expect_err("none")
        .to_string();
    assert!(
        error.contains("no chat template") && error.contains("`template`"),
        "{error}"
    );
}
