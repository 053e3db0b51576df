//! APOLLO's two operations beside Adam's own: the factors of a gradient's channels, and the update that they make of it.
use crate::error::Result;
use crate::ops::cpu::{Float, by_float, parallel};
use crate::ops::cuda::{APOLLO, Card, Grid};
use crate::ops::{Buf, Device, Operation, View, ViewMut};
use candle_core::DType;

/// What of a matrix has a factor of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channels {
    Rows,
    Columns,
    /// one for all of it
    Whole,
}

impl Channels {
    /// How many factors a matrix has.
    pub fn count(self, rows: usize, columns: usize) -> usize {
        match self {
            Self::Rows => rows,
            Self::Columns => columns,
            Self::Whole => 1,
        }
    }

    /// How far it is from the factor of one row to that of the next, and of one column to that of the next.
    fn strides(self) -> (usize, usize) {
        match self {
            Self::Rows => (1, 0),
            Self::Columns => (0, 1),
            Self::Whole => (0, 0),
        }
    }
}

/// `factor = |direction| / (|grad_scale low| + 1e-8)` of each channel of the projected gradient.
pub struct ChannelFactors<'a> {
    /// `[rows, columns]`, what Adam makes of the projected gradient
    pub direction: View<'a>,
    /// `[rows, columns]`, of the same type
    pub low: View<'a>,
    /// multiplies the gradient first (clipping)
    pub grad_scale: f32,
    /// `[channels.count(rows, columns)]`
    pub factors: ViewMut<'a>,
    pub rows: usize,
    pub columns: usize,
    pub channels: Channels,
}

impl Operation for ChannelFactors<'_> {
    fn cpu(self) -> Result<()> {
        let Self {
            rows,
            columns,
            channels,
            grad_scale,
            ..
        } = self;
        let count = channels.count(rows, columns);
        let factors = &mut self.factors.f32()?[..count];
        by_float!(self.low.dtype(), F => {
            let (direction, low) = (self.direction.get::<F>()?, self.low.get::<F>()?);
            let scaled = |at: usize| low[at].widened() * grad_scale;
            let own = |at: usize| direction[at].widened();
            if channels == Channels::Columns {
                let mut sums = vec![(0f32, 0f32); columns];
                for row in 0..rows {
                    for (column, (own_sum, low_sum)) in sums.iter_mut().enumerate() {
                        let at = row * columns + column;
                        *own_sum += own(at) * own(at);
                        *low_sum += scaled(at) * scaled(at);
                    }
                }
                factors.iter_mut().zip(&sums).for_each(|(factor, &(own, low))| *factor = quotient(own, low));
                return Ok(());
            }
            let width = rows * columns / count;
            for (channel, factor) in factors.iter_mut().enumerate() {
                let first = channel * width;
                let own = sum_of_squares(width, |at| own(first + at));
                *factor = quotient(own, sum_of_squares(width, |at| scaled(first + at)));
            }
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let Self {
            rows,
            columns,
            channels,
            ..
        } = self;
        let count = channels.count(rows, columns);
        let (name, grid) = match channels {
            Channels::Columns => ("factors_of_columns", Grid::columns(columns)),
            Channels::Rows | Channels::Whole => ("factors_of_rows", Grid::each(count, 256)),
        };
        card.kernel(&APOLLO, name, self.low.dtype())?
            .read(self.direction, rows * columns)
            .read(self.low, rows * columns)
            .write(self.factors, count)
            .u32(if channels == Channels::Columns { rows } else { 0 })
            .u64(if channels == Channels::Columns {
                columns
            } else {
                rows * columns / count.max(1)
            })
            .f32(self.grad_scale)
            .launch(grid)
    }
}

fn quotient(own: f32, low: f32) -> f32 {
    own.sqrt() / (low.sqrt() + 1e-8)
}

/// Thirty-two sums side by side, brought together pair by pair, and the rest one by one behind them.
fn sum_of_squares(len: usize, value: impl Fn(usize) -> f32) -> f32 {
    const LANES: usize = 32;
    let square = |at: usize| value(at) * value(at);
    let whole = len / LANES * LANES;
    let mut lanes = [0f32; LANES];
    for first in (0..whole).step_by(LANES) {
        for (lane, sum) in lanes.iter_mut().enumerate() {
            *sum += square(first + lane);
        }
    }
    let of_eight: [f32; 8] = std::array::from_fn(|i| (lanes[i] + lanes[8 + i]) + (lanes[16 + i] + lanes[24 + i]));
    let of_four: [f32; 4] = std::array::from_fn(|i| of_eight[i] + of_eight[4 + i]);
    let sum = (of_four[0] + of_four[1]) + (of_four[2] + of_four[3]);
    (whole..len).fold(sum, |sum, at| sum + square(at))
}

/// The constants of one update.
#[derive(Clone, Copy, Debug)]
pub struct ApolloStep {
    /// multiplies the gradient first (clipping)
    pub grad_scale: f32,
    /// multiplies the update before its length is taken
    pub front: f32,
    /// `lr sqrt(1 - beta2^t) / (1 - beta1^t)`
    pub rate: f64,
    /// multiplies the update after
    pub behind: f64,
    /// whether there is a length from the step before
    pub limited: bool,
}

/// `U = front (grad factor) grad_scale`, whose length grows by no more than 1% over the one before; then
/// `value <- value - rate / limiter behind U`.
pub struct ApolloUpdate<'a> {
    /// `[rows, columns]`
    pub value: ViewMut<'a>,
    pub grad: View<'a>,
    /// those of the channels
    pub factors: View<'a>,
    /// one number: the length of the last update, then of this one
    pub length: ViewMut<'a>,
    pub step: ApolloStep,
    pub rows: usize,
    pub columns: usize,
    pub channels: Channels,
}

impl ApolloStep {
    fn update(&self, grad: f32, factor: f32) -> f32 {
        grad * factor * self.grad_scale * self.front
    }

    /// What an update is divided by.
    fn limiter(&self, length: f64, before: f64) -> f64 {
        match self.limited {
            true => (length / (before + 1e-8)).max(1.01) / 1.01,
            false => 1.0,
        }
    }
}

impl Operation for ApolloUpdate<'_> {
    fn cpu(self) -> Result<()> {
        let (step, columns, len) = (self.step, self.columns, self.rows * self.columns);
        let (by_row, by_column) = self.channels.strides();
        let factors = self.factors.f32()?;
        let factor = |at: usize| factors[at / columns * by_row + at % columns * by_column];
        let last = &mut self.length.f32()?[0];
        by_float!(self.value.dtype(), F => {
            let grad = self.grad.get::<F>()?;
            let update = |at: usize| step.update(grad[at].widened(), factor(at));
            let length = f64::from(sum_of_squares(len, update)).sqrt();
            let limiter = step.limiter(length, f64::from(*last));
            *last = (length / limiter) as f32;
            let rate = -(step.rate / limiter * step.behind) as f32;
            parallel::rows1(&mut self.value.get::<F>()?[..len], 1, |first, block| {
                for (at, value) in (first..).zip(block) {
                    *value = F::rounded(value.widened() + rate * F::rounded(update(at)).widened());
                }
            });
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let (step, len) = (self.step, self.rows * self.columns);
        let (by_row, by_column) = self.channels.strides();
        let device = Device::Cuda(card.clone());
        let grid = Grid::partial_sums(len);
        let count = grid.blocks[0];
        let mut sums = Buf::unwritten(DType::F64, count, &device)?;
        let mut rate = Buf::unwritten(DType::F32, 1, &device)?;
        card.kernel(&APOLLO, "apollo_squares", self.value.dtype())?
            .read(self.grad, len)
            .read(self.factors, self.channels.count(self.rows, self.columns))
            .write(sums.view_mut(), count)
            .u64(len)
            .u32(self.columns)
            .u32(by_row)
            .u32(by_column)
            .f32(step.grad_scale)
            .f32(step.front)
            .launch(grid)?;
        card.kernel_named(&APOLLO, "apollo_limit")?
            .read(sums.view(), count)
            .write(self.length, 1)
            .write(rate.view_mut(), 1)
            .u32(count)
            .flag(step.limited)
            .f64(step.rate)
            .f64(step.behind)
            .launch(Grid::each(1, 256))?;
        card.kernel(&APOLLO, "apollo_update", self.value.dtype())?
            .write(self.value, len)
            .read(self.grad, len)
            .read(self.factors, self.channels.count(self.rows, self.columns))
            .read(rate.view(), 1)
            .u64(len)
            .u32(self.columns)
            .u32(by_row)
            .u32(by_column)
            .f32(step.grad_scale)
            .f32(step.front)
            .launch(Grid::by_eights(len))
    }
}
