//! A decoder-only language model that trains: explicit forward and backward, layer by layer.
mod adapter;
mod attach;
mod balance;
mod block;
mod cayley;
mod config;
mod decode;
mod dora;
mod expand;
mod export;
mod fresh;
mod linear;
mod loftq;
mod mlp;
mod modules;
mod norm;
mod oft;
mod options;
mod outline;
mod params;
mod passes;
mod replicate;
mod room;
mod rotary;
mod rotary_projection;
mod routing;
mod source;
mod store;
mod stored;
mod swiglu;
mod value;
mod weights;
mod whole;

pub use adapter::{
    Adapter, Form, Init, LoraConfig, LoraPair, Names, OftConfig, OftForm, Pissa, Promise, Targets, Trainable,
};
pub use cayley::Cayley;
pub use config::ModelConfig;
pub use loftq::Loftq;
pub use options::{ForwardOptions, Keep, Noise, Pass};
pub use outline::{Outline, hollow};
pub(crate) use params::saved_tensor;
pub use params::{Param, Params};
pub use passes::{LossGrads, Scored};
use protocol::says;
pub use store::{TensorFile, read_all, weight_files};
pub use stored::OnTheFly;
pub use value::{HeadSource, head_beside_weights, saved_head};
pub use weights::Frozen;

pub use rotary::frequencies;

pub(crate) use room::Cache;
pub(crate) use weights::Weights;

use crate::error::{Error, Result};
use crate::ops::{Buf, Engine};
use crate::quant::gguf_file::{self, GgufFile};
use candle_core::{Device, Tensor};
use linear::{LayerAdapter, Lora};
use passes::Kept;
use room::{Saved, Scratch};
use rotary::RotaryTables;
use source::Source;
use std::collections::BTreeMap;
use std::path::Path;
use store::Store;

/// How a model is brought into memory.
#[derive(Clone, Debug)]
pub struct LoadOptions {
    pub engine: Engine,
    /// Quantize linear layers that are not yet.
    pub quantize: Option<OnTheFly>,
    /// How, beside that, those under a LoftQ adapter.
    pub loftq: Option<Loftq>,
}

impl Default for LoadOptions {
    fn default() -> Self {
        Self {
            engine: Engine::cpu(),
            quantize: None,
            loftq: None,
        }
    }
}

/// A model and the workspace its passes reuse.
pub struct Model {
    config: ModelConfig,
    engine: Engine,
    weights: Weights,
    /// the starting weights, when weights of the model itself train
    reference: Option<Weights>,
    params: Params,
    value_head: Option<value::ValueHead>,
    /// what the trained adapter's config says
    scale: f64,
    form: Form,
    /// whole weights of an adapter that goes on training and does not train them
    carried: BTreeMap<String, Tensor>,
    /// the lowest block that anything trains in; as many as there are when none does
    lowest: usize,
    /// what follows from the parameters is to be worked out again
    stale: bool,
    rotary: RotaryTables,
    /// the reference's values of what trains, when it is synced with the policy
    synced_reference: Option<Params>,
    /// bytes that saved activations may take where a pass says no other
    activation_memory: u64,
    /// one per layer, and one more for passes that keep nothing
    saved: Vec<Saved>,
    scratch: Scratch,
    residual: Buf,
    rows: RowBuffers,
    /// the last token's hidden state while decoding, before and after the last norm
    decoding: (Buf, Buf),
    kept: Option<Kept>,
}

/// Buffers over the rows that count.
struct RowBuffers {
    /// hidden states before and after the last norm, `[rows, hidden]`
    x: Buf,
    normed: Buf,
    /// dlogp / d(hidden state), before the coefficients
    unit: Buf,
    stats: Buf,
    logits: Buf,
}

impl RowBuffers {
    fn new(device: &Device) -> Result<Self> {
        let buf = || Buf::zeros(0, device);
        Ok(Self {
            x: buf()?,
            normed: buf()?,
            unit: buf()?,
            stats: buf()?,
            logits: buf()?,
        })
    }
}

impl Model {
    /// Loads a folder as transformers writes it: `config.json` and `model.safetensors`, or shards with their index.
    /// Or a single GGUF file. Weights stay in the dtype they are stored in, quantized ones packed.
    pub fn load(folder: &Path, options: &LoadOptions) -> Result<Self> {
        let config = ModelConfig::of_folder(folder)?;
        let gguf = gguf_file::in_folder(folder).map_err(|e| Error::file(folder, e))?;
        let weights = match gguf {
            Some(path) => {
                let file = GgufFile::open(&path).map_err(|e| Error::file(&path, e))?;
                load(&config, &Source::Gguf(&file), options)?
            }
            None => load(&config, &Source::Folder(&Store::open(folder)?), options)?,
        };
        Self::new(config, weights, options)
    }

    /// A model with random f32 weights (`train_from_scratch`): normal(0, initializer_range), norms 1, biases 0.
    pub fn random(config: ModelConfig, seed: u64, options: &LoadOptions) -> Result<Self> {
        let weights = load(&config, &Source::Random { seed }, options)?;
        Self::new(config, weights, options)
    }

    fn new(config: ModelConfig, weights: Weights, options: &LoadOptions) -> Result<Self> {
        let engine = options.engine.clone();
        let device = engine.device().clone();
        let saved = (0..=config.layers())
            .map(|_| Saved::new(&device))
            .collect::<Result<_>>()?;
        Ok(Self {
            rotary: RotaryTables::new(&config.decoder, 0, &device)?,
            reference: None,
            params: Params::default(),
            value_head: None,
            scale: 1.0,
            form: Form::default(),
            carried: BTreeMap::new(),
            lowest: 0,
            stale: false,
            synced_reference: None,
            activation_memory: half_of_memory(),
            saved,
            scratch: Scratch::new(&device)?,
            residual: Buf::zeros(0, &device)?,
            rows: RowBuffers::new(&device)?,
            decoding: (Buf::zeros(0, &device)?, Buf::zeros(0, &device)?),
            kept: None,
            weights,
            config,
            engine,
        })
    }

    /// The formats of its quantized linear layers and how many bytes they take; `None` where there are none.
    pub fn quantized(&self) -> Option<(Vec<&'static str>, usize)> {
        let linears = || self.weights.layers.iter().flat_map(|layer| layer.linears());
        let mut formats: Vec<_> = linears().filter_map(|linear| linear.weight.quantized()).collect();
        formats.sort_unstable();
        formats.dedup();
        let bytes = linears().map(|linear| linear.weight.packed_bytes()).sum();
        (!formats.is_empty()).then_some((formats, bytes))
    }

    pub fn config(&self) -> &ModelConfig {
        &self.config
    }

    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// From now on [`Pass::Reference`] is a copy of what trains, as it is now, that [`Model::sync_reference`] brings along:
    /// TR-DPO, arXiv 2404.09656.
    pub fn keep_synced_reference(&mut self) -> Result<()> {
        for linear in self.linears_mut() {
            match &linear.adapter {
                LayerAdapter::Lora(Lora { dora: Some(_), .. }) => return Err(no_dora_to_follow()),
                LayerAdapter::Oft(_) => return Err(no_rotations_to_follow()),
                LayerAdapter::None | LayerAdapter::AtStart(_) | LayerAdapter::Lora(_) => {}
            }
        }
        self.synced_reference = Some(self.params.copy()?);
        Ok(())
    }

    /// Takes the synced reference a step along: `(1 - share) reference + share policy`. Nothing where there is none.
    pub fn sync_reference(&mut self, share: f64) -> Result<()> {
        match &mut self.synced_reference {
            Some(reference) => reference.mix(&self.params, share),
            None => Ok(()),
        }
    }

    /// What the synced reference holds, by the names of the parameters.
    pub fn synced_reference(&self) -> Option<&Params> {
        self.synced_reference.as_ref()
    }

    pub fn synced_reference_mut(&mut self) -> Option<&mut Params> {
        self.synced_reference.as_mut()
    }

    pub fn params(&self) -> &Params {
        &self.params
    }

    /// Clears the gradients.
    pub fn zero_grads(&mut self) -> Result<()> {
        self.params.zero_grads(&self.engine)
    }

    /// The global L2 norm of the gradients.
    pub fn grad_norm(&self) -> Result<f64> {
        self.params.grad_norm(&self.engine)
    }

    pub fn params_mut(&mut self) -> &mut Params {
        self.stale = true;
        &mut self.params
    }
}

/// The weights that a config describes.
fn load(config: &ModelConfig, source: &Source, options: &LoadOptions) -> Result<Weights> {
    Weights::load(&config.decoder, |module| source.module(module, config, options))
}

/// The error of a reference that is to follow what it can't.
pub fn no_dora_to_follow() -> Error {
    Error::invalid(says::file("sync_ref_model", says::following_not_dora()))
}

/// As [`no_dora_to_follow`].
pub fn no_rotations_to_follow() -> Error {
    Error::invalid(says::file("sync_ref_model", says::following_not_oft()))
}

/// Half of the memory this process may use.
fn half_of_memory() -> u64 {
    crate::machine::usable_memory() / 2
}
