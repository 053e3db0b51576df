//! Converts tokenizers in other formats to `tokenizer.json`.

mod merges;
mod normalizer;
mod protobuf;
mod ranks;
mod sentencepiece;
mod slow;
mod tekken;
mod tokenizer_json;

pub use normalizer::Pipeline;
pub use slow::{Slow, differs};
pub use tokenizer_json::merges_by_score;

use std::path::Path;

use protocol::{Said, says};
use serde_json::Value;

use super::error::Result;
use super::tokenizer_gguf;
use super::tokenizer_read::{fail, guarded, json, read};
use crate::quant::gguf_file::is_gguf;
use merges::PreTokenizer;
use normalizer::Prefix;
use sentencepiece::Pieces;
use tokenizer_json::{Added, TokenizerJson};

/// A tokenizer converted from another format.
pub struct Converted {
    tokenizer_json: TokenizerJson,
    /// SentencePiece's own rules, which those of `tokenizer_json` approximate.
    pieces: Option<OwnRules>,
    /// Special tokens that are used if the folder's other files name none.
    pub bos: Option<String>,
    pub eos: Option<String>,
    pub unk: Option<String>,
}

/// SentencePiece's own normalizer and pre-tokenizer.
struct OwnRules {
    written: normalizer::Pieces,
    parts: Value,
}

impl Converted {
    /// The tokenizer that gives the same ids as the folder's own library.
    pub fn pipeline(&self) -> tokenizers::Result<Pipeline> {
        match &self.pieces {
            Some(own) => self.tokenizer_json.pipeline(own.written.clone(), &own.parts),
            None => Pipeline::from_bytes(serde_json::to_vec(&self.tokenizer_json)?),
        }
    }

    /// Adds no space in front of texts: the caller does.
    fn leave_prefix(&mut self) {
        if let Some(own) = &mut self.pieces {
            own.written.prefix = Prefix::None;
        }
    }

    /// The bytes of a `tokenizer.json`, which the crate reads and an export contains.
    pub fn json(&self) -> std::result::Result<Vec<u8>, Said> {
        serde_json::to_vec(&self.tokenizer_json).map_err(says::internal_error)
    }
}

/// ChatGLM's tokens after the pieces. The first three and the roles are special in texts; `sop` and `eop` are ordinary
/// characters there.
const CHATGLM: [&str; 9] = [
    "[MASK]",
    "[gMASK]",
    "[sMASK]",
    "sop",
    "eop",
    "<|system|>",
    "<|user|>",
    "<|assistant|>",
    "<|observation|>",
];

/// GLM-4's special tokens, after its ranks.
const GLM4: [&str; 14] = [
    "<|endoftext|>",
    "[MASK]",
    "[gMASK]",
    "[sMASK]",
    "<sop>",
    "<eop>",
    "<|system|>",
    "<|user|>",
    "<|assistant|>",
    "<|observation|>",
    "<|begin_of_image|>",
    "<|end_of_image|>",
    "<|begin_of_video|>",
    "<|end_of_video|>",
];

/// Qwen's special tokens, after its ranks: three in use and 205 spare ones.
const QWEN: [&str; 3] = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];
const QWEN_EXTRA: u32 = 205;

/// How a `tokenizer.json` begins that [`Converted::json`] wrote: no other program writes it so.
const WRITTEN_HERE: &[u8] = br#"{"version":"1.0","added_tokens":"#;

/// The piece of a lone space.
pub const SPACE: &str = "▁";

/// The folder's settings of its tokenizer, beside the vocabulary.
struct Beside<'a> {
    config: &'a Value,
    map: &'a Value,
    /// The class without its `Fast`.
    class: &'a str,
    /// `model_type` of `config.json`.
    model: String,
}

/// The tokenizer of a folder or GGUF file, and what it was converted from, if it has no `tokenizer.json` of its own.
///
/// `slow`: that of the slow class, which encodes [`Slow::text`].
pub fn open(dir: &Path, config: &Value, map: &Value, slow: bool) -> Result<(Pipeline, Option<Converted>)> {
    let library = |bytes: &[u8]| guarded(dir, "`tokenizer.json`", || Pipeline::from_bytes(bytes));
    let own = |converted: &Converted| guarded(dir, "`tokenizer.json`", || converted.pipeline());
    if dir.is_file() && is_gguf(dir) {
        let converted = tokenizer_gguf::tokenizer(dir).map_err(|problem| fail(dir, problem))?;
        return Ok((library(converted.to_string().as_bytes())?, None));
    }
    if slow && let Some(mut converted) = convert(dir, config, map)? {
        converted.leave_prefix();
        return Ok((own(&converted)?, Some(converted)));
    }
    let Some(bytes) = read(&dir.join("tokenizer.json"))? else {
        let converted = convert(dir, config, map)?.ok_or_else(|| fail(dir, says::tokenizer_json_missing()))?;
        return Ok((own(&converted)?, Some(converted)));
    };
    if bytes.starts_with(WRITTEN_HERE)
        && let Ok(Some(converted)) = convert(dir, config, map)
        && converted.json().is_ok_and(|json| json == bytes)
    {
        // an export of ours: the format that it was converted from has more
        return Ok((own(&converted)?, Some(converted)));
    }
    Ok((library(&bytes)?, None))
}

/// The tokenizer of a folder without `tokenizer.json`; `None` if it has none. `config` and `map` are
/// `tokenizer_config.json` and `special_tokens_map.json`.
pub fn convert(dir: &Path, config: &Value, map: &Value) -> Result<Option<Converted>> {
    let model = json(dir, "config.json")?;
    let beside = Beside {
        config,
        map,
        class: config["tokenizer_class"]
            .as_str()
            .unwrap_or_default()
            .trim_end_matches("Fast"),
        model: model["model_type"].as_str().unwrap_or_default().to_owned(),
    };
    let file = |name: &str| -> Result<Option<Vec<u8>>> { read(&dir.join(name)) };
    let (name, converted) = if let Some(bytes) = file("tekken.json")? {
        ("tekken.json", tekken(&bytes))
    } else if let Some(bytes) = file("tokenizer.model")? {
        let converted = match ranks::is_ranks(&bytes) {
            true => of_ranks(&bytes, &beside),
            false => of_pieces(&bytes, &beside),
        };
        ("tokenizer.model", converted)
    } else if let Some(bytes) = file("qwen.tiktoken")? {
        ("qwen.tiktoken", qwen(&bytes))
    } else if let Some(vocab) = file("vocab.json")? {
        let merges = file("merges.txt")?;
        let merges = merges.ok_or_else(|| fail(&dir.join("vocab.json"), says::words_no_merges()))?;
        ("vocab.json", of_merges(&vocab, &merges, &beside))
    } else {
        return Ok(None);
    };
    let path = dir.join(name);
    let mut converted = converted.map_err(|problem| fail(&path, problem))?;
    let listed = listed(&beside, &json(dir, "added_tokens.json")?);
    if let Some(token) = converted.tokenizer_json.add(listed).first() {
        return Err(fail(&path, says::words_id_taken(&token.content, token.id, name)));
    }
    // tokens that are only named as special have ids already
    let special = named(config, map).into_iter();
    let special: Vec<Added> = special
        .filter_map(|token| Some(Added::special(converted.tokenizer_json.id(&token)?, token)))
        .filter(|token| {
            !converted
                .tokenizer_json
                .added_tokens
                .iter()
                .any(|known| known.id == token.id && known.special)
        })
        .collect();
    converted.tokenizer_json.add(special);
    Ok(Some(converted))
}

fn tekken(bytes: &[u8]) -> std::result::Result<Converted, Said> {
    Ok(Converted {
        tokenizer_json: tekken::tokenizer_json(bytes)?,
        pieces: None,
        bos: Some("<s>".into()),
        eos: Some("</s>".into()),
        unk: Some("<unk>".into()),
    })
}

fn qwen(bytes: &[u8]) -> std::result::Result<Converted, Said> {
    let ranks = ranks::read("qwen.tiktoken", bytes)?;
    let mut tokenizer_json = ranks::tokenizer_json(&ranks, ranks::QWEN);
    tokenizer_json.normalizer = serde_json::json!({"type": "NFC"});
    let names = QWEN.map(str::to_owned).into_iter();
    let names = names.chain((0..QWEN_EXTRA).map(|n| format!("<|extra_{n}|>")));
    tokenizer_json.add(behind(ranks.len(), names));
    Ok(Converted {
        tokenizer_json,
        pieces: None,
        bos: None,
        eos: Some(QWEN[0].into()),
        unk: None,
    })
}

/// Special tokens from the id `first` on.
fn behind(first: usize, names: impl Iterator<Item = String>) -> impl Iterator<Item = Added> {
    let ids = (first..).filter_map(|id| u32::try_from(id).ok());
    ids.zip(names).map(|(id, name)| Added::special(id, name))
}

fn of_ranks(bytes: &[u8], beside: &Beside) -> std::result::Result<Converted, Said> {
    let ranks = ranks::read("tokenizer.model", bytes)?;
    let glm = beside.class.starts_with("ChatGLM") || beside.model.starts_with("chatglm");
    let pattern = match beside.model.starts_with("llama4") {
        true => ranks::CASED,
        false => ranks::THREE_DIGITS,
    };
    let mut tokenizer_json = ranks::tokenizer_json(&ranks, pattern);
    if glm && beside.config["added_tokens_decoder"].is_null() {
        tokenizer_json.add(behind(ranks.len(), GLM4.map(str::to_owned).into_iter()));
    }
    Ok(Converted {
        tokenizer_json,
        pieces: None,
        bos: None,
        eos: glm.then(|| GLM4[0].into()),
        unk: None,
    })
}

fn of_pieces(bytes: &[u8], beside: &Beside) -> std::result::Result<Converted, Said> {
    let pieces = Pieces::read(bytes)?;
    let flag = |key: &str| beside.config[key].as_bool();
    let prefix = match (flag("add_prefix_space"), flag("legacy")) {
        (Some(false), _) => Prefix::None,
        (_, Some(false)) => Prefix::FirstPart,
        _ => Prefix::EachPart,
    };
    let mut tokenizer_json = pieces.tokenizer_json(prefix);
    if beside.class.starts_with("ChatGLM") {
        let first = pieces.len();
        let listed = behind(first, CHATGLM.map(str::to_owned).into_iter()).collect::<Vec<_>>();
        tokenizer_json.add(listed);
        tokenizer_json
            .added_tokens
            .retain(|token| !["sop", "eop"].contains(&token.content.as_str()));
    }
    Ok(Converted {
        bos: pieces.begin(),
        eos: pieces.end(),
        unk: pieces.unknown(),
        pieces: Some(OwnRules {
            written: pieces.written(prefix),
            parts: pieces.parts(),
        }),
        tokenizer_json,
    })
}

fn of_merges(vocab: &[u8], merges: &[u8], beside: &Beside) -> std::result::Result<Converted, Said> {
    let parts = PreTokenizer::of(beside.class, &beside.model);
    let parts = parts.ok_or_else(|| says::words_class(beside.class, "vocab.json"))?;
    let space = beside.config["add_prefix_space"].as_bool().unwrap_or(false);
    let end = || Some("<|endoftext|>".to_owned());
    Ok(Converted {
        tokenizer_json: merges::tokenizer_json(vocab, merges, parts, space)?,
        pieces: None,
        bos: if parts == PreTokenizer::Gpt2 { end() } else { None },
        eos: end(),
        unk: end(),
    })
}

/// Names that `tokenizer_config.json` and `special_tokens_map.json` give special tokens.
pub fn named(config: &Value, map: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().or_else(|| value["content"].as_str()).map(str::to_owned);
    let one = [
        "bos_token",
        "eos_token",
        "unk_token",
        "pad_token",
        "sep_token",
        "cls_token",
        "mask_token",
    ];
    let several = ["additional_special_tokens", "extra_special_tokens"];
    let mut names = vec![];
    for file in [config, map] {
        names.extend(one.iter().filter_map(|key| text(&file[*key])));
        let lists = several.iter().filter_map(|key| file[*key].as_array());
        names.extend(lists.flatten().filter_map(text));
    }
    names
}

/// Tokens with ids: `added_tokens_decoder`, or `added_tokens.json` of old folders.
fn listed(beside: &Beside, added: &Value) -> Vec<Added> {
    let special = named(beside.config, beside.map);
    let mut tokens = vec![];
    if let Some(listed) = beside.config["added_tokens_decoder"].as_object() {
        for (id, token) in listed {
            let (Ok(id), Some(text)) = (id.parse(), token["content"].as_str()) else {
                continue;
            };
            let flag = |key: &str| token[key].as_bool().unwrap_or(false);
            tokens.push(Added {
                id,
                content: text.to_owned(),
                special: flag("special") || special.iter().any(|name| name == text),
                single_word: flag("single_word"),
                lstrip: flag("lstrip"),
                rstrip: flag("rstrip"),
                normalized: false,
                own: false,
            });
        }
    } else if let Some(listed) = added.as_object() {
        for (text, id) in listed {
            let Some(id) = id.as_u64().and_then(|id| u32::try_from(id).ok()) else {
                continue;
            };
            tokens.push(Added {
                special: special.contains(text),
                ..Added::special(id, text.as_str())
            });
        }
    }
    // letters of a word, whatever lists them
    let letters =
        |token: &Added| beside.class.starts_with("ChatGLM") && ["sop", "eop"].contains(&token.content.as_str());
    tokens.retain(|token| !letters(token));
    tokens
}
