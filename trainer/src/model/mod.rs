//! A decoder-only language model that trains: explicit forward and backward, layer by layer.
mod adapter;
mod adapter_init;
mod attach;
mod attention;
mod balance;
mod block;
mod branch;
mod buffers;
mod config;
mod context;
mod decode;
mod decoder;
mod dora;
mod expand;
mod experts;
mod export;
mod feed_forward;
mod full_weights;
mod fused;
mod head;
mod heads;
mod latent;
mod linear;
mod loftq;
mod mlp;
mod modules;
mod norm;
mod oft;
mod options;
mod outline;
mod own;
mod params;
mod passes;
mod pickle;
mod positions;
mod quantized_folder;
mod replicate;
mod rotary;
mod rotary_projection;
mod routing;
mod source;
mod stacked;
mod store;
mod tensor_file;
mod trained;
mod value;
mod weights;
mod workspace;

pub use crate::ops::cayley::Cayley;
pub use adapter::{
    Adapter, AdapterForm, Init, LoraConfig, LoraPair, Names, OftConfig, OftForm, Pissa, Promise, Targets, Trainable,
};
pub use config::ModelConfig;
pub use loftq::Loftq;
pub use options::{ForwardOptions, Keep, Mode, Noise, Pass};
pub use outline::{Outline, hollow};
pub use own::Own;
pub use params::{Param, Params};
pub(crate) use params::{rounded, saved_tensor};
pub use passes::{DeviceScores, LossGrads, Scored};
use quantized_folder::GgufWeights;
pub use quantized_folder::OnTheFly;
pub(crate) use rotary::Texts;
pub use store::weight_files;
pub use tensor_file::{TensorFile, read_all};
pub use trained::{no_dora_to_follow, no_rotations_to_follow};
pub use value::{HeadSource, head_beside_weights, saved_head};
pub use weights::Frozen;

pub use rotary::rotation;

pub(crate) use buffers::Cache;
pub(crate) use weights::Weights;

use crate::error::{Error, Result};
use crate::ops::Engine;
use crate::quant::gguf_file::{self, GgufFile};
use decoder::Decoder;
use protocol::decoder::RopeScaling;
use source::Source;
pub use source::generator;
use std::path::Path;
pub use store::Store;
use trained::TrainedPart;
use value::ValueHead;
use workspace::Workspace;

/// How a model is brought into memory.
#[derive(Clone, Debug)]
pub struct LoadOptions {
    pub engine: Engine,
    /// Quantize linear layers that are not yet.
    pub quantize: Option<OnTheFly>,
    /// How, beside that, those under a LoftQ adapter.
    pub loftq: Option<Loftq>,
    /// How rotary positions are scaled beside what the config says.
    pub rope: Option<RopeScaling>,
}

impl Default for LoadOptions {
    fn default() -> Self {
        Self {
            engine: Engine::cpu(),
            quantize: None,
            loftq: None,
            rope: None,
        }
    }
}

/// A model: the decoder, what of it trains, and the workspace its passes reuse.
pub struct Model {
    engine: Engine,
    decoder: Decoder,
    trained: TrainedPart,
    value_head: Option<ValueHead>,
    workspace: Workspace,
}

impl Model {
    /// Loads a folder as transformers writes it: `config.json` and `model.safetensors`, or shards with their index.
    /// Or a single GGUF file. Weights stay in the dtype they are stored in, quantized ones packed.
    pub fn load(folder: &Path, options: &LoadOptions) -> Result<Self> {
        let config = ModelConfig::scaled(folder, options.rope)?;
        let gguf = gguf_file::in_folder(folder).map_err(|e| Error::file(folder, e))?;
        let weights = match gguf {
            Some(path) => {
                let file = GgufFile::open(&path).map_err(|e| Error::file(&path, e))?;
                let gguf = GgufWeights::new(&file, &config.family.weights, &config.decoder);
                gguf.all_is_read()?;
                load(&config, &Source::Gguf(gguf), options)?
            }
            None => load(
                &config,
                &Source::Folder(&Store::of_model(folder, &config.family.weights)?),
                options,
            )?,
        };
        Self::new(config, weights, options)
    }

    /// A model with random weights (`train_from_scratch`) of the type its config says: normal(0, initializer_range), norms 1,
    /// biases 0.
    pub fn random(config: ModelConfig, seed: u64, options: &LoadOptions) -> Result<Self> {
        let weights = load(&config, &Source::Random { seed }, options)?;
        Self::new(config, weights, options)
    }

    fn new(config: ModelConfig, weights: Weights, options: &LoadOptions) -> Result<Self> {
        let engine = options.engine.clone();
        Ok(Self {
            workspace: Workspace::new(&engine, config.layers())?,
            decoder: Decoder::new(&engine, config, weights)?,
            trained: TrainedPart::nothing(),
            value_head: None,
            engine,
        })
    }

    /// The formats of its quantized linear layers and how many bytes they take; `None` where there are none.
    pub fn quantized(&self) -> Option<(Vec<&'static str>, usize)> {
        let linears = || self.decoder.weights.linears();
        let mut formats: Vec<_> = linears().filter_map(|linear| linear.weight.quantized()).collect();
        formats.sort_unstable();
        formats.dedup();
        let bytes = linears().map(|linear| linear.weight.packed_bytes()).sum();
        (!formats.is_empty()).then_some((formats, bytes))
    }

    /// The engine's own count of the bytes that it held at most: of its buffers, and of frozen matrices, which are none on the host.
    pub fn peak_bytes(&self) -> Result<u64> {
        let matrices = self.decoder.weights.modules().into_iter();
        let matrices = matrices.filter_map(|(_, module)| match module {
            modules::Module::Table(table) => Some(table),
            modules::Module::Linear(linear) => Some(&linear.weight),
            modules::Module::Norm(_) | modules::Module::Bias(_) => None,
        });
        let frozen: usize = matrices.map(weights::Weight::host_bytes).sum();
        Ok(self.engine.device().peak_of_buffers()? + frozen as u64)
    }

    pub fn config(&self) -> &ModelConfig {
        &self.decoder.config
    }

    pub fn engine(&self) -> &Engine {
        &self.engine
    }
}

/// The weights that a config describes.
fn load(config: &ModelConfig, source: &Source, options: &LoadOptions) -> Result<Weights> {
    Weights::load(&config.decoder, |module| source.module(module, config, options))
}
