//! The row lengths of a DoRA layer, worked out anew after its parameters changed.
use super::{Operation, View, ViewMut};
use crate::error::Result;
use crate::ops::cuda::{Card, DORA, Grid};
use candle_core::DType;

/// Of the rows of `V = W + s B A`, without making `V`:
/// `|V_j|^2 = |W_j|^2 + 2 s B_j (A W^T)_j + s^2 B_j (A A^T) B_j^T`, summed in f64. *DoRA*, arXiv 2402.09353, equation 5.
pub struct RowLengths<'a> {
    /// `[output]` in f64: `|W_j|^2`
    pub squares: View<'a>,
    /// `B`, `[output, rank]`
    pub b: View<'a>,
    /// `A W^T`, `[rank, output]`
    pub a_w: View<'a>,
    /// `B A A^T`, `[output, rank]`
    pub b_gram: View<'a>,
    /// the trained lengths, `[output]`
    pub magnitude: View<'a>,
    /// `|V_j|`, the magnitude over it, and that less 1; `[output]` each
    pub norms: ViewMut<'a>,
    pub gain: ViewMut<'a>,
    pub excess: ViewMut<'a>,
    pub scale: f32,
    pub rank: usize,
    pub output: usize,
}

impl Operation for RowLengths<'_> {
    fn cpu(self) -> Result<()> {
        let (rank, output, s) = (self.rank, self.output, f64::from(self.scale));
        let (squares, magnitude) = (self.squares.get::<f64>()?, self.magnitude.f32()?);
        let (b, a_w, b_gram) = (self.b.f32()?, self.a_w.f32()?, self.b_gram.f32()?);
        let (norms, gain, excess) = (self.norms.f32()?, self.gain.f32()?, self.excess.f32()?);
        for j in 0..output {
            let change: f64 = (0..rank)
                .map(|r| {
                    let at = j * rank + r;
                    f64::from(b[at]) * (2.0 * s * f64::from(a_w[r * output + j]) + s * s * f64::from(b_gram[at]))
                })
                .sum();
            let norm = (squares[j] + change).max(0.0).sqrt();
            let of_norm = f64::from(magnitude[j]) / norm;
            norms[j] = norm as f32;
            gain[j] = of_norm as f32;
            excess[j] = (of_norm - 1.0) as f32;
        }
        Ok(())
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card.kernel(&DORA, "row_lengths", DType::F32)?
            .read(self.squares, self.output)
            .read(self.b, self.output * self.rank)
            .read(self.a_w, self.rank * self.output)
            .read(self.b_gram, self.output * self.rank)
            .read(self.magnitude, self.output)
            .write(self.norms, self.output)
            .write(self.gain, self.output)
            .write(self.excess, self.output)
            .f32(self.scale)
            .u32(self.rank)
            .u32(self.output)
            .launch(Grid::threads(self.output))
    }
}
