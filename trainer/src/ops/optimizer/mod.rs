//! Whole-buffer operations of optimizers: fill, scale, add, sum of squares, and each one's update.
//!
//! Values, gradients and states of one parameter are of one type. Whatever it is, an update is worked out in f32 and rounded
//! once for each value that it stores, as PyTorch's fused kernels do it; its plain ones round each step on the way.
mod adafactor;
mod adamw;
mod apollo;
mod blockwise;
mod lion;
mod sgd;

pub use adafactor::{AdafactorMatrix, AdafactorStep, AdafactorVector};
pub use adamw::{AdamStep, AdamW, AdamWBlockwise};
pub use apollo::{ApolloStep, ApolloUpdate, ChannelFactors, Channels};
pub use blockwise::{Quantized, QuantizedMut};
pub use lion::{Lion, LionBlockwise, LionStep};
pub use sgd::{Sgd, SgdStep};

use super::cpu::{Float, by_float, parallel, simd};
use super::{Buf, Device, Operand, Operation, Values, View, ViewMut};
use crate::error::{Error, Result};
use crate::ops::cuda::{Card, Grid, OPTIMIZER};
use candle_core::DType;
use rayon::prelude::*;

/// Sets the first `len` values.
pub struct Fill<'a> {
    pub x: ViewMut<'a>,
    pub value: f32,
    pub len: usize,
}

impl Operation for Fill<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.x.dtype(), F => {
            let value = F::rounded(self.value);
            parallel::rows1(&mut self.x.get::<F>()?[..self.len], 1, |_, block| block.fill(value));
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card.kernel(&OPTIMIZER, "fill", self.x.dtype())?
            .write(self.x, self.len)
            .u64(self.len)
            .f32(self.value)
            .launch(Grid::by_eights(self.len))
    }
}

/// The sum of squares in f64, into the one value of `sum`: blocks of fixed size, added in order.
pub struct SumOfSquares<'a> {
    pub x: View<'a>,
    pub sum: ViewMut<'a>,
}

impl Operation for SumOfSquares<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.x.dtype(), F => {
            let values = self.x.get::<F>()?;
            let blocks: Vec<f64> = if values.len() <= parallel::GRAIN {
                vec![squares(values)]
            } else {
                values.par_chunks(parallel::GRAIN).map(squares).collect()
            };
            self.sum.get::<f64>()?[0] = blocks.iter().sum();
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let len = self.x.len();
        // as many sums as the length asks for, whatever the card, so that the order of sums is part of the program
        let grid = Grid::partial_sums(len);
        let count = grid.blocks[0];
        let mut sums = Buf::unwritten(DType::F64, count, &Device::Cuda(card.clone()))?;
        card.kernel(&OPTIMIZER, "squares", self.x.dtype())?
            .read(self.x, len)
            .write(sums.view_mut(), count)
            .u64(len)
            .launch(grid)?;
        card.kernel_named(&OPTIMIZER, "sum_f64")?
            .read(sums.view(), count)
            .write(self.sum, 1)
            .u32(count)
            .launch(Grid::each(1, 256))
    }
}

simd! {
fn squares<F: Float>(values: &[F]) -> f64 {
    let mut lanes = [0f64; 8];
    let chunks = values.chunks_exact(8);
    let wide = |x: F| f64::from(x.widened());
    let tail: f64 = chunks.remainder().iter().map(|&x| wide(x) * wide(x)).sum();
    for x in chunks {
        for i in 0..8 {
            lanes[i] += wide(x[i]) * wide(x[i]);
        }
    }
    lanes.iter().sum::<f64>() + tail
}
}

/// `out <- out + factor x`
pub struct AddScaled<'a> {
    pub out: ViewMut<'a>,
    pub factor: f32,
    pub x: Operand<'a>,
}

impl Operation for AddScaled<'_> {
    fn cpu(self) -> Result<()> {
        let open = self.x.open();
        let x = open.values()?;
        by_float!(self.out.dtype(), F => {
            parallel::rows1(self.out.get::<F>()?, 1, |first, block| match x {
                Values::BF16(x) => add_block(self.factor, block, &x[first..]),
                Values::F32(x) => add_block(self.factor, block, &x[first..]),
                Values::F16(_) | Values::Packed(_) => {}
            });
            match x {
                Values::F32(_) | Values::BF16(_) => Ok(()),
                Values::F16(_) | Values::Packed(_) => Err(Error::internal("what is added is f32 or bf16")),
            }
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let len = self.out.len();
        let x = self.x.lent(card, 0..len, DType::F32)?;
        card.kernel(&OPTIMIZER, "add_scaled", self.out.dtype())?
            .write(self.out, len)
            .read(x.view(), len)
            .u64(len)
            .f32(self.factor)
            .launch(Grid::by_eights(len))
    }
}

simd! {
fn add_block<F: Float, X: Float>(factor: f32, out: &mut [F], x: &[X]) {
    for i in 0..out.len() {
        out[i] = F::rounded(out[i].widened() + factor * x[i].widened());
    }
}
}

/// `out <- own out + other x`, of one type, as a reference follows its policy.
pub struct Mix<'a> {
    pub out: ViewMut<'a>,
    pub own: f32,
    pub x: View<'a>,
    pub other: f32,
}

impl Operation for Mix<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.out.dtype(), F => {
            let x = self.x.get::<F>()?;
            parallel::rows1(self.out.get::<F>()?, 1, |first, out| {
                for (out, x) in out.iter_mut().zip(&x[first..]) {
                    *out = F::rounded(out.widened() * self.own + x.widened() * self.other);
                }
            });
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let len = self.out.len();
        card.kernel(&OPTIMIZER, "mix", self.out.dtype())?
            .write(self.out, len)
            .read(self.x, len)
            .u64(len)
            .f32(self.own)
            .f32(self.other)
            .launch(Grid::by_eights(len))
    }
}
