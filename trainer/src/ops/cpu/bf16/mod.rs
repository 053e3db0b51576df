//! Matrix products of bf16 values with f32 sums. A portable body always exists; on processors that multiply bf16 themselves
//! there is a faster one, found at run time.
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod pack;
mod portable;
#[cfg(test)]
mod tests;
mod weights;

pub use weights::{few_nt, in_blocks, narrowed, rounded};

use super::super::Write;
use super::float::Float;
pub use super::matmul::Dims;
use super::matmul::{Strided, Strides, reach};
use super::parallel::{self, Shared};
use crate::error::{Error, Result};
use half::bf16;
use protocol::says;
use std::cell::RefCell;
use std::sync::OnceLock;

/// How products of bf16 are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// Tiles widened to f32 for the f32 products: everywhere, and to the bit the same for any number of threads.
    Portable,
    /// `VDPBF16PS` (Cooper Lake, Zen 4 and newer), which takes subnormal values for zeros.
    Avx512Bf16,
}

impl Body {
    /// Those that this processor can run, the fastest first.
    pub fn all() -> &'static [Self] {
        #[cfg(target_arch = "x86_64")]
        if super::level() == super::Level::Avx512 && is_x86_feature_detected!("avx512bf16") {
            return &[Self::Avx512Bf16, Self::Portable];
        }
        &[Self::Portable]
    }

    /// What the environment asks for: `CORRAL_BF16=portable`, or nothing.
    ///
    /// # Errors
    /// It asks for something else.
    pub fn asked() -> Result<Option<Self>> {
        match std::env::var_os("CORRAL_BF16") {
            None => Ok(None),
            Some(name) if name.is_empty() => Ok(None),
            Some(name) if name == "portable" => Ok(Some(Self::Portable)),
            Some(name) => {
                let unknown = says::unsupported("CORRAL_BF16", name.to_string_lossy(), "portable");
                Err(Error::invalid(unknown))
            }
        }
    }

    /// What products take: what is asked for, else the fastest.
    pub fn chosen() -> Self {
        static CHOSEN: OnceLock<Body> = OnceLock::new();
        *CHOSEN.get_or_init(|| Self::asked().ok().flatten().unwrap_or(Self::all()[0]))
    }
}

/// What becomes of a product's sums: a factor, and whether they are added to what is there.
#[derive(Clone, Copy, Debug)]
pub struct Epilogue {
    pub write: Write,
    pub alpha: f32,
}

/// A matrix to be read: its first value, and how far apart the others lie. Of both distances one is 1.
#[derive(Clone, Copy)]
pub struct Matrix {
    pub first: *const bf16,
    pub strides: Strides,
}

// SAFETY: a `Matrix` is only read through unsafe code whose callers promise that the values are there.
unsafe impl Sync for Matrix {}

impl Matrix {
    fn transposed(self) -> Self {
        Self {
            strides: self.strides.transposed(),
            ..self
        }
    }

    /// The matrix without what is above and left of `(row, column)`.
    ///
    /// # Safety
    /// It has such a value.
    unsafe fn from(self, row: usize, column: usize) -> Self {
        // SAFETY: the caller's promise.
        let first = unsafe { self.first.add(row * self.strides.row + column * self.strides.col) };
        Self { first, ..self }
    }
}

/// A matrix to be written, rows of contiguous values `row` apart.
pub struct Target<D> {
    pub first: *mut D,
    pub row: usize,
}

impl<D> Clone for Target<D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D> Copy for Target<D> {}

impl<D> Target<D> {
    /// As [`Matrix::from`].
    ///
    /// # Safety
    /// It has such a value.
    unsafe fn from(self, row: usize, column: usize) -> Self {
        // SAFETY: the caller's promise.
        let first = unsafe { self.first.add(row * self.row + column) };
        Self { first, ..self }
    }
}

/// `dst (+)= alpha a b` on this thread.
///
/// # Safety
/// Pointers are valid for what their strides reach, and `dst` is nobody else's meanwhile.
pub unsafe fn gemm<D: Float>(dims: Dims, dst: Target<D>, a: Matrix, b: Matrix, epilogue: Epilogue) {
    // SAFETY: the caller's promise.
    unsafe { gemm_by(Body::chosen(), dims, dst, a, b, epilogue) }
}

/// # Safety
/// As of [`gemm`], and the processor has the body.
unsafe fn gemm_by<D: Float>(body: Body, dims: Dims, dst: Target<D>, a: Matrix, b: Matrix, epilogue: Epilogue) {
    if dims.rows == 0 || dims.columns == 0 {
        return;
    }
    // SAFETY: the caller's promise.
    unsafe {
        match (body, D::as_f32(dst.first)) {
            (Body::Portable, Some(first)) => portable::product(dims, Target { first, row: dst.row }, a, b, epilogue),
            (Body::Portable, None) => {
                let sums = |dims, dst, a, b, epilogue| portable::product(dims, dst, a, b, epilogue);
                rounded_once(portable::BLOCK, sums, dims, dst, a, b, epilogue);
            }
            #[cfg(target_arch = "x86_64")]
            (Body::Avx512Bf16, None) if dims.terms > avx512::most(a).1 => {
                let sums = |dims, dst, a, b, epilogue| avx512::product(dims, dst, a, b, epilogue);
                rounded_once(avx512::BLOCK, sums, dims, dst, a, b, epilogue);
            }
            #[cfg(target_arch = "x86_64")]
            (Body::Avx512Bf16, _) => avx512::product(dims, dst, a, b, epilogue),
            #[cfg(not(target_arch = "x86_64"))]
            (Body::Avx512Bf16, _) => unreachable!("a body of x86 processors"),
        }
    }
}

thread_local! {
    static SUMS: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// A product whose sums are made of several parts, which wait in f32 for the last one: they are rounded once.
///
/// # Safety
/// As of [`gemm`]; `product` computes a block of it.
unsafe fn rounded_once<D: Float>(
    (rows, columns): (usize, usize),
    product: impl Fn(Dims, Target<f32>, Matrix, Matrix, Epilogue),
    dims: Dims,
    dst: Target<D>,
    a: Matrix,
    b: Matrix,
    epilogue: Epilogue,
) {
    let set = Epilogue {
        write: Write::Overwrite,
        ..epilogue
    };
    let mut sums = SUMS.take();
    sums.resize(rows * columns, 0.0);
    for column in (0..dims.columns).step_by(columns) {
        for row in (0..dims.rows).step_by(rows) {
            let part = Dims {
                rows: rows.min(dims.rows - row),
                columns: columns.min(dims.columns - column),
                ..dims
            };
            let target = Target {
                first: sums.as_mut_ptr(),
                row: part.columns,
            };
            // SAFETY: the caller's promise; the block lies within the matrices.
            unsafe {
                product(part, target, a.from(row, 0), b.from(0, column), set);
                let dst = dst.from(row, column);
                for (i, sums) in sums.chunks_exact(part.columns).take(part.rows).enumerate() {
                    let dst = std::slice::from_raw_parts_mut(dst.first.add(i * dst.row), part.columns);
                    round_row(dst, sums, epilogue.write);
                }
            }
        }
    }
    SUMS.set(sums);
}

super::simd! {
fn round_row<D: Float>(dst: &mut [D], sums: &[f32], write: Write) {
    if write.accumulates() {
        for (dst, sum) in dst.iter_mut().zip(sums) {
            *dst = D::rounded(dst.widened() + sum);
        }
    } else {
        for (dst, sum) in dst.iter_mut().zip(sums) {
            *dst = D::rounded(*sum);
        }
    }
}
}

/// `dst[rows, columns] (+)= alpha a b` over whole slices, on all threads; values of a row of `dst` lie side by side.
/// How it is cut does not change a sum's order.
pub fn product<D: Float>(
    dims: Dims,
    dst: Strided<&mut [D]>,
    a: Strided<&[bf16]>,
    b: Strided<&[bf16]>,
    epilogue: Epilogue,
) {
    product_by(Body::chosen(), dims, dst, a, b, epilogue);
}

/// [`product`] by a body that is told.
///
/// # Panics
/// The processor lacks it, or an operand is shorter than the dimensions say.
pub fn product_by<D: Float>(
    body: Body,
    dims: Dims,
    dst: Strided<&mut [D]>,
    a: Strided<&[bf16]>,
    b: Strided<&[bf16]>,
    epilogue: Epilogue,
) {
    let Dims { rows, columns, terms } = dims;
    assert!(Body::all().contains(&body), "this processor has no {body:?}");
    assert!(
        dst.strides.col == 1 && dst.strides.row >= columns && dst.values.len() >= reach(rows, columns, dst.strides),
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
    for strides in [a.strides, b.strides] {
        assert!(
            strides.row == 1 || strides.col == 1,
            "matmul: rows or columns of bf16 are contiguous"
        );
    }
    let matrix = |operand: Strided<&[bf16]>| Matrix {
        first: operand.values.as_ptr(),
        strides: operand.strides,
    };
    let (a, b) = (matrix(a), matrix(b));
    let cut = Cut::new(body, dims, a.strides);
    let (shared, pitch) = (Shared::new(dst.values), dst.strides.row);
    parallel::tasks(cut.rows * cut.columns, rows * columns * terms / 8, |task| {
        let (row, part_rows) = Cut::part(task % cut.rows, cut.rows, cut.tile.0, rows);
        let (column, part_columns) = Cut::part(task / cut.rows, cut.columns, cut.tile.1, columns);
        let part = Dims {
            rows: part_rows,
            columns: part_columns,
            terms,
        };
        let target = Target {
            first: shared.ptr(),
            row: pitch,
        };
        // SAFETY: the lengths were checked against what the strides reach, `dst` is borrowed mutably, tasks write to
        // disjoint blocks of it, and the body is one of the processor's.
        unsafe {
            gemm_by(
                body,
                part,
                target.from(row, column),
                a.from(row, 0),
                b.from(0, column),
                epilogue,
            );
        }
    });
}

/// How a product is cut into tasks: equally many tiles each.
struct Cut {
    tile: (usize, usize),
    rows: usize,
    columns: usize,
}

impl Cut {
    /// Several tasks a thread, so that one that is held up does not hold up the others. A block of rows packs its columns
    /// again, and a block of columns those rows that are packed too.
    fn new(body: Body, dims: Dims, a: Strides) -> Self {
        let threads = rayon::current_num_threads();
        let (wide, high) = match (body, a.col) {
            (Body::Portable, _) => portable::TASK,
            (Body::Avx512Bf16, 1) => (128, 192),
            (Body::Avx512Bf16, _) => (256, 96),
        };
        let tile = (48, 64);
        let columns = dims.columns.div_ceil(wide).next_multiple_of(threads);
        let columns = columns.min(dims.columns.div_ceil(tile.1)).max(1);
        let rows = (4 * threads).div_ceil(columns).min(dims.rows.div_ceil(high)).max(1);
        Self { tile, rows, columns }
    }

    /// Where part `index` of so many begins, and how long it is.
    fn part(index: usize, parts: usize, tile: usize, len: usize) -> (usize, usize) {
        let tiles = len.div_ceil(tile);
        let start = |part: usize| (tiles * part / parts * tile).min(len);
        (start(index), start(index + 1) - start(index))
    }
}
