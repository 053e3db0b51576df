//! Causal attention over the segments of a plan, forward and backward, without a `[tokens, tokens]` matrix.
//!
//! Softmax statistics are saved and probabilities recomputed in the backward pass, as in *FlashAttention-2*, arXiv
//! 2307.08691; segments give packing and prefix sharing the same code path as plain causal attention.
use super::cpu::{attention as cpu, by_float};
use super::{Buf, Engine, Operation, View, ViewMut};
use crate::error::Result;
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
#[derive(Debug)]
pub struct Segments {
    /// `[groups + 1]`, where each group's segments start
    groups: Buf,
    /// `[segments, 4]`: first query, first key of its own, length, and where its context ends in `context`
    segments: Buf,
    /// `[ranges, 2]`: the first key of each context range, and the one behind its last
    context: Buf,
}

impl Segments {
    pub fn new(engine: &Engine, groups: &[Vec<Segment>]) -> Result<Self> {
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
        let send = |values| Buf::from_vec(values, engine.device());
        Ok(Self {
            groups: send(starts)?,
            segments: send(segments)?,
            context: send(context)?,
        })
    }

    /// As a body on the CPU reads them.
    fn groups(&self) -> Result<Vec<Vec<Segment>>> {
        let starts: &[u32] = self.groups.view().get()?;
        let context: &[u32] = self.context.view().get()?;
        let mut from = 0;
        let segments = self.segments.view().get::<u32>()?.chunks_exact(4).map(|segment| {
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
    pub segments: &'a Segments,
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
}

/// From what [`Attention`] read and wrote and the gradient of `o`: sets `dq` and adds to `dk` and `dv`, which start as zeros.
pub struct AttentionBackward<'a> {
    pub shape: Shape,
    pub segments: &'a Segments,
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
}
