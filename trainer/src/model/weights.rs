//! The weights of a decoder, frozen or trained, and where they come from: a folder or a random draw.
use super::config::ModelConfig;
use super::linear::{Linear, Start};
use super::params::Params;
use super::store::Store;
use super::stored;
use super::{LoadOptions, LoraPair};
use crate::error::{Error, Result};
use crate::ops::{Buf, Operand};
use crate::quant::Packed;
use crate::quant::gguf_file::GgufFile;
use candle_core::{DType, Device, Tensor};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// A frozen matrix, kept as it was stored; products widen it block by block.
#[derive(Debug, Clone)]
pub enum Frozen {
    F32(Tensor),
    BF16(Tensor),
    F16(Tensor),
    /// quantized; the type it is written in once it is merged
    Packed(Arc<Packed>, DType),
}

impl Frozen {
    pub fn new(tensor: Tensor) -> Result<Self> {
        Ok(match tensor.dtype() {
            DType::F32 => Self::F32(tensor),
            DType::BF16 => Self::BF16(tensor),
            DType::F16 => Self::F16(tensor),
            other => {
                return Err(Error::invalid(format!(
                    "weights of type {other:?}; supported: f32, bf16, f16"
                )));
            }
        })
    }

    pub fn operand(&self) -> Operand<'_> {
        match self {
            Self::F32(t) | Self::BF16(t) | Self::F16(t) => Operand::Tensor(t),
            Self::Packed(packed, _) => Operand::Packed(packed),
        }
    }

    /// The type a merged checkpoint has it in.
    pub fn dtype(&self) -> DType {
        match self {
            Self::F32(_) => DType::F32,
            Self::BF16(_) => DType::BF16,
            Self::F16(_) => DType::F16,
            Self::Packed(_, dtype) => *dtype,
        }
    }
}

/// A parameter of [`Params`] that stands in for a weight, and the dtype the weight came in.
#[derive(Debug, Clone, Copy)]
pub struct Trained {
    pub id: usize,
    pub stored: DType,
}

/// A matrix, `[rows, columns]`.
#[derive(Debug)]
pub enum Weight {
    Frozen(Frozen),
    Trained(Trained),
}

impl Weight {
    /// What kernels read: the stored weight, or the parameter's flat value.
    pub fn operand<'a>(&'a self, params: &'a Params) -> Operand<'a> {
        match self {
            Self::Frozen(frozen) => frozen.operand(),
            Self::Trained(trained) => Operand::Tensor(params.0[trained.id].value.tensor()),
        }
    }

    /// A copy of the values, flat and in f32.
    pub fn to_buf(&self, params: &Params, device: &Device) -> Result<Buf> {
        match self.operand(params) {
            Operand::Tensor(tensor) => Buf::copy_of(tensor),
            Operand::Packed(packed) => Buf::from_vec(packed.to_vec(), device),
        }
    }

    /// The format of a weight that is quantized.
    pub fn quantized(&self) -> Option<&'static str> {
        match self {
            Self::Frozen(Frozen::Packed(packed, _)) => Some(packed.name()),
            _ => None,
        }
    }

    /// Bytes of a weight that is quantized.
    pub fn packed_bytes(&self) -> usize {
        match self {
            Self::Frozen(Frozen::Packed(packed, _)) => packed.bytes(),
            _ => 0,
        }
    }

    pub fn trained(&self) -> Option<usize> {
        match self {
            Self::Frozen(_) => None,
            Self::Trained(trained) => Some(trained.id),
        }
    }
}

/// A norm's weight or a bias: small, so held in f32 whatever it is stored as.
#[derive(Debug)]
pub enum Vector {
    Frozen(Buf, DType),
    Trained(Trained),
}

impl Vector {
    pub fn new(tensor: &Tensor) -> Result<Self> {
        Ok(Self::Frozen(Buf::copy_of(tensor)?, tensor.dtype()))
    }

    pub fn buf<'a>(&'a self, params: &'a Params) -> &'a Buf {
        match self {
            Self::Frozen(buf, _) => buf,
            Self::Trained(trained) => &params.0[trained.id].value,
        }
    }

    pub fn trained(&self) -> Option<usize> {
        match self {
            Self::Frozen(..) => None,
            Self::Trained(trained) => Some(trained.id),
        }
    }
}

/// One decoder block's weights.
#[derive(Debug)]
pub struct Layer {
    pub input_norm: Vector,
    pub q: Linear,
    pub k: Linear,
    pub v: Linear,
    pub o: Linear,
    pub q_norm: Option<Vector>,
    pub k_norm: Option<Vector>,
    pub post_norm: Vector,
    pub gate: Linear,
    pub up: Linear,
    pub down: Linear,
}

impl Layer {
    pub fn linears(&self) -> [&Linear; 7] {
        [&self.q, &self.k, &self.v, &self.o, &self.gate, &self.up, &self.down]
    }

    pub fn linears_mut(&mut self) -> [&mut Linear; 7] {
        [
            &mut self.q,
            &mut self.k,
            &mut self.v,
            &mut self.o,
            &mut self.gate,
            &mut self.up,
            &mut self.down,
        ]
    }
}

#[derive(Debug)]
pub struct Weights {
    pub embed: Weight,
    pub layers: Vec<Layer>,
    pub norm: Vector,
    /// `None`: tied to the embedding
    pub head: Option<Weight>,
}

/// A weight of either rank, with its full name and shape.
pub enum Slot<'a> {
    Matrix(&'a mut Weight),
    Vector(&'a mut Vector),
}

/// Where the tensors of a new model come from.
pub enum Source<'a> {
    Folder(&'a Store),
    Gguf(&'a GgufFile),
    Random { seed: u64 },
}

impl Source<'_> {
    fn matrix(&self, name: &str, shape: &[usize], config: &ModelConfig, device: &Device) -> Result<Weight> {
        let tensor = match self {
            Source::Folder(store) => store.read(name, shape, device)?,
            Source::Gguf(file) => return Ok(Weight::Frozen(stored::gguf(file, name, shape, None, device)?)),
            Source::Random { seed } => normal(name, shape, config.initializer_range, *seed, device)?,
        };
        Ok(Weight::Frozen(Frozen::new(tensor)?))
    }

    /// The weight of a linear layer, which a folder may store quantized.
    fn linear(
        &self,
        path: &str,
        (input, output): (usize, usize),
        config: &ModelConfig,
        options: &LoadOptions,
    ) -> Result<(Weight, Option<LoraPair>)> {
        let device = &options.device;
        let name = format!("{path}.weight");
        let (weight, how) = match (self, config.quantization) {
            (Source::Folder(store), Some(folder)) => {
                let dtype = config.saved_dtype();
                (
                    stored::linear(store, folder, path, (input, output), (device, dtype))?,
                    None,
                )
            }
            (Source::Gguf(file), _) => {
                let heads = match path.rsplit('.').next() {
                    Some("q_proj") => Some(config.heads),
                    Some("k_proj") => Some(config.kv_heads),
                    _ => None,
                };
                (stored::gguf(file, &name, &[output, input], heads, device)?, None)
            }
            _ => match self.matrix(&name, &[output, input], config, device)? {
                Weight::Frozen(frozen) => (frozen, options.quantize),
                trained => return Ok((trained, None)),
            },
        };
        let (weight, residual) = match (&options.loftq, how) {
            (Some(loftq), how) if loftq.targets.wants(path) => loftq.quantize(weight, how, (path, input, output))?,
            (_, Some(how)) => (how.apply(weight, input)?, None),
            _ => (weight, None),
        };
        Ok((Weight::Frozen(weight), residual))
    }

    fn vector(&self, name: &str, len: usize, random: f32, device: &Device) -> Result<Vector> {
        match self {
            Source::Folder(store) => Vector::new(&store.read(name, &[len], device)?),
            Source::Gguf(file) => {
                let frozen = stored::gguf(file, name, &[len], None, device)?;
                match frozen.operand() {
                    Operand::Tensor(tensor) => Vector::new(tensor),
                    Operand::Packed(_) => Err(Error::file(
                        file.path(),
                        format!("`{name}` is quantized; it must not be"),
                    )),
                }
            }
            Source::Random { .. } => Vector::new(&Tensor::full(random, len, device)?),
        }
    }
}

/// The generator of one tensor: seed and name alone decide, not the order of drawing.
pub fn generator(seed: u64, name: &str) -> ChaCha8Rng {
    let mut hash = Sha256::new();
    hash.update(seed.to_le_bytes());
    hash.update(name);
    ChaCha8Rng::from_seed(hash.finalize().into())
}

/// Normal(0, std) by Box and Muller.
fn normal(name: &str, shape: &[usize], std: f64, seed: u64, device: &Device) -> Result<Tensor> {
    let mut rng = generator(seed, name);
    let count: usize = shape.iter().product();
    let mut values = Vec::with_capacity(count + 1);
    while values.len() < count {
        let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt() * std;
        let (sin, cos) = (std::f64::consts::TAU * rng.random::<f64>()).sin_cos();
        values.extend([(radius * cos) as f32, (radius * sin) as f32]);
    }
    values.truncate(count);
    Ok(Tensor::from_vec(values, shape, device)?)
}

impl Weights {
    /// Names are those of transformers, the same for every family in the table.
    pub fn new(config: &ModelConfig, source: &Source, options: &LoadOptions) -> Result<Self> {
        let (c, device) = (config, &options.device);
        let matrix = |name: &str, rows, columns| source.matrix(name, &[rows, columns], c, device);
        let linear = |path: String, output, input, bias: bool| {
            let (weight, residual) = source.linear(&path, (input, output), c, options)?;
            let bias = match bias {
                true => Some(source.vector(&format!("{path}.bias"), output, 0.0, device)?),
                false => None,
            };
            Ok::<_, Error>(Linear {
                residual,
                ..Linear::new(path, (input, output), weight, bias)
            })
        };
        let (hidden, wide) = (c.hidden_size, c.intermediate_size);
        let mut layers = Vec::with_capacity(c.layers);
        for i in 0..c.layers {
            let at = |module: &str| format!("model.layers.{i}.{module}");
            let norm = |module: &str, len| source.vector(&at(&format!("{module}.weight")), len, 1.0, device);
            let head_norm = |module| match c.qk_norm {
                true => norm(module, c.head_dim).map(Some),
                false => Ok(None),
            };
            layers.push(Layer {
                input_norm: norm("input_layernorm", hidden)?,
                q: linear(at("self_attn.q_proj"), c.q_width(), hidden, c.qkv_bias)?,
                k: linear(at("self_attn.k_proj"), c.kv_width(), hidden, c.qkv_bias)?,
                v: linear(at("self_attn.v_proj"), c.kv_width(), hidden, c.qkv_bias)?,
                o: linear(at("self_attn.o_proj"), hidden, c.q_width(), c.o_bias)?,
                q_norm: head_norm("self_attn.q_norm")?,
                k_norm: head_norm("self_attn.k_norm")?,
                post_norm: norm("post_attention_layernorm", hidden)?,
                gate: linear(at("mlp.gate_proj"), wide, hidden, c.mlp_bias)?,
                up: linear(at("mlp.up_proj"), wide, hidden, c.mlp_bias)?,
                down: linear(at("mlp.down_proj"), hidden, wide, c.mlp_bias)?,
            });
        }
        Ok(Self {
            embed: matrix("model.embed_tokens.weight", c.vocab_size, hidden)?,
            layers,
            norm: source.vector("model.norm.weight", hidden, 1.0, device)?,
            head: match c.tied {
                true => None,
                false => Some(matrix("lm_head.weight", c.vocab_size, hidden)?),
            },
        })
    }

    pub fn head(&self) -> &Weight {
        self.head.as_ref().unwrap_or(&self.embed)
    }

    /// Every weight in the order of the model, with its name.
    pub fn slots(&mut self) -> Vec<(String, Slot<'_>)> {
        let mut slots = vec![("model.embed_tokens.weight".to_owned(), Slot::Matrix(&mut self.embed))];
        for (i, layer) in self.layers.iter_mut().enumerate() {
            let at = |module: &str| format!("model.layers.{i}.{module}.weight");
            slots.push((at("input_layernorm"), Slot::Vector(&mut layer.input_norm)));
            slots.push((at("post_attention_layernorm"), Slot::Vector(&mut layer.post_norm)));
            let head_norms = [
                ("self_attn.q_norm", &mut layer.q_norm),
                ("self_attn.k_norm", &mut layer.k_norm),
            ];
            for (module, norm) in head_norms {
                slots.extend(norm.as_mut().map(|norm| (at(module), Slot::Vector(norm))));
            }
            let Layer {
                q,
                k,
                v,
                o,
                gate,
                up,
                down,
                ..
            } = layer;
            for linear in [q, k, v, o, gate, up, down] {
                slots.push((format!("{}.weight", linear.path), Slot::Matrix(&mut linear.weight)));
                let bias = format!("{}.bias", linear.path);
                slots.extend(linear.bias.as_mut().map(|vector| (bias, Slot::Vector(vector))));
            }
        }
        slots.push(("model.norm.weight".to_owned(), Slot::Vector(&mut self.norm)));
        slots.extend(
            self.head
                .as_mut()
                .map(|head| ("lm_head.weight".to_owned(), Slot::Matrix(head))),
        );
        slots
    }

    /// The same weights once more as the reference sees them, sharing memory with those that stay frozen.
    pub fn share(&self) -> Result<Self> {
        Ok(Self {
            embed: self.embed.share()?,
            layers: self.layers.iter().map(Layer::share).collect::<Result<_>>()?,
            norm: self.norm.share()?,
            head: self.head.as_ref().map(Weight::share).transpose()?,
        })
    }
}

fn taken_late() -> Error {
    Error::invalid("the reference is taken before training starts")
}

impl Weight {
    pub fn share(&self) -> Result<Self> {
        match self {
            Weight::Frozen(frozen) => Ok(Weight::Frozen(frozen.clone())),
            Weight::Trained(_) => Err(taken_late()),
        }
    }
}

impl Vector {
    fn share(&self) -> Result<Self> {
        match self {
            Vector::Frozen(buf, dtype) => Ok(Vector::Frozen(buf.share(), *dtype)),
            Vector::Trained(_) => Err(taken_late()),
        }
    }
}

impl Layer {
    pub fn share(&self) -> Result<Self> {
        Ok(Self {
            input_norm: self.input_norm.share()?,
            q: self.q.share()?,
            k: self.k.share()?,
            v: self.v.share()?,
            o: self.o.share()?,
            q_norm: self.q_norm.as_ref().map(Vector::share).transpose()?,
            k_norm: self.k_norm.as_ref().map(Vector::share).transpose()?,
            post_norm: self.post_norm.share()?,
            gate: self.gate.share()?,
            up: self.up.share()?,
            down: self.down.share()?,
        })
    }

    /// Whether anything in it trains.
    pub fn trains(&self) -> bool {
        let mlp = [&self.gate, &self.up, &self.down].into_iter().any(Linear::trains);
        mlp || self.post_norm.trained().is_some() || self.attention_trains()
    }

    /// Whether anything in its first half trains.
    pub fn attention_trains(&self) -> bool {
        let norms = [Some(&self.input_norm), self.q_norm.as_ref(), self.k_norm.as_ref()];
        let norm = norms.into_iter().flatten().any(|norm| norm.trained().is_some());
        norm || [&self.q, &self.k, &self.v, &self.o].into_iter().any(Linear::trains)
    }
}

impl Linear {
    fn share(&self) -> Result<Self> {
        let bias = self.bias.as_ref().map(Vector::share).transpose()?;
        let size = (self.input, self.output);
        let start = self.start.as_ref().map(|start| Start {
            term: start.term.scaled(start.term.scale),
            gain: start.gain.as_ref().map(Buf::share),
        });
        Ok(Self {
            gain: self.gain.as_ref().map(Buf::share),
            terms: self.terms.iter().map(|term| term.scaled(term.scale)).collect(),
            principal: self.principal.as_ref().map(|term| term.scaled(term.scale)),
            start,
            ..Self::new(self.path.clone(), size, self.weight.share()?, bias)
        })
    }
}
