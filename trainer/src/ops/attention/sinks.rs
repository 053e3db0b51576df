//! A logit of each head's that takes part in its softmax and gives nothing: *Efficient Streaming Language Models with Attention
//! Sinks*, arXiv 2309.17453, learned as in GPT-OSS, arXiv 2508.10925.
use super::Shape;
use crate::error::Result;
use crate::ops::cpu::{Float, by_float, dot, exp, simd};
use crate::ops::cuda::{ATTENTION, Card, Grid};
use crate::ops::{Operation, View, ViewMut};

/// From what attention gave without them: `lse' = ln(exp(lse) + exp(sink))` and `o' = o exp(lse - lse')`, in place.
pub struct Sinks<'a> {
    pub shape: Shape,
    /// `[heads]`
    pub sinks: View<'a>,
    pub o: ViewMut<'a>,
    pub lse: ViewMut<'a>,
}

impl Operation for Sinks<'_> {
    fn cpu(self) -> Result<()> {
        let Shape {
            heads,
            value_dim,
            tokens,
            ..
        } = self.shape;
        by_float!(self.o.dtype(), F => {
            let (sinks, lse) = (&self.sinks.f32()?[..heads], self.lse.f32()?);
            let o = self.o.get::<F>()?[..tokens * heads * value_dim].chunks_exact_mut(value_dim);
            for (row, o) in o.enumerate() {
                let head = row % heads;
                let lse = &mut lse[head * tokens + row / heads];
                let (top, before) = (lse.max(sinks[head]), *lse);
                *lse = top + (exp(before - top) + exp(sinks[head] - top)).ln();
                scale_row(o, exp(before - *lse));
            }
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let Shape {
            heads,
            value_dim,
            tokens,
            ..
        } = self.shape;
        card.kernel(&ATTENTION, "attention_sinks", self.o.dtype())?
            .read(self.sinks, heads)
            .write(self.o, tokens * heads * value_dim)
            .write(self.lse, heads * tokens)
            .u32(tokens)
            .u32(heads)
            .u32(value_dim)
            .launch(Grid::each((tokens * heads).div_ceil(8), 256))
    }
}

simd! {
fn scale_row<F: Float>(row: &mut [F], factor: f32) {
    for x in row {
        *x = F::rounded(x.widened() * factor);
    }
}
}

simd! {
fn row_dot<F: Float>(a: &[F], b: &[F]) -> f32 {
    dot(a, b)
}
}

/// `d_sinks[h] -= sum over tokens of exp(sink - lse) (o . d_o)`, from the `o` and `lse` that [`Sinks`] left. What attention
/// gives back to queries, keys and values is as without sinks, from the same.
pub struct SinksBackward<'a> {
    pub shape: Shape,
    pub sinks: View<'a>,
    pub o: View<'a>,
    pub lse: View<'a>,
    pub d_o: View<'a>,
    pub d_sinks: ViewMut<'a>,
}

impl Operation for SinksBackward<'_> {
    fn cpu(self) -> Result<()> {
        let Shape {
            heads,
            value_dim,
            tokens,
            ..
        } = self.shape;
        by_float!(self.o.dtype(), F => {
            let (sinks, lse) = (&self.sinks.f32()?[..heads], self.lse.f32()?);
            let (o, d_o) = (self.o.get::<F>()?, self.d_o.get::<F>()?);
            for (head, (sink, d_sink)) in sinks.iter().zip(self.d_sinks.f32()?).enumerate() {
                let of_token = |token: usize| {
                    let at = (token * heads + head) * value_dim..(token * heads + head + 1) * value_dim;
                    exp(sink - lse[head * tokens + token]) * row_dot(&o[at.clone()], &d_o[at])
                };
                *d_sink -= (0..tokens).map(of_token).sum::<f32>();
            }
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let Shape {
            heads,
            value_dim,
            tokens,
            ..
        } = self.shape;
        card.kernel(&ATTENTION, "attention_sinks_backward", self.o.dtype())?
            .read(self.sinks, heads)
            .read(self.o, tokens * heads * value_dim)
            .read(self.lse, heads * tokens)
            .read(self.d_o, tokens * heads * value_dim)
            .write(self.d_sinks, heads)
            .u32(tokens)
            .u32(heads)
            .u32(value_dim)
            .launch(Grid::each(heads, 256))
    }
}
