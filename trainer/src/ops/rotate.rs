//! Blocks of an activation's columns turned by small matrices: what orthogonal fine-tuning multiplies, and its gradient.
use super::cpu::{parallel, simd};
use super::{Operation, View, ViewMut, Write};
use crate::error::Result;

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
        let (x, matrices) = (self.x.f32()?, &self.matrices.f32()?[..stored * size * size]);
        parallel::rows1(&mut self.y.f32()?[..tokens * width], width, |first, y| {
            if !self.write.accumulates() {
                y.fill(0.0);
            }
            let x = &x[first * width..][..y.len()];
            for (at, (x, y)) in x.chunks_exact(size).zip(y.chunks_exact_mut(size)).enumerate() {
                let block = (at % (width / size)) % stored;
                turn_block(x, &matrices[block * size * size..][..size * size], y);
            }
        });
        Ok(())
    }
}

simd! {
/// `y += x R`
fn turn_block(x: &[f32], matrix: &[f32], y: &mut [f32]) {
    let size = y.len();
    for (k, row) in matrix.chunks_exact(size).enumerate() {
        let factor = x[k];
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
        let (x, dy) = (self.x.f32()?, self.dy.f32()?);
        let square = size * size;
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
    }
}

simd! {
/// `sums += x^T dy`
fn outer(x: &[f32], dy: &[f32], sums: &mut [f32]) {
    let size = dy.len();
    for (k, row) in sums.chunks_exact_mut(size).enumerate() {
        let factor = x[k];
        for c in 0..size {
            row[c] += factor * dy[c];
        }
    }
}
}
