//! Products of bf16 on processors with AVX512-BF16, whose one instruction multiplies pairs of values and adds them to sixteen
//! f32 sums: twice the arithmetic of f32.
//!
//! The loops are those of *Anatomy of High-Performance Matrix Multiplication* (Goto and van de Geijn, 2008): columns of `b`
//! are packed for half of a core's cache, and rows of `a` pass over them. Contiguous rows are read where they lie, two
//! values at a time. A sum is rounded twice a pair at most, and what is subnormal is taken for zero.
use super::super::super::Write;
use super::super::float::Float;
use super::pack::{Line, pack_columns, pack_rows};
use super::{Dims, Epilogue, Matrix, Target};
use half::bf16;
use std::arch::x86_64::*;
use std::cell::RefCell;

/// Columns of a panel: four registers of packed weights.
const PANEL: usize = 64;
/// Terms of a sum between a tile's visits to memory.
const DEPTH: usize = 1024;
/// Columns packed at once: with [`DEPTH`], 256 KiB.
const COLUMNS: usize = 128;
/// Where rows must be packed too, more columns share them, and fewer terms keep the columns' bytes.
const MORE: usize = 2;
/// Rows that pass over the packed columns together: a multiple of each tile's.
const ROWS: usize = 96;
/// From one packed row of `a` to the next: a power of two would put all rows in the same few lines of the first-level cache.
const PITCH: usize = DEPTH + 32;
/// Rows and columns whose sums wait in f32 together, where they have several parts and end in bf16.
pub const BLOCK: (usize, usize) = (512, COLUMNS);

thread_local! {
    static PACKED: RefCell<[Vec<Line>; 2]> = const { RefCell::new([Vec::new(), Vec::new()]) };
}

/// The columns packed at once, and the terms of a sum before it is stored.
pub fn most(a: Matrix) -> (usize, usize) {
    match a.strides.col {
        1 => (COLUMNS, DEPTH),
        _ => (COLUMNS * MORE, DEPTH / MORE),
    }
}

/// `dst (+)= alpha a b` on this thread. Where a sum has more terms than [`most`], it waits in `dst` for the others.
///
/// # Safety
/// The processor has AVX512-BF16, with BW, DQ and VL; pointers are valid for what their strides reach; `dst` is nobody
/// else's meanwhile.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512bf16")]
pub unsafe fn product<D: Float>(dims: Dims, dst: Target<D>, a: Matrix, b: Matrix, epilogue: Epilogue) {
    let contiguous = a.strides.col == 1;
    let (most_columns, most_terms) = most(a);
    let [mut packed_a, mut packed_b] = PACKED.take();
    packed_a.resize(ROWS * PITCH / Line::VALUES, Line::default());
    packed_b.resize(most_columns * most_terms / Line::VALUES, Line::default());
    // parts of equal depth: none is so shallow that storing its sums takes longer than making them
    let parts = dims.terms.div_ceil(most_terms).max(1);
    let depth = dims.terms.div_ceil(parts).next_multiple_of(2).max(2);
    for first in (0..dims.columns).step_by(most_columns) {
        let columns = most_columns.min(dims.columns - first);
        for below in (0..dims.terms.max(1)).step_by(depth) {
            let terms = depth.min(dims.terms - below);
            let epilogue = Epilogue {
                write: if below > 0 { Write::Accumulate } else { epilogue.write },
                ..epilogue
            };
            let panels = || (0..columns).step_by(PANEL).map(|at| (at, PANEL.min(columns - at)));
            // SAFETY: the caller's promise; `packed_b` has room for `terms`, made even, of `columns`, made whole panels.
            unsafe {
                for (at, width) in panels() {
                    let panel = packed_b.as_mut_ptr().cast::<bf16>().add(at * terms.next_multiple_of(2));
                    pack_columns(panel, b.from(below, first + at), terms, width);
                }
            }
            for above in (0..dims.rows).step_by(ROWS) {
                let rows = ROWS.min(dims.rows - above);
                // SAFETY: the caller's promise; `packed_a` has room for ROWS of DEPTH.
                unsafe {
                    let mut strip = Strip {
                        first: a.from(above, below).first,
                        row: a.strides.row,
                    };
                    if !contiguous {
                        let packed = Target {
                            first: packed_a.as_mut_ptr().cast(),
                            row: PITCH,
                        };
                        pack_rows(packed, a.from(above, below), rows, terms);
                        strip = Strip {
                            first: packed_a.as_ptr().cast(),
                            row: PITCH,
                        };
                    }
                    for (at, width) in panels() {
                        let panel = packed_b.as_ptr().cast::<bf16>().add(at * terms.next_multiple_of(2));
                        let (height, tile) = tile_of::<D>(width);
                        for row in (0..rows).step_by(height) {
                            let mut a = strip.from(row);
                            let count = height.min(rows - row);
                            if count < height && contiguous {
                                // a whole tile's rows can be read, whatever lies in the last ones
                                let spare = packed_a.as_mut_ptr().cast::<bf16>();
                                for i in 0..count {
                                    a.from(i).first.copy_to_nonoverlapping(spare.add(i * PITCH), terms);
                                }
                                a = Strip {
                                    first: spare,
                                    row: PITCH,
                                };
                            }
                            let dims = Dims {
                                rows: count,
                                columns: width,
                                terms,
                            };
                            tile(dims, dst.from(above + row, first + at), a, panel, epilogue);
                        }
                    }
                }
            }
        }
    }
    PACKED.set([packed_a, packed_b]);
}

/// Rows of contiguous terms, `row` apart.
#[derive(Clone, Copy)]
struct Strip {
    first: *const bf16,
    row: usize,
}

impl Strip {
    /// # Safety
    /// It has such a row.
    unsafe fn from(self, row: usize) -> Self {
        Self {
            // SAFETY: the caller's promise.
            first: unsafe { self.first.add(row * self.row) },
            ..self
        }
    }
}

type Tile<D> = unsafe fn(Dims, Target<D>, Strip, *const bf16, Epilogue);

/// How high a tile of so many columns is, and its body: as many sums as registers hold, and enough of them to hide how long
/// each takes.
fn tile_of<D: Float>(width: usize) -> (usize, Tile<D>) {
    match width.div_ceil(16) {
        1 => (12, tile::<D, 12, 1>),
        2 => (12, tile::<D, 12, 2>),
        3 => (8, tile::<D, 8, 3>),
        _ => (6, tile::<D, 6, 4>),
    }
}

/// `M` rows by `N` times sixteen columns, of which so many rows and columns are stored.
///
/// # Safety
/// The processor's features; `a` has M rows and `b` a panel of N registers a pair, both of `terms`; `dst` has the rows and
/// columns.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512bf16")]
unsafe fn tile<D: Float, const M: usize, const N: usize>(
    dims: Dims,
    dst: Target<D>,
    a: Strip,
    b: *const bf16,
    epilogue: Epilogue,
) {
    let Dims {
        rows,
        columns: width,
        terms,
    } = dims;
    let mut sums = [[_mm512_setzero_ps(); N]; M];
    // SAFETY: the caller's promise; of the last term of an odd number its own two bytes alone are read.
    unsafe {
        for row in 0..rows {
            let dst = dst.from(row, 0).first;
            _mm_prefetch::<_MM_HINT_T0>(dst.cast());
            _mm_prefetch::<_MM_HINT_T0>(dst.add(width - 1).cast());
        }
        for term in (0..terms / 2 * 2).step_by(2) {
            let pairs = std::array::from_fn(|row| a.first.add(row * a.row + term).cast::<i32>().read_unaligned());
            add(&mut sums, pairs, b.add(term * N * 16));
        }
        if terms % 2 == 1 {
            let last = terms - 1;
            let pairs = std::array::from_fn(|row| i32::from((*a.first.add(row * a.row + last)).to_bits()));
            add(&mut sums, pairs, b.add(last * N * 16));
        }
        for (row, sums) in sums.iter().enumerate() {
            if row < rows {
                let mut values = [[0f32; 16]; N];
                for (values, sums) in values.iter_mut().zip(sums) {
                    _mm512_storeu_ps(values.as_mut_ptr(), *sums);
                }
                let dst = dst.from(row, 0).first;
                if width == N * 16 {
                    write(
                        values.as_flattened(),
                        std::slice::from_raw_parts_mut(dst, N * 16),
                        epilogue,
                    );
                } else {
                    write(
                        values.as_flattened(),
                        std::slice::from_raw_parts_mut(dst, width),
                        epilogue,
                    );
                }
            }
        }
    }
}

/// Adds the products of a pair of terms of each row and each column.
///
/// # Safety
/// `b` has N registers.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512bf16")]
unsafe fn add<const M: usize, const N: usize>(sums: &mut [[__m512; N]; M], pairs: [i32; M], b: *const bf16) {
    // SAFETY: the caller's promise; any bits are a register's.
    unsafe {
        let b: [__m512bh; N] = std::array::from_fn(|i| std::mem::transmute(_mm512_loadu_si512(b.add(i * 32).cast())));
        for (sums, pair) in sums.iter_mut().zip(pairs) {
            let a = std::mem::transmute::<__m512i, __m512bh>(_mm512_set1_epi32(pair));
            for (sum, b) in sums.iter_mut().zip(b) {
                *sum = _mm512_dpbf16_ps(*sum, a, b);
            }
        }
    }
}

#[inline(always)]
fn write<D: Float>(sums: &[f32], dst: &mut [D], epilogue: Epilogue) {
    for (dst, sum) in dst.iter_mut().zip(sums) {
        let sum = epilogue.alpha * sum;
        *dst = D::rounded(if epilogue.write.accumulates() {
            dst.widened() + sum
        } else {
            sum
        });
    }
}
