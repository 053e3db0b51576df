//! Packing for AVX512-BF16: pairs of terms side by side, as its product takes them.
use super::{Matrix, Target};
use half::bf16;
use std::arch::x86_64::*;

/// A register, and a line of the cache.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
pub struct Line(#[expect(dead_code, reason = "written and read by pointers")] [u16; 32]);

impl Line {
    pub const VALUES: usize = 32;
}

/// `packed[term / 2][column][term % 2]` of at most four registers of columns, the last one filled up with zeros, and an odd
/// number of terms too.
///
/// # Safety
/// The processor has AVX-512 with BW; `b` has so many terms and columns, and `packed` room for them, filled up.
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
pub unsafe fn pack_columns(packed: *mut bf16, b: Matrix, terms: usize, columns: usize) {
    let width = columns.next_multiple_of(16);
    // SAFETY: the caller's promise.
    unsafe {
        if b.strides.col == 1 {
            for term in (0..terms).step_by(2) {
                for column in (0..columns).step_by(32) {
                    let (mask, both) = (first32(columns - column), columns - column > 16);
                    let rows = pair_of_rows(b.from(term, column), mask, term + 1 < terms);
                    let packed = packed.add(term * width + column * 2);
                    let [low, high] = interleave(rows);
                    _mm512_storeu_si512(packed.cast(), low);
                    if both {
                        _mm512_storeu_si512(packed.add(32).cast(), high);
                    }
                }
            }
            return;
        }
        for column in (0..columns).step_by(16) {
            for term in (0..terms).step_by(32) {
                let (from, mask) = (b.from(term, column), first32(terms - term));
                let pairs = transpose(std::array::from_fn(|i| {
                    if i < columns - column {
                        _mm512_maskz_loadu_epi16(mask, from.first.add(i * b.strides.col).cast())
                    } else {
                        _mm512_setzero_si512()
                    }
                }));
                let count = (terms - term).div_ceil(2);
                let packed = packed.add(term * width + column * 2);
                for (i, pair) in pairs.iter().enumerate() {
                    if i < count {
                        _mm512_storeu_si512(packed.add(i * width * 2).cast(), *pair);
                    }
                }
            }
        }
    }
}

/// `packed[row][term]`, rows so far apart, of a matrix whose columns are contiguous; an odd number of terms is filled up.
///
/// # Safety
/// The processor has AVX-512 with BW; `a` has so many rows and terms; rows of `packed`, as many as fill whole registers, have
/// room for whole registers of terms.
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
pub unsafe fn pack_rows(packed: Target<bf16>, a: Matrix, rows: usize, terms: usize) {
    let Target {
        first: packed,
        row: pitch,
    } = packed;
    for row in (0..rows).step_by(32) {
        let (mask, both) = (first32(rows - row), rows - row > 16);
        for term in (0..terms).step_by(32) {
            let mut pairs = [[_mm512_setzero_si512(); 2]; 16];
            for (i, pair) in pairs.iter_mut().enumerate() {
                let term = term + 2 * i;
                if term < terms {
                    // SAFETY: the caller's promise.
                    let rows = unsafe { pair_of_rows(a.transposed().from(term, row), mask, term + 1 < terms) };
                    *pair = interleave(rows);
                }
            }
            for half in 0..1 + usize::from(both) {
                let pairs = pairs.map(|pair| pair[half]);
                for (i, terms) in transpose(pairs).into_iter().enumerate() {
                    // SAFETY: the caller's promise.
                    unsafe {
                        let packed = packed.add((row + half * 16 + i) * pitch + term);
                        _mm512_storeu_si512(packed.cast(), terms);
                    }
                }
            }
        }
    }
}

/// A mask of the first values of a register.
fn first32(count: usize) -> __mmask32 {
    if count >= 32 { !0 } else { (1 << count) - 1 }
}

/// What `mask` says of two rows, the second of zeros where it is not there.
///
/// # Safety
/// The matrix has them.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
unsafe fn pair_of_rows(matrix: Matrix, mask: __mmask32, second: bool) -> [__m512i; 2] {
    // SAFETY: the caller's promise.
    unsafe {
        let row = |i: usize| _mm512_maskz_loadu_epi16(mask, matrix.first.add(i * matrix.strides.row).cast());
        [row(0), if second { row(1) } else { _mm512_setzero_si512() }]
    }
}

/// The values of two registers in turn: those of their first halves, then those of their second ones.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
fn interleave([x, y]: [__m512i; 2]) -> [__m512i; 2] {
    const fn places(first: u16) -> [u16; 32] {
        let mut places = [0; 32];
        let mut i = 0;
        while i < 32 {
            places[i] = first + i as u16 / 2 + 32 * (i as u16 % 2);
            i += 1;
        }
        places
    }
    const PLACES: [[u16; 32]; 2] = [places(0), places(16)];
    PLACES.map(|places| {
        // SAFETY: an array of a register's size.
        let places = unsafe { _mm512_loadu_si512(places.as_ptr().cast()) };
        _mm512_permutex2var_epi16(x, places, y)
    })
}

/// Sixteen rows of sixteen pairs.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
fn transpose(rows: [__m512i; 16]) -> [__m512i; 16] {
    // pairs of rows, then fours: register `4 i + c` has in each quarter `q` the rows `4 i ..` of column `4 q + c`
    let mut twos = rows;
    for i in 0..8 {
        let (x, y) = (rows[2 * i], rows[2 * i + 1]);
        twos[2 * i] = _mm512_unpacklo_epi32(x, y);
        twos[2 * i + 1] = _mm512_unpackhi_epi32(x, y);
    }
    let mut fours = twos;
    for i in 0..4 {
        for half in 0..2 {
            let (x, y) = (twos[4 * i + half], twos[4 * i + half + 2]);
            fours[4 * i + 2 * half] = _mm512_unpacklo_epi64(x, y);
            fours[4 * i + 2 * half + 1] = _mm512_unpackhi_epi64(x, y);
        }
    }
    // then the quarters of four registers, by even and odd ones
    let mut columns = fours;
    for c in 0..4 {
        let [x, y, z, w] = [fours[c], fours[4 + c], fours[8 + c], fours[12 + c]];
        let even = [_mm512_shuffle_i32x4::<0x88>(x, y), _mm512_shuffle_i32x4::<0x88>(z, w)];
        let odd = [_mm512_shuffle_i32x4::<0xDD>(x, y), _mm512_shuffle_i32x4::<0xDD>(z, w)];
        columns[c] = _mm512_shuffle_i32x4::<0x88>(even[0], even[1]);
        columns[c + 4] = _mm512_shuffle_i32x4::<0x88>(odd[0], odd[1]);
        columns[c + 8] = _mm512_shuffle_i32x4::<0xDD>(even[0], even[1]);
        columns[c + 12] = _mm512_shuffle_i32x4::<0xDD>(odd[0], odd[1]);
    }
    columns
}
