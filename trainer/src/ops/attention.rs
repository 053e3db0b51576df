//! Causal attention over the segments of a plan, forward and backward, without a `[tokens, tokens]` matrix.
//!
//! Softmax statistics are saved and probabilities recomputed in the backward pass, as in *FlashAttention-2*, arXiv
//! 2307.08691; segments give packing and prefix sharing the same code path as plain causal attention.
use super::cpu::{attention as cpu, by_float};
use super::{Buf, IndexArrays, IndexRange, Operation, View, ViewMut};
use crate::error::Result;
use crate::ops::cuda::Card;
use crate::plan::Segment;

/// Head layout and reach. Queries are `[tokens, heads * head_dim]`, keys `[tokens, kv_heads * head_dim]`, values
/// `[tokens, kv_heads * value_dim]` and outputs `[tokens, heads * value_dim]`.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub heads: usize,
    pub kv_heads: usize,
    /// width of one head of queries and keys
    pub head_dim: usize,
    /// width of one head of values and outputs
    pub value_dim: usize,
    /// what `q k^T` is multiplied with before the softmax
    pub scale: f32,
    /// query tokens
    pub tokens: usize,
    /// sliding window: a query sees its last `window` positions, itself among them
    pub window: Option<usize>,
}

/// Who may look at whom, flat on the device.
#[derive(Clone, Copy, Debug)]
pub struct Segments<'a> {
    /// `[groups + 1]`, where each group's segments start
    pub groups: View<'a>,
    /// `[segments, 4]`: first query, first key of its own, length, and where its context ends in `context`
    pub segments: View<'a>,
    /// `[ranges, 2]`: the first key of each context range, and the one behind its last
    pub context: View<'a>,
}

/// Where these arrays lie among others.
#[derive(Clone, Debug)]
pub struct SegmentRanges {
    groups: IndexRange,
    segments: IndexRange,
    context: IndexRange,
}

impl SegmentRanges {
    pub fn lay_out(groups: &[Vec<Segment>], arrays: &mut IndexArrays) -> Self {
        let (mut starts, mut segments, mut context) = (vec![0], vec![], vec![]);
        for segment in groups.iter().flatten() {
            context.extend(
                segment
                    .context
                    .iter()
                    .flat_map(|range| [range.start as u32, range.end as u32]),
            );
            let ends = context.len() / 2;
            segments.extend([segment.query, segment.key, segment.len, ends].map(|n| n as u32));
        }
        let mut before = 0;
        starts.extend(groups.iter().map(|group| {
            before += group.len() as u32;
            before
        }));
        Self {
            groups: arrays.push(starts),
            segments: arrays.push(segments),
            context: arrays.push(context),
        }
    }

    pub fn of<'a>(&self, sent: &'a Buf) -> Segments<'a> {
        Segments {
            groups: self.groups.of(sent),
            segments: self.segments.of(sent),
            context: self.context.of(sent),
        }
    }
}

impl Segments<'_> {
    /// As a body on the CPU reads them.
    fn groups(self) -> Result<Vec<Vec<Segment>>> {
        let starts: &[u32] = self.groups.get()?;
        let context: &[u32] = self.context.get()?;
        let mut from = 0;
        let segments = self.segments.u32()?.chunks_exact(4).map(|segment| {
            let [query, key, len, ends] = [0, 1, 2, 3].map(|i| segment[i] as usize);
            let ranges = context[2 * from..2 * ends].chunks_exact(2);
            from = ends;
            Segment {
                query,
                key,
                len,
                context: ranges.map(|range| range[0] as usize..range[1] as usize).collect(),
            }
        });
        let segments: Vec<Segment> = segments.collect();
        let group = |bounds: &[u32]| segments[bounds[0] as usize..bounds[1] as usize].to_vec();
        Ok(starts.windows(2).map(group).collect())
    }
}

/// `o = softmax(scale q k^T) v`; `lse[heads, tokens]` is the log of each softmax's normaliser.
pub struct Attention<'a> {
    pub shape: Shape,
    pub segments: Segments<'a>,
    pub q: View<'a>,
    pub k: View<'a>,
    pub v: View<'a>,
    pub o: ViewMut<'a>,
    pub lse: ViewMut<'a>,
}

impl Operation for Attention<'_> {
    fn cpu(self) -> Result<()> {
        let groups = self.segments.groups()?;
        by_float!(self.o.dtype(), F => {
            let keys = cpu::Keys::<F> {
                k: self.k.get()?,
                v: self.v.get()?,
            };
            cpu::forward(self.shape, &groups, self.q.get()?, keys, self.o.get()?, self.lse.f32()?);
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        Err(card.lacks("Attention"))
    }
}

/// From what [`Attention`] read and wrote and the gradient of `o`: sets `dq` and adds to `dk` and `dv`, which start as zeros.
pub struct AttentionBackward<'a> {
    pub shape: Shape,
    pub segments: Segments<'a>,
    pub q: View<'a>,
    pub k: View<'a>,
    pub v: View<'a>,
    pub o: View<'a>,
    pub lse: View<'a>,
    pub d_o: View<'a>,
    pub dq: ViewMut<'a>,
    pub dk: ViewMut<'a>,
    pub dv: ViewMut<'a>,
}

impl Operation for AttentionBackward<'_> {
    fn cpu(self) -> Result<()> {
        let groups = self.segments.groups()?;
        by_float!(self.dq.dtype(), F => {
            let keys = cpu::Keys::<F> {
                k: self.k.get()?,
                v: self.v.get()?,
            };
            let saved = cpu::Saved {
                o: self.o.get()?,
                lse: self.lse.f32()?,
                d_o: self.d_o.get()?,
            };
            let grads = [self.dq.get()?, self.dk.get()?, self.dv.get()?];
            cpu::backward(self.shape, &groups, self.q.get()?, keys, saved, grads);
            Ok(())
        })
    }

    fn cuda(self, card: &Card) -> Result<()> {
        Err(card.lacks("AttentionBackward"))
    }
}
