//! llama.cpp's name of how a byte-level tokenizer parts text (`tokenizer.ggml.pre`).
//!
//! Its converter knows a tokenizer by the tokens of one text, of which `pre_tokenizers.tsv` has the digests
//! (`tests/golden/gguf_pre.py`). A tokenizer that was trained anew is known by its rules, where these are some of those that
//! files are read by.
use crate::data::{PRE_TOKENIZERS, PreTokenizer, gguf_pre_tokenizer};
use serde_json::Value;
use sha2::{Digest, Sha256};

const TABLE: &str = include_str!("pre_tokenizers.tsv");

/// The converter's text (`get_vocab_base_pre`).
const TEXT: &str = "\n \n\n \n\n\n \t \t\t \t\n  \n   \n    \n     \n🚀 (normal) 😶\u{200d}🌫️ (multiple emojis concatenated) ✅ 🦙🦙 3 33 333 3333 33333 333333 3333333 33333333 3.3 3..3 3...3 កាន់តែពិសេសអាច😁 ?我想在apple工作1314151天～ ------======= нещо на Български ''''''```````\"\"\"\"......!!!!!!?????? I've been 'told he's there, 'RE you sure? 'M not sure I'll make it, 'D you like some tea? We'Ve a'lL";

/// The name, where llama.cpp has one. `tokenizer`: what is made of `json`, the folder's `tokenizer.json`.
pub fn name(tokenizer: &tokenizers::Tokenizer, json: &Value) -> Option<&'static str> {
    // with the tokens that the tokenizer puts around a text, and without: folders differ from the ones that were converted
    let digests = [true, false].into_iter().filter_map(|around| {
        let ids = tokenizer.encode(TEXT, around).ok()?;
        // as Python writes a list
        let listed = format!("{:?}", ids.get_ids());
        Some(
            Sha256::digest(listed)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>(),
        )
    });
    let digests: Vec<String> = digests.collect();
    let mut rows = TABLE.lines().filter_map(|row| row.split_once('\t'));
    let known = rows.find(|(digest, _)| digests.iter().any(|own| own == digest));
    let by_tokens = known.and_then(|(_, rest)| rest.split('\t').next());
    by_tokens.or_else(|| by_rules(json))
}

fn by_rules(json: &Value) -> Option<&'static str> {
    let own = rules(json)?;
    let same = |way: &&&str| {
        gguf_pre_tokenizer(way).is_some_and(|known| {
            // llama.cpp puts no characters together, whatever the name
            (known.pattern, known.whole_words, known.digits) == (own.pattern.clone(), own.whole_words, own.digits)
        })
    };
    PRE_TOKENIZERS.iter().find(same).copied()
}

/// What a `tokenizer.json` says of its parts, if it says nothing else.
fn rules(json: &Value) -> Option<PreTokenizer> {
    let steps = match &json["pre_tokenizer"] {
        one if one["type"] == "Sequence" => one["pretokenizers"].as_array()?.clone(),
        one => vec![one.clone()],
    };
    let mut own = PreTokenizer {
        pattern: None,
        whole_words: json["model"]["ignore_merges"] == true,
        digits: false,
        composed: json["normalizer"]["type"] == "NFC",
    };
    let mut by_bytes = None;
    for step in &steps {
        match step["type"].as_str()? {
            "Digits" if step["individual_digits"] == true => own.digits = true,
            "Split" if own.pattern.is_none() => own.pattern = Some(step["pattern"]["Regex"].as_str()?.to_owned()),
            "ByteLevel" if step["add_prefix_space"] == false => by_bytes = Some(step["use_regex"] != false),
            _ => return None,
        }
    }
    // GPT-2's own pattern, or another in its place
    (by_bytes? == own.pattern.is_none()).then_some(own)
}
