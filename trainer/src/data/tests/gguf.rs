//! Tokenizers that GGUF files bring, against the ids of the `tokenizer.json` they were made from.

use std::path::PathBuf;

use super::super::{Encoder, Tokenizer, has_chat_template};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/gguf_tokenizers")
}

#[test]
fn a_gguf_files_own_tokenizer_gives_the_ids_of_its_tokenizer_json() {
    let text = std::fs::read_to_string(folder().join("expected.json")).expect("expected.json");
    let expected: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let texts: Vec<String> = serde_json::from_value(expected["texts"].clone()).expect("texts");
    let made = expected["ids"].as_object().expect("ids");
    assert_eq!(made.len(), 7);
    for (name, ids) in made {
        let tokenizer = Tokenizer::from_dir(&folder().join(format!("{name}.gguf"))).expect(name);
        let ids: Vec<Vec<u32>> = serde_json::from_value(ids.clone()).expect("ids");
        for (i, (text, ids)) in texts.iter().zip(&ids).enumerate() {
            assert_eq!(&tokenizer.encode(text).expect(name), ids, "{name}: {text:?}");
            let decoded = tokenizer.decode_all(ids).expect(name);
            assert_eq!(
                Some(decoded.as_str()),
                expected["decoded"][name][i].as_str(),
                "{name}: {text:?}"
            );
        }
        assert_eq!(tokenizer.bos().map(|t| t.text.as_str()), Some("<s>"), "{name}");
        assert_eq!(tokenizer.eos().map(|t| t.text.as_str()), Some("</s>"), "{name}");
        assert_eq!(tokenizer.add_bos_token(), name == "llama-spm", "{name}");
    }
}

#[test]
fn a_gguf_files_own_chat_template_is_read() {
    let lone = folder().join("lone.gguf");
    assert!(has_chat_template(&lone) && !has_chat_template(&folder().join("gpt-2.gguf")));
    let encoder = Encoder::from_dir(&lone, None, None).expect("encoder");
    let ids = encoder
        .prompt(
            &Default::default(),
            &[crate::data::Message::new(crate::data::Role::User, "Hi")],
        )
        .expect("prompt");
    let text = encoder.tokenizer().decode_all(&ids).expect("text");
    assert_eq!(text, "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
}

#[test]
fn a_gguf_file_without_a_tokenizer_that_can_be_built_says_so() {
    // float32 and int32, as llama.cpp writes them
    let bytes = |model: &str, pre: &str, scores: usize, kinds: usize| {
        let mut bytes = b"GGUF".to_vec();
        bytes.extend(3u32.to_le_bytes());
        bytes.extend(0u64.to_le_bytes());
        bytes.extend(5u64.to_le_bytes());
        let text = |bytes: &mut Vec<u8>, text: &str| {
            bytes.extend((text.len() as u64).to_le_bytes());
            bytes.extend(text.as_bytes());
        };
        for (key, value) in [("tokenizer.ggml.model", model), ("tokenizer.ggml.pre", pre)] {
            text(&mut bytes, key);
            bytes.extend(8u32.to_le_bytes());
            text(&mut bytes, value);
        }
        text(&mut bytes, "tokenizer.ggml.tokens");
        bytes.extend(9u32.to_le_bytes());
        bytes.extend(8u32.to_le_bytes());
        bytes.extend(2u64.to_le_bytes());
        text(&mut bytes, "a");
        text(&mut bytes, "b");
        for (key, of, value, n) in [
            ("tokenizer.ggml.scores", 6u32, (-1f32).to_le_bytes(), scores),
            ("tokenizer.ggml.token_type", 5, 1i32.to_le_bytes(), kinds),
        ] {
            text(&mut bytes, key);
            bytes.extend(9u32.to_le_bytes());
            bytes.extend(of.to_le_bytes());
            bytes.extend((n as u64).to_le_bytes());
            bytes.extend(value.repeat(n));
        }
        bytes
    };
    let dir = crate::files::tests::TempDir::new();
    let path = dir.path().join("a.gguf");
    for (model, pre, scores, kinds, says) in [
        ("bert", "default", 2, 2, "`bert`"),
        ("gpt2", "unheard-of", 0, 2, "`unheard-of`"),
        // lists that don't go with the tokens
        ("llama", "default", 0, 2, "`tokenizer.ggml.scores[0]`"),
        ("llama", "default", 1, 2, "`tokenizer.ggml.scores[1]`"),
        ("llama", "default", 3, 2, "`tokenizer.ggml.tokens[2]`"),
        ("llama", "default", 2, 0, "`tokenizer.ggml.token_type[0]`"),
        ("gpt2", "default", 0, 1, "`tokenizer.ggml.token_type[1]`"),
    ] {
        std::fs::write(&path, bytes(model, pre, scores, kinds)).expect("written");
        let error = Tokenizer::from_dir(&path).expect_err(model).to_string();
        let mend = says.contains("ggml") || error.contains("tokenizer.json");
        assert!(error.contains(says) && mend, "{error}");
    }
    std::fs::write(&path, bytes("llama", "default", 2, 2)).expect("written");
    assert!(Tokenizer::from_dir(&path).is_ok());
}
