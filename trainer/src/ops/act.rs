//! Element-wise parts of a block: SwiGLU, the residual sum, copies, dropout.
use super::cpu::{parallel, sigmoid, simd};
use super::{Kernel, Values, View, ViewMut, launch};
use crate::error::Result;

struct SwiGlu {
    len: usize,
}

impl Kernel for SwiGlu {
    const NAME: &'static str = "swiglu";

    fn cpu(&self, outs: &mut [&mut [f32]], ins: &[Values]) {
        let (gate, up) = (ins[0].f32(), ins[1].f32());
        parallel::rows1(&mut outs[0][..self.len], 1, |at, y| {
            swiglu_block(&gate[at..], &up[at..], y)
        });
    }
}

simd! {
fn swiglu_block(gate: &[f32], up: &[f32], y: &mut [f32]) {
    let n = y.len();
    let (gate, up) = (&gate[..n], &up[..n]);
    for i in 0..n {
        y[i] = gate[i] * sigmoid(gate[i]) * up[i];
    }
}
}

/// `y = silu(gate) * up`. *GLU Variants Improve Transformer*, arXiv 2002.05202.
pub fn swiglu<'a>(
    gate: impl Into<View<'a>>,
    up: impl Into<View<'a>>,
    y: impl Into<ViewMut<'a>>,
    len: usize,
) -> Result<()> {
    launch(&SwiGlu { len }, [y.into()], [gate.into(), up.into()])
}

struct SwiGluBackward {
    len: usize,
}

impl Kernel for SwiGluBackward {
    const NAME: &'static str = "swiglu_backward";

    fn cpu(&self, outs: &mut [&mut [f32]], ins: &[Values]) {
        let [gate, up] = outs else {
            unreachable!("swiglu_backward writes two buffers")
        };
        let dy = ins[0].f32();
        let len = self.len;
        parallel::rows2((&mut gate[..len], 1), (&mut up[..len], 1), |at, gate, up| {
            swiglu_backward_block(gate, up, &dy[at..]);
        });
    }
}

simd! {
fn swiglu_backward_block(gate: &mut [f32], up: &mut [f32], dy: &[f32]) {
    let n = gate.len();
    let (up, dy) = (&mut up[..n], &dy[..n]);
    for i in 0..n {
        let (g, u, d) = (gate[i], up[i], dy[i]);
        let s = sigmoid(g);
        let silu = g * s;
        up[i] = d * silu;
        gate[i] = d * u * (s + silu * (1.0 - s));
    }
}
}

/// Replaces `gate` and `up` by their gradients.
pub fn swiglu_backward<'a>(
    gate: impl Into<ViewMut<'a>>,
    up: impl Into<ViewMut<'a>>,
    dy: impl Into<View<'a>>,
    len: usize,
) -> Result<()> {
    launch(&SwiGluBackward { len }, [gate.into(), up.into()], [dy.into()])
}

struct Add {
    len: usize,
}

impl Kernel for Add {
    const NAME: &'static str = "add";

    fn cpu(&self, outs: &mut [&mut [f32]], ins: &[Values]) {
        let y = ins[0].f32();
        parallel::rows1(&mut outs[0][..self.len], 1, |at, x| add_block(x, &y[at..]));
    }
}

simd! {
fn add_block(x: &mut [f32], y: &[f32]) {
    for (x, y) in x.iter_mut().zip(y) {
        *x += y;
    }
}
}

/// `x += y`
pub fn add<'a>(x: impl Into<ViewMut<'a>>, y: impl Into<View<'a>>, len: usize) -> Result<()> {
    launch(&Add { len }, [x.into()], [y.into()])
}

struct Copy {
    at: usize,
    len: usize,
}

impl Kernel for Copy {
    const NAME: &'static str = "copy";

    fn cpu(&self, outs: &mut [&mut [f32]], ins: &[Values]) {
        let from = ins[0].f32();
        parallel::rows1(&mut outs[0][self.at..self.at + self.len], 1, |at, to| {
            to.copy_from_slice(&from[at..at + to.len()]);
        });
    }
}

/// `to = from`
pub fn copy<'a>(from: impl Into<View<'a>>, to: impl Into<ViewMut<'a>>, len: usize) -> Result<()> {
    copy_at(from, to, 0, len)
}

/// `to[at..at + len] = from[..len]`
pub fn copy_at<'a>(from: impl Into<View<'a>>, to: impl Into<ViewMut<'a>>, at: usize, len: usize) -> Result<()> {
    launch(&Copy { at, len }, [to.into()], [from.into()])
}

/// Which values dropout zeroes: a function of seed, stream and place alone, so the backward pass draws the same mask.
#[derive(Clone, Copy, Debug)]
pub struct Dropout {
    pub probability: f32,
    pub seed: u64,
    /// tells layers and modules apart
    pub stream: u64,
}

struct Drop {
    dropout: Dropout,
    len: usize,
    accumulate: bool,
}

impl Kernel for Drop {
    const NAME: &'static str = "dropout";

    fn cpu(&self, outs: &mut [&mut [f32]], ins: &[Values]) {
        let x = ins[0].f32();
        let key = mix(self.dropout.seed ^ mix(self.dropout.stream.wrapping_add(0x9E37_79B9_7F4A_7C15)));
        let threshold = (f64::from(self.dropout.probability) * (1u64 << 32) as f64) as u32;
        let scale = 1.0 / (1.0 - self.dropout.probability);
        parallel::rows1(&mut outs[0][..self.len], 1, |at, y| {
            drop_block(&x[at..], y, key, at as u64, threshold, scale, self.accumulate);
        });
    }
}

/// SplitMix64's finaliser (Steele, Lea, Flood 2014): a counter in, well-mixed bits out.
#[inline(always)]
pub(super) fn mix(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

simd! {
fn drop_block(x: &[f32], y: &mut [f32], key: u64, first: u64, threshold: u32, scale: f32, accumulate: bool) {
    let n = y.len();
    let x = &x[..n];
    for i in 0..n {
        let draw = (mix(key.wrapping_add((first + i as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15))) >> 32) as u32;
        let kept = if draw >= threshold { x[i] * scale } else { 0.0 };
        y[i] = if accumulate { y[i] + kept } else { kept };
    }
}
}

/// `y = x` with some values zeroed and the rest scaled up to keep the mean.
pub fn dropout<'a>(x: impl Into<View<'a>>, y: impl Into<ViewMut<'a>>, len: usize, dropout: Dropout) -> Result<()> {
    launch(
        &Drop {
            dropout,
            len,
            accumulate: false,
        },
        [y.into()],
        [x.into()],
    )
}

/// `dx += d dropout(x) / dx * dy`: the same mask on the gradient.
pub fn dropout_backward_add<'a>(
    dy: impl Into<View<'a>>,
    dx: impl Into<ViewMut<'a>>,
    len: usize,
    dropout: Dropout,
) -> Result<()> {
    launch(
        &Drop {
            dropout,
            len,
            accumulate: true,
        },
        [dx.into()],
        [dy.into()],
    )
}
