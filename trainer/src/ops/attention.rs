//! Causal attention over the segments of a plan, forward and backward, without a `[tokens, tokens]` matrix.
//!
//! Softmax statistics are saved and probabilities recomputed in the backward pass, as in *FlashAttention-2*, arXiv
//! 2307.08691; segments give packing and prefix sharing the same code path as plain causal attention.
use super::cpu::attention as cpu;
use super::{Buf, Kernel, Values, View, ViewMut, launch};
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

struct Forward<'a> {
    shape: Shape,
    groups: &'a [Vec<Segment>],
}

impl Kernel for Forward<'_> {
    const NAME: &'static str = "attention";

    fn cpu(&self, outs: &mut [&mut [f32]], ins: &[Values]) {
        let [o, lse] = outs else {
            unreachable!("attention writes two buffers")
        };
        let keys = cpu::Keys {
            k: ins[1].f32(),
            v: ins[2].f32(),
        };
        cpu::forward(self.shape, self.groups, ins[0].f32(), keys, o, lse);
    }
}

/// `o = softmax(q k^T / sqrt(head_dim)) v`; `lse[heads, tokens]` is the log of each softmax's normaliser.
pub fn forward<'a>(
    shape: Shape,
    groups: &[Vec<Segment>],
    (q, k, v): (impl Into<View<'a>>, impl Into<View<'a>>, impl Into<View<'a>>),
    o: impl Into<ViewMut<'a>>,
    lse: impl Into<ViewMut<'a>>,
) -> Result<()> {
    launch(
        &Forward { shape, groups },
        [o.into(), lse.into()],
        [q.into(), k.into(), v.into()],
    )
}

struct Backward<'a> {
    shape: Shape,
    groups: &'a [Vec<Segment>],
}

impl Kernel for Backward<'_> {
    const NAME: &'static str = "attention_backward";

    fn cpu(&self, outs: &mut [&mut [f32]], ins: &[Values]) {
        let [dq, dk, dv] = outs else {
            unreachable!("attention_backward writes three buffers")
        };
        let keys = cpu::Keys {
            k: ins[1].f32(),
            v: ins[2].f32(),
        };
        let saved = cpu::Saved {
            o: ins[3].f32(),
            lse: ins[4].f32(),
            d_o: ins[5].f32(),
        };
        cpu::backward(self.shape, self.groups, ins[0].f32(), keys, saved, [dq, dk, dv]);
    }
}

/// What [`forward`] read and wrote, for [`backward`].
#[derive(Clone, Copy)]
pub struct Saved<'a> {
    pub q: &'a Buf,
    pub k: &'a Buf,
    pub v: &'a Buf,
    pub o: &'a Buf,
    pub lse: &'a Buf,
}

/// From the gradient of `o`, sets `dq` and adds to `dk` and `dv`, which start as zeros.
pub fn backward<'a>(
    shape: Shape,
    groups: &[Vec<Segment>],
    saved: Saved,
    d_o: impl Into<View<'a>>,
    grads: [impl Into<ViewMut<'a>>; 3],
) -> Result<()> {
    let [q, k, v, o, lse] = [saved.q, saved.k, saved.v, saved.o, saved.lse].map(Buf::view);
    launch(
        &Backward { shape, groups },
        grads.map(Into::into),
        [q, k, v, o, lse, d_o.into()],
    )
}
