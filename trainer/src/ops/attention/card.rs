//! Attention on a card: which of the kernels compute it, and how they are started.
use super::{Alibi, Attention, AttentionBackward, Shape};
use crate::error::{Error, Result};
use crate::ops::cuda::{
    ATTENTION, ATTENTION_SHAPED, ATTENTION_TENSOR, ATTENTION_TENSOR_F16, ATTENTION_TENSOR_SHAPED,
    ATTENTION_TENSOR_SHAPED_F16, Card, Grid, Kernel, Module,
};
use crate::ops::{Buf, Device};
use candle_core::DType;
use protocol::decoder::{DecoderSpec, Span};
use protocol::{Said, says};

/// Queries or keys of a listed tile, of which a block takes a part or all.
const LISTED: usize = super::tiles::TILE;
/// The widest heads that there are kernels for.
const WIDEST: usize = 256;
/// What kernels are told where there is no window: no query is so far from a key.
const NO_WINDOW: usize = 1 << 31;

/// What becomes of products before the softmax: times a scale within a window, or anything else there is.
#[derive(Clone, Copy)]
struct Scores<'a> {
    shape: Shape,
    alibi: Option<Alibi<'a>>,
}

impl Scores<'_> {
    fn are_shaped(&self) -> bool {
        self.alibi.is_some() || self.shape.soft_cap.is_some() || matches!(self.shape.span, Span::Chunk(_))
    }

    /// The last arguments of each kernel.
    fn of<'a>(&self, kernel: Kernel<'a>) -> Kernel<'a> {
        let Shape { span, scale, .. } = self.shape;
        let (window, chunk) = match span {
            Span::All => (NO_WINDOW, 0),
            Span::Window(window) => (window.min(NO_WINDOW), 0),
            Span::Chunk(chunk) => (NO_WINDOW, chunk),
        };
        let kernel = kernel
            .u32(self.shape.tokens)
            .u32(self.shape.heads)
            .u32(self.shape.kv_heads)
            .u32(self.shape.head_dim)
            .u32(self.shape.value_dim)
            .u32(window)
            .f32(scale);
        match self.are_shaped() {
            false => kernel,
            true => kernel
                .u32(chunk)
                .f32(self.shape.soft_cap.unwrap_or(0.0))
                .read_if(self.alibi.map(|alibi| alibi.slopes), self.shape.heads)
                .flag(self.alibi.is_some_and(|alibi| alibi.rounded)),
        }
    }
}

/// Why a card can't compute attention of a decoder, if it can't.
pub fn refuses(decoder: &DecoderSpec) -> Option<Said> {
    let widths = decoder
        .blocks
        .iter()
        .flat_map(|block| [block.attention.head_dim, block.attention.value_dim]);
    let widest = widths.max().unwrap_or(0);
    (widest > WIDEST).then(|| says::heads_too_wide_for_card(widest, WIDEST))
}

/// How a block computes: the heads' width that its kernel is made for, and the shared memory that it lays rows in.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    /// multiply-adds in f32 over squares of this side
    Plain { width: usize, side: usize },
    /// products of 16 bits on tensor cores, so many keys or queries at once
    Tensor { width: usize, keys: usize, queries: usize },
}

impl Form {
    fn of(shape: Shape, dtype: DType) -> Result<Self> {
        let widest = shape.head_dim.max(shape.value_dim);
        let aligned = shape.head_dim.is_multiple_of(8) && shape.value_dim.is_multiple_of(8);
        Ok(match (widest, dtype) {
            (too_wide, _) if too_wide > WIDEST => {
                return Err(Error::internal(format!(
                    "attention on a card takes heads of up to {WIDEST} values, not {widest}"
                )));
            }
            (..=64, DType::BF16 | DType::F16) if aligned => Self::Tensor {
                width: 64,
                keys: 64,
                queries: 64,
            },
            (65..=128, DType::BF16 | DType::F16) if aligned => Self::Tensor {
                width: 128,
                keys: 64,
                queries: 32,
            },
            (_, DType::BF16 | DType::F16) if aligned => Self::Tensor {
                width: 256,
                keys: 32,
                queries: 16,
            },
            // of these the kernels in 16 bits are few
            (33.., DType::BF16 | DType::F16) => Self::plain(WIDEST),
            _ => Self::plain(widest),
        })
    }

    fn plain(widest: usize) -> Self {
        let (width, side) = match widest {
            ..=32 => (32, 32),
            33..=64 => (64, 32),
            65..=96 => (96, 32),
            97..=128 => (128, 32),
            _ => (WIDEST, 16),
        };
        Self::Plain { width, side }
    }

    fn call(self, kernel: &str, dtype: DType, shared: usize) -> Call {
        match self {
            Self::Plain { width, side } => Call {
                modules: [&ATTENTION, &ATTENTION_SHAPED],
                family: "attention",
                name: format!("{kernel}_{width}_{}", dtype.as_str()),
                parts: LISTED / side,
                threads: side * 4,
                shared,
            },
            Self::Tensor { width, .. } => Call {
                modules: match dtype {
                    DType::F16 => [&ATTENTION_TENSOR_F16, &ATTENTION_TENSOR_SHAPED_F16],
                    _ => [&ATTENTION_TENSOR, &ATTENTION_TENSOR_SHAPED],
                },
                family: "attention_tensor",
                name: format!("{kernel}_{width}_{}", dtype.as_str()),
                parts: 1,
                threads: 128,
                shared,
            },
        }
    }

    /// Bytes of so many rows in shared memory, as the kernels lay them.
    fn rows(self, count: usize) -> usize {
        match self {
            Self::Plain { width, .. } => count * (width + 4) * size_of::<f32>(),
            Self::Tensor { width, .. } => count * (width + 8) * size_of::<half::bf16>(),
        }
    }

    fn square(side: usize) -> usize {
        side * (side + 4) * size_of::<f32>()
    }

    fn forward(self, dtype: DType) -> Call {
        let shared = match self {
            Self::Plain { side, .. } => self.rows(3 * side) + Self::square(side),
            Self::Tensor { keys, .. } => self.rows(LISTED + 2 * keys),
        };
        self.call("forward", dtype, shared)
    }

    fn backward_queries(self, dtype: DType) -> Call {
        let shared = match self {
            Self::Plain { side, .. } => self.rows(4 * side) + Self::square(side),
            Self::Tensor { keys, .. } => self.rows(2 * LISTED + 2 * keys),
        };
        self.call("backward_queries", dtype, shared)
    }

    fn backward_keys(self, dtype: DType) -> Call {
        let statistics = |queries: usize| 2 * queries * size_of::<f32>();
        let shared = match self {
            Self::Plain { side, .. } => self.rows(4 * side) + 2 * Self::square(side) + statistics(side),
            Self::Tensor { queries, .. } => self.rows(2 * LISTED + 2 * queries) + statistics(queries),
        };
        self.call("backward_keys", dtype, shared)
    }

    /// Whether keys' gradients and values' are summed by blocks of their own.
    fn keys_apart(self) -> bool {
        matches!(self, Self::Tensor { width: WIDEST, .. })
    }
}

/// A kernel and the block it wants.
struct Call {
    /// of kernels for scores that are products, and of those for others
    modules: [&'static Module; 2],
    family: &'static str,
    name: String,
    /// blocks to a listed tile
    parts: usize,
    threads: usize,
    shared: usize,
}

impl Call {
    fn kernel<'a>(&self, card: &'a Card, scores: Scores) -> Result<Kernel<'a>> {
        let [products, shaped] = self.modules;
        match scores.are_shaped() {
            false => card.kernel_named(products, &format!("{}_{}", self.family, self.name)),
            true => card.kernel_named(shaped, &format!("{}_shaped_{}", self.family, self.name)),
        }
    }

    fn grid(&self, tiles: usize, heads: usize) -> Grid {
        Grid {
            blocks: [tiles * self.parts, heads, 1],
            threads: [self.threads, 1, 1],
            shared: self.shared,
        }
    }
}

pub(super) fn forward(mut operation: Attention, card: &Card) -> Result<()> {
    let (shape, dtype, segments) = (operation.shape, operation.q.dtype(), operation.segments);
    let (tiles, form) = (segments.tiles, Form::of(shape, dtype)?);
    let scores = Scores {
        shape,
        alibi: operation.alibi,
    };
    let few = Call {
        parts: 1,
        shared: 0,
        ..Form::plain(shape.head_dim.max(shape.value_dim)).call("few", dtype, 0)
    };
    let long = (form.forward(dtype), tiles.queries, tiles.count.long);
    for (call, list, count) in [long, (few, tiles.few, tiles.count.few)] {
        let kernel = call
            .kernel(card, scores)?
            .read(operation.q, shape.tokens * shape.heads * shape.head_dim)
            .read_by_index(operation.k)
            .read_by_index(operation.v)
            .write(operation.o.view_mut(), shape.tokens * shape.heads * shape.value_dim)
            .write(operation.lse.view_mut(), shape.tokens * shape.heads)
            .read_by_index(segments.segments)
            .read_by_index(segments.context)
            .read(list, 2 * count);
        scores.of(kernel).launch(call.grid(count, shape.heads))?;
    }
    Ok(())
}

pub(super) fn backward(operation: AttentionBackward, card: &Card) -> Result<()> {
    let AttentionBackward {
        shape,
        alibi,
        segments,
        q,
        k,
        v,
        o,
        lse,
        d_o,
        dq,
        dk,
        dv,
    } = operation;
    let (dtype, tiles) = (q.dtype(), segments.tiles);
    let form = Form::of(shape, dtype)?;
    let scores = Scores { shape, alibi };
    // of each row the sum of `o * d_o`
    let rows = shape.tokens * shape.heads;
    let mut delta = Buf::unwritten(DType::F32, rows, &Device::Cuda(card.clone()))?;
    card.kernel(&ATTENTION, "attention_delta", dtype)?
        .read(o, rows * shape.value_dim)
        .read(d_o, rows * shape.value_dim)
        .write(delta.view_mut(), rows)
        .u32(shape.tokens)
        .u32(shape.heads)
        .u32(shape.value_dim)
        .launch(Grid::each(rows.div_ceil(8), 256))?;
    let call = form.backward_queries(dtype);
    let kernel = call
        .kernel(card, scores)?
        .read(q, rows * shape.head_dim)
        .read_by_index(k)
        .read_by_index(v)
        .read(d_o, rows * shape.value_dim)
        .read(lse, rows)
        .read(delta.view(), rows)
        .write(dq, rows * shape.head_dim)
        .read_by_index(segments.segments)
        .read_by_index(segments.context)
        .read(tiles.queries, 2 * tiles.count.queries);
    scores.of(kernel).launch(call.grid(tiles.count.queries, shape.heads))?;
    let call = form.backward_keys(dtype);
    let kernel = call
        .kernel(card, scores)?
        .read(q, rows * shape.head_dim)
        .read_by_index(k)
        .read_by_index(v)
        .read(d_o, rows * shape.value_dim)
        .read(lse, rows)
        .read(delta.view(), rows)
        .write_by_index(dk)
        .write_by_index(dv)
        .read_by_index(segments.segments)
        .read(tiles.keys, 4 * tiles.count.keys)
        .read_by_index(tiles.visits);
    let mut grid = call.grid(tiles.count.keys, shape.kv_heads);
    grid.blocks[2] = if form.keys_apart() { 2 } else { 1 };
    scores.of(kernel).launch(grid)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(head_dim: usize, value_dim: usize) -> Shape {
        Shape {
            heads: 2,
            kv_heads: 1,
            head_dim,
            value_dim,
            scale: 1.0,
            tokens: 1,
            span: Span::All,
            soft_cap: None,
        }
    }

    /// 99 KiB is what a block may share on cards of 8.6 and 8.9, the least of all from 8.0 on.
    #[test]
    fn every_width_fits_the_smallest_shared_memory() {
        for (dim, dtype) in (1..=WIDEST).flat_map(|dim| [(dim, DType::F32), (dim, DType::BF16), (dim, DType::F16)]) {
            let form = Form::of(shape(dim, 1), dtype).unwrap();
            for call in [
                form.forward(dtype),
                form.backward_queries(dtype),
                form.backward_keys(dtype),
            ] {
                assert!(call.shared <= 99 << 10, "{}: {}", call.name, call.shared);
            }
            let form = Form::of(shape(8, dim), dtype).unwrap();
            assert!(form.backward_queries(dtype).shared <= 99 << 10, "values of {dim}");
        }
    }

    #[test]
    fn tensor_cores_are_for_16_bits_in_whole_words() {
        let tensor =
            |dim, value_dim, dtype| matches!(Form::of(shape(dim, value_dim), dtype).unwrap(), Form::Tensor { .. });
        assert!(tensor(80, 80, DType::BF16) && tensor(192, 128, DType::F16));
        assert!(!tensor(80, 80, DType::F32) && !tensor(12, 16, DType::BF16) && !tensor(16, 12, DType::BF16));
        assert!(Form::of(shape(16, 264), DType::F32).is_err());
    }
}
