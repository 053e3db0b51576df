//! f32 matrix products on processors with AVX2 and FMA but no AVX-512, which is most laptops and desktops.
//!
//! The loops are those of *Anatomy of High-Performance Matrix Multiplication* (Goto and van de Geijn, 2008) with BLIS's tile
//! of 6 x 16 sums in registers. Two things are cut to training: rows of activations are read where they lie, without packing,
//! and a task packs only as much of the weights as its core's own cache holds, so that cores wait for nothing they share.
use super::matmul::{Dims, Strided, Strides};
use super::{Level, level};
use std::arch::x86_64::*;
use std::cell::RefCell;

/// Rows and columns of a tile: twelve registers of sums, two of weights, one of an activation.
pub const TILE: (usize, usize) = (6, 16);
/// Columns packed at once.
pub const COLUMNS: usize = 128;
/// Terms of a sum between a tile's visits to memory: with [`COLUMNS`], 256 KiB of packed weights, half of a core's cache.
const DEPTH: usize = 512;
/// From one packed row of `a` to the next: a power of two would put all rows in the same few lines of the first-level cache.
const PITCH: usize = DEPTH + 16;
/// Rows that pass over the packed weights together, their part of `a` in the other half.
const ROWS: usize = 48;

thread_local! {
    static PACKED: RefCell<[Vec<f32>; 2]> = const { RefCell::new([Vec::new(), Vec::new()]) };
}

/// Whether products into such a matrix are for these loops on this processor.
pub fn fits(dst: Strides) -> bool {
    dst.col == 1 && level() == Level::Avx2
}

/// `dst = (accumulate ? dst : 0) + alpha * a b`, on this thread. `dst` has contiguous rows.
///
/// # Safety
/// The processor has AVX2 and FMA; the pointers are valid for what their strides reach, and `dst` is nobody else's meanwhile.
#[target_feature(enable = "avx2,fma")]
pub unsafe fn product(
    dims: Dims,
    dst: Strided<*mut f32>,
    a: Strided<*const f32>,
    b: Strided<*const f32>,
    accumulate: bool,
    alpha: f32,
) {
    let Dims {
        rows: m,
        columns: n,
        terms: k,
    } = dims;
    let dst_row = dst.strides.row;
    let [mut packed_a, mut packed_b] = PACKED.take();
    packed_b.resize(DEPTH * COLUMNS, 0.0);
    packed_a.resize(PITCH * ROWS, 0.0);
    // parts of equal depth: none is so shallow that storing its sums takes longer than making them
    let depth = k.div_ceil(k.div_ceil(DEPTH).max(1)).max(1);
    for first in (0..n).step_by(COLUMNS) {
        let columns = COLUMNS.min(n - first);
        for below in (0..k.max(1)).step_by(depth) {
            let terms = depth.min(k - below);
            // SAFETY: the caller's promise; `terms <= DEPTH` and `columns <= COLUMNS`, a multiple of a tile's.
            unsafe {
                pack_columns(&mut packed_b, b.from(below, first), terms, columns);
            }
            let epilogue = Epilogue {
                row: dst_row,
                accumulate: accumulate || below > 0,
                alpha,
            };
            for above in (0..m).step_by(ROWS) {
                let rows = ROWS.min(m - above);
                // SAFETY: the caller's promise; `rows <= ROWS`.
                unsafe {
                    let part = a.from(above, below);
                    let mut a = Lines {
                        first: part.values,
                        row: part.strides.row,
                    };
                    if part.strides.col != 1 {
                        pack_rows(&mut packed_a, part, rows, terms);
                        a = Lines {
                            first: packed_a.as_ptr(),
                            row: PITCH,
                        };
                    }
                    let dst = dst.values.add(above * dst_row + first);
                    for column in (0..columns).step_by(TILE.1) {
                        let b = packed_b.as_ptr().add(column * terms);
                        let width = TILE.1.min(columns - column);
                        for row in (0..rows).step_by(TILE.0) {
                            let a = Lines {
                                first: a.first.add(row * a.row),
                                ..a
                            };
                            let dst = dst.add(row * dst_row + column);
                            let dims = Dims {
                                rows: rows - row,
                                columns: width,
                                terms,
                            };
                            tile(dims, dst, a, b, epilogue);
                        }
                    }
                }
            }
        }
    }
    PACKED.set([packed_a, packed_b]);
}

/// Lines of contiguous values, `row` apart.
#[derive(Clone, Copy)]
struct Lines<P> {
    first: P,
    row: usize,
}

impl Strided<*const f32> {
    /// The matrix without what is above and left of `(row, column)`.
    ///
    /// # Safety
    /// It has such a value.
    unsafe fn from(self, row: usize, column: usize) -> Self {
        // SAFETY: the caller's promise.
        let values = unsafe { self.values.add(row * self.strides.row + column * self.strides.col) };
        Self { values, ..self }
    }
}

/// What becomes of a tile's sums.
#[derive(Clone, Copy)]
struct Epilogue {
    row: usize,
    accumulate: bool,
    alpha: f32,
}

/// Groups of sixteen columns, each row by row: `packed[column / 16][term][column % 16]`, the last group filled up with zeros.
#[target_feature(enable = "avx2,fma")]
unsafe fn pack_columns(packed: &mut [f32], b: Strided<*const f32>, terms: usize, columns: usize) {
    let Strided { values: b, strides } = b;
    if terms == 0 {
        return;
    }
    for (group, packed) in packed
        .chunks_exact_mut(terms * TILE.1)
        .enumerate()
        .take(columns.div_ceil(TILE.1))
    {
        let first = group * TILE.1;
        let width = TILE.1.min(columns - first);
        // SAFETY: the caller's pointer reaches `terms` x `columns`; `packed` is `terms` rows of a tile's columns.
        unsafe {
            let b = b.add(first * strides.col);
            if width < TILE.1 {
                packed.fill(0.0);
                for term in 0..terms {
                    for column in 0..width {
                        packed[term * TILE.1 + column] = *b.add(term * strides.row + column * strides.col);
                    }
                }
            } else if strides.col == 1 {
                for (term, packed) in packed.chunks_exact_mut(TILE.1).enumerate() {
                    packed.copy_from_slice(std::slice::from_raw_parts(b.add(term * strides.row), TILE.1));
                }
            } else {
                for half in [0, 8] {
                    let b = b.add(half * strides.col);
                    let from = Strided { values: b, strides };
                    let to = Lines {
                        first: packed.as_mut_ptr().add(half),
                        row: TILE.1,
                    };
                    transpose(from.transposed(), to, 8, terms);
                }
            }
        }
    }
}

/// `packed[row][term]`
#[target_feature(enable = "avx2,fma")]
unsafe fn pack_rows(packed: &mut [f32], a: Strided<*const f32>, rows: usize, terms: usize) {
    let to = Lines {
        first: packed.as_mut_ptr(),
        row: PITCH,
    };
    // SAFETY: the caller's pointer reaches `rows` x `terms`, and `packed` holds as many.
    unsafe { transpose(a.transposed(), to, terms, rows) }
}

/// `to[j][i] = from[i][j]` for `i < rows`, `j < columns`
#[target_feature(enable = "avx2,fma")]
unsafe fn transpose(from: Strided<*const f32>, to: Lines<*mut f32>, rows: usize, columns: usize) {
    let Strided { values: from, strides } = from;
    let Lines { first: to, row: to_row } = to;
    let even = if strides.col == 1 {
        (rows / 8 * 8, columns / 8 * 8)
    } else {
        (0, 0)
    };
    // SAFETY: the caller's pointers reach what is read and written.
    unsafe {
        for i in (0..even.0).step_by(8) {
            for j in (0..even.1).step_by(8) {
                let from = Lines {
                    first: from.add(i * strides.row + j),
                    row: strides.row,
                };
                let to = Lines {
                    first: to.add(j * to_row + i),
                    row: to_row,
                };
                transpose8(from, to);
            }
        }
        for i in 0..rows {
            for j in if i < even.0 { even.1 } else { 0 }..columns {
                *to.add(j * to_row + i) = *from.add(i * strides.row + j * strides.col);
            }
        }
    }
}

/// Eight rows of eight.
#[target_feature(enable = "avx2,fma")]
unsafe fn transpose8(from: Lines<*const f32>, to: Lines<*mut f32>) {
    let Lines {
        first: from,
        row: from_row,
    } = from;
    let Lines { first: to, row: to_row } = to;
    // SAFETY: the caller's pointers reach eight rows of eight.
    unsafe {
        let rows: [__m256; 8] = std::array::from_fn(|i| _mm256_loadu_ps(from.add(i * from_row)));
        // pairs, then fours, then the halves of all eight
        let pairs: [[__m256; 2]; 4] = std::array::from_fn(|i| {
            let (x, y) = (rows[2 * i], rows[2 * i + 1]);
            [_mm256_unpacklo_ps(x, y), _mm256_unpackhi_ps(x, y)]
        });
        for i in 0..4 {
            let fours = [[pairs[0], pairs[1]], [pairs[2], pairs[3]]].map(|[x, y]| match i % 2 {
                0 => _mm256_shuffle_ps::<0b01_00_01_00>(x[i / 2], y[i / 2]),
                _ => _mm256_shuffle_ps::<0b11_10_11_10>(x[i / 2], y[i / 2]),
            });
            _mm256_storeu_ps(to.add(i * to_row), _mm256_permute2f128_ps::<0x20>(fours[0], fours[1]));
            _mm256_storeu_ps(
                to.add((i + 4) * to_row),
                _mm256_permute2f128_ps::<0x31>(fours[0], fours[1]),
            );
        }
    }
}

/// At most six rows of at most sixteen columns.
#[target_feature(enable = "avx2,fma")]
unsafe fn tile(dims: Dims, dst: *mut f32, a: Lines<*const f32>, b: *const f32, epilogue: Epilogue) {
    // SAFETY: the caller's promise, for as many rows.
    unsafe {
        match dims.rows {
            1 => sums::<1>(dims, dst, a, b, epilogue),
            2 => sums::<2>(dims, dst, a, b, epilogue),
            3 => sums::<3>(dims, dst, a, b, epilogue),
            4 => sums::<4>(dims, dst, a, b, epilogue),
            5 => sums::<5>(dims, dst, a, b, epilogue),
            _ => sums::<6>(dims, dst, a, b, epilogue),
        }
    }
}

#[target_feature(enable = "avx2,fma")]
unsafe fn sums<const M: usize>(dims: Dims, dst: *mut f32, a: Lines<*const f32>, b: *const f32, epilogue: Epilogue) {
    let Dims {
        columns: width, terms, ..
    } = dims;
    let Lines { first: a, row: a_row } = a;
    // SAFETY: the caller's pointers reach M rows of `terms`, `terms` rows of sixteen and M rows of `width`.
    unsafe {
        let mut sums = [[_mm256_setzero_ps(); 2]; M];
        for row in 0..M {
            _mm_prefetch::<_MM_HINT_T0>(dst.add(row * epilogue.row).cast());
            _mm_prefetch::<_MM_HINT_T0>(dst.add(row * epilogue.row + width - 1).cast());
        }
        let mut add = |term: usize| {
            let b = b.add(term * TILE.1);
            let weights = [_mm256_loadu_ps(b), _mm256_loadu_ps(b.add(8))];
            for (row, sums) in sums.iter_mut().enumerate() {
                let x = _mm256_broadcast_ss(&*a.add(row * a_row + term));
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum = _mm256_fmadd_ps(x, weight, *sum);
                }
            }
        };
        let even = terms / 4 * 4;
        for term in (0..even).step_by(4) {
            (term..term + 4).for_each(&mut add);
        }
        (even..terms).for_each(&mut add);
        let alpha = _mm256_set1_ps(epilogue.alpha);
        for (row, sums) in sums.iter().enumerate() {
            let dst = dst.add(row * epilogue.row);
            if width == TILE.1 {
                for (half, sum) in sums.iter().enumerate() {
                    let dst = dst.add(half * 8);
                    let sum = _mm256_mul_ps(*sum, alpha);
                    let before = if epilogue.accumulate {
                        _mm256_loadu_ps(dst)
                    } else {
                        _mm256_setzero_ps()
                    };
                    _mm256_storeu_ps(dst, _mm256_add_ps(before, sum));
                }
                continue;
            }
            let mut values = [[0f32; 8]; 2];
            for (values, sum) in values.iter_mut().zip(sums) {
                _mm256_storeu_ps(values.as_mut_ptr(), _mm256_mul_ps(*sum, alpha));
            }
            for (column, value) in values.as_flattened()[..width].iter().enumerate() {
                let dst = dst.add(column);
                *dst = if epilogue.accumulate { *dst + value } else { *value };
            }
        }
    }
}
