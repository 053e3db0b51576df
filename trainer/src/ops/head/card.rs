//! The head on a card: products of one chunk of the vocabulary by cuBLAS, and what happens between them by kernels.
use super::{CHUNK, Dims, Head, HeadBackward, HeadCollisions, HeadEntropies, LIKELIEST};
use crate::error::Result;
use crate::ops::cuda::{Card, Grid, HEAD, Matrix, Product};
use crate::ops::{Buf, Device, Operand, Operation, View, ViewMut, Write, gather};
use candle_core::DType;
use std::ops::Range;

/// Threads of a block.
const THREADS: usize = 256;
/// Size of a row's running softmax, in f64.
const RUNNING: usize = 3;
/// Rows whose targets' weights are read at once.
const TARGETS: usize = 256;

/// Hidden states beside a head, and where logits of a chunk go.
struct Chunks<'a> {
    card: &'a Card,
    h: View<'a>,
    w: Operand<'a>,
    rows: usize,
    dims: Dims,
}

/// Entries of the vocabulary, and the weights of these.
struct Chunk<'a> {
    first: usize,
    columns: usize,
    w: View<'a>,
}

impl Chunks<'_> {
    /// `each` of the chunks in their order, with `logits[rows, columns]` computed.
    fn run(&self, mut logits: ViewMut, mut each: impl FnMut(&Chunk, ViewMut) -> Result<()>) -> Result<()> {
        let Dims { width, vocab } = self.dims;
        for first in (0..vocab).step_by(CHUNK) {
            let columns = CHUNK.min(vocab - first);
            let weights = Range {
                start: first * width,
                end: (first + columns) * width,
            };
            let lent = self.w.lent(self.card, weights, self.h.dtype())?;
            let product = Product {
                a: Matrix::rows(self.h, width),
                b: Matrix::rows(lent.view(), width).transposed(),
                rows: self.rows,
                columns,
                terms: width,
                write: Write::Overwrite,
                alpha: 1.0,
            };
            product.run(self.card, logits.view_mut(), columns)?;
            let chunk = Chunk {
                first,
                columns,
                w: lent.view(),
            };
            each(&chunk, logits.view_mut())?;
        }
        Ok(())
    }

    /// `out[rows, width] (+)= factors w` of a chunk.
    fn times_weights(&self, chunk: &Chunk, factors: View, out: ViewMut, write: Write) -> Result<()> {
        let width = self.dims.width;
        let product = Product {
            a: Matrix::rows(factors, chunk.columns),
            b: Matrix::rows(chunk.w, width),
            rows: self.rows,
            columns: width,
            terms: chunk.columns,
            write,
            alpha: 1.0,
        };
        product.run(self.card, out, width)
    }

    /// Room for a chunk's values as factors of a product, where these are not the logits themselves.
    fn factors(&self) -> Result<Option<Buf>> {
        match self.h.dtype() {
            DType::F32 => Ok(None),
            dtype => self.scratch(dtype, self.rows * CHUNK.min(self.dims.vocab)).map(Some),
        }
    }

    fn scratch(&self, dtype: DType, len: usize) -> Result<Buf> {
        Buf::unwritten(dtype, len, &Device::Cuda(self.card.clone()))
    }

    /// A thread for each row.
    fn over_rows(&self) -> Grid {
        Grid::each(self.rows.div_ceil(THREADS), THREADS)
    }
}

pub(super) fn forward(operation: Head, card: &Card) -> Result<()> {
    let Head {
        h,
        w,
        targets,
        rows,
        dims,
        stats,
        mut unit,
        logits,
        unit_grad,
    } = operation;
    let chunks = Chunks { card, h, w, rows, dims };
    let mut running = chunks.scratch(DType::F64, rows * RUNNING)?;
    let mut factors = if unit_grad { chunks.factors()? } else { None };
    chunks.run(logits, |chunk, mut logits| {
        let kernel = card.kernel(&HEAD, "head_chunk", h.dtype())?.read(logits.view());
        let kernel = match (&mut factors, unit_grad) {
            (Some(factors), _) => kernel.write(factors.view_mut()),
            (None, true) => kernel.write(logits.view_mut()),
            (None, false) => kernel.none(),
        };
        let kernel = kernel.read(targets).write(running.view_mut());
        let kernel = match unit_grad {
            true => kernel.write(unit.view_mut()),
            false => kernel.none(),
        };
        kernel
            .u32(chunk.columns)
            .u32(dims.width)
            .u32(chunk.first)
            .launch(Grid::each(rows, THREADS))?;
        if unit_grad {
            let factors = factors.as_ref().map_or(logits.view(), Buf::view);
            chunks.times_weights(chunk, factors, unit.view_mut(), Write::Accumulate)?;
        }
        Ok(())
    })?;
    card.kernel_named(&HEAD, "head_stats")?
        .read(running.view())
        .write(stats)
        .u32(rows)
        .u32(dims.vocab)
        .launch(chunks.over_rows())?;
    if unit_grad {
        finish_unit(&chunks, targets, &running, unit)?;
    }
    Ok(())
}

/// Subtracts the mean weights from the targets'.
fn finish_unit(chunks: &Chunks, targets: View, running: &Buf, mut unit: ViewMut) -> Result<()> {
    let (rows, width) = (chunks.rows, chunks.dims.width);
    let mut wanted = chunks.scratch(DType::F32, rows.min(TARGETS) * width)?;
    for first in (0..rows).step_by(TARGETS) {
        let count = TARGETS.min(rows - first);
        let gather = gather::Gather {
            table: chunks.w,
            ids: targets.part(first, count)?,
            y: wanted.view_mut(),
            count,
            width,
        };
        gather.cuda(chunks.card)?;
        chunks
            .card
            .kernel_named(&HEAD, "head_unit")?
            .read(running.part(first * RUNNING, count * RUNNING))
            .read(wanted.view())
            .write(unit.part(first * width, count * width)?)
            .u32(width)
            .launch(Grid::each(count, THREADS))?;
    }
    Ok(())
}

pub(super) fn backward(operation: HeadBackward, card: &Card) -> Result<()> {
    let HeadBackward {
        h,
        w,
        stats,
        targets,
        coefficients,
        rows,
        dims,
        mut dh,
        mut dw,
        logits,
    } = operation;
    let chunks = Chunks { card, h, w, rows, dims };
    let normalisers = normalisers(stats, rows)?;
    let mut factors = chunks.factors()?;
    chunks.run(logits, |chunk, mut logits| {
        let kernel = card.kernel(&HEAD, "head_logit_grads", h.dtype())?.read(logits.view());
        let kernel = match &mut factors {
            Some(factors) => kernel.write(factors.view_mut()),
            None => kernel.write(logits.view_mut()),
        };
        kernel
            .read(normalisers)
            .read(coefficients)
            .read(targets)
            .u32(chunk.columns)
            .u32(chunk.first)
            .launch(Grid::each(rows, THREADS))?;
        let grads = factors.as_ref().map_or(logits.view(), Buf::view);
        let write = match chunk.first {
            0 => Write::Overwrite,
            _ => Write::Accumulate,
        };
        chunks.times_weights(chunk, grads, dh.view_mut(), write)?;
        let to_weights = Product {
            a: Matrix::rows(grads, chunk.columns).transposed(),
            b: Matrix::rows(h, dims.width),
            rows: chunk.columns,
            columns: dims.width,
            terms: rows,
            write: Write::Accumulate,
            alpha: 1.0,
        };
        let of_chunk = dw.part(chunk.first * dims.width, chunk.columns * dims.width)?;
        to_weights.run(card, of_chunk, dims.width)
    })
}

/// The third of a row's statistics.
fn normalisers(stats: View, rows: usize) -> Result<View> {
    stats.part(2 * rows, rows)
}

pub(super) fn collisions(operation: HeadCollisions, card: &Card) -> Result<()> {
    let HeadCollisions {
        h,
        w,
        stats,
        rows,
        dims,
        mut sums,
        logits,
    } = operation;
    let normalisers = normalisers(stats, rows)?;
    let chunks = Chunks { card, h, w, rows, dims };
    chunks.run(logits, |chunk, logits| {
        card.kernel_named(&HEAD, "head_collisions")?
            .read(logits.view())
            .read(normalisers)
            .write(sums.view_mut())
            .u32(chunk.columns)
            .u32(chunk.first)
            .u32(dims.vocab)
            .launch(Grid::each(rows, THREADS))
    })
}

pub(super) fn entropies(operation: HeadEntropies, card: &Card) -> Result<()> {
    let HeadEntropies {
        h,
        w,
        rows,
        dims,
        entropies,
        top,
        logits,
    } = operation;
    // the kernels' own
    const { assert!(LIKELIEST == 20) };
    let mut top = top;
    let chunks = Chunks { card, h, w, rows, dims };
    chunks.run(logits, |chunk, logits| {
        card.kernel_named(&HEAD, "head_likeliest")?
            .read(logits.view())
            .write(top.view_mut())
            .u32(rows)
            .u32(chunk.columns)
            .u32(chunk.first)
            .launch(Grid::each(rows.div_ceil(8), THREADS))
    })?;
    card.kernel_named(&HEAD, "head_entropies")?
        .read(top.view())
        .write(entropies)
        .u32(rows)
        .launch(chunks.over_rows())
}
