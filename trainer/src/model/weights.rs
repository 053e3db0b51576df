//! The weights of a decoder, frozen or trained.
use super::Pass;
use super::head::{HeadLayer, HeadTerm};
use super::heads::HeadWeights;
use super::linear::Linear;
use super::mlp::Mlp;
use super::norm::{BlockNormVectors, NormVectors};
use super::params::Params;
use crate::error::{Error, Result};
use crate::ops::head::{Form, LowRankTerm};
use crate::ops::{Buf, Device, Operand};
use crate::quant::{CardPacked, Packed, Runs};
use candle_core::{DType, Tensor};
use protocol::decoder::{BlockRole, HeadSpec, Rows};
use protocol::says;
use std::sync::Arc;

/// A frozen matrix, kept as it was stored; products widen it block by block.
#[derive(Debug, Clone)]
pub enum Frozen {
    F32(Tensor),
    BF16(Tensor),
    F16(Tensor),
    /// in a card's memory, of this shape
    Card(Arc<Buf>, Vec<usize>),
    /// quantized; the type it is written in once it is merged
    Packed(Arc<Packed>, DType),
    /// the same in a card's memory
    CardPacked(Arc<CardPacked>, DType),
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
            Self::Card(buf, _) => Operand::View(buf.view()),
            Self::Packed(packed, _) => Operand::Packed(packed),
            Self::CardPacked(packed, _) => Operand::CardPacked(packed),
        }
    }

    /// The same weight where this device's operations read it.
    pub fn on(self, device: &Device) -> Result<Self> {
        match (self, device) {
            (Self::F32(t) | Self::BF16(t) | Self::F16(t), Device::Cuda(_)) => {
                Ok(Self::Card(Arc::new(Buf::as_stored(&t, device)?), t.dims().to_vec()))
            }
            (Self::Packed(packed, dtype), Device::Cuda(_)) => {
                Ok(Self::CardPacked(Arc::new(packed.to_card(device)?), dtype))
            }
            (weight, _) => Ok(weight),
        }
    }

    /// Some of the rows of a quantized weight on the host, packed as they were; `None` where that can't be said of a part.
    pub fn rows(&self, rows: Rows, columns: usize) -> Option<Self> {
        let starts: Vec<usize> = rows.starts().collect();
        let runs = Runs {
            starts: &starts,
            run: rows.run,
            columns,
        };
        match self {
            Self::Packed(packed, dtype) => Some(Self::Packed(Arc::new(packed.part(runs)?), *dtype)),
            _ => None,
        }
    }

    /// The stored tensor, where it isn't quantized.
    pub fn plain(&self) -> Result<Option<Tensor>> {
        Ok(match self {
            Self::F32(t) | Self::BF16(t) | Self::F16(t) => Some(t.clone()),
            Self::Card(buf, shape) => Some(buf.tensor(shape.as_slice())?),
            Self::Packed(..) | Self::CardPacked(..) => None,
        })
    }

    /// The type a merged checkpoint has it in.
    pub fn dtype(&self) -> DType {
        match self {
            Self::F32(_) => DType::F32,
            Self::BF16(_) => DType::BF16,
            Self::F16(_) => DType::F16,
            Self::Card(buf, _) => buf.dtype(),
            Self::Packed(_, dtype) | Self::CardPacked(_, dtype) => *dtype,
        }
    }
}

/// A parameter of [`Params`] that stands in for a weight, and the dtype the weight came in.
#[derive(Debug, Clone, Copy)]
pub struct ParamRef {
    pub id: usize,
    pub stored: DType,
}

/// A matrix, `[rows, columns]`.
#[derive(Debug)]
pub enum Weight {
    Frozen(Frozen),
    Trained(ParamRef),
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
            Operand::View(view) => Buf::from_vec(view.widened()?, device),
            Operand::Tensor(tensor) => Buf::copy_of(tensor, device),
            Operand::Packed(packed) => Buf::from_vec(packed.to_vec(), device),
            Operand::CardPacked(packed) => packed.to_buf(device),
        }
    }

    /// The format of a weight that is quantized.
    pub fn quantized(&self) -> Option<&'static str> {
        match self {
            Self::Frozen(Frozen::Packed(packed, _)) => Some(packed.name()),
            Self::Frozen(Frozen::CardPacked(packed, _)) => Some(packed.name()),
            _ => None,
        }
    }

    /// Bytes of a weight that is quantized.
    pub fn packed_bytes(&self) -> usize {
        match self {
            Self::Frozen(Frozen::Packed(packed, _)) => packed.bytes(),
            Self::Frozen(Frozen::CardPacked(packed, _)) => packed.bytes(),
            _ => 0,
        }
    }

    /// Bytes that it takes on the host beside the engine's buffers.
    pub fn host_bytes(&self) -> usize {
        match self {
            Self::Frozen(Frozen::F32(t) | Frozen::BF16(t) | Frozen::F16(t)) => {
                t.elem_count() * t.dtype().size_in_bytes()
            }
            Self::Frozen(Frozen::Packed(packed, _)) => packed.bytes(),
            Self::Frozen(Frozen::Card(..) | Frozen::CardPacked(..)) | Self::Trained(_) => 0,
        }
    }

    pub fn trained(&self) -> Option<usize> {
        match self {
            Self::Frozen(_) => None,
            Self::Trained(trained) => Some(trained.id),
        }
    }
}

/// A norm's weight or a bias: small, so read in f32 whatever it is stored as.
#[derive(Debug)]
pub enum Vector {
    Frozen(Arc<Buf>, DType),
    Trained(ParamRef),
}

impl Vector {
    pub fn new(tensor: &Tensor, device: &Device) -> Result<Self> {
        Ok(Self::Frozen(Arc::new(Buf::copy_of(tensor, device)?), tensor.dtype()))
    }

    /// What operations read.
    pub fn buf<'a>(&'a self, params: &'a Params) -> &'a Buf {
        match self {
            Self::Frozen(buf, _) => buf,
            Self::Trained(trained) => params.0[trained.id].seen(),
        }
    }

    /// A copy of the values as they are kept, flat.
    pub fn tensor(&self, params: &Params) -> Result<Tensor> {
        match self {
            Self::Frozen(buf, _) => buf.tensor(buf.capacity()),
            Self::Trained(trained) => Ok(params.0[trained.id].value()?.flatten_all()?),
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
    pub norms: BlockNormVectors,
    pub heads: HeadWeights,
    pub sinks: Option<Vector>,
    pub o: Linear,
    pub mlp: Mlp,
}

/// The weights of a decoder.
#[derive(Debug)]
pub struct Weights {
    pub embed: Weight,
    /// `[positions, hidden]`
    pub positions: Option<Weight>,
    pub embedding_norm: Option<NormVectors>,
    /// from the embedding's width to the hidden states'
    pub project_in: Option<Linear>,
    pub layers: Vec<Layer>,
    pub norm: Option<NormVectors>,
    /// from the hidden states' width to the head's
    pub project_out: Option<Linear>,
    /// `None`: tied to the embedding
    pub head: Option<HeadLayer>,
    pub head_bias: Option<Vector>,
}

impl Weights {
    pub fn head(&self) -> &Weight {
        self.head.as_ref().map_or(&self.embed, HeadLayer::weight)
    }

    /// The head as a layer that an adapter is on.
    pub fn adapted_head(&self) -> Option<&Linear> {
        match &self.head {
            Some(HeadLayer::Adapted(linear)) => Some(linear),
            Some(HeadLayer::Table(_)) | None => None,
        }
    }

    /// What an adapter adds to the logits in a pass.
    pub fn head_term<'a>(&'a self, pass: Pass, params: &'a Params) -> Option<HeadTerm<'a>> {
        self.adapted_head()?.term_in(pass, params)
    }

    /// Whether the head's table, its bias or an adapter on it trains.
    pub fn head_trains(&self) -> bool {
        let bias = self.head_bias.as_ref().and_then(Vector::trained);
        self.head().trained().or(bias).is_some() || self.adapted_head().is_some_and(Linear::trains)
    }

    /// Whether anything trains below the blocks.
    pub fn embedding_trains(&self) -> bool {
        let tables = [Some(&self.embed), self.positions.as_ref()];
        tables.into_iter().flatten().any(|table| table.trained().is_some())
            || self.embedding_norm.as_ref().is_some_and(NormVectors::trains)
            || self.project_in.as_ref().is_some_and(Linear::trains)
    }

    /// What the head does beside its product.
    pub fn form<'a>(&'a self, spec: &HeadSpec, params: &'a Params, low_rank: Option<LowRankTerm<'a>>) -> Form<'a> {
        Form {
            normalized: spec.normalized,
            low_rank,
            bias: self.head_bias.as_ref().map(|bias| bias.buf(params).view()),
            scale: spec.scale as f32,
            soft_cap: spec.soft_cap.map(|cap| cap as f32),
        }
    }
}

impl Layer {
    /// Whether anything in it trains.
    pub fn trains(&self) -> bool {
        self.modules().into_iter().any(|(_, module)| module.trains())
    }

    /// Whether anything in its first half trains.
    pub fn attention_trains(&self) -> bool {
        let modules = self.modules().into_iter();
        let mut of_attention = modules.filter(|(role, _)| is_of_attention(*role));
        of_attention.any(|(_, module)| module.trains())
    }
}

/// Whether a module lies before the middle of its block.
fn is_of_attention(role: BlockRole) -> bool {
    match role {
        BlockRole::AttentionNorm | BlockRole::AfterAttentionNorm => true,
        BlockRole::QueryNorm | BlockRole::KeyNorm => true,
        BlockRole::Query | BlockRole::Key | BlockRole::Value | BlockRole::Output => true,
        BlockRole::Sinks | BlockRole::QueryDown | BlockRole::QueryDownNorm | BlockRole::QueryUp => true,
        BlockRole::KeyValueDown | BlockRole::KeyValueDownNorm | BlockRole::KeyValueUp => true,
        BlockRole::MlpNorm | BlockRole::AfterMlpNorm => false,
        BlockRole::Router | BlockRole::Correction | BlockRole::Mlp(..) | BlockRole::SharedGate => false,
    }
}

fn taken_late() -> Error {
    Error::internal("the reference is taken before training starts")
}

impl Weight {
    /// The same weight where this device's operations read it.
    pub fn on(self, device: &Device) -> Result<Self> {
        match self {
            Self::Frozen(frozen) => Ok(Self::Frozen(frozen.on(device)?)),
            trained => Ok(trained),
        }
    }

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
