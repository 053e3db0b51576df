//! Factors per column or row of an activation: what DoRA's lengths multiply, and their gradient.
use super::cpu::{parallel, simd};
use super::{Buf, Kernel, Values, View, ViewMut, launch};
use crate::error::Result;

struct Columns {
    tokens: usize,
    width: usize,
}

impl Kernel for Columns {
    const NAME: &'static str = "scale_columns";

    fn cpu(&self, outs: &mut [&mut [f32]], ins: &[Values]) {
        let factors = &ins[0].f32()[..self.width];
        parallel::rows1(&mut outs[0][..self.tokens * self.width], self.width, |_, y| {
            columns_block(y, factors)
        });
    }
}

simd! {
fn columns_block(y: &mut [f32], factors: &[f32]) {
    for y in y.chunks_exact_mut(factors.len()) {
        for i in 0..factors.len() {
            y[i] *= factors[i];
        }
    }
}
}

/// `y[t, j] *= factors[j]`, `y[tokens, width]`
pub fn columns<'a>(y: impl Into<ViewMut<'a>>, factors: impl Into<View<'a>>, tokens: usize, width: usize) -> Result<()> {
    launch(&Columns { tokens, width }, [y.into()], [factors.into()])
}

struct Rows<'a> {
    factors: &'a [f32],
    width: usize,
}

impl Kernel for Rows<'_> {
    const NAME: &'static str = "scale_rows";

    fn cpu(&self, outs: &mut [&mut [f32]], _: &[Values]) {
        let (factors, width) = (self.factors, self.width);
        parallel::rows1(&mut outs[0][..factors.len() * width], width, |first, y| {
            for (y, &factor) in y.chunks_exact_mut(width).zip(&factors[first..]) {
                y.iter_mut().for_each(|y| *y *= factor);
            }
        });
    }
}

/// `y[r, j] *= factors[r]`, `y[rows, width]`
pub fn rows<'a>(y: impl Into<ViewMut<'a>>, factors: &[f32], width: usize) -> Result<()> {
    launch(&Rows { factors, width }, [y.into()], [])
}

struct Dots {
    tokens: usize,
    width: usize,
}

impl Kernel for Dots {
    const NAME: &'static str = "column_dots";

    fn cpu(&self, outs: &mut [&mut [f32]], ins: &[Values]) {
        let (len, width) = (self.tokens * self.width, self.width);
        let (a, b, norms) = (&ins[0].f32()[..len], &ins[1].f32()[..len], &ins[2].f32()[..width]);
        let mut sums = vec![0f64; width];
        dots(&mut sums, a, b);
        for ((sum, norm), out) in sums.iter().zip(norms).zip(&mut outs[0][..width]) {
            *out += (sum / f64::from(*norm)) as f32;
        }
    }
}

simd! {
fn dots(sums: &mut [f64], a: &[f32], b: &[f32]) {
    let width = sums.len();
    for (a, b) in a.chunks_exact(width).zip(b.chunks_exact(width)) {
        for i in 0..width {
            sums[i] += f64::from(a[i]) * f64::from(b[i]);
        }
    }
}
}

/// `out[j] += sum over tokens of a[t, j] b[t, j] / norms[j]`, summed in f64
pub fn column_dots<'a>(
    (a, b): (impl Into<View<'a>>, impl Into<View<'a>>),
    norms: impl Into<View<'a>>,
    out: impl Into<ViewMut<'a>>,
    tokens: usize,
    width: usize,
) -> Result<()> {
    launch(
        &Dots { tokens, width },
        [out.into()],
        [a.into(), b.into(), norms.into()],
    )
}

struct RowDots {
    width: usize,
}

impl Kernel for RowDots {
    const NAME: &'static str = "row_dots";

    fn cpu(&self, outs: &mut [&mut [f32]], ins: &[Values]) {
        let (a, b, width) = (ins[0].f32(), ins[1].f32(), self.width);
        parallel::rows1(outs[0], 1, |first, out| {
            row_dots_block(out, &a[first * width..], &b[first * width..], width)
        });
    }
}

simd! {
fn row_dots_block(out: &mut [f32], a: &[f32], b: &[f32], width: usize) {
    for (out, (a, b)) in out.iter_mut().zip(a.chunks_exact(width).zip(b.chunks_exact(width))) {
        let mut sum = 0f64;
        for i in 0..width {
            sum += f64::from(a[i]) * f64::from(b[i]);
        }
        *out = sum as f32;
    }
}
}

/// `sum_j a[r, j] b[r, j]` of each row, summed in f64
pub fn row_dots(a: &Buf, b: &Buf, rows: usize, width: usize) -> Result<Vec<f32>> {
    let mut dots = Buf::zeros(rows, a.device())?;
    launch(&RowDots { width }, [(&mut dots).into()], [a.view(), b.view()])?;
    dots.to_vec(rows)
}
