//! Which part of a model a run trains, and what that needs besides the weights.

use super::linears::{self, Linears, all_of, linears, tensor, vectors};
use crate::api::ModelDims;
use crate::config::{
    ALL_LINEAR, Division, FreezeSpec, LoraInit, LoraSpec, OftSpec, RunSpec, Start, TrainedLayers, Tuning,
};
use crate::decoder::{BlockRole, HeadAsked, Role};
use crate::optimizer_states::TrainedTensors;

/// The trained part of a model, and what it needs besides.
#[derive(Default)]
pub struct Share {
    /// weights of the model itself
    pub own: Vec<TrainedTensors>,
    /// weights of an adapter and of a value head
    pub added: Vec<TrainedTensors>,
    /// frozen f32 numbers that an adapter needs
    pub frozen: u64,
    /// blocks whose activations are saved: the lowest one that trains and all above it
    pub layers: u64,
    /// of the low-rank terms
    pub rank: usize,
    /// numbers per token of the adapters' workspace: low ranks, inputs with dropout, DoRA's magnitudes, OFT's rotations
    pub work: u64,
}

pub fn share(d: &ModelDims, spec: &RunSpec) -> Share {
    let mut share = match &spec.tuning {
        Tuning::Full => Share {
            own: all_of(d),
            layers: layers(d),
            ..Share::default()
        },
        Tuning::Freeze(part) => freeze_share(d, part),
        Tuning::Lora(lora) => lora_share(d, lora, spec),
        Tuning::Oft(oft) => oft_share(d, oft),
    };
    if spec.method.stage().has_value_head() {
        share
            .added
            .push(tensor("v_head", d.decoder.embedding.width as u64 + 1, 1));
    }
    share
}

/// The rank of the LoRA adapter on layers of this role; 0 without one.
pub fn rank_on(d: &ModelDims, spec: &RunSpec, role: BlockRole) -> usize {
    match &spec.tuning {
        Tuning::Lora(lora) if adapts(d, &lora.target, role) => lora.rank,
        _ => 0,
    }
}

/// Whether layers of this role get an adapter with these targets.
fn adapts(d: &ModelDims, targets: &[String], role: BlockRole) -> bool {
    let names = &d.family.weights;
    takes(targets, names.name(Role::Block(0, role))) && names.takes_adapters(role)
}

fn numbers(shapes: &[TrainedTensors]) -> u64 {
    shapes.iter().map(|t| t.rows * t.columns * t.count).sum()
}

/// A module outside the blocks by its name; the embedding's weight where no module has the name.
fn outside(d: &ModelDims, name: &str) -> TrainedTensors {
    let embedding = d.family.weights.name(Role::Embedding);
    let all = linears::outside(d);
    let known = all.iter().find(|t| t.name == name);
    // a tied head that is trained becomes a separate tensor
    let table = all.iter().find(|t| t.name == embedding);
    match (known, table) {
        (Some(known), _) => *known,
        (None, Some(table)) if name == d.family.weights.name(Role::Head) => TrainedTensors {
            name: d.family.weights.name(Role::Head),
            ..*table
        },
        (None, Some(table)) => *table,
        (None, None) => tensor(embedding, 0, 0),
    }
}

/// How many blocks save activations: all of them where the embedding trains.
fn kept(d: &ModelDims, trained: TrainedLayers, outside: &[TrainedTensors]) -> u64 {
    let below = [Role::Embedding, Role::Positions, Role::EmbeddingNorm, Role::ProjectIn];
    let below = below.map(|role| d.family.weights.name(role));
    let layers = layers(d);
    match trained {
        _ if outside.iter().any(|t| below.contains(&t.name)) => layers,
        TrainedLayers::First(_) => layers,
        TrainedLayers::Last(n) => layers.min(n as u64),
        TrainedLayers::Expanded(n) => layers - (layers / n.max(1) as u64).max(1) + 1,
    }
}

fn layers(d: &ModelDims) -> u64 {
    d.decoder.blocks.len() as u64
}

fn freeze_share(d: &ModelDims, part: &FreezeSpec) -> Share {
    let names = &d.family.weights;
    let wanted = |module: &str| part.modules.is_empty() || part.modules.iter().any(|m| m == module);
    let blocks = match part.layers {
        TrainedLayers::First(n) | TrainedLayers::Last(n) | TrainedLayers::Expanded(n) => layers(d).min(n as u64),
    };
    let extra: Vec<_> = part.extra.iter().map(|name| outside(d, name)).collect();
    let linears = linears(d).into_iter().filter(|l| wanted(names.part(l.role)));
    let moved = vectors(d).into_iter().filter(|v| v.role != BlockRole::Correction);
    let moved = moved.filter(|v| wanted(names.part(v.role)));
    let inside = linears.map(|l| l.tensors(l.output, l.input, blocks));
    let inside = inside.chain(moved.map(|v| v.tensors(blocks)));
    let inside = inside.filter(|t| t.count > 0);
    Share {
        layers: kept(d, part.layers, &extra),
        own: extra.into_iter().chain(inside).collect(),
        ..Share::default()
    }
}

/// Whether `lora_target` includes the layers with this name.
fn takes(targets: &[String], name: &str) -> bool {
    let named = |target: &String| target == ALL_LINEAR || target.rsplit('.').next() == Some(name);
    targets.is_empty() || targets.iter().any(named)
}

fn lora_share(d: &ModelDims, lora: &LoraSpec, spec: &RunSpec) -> Share {
    let rank = lora.rank as u64;
    let mut adapted = linears(d);
    adapted.retain(|l| adapts(d, &lora.target, l.role));
    let (blocks, trained) = match lora.expanded {
        None => (layers(d), TrainedLayers::First(d.decoder.blocks.len())),
        Some(n) => (n as u64, TrainedLayers::Expanded(n)),
    };
    let pair = |l: &Linears| [l.tensors(rank, l.input, blocks), l.tensors(l.output, rank, blocks)];
    let head = adapted_head(d, lora);
    let of_head = head.map(|table| {
        [
            tensor(table.name, rank, table.columns),
            tensor(table.name, table.rows, rank),
        ]
    });
    let pairs: Vec<_> = adapted
        .iter()
        .flat_map(pair)
        .chain(of_head.into_iter().flatten())
        .collect();
    let lengths: Vec<_> = match lora.dora {
        true => adapted.iter().map(|l| l.tensors(l.output, 1, blocks)).collect(),
        false => vec![],
    };
    let beside: Vec<_> = lora.additional.iter().map(|name| outside(d, name)).collect();
    let widest = lengths.iter().map(|t| t.rows).max().unwrap_or(0);
    let dropped = match drops(lora, spec) {
        true => adapted
            .iter()
            .map(|l| l.input)
            .chain(head.map(|table| table.columns))
            .max()
            .unwrap_or(0),
        false => 0,
    };
    Share {
        layers: kept(d, trained, &beside),
        own: beside,
        // the adapter's initial values, and merged adapters before it; DoRA's norms, gains and, in f64, squares
        frozen: 5 * numbers(&lengths) + started(lora, spec) * numbers(&pairs),
        rank: lora.rank,
        work: rank + dropped + 2 * widest,
        added: [pairs, lengths].concat(),
    }
}

/// The weight of the head, where the adapter is on it too.
fn adapted_head(d: &ModelDims, lora: &LoraSpec) -> Option<TrainedTensors> {
    let name = d.family.weights.name(Role::Head);
    let plain = !lora.dora && lora.init == LoraInit::Zero && lora.expanded.is_none();
    let asked = HeadAsked::of(&lora.target, d.family.weights.head) != HeadAsked::No;
    (plain && asked && d.decoder.head.takes_adapter(name).is_ok()).then(|| outside(d, name))
}

/// How many frozen low-rank terms are kept: with PiSSA the initial one, which was subtracted from the weights; for an adapter
/// that goes on training, the chain of adapters it starts from.
fn started(lora: &LoraSpec, spec: &RunSpec) -> u64 {
    match &spec.model.start {
        Start::Adapters { chain, .. } => chain.len() as u64,
        Start::Pretrained | Start::Scratch => u64::from(lora.init != LoraInit::Zero),
    }
}

/// Whether dropout is on: never in stages that compare log-probs with a reference.
fn drops(lora: &LoraSpec, spec: &RunSpec) -> bool {
    lora.dropout > 0.0 && spec.method.stage().drops_out()
}

fn oft_share(d: &ModelDims, oft: &OftSpec) -> Share {
    let mut adapted = linears(d);
    adapted.retain(|l| adapts(d, &oft.target, l.role));
    let size = |l: &Linears| match oft.blocks {
        Division::Size(size) => l.input.min(size as u64),
        Division::Count(count) => (l.input / count as u64).max(1),
    };
    let above = |l: &Linears| l.tensors(l.input / size(l), size(l) * (size(l) - 1) / 2, l.blocks);
    let shapes: Vec<_> = adapted.iter().map(above).collect();
    let beside: Vec<_> = oft.additional.iter().map(|name| outside(d, name)).collect();
    Share {
        own: beside,
        added: shapes,
        // the rotations as matrices, and their transposes
        frozen: adapted.iter().map(|l| 2 * l.input * size(l) * l.count).sum(),
        layers: layers(d),
        // the rotated input
        work: adapted.iter().map(|l| l.input).max().unwrap_or(0),
        rank: 0,
    }
}
