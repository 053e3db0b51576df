//! A model folder's tokenizer: `tokenizer.json`, or one converted from another format, with the folder's special tokens
//! and chat template.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tokenizers::AddedToken;

use super::error::{DataError, Result};
use super::tokenizer_files::{self, Pipeline, Slow};
use super::tokenizer_gguf;
use super::tokenizer_read::{fail, guarded, json, read};
use crate::quant::gguf_file::is_gguf;
use protocol::said::Arg;
use protocol::says;

/// Longer texts are refused: while it encodes, the library needs up to 300 bytes of memory for each of their bytes.
const MAX_TEXT: usize = 4 << 20;

/// A special token: its text and id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Special {
    pub text: String,
    pub id: u32,
}

/// Text to token ids and back.
#[derive(Debug, Clone)]
pub struct Tokenizer {
    inner: Pipeline,
    path: PathBuf,
    bos: Option<Special>,
    eos: Option<Special>,
    pad: Option<Special>,
    unk: Option<Special>,
    add_bos_token: bool,
    /// As asked for.
    fast: Option<bool>,
    /// The slow class's encoder, if its ids differ.
    slow: Option<Slow>,
    chat_template: Option<String>,
    /// Names of the chat templates, if there are several and none is `default`.
    other_templates: Vec<String>,
}

impl Tokenizer {
    /// The tokenizer of a folder, or of a GGUF file that has none beside it. Reads `tokenizer.json` or one of
    /// [`protocol::tokenizer_files::TOKENIZERS`], `tokenizer_config.json`, `special_tokens_map.json`, `chat_template.jinja` and, for
    /// models that name their special tokens nowhere else, `config.json`.
    pub fn from_dir(dir: &Path) -> Result<Self> {
        Self::of_class(dir, None)
    }

    /// As [`Tokenizer::from_dir`], with the slow class's ids if `fast` is false and the folder has the files that it
    /// reads.
    pub fn of_class(dir: &Path, fast: Option<bool>) -> Result<Self> {
        let config = config(dir)?;
        let map = json(dir, "special_tokens_map.json")?;
        let slow = fast == Some(false) && tokenizer_files::differs(dir, &config)?;
        let (inner, converted) = tokenizer_files::open(dir, &config, &map, slow)?;
        let mut this = Self {
            inner,
            path: dir.to_owned(),
            bos: None,
            eos: None,
            pad: None,
            unk: None,
            add_bos_token: false,
            fast,
            slow: None,
            chat_template: None,
            other_templates: Vec::new(),
        };
        // Templates place special tokens themselves, so the post-processor has nothing to add; without it, offsets
        // stay untrimmed.
        this.inner.with_post_processor(None::<tokenizers::PostProcessorWrapper>);
        this.inner.with_padding(None);
        this.inner
            .with_truncation(None)
            .map_err(|e| fail(dir, says::internal_error(e.to_string())))?;
        this.add_tokens_of(&config)?;

        let class = config["tokenizer_class"].as_str().unwrap_or_default();
        let named = |key: &str, fallback: Option<&str>| -> Option<String> {
            [&config[key], &map[key]]
                .into_iter()
                .find_map(|v| v.as_str().or_else(|| v["content"].as_str()))
                .map(str::to_owned)
                // An explicit null means there is none.
                .or_else(|| {
                    let unset = config.get(key).is_none() && map.get(key).is_none();
                    fallback.filter(|_| unset).map(str::to_owned)
                })
        };
        // What transformers' tokenizer classes assume where the files are silent.
        let (bos, eos) = match (class.trim_end_matches("Fast"), &converted) {
            (_, Some(converted)) => (converted.bos.as_deref(), converted.eos.as_deref()),
            ("LlamaTokenizer" | "CodeLlamaTokenizer", None) => (Some("<s>"), Some("</s>")),
            ("Qwen2Tokenizer", None) => (None, Some("<|endoftext|>")),
            _ => (None, None),
        };
        let unk = converted.as_ref().and_then(|converted| converted.unk.as_deref());
        let (bos, eos) = (named("bos_token", bos), named("eos_token", eos));
        let (pad, unk) = (named("pad_token", None), named("unk_token", unk));
        this.bos = bos.and_then(|t| this.special(&t));
        this.eos = eos.and_then(|t| this.special(&t));
        this.pad = pad.and_then(|t| this.special(&t));
        this.unk = unk.and_then(|t| this.special(&t));
        if config.is_null() && map.is_null() && converted.is_none() {
            let model = json(dir, "config.json")?;
            this.bos = this.special_of_id(&model["bos_token_id"]);
            this.eos = this.special_of_id(&model["eos_token_id"]);
        }

        if slow {
            let known = [&this.bos, &this.eos, &this.pad, &this.unk];
            let known = known.into_iter().flatten().map(|special| special.id);
            let listed = tokenizer_files::named(&config, &map);
            let listed = listed.iter().filter_map(|token| this.token_id(token));
            this.slow = Some(Slow {
                named: known.chain(listed).collect(),
                space: this.token_id(tokenizer_files::SPACE),
            });
        }

        let class_adds_bos = class.starts_with("Llama") || class.starts_with("CodeLlama") || class.starts_with("Gemma");
        this.add_bos_token = class_adds_bos && config["add_bos_token"].as_bool().unwrap_or(true) && this.bos.is_some();
        this.chat_template = chat_template(dir, &config)?;
        if this.chat_template.is_none() {
            let names = config["chat_template"].as_array().into_iter().flatten();
            this.other_templates = names.filter_map(|t| t["name"].as_str()).map(str::to_owned).collect();
        }
        Ok(this)
    }

    /// Token ids of `text`, without added special tokens. Special tokens that the text contains become their ids, as in
    /// transformers.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>> {
        if text.is_empty() {
            return Ok(Vec::new());
        }
        bounded(text)?;
        let Some(slow) = &self.slow else {
            let encoding = guarded(&self.path, "encoding", || self.inner.encode_fast(text, false))?;
            return Ok(encoding.get_ids().to_vec());
        };
        let handed_on = slow.text(text);
        let encoding = guarded(&self.path, "encoding", || self.inner.encode_fast(handed_on, false))?;
        let ids = encoding.get_ids();
        Ok(ids.iter().skip(slow.too_many(ids)).copied().collect())
    }

    /// Token ids, each with its byte range in the text.
    pub(crate) fn encode_with_offsets(&self, text: &str) -> Result<(Vec<u32>, Vec<(usize, usize)>)> {
        if text.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        bounded(text)?;
        let Some(slow) = &self.slow else {
            let encoding = guarded(&self.path, "encoding", || self.inner.encode(text, false))?;
            return Ok((encoding.get_ids().to_vec(), encoding.get_offsets().to_vec()));
        };
        let handed_on = slow.text(text);
        let encoding = guarded(&self.path, "encoding", || self.inner.encode(handed_on, false))?;
        let ids = encoding.get_ids();
        let places = slow.places(text);
        let place = |at: usize| places.get(at).copied().unwrap_or(text.len());
        let offsets = encoding
            .get_offsets()
            .iter()
            .map(|(from, to)| (place(*from), place(*to)));
        let first = slow.too_many(ids);
        Ok((ids.iter().skip(first).copied().collect(), offsets.skip(first).collect()))
    }

    /// The text of `ids`, without special tokens.
    pub fn decode(&self, ids: &[u32]) -> Result<String> {
        guarded(&self.path, "decoding", || self.inner.decode(ids, true))
    }

    /// The text of `ids`, with special tokens.
    pub fn decode_all(&self, ids: &[u32]) -> Result<String> {
        guarded(&self.path, "decoding", || self.inner.decode(ids, false))
    }

    /// The library's tokenizer, for streaming decoding.
    pub fn inner(&self) -> &Pipeline {
        &self.inner
    }

    pub fn token_id(&self, token: &str) -> Option<u32> {
        self.inner.token_to_id(token)
    }

    /// The vocabulary's own spelling of a token (`Ġhello`, `▁hello`).
    pub fn token(&self, id: u32) -> Option<String> {
        self.inner.id_to_token(id)
    }

    pub fn is_special(&self, id: u32) -> bool {
        self.inner
            .get_added_vocabulary()
            .get_added_tokens_decoder()
            .get(&id)
            .is_some_and(|t| t.special)
    }

    /// Ids run from 0 to this, exclusive.
    pub fn vocab_size(&self) -> usize {
        let ids = self.inner.get_vocab(true);
        ids.values().max().map_or(0, |&id| id as usize + 1)
    }

    pub fn bos(&self) -> Option<&Special> {
        self.bos.as_ref()
    }

    pub fn eos(&self) -> Option<&Special> {
        self.eos.as_ref()
    }

    pub fn pad(&self) -> Option<&Special> {
        self.pad.as_ref()
    }

    pub fn unk(&self) -> Option<&Special> {
        self.unk.as_ref()
    }

    /// Whether plain text begins with the BOS token (true of Llama's and Gemma's tokenizers).
    pub fn add_bos_token(&self) -> bool {
        self.add_bos_token
    }

    /// Uses the chat template of another folder, if it has one: an adapter's takes precedence over its base model's.
    pub fn take_template(&mut self, dir: &Path) -> Result<()> {
        let config = config(dir)?;
        if let Some(template) = chat_template(dir, &config)? {
            self.chat_template = Some(template);
        }
        Ok(())
    }

    /// The model's own chat template, in Jinja.
    pub fn chat_template(&self) -> Option<&str> {
        self.chat_template.as_deref()
    }

    /// The names of the model's chat templates, where there are several and none is `default`.
    pub(crate) fn other_templates(&self) -> &[String] {
        &self.other_templates
    }

    /// Makes `token` the EOS token; adds it to the vocabulary if it is missing.
    pub(crate) fn set_eos(&mut self, token: &str) -> Result<()> {
        self.add_special(token)?;
        self.eos = self.special(token);
        Ok(())
    }

    /// Registers `token` as special; a missing one gets the next free id.
    pub(crate) fn add_special(&mut self, token: &str) -> Result<()> {
        self.inner
            .add_special_tokens([AddedToken::from(token, true)])
            .map_err(|e| fail(&self.path, says::internal_error(e.to_string())))?;
        let id = self.token_id(token);
        if let Some(slow) = &mut self.slow {
            slow.named.extend(id);
        }
        Ok(())
    }

    /// Which class's ids were asked for.
    pub(crate) fn fast(&self) -> Option<bool> {
        self.fast
    }

    fn special(&self, text: &str) -> Option<Special> {
        let id = self.inner.token_to_id(text)?;
        Some(Special {
            text: text.to_owned(),
            id,
        })
    }

    fn special_of_id(&self, id: &Value) -> Option<Special> {
        let id = id.as_u64().or_else(|| id[0].as_u64())?;
        let id = u32::try_from(id).ok()?;
        let text = self.inner.id_to_token(id)?;
        Some(Special { text, id })
    }

    /// `added_tokens_decoder` may list tokens that an older `tokenizer.json` lacks.
    fn add_tokens_of(&mut self, config: &Value) -> Result<()> {
        let Some(listed) = config["added_tokens_decoder"].as_object() else {
            return Ok(());
        };
        let mut missing: Vec<(u64, AddedToken)> = Vec::new();
        for (id, token) in listed {
            let (Ok(id), Some(text)) = (id.parse(), token["content"].as_str()) else {
                continue;
            };
            let flag = |key: &str| token[key].as_bool().unwrap_or(false);
            if self.inner.token_to_id(text).is_none() {
                missing.push((
                    id,
                    AddedToken::from(text, flag("special"))
                        .single_word(flag("single_word"))
                        .lstrip(flag("lstrip"))
                        .rstrip(flag("rstrip"))
                        .normalized(flag("normalized")),
                ));
            }
        }
        missing.sort_by_key(|(id, _)| *id);
        for (id, token) in missing {
            let text = token.content.clone();
            self.inner
                .add_tokens([token])
                .map_err(|e| fail(&self.path, says::internal_error(e.to_string())))?;
            let given = self.inner.token_to_id(&text);
            if given.map(u64::from) != Some(id) {
                return Err(fail(
                    &self.path,
                    says::added_token(text, id, given.map_or_else(|| says::no_id().into(), Arg::from)),
                ));
            }
        }
        Ok(())
    }
}

/// Whether a folder has a tokenizer, in any format.
pub fn has_tokenizer(dir: &Path) -> bool {
    protocol::tokenizer_files::has_tokenizer(|name| dir.join(name).is_file())
}

/// Whether a folder has the files that a slow tokenizer class reads.
pub fn has_slow_tokenizer(dir: &Path) -> bool {
    protocol::tokenizer_files::has_slow_tokenizer(|name| dir.join(name).is_file())
}

/// A `tokenizer.json` for a folder whose tokenizer is in another format.
pub fn tokenizer_json(dir: &Path) -> Result<Option<Vec<u8>>> {
    let (config, map) = (config(dir)?, json(dir, "special_tokens_map.json")?);
    match tokenizer_files::convert(dir, &config, &map)? {
        Some(converted) => converted.json().map(Some).map_err(|problem| fail(dir, problem)),
        None => Ok(None),
    }
}

/// Whether a folder has a chat template of its own.
pub fn has_chat_template(dir: &Path) -> bool {
    config(dir).is_ok_and(|config| chat_template(dir, &config).is_ok_and(|template| template.is_some()))
}

/// Refuses a text whose tokens would take more memory than a machine may have.
fn bounded(text: &str) -> Result<()> {
    let mb = |bytes: usize| format!("{:.1}", bytes as f64 / f64::from(1 << 20));
    match text.len() > MAX_TEXT {
        true => Err(DataError::row(says::text_too_long(mb(text.len()), MAX_TEXT >> 20))),
        false => Ok(()),
    }
}

/// The folder's `tokenizer_config.json`, or the equivalent of a GGUF file.
fn config(dir: &Path) -> Result<Value> {
    match is_gguf(dir) && dir.is_file() {
        true => tokenizer_gguf::config(dir).map_err(|problem| fail(dir, problem)),
        false => json(dir, "tokenizer_config.json"),
    }
}

fn chat_template(dir: &Path, config: &Value) -> Result<Option<String>> {
    let path = dir.join("chat_template.jinja");
    if let Some(bytes) = read(&path)? {
        return String::from_utf8(bytes)
            .map(Some)
            .map_err(|_| DataError::file(&path, says::not_utf8()));
    }
    let template = &config["chat_template"];
    if let Some(text) = template.as_str() {
        return Ok(Some(text.to_owned()));
    }
    // Several named templates: `default` is the one for chatting, and one alone needs no such name.
    let Some(list) = template.as_array().filter(|list| !list.is_empty()) else {
        return Ok(None);
    };
    let default = list.iter().find(|t| t["name"].as_str() == Some("default"));
    match (default, list.as_slice()) {
        (Some(chosen), _) | (None, [chosen]) => Ok(chosen["template"].as_str().map(str::to_owned)),
        (None, _) => Ok(None),
    }
}
