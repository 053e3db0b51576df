//! Element-wise parts of a block: sigmoid, the residual sum, copies, dropout.
use super::cpu::{Float, by_float, parallel, simd};
use super::{Operation, View, ViewMut, Write};
use crate::error::Result;
use crate::ops::cuda::{ACT, Card, Grid, RANDOM, convert};
use candle_core::DType;

/// `y = 1 / (1 + exp(-x))`, of few values
pub struct Sigmoid<'a> {
    pub x: View<'a>,
    pub y: ViewMut<'a>,
    pub len: usize,
}

impl Operation for Sigmoid<'_> {
    fn cpu(self) -> Result<()> {
        for (y, x) in self.y.f32()?[..self.len].iter_mut().zip(self.x.f32()?) {
            *y = 1.0 / (1.0 + (-x).exp());
        }
        Ok(())
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card.kernel(&ACT, "sigmoids", DType::F32)?
            .read(self.x, self.len)
            .write(self.y, self.len)
            .u64(self.len)
            .launch(Grid::by_eights(self.len))
    }
}

/// `dx = dy y (1 - y)`, from the `y` of [`Sigmoid`]
pub struct SigmoidBackward<'a> {
    pub y: View<'a>,
    pub dy: View<'a>,
    pub dx: ViewMut<'a>,
    pub len: usize,
}

impl Operation for SigmoidBackward<'_> {
    fn cpu(self) -> Result<()> {
        let (y, dy) = (self.y.f32()?, self.dy.f32()?);
        for ((dx, dy), y) in self.dx.f32()?[..self.len].iter_mut().zip(dy).zip(y) {
            *dx = dy * y * (1.0 - y);
        }
        Ok(())
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card.kernel(&ACT, "sigmoids_backward", DType::F32)?
            .read(self.y, self.len)
            .read(self.dy, self.len)
            .write(self.dx, self.len)
            .u64(self.len)
            .launch(Grid::by_eights(self.len))
    }
}

/// `x += y`
pub struct Add<'a> {
    pub x: ViewMut<'a>,
    pub y: View<'a>,
    pub len: usize,
}

impl Operation for Add<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.x.dtype(), F => {
            let y = self.y.get::<F>()?;
            parallel::rows1(&mut self.x.get::<F>()?[..self.len], 1, |at, x| add_block(x, &y[at..]));
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card.kernel(&ACT, "add", self.x.dtype())?
            .write(self.x, self.len)
            .read(self.y, self.len)
            .u64(self.len)
            .launch(Grid::by_eights(self.len))
    }
}

simd! {
fn add_block<F: Float>(x: &mut [F], y: &[F]) {
    for (x, y) in x.iter_mut().zip(y) {
        *x = F::rounded(x.widened() + y.widened());
    }
}
}

/// `to = from`, the first `len` values, rounded where their type is another
pub struct Copy<'a> {
    pub from: View<'a>,
    pub to: ViewMut<'a>,
    pub len: usize,
}

impl Operation for Copy<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.from.dtype(), From => by_float!(self.to.dtype(), To => {
            let from = self.from.get::<From>()?;
            parallel::rows1(&mut self.to.get::<To>()?[..self.len], 1, |at, to| copy_block(&from[at..], to));
            Ok(())
        }))
    }

    fn cuda(self, card: &Card) -> Result<()> {
        convert(card, self.from, self.to, self.len)
    }
}

simd! {
fn copy_block<F: Float, T: Float>(from: &[F], to: &mut [T]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = T::rounded(from.widened());
    }
}
}

/// Which values dropout zeroes: a function of seed, stream and place alone, so the backward pass draws the same mask.
#[derive(Clone, Copy, Debug)]
pub struct Dropout {
    pub probability: f32,
    pub seed: u64,
    /// tells layers and modules apart
    pub stream: u64,
}

/// What a mask is drawn by, and the factor of what is kept.
struct Draws {
    key: u64,
    /// draws below it are zeroed
    threshold: u32,
    scale: f32,
}

impl Dropout {
    fn draws(self) -> Draws {
        Draws {
            key: mix(self.seed ^ mix(self.stream.wrapping_add(0x9E37_79B9_7F4A_7C15))),
            threshold: (f64::from(self.probability) * (1u64 << 32) as f64) as u32,
            scale: 1.0 / (1.0 - self.probability),
        }
    }
}

/// `y = x` with some values zeroed and the rest scaled up to keep the mean. Of the gradient it is the same, and adds to `y`.
pub struct Drop<'a> {
    pub x: View<'a>,
    pub y: ViewMut<'a>,
    pub len: usize,
    pub dropout: Dropout,
    pub write: Write,
}

impl Operation for Drop<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.y.dtype(), F => {
            let x = self.x.get::<F>()?;
            let Draws { key, threshold, scale } = self.dropout.draws();
            parallel::rows1(&mut self.y.get::<F>()?[..self.len], 1, |at, y| {
                drop_block(&x[at..], y, key, at as u64, threshold, scale, self.write.accumulates());
            });
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let Draws { key, threshold, scale } = self.dropout.draws();
        card.kernel(&RANDOM, "drop", self.y.dtype())?
            .read(self.x, self.len)
            .write(self.y, self.len)
            .u64(self.len)
            .bits(key)
            .bits(u64::from(threshold))
            .f32(scale)
            .flag(self.write.accumulates())
            .launch(Grid::by_eights(self.len))
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
fn drop_block<F: Float>(
    x: &[F], y: &mut [F], key: u64, first: u64, threshold: u32, scale: f32, accumulate: bool,
) {
    let n = y.len();
    let x = &x[..n];
    for i in 0..n {
        let draw = (mix(key.wrapping_add((first + i as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15))) >> 32) as u32;
        let kept = if draw >= threshold { x[i].widened() * scale } else { 0.0 };
        y[i] = F::rounded(if accumulate { y[i].widened() + kept } else { kept });
    }
}
}
