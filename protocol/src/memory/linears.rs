//! What a decoder is made of, counted by shapes.

use crate::api::ModelDims;
use crate::decoder::{BlockRole, BlockSpec, MlpSpec, ModuleSpec, Network, NormSpec, Role, Shape};
use crate::states::TrainedTensors;

/// Linear layers of one role and shape; what checkpoints keep as one is one.
pub struct Linears {
    /// Their role in the first block that has them, as the first expert's where they are experts'.
    pub role: BlockRole,
    pub name: &'static str,
    pub input: u64,
    pub output: u64,
    /// Decoder blocks that have them.
    pub blocks: u64,
    /// In all of those blocks together.
    pub count: u64,
    /// How many of one block a token meets.
    pub met: u64,
    /// Layers that checkpoints keep in one of them: each has its own of what an adapter makes of the input.
    pub parts: u64,
}

impl Linears {
    pub fn numbers(&self) -> u64 {
        self.input * self.output * self.count
    }

    fn is_like(&self, other: &Self) -> bool {
        (self.role, self.input, self.output) == (other.role, other.input, other.output)
    }

    /// A tensor of this size for each of them in at most so many blocks.
    pub fn tensors(&self, size: (u64, u64), blocks: u64) -> TrainedTensors {
        let blocks = self.blocks.min(blocks);
        TrainedTensors {
            count: self.count / self.blocks.max(1) * blocks,
            blocks,
            ..tensor(self.name, size)
        }
    }
}

/// The linear layers of all decoder blocks.
pub fn linears(d: &ModelDims) -> Vec<Linears> {
    let mut all: Vec<Linears> = vec![];
    for equal in d.decoder.blocks.chunk_by(|a, b| a == b) {
        let Some(block) = equal.first() else { continue };
        for found in of_block(d, block, equal.len() as u64) {
            match all.iter_mut().find(|known| known.is_like(&found)) {
                Some(known) => {
                    known.blocks += found.blocks;
                    known.count += found.count;
                }
                None => all.push(found),
            }
        }
    }
    all
}

/// What people call the linear layers that an adapter may go on, each once.
pub fn layer_names(d: &ModelDims) -> Vec<&'static str> {
    let mut names = vec![];
    for linear in linears(d)
        .into_iter()
        .filter(|l| d.family.weights.takes_adapters(l.role))
    {
        if !names.contains(&linear.name) {
            names.push(linear.name);
        }
    }
    names
}

/// Those of `blocks` such blocks.
fn of_block(d: &ModelDims, block: &BlockSpec, blocks: u64) -> Vec<Linears> {
    let mut all: Vec<Linears> = vec![];
    for (role, shape) in block.modules(d.decoder.hidden) {
        let Shape::Linear { input, output, .. } = shape else {
            continue;
        };
        let role = alike(role);
        // what checkpoints keep as one is one to an adapter
        let first = d.family.weights.fused(role).and_then(|fused| fused.parts.first());
        if let Some(first) = first.filter(|first| **first != role) {
            if let Some(known) = all.iter_mut().find(|known| known.role == *first) {
                known.output += output as u64;
                known.parts += 1;
            }
            continue;
        }
        let found = Linears {
            role,
            name: d.family.weights.name(Role::Block(0, role)),
            input: input as u64,
            output: output as u64,
            blocks,
            count: blocks,
            met: met(role, block),
            parts: 1,
        };
        match all.iter_mut().find(|known| known.is_like(&found)) {
            Some(known) => known.count += blocks,
            None => all.push(found),
        }
    }
    all
}

/// All numbers of the model, but for biases and per-head norms.
pub fn parameters(d: &ModelDims) -> u64 {
    all_of(d).iter().map(|t| t.rows * t.columns * t.count).sum()
}

/// The tensors of the model, but for biases and per-head norms.
pub fn all_of(d: &ModelDims) -> Vec<TrainedTensors> {
    let (names, decoder) = (&d.family.weights, &d.decoder);
    let (hidden, layers) = (decoder.hidden as u64, decoder.blocks.len() as u64);
    let mut all: Vec<_> = linears(d)
        .iter()
        .map(|l| l.tensors((l.output, l.input), l.blocks))
        .collect();
    let norms = decoder.blocks.iter().map(norms_of).sum();
    all.push(TrainedTensors {
        count: norms,
        blocks: layers,
        ..tensor(names.name(Role::FinalNorm), (hidden, 1))
    });
    all.extend(outside(d));
    all
}

/// The tensors outside the blocks.
pub fn outside(d: &ModelDims) -> Vec<TrainedTensors> {
    let modules = d.decoder.modules().into_iter();
    modules.filter_map(|module| of_outside(d, module)).collect()
}

fn of_outside(d: &ModelDims, ModuleSpec { role, shape }: ModuleSpec) -> Option<TrainedTensors> {
    if matches!(role, Role::Block(..)) {
        return None;
    }
    let size = match shape {
        Shape::Table { rows, columns } => (rows, columns),
        Shape::Norm { width, .. } | Shape::Bias { width } => (width, 1),
        Shape::Linear { input, output, .. } => (output, input),
    };
    Some(tensor(d.family.weights.name(role), (size.0 as u64, size.1 as u64)))
}

/// Norms as wide as the residual stream.
fn norms_of(block: &BlockSpec) -> u64 {
    let norms = block.norms.all().into_iter().filter_map(|(_, norm)| norm);
    norms.filter(|norm| NormSpec::has_tensors(norm)).count() as u64
}

/// Numbers of the largest tensor of a checkpoint.
pub fn largest_tensor(d: &ModelDims) -> u64 {
    let single = all_of(d).iter().map(|t| t.rows * t.columns).max().unwrap_or(0);
    let stacked = d.family.weights.stacked.and(d.decoder.experts());
    // of all gates and ups
    let stacked = stacked.map_or(0, |e| 2 * e.count * e.expert.width * d.decoder.hidden);
    single.max(stacked as u64)
}

/// One matrix outside the blocks, or with one column a vector.
pub fn tensor(name: &'static str, (rows, columns): (u64, u64)) -> TrainedTensors {
    TrainedTensors {
        name,
        rows,
        columns,
        count: 1,
        blocks: 0,
    }
}

/// The role of the first of those that are alike.
fn alike(role: BlockRole) -> BlockRole {
    match role {
        BlockRole::Mlp(Network::Expert(_), projection) => BlockRole::Mlp(Network::Expert(0), projection),
        role => role,
    }
}

fn met(role: BlockRole, block: &BlockSpec) -> u64 {
    match (role, &block.mlp) {
        (BlockRole::Mlp(Network::Expert(_), _), MlpSpec::Experts(experts)) => experts.top_k as u64,
        _ => 1,
    }
}
