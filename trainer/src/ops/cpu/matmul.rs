//! Matrix products: the `gemm` crate's kernels or, where they leave much of the processor idle, our own; and dot products
//! where there are few rows.
use super::super::Values;
use super::parallel::{self, Shared};
#[cfg(target_arch = "x86_64")]
use super::sgemm;
use super::{dot, simd};
use half::slice::HalfFloatSliceExt;
use std::cell::RefCell;

/// Rows below which a product with a weight matrix is bound by reading it: dot products, no packing.
pub const FEW: usize = 4;

/// Weights that are not f32 are widened this many values at a time.
const BLOCK: usize = 1 << 20;

/// A matrix in memory: element `(i, j)` lies at `i * row + j * col`.
#[derive(Clone, Copy, Debug)]
pub struct Strides {
    pub row: usize,
    pub col: usize,
}

impl Strides {
    /// rows of `width` values, one after another
    pub fn rows(width: usize) -> Self {
        Self { row: width, col: 1 }
    }

    pub fn transposed(self) -> Self {
        Self {
            row: self.col,
            col: self.row,
        }
    }
}

/// `a[rows, terms] b[terms, columns]`
#[derive(Clone, Copy, Debug)]
pub struct Dims {
    pub rows: usize,
    pub columns: usize,
    pub terms: usize,
}

/// A matrix in memory: where its values are, and how far apart they lie.
#[derive(Clone, Copy, Debug)]
pub struct Strided<P> {
    pub values: P,
    pub strides: Strides,
}

impl<P> Strided<P> {
    /// Rows of `width` values, one after another.
    pub fn rows(values: P, width: usize) -> Self {
        Self {
            values,
            strides: Strides::rows(width),
        }
    }

    pub fn transposed(self) -> Self {
        Self {
            strides: self.strides.transposed(),
            ..self
        }
    }
}

/// `dst = (accumulate ? dst : 0) + alpha * a b`
///
/// # Safety
/// All three pointers are valid for the elements their strides reach, and nothing else touches `dst` meanwhile.
pub unsafe fn gemm(
    dims: Dims,
    dst: Strided<*mut f32>,
    a: Strided<*const f32>,
    b: Strided<*const f32>,
    accumulate: bool,
    alpha: f32,
    threads: usize,
) {
    if dims.rows == 0 || dims.columns == 0 {
        return;
    }
    #[cfg(target_arch = "x86_64")]
    if threads == 1 && sgemm::fits(dst.strides) {
        // SAFETY: the caller's promise, and `fits` found what the processor has.
        return unsafe { sgemm::product(dims, dst, a, b, accumulate, alpha) };
    }
    let parallelism = if threads > 1 {
        gemm::Parallelism::Rayon(threads)
    } else {
        gemm::Parallelism::None
    };
    // SAFETY: the caller's promise.
    unsafe {
        gemm::gemm(
            dims.rows,
            dims.columns,
            dims.terms,
            dst.values,
            dst.strides.col as isize,
            dst.strides.row as isize,
            accumulate,
            a.values,
            a.strides.col as isize,
            a.strides.row as isize,
            b.values,
            b.strides.col as isize,
            b.strides.row as isize,
            1.0,
            alpha,
            false,
            false,
            false,
            parallelism,
        );
    }
}

/// How a product is cut into tasks: into blocks of equally many tiles, and how many threads each block is for.
struct Cut {
    tile: (usize, usize),
    rows: usize,
    columns: usize,
    threads: usize,
}

impl Cut {
    /// Wide products are cut by columns, so that each task packs the part of `b` it uses.
    fn new(dims: Dims, a: Strides, dst: Strides) -> Self {
        let (m, n) = (dims.rows, dims.columns);
        let threads = rayon::current_num_threads();
        #[cfg(target_arch = "x86_64")]
        if sgemm::fits(dst) {
            use sgemm::{COLUMNS, TILE};
            // several tasks a thread, so that one that is held up does not hold up the others; by rows only what has too
            // few columns for that: each block of rows packs its columns again
            let columns = n.div_ceil(COLUMNS).next_multiple_of(threads).min(n.div_ceil(TILE.1));
            let rows = (4 * threads).div_ceil(columns.max(1)).min(m.div_ceil(16 * TILE.0));
            return Self {
                tile: TILE,
                rows: rows.max(1),
                columns: columns.max(1),
                threads: 1,
            };
        }
        // `gemm` packs up to a thousand columns on one thread while the others wait. Two of its widest tiles a thread or
        // more; rows of `a` that are not contiguous are packed too: better once for all threads
        let wide = n / 64 >= 2 * threads && a.col == 1;
        Self {
            tile: (1, 64),
            rows: 1,
            columns: if wide { threads } else { 1 },
            threads: if wide { 1 } else { threads },
        }
    }

    /// What task `index` has.
    fn block(&self, index: usize, dims: Dims) -> Block {
        let range = |part: usize, parts: usize, tile: usize, len: usize| {
            let tiles = len.div_ceil(tile);
            let start = |part: usize| (tiles * part / parts * tile).min(len);
            (start(part), start(part + 1) - start(part))
        };
        let (row, rows) = range(index % self.rows, self.rows, self.tile.0, dims.rows);
        let (column, columns) = range(index / self.rows, self.columns, self.tile.1, dims.columns);
        Block {
            row,
            column,
            dims: Dims { rows, columns, ..dims },
        }
    }
}

/// A task's part of a product: its first row and column, and how many it has.
struct Block {
    row: usize,
    column: usize,
    dims: Dims,
}

/// How many values there are from a matrix's first to its last.
pub fn reach(rows: usize, cols: usize, strides: Strides) -> usize {
    match (rows, cols) {
        (0, _) | (_, 0) => 0,
        (rows, cols) => (rows - 1) * strides.row + (cols - 1) * strides.col + 1,
    }
}

/// `dst (+)= alpha * a b` over whole slices, on all threads. How it is cut does not change a sum's order.
pub fn product(
    dims: Dims,
    dst: Strided<&mut [f32]>,
    a: Strided<&[f32]>,
    b: Strided<&[f32]>,
    accumulate: bool,
    alpha: f32,
) {
    let Dims { rows, columns, terms } = dims;
    assert!(
        dst.values.len() >= reach(rows, columns, dst.strides),
        "matmul: output too small"
    );
    assert!(
        a.values.len() >= reach(rows, terms, a.strides),
        "matmul: left operand too small"
    );
    assert!(
        b.values.len() >= reach(terms, columns, b.strides),
        "matmul: right operand too small"
    );
    let cut = Cut::new(dims, a.strides, dst.strides);
    let (shared, to) = (Shared::new(dst.values), dst.strides);
    parallel::tasks(cut.rows * cut.columns, rows * columns * terms / 8, |task| {
        let Block { row, column, dims } = cut.block(task, dims);
        // SAFETY: the lengths were checked against what the strides reach, `dst` is borrowed mutably, and tasks write to
        // disjoint blocks of it.
        unsafe {
            let dst = Strided {
                values: shared.ptr().add(row * to.row + column * to.col),
                strides: to,
            };
            let a = Strided {
                values: a.values.as_ptr().add(row * a.strides.row),
                strides: a.strides,
            };
            let b = Strided {
                values: b.values.as_ptr().add(column * b.strides.col),
                strides: b.strides,
            };
            gemm(dims, dst, a, b, accumulate, alpha, cut.threads);
        }
    });
}

thread_local! {
    static WIDENED: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// Calls `body(first_row, values)` with blocks of the rows `first..first + rows` of a `[.., width]` matrix, in f32.
/// f32 weights are lent as they are, in one block.
pub fn widened(weights: Values, first: usize, rows: usize, width: usize, mut body: impl FnMut(usize, &[f32])) {
    let range = first * width..(first + rows) * width;
    if let Values::F32(values) = weights {
        return body(0, &values[range]);
    }
    let block = (BLOCK / width.max(1)).max(1);
    // taken, not borrowed: while this thread waits inside a product it may be given another product's work
    let mut scratch = WIDENED.take();
    let needed = block.min(rows) * width;
    if scratch.len() < needed {
        scratch.resize(needed, 0.0);
    }
    for start in (0..rows).step_by(block) {
        let count = block.min(rows - start);
        let from = range.start + start * width;
        let out = &mut scratch[..count * width];
        parallel::rows1(out, 1, |offset, out| widen(weights, from + offset, out));
        body(start, out);
    }
    WIDENED.set(scratch);
}

/// `out = weights[start..]` in f32.
pub fn widen(weights: Values, start: usize, out: &mut [f32]) {
    match weights {
        Values::F32(values) => out.copy_from_slice(&values[start..start + out.len()]),
        Values::BF16(values) => {
            for (out, value) in out.iter_mut().zip(&values[start..]) {
                *out = f32::from_bits(u32::from(value.to_bits()) << 16);
            }
        }
        Values::F16(values) => values[start..start + out.len()].convert_to_f32_slice(out),
        Values::Packed(packed) => packed.unpack(start, out),
    }
}

simd! {
fn few_rows(x: &[f32], w: &[f32], dst: &mut [f32], n: usize, k: usize, accumulate: bool, alpha: f32) {
    // dst is [columns of this block] per row, row-major with `n` columns
    for (x, dst) in x.chunks_exact(k).zip(dst.chunks_exact_mut(n)) {
        for (w, dst) in w.chunks_exact(k).zip(dst) {
            let value = alpha * dot(x, w);
            *dst = if accumulate { *dst + value } else { value };
        }
    }
}
}

/// `dst[rows, columns] (+)= alpha * x[rows, terms] w[columns, terms]^T` for few rows: each weight is read once, as it is stored.
pub fn few_nt(dims: Dims, dst: &mut [f32], x: &[f32], w: Values, first: usize, accumulate: bool, alpha: f32) {
    let Dims {
        rows: m,
        columns: n,
        terms: k,
    } = dims;
    let columns = (parallel::GRAIN / k.max(1)).max(8);
    let shared = Shared::new(&mut dst[..m * n]);
    parallel::tasks(n.div_ceil(columns), m * n * k / 4, |task| {
        let start = task * columns;
        let count = columns.min(n - start);
        let mut block = [0f32; FEW * 64];
        let mut wide = Vec::new();
        for from in (start..start + count).step_by(64) {
            let count = 64.min(start + count - from);
            let weights = match w {
                Values::F32(values) => &values[(first + from) * k..(first + from + count) * k],
                _ => {
                    wide.resize(count * k, 0.0);
                    widen(w, (first + from) * k, &mut wide);
                    &wide[..]
                }
            };
            let out = &mut block[..m * count];
            few_rows(&x[..m * k], weights, out, count, k, false, alpha);
            for (row, out) in out.chunks_exact(count).enumerate() {
                // SAFETY: tasks own disjoint column ranges of `dst`, which the assertion of the slice covers.
                let dst = unsafe { shared.slice(row * n + from, count) };
                for (dst, out) in dst.iter_mut().zip(out) {
                    *dst = if accumulate { *dst + out } else { *out };
                }
            }
        }
    });
}
