//! Causal attention over the segments of a plan, forward and backward, without a `[tokens, tokens]` matrix.
//!
//! Softmax statistics are saved and probabilities recomputed in the backward pass, as in *FlashAttention-2*, arXiv
//! 2307.08691; segments give packing and prefix sharing the same code path as plain causal attention.
mod card;
mod segments;
mod tiles;

use super::cpu::{attention as cpu, by_float};
use super::{Operation, View, ViewMut};
use crate::error::Result;
use crate::ops::cuda::Card;

pub use segments::{SegmentRanges, Segments};

/// Head layout and reach. Queries are `[tokens, heads * head_dim]`, keys `[tokens, kv_heads * head_dim]`, values
/// `[tokens, kv_heads * value_dim]` and outputs `[tokens, heads * value_dim]`.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub heads: usize,
    pub kv_heads: usize,
    /// width of one head of queries and keys
    pub head_dim: usize,
    /// width of one head of values and outputs
    pub value_dim: usize,
    /// what `q k^T` is multiplied with before the softmax
    pub scale: f32,
    /// query tokens
    pub tokens: usize,
    /// sliding window: a query sees its last `window` positions, itself among them
    pub window: Option<usize>,
}

/// `o = softmax(scale q k^T) v`; `lse[heads, tokens]` is the log of each softmax's normaliser.
pub struct Attention<'a> {
    pub shape: Shape,
    pub segments: Segments<'a>,
    pub q: View<'a>,
    pub k: View<'a>,
    pub v: View<'a>,
    pub o: ViewMut<'a>,
    pub lse: ViewMut<'a>,
}

impl Operation for Attention<'_> {
    fn cpu(self) -> Result<()> {
        let groups = self.segments.groups()?;
        by_float!(self.o.dtype(), F => {
            let keys = cpu::Keys::<F> {
                k: self.k.get()?,
                v: self.v.get()?,
            };
            cpu::forward(self.shape, &groups, self.q.get()?, keys, self.o.get()?, self.lse.f32()?);
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card::forward(self, card)
    }
}

/// From what [`Attention`] read and wrote and the gradient of `o`: sets `dq` and adds to `dk` and `dv`, which start as zeros.
pub struct AttentionBackward<'a> {
    pub shape: Shape,
    pub segments: Segments<'a>,
    pub q: View<'a>,
    pub k: View<'a>,
    pub v: View<'a>,
    pub o: View<'a>,
    pub lse: View<'a>,
    pub d_o: View<'a>,
    pub dq: ViewMut<'a>,
    pub dk: ViewMut<'a>,
    pub dv: ViewMut<'a>,
}

impl Operation for AttentionBackward<'_> {
    fn cpu(self) -> Result<()> {
        let groups = self.segments.groups()?;
        by_float!(self.dq.dtype(), F => {
            let keys = cpu::Keys::<F> {
                k: self.k.get()?,
                v: self.v.get()?,
            };
            let saved = cpu::Saved {
                o: self.o.get()?,
                lse: self.lse.f32()?,
                d_o: self.d_o.get()?,
            };
            let grads = [self.dq.get()?, self.dk.get()?, self.dv.get()?];
            cpu::backward(self.shape, &groups, self.q.get()?, keys, saved, grads);
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card::backward(self, card)
    }
}
