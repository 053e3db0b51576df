//! The adapter of one layer: what trains on it, and what the reference has in its place.
use super::{Factors, LowRank};
use crate::model::Pass;
use crate::model::dora::Dora;
use crate::model::oft::{Oft, Rotation};
use crate::model::params::Params;
use crate::ops::Buf;
use std::sync::Arc;

/// What is on a layer beside its frozen adapters.
#[derive(Debug)]
pub enum LayerAdapter {
    None,
    /// An adapter as the run began with it, of which nothing trains: on the reference's own copy of the layer, and on a layer
    /// until its adapter begins to train.
    AtStart(AtStart),
    Lora(Lora),
    Oft(Oft),
}

/// An adapter as the run began with it.
#[derive(Debug)]
pub enum AtStart {
    Lora(LoraAtStart),
    Oft(Rotation),
}

/// `gain * layer + term`, with the gain folded into the term too.
#[derive(Debug)]
pub struct LoraAtStart {
    pub term: LowRank,
    /// DoRA: a factor per output
    pub gain: Option<Arc<Buf>>,
}

/// A low-rank term that trains, `scale * B A`.
#[derive(Debug)]
pub struct Lora {
    /// ids of `[rank, input]` and `[output, rank]` among the parameters
    pub a: usize,
    pub b: usize,
    pub rank: usize,
    pub scale: f32,
    pub dropout: f32,
    /// tells this layer's dropout mask from the others'
    pub stream: u64,
    /// lengths that train beside it
    pub dora: Option<Dora>,
    /// what the reference has; `None` is nothing: the term began at zero
    pub start: Option<LoraAtStart>,
}

/// What an adapter does in one pass.
pub enum InPass<'a> {
    Nothing,
    LoraAtStart(&'a LoraAtStart),
    Lora(&'a Lora),
    Rotation(&'a Rotation),
}

impl LayerAdapter {
    pub fn in_pass(&self, pass: Pass) -> InPass<'_> {
        match (self, pass) {
            (Self::None, _) => InPass::Nothing,
            (Self::AtStart(AtStart::Lora(start)), _) => InPass::LoraAtStart(start),
            (Self::AtStart(AtStart::Oft(rotation)), _) => InPass::Rotation(rotation),
            (Self::Lora(lora), Pass::Policy) => InPass::Lora(lora),
            (Self::Lora(lora), Pass::Reference) => lora.start.as_ref().map_or(InPass::Nothing, InPass::LoraAtStart),
            (Self::Oft(oft), Pass::Policy) => InPass::Rotation(&oft.now),
            (Self::Oft(oft), Pass::Reference) => oft.start.as_ref().map_or(InPass::Nothing, InPass::Rotation),
        }
    }

    /// Whether any of it trains.
    pub fn trains(&self) -> bool {
        match self {
            Self::None | Self::AtStart(_) => false,
            Self::Lora(_) | Self::Oft(_) => true,
        }
    }

    pub fn lora(&self) -> Option<&Lora> {
        match self {
            Self::Lora(lora) => Some(lora),
            Self::None | Self::AtStart(_) | Self::Oft(_) => None,
        }
    }

    /// The rank of a low-rank term that trains; 0 without one.
    pub fn rank(&self) -> usize {
        self.lora().map_or(0, |lora| lora.rank)
    }

    /// The low-rank term the run began with, out of its place.
    pub fn take_lora_start(&mut self) -> Option<LoraAtStart> {
        match std::mem::replace(self, Self::None) {
            Self::AtStart(AtStart::Lora(start)) => Some(start),
            _ => None,
        }
    }

    /// The rotation the run began with, out of its place.
    pub fn take_oft_start(&mut self) -> Option<Rotation> {
        match std::mem::replace(self, Self::None) {
            Self::AtStart(AtStart::Oft(rotation)) => Some(rotation),
            _ => None,
        }
    }

    /// What the reference has of it, in the same memory.
    pub fn share_start(&self) -> Self {
        match self.in_pass(Pass::Reference) {
            InPass::Nothing | InPass::Lora(_) => Self::None,
            InPass::LoraAtStart(start) => Self::AtStart(AtStart::Lora(LoraAtStart {
                term: start.term.share(),
                gain: start.gain.clone(),
            })),
            InPass::Rotation(rotation) => Self::AtStart(AtStart::Oft(rotation.share())),
        }
    }
}

impl Lora {
    pub fn factors<'a>(&self, params: &'a Params) -> Factors<'a> {
        Factors {
            a: &params.0[self.a].value,
            b: &params.0[self.b].value,
            rank: self.rank,
            scale: self.scale,
        }
    }
}
