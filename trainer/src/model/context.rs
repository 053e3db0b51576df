//! What the parts of a decoder know of the pass they are in.
use super::Pass;
use super::balance::BalanceGrads;
use super::branch::Entry;
use super::linear::{LinearBuffers, LinearContext};
use super::norm::{NormContext, NormVectors, norm_of};
use super::params::Params;
use super::positions::PositionTables;
use super::weights::Weights;
use crate::ops::{Engine, View};
use crate::plan::{LastLayer, PlanIndices, Queries};
use protocol::decoder::{BlockSpec, DecoderSpec, NormSpec};

/// What all blocks of one pass share.
pub struct PassContext<'a> {
    pub engine: &'a Engine,
    pub decoder: &'a DecoderSpec,
    pub params: &'a Params,
    pub positions: &'a PositionTables,
    pub plan: &'a PlanIndices,
    pub pass: Pass,
    pub dropout_seed: Option<u64>,
    /// of the router's auxiliary loss, in a backward pass that has one
    pub balance: Option<BalanceGrads<'a>>,
}

/// A block's place in a pass.
#[derive(Clone, Copy)]
pub struct BlockContext<'a> {
    pub pass: &'a PassContext<'a>,
    pub index: usize,
    pub spec: &'a BlockSpec,
}

impl PassContext<'_> {
    pub fn block(&self, index: usize) -> BlockContext<'_> {
        BlockContext {
            pass: self,
            index,
            spec: &self.decoder.blocks[index],
        }
    }

    pub fn linear<'a>(&'a self, tokens: usize, buffers: &'a mut LinearBuffers) -> LinearContext<'a> {
        LinearContext {
            engine: self.engine,
            params: self.params,
            pass: self.pass,
            dropout_seed: self.dropout_seed,
            tokens,
            buffers,
        }
    }

    /// A norm of `rows` vectors of `width` values, as its description says.
    pub fn norm<'a>(&'a self, vectors: &'a NormVectors, spec: &NormSpec, rows: usize, width: usize) -> NormContext<'a> {
        NormContext {
            engine: self.engine,
            params: self.params,
            vectors,
            weight: spec.weight,
            norm: norm_of(spec, rows, width),
        }
    }

    /// Of the hidden states that predict rows, before the head.
    pub fn final_norm<'a>(&'a self, weights: &'a Weights) -> Entry<'a> {
        let (rows, hidden) = (self.plan.rows, self.decoder.hidden);
        let norm = weights.norm.as_ref().zip(self.decoder.norm.as_ref());
        Entry {
            engine: self.engine,
            norm: norm.map(|(vectors, spec)| self.norm(vectors, spec, rows, hidden)),
            len: rows * hidden,
        }
    }
}

impl<'a> BlockContext<'a> {
    /// The tokens that the block has an output for.
    pub fn outputs(&self) -> Queries<'a> {
        self.last().map_or_else(|| self.pass.plan.all(), |last| last.queries)
    }

    /// `[outputs]`, which of all tokens they are; `None` is all.
    pub fn output_tokens(&self) -> Option<View<'a>> {
        self.last().map(|last| last.tokens)
    }

    fn last(&self) -> Option<LastLayer<'a>> {
        let last = self.pass.plan.last();
        last.filter(|_| self.index + 1 == self.pass.decoder.blocks.len())
    }
}
