//! Rows picked by index: embedding look-up, the rows that count, and their gradients.
use super::cpu::matmul::widen;
use super::cpu::{Float, axpy, by_float, parallel, simd};
use super::{Operand, Operation, View, ViewMut};
use crate::error::{Error, Result};
use crate::ops::cuda::{Card, GATHER, Grid};
use crate::quant::Wanted;
use candle_core::DType;

/// A card's kernel for rows of this type.
fn from(name: &str, rows: View) -> String {
    format!("{name}_from_{}", rows.dtype().as_str())
}

/// `y[i] = table[ids[i]]`; the table in any stored dtype.
pub struct Gather<'a> {
    pub table: Operand<'a>,
    /// `[count]`
    pub ids: View<'a>,
    pub y: ViewMut<'a>,
    pub count: usize,
    pub width: usize,
}

impl Operation for Gather<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.y.dtype(), F => {
            let (open, width) = (self.table.open(), self.width);
            let (table, ids) = (open.values()?, self.ids.u32()?);
            parallel::rows1(&mut self.y.get::<F>()?[..self.count * width], width, |first, y| {
                let mut row = vec![0f32; width];
                for (y, &id) in y.chunks_exact_mut(width).zip(&ids[first..]) {
                    widen(table, id as usize * width, &mut row);
                    for (y, value) in y.iter_mut().zip(&row) {
                        *y = F::rounded(*value);
                    }
                }
            });
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let table = match self.table {
            Operand::View(table) => table,
            Operand::CardPacked(packed) => {
                let Self { ids, count, width, .. } = self;
                return packed.unpack(card, Wanted::Rows { ids, count, width }, self.y);
            }
            Operand::Packed(_) | Operand::Tensor(_) => {
                return Err(Error::internal("a table on the host is read by a card"));
            }
        };
        card.kernel(&GATHER, &from("gather", table), self.y.dtype())?
            .read_by_index(table)
            .read(self.ids, self.count)
            .write(self.y, self.count * self.width)
            .u32(self.width)
            .launch(Grid::rows(self.count, self.width))
    }
}

/// `x[i] += table[first + ids[i]]`
pub struct AddRows<'a> {
    pub table: Operand<'a>,
    pub first: usize,
    /// `[count]`
    pub ids: View<'a>,
    pub x: ViewMut<'a>,
    pub count: usize,
    pub width: usize,
}

impl Operation for AddRows<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.x.dtype(), F => {
            let (open, width) = (self.table.open(), self.width);
            let (table, ids) = (open.values()?, self.ids.u32()?);
            parallel::rows1(&mut self.x.get::<F>()?[..self.count * width], width, |first, x| {
                let mut row = vec![0f32; width];
                for (x, &id) in x.chunks_exact_mut(width).zip(&ids[first..]) {
                    widen(table, (self.first + id as usize) * width, &mut row);
                    add_row(&row, x);
                }
            });
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let Operand::View(table) = self.table else {
            return Err(Error::internal(
                "a table on the host or a packed one is added on a card",
            ));
        };
        card.kernel(&GATHER, &from("add_rows", table), self.x.dtype())?
            .read_by_index(table)
            .u32(self.first)
            .read(self.ids, self.count)
            .write(self.x, self.count * self.width)
            .u32(self.width)
            .launch(Grid::rows(self.count, self.width))
    }
}

simd! {
fn add_row<F: Float>(row: &[f32], x: &mut [F]) {
    axpy(1.0, row, x);
}
}

/// `out[ids[i]] += factors[i] * rows[i]`, in order; no factors means 1.
pub struct ScatterAdd<'a> {
    pub rows: View<'a>,
    /// `[count]`
    pub ids: View<'a>,
    pub factors: Option<View<'a>>,
    pub out: ViewMut<'a>,
    pub count: usize,
    pub width: usize,
}

impl Operation for ScatterAdd<'_> {
    fn cpu(self) -> Result<()> {
        // one thread: several rows may share a place, and their order is part of the result
        let factors = self.factors.map(View::f32).transpose()?;
        let ids = &self.ids.u32()?[..self.count];
        by_float!(self.rows.dtype(), F => by_float!(self.out.dtype(), G => {
            scatter_add_rows(self.out.get::<G>()?, self.rows.get::<F>()?, ids, factors, self.width);
            Ok(())
        }))
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card.kernel(&GATHER, &from("scatter_add", self.rows), self.out.dtype())?
            .read(self.rows, self.count * self.width)
            .read(self.ids, self.count)
            .read_if(self.factors, self.count)
            .write_by_index(self.out)
            .u32(self.count)
            .u32(self.width)
            .launch(Grid::rows(self.count, self.width))
    }
}

simd! {
fn scatter_add_rows<F: Float, G: Float>(
    out: &mut [G], rows: &[F], ids: &[u32], factors: Option<&[f32]>, width: usize,
) {
    for (i, &id) in ids.iter().enumerate() {
        let at = id as usize * width;
        let factor = factors.map_or(1.0, |f| f[i]);
        axpy(factor, &rows[i * width..(i + 1) * width], &mut out[at..at + width]);
    }
}
}

/// `out[ids[i]] = values[i]`
pub struct Place<'a> {
    pub values: View<'a>,
    /// `[count]`
    pub ids: View<'a>,
    pub out: ViewMut<'a>,
    pub count: usize,
}

impl Operation for Place<'_> {
    fn cpu(self) -> Result<()> {
        let out = self.out.f32()?;
        for (&value, &id) in self.values.f32()?.iter().zip(&self.ids.u32()?[..self.count]) {
            out[id as usize] = value;
        }
        Ok(())
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card.kernel(&GATHER, "place", DType::F32)?
            .read(self.values, self.count)
            .read(self.ids, self.count)
            .write_by_index(self.out)
            .u32(self.count)
            .launch(Grid::threads(self.count))
    }
}

/// `x[i] = x[ids[i]]` in place; `ids` rise.
pub struct Compact<'a> {
    pub x: ViewMut<'a>,
    /// `[count]`
    pub ids: View<'a>,
    pub count: usize,
    pub width: usize,
}

impl Operation for Compact<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.x.dtype(), F => {
            let (x, ids, width) = (self.x.get::<F>()?, &self.ids.u32()?[..self.count], self.width);
            for (i, &id) in ids.iter().enumerate() {
                let id = id as usize;
                x.copy_within(id * width..(id + 1) * width, i * width);
            }
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card.kernel(&GATHER, "compact", self.x.dtype())?
            .write_by_index(self.x)
            .read(self.ids, self.count)
            .u32(self.count)
            .u32(self.width)
            .launch(Grid::threads(self.width))
    }
}

/// Undoes [`Compact`]: `x[ids[i]] = x[i]` in place, and zeros in the rest of its `rows`.
pub struct Spread<'a> {
    pub x: ViewMut<'a>,
    /// `[count]`
    pub ids: View<'a>,
    pub count: usize,
    pub rows: usize,
    pub width: usize,
}

impl Operation for Spread<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.x.dtype(), F => {
            let (x, ids, width) = (self.x.get::<F>()?, &self.ids.u32()?[..self.count], self.width);
            let mut end = self.rows;
            for (i, &id) in ids.iter().enumerate().rev() {
                let id = id as usize;
                x.copy_within(i * width..(i + 1) * width, id * width);
                x[(id + 1) * width..end * width].fill(F::rounded(0.0));
                end = id;
            }
            x[..end * width].fill(F::rounded(0.0));
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card.kernel(&GATHER, "spread", self.x.dtype())?
            .write(self.x, self.rows * self.width)
            .read(self.ids, self.count)
            .u32(self.count)
            .u32(self.rows)
            .u32(self.width)
            .launch(Grid::threads(self.width))
    }
}
