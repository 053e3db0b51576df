//! Products over a chunk of the vocabulary: logits of hidden states, and back. Hidden states are f32, or bf16: then logits
//! are rounded to bf16 where they are multiplied on, and stay f32 everywhere else.
use super::super::{Values, View, ViewMut, Write};
use super::bf16::{self, Dims, Epilogue, narrowed, rounded};
use super::by_float;
use super::matmul::{Strided, product, widened};
use crate::error::Result;
use candle_core::DType;
use std::cell::RefCell;

/// Hidden states `[rows, width]` as they are stored.
#[derive(Clone, Copy)]
pub enum Hidden<'a> {
    F32(&'a [f32]),
    BF16(&'a [half::bf16]),
}

impl<'a> Hidden<'a> {
    /// # Errors
    /// They are neither.
    pub fn of(view: View<'a>) -> Result<Self> {
        Ok(match view.dtype() {
            DType::BF16 => Self::BF16(view.get()?),
            _ => Self::F32(view.f32()?),
        })
    }
}

/// Some entries of a `[vocabulary, width]` head, beside so many rows of hidden states.
#[derive(Clone, Copy)]
pub struct Chunk<'a> {
    pub w: Values<'a>,
    /// its first entry
    pub first: usize,
    pub rows: usize,
    pub columns: usize,
    pub width: usize,
}

thread_local! {
    static ROUNDED: RefCell<Vec<half::bf16>> = const { RefCell::new(Vec::new()) };
}

impl Chunk<'_> {
    /// `logits[rows, columns] (+)= h w^T`
    pub fn logits(self, h: Hidden, logits: &mut [f32], write: Write) {
        let Self {
            w,
            first,
            rows,
            columns,
            width,
        } = self;
        match h {
            Hidden::F32(h) => widened(w, first, columns, width, |at, w| {
                product(
                    Dims {
                        rows,
                        columns: w.len() / width,
                        terms: width,
                    },
                    Strided::rows(&mut logits[at..], columns),
                    Strided::rows(h, width),
                    Strided::rows(w, width).transposed(),
                    write.accumulates(),
                    1.0,
                );
            }),
            Hidden::BF16(h) => narrowed(w, first..first + columns, width, |at, w| {
                let dims = Dims {
                    rows,
                    columns: w.len() / width,
                    terms: width,
                };
                let w = Strided::rows(w, width).transposed();
                let dst = Strided::rows(&mut logits[at..], columns);
                bf16::product(dims, dst, Strided::rows(h, width), w, epilogue(write));
            }),
        }
    }

    /// `out[rows, width] (+)= logits w`, in the arithmetic of `h`
    pub fn times_weights(self, h: Hidden, logits: &[f32], out: &mut [f32], write: Write) {
        let Self {
            w,
            first,
            rows,
            columns,
            width,
        } = self;
        match h {
            Hidden::F32(_) => widened(w, first, columns, width, |at, w| {
                product(
                    Dims {
                        rows,
                        columns: width,
                        terms: w.len() / width,
                    },
                    Strided::rows(&mut *out, width),
                    Strided::rows(&logits[at..], columns),
                    Strided::rows(w, width),
                    write.accumulates() || at > 0,
                    1.0,
                );
            }),
            Hidden::BF16(_) => {
                let mut factors = ROUNDED.take();
                rounded(&logits[..rows * columns], &mut factors);
                narrowed(w, first..first + columns, width, |at, w| {
                    let dims = Dims {
                        rows,
                        columns: width,
                        terms: w.len() / width,
                    };
                    let write = if at > 0 { Write::Accumulate } else { write };
                    let logits = Strided::rows(&factors[at..], columns);
                    bf16::product(
                        dims,
                        Strided::rows(&mut *out, width),
                        logits,
                        Strided::rows(w, width),
                        epilogue(write),
                    );
                });
                ROUNDED.set(factors);
            }
        }
    }

    /// `dw[vocabulary, width] += logits^T h`, of this chunk's entries
    pub fn add_weight_grads(self, h: Hidden, logits: &[f32], dw: ViewMut) -> Result<()> {
        let Self {
            first,
            rows,
            columns,
            width,
            ..
        } = self;
        match h {
            Hidden::F32(h) => product(
                Dims {
                    rows: columns,
                    columns: width,
                    terms: rows,
                },
                Strided::rows(&mut dw.f32()?[first * width..], width),
                Strided::rows(logits, columns).transposed(),
                Strided::rows(h, width),
                true,
                1.0,
            ),
            Hidden::BF16(h) => {
                let mut factors = ROUNDED.take();
                rounded(&logits[..rows * columns], &mut factors);
                let dims = Dims {
                    rows: columns,
                    columns: width,
                    terms: rows,
                };
                let logits = Strided::rows(factors.as_slice(), columns).transposed();
                by_float!(dw.dtype(), F => {
                    let dw = Strided::rows(&mut dw.get::<F>()?[first * width..], width);
                    bf16::product(dims, dw, logits, Strided::rows(h, width), epilogue(Write::Accumulate));
                    Ok(())
                })?;
                ROUNDED.set(factors);
            }
        }
        Ok(())
    }
}

fn epilogue(write: Write) -> Epilogue {
    Epilogue { write, alpha: 1.0 }
}
