//! What a feed-forward network's inner numbers go through, by themselves or times those of a second layer: *GLU Variants
//! Improve Transformer*, arXiv 2002.05202.
use super::cpu::parallel::Rows;
use super::cpu::{Float, by_float, exp, parallel, sigmoid, simd};
use super::{Operation, View, ViewMut};
use crate::error::Result;
use crate::ops::cuda::{ACTIVATION, Card, Grid};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// `x sigmoid(x)`. arXiv 1702.03118.
    Silu,
    /// `x P(X <= x)`, X normal: by the error function. *Gaussian Error Linear Units*, arXiv 1606.08415.
    Gelu,
    /// `x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))`: the approximation given there.
    GeluTanh,
    /// `max(x, 0)`
    Relu,
    /// `max(x, 0)^2`. *Primer*, arXiv 2109.08668.
    ReluSquared,
}

impl Activation {
    /// As kernels call it.
    fn name(self) -> &'static str {
        match self {
            Self::Silu => "silu",
            Self::Gelu => "gelu",
            Self::GeluTanh => "gelu_tanh",
            Self::Relu => "relu",
            Self::ReluSquared => "relu_squared",
        }
    }
}

/// One of them, so that loops over it are compiled for it alone.
trait Function: Copy + Send + Sync {
    fn value(self, x: f32) -> f32;

    /// With the derivative there.
    fn with_slope(self, x: f32) -> (f32, f32);
}

#[derive(Clone, Copy)]
struct Silu;
#[derive(Clone, Copy)]
struct Gelu;
#[derive(Clone, Copy)]
struct GeluTanh;
#[derive(Clone, Copy)]
struct Relu;
#[derive(Clone, Copy)]
struct ReluSquared;

impl Function for Silu {
    #[inline(always)]
    fn value(self, x: f32) -> f32 {
        x * sigmoid(x)
    }

    #[inline(always)]
    fn with_slope(self, x: f32) -> (f32, f32) {
        let s = sigmoid(x);
        let silu = x * s;
        (silu, s + silu * (1.0 - s))
    }
}

/// The chance that a normal number is at most `x`, and its density there. By Abramowitz and Stegun's 7.1.26, which is off by
/// less than 1e-7.
#[inline(always)]
fn normal(x: f32) -> (f32, f32) {
    let z = x.abs() * std::f32::consts::FRAC_1_SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * z);
    let p = 1.061_405_4_f32.mul_add(t, -1.453_152);
    let p = p.mul_add(t, 1.421_413_7);
    let p = p.mul_add(t, -0.284_496_74);
    let p = p.mul_add(t, 0.254_829_6);
    let power = exp(-(z * z));
    let beyond = 0.5 * (p * t) * power;
    let below = if x < 0.0 { beyond } else { 1.0 - beyond };
    (below, power * 0.398_942_3)
}

impl Function for Gelu {
    #[inline(always)]
    fn value(self, x: f32) -> f32 {
        x * normal(x).0
    }

    #[inline(always)]
    fn with_slope(self, x: f32) -> (f32, f32) {
        let (below, density) = normal(x);
        (x * below, below + x * density)
    }
}

/// `sqrt(8 / pi)`: `1 + tanh(y)` is `2 sigmoid(2 y)`.
const SLOPE: f32 = 1.595_769_1;
const CUBIC: f32 = 0.044_715;

impl Function for GeluTanh {
    #[inline(always)]
    fn value(self, x: f32) -> f32 {
        x * sigmoid(SLOPE * (x + CUBIC * (x * x * x)))
    }

    #[inline(always)]
    fn with_slope(self, x: f32) -> (f32, f32) {
        let square = x * x;
        let s = sigmoid(SLOPE * (x + CUBIC * (square * x)));
        let inner = SLOPE * (1.0 + 3.0 * CUBIC * square);
        let value = x * s;
        (value, s + value * (1.0 - s) * inner)
    }
}

impl Function for Relu {
    #[inline(always)]
    fn value(self, x: f32) -> f32 {
        if x < 0.0 { 0.0 } else { x }
    }

    #[inline(always)]
    fn with_slope(self, x: f32) -> (f32, f32) {
        (self.value(x), if x > 0.0 { 1.0 } else { 0.0 })
    }
}

impl Function for ReluSquared {
    #[inline(always)]
    fn value(self, x: f32) -> f32 {
        let above = Relu.value(x);
        above * above
    }

    #[inline(always)]
    fn with_slope(self, x: f32) -> (f32, f32) {
        let above = Relu.value(x);
        (above * above, 2.0 * above)
    }
}

/// Runs a body with a name for the function of an activation.
macro_rules! by_activation {
    ($activation:expr, $function:ident => $body:expr) => {
        match $activation {
            Activation::Silu => {
                let $function = Silu;
                $body
            }
            Activation::Gelu => {
                let $function = Gelu;
                $body
            }
            Activation::GeluTanh => {
                let $function = GeluTanh;
                $body
            }
            Activation::Relu => {
                let $function = Relu;
                $body
            }
            Activation::ReluSquared => {
                let $function = ReluSquared;
                $body
            }
        }
    };
}

/// `y = activation(x)`
pub struct Activate<'a> {
    pub x: View<'a>,
    pub y: ViewMut<'a>,
    pub len: usize,
    pub activation: Activation,
}

impl Operation for Activate<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.y.dtype(), F => by_activation!(self.activation, f => {
            let x = self.x.get::<F>()?;
            parallel::rows1(&mut self.y.get::<F>()?[..self.len], 1, |at, y| activate(f, &x[at..], y));
            Ok(())
        }))
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card.kernel(&ACTIVATION, self.activation.name(), self.y.dtype())?
            .read(self.x, self.len)
            .write(self.y, self.len)
            .u64(self.len)
            .launch(Grid::by_eights(self.len))
    }
}

simd! {
fn activate<A: Function, F: Float>(f: A, x: &[F], y: &mut [F]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y = F::rounded(f.value(x.widened()));
    }
}
}

/// Replaces `x` by its gradient.
pub struct ActivateBackward<'a> {
    pub x: ViewMut<'a>,
    pub dy: View<'a>,
    pub len: usize,
    pub activation: Activation,
}

impl Operation for ActivateBackward<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.x.dtype(), F => by_activation!(self.activation, f => {
            let dy = self.dy.get::<F>()?;
            parallel::rows1(&mut self.x.get::<F>()?[..self.len], 1, |at, x| activate_backward(f, x, &dy[at..]));
            Ok(())
        }))
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let name = format!("{}_backward", self.activation.name());
        card.kernel(&ACTIVATION, &name, self.x.dtype())?
            .write(self.x, self.len)
            .read(self.dy, self.len)
            .u64(self.len)
            .launch(Grid::by_eights(self.len))
    }
}

simd! {
fn activate_backward<A: Function, F: Float>(f: A, x: &mut [F], dy: &[F]) {
    for (x, dy) in x.iter_mut().zip(dy) {
        let (_, slope) = f.with_slope(x.widened());
        *x = F::rounded(dy.widened() * slope);
    }
}
}

/// `y = activation(gate) * up`
pub struct Gated<'a> {
    pub gate: View<'a>,
    pub up: View<'a>,
    pub y: ViewMut<'a>,
    pub len: usize,
    pub activation: Activation,
}

impl Operation for Gated<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.y.dtype(), F => by_activation!(self.activation, f => {
            let (gate, up) = (self.gate.get::<F>()?, self.up.get::<F>()?);
            parallel::rows1(&mut self.y.get::<F>()?[..self.len], 1, |at, y| {
                gated(f, &gate[at..], &up[at..], y)
            });
            Ok(())
        }))
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let name = format!("gated_{}", self.activation.name());
        card.kernel(&ACTIVATION, &name, self.y.dtype())?
            .read(self.gate, self.len)
            .read(self.up, self.len)
            .write(self.y, self.len)
            .u64(self.len)
            .launch(Grid::by_eights(self.len))
    }
}

simd! {
fn gated<A: Function, F: Float>(f: A, gate: &[F], up: &[F], y: &mut [F]) {
    let n = y.len();
    let (gate, up) = (&gate[..n], &up[..n]);
    for i in 0..n {
        y[i] = F::rounded(f.value(gate[i].widened()) * up[i].widened());
    }
}
}

/// Replaces `gate` and `up` by their gradients.
pub struct GatedBackward<'a> {
    pub gate: ViewMut<'a>,
    pub up: ViewMut<'a>,
    pub dy: View<'a>,
    pub len: usize,
    pub activation: Activation,
}

impl Operation for GatedBackward<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.gate.dtype(), F => by_activation!(self.activation, f => {
            let (gate, up, dy) = (self.gate.get::<F>()?, self.up.get::<F>()?, self.dy.get::<F>()?);
            let len = self.len;
            parallel::rows2(Rows::of(&mut gate[..len], 1), Rows::of(&mut up[..len], 1), |at, gate, up| {
                gated_backward(f, gate, up, &dy[at..]);
            });
            Ok(())
        }))
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let name = format!("gated_{}_backward", self.activation.name());
        card.kernel(&ACTIVATION, &name, self.gate.dtype())?
            .write(self.gate, self.len)
            .write(self.up, self.len)
            .read(self.dy, self.len)
            .u64(self.len)
            .launch(Grid::by_eights(self.len))
    }
}

simd! {
fn gated_backward<A: Function, F: Float>(f: A, gate: &mut [F], up: &mut [F], dy: &[F]) {
    let n = gate.len();
    let (up, dy) = (&mut up[..n], &dy[..n]);
    for i in 0..n {
        let (g, u, d) = (gate[i].widened(), up[i].widened(), dy[i].widened());
        let (value, slope) = f.with_slope(g);
        up[i] = F::rounded(d * value);
        gate[i] = F::rounded(d * u * slope);
    }
}
}
