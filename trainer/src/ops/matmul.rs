//! Products of activations and weights. Weights are stored `[out, in]` row-major, in f32, bf16, f16
//! or quantized; products are f32.
use super::cpu::matmul::{FEW, Strides, few_nt, product, widened};
use super::cpu::{self, parallel, simd};
use super::{Kernel, Operand, Values, View, ViewMut, launch, launch_on};
use crate::error::Result;

/// How a product treats what is in its output, and what it multiplies by.
#[derive(Clone, Copy, Debug)]
pub enum Write {
    Set(f32),
    Add(f32),
}

impl Write {
    fn parts(self) -> (bool, f32) {
        match self {
            Write::Set(alpha) => (false, alpha),
            Write::Add(alpha) => (true, alpha),
        }
    }
}

/// `[tokens, in, out]` of a linear layer.
#[derive(Clone, Copy, Debug)]
pub struct Dims {
    pub tokens: usize,
    pub input: usize,
    pub output: usize,
}

struct Forward(Dims, Write);

impl Kernel for Forward {
    const NAME: &'static str = "linear_forward";

    fn cpu(&self, outs: &mut [&mut [f32]], ins: &[Values]) {
        let Dims { tokens, input, output } = self.0;
        let (accumulate, alpha) = self.1.parts();
        let (x, y) = (ins[0].f32(), &mut *outs[0]);
        if tokens <= FEW {
            return few_nt((tokens, output, input), y, x, ins[1], 0, accumulate, alpha);
        }
        widened(ins[1], 0, output, input, |first, w| {
            let rows = w.len() / input;
            product(
                (tokens, rows, input),
                (&mut y[first..], Strides::rows(output)),
                (x, Strides::rows(input)),
                (w, Strides::rows(input).transposed()),
                accumulate,
                alpha,
            );
        });
    }
}

/// `y[tokens, out] (+)= alpha x w^T`
pub fn forward<'a>(
    x: impl Into<View<'a>>,
    w: impl Into<Operand<'a>>,
    y: impl Into<ViewMut<'a>>,
    dims: Dims,
    write: Write,
) -> Result<()> {
    launch_on(&Forward(dims, write), [y.into()], [x.into().into(), w.into()])
}

struct InputGrad(Dims, Write);

impl Kernel for InputGrad {
    const NAME: &'static str = "linear_input_grad";

    fn cpu(&self, outs: &mut [&mut [f32]], ins: &[Values]) {
        let Dims { tokens, input, output } = self.0;
        let (accumulate, alpha) = self.1.parts();
        let (dy, dx) = (ins[0].f32(), &mut *outs[0]);
        widened(ins[1], 0, output, input, |first, w| {
            product(
                (tokens, input, w.len() / input),
                (dx, Strides::rows(input)),
                (&dy[first..], Strides::rows(output)),
                (w, Strides::rows(input)),
                accumulate || first > 0,
                alpha,
            );
        });
    }
}

/// `dx[tokens, in] (+)= alpha dy w`
pub fn input_grad<'a>(
    dy: impl Into<View<'a>>,
    w: impl Into<Operand<'a>>,
    dx: impl Into<ViewMut<'a>>,
    dims: Dims,
    write: Write,
) -> Result<()> {
    launch_on(&InputGrad(dims, write), [dx.into()], [dy.into().into(), w.into()])
}

struct WeightGrad(Dims, f32);

impl Kernel for WeightGrad {
    const NAME: &'static str = "linear_weight_grad";

    fn cpu(&self, outs: &mut [&mut [f32]], ins: &[Values]) {
        let Dims { tokens, input, output } = self.0;
        product(
            (output, input, tokens),
            (outs[0], Strides::rows(input)),
            (ins[0].f32(), Strides::rows(output).transposed()),
            (ins[1].f32(), Strides::rows(input)),
            true,
            self.1,
        );
    }
}

/// `dw[out, in] += alpha dy^T x`
pub fn weight_grad<'a>(
    dy: impl Into<View<'a>>,
    x: impl Into<View<'a>>,
    dw: impl Into<ViewMut<'a>>,
    dims: Dims,
    alpha: f32,
) -> Result<()> {
    launch(&WeightGrad(dims, alpha), [dw.into()], [dy.into(), x.into()])
}

struct AddBias {
    tokens: usize,
    width: usize,
}

impl Kernel for AddBias {
    const NAME: &'static str = "add_bias";

    fn cpu(&self, outs: &mut [&mut [f32]], ins: &[Values]) {
        let bias = &ins[0].f32()[..self.width];
        parallel::rows1(&mut outs[0][..self.tokens * self.width], self.width, |_, y| {
            add_rows(y, bias)
        });
    }
}

simd! {
fn add_rows(y: &mut [f32], bias: &[f32]) {
    for y in y.chunks_exact_mut(bias.len()) {
        cpu::axpy(1.0, bias, y);
    }
}
}

/// `y[tokens, width] += bias`
pub fn add_bias<'a>(bias: impl Into<View<'a>>, y: impl Into<ViewMut<'a>>, tokens: usize, width: usize) -> Result<()> {
    launch(&AddBias { tokens, width }, [y.into()], [bias.into()])
}

struct BiasGrad {
    tokens: usize,
    width: usize,
}

impl Kernel for BiasGrad {
    const NAME: &'static str = "bias_grad";

    fn cpu(&self, outs: &mut [&mut [f32]], ins: &[Values]) {
        add_columns(outs[0], &ins[0].f32()[..self.tokens * self.width]);
    }
}

simd! {
fn add_columns(sum: &mut [f32], rows: &[f32]) {
    for row in rows.chunks_exact(sum.len()) {
        cpu::axpy(1.0, row, sum);
    }
}
}

/// `db += sum over tokens of dy[tokens, width]`
pub fn bias_grad<'a>(dy: impl Into<View<'a>>, db: impl Into<ViewMut<'a>>, tokens: usize, width: usize) -> Result<()> {
    launch(&BiasGrad { tokens, width }, [db.into()], [dy.into()])
}
