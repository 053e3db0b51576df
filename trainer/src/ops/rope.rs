//! Rotary position embedding in the half-split form. *RoFormer*, arXiv 2104.09864.
use super::Device;
use super::cpu::{Float, by_float, parallel, simd};
use super::{Buf, Operation, View, ViewMut};
use crate::error::Result;
use crate::ops::cuda::{Card, Grid, ROPE};

/// Cosines and sines of every position, `[positions, head_dim / 2]` each.
#[derive(Debug)]
pub struct Table {
    cos: Buf,
    sin: Buf,
    half: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    Forward,
    /// the gradient's: by the opposite angle
    Backward,
}

impl Table {
    /// Angles are `position * frequencies[i]`.
    pub fn new(frequencies: &[f32], positions: usize, device: &Device) -> Result<Self> {
        let angles = || (0..positions).flat_map(|p| frequencies.iter().map(move |f| p as f32 * f));
        Ok(Self {
            cos: Buf::from_vec(angles().map(f32::cos).collect(), device)?,
            sin: Buf::from_vec(angles().map(f32::sin).collect(), device)?,
            half: frequencies.len(),
        })
    }

    pub fn positions(&self) -> usize {
        self.cos.capacity() / self.half
    }
}

/// Rotates `x[tokens, heads * head_dim]` in place.
pub struct Rope<'a> {
    pub x: ViewMut<'a>,
    pub table: &'a Table,
    /// `[tokens]`
    pub positions: View<'a>,
    pub tokens: usize,
    pub heads: usize,
    pub turn: Turn,
}

impl Operation for Rope<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.x.dtype(), F => {
            let width = self.heads * self.table.half * 2;
            let sign = if self.turn == Turn::Forward { 1.0 } else { -1.0 };
            let (cos, sin, half) = (
                self.table.cos.view().f32()?,
                self.table.sin.view().f32()?,
                self.table.half,
            );
            let positions = self.positions.u32()?;
            parallel::rows1(&mut self.x.get::<F>()?[..self.tokens * width], width, |first, x| {
                rotate_rows(x, &positions[first..], cos, sin, self.heads, half, sign);
            });
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let half = self.table.half;
        card.kernel(&ROPE, "rope", self.x.dtype())?
            .write(self.x)
            .read(self.table.cos.view())
            .read(self.table.sin.view())
            .read(self.positions)
            .u32(self.heads)
            .u32(half)
            .f32(if self.turn == Turn::Forward { 1.0 } else { -1.0 })
            .launch(Grid::rows(self.tokens, self.heads * half * 8))
    }
}

simd! {
fn rotate_rows<F: Float>(
    x: &mut [F], positions: &[u32], cos: &[f32], sin: &[f32], heads: usize, half: usize, sign: f32,
) {
    for (x, &position) in x.chunks_exact_mut(heads * half * 2).zip(positions) {
        let at = position as usize * half;
        let (cos, sin) = (&cos[at..at + half], &sin[at..at + half]);
        for head in x.chunks_exact_mut(half * 2) {
            let (a, b) = head.split_at_mut(half);
            for i in 0..half {
                let (x1, x2, s) = (a[i].widened(), b[i].widened(), sin[i] * sign);
                a[i] = F::rounded(x1 * cos[i] - x2 * s);
                b[i] = F::rounded(x2 * cos[i] + x1 * s);
            }
        }
    }
}
}
