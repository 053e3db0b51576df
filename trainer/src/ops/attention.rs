//! Causal attention over the segments of a plan, forward and backward, without a `[tokens, tokens]` matrix.
//!
//! Softmax statistics are saved and probabilities recomputed in the backward pass, as in *FlashAttention-2*, arXiv
//! 2307.08691; segments give packing and prefix sharing the same code path as plain causal attention.
use super::cpu::attention as cpu;
use super::{Operation, View, ViewMut};
use crate::error::Result;
use crate::plan::Segment;

/// Head layout and reach. Queries are `[tokens, heads * head_dim]`, keys and values `[tokens, kv_heads * head_dim]`.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub heads: usize,
    pub kv_heads: usize,
    pub head_dim: usize,
    /// query tokens
    pub tokens: usize,
    /// sliding window: a query sees its last `window` positions, itself among them
    pub window: Option<usize>,
}

/// `o = softmax(q k^T / sqrt(head_dim)) v`; `lse[heads, tokens]` is the log of each softmax's normaliser.
pub struct Attention<'a> {
    pub shape: Shape,
    pub groups: &'a [Vec<Segment>],
    pub q: View<'a>,
    pub k: View<'a>,
    pub v: View<'a>,
    pub o: ViewMut<'a>,
    pub lse: ViewMut<'a>,
}

impl Operation for Attention<'_> {
    fn cpu(self) -> Result<()> {
        let keys = cpu::Keys {
            k: self.k.f32()?,
            v: self.v.f32()?,
        };
        cpu::forward(
            self.shape,
            self.groups,
            self.q.f32()?,
            keys,
            self.o.f32()?,
            self.lse.f32()?,
        );
        Ok(())
    }
}

/// From what [`Attention`] read and wrote and the gradient of `o`: sets `dq` and adds to `dk` and `dv`, which start as zeros.
pub struct AttentionBackward<'a> {
    pub shape: Shape,
    pub groups: &'a [Vec<Segment>],
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
        let keys = cpu::Keys {
            k: self.k.f32()?,
            v: self.v.f32()?,
        };
        let saved = cpu::Saved {
            o: self.o.f32()?,
            lse: self.lse.f32()?,
            d_o: self.d_o.f32()?,
        };
        let grads = [self.dq.f32()?, self.dk.f32()?, self.dv.f32()?];
        cpu::backward(self.shape, self.groups, self.q.f32()?, keys, saved, grads);
        Ok(())
    }
}
