//! Blocks of an activation's columns turned by small matrices: what orthogonal fine-tuning multiplies, and its gradient.
use super::cpu::{Float, by_float, parallel, simd};
use super::{Operation, View, ViewMut, Write};
use crate::error::Result;
use crate::ops::cuda::{Card, Grid, ROTATE};

/// `[tokens, width]` in blocks of `size` columns, by `stored` matrices: one for each block, or one for all.
#[derive(Clone, Copy, Debug)]
pub struct Dims {
    pub tokens: usize,
    pub width: usize,
    pub size: usize,
    pub stored: usize,
}

/// `y[t, block] (+)= x[t, block] R[block]`
pub struct Rotate<'a> {
    pub x: View<'a>,
    pub matrices: View<'a>,
    pub y: ViewMut<'a>,
    pub dims: Dims,
    pub write: Write,
}

impl Operation for Rotate<'_> {
    fn cpu(self) -> Result<()> {
        let Dims {
            tokens,
            width,
            size,
            stored,
        } = self.dims;
        let matrices = &self.matrices.f32()?[..stored * size * size];
        by_float!(self.y.dtype(), F => {
            let x = self.x.get::<F>()?;
            parallel::rows1(&mut self.y.get::<F>()?[..tokens * width], width, |first, y| {
                let x = &x[first * width..][..y.len()];
                let mut sums = vec![0f32; size];
                for (at, (x, y)) in x.chunks_exact(size).zip(y.chunks_exact_mut(size)).enumerate() {
                    let block = (at % (width / size)) % stored;
                    match self.write {
                        Write::Overwrite => sums.fill(0.0),
                        Write::Accumulate => sums.iter_mut().zip(&*y).for_each(|(sum, y)| *sum = y.widened()),
                    }
                    turn_block(x, &matrices[block * size * size..][..size * size], &mut sums);
                    y.iter_mut().zip(&sums).for_each(|(y, sum)| *y = F::rounded(*sum));
                }
            });
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let Dims {
            tokens,
            width,
            size,
            stored,
        } = self.dims;
        card.kernel(&ROTATE, "rotate", self.y.dtype())?
            .read(self.x, tokens * width)
            .read(self.matrices, stored * size * size)
            .write(self.y, tokens * width)
            .u32(width)
            .u32(size)
            .u32(stored)
            .flag(self.write.accumulates())
            .launch(Grid::each(tokens, 256))
    }
}

simd! {
/// `y += x R`
fn turn_block<F: Float>(x: &[F], matrix: &[f32], y: &mut [f32]) {
    let size = y.len();
    for (k, row) in matrix.chunks_exact(size).enumerate() {
        let factor = x[k].widened();
        for c in 0..size {
            y[c] += factor * row[c];
        }
    }
}
}

/// `d[block] = sum over tokens of x[t, block]^T dy[t, block]`, and over blocks where they share one matrix.
pub struct RotateGradient<'a> {
    pub x: View<'a>,
    pub dy: View<'a>,
    pub d: ViewMut<'a>,
    pub dims: Dims,
}

impl Operation for RotateGradient<'_> {
    fn cpu(self) -> Result<()> {
        let Dims {
            tokens,
            width,
            size,
            stored,
        } = self.dims;
        let square = size * size;
        by_float!(self.x.dtype(), F => {
            let (x, dy) = (self.x.get::<F>()?, self.dy.get::<F>()?);
            parallel::rows1(&mut self.d.f32()?[..stored * square], square, |first, sums| {
                sums.fill(0.0);
                for (block, sums) in sums.chunks_exact_mut(square).enumerate() {
                    for at in (first + block..width / size).step_by(stored) {
                        for token in 0..tokens {
                            let place = token * width + at * size;
                            outer(&x[place..][..size], &dy[place..][..size], sums);
                        }
                    }
                }
            });
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let Dims {
            tokens,
            width,
            size,
            stored,
        } = self.dims;
        card.kernel(&ROTATE, "rotate_gradient", self.x.dtype())?
            .read(self.x, tokens * width)
            .read(self.dy, tokens * width)
            .write(self.d, stored * size * size)
            .u32(tokens)
            .u32(width)
            .u32(size)
            .u32(stored)
            .launch(Grid {
                blocks: [size, stored, 1],
                ..Grid::each(1, 256)
            })
    }
}

simd! {
/// `sums += x^T dy`
fn outer<F: Float>(x: &[F], dy: &[F], sums: &mut [f32]) {
    let size = dy.len();
    for (k, row) in sums.chunks_exact_mut(size).enumerate() {
        let factor = x[k].widened();
        for c in 0..size {
            row[c] += factor * dy[c].widened();
        }
    }
}
}
