//! Products of bf16 with weights as they are stored.
use super::super::super::Values;
use super::super::matmul::{self, FEW, widen};
use super::super::{Float, parallel, simd};
use super::{Dims, Epilogue};
use half::bf16;
use std::cell::RefCell;
use std::ops::Range;

/// Weights that are not bf16 are rounded this many values at a time.
const BLOCK: usize = 1 << 21;

/// Whether [`narrowed`] gives them in several blocks.
pub fn in_blocks(weights: Values, count: usize) -> bool {
    count > BLOCK && !matches!(weights, Values::BF16(_))
}
/// Values that are f32 on their way from one type to the other.
const PIECE: usize = 4096;

thread_local! {
    static NARROWED: RefCell<Vec<bf16>> = const { RefCell::new(Vec::new()) };
}

/// Calls `body(first_row, values)` with blocks of those rows of a `[.., width]` matrix, in bf16. bf16 weights are lent as
/// they are, in one block.
pub fn narrowed(weights: Values, rows: Range<usize>, width: usize, mut body: impl FnMut(usize, &[bf16])) {
    if let Values::BF16(values) = weights {
        return body(0, &values[rows.start * width..rows.end * width]);
    }
    let block = (BLOCK / width.max(1)).max(1);
    // taken, not borrowed: while this thread waits inside a product it may be given another product's work
    let mut scratch = NARROWED.take();
    scratch.resize(block.min(rows.len()) * width, bf16::ZERO);
    for start in (0..rows.len()).step_by(block) {
        let from = (rows.start + start) * width;
        let out = &mut scratch[..block.min(rows.len() - start) * width];
        parallel::rows1(out, 1, |offset, out| {
            let mut wide = [0f32; PIECE];
            for (i, out) in out.chunks_mut(PIECE).enumerate() {
                let wide = &mut wide[..out.len()];
                widen(weights, from + offset + i * PIECE, wide);
                round(wide, out);
            }
        });
        body(start, out);
    }
    NARROWED.set(scratch);
}

/// The values in bf16, on all threads.
pub fn rounded(values: &[f32], out: &mut Vec<bf16>) {
    out.resize(values.len(), bf16::ZERO);
    parallel::rows1(out, 1, |at, out| round(&values[at..at + out.len()], out));
}

simd! {
fn round<F: Float>(values: &[f32], out: &mut [F]) {
    for (out, value) in out.iter_mut().zip(values) {
        *out = F::rounded(*value);
    }
}
}

/// `dst[rows, columns] (+)= alpha * x[rows, terms] w[columns, terms]^T` for few rows: each weight is read once, as it is stored, and widened.
pub fn few_nt<D: Float>(dims: Dims, dst: &mut [D], x: &[bf16], w: Values, epilogue: Epilogue) {
    let Dims {
        rows: m,
        columns: n,
        terms: k,
    } = dims;
    assert!(m <= FEW, "matmul: more than a few rows");
    let x: Vec<f32> = x[..m * k].iter().map(|x| x.widened()).collect();
    let mut sums = vec![0f32; m * n];
    if epilogue.write.accumulates() {
        sums.iter_mut().zip(&*dst).for_each(|(sum, dst)| *sum = dst.widened());
    }
    matmul::few_nt(dims, &mut sums, &x, w, 0, epilogue.write.accumulates(), epilogue.alpha);
    round(&sums, &mut dst[..m * n]);
}
