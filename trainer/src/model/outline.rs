//! A model as its files describe it, with no number of it read: whether what is to train has a place in it.
//!
//! It is the engine's own model, built by the same code over tensors that take no memory, so that what it refuses is what
//! training would refuse.
use super::adapter::{Adapter, Init, LoraConfig, Part, Trainable};
use super::adapter_init::check_rank;
use super::config::ModelConfig;
use super::linear::rank_of;
use super::quantized_folder::GgufWeights;
use super::source::Source;
use super::store::Store;
use super::{LoadOptions, Model, full_weights, fused};
use crate::error::{Error, Result};
use crate::quant::gguf_file::{self, GgufFile};
use candle_core::{DType, Device, Tensor};
use std::collections::BTreeSet;
use std::path::Path;

/// Linear layers of the largest model that is outlined; past it names are left to training.
const MOST_LINEARS: usize = 1 << 18;

/// What holds a model's weights.
pub enum Held {
    /// They are drawn (`train_from_scratch`).
    Nothing,
    Folder(Store),
    Gguf {
        file: GgufFile,
        config: Box<ModelConfig>,
    },
}

impl Held {
    /// Whether a tensor of this shape is there, in a type that can be read.
    pub(super) fn check(&self, name: &str, shape: &[usize]) -> Result<()> {
        match self {
            Self::Nothing => Ok(()),
            Self::Folder(store) => store.fits(name, shape),
            Self::Gguf { file, config } => gguf(file, config).check(name, shape),
        }
    }

    /// The format of a weight that is stored quantized.
    pub(super) fn packed(&self, name: &str) -> Option<&'static str> {
        match self {
            Self::Nothing => None,
            Self::Folder(store) => store.packed(name),
            Self::Gguf { file, config } => gguf(file, config).packed(name),
        }
    }
}

fn gguf<'a>(file: &'a GgufFile, config: &'a ModelConfig) -> GgufWeights<'a> {
    GgufWeights::new(file, &config.family.weights, &config.decoder)
}

/// A tensor of this shape that takes no memory.
pub fn hollow(shape: &[usize]) -> Result<Tensor> {
    Ok(Tensor::zeros(1, DType::F32, &Device::Cpu)?.broadcast_as(shape)?)
}

pub struct Outline {
    model: Model,
    held: Held,
}

impl Outline {
    /// Of a folder or GGUF file; `drawn`: its weights are not used. `None`: too many parts to go through.
    pub fn of(folder: &Path, drawn: bool) -> Result<Option<Self>> {
        let config = ModelConfig::of_folder(folder)?;
        let experts = config.decoder.experts().map_or(0, |experts| experts.count);
        if config.layers().saturating_mul(7 + 3 * experts) > MOST_LINEARS {
            return Ok(None);
        }
        let held = match (drawn, gguf_file::in_folder(folder).map_err(|e| Error::file(folder, e))?) {
            (true, _) => Held::Nothing,
            (false, Some(path)) => {
                let file = GgufFile::open(&path).map_err(|e| Error::file(&path, e))?;
                gguf(&file, &config).all_is_read()?;
                Held::Gguf {
                    file,
                    config: Box::new(config.clone()),
                }
            }
            (false, None) => Held::Folder(Store::of_model(folder, &config.family.weights)?),
        };
        let options = LoadOptions::default();
        let weights = super::load(&config, &Source::Outline(&held), &options)?;
        let model = Model::new(config, weights, &options)?;
        Ok(Some(Self { model, held }))
    }

    /// How many tokens the model knows.
    pub fn vocabulary(&self) -> u64 {
        self.model.decoder.config.vocabulary() as u64
    }

    /// Puts an adapter on that stays as it is.
    pub fn put_on(&mut self, adapter: &Adapter) -> Result<()> {
        self.model.replicate(&adapter.form.replication)?;
        self.model.place_whole(adapter)?;
        self.model.for_modules(adapter, |linear, part| match part {
            Part::Pair(pair) => rank_of(linear, pair).map(drop),
            Part::Rotation(above, form) => form.suits(linear, above),
        })
    }

    /// The names of what trains.
    ///
    /// # Errors
    /// What training would refuse to train, by the key that asks for it.
    pub fn trained(&mut self, trainable: &Trainable) -> Result<Vec<String>> {
        let own = match trainable {
            Trainable::Nothing => return Ok(vec![]),
            Trainable::Full { .. } => {
                self.can_change(&self.model.weight_names())?;
                return Ok(self.model.own_names());
            }
            Trainable::Freeze { part, .. } => self.model.freeze_names(part)?,
            Trainable::NewAdapter(config) => return self.new_adapter(config),
            Trainable::NewRotations(config) => {
                let paths = self.model.rotated_paths(config)?;
                return self.beside(&config.additional, paths.into_iter().collect());
            }
            Trainable::Continue { adapter, .. } => {
                self.put_on(adapter)?;
                let adapted = adapter.paths().cloned().collect();
                return self.beside(&adapter.form.additional, adapted);
            }
        };
        self.can_change(&own)?;
        Ok(own)
    }

    fn new_adapter(&mut self, config: &LoraConfig) -> Result<Vec<String>> {
        let paths = self.model.lora_paths(config)?;
        for linear in self.model.linears_mut().filter(|linear| paths.contains(&linear.module)) {
            fused::suits(linear, config.init)?;
            let packed = self.held.packed(&format!("{}.weight", linear.module)).is_some();
            match config.init {
                Init::Zero => {}
                Init::Pissa(_) => check_rank(config.rank, linear)?,
                Init::Loftq { iterations } => {
                    let loftq = super::Loftq {
                        iterations,
                        rank: config.rank,
                        targets: config.targets.clone(),
                        fresh: true,
                    };
                    loftq.suits(&linear.module, linear.widths(), packed)?;
                }
            }
        }
        self.beside(&config.additional, paths.into_iter().collect())
    }

    /// The modules that train beside an adapter on `adapted`, and that.
    fn beside(&self, names: &[String], adapted: BTreeSet<String>) -> Result<Vec<String>> {
        let mut all = vec![];
        if !names.is_empty() {
            let mut known = self.model.own_names();
            // a tied head parts from the embedding when it trains by itself
            let map = &self.model.decoder.config.family.weights;
            let [_, head] = map.tables();
            if !known.contains(&head) {
                known.push(head);
            }
            all = full_weights::names_beside(map, &known, names, &adapted)?;
            self.model.check_beside(&all)?;
            self.can_change(&all)?;
        }
        all.extend(adapted);
        Ok(all)
    }

    fn can_change(&self, names: &[String]) -> Result<()> {
        let packed = names.iter().find_map(|name| Some((name, self.held.packed(name)?)));
        match packed {
            None => Ok(()),
            Some((name, format)) => Err(full_weights::cannot_change(name, format)),
        }
    }
}
