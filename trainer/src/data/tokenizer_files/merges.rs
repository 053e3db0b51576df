//! `vocab.json` with `merges.txt`: byte-level BPE as GPT-2's, with its pre-tokenizer or another.

use std::collections::HashSet;

use protocol::{Said, says};
use serde_json::{Value, json};

use super::ranks::QWEN;
use super::tokenizer_json::{Added, Model, TokenizerJson, byte_level};

/// The pre-tokenizer of a tokenizer class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PreTokenizer {
    Gpt2,
    /// Qwen 2's, after normalization to NFC.
    Qwen2,
}

impl PreTokenizer {
    /// By the class that `tokenizer_config.json` names, without its `Fast`, else by the model's type.
    pub fn of(class: &str, model_type: &str) -> Option<Self> {
        match (class, model_type) {
            ("GPT2Tokenizer" | "CodeGenTokenizer" | "GPTNeoXTokenizer", _) => Some(Self::Gpt2),
            ("Qwen2Tokenizer", _) => Some(Self::Qwen2),
            ("" | "PreTrainedTokenizer", kind) if kind.starts_with("qwen") => Some(Self::Qwen2),
            ("" | "PreTrainedTokenizer", _) => Some(Self::Gpt2),
            _ => None,
        }
    }
}

/// The tokenizer of the two files; the error says what is wrong with them.
pub fn tokenizer_json(
    vocab: &[u8],
    merges: &[u8],
    parts: PreTokenizer,
    add_prefix_space: bool,
) -> Result<TokenizerJson, Said> {
    let listed: serde_json::Map<String, Value> =
        serde_json::from_slice(vocab).map_err(|e| says::words_vocab("vocab.json", e))?;
    let mut vocab = Vec::with_capacity(listed.len());
    for (token, id) in listed {
        let id = id.as_u64().and_then(|id| u32::try_from(id).ok());
        let id = id.ok_or_else(|| says::words_entry("vocab.json", &token, "id"))?;
        vocab.push((token, id));
    }
    vocab.sort_by_key(|(_, id)| *id);
    let known: HashSet<&str> = vocab.iter().map(|(token, _)| token.as_str()).collect();
    let text = str::from_utf8(merges).map_err(|e| says::words_broken("merges.txt", e.valid_up_to()))?;
    let mut pairs = vec![];
    for (at, line) in text.lines().enumerate() {
        // the first line says the version
        if line.is_empty() || (at == 0 && line.starts_with("#version")) {
            continue;
        }
        let wrong = || says::words_line("merges.txt", at + 1);
        let (left, right) = line.split_once(' ').ok_or_else(wrong)?;
        if !known.contains(left) || !known.contains(right) || !known.contains([left, right].concat().as_str()) {
            return Err(wrong());
        }
        pairs.push((left.to_owned(), right.to_owned()));
    }
    let end = "<|endoftext|>";
    let end = vocab
        .iter()
        .find(|(token, _)| token == end)
        .map(|(token, id)| Added::special(*id, token.as_str()));
    let model = Model::Bpe {
        unk_token: None,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: false,
        vocab,
        merges: pairs,
    };
    let mut tokenizer_json = match parts {
        PreTokenizer::Gpt2 => byte_level(model, None),
        PreTokenizer::Qwen2 => byte_level(model, Some(QWEN)),
    };
    match parts {
        PreTokenizer::Gpt2 => tokenizer_json.pre_tokenizer["add_prefix_space"] = json!(add_prefix_space),
        PreTokenizer::Qwen2 => tokenizer_json.normalizer = json!({"type": "NFC"}),
    }
    tokenizer_json.add(end);
    Ok(tokenizer_json)
}
