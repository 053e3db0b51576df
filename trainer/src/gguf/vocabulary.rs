//! A folder's tokenizer and chat template in GGUF's keys.
//!
//! Byte-level BPE is `gpt2` with its merges, SentencePiece's BPE is `llama` with a score for each piece: llama.cpp joins the
//! two pieces whose union scores best. Source: llama.cpp, `conversion/base.py`, `gguf-py/gguf/vocab.py` (`SpecialVocab`).
use super::writer::{Metadata, Value};
use super::{Words, pre};
use crate::error::{Error, Result};
use protocol::{Said, says};
use serde_json::Value as Json;
use std::collections::HashMap;
use tokenizers::Tokenizer;

/// ggml's types of tokens.
const NORMAL: i32 = 1;
const UNKNOWN: i32 = 2;
const CONTROL: i32 = 3;
const OWN: i32 = 4;
const UNUSED: i32 = 5;
const BYTE: i32 = 6;

/// Of pieces that no merge makes.
const NEVER: f32 = -1e9;

/// The keys, and what a person should know of them.
pub struct Vocabulary {
    pub keys: Metadata,
    pub told: Option<Said>,
}

/// Tokens and their types by id.
struct Tokens {
    texts: Vec<String>,
    kinds: Vec<i32>,
}

/// Of a model without a tokenizer.
pub fn none() -> Vocabulary {
    let kind = Value::Text("none".to_owned());
    Vocabulary {
        keys: vec![("tokenizer.ggml.model".to_owned(), kind)],
        told: None,
    }
}

/// Of a model whose tables have `rows` rows.
pub fn vocabulary(words: Words, rows: usize) -> Result<Vocabulary> {
    let Words { folder, encoder } = words;
    let path = folder.join("tokenizer.json");
    let wrong = |said| Error::file(&path, said);
    let bytes = std::fs::read(&path).map_err(Error::io(&path))?;
    let json: Json = serde_json::from_slice(&bytes).map_err(|e| wrong(says::not_readable_as_json(e)))?;
    let tokenizer = Tokenizer::from_bytes(&bytes).map_err(|e| wrong(says::not_readable(e.to_string())))?;
    let model = &json["model"];
    let unigram = model["type"].as_str().is_some_and(|kind| kind != "BPE");
    if unigram {
        return Err(wrong(says::gguf_no_such_tokenizer(
            model["type"].as_str().unwrap_or_default(),
        )));
    }
    let pieces = model["byte_fallback"] == true;
    let tokens = tokens(&tokenizer, rows, pieces).map_err(wrong)?;
    let mut keys = vec![];
    let mut put = |key: &str, value: Value| keys.push((format!("tokenizer.ggml.{key}"), value));
    let merges = merges(model);
    let mut told = None;
    if pieces {
        put("model", Value::Text("llama".into()));
        put("pre", Value::Text("default".into()));
        put("scores", Value::F32s(scores(&tokens.texts, &merges)));
        put("add_space_prefix", Value::Bool(has_prefix(&json)));
        told = replaces_letters(&json["normalizer"]).then(says::gguf_other_letters);
    } else {
        let pre = pre::name(&tokenizer, &json);
        if pre.is_none() {
            told = Some(says::gguf_unnamed_parts());
        }
        put("model", Value::Text("gpt2".into()));
        put("pre", Value::Text(pre.unwrap_or("default").into()));
        let joined = merges
            .iter()
            .map(|[left, right]| format!("{} {}", unspaced(left), unspaced(right)));
        put("merges", Value::Texts(joined.collect()));
    }
    let known = encoder.tokenizer();
    let (bos, eos) = (known.bos(), known.eos());
    for (special, key) in [
        (bos, "bos_token_id"),
        (eos, "eos_token_id"),
        (known.unk(), "unknown_token_id"),
        (known.pad(), "padding_token_id"),
    ] {
        if let Some(special) = special {
            put(key, Value::U32(special.id));
        }
    }
    // where a turn ends otherwise than a text
    if let Some(stop) = encoder
        .stop_ids()
        .iter()
        .find(|stop| eos.is_none_or(|eos| eos.id != **stop))
    {
        let key = if eos.is_some() { "eot_token_id" } else { "eos_token_id" };
        put(key, Value::U32(*stop));
    }
    let around = tokenizer.encode("a", true).ok();
    let first = around.and_then(|encoding| encoding.get_ids().first().copied());
    let begins = bos.is_some_and(|bos| known.add_bos_token() || first == Some(bos.id));
    put("add_bos_token", Value::Bool(begins));
    put("tokens", Value::Texts(tokens.texts));
    put("token_type", Value::I32s(tokens.kinds));
    let template = encoder.to_chat_template();
    keys.push(("tokenizer.chat_template".into(), Value::Text(template)));
    Ok(Vocabulary { keys, told })
}

fn tokens(tokenizer: &Tokenizer, rows: usize, pieces: bool) -> std::result::Result<Tokens, Said> {
    let vocabulary = tokenizer.get_vocab(true);
    let count = vocabulary.values().max().map_or(0, |id| *id as usize + 1);
    if count > rows {
        return Err(says::gguf_tokens_past_rows(count, rows));
    }
    let mut texts: Vec<String> = (0..rows).map(|id| format!("[PAD{id}]")).collect();
    let mut kinds = vec![UNUSED; rows];
    let added = tokenizer.get_added_vocabulary().get_added_tokens_decoder();
    let unknown = unknown(tokenizer);
    for (text, id) in vocabulary {
        let n = id as usize;
        (texts[n], kinds[n]) = match added.get(&id) {
            _ if unknown == Some(id) => (text, UNKNOWN),
            Some(token) if token.special || looks_special(&text) => (text, CONTROL),
            // spaces are not written otherwise in what a person added
            Some(_) => (text.replace('▁', " "), OWN),
            None if pieces && is_byte(&text) => (text, BYTE),
            None => (text, NORMAL),
        };
    }
    Ok(Tokens { texts, kinds })
}

fn unknown(tokenizer: &Tokenizer) -> Option<u32> {
    match tokenizer.get_model() {
        tokenizers::ModelWrapper::BPE(bpe) => tokenizer.token_to_id(bpe.get_unk_token().as_deref()?),
        _ => None,
    }
}

/// Whether llama.cpp takes an added token for a control token though its tokenizer does not say so.
fn looks_special(text: &str) -> bool {
    let between = |open: &str, close: &str| text.starts_with(open) && text.ends_with(close);
    ["<pad>", "<mask>", "<2mass>", "[@BOS@]"].contains(&text)
        || between("<|", "|>")
        || between("<｜", "｜>")
        || between("<unused", ">")
}

/// `<0x0A>`
fn is_byte(text: &str) -> bool {
    let code = text.strip_prefix("<0x").and_then(|rest| rest.strip_suffix('>'));
    code.is_some_and(|code| code.len() == 2 && u8::from_str_radix(code, 16).is_ok())
}

fn merges(model: &Json) -> Vec<[String; 2]> {
    let pair = |merge: &Json| match merge {
        Json::String(text) => text
            .split_once(' ')
            .map(|(left, right)| [left.to_owned(), right.to_owned()]),
        Json::Array(pair) => match &pair[..] {
            [Json::String(left), Json::String(right)] => Some([left.clone(), right.clone()]),
            _ => None,
        },
        _ => None,
    };
    model["merges"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(pair)
        .collect()
}

/// A space within a merge would part it.
fn unspaced(text: &str) -> String {
    text.replace(' ', "Ġ")
}

/// The earlier the first merge that makes a piece, the better it scores.
fn scores(tokens: &[String], merges: &[[String; 2]]) -> Vec<f32> {
    let mut ranks: HashMap<String, usize> = HashMap::with_capacity(merges.len());
    for (rank, pair) in merges.iter().enumerate() {
        ranks.entry(pair.concat()).or_insert(rank);
    }
    // exact in f32: there are fewer than 2^24 merges
    tokens
        .iter()
        .map(|token| ranks.get(token).map_or(NEVER, |rank| -(*rank as f32)))
        .collect()
}

/// Whether a space is put in front of a text.
fn replaces_letters(normalizer: &Json) -> bool {
    let own = |step: &Json| ["Precompiled", "Strip"].iter().any(|kind| step["type"] == *kind);
    own(normalizer) || normalizer["normalizers"].as_array().into_iter().flatten().any(own)
}

fn has_prefix(json: &Json) -> bool {
    let says = |json: &Json| {
        let own = |step: &Json| {
            step["type"] == "Prepend"
                || (step["type"] == "Metaspace"
                    && step["prepend_scheme"] != "never"
                    && step["add_prefix_space"] != false)
        };
        let steps = ["normalizers", "pretokenizers"]
            .into_iter()
            .filter_map(|key| json[key].as_array());
        own(json) || steps.flatten().any(own)
    };
    says(&json["normalizer"]) || says(&json["pre_tokenizer"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Encoder, Template, gguf_tokenizer, gguf_tokenizer_config};
    use crate::files::tests::TempDir;
    use crate::quant::gguf_file::GgufFile;
    use protocol::config::Wording;

    fn of(folder: &std::path::Path, rows: usize) -> Vocabulary {
        let tokenizer = crate::data::Tokenizer::from_dir(folder).unwrap();
        let template = Template::named("default").unwrap();
        let encoder = Encoder::worded(tokenizer, template, &Wording::default()).unwrap();
        let encoder = &encoder;
        vocabulary(Words { folder, encoder }, rows).unwrap()
    }

    fn list(value: &Value) -> Vec<Json> {
        match value {
            Value::Texts(all) => all.iter().map(|text| Json::from(text.as_str())).collect(),
            Value::I32s(all) => all.iter().map(|number| Json::from(*number)).collect(),
            other => panic!("{other:?} is no list"),
        }
    }

    /// Tokenizers that llama.cpp's own library wrote into files: read, made into folders, and written again.
    #[test]
    fn a_tokenizer_is_written_as_it_was_read() {
        let golden = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/gguf_tokenizers");
        for name in ["gpt-2", "llama-bpe", "qwen2", "smollm", "tekken", "llama-spm"] {
            let dir = TempDir::new();
            let path = golden.join(format!("{name}.gguf"));
            let json = gguf_tokenizer(&path).unwrap();
            std::fs::write(dir.path().join("tokenizer.json"), json.to_string()).unwrap();
            let config = gguf_tokenizer_config(&path).unwrap();
            std::fs::write(dir.path().join("tokenizer_config.json"), config.to_string()).unwrap();
            let wanted = ["tokens", "token_type", "merges"].map(|key| format!("tokenizer.ggml.{key}"));
            let (file, lists) = GgufFile::open_with(&path, &wanted.each_ref().map(String::as_str)).unwrap();
            let count = lists[&wanted[0]].len();
            let written = of(dir.path(), count + 2);
            assert_eq!(written.told, None, "{name}");
            let get = |key: &str| written.keys.iter().find(|(own, _)| own == key).map(|(_, value)| value);
            for key in wanted {
                let Some(want) = lists.get(&key) else { continue };
                let mut got = list(get(&key).unwrap());
                if !key.ends_with("merges") {
                    // rows of the tables that no token has
                    assert_eq!(got.len(), count + 2);
                    got.truncate(count);
                }
                assert!(got == *want, "{name}: {key}");
            }
            for key in ["pre", "model", "bos_token_id", "eos_token_id"] {
                let key = format!("tokenizer.ggml.{key}");
                let got = match get(&key) {
                    Some(Value::Text(text)) => Json::from(text.as_str()),
                    Some(Value::U32(number)) => Json::from(*number),
                    other => panic!("{name}: {key} is {other:?}"),
                };
                assert_eq!(Some(&got), file.metadata.get(&key), "{name}: {key}");
            }
        }
    }

    #[test]
    fn the_earlier_a_merge_the_better_its_piece_scores() {
        let merges = [["a", "b"], ["ab", "c"], ["a", "bc"]].map(|pair| pair.map(str::to_owned));
        let tokens = ["a", "ab", "abc"].map(str::to_owned);
        assert_eq!(scores(&tokens, &merges), [NEVER, 0.0, -1.0]);
    }
}
