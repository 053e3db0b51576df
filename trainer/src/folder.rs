//! Model folders as transformers reads them: weights in shards, configs, tokenizer and chat template; and
//! `corral.json`, which says what a checkpoint was made from.

mod shards;

pub use shards::Shards;

use crate::data::{Encoder, Moment};
use crate::error::{Error, Result};
use crate::model::{Model, ModelConfig};
use crate::quant::gguf_file;
use crate::{files, tensors};
use candle_core::DType;
use protocol::config::{Quantize, Wording};
use protocol::decoder::{HeadTable, RopeScaling, Span};
use protocol::hub::snapshot;
use protocol::says;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// Bytes of a weight file at most, where nothing is said: as transformers has it.
pub const SHARD: u64 = 5_000_000_000;
pub const ORIGIN: &str = "corral.json";
/// The value head of a reward model, beside its adapter or its weights, as LLaMA-Factory saves it.
pub const VALUE_HEAD: &str = "value_head.safetensors";

/// Files of a model folder that go with its weights unchanged.
const COMPANIONS: &[&str] = &["config.json", "generation_config.json"];

/// Those of a tokenizer.
const WORDS: &[&str] = &[
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "merges.txt",
    "tokenizer.model",
    "tekken.json",
    "qwen.tiktoken",
    "chat_template.jinja",
    "chat_template.json",
];

/// `corral.json`: what is needed beside the weights to use a checkpoint as it was trained.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The model trained on: a folder's absolute path, or a hub name.
    pub base: String,
    /// Adapters under this one, frozen in training; not in the checkpoint's own files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adapters: Vec<String>,
    /// How conversations became text in training.
    #[serde(flatten)]
    pub wording: Wording,
    /// The day and time that the template was told in training.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moment: Option<Moment>,
    /// What the model was packed to while it was loaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantize: Option<Quantize>,
    /// How rotary positions were scaled, where the model's config does not say it: the checkpoint is an adapter.
    #[serde(default, rename = "rope_scaling", skip_serializing_if = "Option::is_none")]
    pub rope: Option<RopeScaling>,
    /// Its value head is PPO's, which says what a reply will be worth, not what it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub expects: bool,
}

impl Origin {
    /// `None` for a folder that another program made.
    pub fn read(dir: &Path) -> Result<Option<Self>> {
        let path = dir.join(ORIGIN);
        match files::read_config(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|e| Error::file(&path, says::not_readable(e))),
            Err(Error::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        }
    }

    pub fn write(&self, dir: &Path) -> Result<()> {
        write_json(&dir.join(ORIGIN), &json!(self))
    }
}

/// Where a model's text becomes tokens: folders, an adapter's own before its base's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// with a tokenizer; or a GGUF file
    pub tokenizer: PathBuf,
    /// with the chat template
    pub template: PathBuf,
}

/// Where a model folder's parts come from.
pub struct Source<'a> {
    pub model: &'a Model,
    /// The folder, or the GGUF file, that the model was loaded from.
    pub base: &'a Path,
    pub words: &'a Words,
    /// `None` for models without a template, which plain text can train.
    pub encoder: Option<&'a Encoder>,
    /// What weights are written in; as they are stored where none is said.
    pub dtype: Option<DType>,
}

/// Writes a whole model folder into `dir`, which exists: weights with all adapters folded in, and everything that goes with
/// them. `progress` is told (bytes of weights done, weights done, weights).
pub fn write(
    dir: &Path,
    source: &Source,
    shard_bytes: u64,
    mut progress: impl FnMut(u64, usize, usize) -> Result<()>,
) -> Result<()> {
    write_weights(dir, source, shard_bytes, &mut progress)?;
    copy_companions(dir_of(source.base), dir)?;
    copy_words(&source.words.tokenizer, dir)?;
    plain_config(dir, source)?;
    fit_config(&dir.join("config.json"), source.model.config())?;
    if let Some(encoder) = source.encoder {
        write_template(dir, source.words, encoder)?;
    }
    Ok(())
}

/// The files of a model folder that go with its weights unchanged.
pub fn copy_companions(from: &Path, to: &Path) -> Result<()> {
    copy(COMPANIONS, from, to)
}

fn copy(names: &[&str], from: &Path, to: &Path) -> Result<()> {
    for name in names {
        let from = from.join(name);
        if from.is_file() {
            let to = to.join(name);
            fs::copy(&from, &to).map_err(Error::io(&to))?;
        }
    }
    Ok(())
}

/// The tokenizer of a folder, with `tokenizer.json` beside another form; or the one that a GGUF file brings.
pub fn copy_words(from: &Path, to: &Path) -> Result<()> {
    if !from.is_file() {
        copy(WORDS, from, to)?;
        let made = match from.join("tokenizer.json").is_file() {
            true => None,
            false => crate::data::tokenizer_json(from)?,
        };
        return match made {
            Some(made) => files::write_atomic(&to.join("tokenizer.json"), &made),
            None => Ok(()),
        };
    }
    let wrong = |problem| Error::file(from, problem);
    let tokenizer = crate::data::gguf_tokenizer(from).map_err(wrong)?;
    write_json(&to.join("tokenizer.json"), &tokenizer)?;
    let config = crate::data::gguf_tokenizer_config(from).map_err(wrong)?;
    write_json(&to.join("tokenizer_config.json"), &config)
}

/// Leaves the tokenizer and the chat template beside an adapter where they are not its base's: it may be used without the
/// adapter that they came with.
pub fn write_words(dir: &Path, source: &Source) -> Result<()> {
    let (words, base) = (source.words, spoken(source.base));
    if words.tokenizer == base && words.template == base {
        return Ok(());
    }
    copy_words(&words.tokenizer, dir)?;
    match source.encoder {
        Some(encoder) if words.template != words.tokenizer => write_jinja(dir, encoder),
        _ => Ok(()),
    }
}

/// Dequantized weights are no longer what the config says of their format; a GGUF file may have come without a config; and
/// rotary positions that are scaled are said to be.
fn plain_config(dir: &Path, source: &Source) -> Result<()> {
    let path = dir.join("config.json");
    let mut config = read_object(&path)?;
    let absent = config.is_empty();
    if absent && let Some(gguf) = crate::info::gguf_config(source.base)? {
        config = gguf;
    }
    let mut changed = config.remove("quantization_config").is_some() || (absent && !config.is_empty());
    if let Some(scaling) = source.model.config().rope {
        config = scaling.in_config(&config).map_err(|e| Error::file(&path, e))?;
        changed = true;
    }
    if let Some(dtype) = source.dtype {
        let name = match dtype {
            DType::F16 => "float16",
            DType::BF16 => "bfloat16",
            _ => "float32",
        };
        let key = if config.contains_key("dtype") {
            "dtype"
        } else {
            "torch_dtype"
        };
        config.insert(key.into(), name.into());
        changed = true;
    }
    if changed {
        write_json(&path, &Value::Object(config))?;
    }
    Ok(())
}

/// Makes `config.json` say what the weights are where the model was expanded or its tables parted; otherwise the file
/// stays as it was.
fn fit_config(path: &Path, now: &ModelConfig) -> Result<()> {
    if !path.exists() {
        return Ok(());
    }
    let before = ModelConfig::read(path)?;
    let told = |config: &ModelConfig| (config.layers(), config.decoder.head.table, config.vocabulary());
    if told(&before) == told(now) {
        return Ok(());
    }
    let mut config = read_object(path)?;
    for (key, count) in [("num_hidden_layers", now.layers()), ("vocab_size", now.vocabulary())] {
        let key = now.family.key(key, &config).to_owned();
        config.insert(key, json!(count));
    }
    let tied = now.decoder.head.table == HeadTable::Tied;
    config.insert("tie_word_embeddings".into(), json!(tied));
    let spans = || now.decoder.blocks.iter().map(|block| block.attention.span);
    if config.contains_key("layer_types") || spans().any(|span| span != Span::All) {
        let kind = |span: Span| match span {
            Span::Window(_) => "sliding_attention",
            Span::Chunk(_) => "chunked_attention",
            Span::All => "full_attention",
        };
        let kinds: Vec<_> = spans().map(kind).collect();
        config.insert("layer_types".into(), json!(kinds));
    }
    write_json(path, &Value::Object(config))?;
    match ModelConfig::read(path)?.decoder.blocks == now.decoder.blocks {
        true => Ok(()),
        false => Err(Error::file(path, says::config_without_words("num_hidden_layers"))),
    }
}

fn write_weights(
    dir: &Path,
    source: &Source,
    shard_bytes: u64,
    progress: &mut impl FnMut(u64, usize, usize) -> Result<()>,
) -> Result<()> {
    let names = source.model.weight_names();
    let mut shards = Shards::create(dir, &names, shard_bytes)?;
    for (i, name) in names.iter().enumerate() {
        let stored = source.model.merged_weight(name)?;
        let weight = stored.to_dtype(source.dtype.unwrap_or(stored.dtype()))?;
        // f16 ends at 65504
        if source.dtype == Some(DType::F16) && !tensors::is_finite(&weight)? {
            return Err(Error::file(dir, says::weight_past_f16(name)));
        }
        shards.add(name, &weight)?;
        progress(shards.total, i + 1, names.len())?;
    }
    shards.finish()
}

/// Makes the folder's tokenizer render what training saw, and stop where training's replies ended.
fn write_template(dir: &Path, words: &Words, encoder: &Encoder) -> Result<()> {
    let generation = dir.join("generation_config.json");
    let named = encoder.template().name().is_some();
    if named || !generation.exists() {
        let mut config = read_object(&generation)?;
        config.insert("eos_token_id".into(), json!(encoder.stop_ids()));
        if let Some(bos) = encoder.tokenizer().bos() {
            config.entry("bos_token_id").or_insert(json!(bos.id));
        }
        write_json(&generation, &Value::Object(config))?;
    }
    match named || words.template != words.tokenizer {
        true => write_jinja(dir, encoder),
        false => Ok(()),
    }
}

fn write_jinja(dir: &Path, encoder: &Encoder) -> Result<()> {
    let jinja = encoder.to_chat_template();
    let path = dir.join("tokenizer_config.json");
    let mut config = read_object(&path)?;
    config.insert("chat_template".into(), json!(jinja));
    if let Some(eos) = encoder.tokenizer().eos() {
        config.insert("eos_token".into(), json!(eos.text));
    }
    write_json(&path, &Value::Object(config))?;
    // newer versions of transformers look here first
    files::write_atomic(&dir.join("chat_template.jinja"), jinja.as_bytes())?;
    let old = dir.join("chat_template.json");
    if old.exists() {
        fs::remove_file(&old).map_err(Error::io(&old))?;
    }
    Ok(())
}

fn read_object(path: &Path) -> Result<Map<String, Value>> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|e| Error::file(path, says::not_readable(e))),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Map::new()),
        Err(e) => Err(Error::io(path)(e)),
    }
}

pub fn write_json(path: &Path, value: &Value) -> Result<()> {
    let text = serde_json::to_string_pretty(value).map_err(|e| Error::file(path, says::internal_error(e)))?;
    files::write_atomic(path, text.as_bytes())
}

/// The folder of a model that lies in a folder or in a GGUF file.
pub fn dir_of(base: &Path) -> &Path {
    match base.is_file() {
        true => base.parent().unwrap_or(base),
        false => base,
    }
}

/// Where a model's own tokenizer and chat template are: in its folder, or in its GGUF file where the folder has none.
pub fn spoken(base: &Path) -> PathBuf {
    let dir = dir_of(base);
    match crate::data::has_tokenizer(dir) {
        true => dir.to_owned(),
        false => gguf_file::in_folder(base)
            .ok()
            .flatten()
            .unwrap_or_else(|| dir.to_owned()),
    }
}

/// Files by which people name the folder they lie in.
const NAMES_FOLDER: &[&str] = &[
    "config.json",
    "model.safetensors",
    "model.safetensors.index.json",
    "adapter_config.json",
    "adapter_model.safetensors",
];

/// What a path names: a checkpoint or model folder itself or one of its files, the checkpoint that a run directory
/// gives, or the snapshot in a folder of the hub's cache.
pub fn resolve(path: &Path) -> PathBuf {
    let named = path.file_name().and_then(|name| name.to_str());
    if path.is_file() && named.is_some_and(|name| NAMES_FOLDER.contains(&name)) {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        return parent.unwrap_or(Path::new(".")).to_owned();
    }
    if let Some(snapshot) = snapshot(path) {
        return snapshot;
    }
    let is_model = path.join("config.json").exists() || path.join(crate::peft::CONFIG).exists();
    match crate::checkpoint::result(path) {
        Some(found) if !is_model => found,
        _ => path.to_owned(),
    }
}
