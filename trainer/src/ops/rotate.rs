//! Blocks of an activation's columns turned by small matrices: what orthogonal fine-tuning multiplies, and its gradient.
use super::cpu::{parallel, simd};
use super::{Kernel, Values, View, ViewMut, launch};
use crate::error::Result;

/// `[tokens, width]` in blocks of `size` columns, by `stored` matrices: one for each block, or one for all.
#[derive(Clone, Copy, Debug)]
pub struct Dims {
    pub tokens: usize,
    pub width: usize,
    pub size: usize,
    pub stored: usize,
}

struct Rotate {
    dims: Dims,
    add: bool,
}

impl Kernel for Rotate {
    const NAME: &'static str = "rotate";

    fn cpu(&self, outs: &mut [&mut [f32]], ins: &[Values]) {
        let Dims {
            tokens,
            width,
            size,
            stored,
        } = self.dims;
        let (x, matrices) = (ins[0].f32(), &ins[1].f32()[..stored * size * size]);
        parallel::rows1(&mut outs[0][..tokens * width], width, |first, y| {
            if !self.add {
                y.fill(0.0);
            }
            let x = &x[first * width..][..y.len()];
            for (at, (x, y)) in x.chunks_exact(size).zip(y.chunks_exact_mut(size)).enumerate() {
                let block = (at % (width / size)) % stored;
                turn_block(x, &matrices[block * size * size..][..size * size], y);
            }
        });
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

/// `y[t, block] (+)= x[t, block] R[block]`
pub fn rotate<'a>(
    x: impl Into<View<'a>>,
    matrices: impl Into<View<'a>>,
    y: impl Into<ViewMut<'a>>,
    dims: Dims,
    add: bool,
) -> Result<()> {
    launch(&Rotate { dims, add }, [y.into()], [x.into(), matrices.into()])
}

struct Gradient(Dims);

impl Kernel for Gradient {
    const NAME: &'static str = "rotate_gradient";

    fn cpu(&self, outs: &mut [&mut [f32]], ins: &[Values]) {
        let Dims {
            tokens,
            width,
            size,
            stored,
        } = self.0;
        let (x, dy) = (ins[0].f32(), ins[1].f32());
        let square = size * size;
        parallel::rows1(&mut outs[0][..stored * square], square, |first, sums| {
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

/// `d[block] = sum over tokens of x[t, block]^T dy[t, block]`, and over blocks where they share one matrix.
pub fn gradient<'a>(
    x: impl Into<View<'a>>,
    dy: impl Into<View<'a>>,
    d: impl Into<ViewMut<'a>>,
    dims: Dims,
) -> Result<()> {
    launch(&Gradient(dims), [d.into()], [x.into(), dy.into()])
}
