//! Rows picked by index: embedding look-up, the rows that count, and their gradients.
use super::cpu::matmul::widen;
use super::cpu::{axpy, parallel, simd};
use super::{Kernel, Operand, Values, View, ViewMut, launch, launch_on};
use crate::error::Result;

struct Gather<'a> {
    ids: &'a [u32],
    width: usize,
}

impl Kernel for Gather<'_> {
    const NAME: &'static str = "gather";

    fn cpu(&self, outs: &mut [&mut [f32]], ins: &[Values]) {
        let width = self.width;
        parallel::rows1(&mut outs[0][..self.ids.len() * width], width, |first, y| {
            for (y, &id) in y.chunks_exact_mut(width).zip(&self.ids[first..]) {
                widen(ins[0], id as usize * width, y);
            }
        });
    }
}

/// `y[i] = table[ids[i]]`; the table in any stored dtype.
pub fn gather<'a>(table: impl Into<Operand<'a>>, ids: &[u32], y: impl Into<ViewMut<'a>>, width: usize) -> Result<()> {
    launch_on(&Gather { ids, width }, [y.into()], [table.into()])
}

struct ScatterAdd<'a> {
    ids: &'a [u32],
    factors: Option<&'a [f32]>,
    width: usize,
}

impl Kernel for ScatterAdd<'_> {
    const NAME: &'static str = "scatter_add";

    fn cpu(&self, outs: &mut [&mut [f32]], ins: &[Values]) {
        // one thread: several rows may share a place, and their order is part of the result
        scatter_add_rows(outs[0], ins[0].f32(), self.ids, self.factors, self.width);
    }
}

simd! {
fn scatter_add_rows(out: &mut [f32], rows: &[f32], ids: &[u32], factors: Option<&[f32]>, width: usize) {
    for (i, &id) in ids.iter().enumerate() {
        let at = id as usize * width;
        let factor = factors.map_or(1.0, |f| f[i]);
        axpy(factor, &rows[i * width..(i + 1) * width], &mut out[at..at + width]);
    }
}
}

/// `out[ids[i]] += factors[i] * rows[i]`, in order; no factors means 1.
pub fn scatter_add<'a>(
    rows: impl Into<View<'a>>,
    ids: &[u32],
    factors: Option<&[f32]>,
    out: impl Into<ViewMut<'a>>,
    width: usize,
) -> Result<()> {
    launch(&ScatterAdd { ids, factors, width }, [out.into()], [rows.into()])
}

struct Compact<'a> {
    ids: &'a [u32],
    width: usize,
}

impl Kernel for Compact<'_> {
    const NAME: &'static str = "compact";

    fn cpu(&self, outs: &mut [&mut [f32]], _: &[Values]) {
        let width = self.width;
        for (i, &id) in self.ids.iter().enumerate() {
            let id = id as usize;
            outs[0].copy_within(id * width..(id + 1) * width, i * width);
        }
    }
}

/// `x[i] = x[ids[i]]` in place; `ids` rise.
pub fn compact<'a>(x: impl Into<ViewMut<'a>>, ids: &[u32], width: usize) -> Result<()> {
    launch(&Compact { ids, width }, [x.into()], [])
}

struct Spread<'a> {
    ids: &'a [u32],
    rows: usize,
    width: usize,
}

impl Kernel for Spread<'_> {
    const NAME: &'static str = "spread";

    fn cpu(&self, outs: &mut [&mut [f32]], _: &[Values]) {
        let width = self.width;
        let mut end = self.rows;
        for (i, &id) in self.ids.iter().enumerate().rev() {
            let id = id as usize;
            outs[0].copy_within(i * width..(i + 1) * width, id * width);
            outs[0][(id + 1) * width..end * width].fill(0.0);
            end = id;
        }
        outs[0][..end * width].fill(0.0);
    }
}

/// Undoes [`compact`]: `x[ids[i]] = x[i]` in place, and zeros in the rest of its `rows`.
pub fn spread<'a>(x: impl Into<ViewMut<'a>>, ids: &[u32], rows: usize, width: usize) -> Result<()> {
    launch(&Spread { ids, rows, width }, [x.into()], [])
}
