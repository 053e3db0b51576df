//! What goes out: a merged folder, an adapter, a GGUF file, an Ollama Modelfile, each in a folder of its own with a card and
//! checksums.

mod card;
mod modelfile;
mod sums;

use crate::data::Encoder;
use crate::error::{Error, Result};
use crate::folder::{self, Origin};
use crate::gguf::{self, Format};
use crate::merge::{self, Shape, Target};
use crate::model::ModelConfig;
use crate::ops::Engine;
use crate::session::{encoder, load_frozen};
use crate::weights::Weights;
use crate::{files, peft, stop};
use candle_core::DType;
use card::Card;
use modelfile::Modelfile;
use protocol::config::Wording;
use protocol::{Said, file_name, says};
use std::path::Path;

/// What is written.
#[derive(Debug, Clone, Copy)]
pub enum What {
    /// A model folder that stands alone, its weights in the type they are stored in where none is said.
    Merged { dtype: Option<DType>, shard_bytes: u64 },
    /// The files that PEFT loads on the base.
    Adapter,
    /// One file for llama.cpp.
    Gguf(Format),
    /// What Ollama makes a model of, which names the folders it is in.
    Modelfile,
}

/// A model to be written.
pub struct Export<'a> {
    pub weights: &'a Weights,
    pub wording: &'a Wording,
    pub what: What,
    /// What it is called in its files.
    pub name: &'a str,
}

/// Where the tokenizer's own files lie while a file is made.
const WORDS: &str = "words";

impl Export<'_> {
    /// Writes the folder `out`, whole or not at all. `engine` is asked for where weights are worked out; `progress` is told how
    /// many tensors of how many are done. Gives what a person should know.
    ///
    /// # Errors
    /// The model can't be written so, `out` holds something that no export made, or a load or a write fails.
    pub fn write(
        &self,
        out: &Path,
        engine: impl FnOnce() -> Result<Engine>,
        progress: impl FnMut(u64, u64) -> Result<()>,
    ) -> Result<Vec<Said>> {
        match self.what {
            What::Merged { dtype, shard_bytes } => {
                let shape = Shape {
                    engine: &engine()?,
                    shard_bytes,
                    expand: None,
                    dtype,
                    name: self.name,
                };
                merge::merge(self.weights, self.wording, shape, out, progress)
            }
            What::Adapter => self.adapter(out),
            What::Gguf(format) => self.gguf(format, out, &engine()?, progress),
            What::Modelfile => self.modelfile(out),
        }
    }

    fn encoder(&self) -> Result<Encoder> {
        encoder(self.weights, &self.weights.worded(self.wording), true)
    }

    fn card(&self, file: Option<&str>) -> Card<'_> {
        Card {
            weights: self.weights,
            what: &self.what,
            name: self.name,
            file: file.map(str::to_owned),
        }
    }

    fn gguf(
        &self,
        format: Format,
        out: &Path,
        engine: &Engine,
        mut progress: impl FnMut(u64, u64) -> Result<()>,
    ) -> Result<Vec<Said>> {
        let weights = self.weights;
        if weights.scores()? {
            return Err(Error::invalid(says::gguf_of_reward_model()));
        }
        let target = Target::of(out, weights)?;
        let encoder = self.encoder()?;
        let model = load_frozen(&merge::merged(weights), engine)?;
        let left_out = weights.value_head().map(|_| says::export_without_value_head());
        let of_weights = merge::into_stored(weights).into_iter().chain(left_out);
        target.fill(|dir| {
            let words = dir.join(WORDS);
            std::fs::create_dir(&words).map_err(Error::io(&words))?;
            folder::copy_words(&weights.words().tokenizer, &words)?;
            let source = gguf::Source {
                model: &model,
                words: Some(gguf::Words {
                    folder: &words,
                    encoder: &encoder,
                }),
                name: self.name.to_owned(),
                format,
            };
            let file = format!("{}-{}.gguf", self.name, format.name().to_uppercase());
            let told = gguf::write(&dir.join(&file), &source, |done, total| {
                stop::check()?;
                progress(done as u64, total as u64)
            })?;
            std::fs::remove_dir_all(&words).map_err(Error::io(&words))?;
            let modelfile = Modelfile {
                from: &format!("./{file}"),
                adapter: None,
                encoder: &encoder,
                longest: model.config().max_positions,
            };
            modelfile.write(dir)?;
            self.origin(&encoder).write(dir)?;
            finish(dir, &self.card(Some(&file)))?;
            Ok(of_weights.chain(told).collect())
        })
    }

    fn origin(&self, encoder: &Encoder) -> Origin {
        Origin {
            base: self.weights.base_name.clone(),
            wording: encoder.wording(),
            ..Origin::default()
        }
    }

    /// The only adapter's files, without those that training goes on from.
    fn adapter(&self, out: &Path) -> Result<Vec<Said>> {
        let adapter = match self.weights.adapters.as_slice() {
            [one] => one,
            [] => return Err(Error::invalid(says::export_without_adapter(&self.weights.base_name))),
            several => return Err(Error::invalid(says::export_of_adapters(several.len()))),
        };
        // whole, and of a kind that is known
        peft::outline(adapter)?;
        let target = Target::of(out, self.weights)?;
        target.fill(|dir| {
            for name in [peft::CONFIG, peft::WEIGHTS, folder::ORIGIN, folder::VALUE_HEAD] {
                let (from, to) = (adapter.join(name), dir.join(name));
                let needed = [peft::CONFIG, peft::WEIGHTS].contains(&name);
                if needed || from.is_file() {
                    std::fs::copy(&from, &to).map_err(Error::io(&to))?;
                }
            }
            let words = self.weights.words().tokenizer;
            folder::copy_words(&words, dir)?;
            if !dir.join(folder::ORIGIN).exists() {
                self.origin(&self.encoder()?).write(dir)?;
            }
            finish(dir, &self.card(None))
        })?;
        Ok(vec![])
    }

    fn modelfile(&self, out: &Path) -> Result<Vec<Said>> {
        let weights = self.weights;
        let adapter = match weights.adapters.as_slice() {
            [] => None,
            [one] => Some(one.as_path()),
            several => return Err(Error::invalid(says::export_of_adapters(several.len()))),
        };
        let config = ModelConfig::of_folder(&weights.base)?;
        modelfile::applies(weights, &config)?;
        let encoder = self.encoder()?;
        let target = Target::of(out, weights)?;
        target.fill(|dir| {
            let modelfile = Modelfile {
                from: &weights.base.display().to_string(),
                adapter,
                encoder: &encoder,
                longest: config.max_positions,
            };
            modelfile.write(dir)?;
            self.origin(&encoder).write(dir)?;
            finish(dir, &self.card(None))
        })?;
        Ok(vec![])
    }
}

/// What is written last into a merged folder: the Modelfile, the card and the checksums.
pub fn finish_merged(dir: &Path, weights: &Weights, encoder: &Encoder, longest: usize, name: &str) -> Result<()> {
    let modelfile = Modelfile {
        from: ".",
        adapter: None,
        encoder,
        longest,
    };
    modelfile.write(dir)?;
    let what = What::Merged {
        dtype: None,
        shard_bytes: 0,
    };
    let card = Card {
        weights,
        what: &what,
        name,
        file: None,
    };
    finish(dir, &card)
}

fn finish(dir: &Path, card: &Card) -> Result<()> {
    card.write(dir)?;
    sums::write(dir)
}

/// What a model is called in its files by the folder that it goes to.
pub fn name_of(out: &Path) -> String {
    file_name::plain(&files::named(out))
}
