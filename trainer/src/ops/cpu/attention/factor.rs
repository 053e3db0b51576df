//! The products of attention by what its operands are in memory.
use super::super::matmul::{Dims, Strided, gemm};
use super::super::{Float, bf16};
use super::blocks::round_row;
use crate::ops::Write;

/// What queries, keys, values and probabilities are in memory, and the product of two of them with f32 sums.
pub trait Factor: Float {
    /// `dst (+)= alpha a b` on this thread.
    ///
    /// # Safety
    /// As of [`gemm`].
    unsafe fn gemm(
        dims: Dims,
        dst: Strided<*mut f32>,
        a: Strided<*const Self>,
        b: Strided<*const Self>,
        accumulate: bool,
        alpha: f32,
    );

    /// f32 values in this type: they themselves, or rounded into scratch.
    fn factors<'a>(values: &'a [f32], scratch: &'a mut Vec<half::bf16>) -> &'a [Self];
}

impl Factor for f32 {
    unsafe fn gemm(
        dims: Dims,
        dst: Strided<*mut f32>,
        a: Strided<*const f32>,
        b: Strided<*const f32>,
        accumulate: bool,
        alpha: f32,
    ) {
        // SAFETY: the caller's promise.
        unsafe { gemm(dims, dst, a, b, accumulate, alpha, 1) }
    }

    fn factors<'a>(values: &'a [f32], _: &'a mut Vec<half::bf16>) -> &'a [f32] {
        values
    }
}

impl Factor for half::bf16 {
    unsafe fn gemm(
        dims: Dims,
        dst: Strided<*mut f32>,
        a: Strided<*const Self>,
        b: Strided<*const Self>,
        accumulate: bool,
        alpha: f32,
    ) {
        let matrix = |of: Strided<*const Self>| bf16::Matrix {
            first: of.values,
            strides: of.strides,
        };
        let write = if accumulate {
            Write::Accumulate
        } else {
            Write::Overwrite
        };
        // SAFETY: the caller's promise.
        unsafe {
            let dst = bf16::Target {
                first: dst.values,
                row: dst.strides.row,
            };
            bf16::gemm(dims, dst, matrix(a), matrix(b), bf16::Epilogue { write, alpha });
        }
    }

    fn factors<'a>(values: &'a [f32], scratch: &'a mut Vec<half::bf16>) -> &'a [Self] {
        scratch.resize(values.len().max(scratch.len()), Self::ZERO);
        round_row(values, &mut scratch[..values.len()]);
        &scratch[..values.len()]
    }
}
