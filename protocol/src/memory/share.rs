//! What a run trains of a model, and what that costs beside the weights.

use super::linears::{self, Linears, all_of, linears, parameters, tensor};
use crate::api::ModelDims;
use crate::config::{ALL_LINEAR, Division, FreezeSpec, LoraInit, LoraSpec, OftSpec, RunSpec, TrainedLayers, Tuning};
use crate::decoder::Role;
use crate::states::TrainedTensors;

/// What trains of a model, in numbers, and what that costs beside them.
#[derive(Default)]
pub struct Share {
    /// weights of the model itself that train
    pub own: u64,
    /// weights of an adapter
    pub added: u64,
    /// all of them by their shapes
    pub shapes: Vec<TrainedTensors>,
    /// frozen numbers in f32 that an adapter needs
    pub frozen: u64,
    /// blocks whose activations are kept: from the lowest that trains upward
    pub layers: u64,
    /// outputs of low-rank terms that are kept per token and block
    pub low: u64,
    /// numbers per token that lengths (DoRA) or rotations work in
    pub lengths: u64,
}

pub fn share(d: &ModelDims, spec: &RunSpec) -> Share {
    match &spec.tuning {
        Tuning::Full => Share {
            own: parameters(d),
            shapes: all_of(d),
            layers: layers(d),
            ..Share::default()
        },
        Tuning::Freeze(part) => freeze_share(d, part),
        Tuning::Lora(lora) => lora_share(d, lora),
        Tuning::Oft(oft) => oft_share(d, oft),
    }
}

fn numbers(shapes: &[TrainedTensors]) -> u64 {
    shapes.iter().map(|t| t.rows * t.columns * t.count).sum()
}

/// A module outside the blocks: the embedding's table where none is called so.
fn outside(d: &ModelDims, name: &str) -> TrainedTensors {
    let embedding = d.family.weights.name(Role::Embedding);
    let all = linears::outside(d);
    let known = all.iter().find(|t| t.name == name);
    // a tied head that trains is a table of its own
    let table = all.iter().find(|t| t.name == embedding);
    match (known, table) {
        (Some(known), _) => *known,
        (None, Some(table)) if name == d.family.weights.name(Role::Head) => TrainedTensors {
            name: d.family.weights.name(Role::Head),
            ..*table
        },
        (None, Some(table)) => *table,
        (None, None) => tensor(embedding, (0, 0)),
    }
}

/// Blocks whose activations are kept: all of them under a trained embedding.
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
    let mut shapes = extra.clone();
    if blocks > 0 {
        let linears = linears(d).into_iter().filter(|l| wanted(names.part(l.role)));
        shapes.extend(linears.map(|l| l.tensors((l.output, l.input), blocks)));
        let norms = d.decoder.blocks.first().map(|block| block.norms.all());
        let norms = norms.into_iter().flatten().filter(|(_, norm)| norm.is_some());
        let norms = norms.map(|(role, _)| names.part(role)).filter(|name| wanted(name));
        shapes.extend(norms.map(|name| TrainedTensors {
            count: blocks,
            blocks,
            ..tensor(name, (d.decoder.hidden as u64, 1))
        }));
    }
    Share {
        own: numbers(&shapes),
        shapes,
        layers: kept(d, part.layers, &extra),
        ..Share::default()
    }
}

/// Whether targets take the layers that people call `name`.
fn takes(targets: &[String], name: &str) -> bool {
    let named = |target: &String| target == ALL_LINEAR || target.rsplit('.').next() == Some(name);
    targets.is_empty() || targets.iter().any(named)
}

fn lora_share(d: &ModelDims, lora: &LoraSpec) -> Share {
    let rank = lora.rank as u64;
    let on = |name: &str| takes(&lora.target, name);
    let adapted: Vec<_> = linears(d)
        .into_iter()
        .filter(|l| on(l.name) && d.family.weights.takes_adapters(l.role))
        .collect();
    let (blocks, trained) = match lora.expanded {
        None => (layers(d), TrainedLayers::First(d.decoder.blocks.len())),
        Some(n) => (n as u64, TrainedLayers::Expanded(n)),
    };
    let pair = |l: &Linears| [(rank, l.input), (l.output, rank)].map(|size| l.tensors(size, blocks));
    let pairs: Vec<_> = adapted.iter().flat_map(pair).collect();
    let lengths: Vec<_> = match lora.dora {
        true => adapted.iter().map(|l| l.tensors((l.output, 1), blocks)).collect(),
        false => vec![],
    };
    let beside: Vec<_> = lora.additional.iter().map(|name| outside(d, name)).collect();
    let widest = lengths.iter().map(|t| t.rows).max().unwrap_or(0);
    Share {
        own: numbers(&beside),
        added: numbers(&pairs) + numbers(&lengths),
        // PiSSA keeps what it took off; DoRA norms, gains and, in f64, squares
        frozen: 5 * numbers(&lengths)
            + if lora.init == LoraInit::Zero {
                0
            } else {
                numbers(&pairs)
            },
        layers: kept(d, trained, &beside),
        shapes: [pairs, lengths, beside].concat(),
        low: rank * adapted.iter().map(|l| l.met * l.parts).sum::<u64>(),
        lengths: 2 * widest,
    }
}

fn oft_share(d: &ModelDims, oft: &OftSpec) -> Share {
    let on = |name: &str| takes(&oft.target, name);
    let adapted: Vec<_> = linears(d)
        .into_iter()
        .filter(|l| on(l.name) && d.family.weights.takes_adapters(l.role))
        .collect();
    let size = |l: &Linears| match oft.blocks {
        Division::Size(size) => l.input.min(size as u64),
        Division::Count(count) => (l.input / count as u64).max(1),
    };
    let above = |l: &Linears| l.tensors((l.input / size(l), size(l) * (size(l) - 1) / 2), l.blocks);
    let shapes: Vec<_> = adapted.iter().map(above).collect();
    let beside: Vec<_> = oft.additional.iter().map(|name| outside(d, name)).collect();
    Share {
        own: numbers(&beside),
        added: numbers(&shapes),
        // the rotations as matrices, and their transposes
        frozen: adapted.iter().map(|l| 2 * l.input * size(l) * l.count).sum(),
        layers: layers(d),
        shapes: [shapes, beside].concat(),
        // the turned input
        lengths: adapted.iter().map(|l| l.input).max().unwrap_or(0),
        ..Share::default()
    }
}
