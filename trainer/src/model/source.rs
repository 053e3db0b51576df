//! Where the tensors of a new model come from: a folder, a GGUF file, or a random draw.
use super::config::ModelConfig;
use super::fused::take_rows;
use super::linear::{FusedPart, Linear, Widths};
use super::modules::{Module, Owned};
use super::norm::NormVectors;
use super::outline::{Held, hollow};
use super::quantized_folder::{self, GgufWeights, Kept};
use super::stacked::Wanted;
use super::store::Store;
use super::weights::{Frozen, Vector, Weight};
use super::{LoadOptions, LoraPair};
use crate::error::{Error, Result};
use crate::ops::Device;
use crate::tensors::HOST;
use candle_core::{DType, Tensor};
use protocol::decoder::{HeadNormLayout, HeadNorms, ModuleSpec, NormWeight, Shape, Stored};
use protocol::says;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

/// Where the tensors of a new model come from.
pub enum Source<'a> {
    Folder(&'a Store),
    Gguf(GgufWeights<'a>),
    Random {
        seed: u64,
    },
    /// Names and shapes alone.
    Outline(&'a Held),
}

/// A layer that lies with others in one module.
struct PartWanted {
    stored: Stored,
    input: usize,
    bias: bool,
}

/// A linear layer's weight; `transposed` where a checkpoint has it as `[input, output]`.
struct LinearWanted {
    widths: Widths,
    transposed: bool,
}

impl Source<'_> {
    /// Reads or draws one module, under the name that the family's checkpoints have for it.
    pub fn module(&self, module: ModuleSpec, config: &ModelConfig, options: &LoadOptions) -> Result<Owned> {
        let ModuleSpec { role, shape } = module;
        let (path, device) = (config.family.weights.path(role), options.engine.device());
        let name = format!("{path}.weight");
        Ok(match shape {
            Shape::Table { rows, columns } => {
                Module::Table(self.matrix(&name, &[rows, columns], config, options)?.on(device)?)
            }
            Shape::Norm { width, weight, bias } => {
                let of_heads = config.family.weights.head_norm(&config.decoder, role);
                let vector = |there: bool, kind: &str, random| {
                    let vector = there.then(|| match of_heads {
                        Some(lie) => self.vector_of_heads(&path, kind, width, lie, random, device),
                        None => self.vector(&format!("{path}.{kind}"), width, random, device),
                    });
                    vector.transpose()
                };
                // so that what is drawn multiplies with 1
                let one = if weight == NormWeight::OnePlus { 0.0 } else { 1.0 };
                Module::Norm(NormVectors {
                    weight: vector(weight != NormWeight::None, "weight", one)?,
                    bias: vector(bias, "bias", 0.0)?,
                })
            }
            Shape::Bias { width } => {
                let names = &config.family.weights;
                let (name, dims) = (names.vector(role), names.vector_dims(role));
                Module::Bias(self.parameter(&name, width, dims, device)?)
            }
            Shape::Linear { input, output, bias } => {
                let stored = config.family.weights.stored(&config.decoder, role);
                let transposed = stored.transposed;
                if stored.stack.is_some() {
                    let name = path;
                    let wanted = Wanted {
                        name,
                        stored,
                        input,
                        bias,
                    };
                    return self.stacked(wanted, config, options);
                }
                if let Some(rows) = stored.rows {
                    let part = FusedPart { name: path, rows };
                    return self.part(part, PartWanted { stored, input, bias }, config, options);
                }
                let widths = Widths { input, output };
                let (weight, residual) = self.linear(&path, LinearWanted { widths, transposed }, config, options)?;
                let bias = match bias {
                    true => Some(self.vector(&format!("{path}.bias"), output, 0.0, device)?),
                    false => None,
                };
                Module::Linear(Linear {
                    loftq_residual: residual,
                    transposed,
                    ..Linear::new(path, widths, weight.on(device)?, bias)
                })
            }
        })
    }

    /// A layer that lies with others in one module.
    fn part(&self, part: FusedPart, wanted: PartWanted, config: &ModelConfig, options: &LoadOptions) -> Result<Owned> {
        let PartWanted {
            stored: Stored { path, transposed, .. },
            input,
            bias,
        } = wanted;
        let (rows, device) = (part.rows, options.engine.device());
        let name = format!("{path}.weight");
        let widths = Widths {
            input,
            output: rows.count(),
        };
        let weight = match self {
            Source::Folder(store) if store.packed(&name).is_some() => {
                let whole = match &config.quantization {
                    Some(folder) => {
                        let widths = Widths { input, output: rows.of };
                        let kept = Kept {
                            device: &HOST,
                            dtype: config.saved_dtype(),
                        };
                        quantized_folder::linear(store, folder, &path, widths, kept)?
                    }
                    None => Frozen::new(store.read(&name, &[rows.of, input], &HOST)?)?,
                };
                let part = whole.rows(rows, input);
                part.ok_or_else(|| Error::invalid(says::fused_is_quantized(&name)))?
            }
            // how packed numbers lie is for the reader of their format to judge
            Source::Outline(held) if held.packed(&name).is_some() => Frozen::new(hollow(&[rows.count(), input])?)?,
            Source::Folder(store) => {
                let read = match transposed {
                    true => take_rows(&store.read(&name, &[input, rows.of], &HOST)?.t()?, rows)?,
                    false => store.read_rows(&name, &[rows.of, input], rows, &HOST)?,
                };
                Frozen::new(options.engine.kept(read)?)?
            }
            Source::Outline(held) => {
                held.check(&name, &turned([rows.of, input], transposed))?;
                Frozen::new(hollow(&[rows.count(), input])?)?
            }
            Source::Gguf(gguf) => gguf.read(&format!("{}.weight", part.name), &[rows.count(), input], &HOST)?,
            Source::Random { .. } => {
                let own = format!("{}.weight", part.name);
                match self.matrix(&own, &[rows.count(), input], config, options)? {
                    Weight::Frozen(frozen) => frozen,
                    Weight::Trained(_) => return Err(Error::internal("a weight trains before it is loaded")),
                }
            }
        };
        let weight = match options.quantize {
            Some(how) if !matches!(self, Source::Outline(_)) => how.apply(weight, &path, input)?,
            _ => weight,
        };
        let name = format!("{path}.bias");
        let bias = match (bias, self) {
            (false, _) => None,
            (true, Source::Folder(store)) => {
                Some(Vector::new(&store.read_rows(&name, &[rows.of], rows, &HOST)?, device)?)
            }
            (true, Source::Outline(held)) => {
                held.check(&name, &[rows.of])?;
                Some(Vector::new(&hollow(&[rows.count()])?, device)?)
            }
            (true, _) => Some(self.vector(&format!("{}.bias", part.name), rows.count(), 0.0, device)?),
        };
        Ok(Module::Linear(Linear {
            part: Some(part),
            transposed,
            ..Linear::new(path, widths, Weight::Frozen(weight.on(device)?), bias)
        }))
    }

    pub(super) fn matrix(
        &self,
        name: &str,
        shape: &[usize],
        config: &ModelConfig,
        options: &LoadOptions,
    ) -> Result<Weight> {
        let tensor = match self {
            Source::Folder(store) => store.read(name, shape, &HOST)?,
            Source::Gguf(gguf) => return Ok(Weight::Frozen(gguf.read(name, shape, &HOST)?)),
            Source::Outline(held) => {
                held.check(name, shape)?;
                hollow(shape)?
            }
            Source::Random { seed } => {
                normal(name, shape, config.initializer_range, *seed)?.to_dtype(config.saved_dtype())?
            }
        };
        Ok(Weight::Frozen(Frozen::new(options.engine.kept(tensor)?)?))
    }

    /// The weight of a linear layer, which a folder may store quantized.
    fn linear(
        &self,
        path: &str,
        wanted: LinearWanted,
        config: &ModelConfig,
        options: &LoadOptions,
    ) -> Result<(Weight, Option<LoraPair>)> {
        let LinearWanted { widths, transposed } = wanted;
        let Widths { input, output } = widths;
        let name = format!("{path}.weight");
        if let Source::Outline(held) = self {
            let shape = [output, input];
            // how packed numbers lie is for the reader of their format to judge
            if held.packed(&name).is_none() {
                held.check(&name, &turned(shape, transposed))?;
            }
            return Ok((Weight::Frozen(Frozen::new(hollow(&shape)?)?), None));
        }
        let (weight, how) = match (self, &config.quantization) {
            // quantized weights lie as a linear layer has them
            (Source::Folder(store), Some(folder)) if !transposed || store.packed(&name).is_some() => {
                let kept = Kept {
                    device: &HOST,
                    dtype: config.saved_dtype(),
                };
                (quantized_folder::linear(store, folder, path, widths, kept)?, None)
            }
            (Source::Gguf(gguf), _) => (gguf.read(&name, &[output, input], &HOST)?, None),
            (Source::Folder(store), _) if transposed => {
                let read = store.read(&name, &[input, output], &HOST)?.t()?.contiguous()?;
                (Frozen::new(options.engine.kept(read)?)?, options.quantize)
            }
            _ => match self.matrix(&name, &[output, input], config, options)? {
                Weight::Frozen(frozen) => (frozen, options.quantize),
                trained => return Ok((trained, None)),
            },
        };
        let (weight, residual) = match (&options.loftq, how) {
            (Some(loftq), how) if loftq.targets.wants(path) => loftq.quantize(weight, how, path, widths)?,
            (_, Some(how)) => (how.apply(weight, path, input)?, None),
            _ => (weight, None),
        };
        Ok((Weight::Frozen(weight), residual))
    }

    /// A vector that the checkpoint has with so many dimensions, all but the last of them 1.
    fn parameter(&self, name: &str, len: usize, dims: usize, device: &Device) -> Result<Vector> {
        let shape: Vec<usize> = (1..dims).map(|_| 1).chain([len]).collect();
        match self {
            Source::Folder(store) => Vector::new(&store.read(name, &shape, &HOST)?.flatten_all()?, device),
            Source::Outline(held) => {
                held.check(name, &shape)?;
                Vector::new(&Tensor::zeros(len, DType::F32, &HOST)?, device)
            }
            Source::Gguf(_) | Source::Random { .. } => self.vector(name, len, 0.0, device),
        }
    }

    pub(super) fn vector(&self, name: &str, len: usize, random: f32, device: &Device) -> Result<Vector> {
        match self {
            Source::Folder(store) => Vector::new(&store.read(name, &[len], &HOST)?, device),
            Source::Gguf(gguf) => {
                let frozen = gguf.read(name, &[len], &HOST)?;
                match frozen.plain()? {
                    Some(tensor) => Vector::new(&tensor, device),
                    None => Err(Error::file(gguf.file.path(), says::must_not_be_quantized(name))),
                }
            }
            Source::Outline(held) => {
                held.check(name, &[len])?;
                Vector::new(&Tensor::zeros(len, DType::F32, &HOST)?, device)
            }
            Source::Random { .. } => Vector::new(&Tensor::full(random, len, &HOST)?, device),
        }
    }
}

impl Source<'_> {
    /// A vector with numbers for each head, which lie together or apart.
    fn vector_of_heads(
        &self,
        path: &str,
        kind: &str,
        width: usize,
        heads: HeadNormLayout,
        random: f32,
        device: &Device,
    ) -> Result<Vector> {
        let HeadNormLayout { layout, heads } = heads;
        let each = width / heads.max(1);
        let tensors: Vec<(String, Vec<usize>)> = match layout {
            HeadNorms::Rows => vec![(format!("{path}.{kind}"), vec![heads, each])],
            HeadNorms::Numbered => (0..heads).map(|n| (format!("{path}.{n}.{kind}"), vec![each])).collect(),
        };
        match self {
            Source::Folder(store) => {
                let read = |(name, shape): &(String, Vec<usize>)| Ok(store.read(name, shape, &HOST)?.flatten_all()?);
                let parts = tensors.iter().map(read).collect::<Result<Vec<_>>>()?;
                Vector::new(&Tensor::cat(&parts, 0)?, device)
            }
            Source::Outline(held) => {
                for (name, shape) in &tensors {
                    held.check(name, shape)?;
                }
                Vector::new(&Tensor::zeros(width, DType::F32, &HOST)?, device)
            }
            Source::Gguf(_) | Source::Random { .. } => self.vector(&format!("{path}.{kind}"), width, random, device),
        }
    }
}

/// The shape of a matrix as a checkpoint has it.
fn turned([rows, columns]: [usize; 2], transposed: bool) -> [usize; 2] {
    match transposed {
        true => [columns, rows],
        false => [rows, columns],
    }
}

/// The generator of one tensor: seed and name alone decide, not the order of drawing.
pub fn generator(seed: u64, name: &str) -> ChaCha8Rng {
    let mut hash = Sha256::new();
    hash.update(seed.to_le_bytes());
    hash.update(name);
    ChaCha8Rng::from_seed(hash.finalize().into())
}

/// Pairs of draws that one thread makes at a time.
const PAIRS: usize = 1 << 14;

/// Normal(0, std) by Box and Muller. Each part begins where the one before it ends in the generator's stream, so that the
/// numbers are those of one thread.
fn normal(name: &str, shape: &[usize], std: f64, seed: u64) -> Result<Tensor> {
    /// 32-bit words of the stream that a pair takes: two numbers in f64
    const WORDS: u128 = 4;
    let start = generator(seed, name);
    let mut values = vec![0f32; shape.iter().product()];
    values.par_chunks_mut(2 * PAIRS).enumerate().for_each(|(part, values)| {
        let mut rng = start.clone();
        rng.set_word_pos((part * PAIRS) as u128 * WORDS);
        for pair in values.chunks_mut(2) {
            let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt() * std;
            let (sin, cos) = (std::f64::consts::TAU * rng.random::<f64>()).sin_cos();
            for (value, part) in pair.iter_mut().zip([cos, sin]) {
                *value = (radius * part) as f32;
            }
        }
    });
    Ok(Tensor::from_vec(values, shape, &HOST)?)
}
