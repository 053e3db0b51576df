//! The logits of one row over the whole vocabulary, which decoding draws from.
use super::super::cpu::chunk::{Chunk, Hidden};
use super::super::matmul::{self, LinearForward};
use super::super::{Operand, Operation, View, ViewMut, Write};
use super::{CHUNK, Dims, Form, card};
use crate::error::Result;
use crate::ops::cuda::Card;

/// `logits[vocab]` of one hidden state `[width]`.
pub struct HeadLogits<'a> {
    pub h: View<'a>,
    pub w: Operand<'a>,
    pub dims: Dims,
    pub form: Form<'a>,
    pub logits: ViewMut<'a>,
}

impl Operation for HeadLogits<'_> {
    fn cpu(self) -> Result<()> {
        let Dims { width, vocab } = self.dims;
        if self.form.is_plain() && self.form.low_rank.is_none() {
            let product = LinearForward {
                x: self.h,
                w: self.w,
                y: self.logits,
                dims: matmul::Dims {
                    tokens: 1,
                    input: width,
                    output: vocab,
                },
                write: Write::Overwrite,
                alpha: 1.0,
            };
            return product.cpu();
        }
        let (h, open, logits) = (Hidden::of(self.h)?, self.w.open(), self.logits.f32()?);
        let w = open.values()?;
        for (first, logits) in (0..).step_by(CHUNK).zip(logits[..vocab].chunks_mut(CHUNK)) {
            let columns = logits.len();
            let chunk = Chunk {
                w,
                first,
                rows: 1,
                columns,
                width,
            };
            self.form.products(&chunk, h, logits)?;
            if let Some(form) = self.form.of_chunk(&chunk)? {
                form.apply(logits, columns);
            }
        }
        Ok(())
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card::logits(self, card)
    }
}
