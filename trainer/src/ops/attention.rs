//! Causal attention over the segments of a plan, forward and backward, without a `[tokens, tokens]` matrix.
//!
//! Softmax statistics are saved and probabilities recomputed in the backward pass, as in *FlashAttention-2*, arXiv
//! 2307.08691; segments give packing and prefix sharing the same code path as plain causal attention.
mod card;
mod segments;
mod sinks;
mod tiles;

use super::cpu::{attention as cpu, by_float};
use super::{Operation, View, ViewMut};
use crate::error::Result;
use crate::ops::cuda::Card;
use protocol::decoder::Span;

pub use card::refuses as card_refuses;
pub use segments::{SegmentRanges, Segments};
pub use sinks::{Sinks, SinksBackward};

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
    /// which of the columns up to its own a query sees
    pub span: Span,
    /// scores `s` become `cap tanh(s / cap)` once they are scaled
    pub soft_cap: Option<f32>,
}

/// A bias of scores that falls with the distance. *ALiBi*, arXiv 2108.12409.
#[derive(Clone, Copy, Debug)]
pub struct Alibi<'a> {
    /// `[heads]`
    pub slopes: View<'a>,
    /// whether biases are products of columns and slopes in bf16, scaled as scores are
    pub rounded: bool,
}

/// `o = softmax(score(q k^T)) v`, where a score is the scaled product through soft-cap and bias; `lse[heads, tokens]` is the log of each softmax's normaliser.
pub struct Attention<'a> {
    pub shape: Shape,
    pub alibi: Option<Alibi<'a>>,
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
        let form = cpu::Form::of(self.shape, self.alibi)?;
        by_float!(self.o.dtype(), F => {
            let keys = cpu::Keys::<F> {
                k: self.k.get()?,
                v: self.v.get()?,
            };
            cpu::forward(form, &groups, self.q.get()?, keys, self.o.get()?, self.lse.f32()?);
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
    pub alibi: Option<Alibi<'a>>,
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
        let form = cpu::Form::of(self.shape, self.alibi)?;
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
            cpu::backward(form, &groups, self.q.get()?, keys, saved, grads);
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card::backward(self, card)
    }
}
