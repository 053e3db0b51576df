//! A head's vocabulary on a card, chunk by chunk: logits of hidden states, and the products back.
use super::super::{CHUNK, Dims, Form, LowRankTerm};
use super::THREADS;
use crate::error::Result;
use crate::ops::cuda::{Card, Grid, HEAD_FORM, Lent, Matrix, Product};
use crate::ops::{Buf, Device, Operand, View, ViewMut, Write};
use candle_core::DType;
use std::ops::Range;

/// Hidden states beside a head.
pub struct Chunks<'a> {
    pub card: &'a Card,
    pub h: View<'a>,
    pub w: Operand<'a>,
    pub rows: usize,
    pub dims: Dims,
    pub form: Form<'a>,
}

/// Entries of the vocabulary, the weights of these, and one over the lengths of the weights where the head divides by them.
pub struct Chunk<'a> {
    pub first: usize,
    pub columns: usize,
    pub w: Lent<'a>,
    pub inverse: Option<Buf>,
}

impl<'a> Chunks<'a> {
    /// `each` of the chunks in their order, with `logits[rows, columns]` computed.
    pub fn run(&self, mut logits: ViewMut, mut each: impl FnMut(&Chunk, ViewMut) -> Result<()>) -> Result<()> {
        for first in (0..self.dims.vocab).step_by(CHUNK) {
            let chunk = self.chunk(first, logits.view_mut())?;
            each(&chunk, logits.view_mut())?;
        }
        Ok(())
    }

    /// The chunk from this entry on, with `logits[rows, columns]` computed.
    pub fn chunk(&self, first: usize, mut logits: ViewMut) -> Result<Chunk<'a>> {
        let Dims { width, vocab } = self.dims;
        let columns = CHUNK.min(vocab - first);
        let w = self.lent(first, columns)?;
        let product = Product {
            a: Matrix::rows(self.h, width),
            b: Matrix::rows(w.view(), width).transposed(),
            rows: self.rows,
            columns,
            terms: width,
            write: Write::Overwrite,
            alpha: 1.0,
        };
        product.run(self.card, logits.view_mut(), columns)?;
        if let Some(term) = &self.form.low_rank {
            let b = self.of_term(term).lent(first, columns)?;
            let product = Product {
                a: Matrix::rows(term.hidden, term.rank),
                b: Matrix::rows(b.view(), term.rank).transposed(),
                rows: self.rows,
                columns,
                terms: term.rank,
                write: Write::Accumulate,
                alpha: 1.0,
            };
            product.run(self.card, logits.view_mut(), columns)?;
        }
        let inverse = match self.form.normalized {
            true => Some(self.inverse_lengths(w.view(), columns)?),
            false => None,
        };
        if !self.form.is_plain() {
            self.card
                .kernel_named(&HEAD_FORM, "head_form")?
                .write(logits, self.rows * columns)
                .read_if(inverse.as_ref().map(Buf::view), columns)
                .read_if(self.form.bias, vocab)
                .f32(self.form.scale)
                .f32(self.cap())
                .u32(columns)
                .u32(first)
                .launch(Grid::each(self.rows, THREADS))?;
        }
        Ok(Chunk {
            first,
            columns,
            w,
            inverse,
        })
    }

    /// The weights of so many entries.
    fn lent(&self, first: usize, columns: usize) -> Result<Lent<'a>> {
        let width = self.dims.width;
        let weights = Range {
            start: first * width,
            end: (first + columns) * width,
        };
        self.w.lent(self.card, weights, self.h.dtype())
    }

    /// A low-rank term as a head of its own.
    pub fn of_term<'b>(&self, term: &LowRankTerm<'b>) -> Chunks<'b>
    where
        'a: 'b,
    {
        Chunks {
            card: self.card,
            h: term.hidden,
            w: term.b.into(),
            rows: self.rows,
            dims: Dims {
                width: term.rank,
                vocab: self.dims.vocab,
            },
            form: Form::plain(),
        }
    }

    /// The entries of a chunk, of this head, with no logits computed.
    pub fn same(&self, chunk: &Chunk) -> Result<Chunk<'a>> {
        Ok(Chunk {
            first: chunk.first,
            columns: chunk.columns,
            w: self.lent(chunk.first, chunk.columns)?,
            inverse: None,
        })
    }

    fn inverse_lengths(&self, w: View, columns: usize) -> Result<Buf> {
        let mut inverse = self.scratch(DType::F32, columns)?;
        self.card
            .kernel(&HEAD_FORM, "head_lengths", w.dtype())?
            .read(w, columns * self.dims.width)
            .write(inverse.view_mut(), columns)
            .u32(self.dims.width)
            .launch(Grid::each(columns, THREADS))?;
        Ok(inverse)
    }

    /// As kernels are told it: 0 is none.
    pub fn cap(&self) -> f32 {
        self.form.soft_cap.unwrap_or(0.0)
    }

    /// What the way back multiplies the gradient of each logit with, with `inverse` its row's length too; `None` for 1.
    pub fn slopes(&self, chunk: &Chunk, logits: View, inverse: Option<View>) -> Result<Option<Buf>> {
        if self.form.is_plain() {
            return Ok(None);
        }
        let mut slopes = self.scratch(DType::F32, self.rows * chunk.columns)?;
        self.card
            .kernel_named(&HEAD_FORM, "head_slopes")?
            .read(logits, self.rows * chunk.columns)
            .read_if(inverse, chunk.columns)
            .write(slopes.view_mut(), self.rows * chunk.columns)
            .f32(self.form.scale)
            .f32(self.cap())
            .u32(chunk.columns)
            .launch(Grid::each(self.rows, THREADS))?;
        Ok(Some(slopes))
    }

    /// `values *= slopes` of a chunk.
    pub fn times(&self, chunk: &Chunk, values: ViewMut, slopes: &Buf) -> Result<()> {
        self.card
            .kernel(&HEAD_FORM, "head_times", values.dtype())?
            .write(values, self.rows * chunk.columns)
            .read(slopes.view(), self.rows * chunk.columns)
            .u32(chunk.columns)
            .launch(Grid::each(self.rows, THREADS))
    }

    /// `out[rows, width] (+)= alpha factors w` of a chunk.
    pub fn times_weights(&self, chunk: &Chunk, factors: View, alpha: f32, out: ViewMut, write: Write) -> Result<()> {
        let width = self.dims.width;
        let product = Product {
            a: Matrix::rows(factors, chunk.columns),
            b: Matrix::rows(chunk.w.view(), width),
            rows: self.rows,
            columns: width,
            terms: chunk.columns,
            write,
            alpha,
        };
        product.run(self.card, out, width)
    }

    /// `dw[columns, width] += grads^T h` of a chunk, through the lengths of its rows where the head divides by them.
    pub fn add_weight_grads(&self, chunk: &Chunk, grads: View, dw: ViewMut) -> Result<()> {
        let (columns, width) = (chunk.columns, self.dims.width);
        let product = |write| Product {
            a: Matrix::rows(grads, columns).transposed(),
            b: Matrix::rows(self.h, width),
            rows: columns,
            columns: width,
            terms: self.rows,
            write,
            alpha: 1.0,
        };
        let Some(inverse) = &chunk.inverse else {
            return product(Write::Accumulate).run(self.card, dw, width);
        };
        let mut part = self.scratch(DType::F32, columns * width)?;
        product(Write::Overwrite).run(self.card, part.view_mut(), width)?;
        let name = format!("through_lengths_to_{}", dw.dtype().as_str());
        self.card
            .kernel(&HEAD_FORM, &name, chunk.w.view().dtype())?
            .read(chunk.w.view(), columns * width)
            .read(part.view(), columns * width)
            .read(inverse.view(), columns)
            .write(dw, columns * width)
            .u32(width)
            .launch(Grid::each(columns, THREADS))
    }

    /// Room for a chunk's values as factors of a product, where these are not the logits themselves.
    pub fn factors(&self) -> Result<Option<Buf>> {
        match self.h.dtype() {
            DType::F32 => Ok(None),
            dtype => self.scratch(dtype, self.rows * CHUNK.min(self.dims.vocab)).map(Some),
        }
    }

    pub fn scratch(&self, dtype: DType, len: usize) -> Result<Buf> {
        Buf::unwritten(dtype, len, &Device::Cuda(self.card.clone()))
    }

    /// A thread for each row.
    pub fn over_rows(&self) -> Grid {
        Grid::each(self.rows.div_ceil(THREADS), THREADS)
    }
}
