//! The body that every processor has: tiles of both operands are widened to f32 and multiplied by the f32 products, small
//! enough to be still in the core's own cache when they are read.
use super::super::float::Float;
use super::super::matmul::{Strided, Strides, gemm};
use super::super::simd;
use super::{Dims, Epilogue, Matrix, Target};
use half::bf16;
use std::cell::RefCell;

/// Rows and columns whose sums wait in f32 together.
pub const BLOCK: (usize, usize) = (ROWS, COLUMNS);
/// Columns and rows of a task, or fewer where there are many threads.
pub const TASK: (usize, usize) = (COLUMNS, ROWS);
/// Rows, columns and terms of a tile: so many rows that packing the columns once more for them costs little.
const ROWS: usize = 384;
const COLUMNS: usize = 256;
const DEPTH: usize = 256;

thread_local! {
    static WIDENED: RefCell<[Vec<f32>; 2]> = const { RefCell::new([Vec::new(), Vec::new()]) };
}

/// `dst (+)= alpha a b` on this thread.
///
/// # Safety
/// Pointers are valid for what their strides reach, and `dst` is nobody else's meanwhile.
pub unsafe fn product(dims: Dims, dst: Target<f32>, a: Matrix, b: Matrix, epilogue: Epilogue) {
    let [mut wide_a, mut wide_b] = WIDENED.take();
    wide_a.resize(ROWS * DEPTH, 0.0);
    wide_b.resize(DEPTH * COLUMNS, 0.0);
    for column in (0..dims.columns).step_by(COLUMNS) {
        let columns = COLUMNS.min(dims.columns - column);
        for below in (0..dims.terms.max(1)).step_by(DEPTH) {
            let terms = DEPTH.min(dims.terms - below);
            // SAFETY: the caller's promise; the tiles lie within the matrices.
            unsafe {
                let b = widen(&mut wide_b, b.from(below, column), terms, columns);
                for row in (0..dims.rows).step_by(ROWS) {
                    let rows = ROWS.min(dims.rows - row);
                    let a = widen(&mut wide_a, a.from(row, below), rows, terms);
                    let dst = Strided::rows(dst.from(row, column).first, dst.row);
                    let accumulate = epilogue.write.accumulates() || below > 0;
                    gemm(Dims { rows, columns, terms }, dst, a, b, accumulate, epilogue.alpha, 1);
                }
            }
        }
    }
    WIDENED.set([wide_a, wide_b]);
}

/// A tile in f32, in the order in which it lies.
///
/// # Safety
/// The matrix has so many rows and columns, and `wide` holds as many values.
unsafe fn widen(wide: &mut [f32], tile: Matrix, rows: usize, columns: usize) -> Strided<*const f32> {
    let (lines, len, pitch, strides) = if tile.strides.col == 1 {
        (rows, columns, tile.strides.row, Strides::rows(columns))
    } else {
        (columns, rows, tile.strides.col, Strides::rows(rows).transposed())
    };
    if len > 0 {
        for (line, wide) in wide.chunks_exact_mut(len).take(lines).enumerate() {
            // SAFETY: the caller's promise.
            let values = unsafe { std::slice::from_raw_parts(tile.first.add(line * pitch), len) };
            widen_line(values, wide);
        }
    }
    Strided {
        values: wide.as_ptr(),
        strides,
    }
}

simd! {
fn widen_line(values: &[bf16], wide: &mut [f32]) {
    for (wide, value) in wide.iter_mut().zip(values) {
        *wide = value.widened();
    }
}
}
