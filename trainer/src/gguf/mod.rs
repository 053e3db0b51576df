//! A model as one GGUF file: what llama.cpp, Ollama and LM Studio read.
//!
//! Names and orders of tensors are those that `quant::gguf_names` reads. A file that is written is read again, and its model
//! compared with the one that was meant: what the format can't say is refused or told by its name.

mod check;
mod keys;
mod kinds;
mod plan;
mod pre;
mod rope;
mod vocabulary;
mod writer;

pub use kinds::Format;

use crate::data::Encoder;
use crate::error::{Error, Result};
use crate::model::Model;
use crate::quant::gguf_names::Names;
use plan::Plan;
use protocol::decoder::gguf_architecture;
use protocol::{Said, says};
use std::path::Path;
use writer::{Metadata, Value, Writer};

/// What a file is made of.
pub struct Source<'a> {
    pub model: &'a Model,
    /// `None` for a model that has no tokenizer.
    pub words: Option<Words<'a>>,
    pub name: String,
    pub format: Format,
}

/// Text to tokens, and back.
#[derive(Clone, Copy)]
pub struct Words<'a> {
    /// A folder with `tokenizer.json`.
    pub folder: &'a Path,
    /// Its special tokens and its chat template.
    pub encoder: &'a Encoder,
}

/// Writes the file `path`. `progress` is told how many tensors of how many are done. Gives what the file does not say of the
/// model.
///
/// # Errors
/// llama.cpp has no such model or tokenizer, or a write fails.
pub fn write(path: &Path, source: &Source, progress: impl FnMut(usize, usize) -> Result<()>) -> Result<Vec<Said>> {
    let config = source.model.config();
    let class = config.family.architecture;
    let architecture = gguf_architecture(class).ok_or_else(|| Error::invalid(says::gguf_none_of_family(class)))?;
    let decoder = &config.decoder;
    let names = Names {
        architecture,
        map: &config.family.weights,
        decoder,
    };
    let tables = keys::rotary(decoder).map(rope::tables).unwrap_or_default();
    let own = source.model.own_weights();
    let mut plan = Plan::new(&names, &own, tables)?;
    let other_types = plan.choose(source.format, &names);
    let mut metadata = general(architecture, source);
    metadata.extend(keys::keys(architecture, decoder, config.max_positions));
    let rows = decoder.embedding.vocabulary;
    let words = source.words.map(|words| vocabulary::vocabulary(words, rows));
    let words = words.unwrap_or_else(|| Ok(vocabulary::none()))?;
    metadata.extend(words.keys);
    let mut file = Writer::create(path, &metadata, &plan.tensors)?;
    let tables = plan.write_tables(&mut file)?;
    let mut told = check::same(path, config)?;
    told.extend(words.told);
    told.extend(other_types);
    plan.write(tables, source.model, &mut file, progress)?;
    file.finish()?;
    Ok(told)
}

fn general(architecture: &str, source: &Source) -> Metadata {
    /// Of how ggml packs blocks.
    const PACKING: u32 = 2;
    let text = |text: &str| Value::Text(text.to_owned());
    let all = [
        ("general.architecture", text(architecture)),
        ("general.type", text("model")),
        ("general.name", text(&source.name)),
        ("general.file_type", Value::U32(source.format.number())),
        ("general.quantization_version", Value::U32(PACKING)),
    ];
    all.map(|(key, value)| (key.to_owned(), value)).to_vec()
}
