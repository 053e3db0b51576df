//! The tokenizer in a GGUF file's metadata, for files that come without a `tokenizer.json`.
//!
//! llama.cpp keeps tokens, their types, and merges (`gpt2`: byte-level BPE) or scores (`llama`: SentencePiece's BPE);
//! the pre-tokenizer is only named (`tokenizer.ggml.pre`). What is built gives the same ids as the `tokenizer.json`
//! that the file was made from.

use protocol::{Said, says};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::tokenizer_files::merges_by_score;
use crate::quant::gguf_file::GgufFile;

/// ggml's token types.
const UNKNOWN: u64 = 2;
const CONTROL: u64 = 3;
const OWN: u64 = 4;
const BYTE: u64 = 6;

const LISTS: [&str; 4] = [
    "tokenizer.ggml.tokens",
    "tokenizer.ggml.token_type",
    "tokenizer.ggml.merges",
    "tokenizer.ggml.scores",
];

/// Llama 3's pattern of pieces; others differ in how many digits stay together.
fn llama3_pattern(digits: &str) -> String {
    format!(
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|{digits}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    )
}

/// The pattern of Mistral's Tekken.
const TEKKEN: &str = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// The pre-tokenizer of a byte-level tokenizer: how it splits text before it merges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreTokenizer {
    /// The regular expression of a piece; `None` for GPT-2's.
    pub pattern: Option<String>,
    /// A piece that is in the vocabulary is one token, whatever its merges (`ignore_merges`).
    pub whole_words: bool,
    /// Each digit is a piece of its own.
    pub digits: bool,
    /// Text is normalized to NFC first.
    pub composed: bool,
}

/// llama.cpp's names of the pre-tokenizers that are known here; of several names, the usual one.
pub const PRE_TOKENIZERS: [&str; 5] = ["gpt-2", "llama-bpe", "qwen2", "smollm", "tekken"];

/// The pre-tokenizer that one of llama.cpp's names means; `None` if it is not known here.
pub fn pre_tokenizer(name: &str) -> Option<PreTokenizer> {
    let (pattern, whole_words) = match name {
        "gpt-2" | "default" | "smollm" => (None, false),
        "llama-bpe" | "llama3" | "llama-v3" => (Some(llama3_pattern(r"\p{N}{1,3}")), true),
        "qwen2" | "deepseek-r1-qwen" => (Some(llama3_pattern(r"\p{N}")), false),
        "tekken" => (Some(TEKKEN.to_owned()), true),
        _ => return None,
    };
    Some(PreTokenizer {
        pattern,
        whole_words,
        digits: name == "smollm",
        composed: name.contains("qwen"),
    })
}

/// The file's tokenizer as a `tokenizer.json`; the error says why there is none.
pub fn tokenizer(path: &Path) -> Result<Value, Said> {
    let (file, mut lists) = GgufFile::open_with(path, &LISTS)?;
    let get = |key: &str| file.metadata.get(&format!("tokenizer.ggml.{key}"));
    let mut list = |key: &str| lists.remove(&format!("tokenizer.ggml.{key}")).unwrap_or_default();
    let tokens: Vec<String> = list("tokens")
        .into_iter()
        .map(|token| match token {
            Value::String(text) => Ok(text),
            other => Err(says::gguf_no_text(other)),
        })
        .collect::<Result<_, _>>()?;
    if tokens.is_empty() {
        return Err(says::gguf_no_tokenizer());
    }
    let kinds: Vec<u64> = list("token_type")
        .iter()
        .map(|kind| kind.as_u64().unwrap_or(1))
        .collect();
    let mut made = match get("model").and_then(Value::as_str) {
        Some("gpt2") => {
            let pre = get("pre").and_then(Value::as_str).unwrap_or("default");
            byte_level(&tokens, &list("merges"), pre)?
        }
        Some("llama") => {
            let scores: Vec<f64> = list("scores")
                .iter()
                .map(|score| score.as_f64().unwrap_or(0.0))
                .collect();
            for_each_token("scores", scores.len(), &tokens)?;
            let prefix = get("add_space_prefix").and_then(Value::as_bool).unwrap_or(true);
            sentence_piece(&tokens, &scores, &kinds, prefix)
        }
        other => {
            return Err(says::gguf_tokenizer_kind(other.unwrap_or("none")));
        }
    };
    // without a list of types, llama.cpp takes each token of a byte-level vocabulary for a normal one
    if !(kinds.is_empty() && get("model").and_then(Value::as_str) == Some("gpt2")) {
        for_each_token("token_type", kinds.len(), &tokens)?;
    }
    let added = tokens.iter().zip(&kinds).enumerate();
    let added = added.filter(|(_, (_, kind))| [UNKNOWN, CONTROL, OWN].contains(kind));
    made["added_tokens"] = added
        .map(|(id, (token, kind))| {
            json!({
                "id": id, "content": token, "special": *kind != OWN, "normalized": false,
                "single_word": false, "lstrip": false, "rstrip": false,
            })
        })
        .collect();
    made["version"] = json!("1.0");
    Ok(made)
}

/// Refuses a list that doesn't have one value for each token: the tokenizer that is built would lack tokens.
fn for_each_token(key: &str, values: usize, tokens: &[String]) -> Result<(), Said> {
    let missing = |key: &str, at: usize| Err(says::no_metadata(format!("tokenizer.ggml.{key}[{at}]")));
    match values.cmp(&tokens.len()) {
        Ordering::Less => missing(key, values),
        Ordering::Equal => Ok(()),
        Ordering::Greater => missing("tokens", tokens.len()),
    }
}

/// The file's special tokens and chat template as a `tokenizer_config.json`.
pub fn config(path: &Path) -> Result<Value, Said> {
    let (file, lists) = GgufFile::open_with(path, &LISTS[..1])?;
    let get = |key: &str| file.metadata.get(&format!("tokenizer.ggml.{key}"));
    let tokens = lists.get(LISTS[0]).map(Vec::as_slice).unwrap_or_default();
    let mut config = Map::new();
    let sentence = get("model").and_then(Value::as_str) == Some("llama");
    let class = if sentence {
        "LlamaTokenizer"
    } else {
        "PreTrainedTokenizerFast"
    };
    config.insert("tokenizer_class".into(), json!(class));
    for (key, ours) in [
        ("bos_token_id", "bos_token"),
        ("eos_token_id", "eos_token"),
        ("padding_token_id", "pad_token"),
        ("unknown_token_id", "unk_token"),
    ] {
        let token = get(key)
            .and_then(Value::as_u64)
            .and_then(|id| tokens.get(usize::try_from(id).ok()?));
        // null, so that the tokenizer class adds no default
        config.insert(ours.into(), token.cloned().unwrap_or(Value::Null));
    }
    if let Some(adds) = get("add_bos_token") {
        config.insert("add_bos_token".into(), adds.clone());
    }
    if let Some(template) = file.metadata.get("tokenizer.chat_template") {
        config.insert("chat_template".into(), template.clone());
    }
    Ok(Value::Object(config))
}

fn vocabulary(tokens: &[String]) -> HashMap<&str, usize> {
    tokens
        .iter()
        .enumerate()
        .map(|(id, token)| (token.as_str(), id))
        .collect()
}

fn byte_level(tokens: &[String], merges: &[Value], pre: &str) -> Result<Value, Said> {
    let merges: Vec<(&str, &str)> = merges
        .iter()
        .map(|merge| {
            let pair = merge.as_str().and_then(|text| text.split_once(' '));
            pair.ok_or_else(|| says::gguf_no_pair(merge))
        })
        .collect::<Result<_, Said>>()?;
    let PreTokenizer {
        pattern,
        whole_words,
        digits,
        composed,
    } = pre_tokenizer(pre).ok_or_else(|| says::gguf_unknown_parts(pre))?;
    let bytes = json!({
        "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": pattern.is_none(),
    });
    let mut steps = vec![];
    if digits {
        steps.push(json!({"type": "Digits", "individual_digits": true}));
    }
    if let Some(pattern) = pattern {
        steps.push(json!({"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": false}));
    }
    steps.push(bytes.clone());
    let normalizer = match composed {
        true => json!({"type": "NFC"}),
        false => Value::Null,
    };
    Ok(json!({
        "normalizer": normalizer,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": steps},
        "decoder": bytes,
        "model": {
            "type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
            "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false, "ignore_merges": whole_words,
            "vocab": vocabulary(tokens), "merges": merges,
        },
    }))
}

/// Converts SentencePiece's BPE as transformers does: a merge for every split of a piece into two, the best score
/// first.
fn sentence_piece(tokens: &[String], scores: &[f64], kinds: &[u64], prefix: bool) -> Value {
    let vocabulary = vocabulary(tokens);
    let merges = merges_by_score(tokens.iter().map(String::as_str).zip(scores.iter().copied()));
    let unknown = tokens.iter().zip(kinds).find(|(_, kind)| **kind == UNKNOWN);
    let space = json!({"type": "Replace", "pattern": {"String": " "}, "content": "▁"});
    let mut normalizers = vec![space];
    let mut decoders = vec![
        json!({"type": "Replace", "pattern": {"String": "▁"}, "content": " "}),
        json!({"type": "ByteFallback"}),
        json!({"type": "Fuse"}),
    ];
    if prefix {
        normalizers.insert(0, json!({"type": "Prepend", "prepend": "▁"}));
        decoders.push(json!({"type": "Strip", "content": " ", "start": 1, "stop": 0}));
    }
    json!({
        "normalizer": {"type": "Sequence", "normalizers": normalizers},
        "pre_tokenizer": null,
        "decoder": {"type": "Sequence", "decoders": decoders},
        "model": {
            "type": "BPE", "dropout": null, "unk_token": unknown.map(|(token, _)| token),
            "continuing_subword_prefix": null, "end_of_word_suffix": null, "fuse_unk": true,
            "byte_fallback": kinds.contains(&BYTE), "ignore_merges": false, "vocab": vocabulary, "merges": merges,
        },
    })
}
