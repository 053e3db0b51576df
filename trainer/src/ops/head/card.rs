//! The head on a card: products of one chunk of the vocabulary by cuBLAS, and what happens between them by kernels.
mod chunks;

use super::{CHUNK, Head, HeadBackward, HeadCollisions, HeadEntropies, HeadLogits, LIKELIEST, STATS};
use crate::error::Result;
use crate::ops::cuda::{Card, Grid, HEAD, HEAD_FORM};
use crate::ops::matmul::BiasGrad;
use crate::ops::scale::ScaleColumns;
use crate::ops::{Buf, Operation, View, ViewMut, Write, gather};
use candle_core::DType;
use chunks::Chunks;

/// Threads of a block.
const THREADS: usize = 256;
/// Size of a row's running softmax, in f64.
const RUNNING: usize = 3;
/// What powers are multiplied by where they are kept in f16: `POWERS<f16>` of `head.cu`.
const POWERS: f32 = 32768.0;
/// Rows whose targets' weights are read at once.
const TARGETS: usize = 256;

pub(super) fn forward(operation: Head, card: &Card) -> Result<()> {
    let Head {
        h,
        w,
        targets,
        rows,
        dims,
        form,
        stats,
        mut unit,
        logits,
        unit_grad,
    } = operation;
    form.has_unit_grad(unit_grad)?;
    let chunks = Chunks {
        card,
        h,
        w,
        rows,
        dims,
        form,
    };
    let mut running = chunks.scratch(DType::F64, rows * RUNNING)?;
    let mut factors = if unit_grad { chunks.factors()? } else { None };
    chunks.run(logits, |chunk, mut logits| {
        let slopes = match unit_grad {
            true => chunks.slopes(chunk, logits.view(), chunk.inverse.as_ref().map(Buf::view))?,
            false => None,
        };
        let kernel = card
            .kernel(&HEAD, "head_chunk", h.dtype())?
            .read(logits.view(), rows * chunk.columns);
        let kernel = match (&mut factors, unit_grad) {
            (Some(factors), _) => kernel.write(factors.view_mut(), rows * chunk.columns),
            (None, true) => kernel.write(logits.view_mut(), rows * chunk.columns),
            (None, false) => kernel.none(),
        };
        let kernel = kernel.read(targets, rows).write(running.view_mut(), rows * RUNNING);
        let kernel = match unit_grad {
            true => kernel.write(unit.view_mut(), rows * dims.width),
            false => kernel.none(),
        };
        kernel
            .u32(chunk.columns)
            .u32(dims.width)
            .u32(chunk.first)
            .launch(Grid::each(rows, THREADS))?;
        if unit_grad {
            let mut factors = factors.as_mut().map_or(logits, Buf::view_mut);
            if let Some(slopes) = &slopes {
                chunks.times(chunk, factors.view_mut(), slopes)?;
            }
            let alpha = if h.dtype() == DType::F16 { 1.0 / POWERS } else { 1.0 };
            chunks.times_weights(chunk, factors.view(), alpha, unit.view_mut(), Write::Accumulate)?;
        }
        Ok(())
    })?;
    card.kernel_named(&HEAD, "head_stats")?
        .read(running.view(), rows * RUNNING)
        .write(stats, STATS * rows)
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
        let running = running.part(first * RUNNING, count * RUNNING);
        if !chunks.form.is_plain() {
            chunks
                .card
                .kernel_named(&HEAD_FORM, "head_target")?
                .read(running, count * RUNNING)
                .write(wanted.view_mut(), count * width)
                .flag(chunks.form.normalized)
                .f32(chunks.form.scale)
                .f32(chunks.cap())
                .u32(width)
                .launch(Grid::each(count, THREADS))?;
        }
        chunks
            .card
            .kernel_named(&HEAD, "head_unit")?
            .read(running, count * RUNNING)
            .read(wanted.view(), count * width)
            .write(unit.part(first * width, count * width)?, count * width)
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
        form,
        mut dh,
        mut dw,
        mut dbias,
        low_rank,
        logits,
    } = operation;
    let mut low_rank = form.low_rank.zip(low_rank);
    let chunks = Chunks {
        card,
        h,
        w,
        rows,
        dims,
        form,
    };
    let normalisers = normalisers(stats, rows)?;
    let mut factors = chunks.factors()?;
    chunks.run(logits, |chunk, mut logits| {
        let slopes = chunks.slopes(chunk, logits.view(), None)?;
        let kernel = card
            .kernel(&HEAD, "head_logit_grads", h.dtype())?
            .read(logits.view(), rows * chunk.columns);
        let kernel = match &mut factors {
            Some(factors) => kernel.write(factors.view_mut(), rows * chunk.columns),
            None => kernel.write(logits.view_mut(), rows * chunk.columns),
        };
        kernel
            .read(normalisers, rows)
            .read(coefficients, rows)
            .read(targets, rows)
            .u32(chunk.columns)
            .u32(chunk.first)
            .launch(Grid::each(rows, THREADS))?;
        let mut grads = factors.as_mut().map_or(logits, Buf::view_mut);
        if let Some(slopes) = &slopes {
            chunks.times(chunk, grads.view_mut(), slopes)?;
        }
        if let Some(dbias) = &mut dbias {
            let of_bias = BiasGrad {
                dy: grads.view(),
                db: dbias.part(chunk.first, chunk.columns)?,
                tokens: rows,
                width: chunk.columns,
            };
            of_bias.cuda(card)?;
        }
        if let Some(inverse) = &chunk.inverse {
            let by_length = ScaleColumns {
                y: grads.view_mut(),
                factors: inverse.view(),
                tokens: rows,
                width: chunk.columns,
            };
            by_length.cuda(card)?;
        }
        let write = match chunk.first {
            0 => Write::Overwrite,
            _ => Write::Accumulate,
        };
        chunks.times_weights(chunk, grads.view(), 1.0, dh.view_mut(), write)?;
        if let Some((term, to)) = &mut low_rank {
            let of_term = chunks.of_term(term);
            let part = of_term.same(chunk)?;
            of_term.times_weights(&part, grads.view(), 1.0, to.hidden.view_mut(), write)?;
            let of_chunk = to.b.part(chunk.first * term.rank, chunk.columns * term.rank)?;
            of_term.add_weight_grads(&part, grads.view(), of_chunk)?;
        }
        match &mut dw {
            None => Ok(()),
            Some(dw) => {
                let of_chunk = dw.part(chunk.first * dims.width, chunk.columns * dims.width)?;
                chunks.add_weight_grads(chunk, grads.view(), of_chunk)
            }
        }
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
        form,
        mut sums,
        logits,
    } = operation;
    let normalisers = normalisers(stats, rows)?;
    let chunks = Chunks {
        card,
        h,
        w,
        rows,
        dims,
        form,
    };
    chunks.run(logits, |chunk, logits| {
        card.kernel_named(&HEAD, "head_collisions")?
            .read(logits.view(), rows * chunk.columns)
            .read(normalisers, rows)
            .write(sums.view_mut(), rows)
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
        form,
        entropies,
        top,
        logits,
    } = operation;
    // the kernels' own
    const { assert!(LIKELIEST == 20) };
    let mut top = top;
    let chunks = Chunks {
        card,
        h,
        w,
        rows,
        dims,
        form,
    };
    chunks.run(logits, |chunk, logits| {
        card.kernel_named(&HEAD, "head_likeliest")?
            .read(logits.view(), rows * chunk.columns)
            .write(top.view_mut(), LIKELIEST * rows)
            .u32(rows)
            .u32(chunk.columns)
            .u32(chunk.first)
            .launch(Grid::each(rows.div_ceil(8), THREADS))
    })?;
    card.kernel_named(&HEAD, "head_entropies")?
        .read(top.view(), LIKELIEST * rows)
        .write(entropies, rows)
        .u32(rows)
        .launch(chunks.over_rows())
}

pub(super) fn logits(operation: HeadLogits, card: &Card) -> Result<()> {
    let HeadLogits {
        h,
        w,
        dims,
        form,
        mut logits,
    } = operation;
    let chunks = Chunks {
        card,
        h,
        w,
        rows: 1,
        dims,
        form,
    };
    for first in (0..dims.vocab).step_by(CHUNK) {
        let columns = CHUNK.min(dims.vocab - first);
        chunks.chunk(first, logits.part(first, columns)?)?;
    }
    Ok(())
}
