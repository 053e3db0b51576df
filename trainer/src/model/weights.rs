//! The weights of a decoder, frozen or trained.
use super::LoadOptions;
use super::config::ModelConfig;
use super::experts::ExpertConfig;
use super::linear::Linear;
use super::mlp::{Experts, Mlp, Shared};
use super::params::Params;
use super::source::Source;
use super::swiglu::Swiglu;
use crate::error::{Error, Result};
use crate::ops::{Buf, Operand};
use crate::quant::Packed;
use candle_core::{DType, Device, Tensor};
use protocol::says;
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
                return Err(Error::invalid(says::weight_kind(format!("{other:?}"))));
            }
        })
    }

    pub fn operand(&self) -> Operand<'_> {
        match self {
            Self::F32(t) | Self::BF16(t) | Self::F16(t) => Operand::Tensor(t),
            Self::Packed(packed, _) => Operand::Packed(packed),
        }
    }

    /// The stored tensor, where it isn't quantized.
    pub fn plain(&self) -> Option<&Tensor> {
        match self {
            Self::F32(t) | Self::BF16(t) | Self::F16(t) => Some(t),
            Self::Packed(..) => None,
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
            Self::Trained(trained) => params.0[trained.id].value.view().into(),
        }
    }

    /// A copy of the values, flat and in f32.
    pub fn to_buf(&self, params: &Params, device: &Device) -> Result<Buf> {
        match self.operand(params) {
            Operand::View(view) => Buf::from_vec(view.to_vec()?, device),
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
    Frozen(Arc<Buf>, DType),
    Trained(Trained),
}

impl Vector {
    pub fn new(tensor: &Tensor) -> Result<Self> {
        Ok(Self::Frozen(Arc::new(Buf::copy_of(tensor)?), tensor.dtype()))
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
    pub mlp: Mlp,
}

impl Layer {
    pub fn linears(&self) -> Vec<&Linear> {
        let attention = [&self.q, &self.k, &self.v, &self.o];
        attention.into_iter().chain(self.mlp.linears()).collect()
    }

    pub fn linears_mut(&mut self) -> Vec<&mut Linear> {
        let attention = [&mut self.q, &mut self.k, &mut self.v, &mut self.o];
        attention.into_iter().chain(self.mlp.linears_mut()).collect()
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

impl Weights {
    /// Names are those of transformers, the same for every family in the table.
    pub fn new(config: &ModelConfig, source: &Source, options: &LoadOptions) -> Result<Self> {
        let (c, device) = (config, options.engine.device());
        let matrix = |name: &str, rows, columns| source.matrix(name, &[rows, columns], c, device);
        let linear = |path: String, output, input, bias: bool| {
            let (weight, residual) = source.linear(&path, (input, output), c, options)?;
            let bias = match bias {
                true => Some(source.vector(&format!("{path}.bias"), output, 0.0, device)?),
                false => None,
            };
            Ok::<_, Error>(Linear {
                loftq_residual: residual,
                ..Linear::new(path, (input, output), weight, bias)
            })
        };
        let hidden = c.hidden_size;
        let network = |path: &str, [gate, up, down]: [&str; 3], wide: usize| {
            Ok::<_, Error>(Swiglu {
                gate: linear(format!("{path}.{gate}"), wide, hidden, c.mlp_bias)?,
                up: linear(format!("{path}.{up}"), wide, hidden, c.mlp_bias)?,
                down: linear(format!("{path}.{down}"), hidden, wide, c.mlp_bias)?,
            })
        };
        let dense = ["gate_proj", "up_proj", "down_proj"];
        let experts = |path: &str, experts: &ExpertConfig| {
            let names = [experts.names.gate, experts.names.up, experts.names.down];
            let one = |i| network(&format!("{path}.experts.{i}"), names, experts.width);
            let shared = |wide| {
                Ok::<_, Error>(Shared {
                    expert: network(&format!("{path}.shared_expert"), dense, wide)?,
                    gate: linear(format!("{path}.shared_expert_gate"), 1, hidden, false)?,
                })
            };
            Ok::<_, Error>(Experts {
                router: linear(format!("{path}.gate"), experts.rule.experts, hidden, false)?,
                experts: (0..experts.rule.experts).map(one).collect::<Result<_>>()?,
                shared: experts.shared.map(shared).transpose()?,
                rule: experts.rule,
            })
        };
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
                mlp: match c.experts.as_ref().filter(|experts| experts.layers[i]) {
                    Some(some) => Mlp::Experts(experts(&at(some.names.block), some)?),
                    None => Mlp::Dense(network(&at("mlp"), dense, c.intermediate_size)?),
                },
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
            let Layer { q, k, v, o, mlp, .. } = layer;
            for linear in [q, k, v, o].into_iter().chain(mlp.linears_mut()) {
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
    Error::internal("the reference is taken before training starts")
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
    pub fn share(&self) -> Result<Self> {
        match self {
            Vector::Frozen(buf, dtype) => Ok(Vector::Frozen(Arc::clone(buf), *dtype)),
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
            mlp: self.mlp.share()?,
        })
    }

    /// Whether anything in it trains.
    pub fn trains(&self) -> bool {
        let mlp = self.mlp.linears().into_iter().any(Linear::trains);
        mlp || self.post_norm.trained().is_some() || self.attention_trains()
    }

    /// Whether anything in its first half trains.
    pub fn attention_trains(&self) -> bool {
        let norms = [Some(&self.input_norm), self.q_norm.as_ref(), self.k_norm.as_ref()];
        let norm = norms.into_iter().flatten().any(|norm| norm.trained().is_some());
        norm || [&self.q, &self.k, &self.v, &self.o].into_iter().any(Linear::trains)
    }
}

impl Mlp {
    fn share(&self) -> Result<Self> {
        Ok(match self {
            Self::Dense(dense) => Self::Dense(dense.share()?),
            Self::Experts(moe) => Self::Experts(Experts {
                router: moe.router.share()?,
                experts: moe.experts.iter().map(Swiglu::share).collect::<Result<_>>()?,
                shared: match &moe.shared {
                    Some(Shared { expert, gate }) => Some(Shared {
                        expert: expert.share()?,
                        gate: gate.share()?,
                    }),
                    None => None,
                },
                rule: moe.rule,
            }),
        })
    }
}

impl Swiglu {
    fn share(&self) -> Result<Self> {
        Ok(Self {
            gate: self.gate.share()?,
            up: self.up.share()?,
            down: self.down.share()?,
        })
    }
}
