//! Products of matrices by cuBLAS: values of the compute type in, sums in f32, without TF32.
use super::blas;
use super::card::{Card, succeeded};
use super::memory::Read;
use crate::error::{Error, Result};
use crate::ops::{View, ViewMut, Write};
use candle_core::DType;
use std::ffi::c_int;

/// A row-major matrix as a product reads it: `[rows, columns]`, after transposing where that is asked for.
#[derive(Clone, Copy)]
pub(crate) struct Matrix<'a> {
    values: View<'a>,
    /// how far a stored row is from the next
    stride: usize,
    transposed: bool,
}

impl<'a> Matrix<'a> {
    /// Rows of `width` values, one behind the other.
    pub fn rows(values: View<'a>, width: usize) -> Self {
        Self {
            values,
            stride: width,
            transposed: false,
        }
    }

    pub fn transposed(self) -> Self {
        Self {
            transposed: !self.transposed,
            ..self
        }
    }

    /// How many values it has up to its end as a factor of so many rows and columns.
    fn reach(self, rows: usize, columns: usize) -> usize {
        match self.transposed {
            true => reach(columns, rows, self.stride),
            false => reach(rows, columns, self.stride),
        }
    }

    fn operation(self) -> c_int {
        match self.transposed {
            true => blas::OP_T,
            false => blas::OP_N,
        }
    }
}

/// How many values there are up to the end of so many rows of `width`, each `stride` from the next.
fn reach(rows: usize, width: usize, stride: usize) -> usize {
    match rows.min(width) {
        0 => 0,
        _ => (rows - 1) * stride + width,
    }
}

/// `out[rows, columns] (+)= alpha a[rows, terms] b[terms, columns]`
pub(crate) struct Product<'a> {
    pub a: Matrix<'a>,
    pub b: Matrix<'a>,
    pub rows: usize,
    pub columns: usize,
    pub terms: usize,
    pub write: Write,
    pub alpha: f32,
}

impl Product<'_> {
    /// `out` has rows of `stride` values.
    pub fn run(self, card: &Card, out: ViewMut, stride: usize) -> Result<()> {
        // no more is read and written than is there
        let a = self.a.values.part(0, self.a.reach(self.rows, self.terms))?.on_card()?;
        let b = self
            .b
            .values
            .part(0, self.b.reach(self.terms, self.columns))?
            .on_card()?;
        let c = out.view();
        let c = c.part(0, reach(self.rows, self.columns, stride))?.on_card()?;
        if self.rows == 0 || self.columns == 0 {
            return Ok(());
        }
        let dim = |n: usize| i32::try_from(n).map_err(|_| Error::internal(format!("a matrix side of {n}")));
        let beta: f32 = if self.write.accumulates() { 1.0 } else { 0.0 };
        let kind = |part: Read| match part.dtype {
            DType::F32 => Ok(blas::R_32F),
            DType::BF16 => Ok(blas::R_16BF),
            DType::F16 => Ok(blas::R_16F),
            other => Err(Error::internal(format!("products are not made of {other:?}"))),
        };
        if a.dtype != b.dtype {
            return Err(Error::internal(format!("a product of {:?} and {:?}", a.dtype, b.dtype)));
        }
        card.enter()?;
        // cuBLAS reads columns where we have rows: out^T = b^T a^T
        // SAFETY: the addresses are of live buffers of this card, which hold what the dimensions say (the emulated library
        // and the operations' tests check each access); alpha and beta are read before the call returns.
        let status = unsafe {
            (card.calls().gemm_ex)(
                card.blas(),
                self.b.operation(),
                self.a.operation(),
                dim(self.columns)?,
                dim(self.rows)?,
                dim(self.terms)?,
                (&raw const self.alpha).cast(),
                b.address as *const _,
                kind(b)?,
                dim(self.b.stride)?,
                a.address as *const _,
                kind(a)?,
                dim(self.a.stride)?,
                (&raw const beta).cast(),
                c.address as *mut _,
                kind(c)?,
                dim(stride)?,
                blas::COMPUTE_32F,
                blas::ALGO_DEFAULT,
            )
        };
        succeeded(status)
    }
}
