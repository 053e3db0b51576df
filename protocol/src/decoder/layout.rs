//! How modules are laid out in the tensors of a checkpoint: fused, stacked, transposed.

use super::{BlockRole, DecoderSpec, Named, Network, NormedOver, Projection, Role, Shape, Stack, WeightMap};

/// Linear layers with the same input that a checkpoint keeps in one tensor.
#[derive(Debug)]
pub struct Fused {
    /// Its path within the block.
    pub module: &'static str,
    pub parts: &'static [BlockRole],
    pub order: RowOrder,
}

/// How the weights of norms are stored that have one for each head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadNorms {
    /// A tensor `[heads, width]`.
    Rows,
    /// A module for each head: the path followed by the head's number.
    Numbered,
}

/// How the weights of a norm of each head are stored.
#[derive(Debug, Clone, Copy)]
pub struct HeadNormLayout {
    pub layout: HeadNorms,
    pub heads: usize,
}

/// The order of the rows of fused layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowOrder {
    /// All rows of a layer, then all of the next.
    Stacked,
    /// For each head of keys and values: the rows of its query heads, then those of its key, then those of its value.
    ByGroup,
}

/// Where a checkpoint keeps a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub path: String,
    pub named: Named,
    /// Which matrix of the tensor it is in, where the tensor has several.
    pub stack: Option<Stack>,
    /// Its rows of the matrix, where other modules have the rest.
    pub rows: Option<Rows>,
    /// Whether its weight is stored as `[input, output]`.
    pub transposed: bool,
}

/// Some rows of a matrix: `runs` runs of `run` neighbouring rows, one every `stride` rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rows {
    /// First row of the first run.
    pub first: usize,
    /// Rows of a run.
    pub run: usize,
    /// Rows from the beginning of a run to that of the next.
    pub stride: usize,
    pub runs: usize,
    /// Rows of the whole matrix.
    pub of: usize,
}

impl Rows {
    /// How many rows these are.
    pub fn count(&self) -> usize {
        self.run * self.runs
    }

    /// The first row of each run.
    pub fn starts(&self) -> impl Iterator<Item = usize> + use<> {
        let Self { first, stride, .. } = *self;
        (0..self.runs).map(move |i| first + i * stride)
    }
}

impl WeightMap {
    /// Where checkpoints keep a module of this decoder.
    pub fn stored(&self, decoder: &DecoderSpec, role: Role) -> Stored {
        let whole = || Stored {
            path: self.path(role),
            named: Named::Module,
            stack: None,
            rows: None,
            transposed: self.transposed && matches!(role, Role::Block(..)),
        };
        let Role::Block(i, own) = role else { return whole() };
        if let (Some(stacked), BlockRole::Mlp(Network::Expert(index), projection)) = (self.stacked, own) {
            let experts = decoder.blocks.get(i).and_then(|block| block.mlp.experts());
            let (of, width) = experts.map_or((0, 0), |experts| (experts.count, experts.expert.width));
            let output = match projection {
                Projection::Gate | Projection::Up => width,
                Projection::Down => decoder.hidden,
            };
            return Stored {
                path: format!("{}.{i}.{}", self.blocks, stacked.tensor(projection)),
                named: stacked.named,
                stack: Some(Stack { index, of }),
                rows: Some(stacked.rows(projection, output)),
                transposed: stacked.transposed,
            };
        }
        let (Some(fused), Some(block)) = (self.fused(own), decoder.blocks.get(i)) else {
            return whole();
        };
        let modules = block.modules(decoder.hidden);
        let groups = match fused.order {
            RowOrder::Stacked => 1,
            RowOrder::ByGroup => block.attention.kv_heads.max(1),
        };
        // rows of a part in one group
        let rows = |part: &BlockRole| match modules.iter().find(|(role, _)| role == part) {
            Some((_, Shape::Linear { output, .. })) => *output / groups,
            _ => 0,
        };
        let stride = fused.parts.iter().map(rows).sum();
        let before = fused.parts.iter().take_while(|part| **part != own);
        Stored {
            path: format!("{}.{i}.{}", self.blocks, fused.module),
            named: Named::Module,
            stack: None,
            rows: Some(Rows {
                first: before.map(rows).sum(),
                run: rows(&own),
                stride,
                runs: groups,
                of: stride * groups,
            }),
            transposed: self.transposed,
        }
    }

    /// For a norm of queries or keys with a weight for each head: how these are stored, and how many heads there are.
    pub fn head_norm(&self, decoder: &DecoderSpec, role: Role) -> Option<HeadNormLayout> {
        let Role::Block(i, role) = role else { return None };
        let attention = &decoder.blocks.get(i)?.attention;
        let heads = match role {
            BlockRole::QueryNorm => attention.heads,
            BlockRole::KeyNorm => attention.kv_heads,
            _ => return None,
        };
        let each = attention.qk_norm.as_ref()?.over == NormedOver::EachHead;
        each.then_some(HeadNormLayout {
            layout: self.head_norms,
            heads,
        })
    }

    /// Dimensions of a vector's tensor in checkpoints; all but the last have size 1.
    pub fn vector_dims(&self, role: Role) -> usize {
        match role {
            Role::Block(_, BlockRole::Correction) => self.correction.dims,
            _ => 1,
        }
    }

    /// Whether a linear layer can have an adapter: not experts that share their tensors, nor a router that is no linear layer.
    pub fn takes_adapters(&self, role: BlockRole) -> bool {
        match role {
            BlockRole::Mlp(Network::Expert(_), _) => self.stacked.is_none(),
            BlockRole::Router => self.router_is_linear,
            _ => true,
        }
    }
}
