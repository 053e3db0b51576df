//! Tokenizers that lie in another form than `tokenizer.json`, turned into it.

mod form;
mod merges;
mod normalizer;
mod protobuf;
mod ranks;
mod sentencepiece;
mod slow;
mod tekken;

pub use form::merges_by_score;
pub use normalizer::Pipeline;
pub use slow::{Slow, differs};

use std::path::Path;

use protocol::{Said, says};
use serde_json::Value;

use super::error::Result;
use super::tokenizer_gguf;
use super::tokenizer_read::{fail, guarded, json, read};
use crate::quant::gguf_file::is_gguf;
use form::{Added, Form};
use merges::Parts;
use normalizer::Prefix;
use sentencepiece::Pieces;

/// A tokenizer made of another form.
pub struct Made {
    form: Form,
    /// What the form's rules come close to.
    pieces: Option<OwnRules>,
    /// Special tokens where the folder's other files are silent.
    pub bos: Option<String>,
    pub eos: Option<String>,
    pub unk: Option<String>,
}

/// SentencePiece's own way: how texts are written, and what parts them then.
struct OwnRules {
    written: normalizer::Pieces,
    parts: Value,
}

impl Made {
    /// What gives the ids of the folder's own library.
    pub fn pipeline(&self) -> tokenizers::Result<Pipeline> {
        match &self.pieces {
            Some(own) => self.form.pipeline(own.written.clone(), &own.parts),
            None => Pipeline::from_bytes(serde_json::to_vec(&self.form)?),
        }
    }

    /// Writes texts without a space of their own: who asks for ids puts it there.
    fn leave_prefix(&mut self) {
        if let Some(own) = &mut self.pieces {
            own.written.prefix = Prefix::None;
        }
    }

    /// `tokenizer.json`, which the crate reads and an export carries.
    pub fn json(&self) -> std::result::Result<Vec<u8>, Said> {
        serde_json::to_vec(&self.form).map_err(says::internal_error)
    }
}

/// The ChatGLM tokens behind the pieces. The first three and the roles are looked for in texts; the two in the middle are
/// ordinary letters there.
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

/// GLM-4's, behind its ranks.
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

/// Qwen's, behind its ranks: three with a use and 205 without.
const QWEN: [&str; 3] = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];
const QWEN_EXTRA: u32 = 205;

/// How a `tokenizer.json` begins that [`Made::json`] wrote: no other program writes it so.
const WRITTEN_HERE: &[u8] = br#"{"version":"1.0","added_tokens":"#;

/// The piece of a lone space.
pub const SPACE: &str = "▁";

/// What the folder says of its tokenizer beside the vocabulary.
struct Beside<'a> {
    config: &'a Value,
    map: &'a Value,
    /// The class without its `Fast`.
    class: &'a str,
    /// `model_type` of `config.json`.
    model: String,
}

/// The tokenizer of a folder or GGUF file, and what it is made of where `tokenizer.json` is not its own form.
///
/// `slow`: of the slow class, which is asked with [`Slow::text`].
pub fn opened(dir: &Path, config: &Value, map: &Value, slow: bool) -> Result<(Pipeline, Option<Made>)> {
    let library = |bytes: &[u8]| guarded(dir, "`tokenizer.json`", || Pipeline::from_bytes(bytes));
    let own = |made: &Made| guarded(dir, "`tokenizer.json`", || made.pipeline());
    if dir.is_file() && is_gguf(dir) {
        let made = tokenizer_gguf::tokenizer(dir).map_err(|problem| fail(dir, problem))?;
        return Ok((library(made.to_string().as_bytes())?, None));
    }
    if slow && let Some(mut made) = made(dir, config, map)? {
        made.leave_prefix();
        return Ok((own(&made)?, Some(made)));
    }
    let Some(bytes) = read(&dir.join("tokenizer.json"))? else {
        let made = made(dir, config, map)?.ok_or_else(|| fail(dir, says::tokenizer_json_missing()))?;
        return Ok((own(&made)?, Some(made)));
    };
    if bytes.starts_with(WRITTEN_HERE)
        && let Ok(Some(made)) = made(dir, config, map)
        && made.json().is_ok_and(|json| json == bytes)
    {
        // an export of ours: the form that it was made of says more
        return Ok((own(&made)?, Some(made)));
    }
    Ok((library(&bytes)?, None))
}

/// The tokenizer of a folder without `tokenizer.json`; `None` where it has none. `config` and `map` are
/// `tokenizer_config.json` and `special_tokens_map.json`.
pub fn made(dir: &Path, config: &Value, map: &Value) -> Result<Option<Made>> {
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
    let (name, made) = if let Some(bytes) = file("tekken.json")? {
        ("tekken.json", tekken(&bytes))
    } else if let Some(bytes) = file("tokenizer.model")? {
        let made = match ranks::is_ranks(&bytes) {
            true => of_ranks(&bytes, &beside),
            false => of_pieces(&bytes, &beside),
        };
        ("tokenizer.model", made)
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
    let mut made = made.map_err(|problem| fail(&path, problem))?;
    let listed = listed(&beside, &json(dir, "added_tokens.json")?);
    if let Some(token) = made.form.add(listed).first() {
        return Err(fail(&path, says::words_id_taken(&token.content, token.id, name)));
    }
    // named as special alone: they have their ids already
    let special = named(config, map).into_iter();
    let special: Vec<Added> = special
        .filter_map(|token| Some(Added::special(made.form.id(&token)?, token)))
        .filter(|token| {
            !made
                .form
                .added_tokens
                .iter()
                .any(|known| known.id == token.id && known.special)
        })
        .collect();
    made.form.add(special);
    Ok(Some(made))
}

fn tekken(bytes: &[u8]) -> std::result::Result<Made, Said> {
    Ok(Made {
        form: tekken::form(bytes)?,
        pieces: None,
        bos: Some("<s>".into()),
        eos: Some("</s>".into()),
        unk: Some("<unk>".into()),
    })
}

fn qwen(bytes: &[u8]) -> std::result::Result<Made, Said> {
    let ranks = ranks::read("qwen.tiktoken", bytes)?;
    let mut form = ranks::form(&ranks, ranks::QWEN);
    form.normalizer = serde_json::json!({"type": "NFC"});
    let names = QWEN.map(str::to_owned).into_iter();
    let names = names.chain((0..QWEN_EXTRA).map(|n| format!("<|extra_{n}|>")));
    form.add(behind(ranks.len(), names));
    Ok(Made {
        form,
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

fn of_ranks(bytes: &[u8], beside: &Beside) -> std::result::Result<Made, Said> {
    let ranks = ranks::read("tokenizer.model", bytes)?;
    let glm = beside.class.starts_with("ChatGLM") || beside.model.starts_with("chatglm");
    let pattern = match beside.model.starts_with("llama4") {
        true => ranks::CASED,
        false => ranks::THREE_DIGITS,
    };
    let mut form = ranks::form(&ranks, pattern);
    if glm && beside.config["added_tokens_decoder"].is_null() {
        form.add(behind(ranks.len(), GLM4.map(str::to_owned).into_iter()));
    }
    Ok(Made {
        form,
        pieces: None,
        bos: None,
        eos: glm.then(|| GLM4[0].into()),
        unk: None,
    })
}

fn of_pieces(bytes: &[u8], beside: &Beside) -> std::result::Result<Made, Said> {
    let pieces = Pieces::read(bytes)?;
    let flag = |key: &str| beside.config[key].as_bool();
    let prefix = match (flag("add_prefix_space"), flag("legacy")) {
        (Some(false), _) => Prefix::None,
        (_, Some(false)) => Prefix::FirstPart,
        _ => Prefix::EachPart,
    };
    let mut form = pieces.form(prefix);
    if beside.class.starts_with("ChatGLM") {
        let first = pieces.len();
        let listed = behind(first, CHATGLM.map(str::to_owned).into_iter()).collect::<Vec<_>>();
        form.add(listed);
        form.added_tokens
            .retain(|token| !["sop", "eop"].contains(&token.content.as_str()));
    }
    Ok(Made {
        bos: pieces.begin(),
        eos: pieces.end(),
        unk: pieces.unknown(),
        pieces: Some(OwnRules {
            written: pieces.written(prefix),
            parts: pieces.parts(),
        }),
        form,
    })
}

fn of_merges(vocab: &[u8], merges: &[u8], beside: &Beside) -> std::result::Result<Made, Said> {
    let parts = Parts::of(beside.class, &beside.model);
    let parts = parts.ok_or_else(|| says::words_class(beside.class, "vocab.json"))?;
    let space = beside.config["add_prefix_space"].as_bool().unwrap_or(false);
    let end = || Some("<|endoftext|>".to_owned());
    Ok(Made {
        form: merges::form(vocab, merges, parts, space)?,
        pieces: None,
        bos: if parts == Parts::Gpt2 { end() } else { None },
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
