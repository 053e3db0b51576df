//! Products of activations and weights. Weights are stored `[out, in]` row-major, in f32, bf16, f16
//! or quantized. Activations are f32, and then so is all arithmetic; or they are bf16: then weights are rounded to bf16 too
//! (but not where a few rows read each weight once, as it is stored), and sums are f32.
use super::cpu::bf16::{self, in_blocks, narrowed};
use super::cpu::matmul::{FEW, Strided, few_nt, product, widened};
use super::cpu::{self, Float, by_float, parallel, simd};
use super::{Operand, Operation, Values, View, ViewMut, Write};
use crate::error::Result;
use crate::ops::cuda::{BIAS, Card, Grid, Matrix, Product};
use candle_core::DType;

/// `[tokens, in, out]` of a linear layer.
#[derive(Clone, Copy, Debug)]
pub struct Dims {
    pub tokens: usize,
    pub input: usize,
    pub output: usize,
}

/// `y[tokens, out] (+)= alpha x w^T`
pub struct LinearForward<'a> {
    pub x: View<'a>,
    pub w: Operand<'a>,
    pub y: ViewMut<'a>,
    pub dims: Dims,
    pub write: Write,
    pub alpha: f32,
}

impl Operation for LinearForward<'_> {
    fn cpu(self) -> Result<()> {
        if self.x.dtype() == DType::BF16 {
            return by_float!(self.y.dtype(), F => self.bf16::<F>());
        }
        let Dims { tokens, input, output } = self.dims;
        let (accumulate, alpha) = (self.write.accumulates(), self.alpha);
        let (x, y, open) = (self.x.f32()?, self.y.f32()?, self.w.open());
        let w = open.values()?;
        if tokens <= FEW {
            let dims = cpu::matmul::Dims {
                rows: tokens,
                columns: output,
                terms: input,
            };
            few_nt(dims, y, x, w, 0, accumulate, alpha);
            return Ok(());
        }
        widened(w, 0, output, input, |first, w| {
            let rows = w.len() / input;
            product(
                cpu::matmul::Dims {
                    rows: tokens,
                    columns: rows,
                    terms: input,
                },
                Strided::rows(&mut y[first..], output),
                Strided::rows(x, input),
                Strided::rows(w, input).transposed(),
                accumulate,
                alpha,
            );
        });
        Ok(())
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let Dims { tokens, input, output } = self.dims;
        let w = self.w.lent(card, 0..output * input, self.x.dtype())?;
        let product = Product {
            a: Matrix::rows(self.x, input),
            b: Matrix::rows(w.view(), input).transposed(),
            rows: tokens,
            columns: output,
            terms: input,
            write: self.write,
            alpha: self.alpha,
        };
        product.run(card, self.y, output)
    }
}

impl LinearForward<'_> {
    fn bf16<F: Float>(self) -> Result<()> {
        let Dims { tokens, input, output } = self.dims;
        let (x, y, open) = (self.x.get()?, self.y.get::<F>()?, self.w.open());
        let epilogue = bf16::Epilogue {
            write: self.write,
            alpha: self.alpha,
        };
        if tokens <= FEW {
            let dims = cpu::matmul::Dims {
                rows: tokens,
                columns: output,
                terms: input,
            };
            bf16::few_nt(dims, y, x, open.values()?, epilogue);
            return Ok(());
        }
        narrowed(open.values()?, 0..output, input, |first, w| {
            let dims = cpu::matmul::Dims {
                rows: tokens,
                columns: w.len() / input.max(1),
                terms: input,
            };
            let w = Strided::rows(w, input).transposed();
            bf16::product(
                dims,
                Strided::rows(&mut y[first..], output),
                Strided::rows(x, input),
                w,
                epilogue,
            );
        });
        Ok(())
    }
}

/// `dx[tokens, in] (+)= alpha dy w`
pub struct LinearInputGrad<'a> {
    pub dy: View<'a>,
    pub w: Operand<'a>,
    pub dx: ViewMut<'a>,
    pub dims: Dims,
    pub write: Write,
    pub alpha: f32,
}

impl Operation for LinearInputGrad<'_> {
    fn cpu(self) -> Result<()> {
        if self.dy.dtype() == DType::BF16 {
            return by_float!(self.dx.dtype(), F => self.bf16::<F>());
        }
        let Dims { tokens, input, output } = self.dims;
        let (accumulate, alpha) = (self.write.accumulates(), self.alpha);
        let (dy, dx, open) = (self.dy.f32()?, self.dx.f32()?, self.w.open());
        widened(open.values()?, 0, output, input, |first, w| {
            product(
                cpu::matmul::Dims {
                    rows: tokens,
                    columns: input,
                    terms: w.len() / input,
                },
                Strided::rows(&mut *dx, input),
                Strided::rows(&dy[first..], output),
                Strided::rows(w, input),
                accumulate || first > 0,
                alpha,
            );
        });
        Ok(())
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let Dims { tokens, input, output } = self.dims;
        let w = self.w.lent(card, 0..output * input, self.dy.dtype())?;
        let product = Product {
            a: Matrix::rows(self.dy, output),
            b: Matrix::rows(w.view(), input),
            rows: tokens,
            columns: input,
            terms: output,
            write: self.write,
            alpha: self.alpha,
        };
        product.run(card, self.dx, input)
    }
}

impl LinearInputGrad<'_> {
    fn bf16<F: Float>(self) -> Result<()> {
        let Dims { tokens, input, output } = self.dims;
        let (dy, dx, open) = (self.dy.get()?, self.dx.get::<F>()?, self.w.open());
        let weights = open.values()?;
        let epilogue = bf16::Epilogue {
            write: self.write,
            alpha: self.alpha,
        };
        if !in_blocks(weights, output * input) {
            through_weights(dy, weights, dx, self.dims, epilogue);
            return Ok(());
        }
        // sums over blocks of weights wait in f32 and are rounded once
        let dx = &mut dx[..tokens * input];
        let mut sums = vec![0f32; dx.len()];
        let over = bf16::Epilogue {
            write: Write::Overwrite,
            ..epilogue
        };
        through_weights(dy, weights, &mut sums, self.dims, over);
        let add = self.write.accumulates();
        parallel::rows1(dx, 1, |at, dx| round_sums(dx, &sums[at..], add));
        Ok(())
    }
}

/// `out[tokens, in] (+)= alpha dy w`, block by block where weights are rounded to bf16 on the way
fn through_weights<F: Float>(dy: &[half::bf16], weights: Values, out: &mut [F], dims: Dims, epilogue: bf16::Epilogue) {
    let Dims { tokens, input, output } = dims;
    narrowed(weights, 0..output, input, |first, w| {
        let dims = cpu::matmul::Dims {
            rows: tokens,
            columns: input,
            terms: w.len() / input.max(1),
        };
        let epilogue = bf16::Epilogue {
            write: if first > 0 { Write::Accumulate } else { epilogue.write },
            ..epilogue
        };
        let dy = Strided::rows(&dy[first..], output);
        bf16::product(
            dims,
            Strided::rows(&mut *out, input),
            dy,
            Strided::rows(w, input),
            epilogue,
        );
    });
}

simd! {
fn round_sums<F: Float>(out: &mut [F], sums: &[f32], add: bool) {
    for (out, sum) in out.iter_mut().zip(sums) {
        let before = if add { out.widened() } else { 0.0 };
        *out = F::rounded(before + sum);
    }
}
}

/// `dw[out, in] += alpha dy^T x`
pub struct LinearWeightGrad<'a> {
    pub dy: View<'a>,
    pub x: View<'a>,
    pub dw: ViewMut<'a>,
    pub dims: Dims,
    pub alpha: f32,
}

impl Operation for LinearWeightGrad<'_> {
    fn cpu(self) -> Result<()> {
        let Dims { tokens, input, output } = self.dims;
        if self.dy.dtype() == DType::BF16 {
            let dims = cpu::matmul::Dims {
                rows: output,
                columns: input,
                terms: tokens,
            };
            let epilogue = bf16::Epilogue {
                write: Write::Accumulate,
                alpha: self.alpha,
            };
            let (dy, x) = (self.dy.get()?, self.x.get()?);
            let (dy, x) = (Strided::rows(dy, output).transposed(), Strided::rows(x, input));
            return by_float!(self.dw.dtype(), F => {
                bf16::product(dims, Strided::rows(self.dw.get::<F>()?, input), dy, x, epilogue);
                Ok(())
            });
        }
        product(
            cpu::matmul::Dims {
                rows: output,
                columns: input,
                terms: tokens,
            },
            Strided::rows(self.dw.f32()?, input),
            Strided::rows(self.dy.f32()?, output).transposed(),
            Strided::rows(self.x.f32()?, input),
            true,
            self.alpha,
        );
        Ok(())
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let Dims { tokens, input, output } = self.dims;
        let product = Product {
            a: Matrix::rows(self.dy, output).transposed(),
            b: Matrix::rows(self.x, input),
            rows: output,
            columns: input,
            terms: tokens,
            write: Write::Accumulate,
            alpha: self.alpha,
        };
        product.run(card, self.dw, input)
    }
}

/// `y[tokens, width] += bias`
pub struct AddBias<'a> {
    pub bias: View<'a>,
    pub y: ViewMut<'a>,
    pub tokens: usize,
    pub width: usize,
}

impl Operation for AddBias<'_> {
    fn cpu(self) -> Result<()> {
        let (bias, len) = (&self.bias.f32()?[..self.width], self.tokens * self.width);
        by_float!(self.y.dtype(), F => {
            parallel::rows1(&mut self.y.get::<F>()?[..len], self.width, |_, y| add_rows(y, bias));
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card.kernel(&BIAS, "add_bias", self.y.dtype())?
            .read(self.bias, self.width)
            .write(self.y, self.tokens * self.width)
            .u32(self.width)
            .launch(Grid::rows(self.tokens, self.width))
    }
}

simd! {
fn add_rows<F: Float>(y: &mut [F], bias: &[f32]) {
    for y in y.chunks_exact_mut(bias.len()) {
        cpu::axpy(1.0, bias, y);
    }
}
}

/// `db += sum over tokens of dy[tokens, width]`
pub struct BiasGrad<'a> {
    pub dy: View<'a>,
    pub db: ViewMut<'a>,
    pub tokens: usize,
    pub width: usize,
}

impl Operation for BiasGrad<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.dy.dtype(), F => {
            add_columns(self.db.f32()?, &self.dy.get::<F>()?[..self.tokens * self.width]);
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card.kernel(&BIAS, "bias_grad", self.dy.dtype())?
            .read(self.dy, self.tokens * self.width)
            .write(self.db, self.width)
            .u32(self.tokens)
            .u32(self.width)
            .launch(Grid::columns(self.width))
    }
}

simd! {
fn add_columns<F: Float>(sum: &mut [f32], rows: &[F]) {
    for row in rows.chunks_exact(sum.len()) {
        cpu::axpy(1.0, row, sum);
    }
}
}
