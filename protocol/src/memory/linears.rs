//! The tensors of a decoder, counted by shape.

use crate::api::ModelDims;
use crate::decoder::{BlockRole, BlockSpec, DecoderSpec, ModuleSpec, Network, NormSpec, NormWeight, Role, Shape};
use crate::optimizer_states::TrainedTensors;

/// Linear layers of one role and shape; layers that checkpoints fuse count as one.
pub struct Linears {
    /// Their role; experts' layers have the first expert's.
    pub role: BlockRole,
    pub name: &'static str,
    pub input: u64,
    pub output: u64,
    /// Decoder blocks that have them.
    pub blocks: u64,
    /// In all of those blocks together.
    pub count: u64,
    /// Layers that are fused into one of them.
    pub parts: u64,
}

impl Linears {
    pub fn numbers(&self) -> u64 {
        self.input * self.output * self.count
    }

    fn is_like(&self, other: &Self) -> bool {
        (self.role, self.input, self.output) == (other.role, other.input, other.output)
    }

    /// One tensor of this size for each of them, in at most `blocks` blocks.
    pub fn tensors(&self, rows: u64, columns: u64, blocks: u64) -> TrainedTensors {
        let blocks = self.blocks.min(blocks);
        TrainedTensors {
            count: self.count / self.blocks.max(1) * blocks,
            blocks,
            ..tensor(self.name, rows, columns)
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

/// The names of the linear layers that can have an adapter, each once.
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

/// The linear layers of `blocks` equal blocks.
fn of_block(d: &ModelDims, block: &BlockSpec, blocks: u64) -> Vec<Linears> {
    let mut all: Vec<Linears> = vec![];
    for (role, shape) in block.modules(d.decoder.hidden) {
        let Shape::Linear { input, output, .. } = shape else {
            continue;
        };
        let role = alike(role);
        // fused layers are one layer to an adapter
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

/// Vectors of one role and width: weights of norms, biases, and single parameters.
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
    /// One tensor for each of them, in at most `blocks` blocks.
    pub fn tensors(&self, blocks: u64) -> TrainedTensors {
        let blocks = self.blocks.min(blocks);
        TrainedTensors {
            count: self.count / self.blocks.max(1) * blocks,
            blocks,
            ..tensor(self.name, self.width, 1)
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
            let (role, own) = (alike(role), vectors_of(shape));
            if own.count == 0 {
                continue;
            }
            let count = own.count * blocks;
            match all
                .iter()
                .position(|known| (known.role, known.width) == (role, own.width))
            {
                // this block had one already
                Some(at) if at >= of_block => all[at].count += count,
                Some(at) => {
                    all[at].count += count;
                    all[at].blocks += blocks;
                }
                None => all.push(Vectors {
                    role,
                    name: d.family.weights.name(Role::Block(0, role)),
                    width: own.width,
                    blocks,
                    count,
                }),
            }
        }
    }
    all
}

/// The vectors of one module.
struct OwnVectors {
    width: u64,
    count: u64,
}

fn vectors_of(shape: Shape) -> OwnVectors {
    let (width, count) = match shape {
        Shape::Table { .. } => (0, 0),
        Shape::Norm { width, weight, bias } => (width, u64::from(weight != NormWeight::None) + u64::from(bias)),
        Shape::Bias { width } => (width, 1),
        Shape::Linear { output, bias, .. } => (output, u64::from(bias)),
    };
    OwnVectors {
        width: width as u64,
        count,
    }
}

/// Parameters of the model, without biases and per-head norms.
pub fn parameters(d: &ModelDims) -> u64 {
    let outside = outside(d).into_iter().map(|t| t.rows * t.columns);
    let norms = d.decoder.blocks.iter().map(norms_of).sum::<u64>() * d.decoder.hidden as u64;
    linears(d).iter().map(Linears::numbers).sum::<u64>() + norms + outside.sum::<u64>()
}

/// How many norms a block has that are as wide as the residual stream.
fn norms_of(block: &BlockSpec) -> u64 {
    let norms = block.norms.all().into_iter().filter_map(|(_, norm)| norm);
    norms.filter(|norm| NormSpec::has_tensors(norm)).count() as u64
}

/// All tensors of the model that can train.
pub fn all_of(d: &ModelDims) -> Vec<TrainedTensors> {
    let linears = linears(d).into_iter();
    let vectors = vectors(d).into_iter().filter(|v| v.role != BlockRole::Correction);
    let all = linears.map(|l| l.tensors(l.output, l.input, l.blocks));
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
        let matrix = matrix.map(|(rows, columns)| tensor(name, rows as u64, columns as u64));
        let own = vectors_of(module.shape);
        let vectors = (own.count > 0).then(|| TrainedTensors {
            count: own.count,
            ..tensor(name, own.width, 1)
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

/// Numbers in the largest tensor of a checkpoint.
pub fn largest_tensor(d: &ModelDims) -> u64 {
    let single = all_of(d).iter().map(|t| t.rows * t.columns).max().unwrap_or(0);
    let stacked = d.family.weights.stacked.and(d.decoder.experts());
    // all experts' gate and up projections
    let stacked = stacked.map_or(0, |e| 2 * e.count * e.expert.width * d.decoder.hidden);
    single.max(stacked as u64)
}

/// One matrix outside the blocks; a vector has one column.
pub fn tensor(name: &'static str, rows: u64, columns: u64) -> TrainedTensors {
    TrainedTensors {
        name,
        rows,
        columns,
        count: 1,
        blocks: 0,
    }
}

/// The role that stands for all equal ones: the first expert's for every expert's.
fn alike(role: BlockRole) -> BlockRole {
    match role {
        BlockRole::Mlp(Network::Expert(_), projection) => BlockRole::Mlp(Network::Expert(0), projection),
        role => role,
    }
}
