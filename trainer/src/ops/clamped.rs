//! GPT-OSS's gate (arXiv 2508.10925): `(u + 1) g sigmoid(slope g)`, with the gate kept below a limit and the other on both sides.
use super::cpu::parallel::Rows;
use super::cpu::{Float, by_float, parallel, sigmoid, simd};
use super::{Operation, View, ViewMut};
use crate::error::Result;
use crate::ops::cuda::{CLAMPED, Card, Grid};

/// The numbers of one such gate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clamp {
    pub limit: f32,
    pub slope: f32,
}

/// `y = (clamp(up, -limit, limit) + 1) g sigmoid(slope g)`, `g = min(gate, limit)`
pub struct ClampedGate<'a> {
    pub gate: View<'a>,
    pub up: View<'a>,
    pub y: ViewMut<'a>,
    pub len: usize,
    pub clamp: Clamp,
}

impl Operation for ClampedGate<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.y.dtype(), F => {
            let (gate, up) = (self.gate.get::<F>()?, self.up.get::<F>()?);
            parallel::rows1(&mut self.y.get::<F>()?[..self.len], 1, |at, y| {
                clamped(self.clamp, &gate[at..], &up[at..], y);
            });
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card.kernel(&CLAMPED, "clamped", self.y.dtype())?
            .read(self.gate, self.len)
            .read(self.up, self.len)
            .write(self.y, self.len)
            .u64(self.len)
            .f32(self.clamp.limit)
            .f32(self.clamp.slope)
            .launch(Grid::by_eights(self.len))
    }
}

simd! {
fn clamped<F: Float>(clamp: Clamp, gate: &[F], up: &[F], y: &mut [F]) {
    let n = y.len();
    let (gate, up) = (&gate[..n], &up[..n]);
    let Clamp { limit, slope } = clamp;
    for i in 0..n {
        let (g, u) = (gate[i].widened(), up[i].widened());
        let g = if g > limit { limit } else { g };
        let u = if u > limit { limit } else if u < -limit { -limit } else { u };
        y[i] = F::rounded((u + 1.0) * (g * sigmoid(slope * g)));
    }
}
}

/// Replaces `gate` and `up` by their gradients; what was out of its limits has none.
pub struct ClampedGateBackward<'a> {
    pub gate: ViewMut<'a>,
    pub up: ViewMut<'a>,
    pub dy: View<'a>,
    pub len: usize,
    pub clamp: Clamp,
}

impl Operation for ClampedGateBackward<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.gate.dtype(), F => {
            let (gate, up, dy) = (self.gate.get::<F>()?, self.up.get::<F>()?, self.dy.get::<F>()?);
            let (len, clamp) = (self.len, self.clamp);
            parallel::rows2(Rows::of(&mut gate[..len], 1), Rows::of(&mut up[..len], 1), |at, gate, up| {
                clamped_backward(clamp, gate, up, &dy[at..]);
            });
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card.kernel(&CLAMPED, "clamped_backward", self.gate.dtype())?
            .write(self.gate, self.len)
            .write(self.up, self.len)
            .read(self.dy, self.len)
            .u64(self.len)
            .f32(self.clamp.limit)
            .f32(self.clamp.slope)
            .launch(Grid::by_eights(self.len))
    }
}

simd! {
fn clamped_backward<F: Float>(clamp: Clamp, gate: &mut [F], up: &mut [F], dy: &[F]) {
    let n = gate.len();
    let (up, dy) = (&mut up[..n], &dy[..n]);
    let Clamp { limit, slope } = clamp;
    for i in 0..n {
        let (raw_g, raw_u, d) = (gate[i].widened(), up[i].widened(), dy[i].widened());
        let g = if raw_g > limit { limit } else { raw_g };
        let u = if raw_u > limit { limit } else if raw_u < -limit { -limit } else { raw_u };
        let s = sigmoid(slope * g);
        let value = g * s;
        let d_gate = d * (u + 1.0) * (s + slope * (value * (1.0 - s)));
        gate[i] = F::rounded(if raw_g > limit { 0.0 } else { d_gate });
        up[i] = F::rounded(if raw_u == u { d * value } else { 0.0 });
    }
}
}
