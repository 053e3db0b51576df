//! The auxiliary loss of a pass's counts, and its derivative by each expert's probability.
use crate::error::Result;
use crate::ops::cuda::{Card, Grid, ROUTE};
use crate::ops::{Operation, View, ViewMut};
use candle_core::DType;

/// What the counts' products are divided by: the tokens' square, and never 0.
fn divisor(counts: &[f64], experts: usize) -> f64 {
    let tokens = counts[2 * experts];
    (tokens * tokens).max(f64::MIN_POSITIVE)
}

/// `loss = E sum_e F_e P_e`; 0 without a layer that routes.
pub struct BalanceLoss<'a> {
    /// as [`super::CountChoices`] leaves them
    pub counts: View<'a>,
    /// one number in f64
    pub loss: ViewMut<'a>,
    pub experts: usize,
}

impl Operation for BalanceLoss<'_> {
    fn cpu(self) -> Result<()> {
        let counts = self.counts.get::<f64>()?;
        let (chosen, probability) = (&counts[..self.experts], &counts[self.experts..2 * self.experts]);
        let sum: f64 = chosen.iter().zip(probability).map(|(f, p)| f * p).sum();
        self.loss.get::<f64>()?[0] = sum * self.experts as f64 / divisor(counts, self.experts);
        Ok(())
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card.kernel(&ROUTE, "balance_loss", DType::F64)?
            .read(self.counts, 2 * self.experts + 1)
            .write(self.loss, 1)
            .u32(self.experts)
            .launch(Grid::each(1, 32))
    }
}

/// `weight` times the derivative by each expert's probability at a token that occurs once.
pub struct BalanceSlopes<'a> {
    pub counts: View<'a>,
    /// `[experts]` in f64
    pub by_expert: ViewMut<'a>,
    pub experts: usize,
    pub weight: f64,
}

impl Operation for BalanceSlopes<'_> {
    fn cpu(self) -> Result<()> {
        let counts = self.counts.get::<f64>()?;
        let scale = self.weight * self.experts as f64 / divisor(counts, self.experts);
        let slopes = self.by_expert.get::<f64>()?.iter_mut();
        slopes.zip(counts).for_each(|(slope, f)| *slope = f * scale);
        Ok(())
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card.kernel(&ROUTE, "balance_slopes", DType::F64)?
            .read(self.counts, 2 * self.experts + 1)
            .write(self.by_expert, self.experts)
            .u32(self.experts)
            .f64(self.weight)
            .launch(Grid::threads(self.experts))
    }
}
