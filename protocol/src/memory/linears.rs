//! What a decoder is made of, counted by shapes.

use crate::api::ModelDims;
use crate::decoder::{BlockRole, BlockSpec, DecoderSpec, ModuleSpec, Network, NormSpec, NormWeight, Role, Shape};
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
            parts: 1,
        };
        match all.iter_mut().find(|known| known.is_like(&found)) {
            Some(known) => known.count += blocks,
            None => all.push(found),
        }
    }
    all
}

/// Vectors of one role and width: of norms, of biases, and by themselves.
pub struct Vectors {
    pub role: BlockRole,
    pub name: &'static str,
    pub width: u64,
    /// Decoder blocks that have them.
    pub blocks: u64,
    /// In all of those blocks together.
    pub count: u64,
}

impl Vectors {
    /// A tensor for each of them in at most so many blocks.
    pub fn tensors(&self, blocks: u64) -> TrainedTensors {
        let blocks = self.blocks.min(blocks);
        TrainedTensors {
            count: self.count / self.blocks.max(1) * blocks,
            blocks,
            ..tensor(self.name, (self.width, 1))
        }
    }
}

/// The vectors of all decoder blocks.
pub fn vectors(d: &ModelDims) -> Vec<Vectors> {
    let mut all: Vec<Vectors> = vec![];
    for equal in d.decoder.blocks.chunk_by(|a, b| a == b) {
        let Some(block) = equal.first() else { continue };
        let blocks = equal.len() as u64;
        let of_block = all.len();
        for (role, shape) in block.modules(d.decoder.hidden) {
            let (role, (width, each)) = (alike(role), vectors_of(shape));
            if each == 0 {
                continue;
            }
            let count = each * blocks;
            match all.iter().position(|known| (known.role, known.width) == (role, width)) {
                // met in this block already
                Some(at) if at >= of_block => all[at].count += count,
                Some(at) => {
                    all[at].count += count;
                    all[at].blocks += blocks;
                }
                None => all.push(Vectors {
                    role,
                    name: d.family.weights.name(Role::Block(0, role)),
                    width,
                    blocks,
                    count,
                }),
            }
        }
    }
    all
}

/// How wide the vectors of a module are, and how many it has.
fn vectors_of(shape: Shape) -> (u64, u64) {
    match shape {
        Shape::Table { .. } => (0, 0),
        Shape::Norm { width, weight, bias } => (width as u64, u64::from(weight != NormWeight::None) + u64::from(bias)),
        Shape::Bias { width } => (width as u64, 1),
        Shape::Linear { output, bias, .. } => (output as u64, u64::from(bias)),
    }
}

/// All numbers of the model, but for biases and per-head norms.
pub fn parameters(d: &ModelDims) -> u64 {
    let outside = outside(d).into_iter().map(|t| t.rows * t.columns);
    let norms = d.decoder.blocks.iter().map(norms_of).sum::<u64>() * d.decoder.hidden as u64;
    linears(d).iter().map(Linears::numbers).sum::<u64>() + norms + outside.sum::<u64>()
}

/// Norms as wide as the residual stream.
fn norms_of(block: &BlockSpec) -> u64 {
    let norms = block.norms.all().into_iter().filter_map(|(_, norm)| norm);
    norms.filter(|norm| NormSpec::has_tensors(norm)).count() as u64
}

/// The tensors of the model, but for those that never train.
pub fn all_of(d: &ModelDims) -> Vec<TrainedTensors> {
    let linears = linears(d).into_iter();
    let vectors = vectors(d).into_iter().filter(|v| v.role != BlockRole::Correction);
    let all = linears.map(|l| l.tensors((l.output, l.input), l.blocks));
    let all = all.chain(vectors.map(|v| v.tensors(v.blocks)));
    all.chain(outside(d)).collect()
}

/// The tensors outside the blocks.
pub fn outside(d: &ModelDims) -> Vec<TrainedTensors> {
    let modules = outside_modules(d).into_iter();
    let of = |module: ModuleSpec| {
        let name = d.family.weights.name(module.role);
        let matrix = match module.shape {
            Shape::Table { rows, columns } => Some((rows, columns)),
            Shape::Linear { input, output, .. } => Some((output, input)),
            Shape::Norm { .. } | Shape::Bias { .. } => None,
        };
        let matrix = matrix.map(|(rows, columns)| tensor(name, (rows as u64, columns as u64)));
        let (width, count) = vectors_of(module.shape);
        let vectors = (count > 0).then(|| TrainedTensors {
            count,
            ..tensor(name, (width, 1))
        });
        matrix.into_iter().chain(vectors)
    };
    modules.flat_map(of).collect()
}

/// The modules outside the blocks.
fn outside_modules(d: &ModelDims) -> Vec<ModuleSpec> {
    let DecoderSpec {
        hidden,
        embedding,
        norm,
        head,
        ..
    } = &d.decoder;
    let bare = DecoderSpec {
        hidden: *hidden,
        embedding: embedding.clone(),
        blocks: vec![],
        norm: norm.clone(),
        head: head.clone(),
    };
    bare.modules()
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
