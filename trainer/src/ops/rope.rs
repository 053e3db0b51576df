//! Rotary position embedding: pairs of a head's values turn by an angle of their position. *RoFormer*, arXiv 2104.09864.
use super::Device;
use super::cpu::{Float, by_float, parallel, simd};
use super::{Buf, Operation, View, ViewMut};
use crate::error::Result;
use crate::ops::cuda::{Card, Grid, ROPE};

/// How fast pairs turn, and which values are one.
#[derive(Clone, Debug, PartialEq)]
pub struct Rotation {
    /// `[pairs]`, radians to a position
    pub frequencies: Vec<f32>,
    /// what cosines and sines are multiplied with
    pub magnitude: f32,
    /// pair `i` are values `2 i` and `2 i + 1`, else `i` and `i + pairs`
    pub interleaved: bool,
}

/// Cosines and sines of every position, `[positions, rotations, pairs]` each.
#[derive(Debug)]
pub struct Table {
    cos: Buf,
    sin: Buf,
    pairs: usize,
    interleaved: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    Forward,
    /// the gradient's: by the opposite angle
    Backward,
}

impl Table {
    /// Angles are `position * frequencies[i]`, of rotations that are alike but for their frequencies and magnitudes.
    pub fn new(rotations: &[Rotation], positions: usize, device: &Device) -> Result<Self> {
        let values = |of: fn(f32) -> f32| {
            let mut values = vec![];
            for position in 0..positions {
                for rotation in rotations {
                    let angles = rotation.frequencies.iter().map(|f| position as f32 * f);
                    values.extend(angles.map(|angle| of(angle) * rotation.magnitude));
                }
            }
            values
        };
        Ok(Self {
            cos: Buf::from_vec(values(f32::cos), device)?,
            sin: Buf::from_vec(values(f32::sin), device)?,
            pairs: rotations.first().map_or(0, |rotation| rotation.frequencies.len()),
            interleaved: rotations.first().is_some_and(|rotation| rotation.interleaved),
        })
    }

    pub fn positions(&self) -> usize {
        self.cos.capacity() / self.pairs.max(1)
    }
}

/// Where the values that turn lie: of each head of so many values those from `first` on, two for each of the table's pairs.
#[derive(Clone, Copy, Debug)]
pub struct Turned {
    pub heads: usize,
    pub head_dim: usize,
    pub first: usize,
}

/// Rotates `x[tokens, heads * head_dim]` in place.
pub struct Rope<'a> {
    pub x: ViewMut<'a>,
    pub table: &'a Table,
    /// `[tokens]`, which row of the table is each token's: its position, where there is one rotation
    pub turns: View<'a>,
    pub tokens: usize,
    pub turned: Turned,
    pub turn: Turn,
}

impl Operation for Rope<'_> {
    fn cpu(self) -> Result<()> {
        by_float!(self.x.dtype(), F => {
            let width = self.turned.heads * self.turned.head_dim;
            let rows = Rows {
                cos: self.table.cos.view().f32()?,
                sin: self.table.sin.view().f32()?,
                pairs: self.table.pairs,
                interleaved: self.table.interleaved,
                sign: if self.turn == Turn::Forward { 1.0 } else { -1.0 },
            };
            let turns = self.turns.u32()?;
            parallel::rows1(&mut self.x.get::<F>()?[..self.tokens * width], width, |first, x| {
                rotate_rows(x, &turns[first..], &rows, self.turned);
            });
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        let (
            Table {
                cos,
                sin,
                pairs,
                interleaved,
            },
            Turned { heads, head_dim, first },
        ) = (self.table, self.turned);
        card.kernel(&ROPE, "rope", self.x.dtype())?
            .write(self.x, self.tokens * heads * head_dim)
            .read_by_index(cos.view())
            .read_by_index(sin.view())
            .read(self.turns, self.tokens)
            .u32(heads)
            .u32(*pairs)
            .u32(head_dim)
            .u32(first)
            .flag(*interleaved)
            .f32(if self.turn == Turn::Forward { 1.0 } else { -1.0 })
            .launch(Grid::rows(self.tokens, heads * pairs * 8))
    }
}

/// What rows are turned by.
struct Rows<'a> {
    cos: &'a [f32],
    sin: &'a [f32],
    pairs: usize,
    interleaved: bool,
    sign: f32,
}

simd! {
fn rotate_rows<F: Float>(x: &mut [F], turns: &[u32], by: &Rows, turned: Turned) {
    let (Turned { heads, head_dim, first }, pairs, sign) = (turned, by.pairs, by.sign);
    for (x, &turn) in x.chunks_exact_mut(heads * head_dim).zip(turns) {
        let at = turn as usize * pairs;
        let (cos, sin) = (&by.cos[at..at + pairs], &by.sin[at..at + pairs]);
        for head in x.chunks_exact_mut(head_dim) {
            let values = &mut head[first..first + 2 * pairs];
            if by.interleaved {
                for i in 0..pairs {
                    let (x1, x2, s) = (values[2 * i].widened(), values[2 * i + 1].widened(), sin[i] * sign);
                    values[2 * i] = F::rounded(x1 * cos[i] - x2 * s);
                    values[2 * i + 1] = F::rounded(x2 * cos[i] + x1 * s);
                }
                continue;
            }
            let (a, b) = values.split_at_mut(pairs);
            for i in 0..pairs {
                let (x1, x2, s) = (a[i].widened(), b[i].widened(), sin[i] * sign);
                a[i] = F::rounded(x1 * cos[i] - x2 * s);
                b[i] = F::rounded(x2 * cos[i] + x1 * s);
            }
        }
    }
}
}
