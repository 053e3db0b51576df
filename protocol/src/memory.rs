//! The peak memory of a run, worked out before it starts: plain arithmetic for browser and server alike.
//!
//! It follows the engine buffer by buffer (`trainer/src/model/block.rs`, `passes.rs`): weights in their stored type, what
//! training adds to each trained number, the activations of the largest micro-batch, and one block's workspace.
use crate::api::{MemoryEstimate, ModelDims};
use crate::config::{
    Against, Division, FreezeSpec, LoraInit, LoraSpec, Method, OftSpec, Quantize, RunSpec, TrainedLayers, Tuning,
};
use crate::states::{self, Trained};
use serde::{Deserialize, Serialize};

/// Bytes of an f32, which everything but stored weights is.
const F32: f64 = 4.0;
/// Value and gradient of a trained number.
const TRAINED: f64 = 2.0 * F32;
/// Vocabulary entries whose logits exist at once.
const HEAD_CHUNK: u64 = 2048;
/// The program itself with tokenizer and templates loaded.
const PROGRAM: f64 = 18.0 * (1 << 20) as f64;

/// A count per row: how it varies over a data set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    pub mean: f64,
    pub deviation: f64,
    /// The largest counts, largest first, [`LONGEST`] of them at most.
    pub longest: Vec<u64>,
}

/// The longest rows that are told one by one: a micro-batch seldom has more.
const LONGEST: usize = 256;

impl Spread {
    pub fn of(counts: &[u64]) -> Self {
        let n = counts.len().max(1) as f64;
        let mean = counts.iter().sum::<u64>() as f64 / n;
        let variance = counts.iter().map(|&c| (c as f64 - mean).powi(2)).sum::<f64>() / n;
        let mut longest = counts.to_vec();
        longest.sort_unstable_by(|a, b| b.cmp(a));
        longest.truncate(LONGEST);
        Self {
            mean,
            deviation: variance.sqrt(),
            longest,
        }
    }

    /// The same count in every row.
    pub fn all(count: u64) -> Self {
        Self {
            mean: count as f64,
            deviation: 0.0,
            longest: vec![count],
        }
    }

    /// What the largest of `batches` random batches of `rows` rows holds: the expected maximum of that many normal draws,
    /// never less than the longest row, which is in one of them, and never more than the longest rows together.
    fn largest(&self, rows: usize, batches: f64) -> f64 {
        let reach = (2.0 * batches.max(1.0).ln()).sqrt();
        let largest = rows as f64 * self.mean + reach * self.deviation * (rows as f64).sqrt();
        let longest = self.longest.first().map_or(0.0, |&count| count as f64);
        largest.max(longest).min(self.together(rows))
    }

    /// The longest rows, so many of them: no micro-batch of that size is larger.
    fn together(&self, rows: usize) -> f64 {
        let told: u64 = self.longest.iter().take(rows).sum();
        let rest = rows.saturating_sub(self.longest.len()) as f64;
        told as f64 + rest * self.longest.last().map_or(0.0, |&count| count as f64)
    }
}

/// How long the rows of a data set are after the cut-off.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Lengths {
    pub rows: u64,
    /// tokens a row computes: prompt and both replies of a pair
    pub computed: Spread,
    /// tokens whose log-probability counts: both replies of a pair
    pub counted: Spread,
}

impl Lengths {
    /// From `(computed, counted)` of each row.
    pub fn of(rows: &[(u64, u64)]) -> Self {
        let (computed, counted): (Vec<u64>, Vec<u64>) = rows.iter().copied().unzip();
        Self {
            rows: rows.len() as u64,
            computed: Spread::of(&computed),
            counted: Spread::of(&counted),
        }
    }

    /// When nothing is known of the rows: each as long as the cut-off allows.
    pub fn at_cutoff(spec: &RunSpec, rows: u64) -> Self {
        let cutoff = spec.data.cutoff_len as u64;
        // a pair's prompt and replies share the cut-off; both replies count
        let (computed, counted) = match spec.method {
            Method::Preference(_) => (cutoff + cutoff / 2, cutoff),
            _ => (cutoff, cutoff),
        };
        Self {
            rows,
            computed: Spread::all(computed),
            counted: Spread::all(counted),
        }
    }
}

/// Linear layers of one shape.
struct Linears {
    name: &'static str,
    input: u64,
    output: u64,
    /// decoder blocks that have them
    blocks: u64,
    /// in one such block, and how many of those a token meets
    each: u64,
    met: u64,
}

impl Linears {
    fn numbers(&self) -> u64 {
        self.input * self.output * self.blocks * self.each
    }
}

/// The linear layers of all decoder blocks.
fn linears(d: &ModelDims) -> Vec<Linears> {
    let (q, kv) = (d.heads * d.head_dim, d.kv_heads * d.head_dim);
    let some = |(blocks, each, met): (u64, u64, u64), (name, input, output)| Linears {
        name,
        input,
        output,
        blocks,
        each,
        met,
    };
    let network = |names: [&'static str; 3], width, counts| {
        let [gate, up, down] = names;
        let shapes = [(gate, d.hidden, width), (up, d.hidden, width), (down, width, d.hidden)];
        shapes.map(|shape| some(counts, shape))
    };
    let attention = [
        ("q_proj", d.hidden, q),
        ("k_proj", d.hidden, kv),
        ("v_proj", d.hidden, kv),
        ("o_proj", q, d.hidden),
    ];
    let mut all: Vec<_> = attention.map(|shape| some((d.layers, 1, 1), shape)).into();
    let dense = ["gate_proj", "up_proj", "down_proj"];
    let sparse = d.experts.map_or(0, |experts| experts.layers);
    if sparse < d.layers {
        all.extend(network(dense, d.intermediate, (d.layers - sparse, 1, 1)));
    }
    if let Some(experts) = d.experts {
        let names = if experts.shared > 0 { dense } else { ["w1", "w3", "w2"] };
        all.push(some((sparse, 1, 1), ("gate", d.hidden, experts.count)));
        all.extend(network(names, experts.width, (sparse, experts.count, experts.active)));
        if experts.shared > 0 {
            all.extend(network(dense, experts.shared, (sparse, 1, 1)));
            all.push(some((sparse, 1, 1), ("shared_expert_gate", d.hidden, 1)));
        }
    }
    all
}

/// All numbers of the model, but for biases and per-head norms.
pub fn parameters(d: &ModelDims) -> u64 {
    let linears: u64 = linears(d).iter().map(Linears::numbers).sum();
    let tables = if d.tied { 1 } else { 2 };
    linears + d.layers * 2 * d.hidden + tables * d.vocab * d.hidden + d.hidden
}

/// The tensors of the model, but for biases and per-head norms.
fn all_of(d: &ModelDims) -> Vec<Trained> {
    let new = |name, rows, columns, count, blocks| Trained {
        name,
        rows,
        columns,
        count,
        blocks,
    };
    let linear = |l: Linears| new(l.name, l.output, l.input, l.blocks * l.each, l.blocks);
    let tables = if d.tied { 1 } else { 2 };
    let mut all: Vec<_> = linears(d).into_iter().map(linear).collect();
    all.push(new("norm", d.hidden, 1, 2 * d.layers, d.layers));
    all.push(new("norm", d.hidden, 1, 1, 0));
    all.push(new("embed_tokens", d.vocab, d.hidden, tables, 0));
    all
}

/// What trains of a model, in numbers, and what that costs beside them.
#[derive(Default)]
struct Share {
    /// weights of the model itself that train
    own: u64,
    /// weights of an adapter
    added: u64,
    /// all of them by their shapes
    shapes: Vec<Trained>,
    /// frozen numbers in f32 that an adapter needs
    frozen: u64,
    /// blocks whose activations are kept: from the lowest that trains upward
    layers: u64,
    /// outputs of low-rank terms that are kept per token and block
    low: u64,
    /// numbers per token that lengths (DoRA) or rotations work in
    lengths: u64,
}

fn share(d: &ModelDims, spec: &RunSpec) -> Share {
    match &spec.tuning {
        Tuning::Full => Share {
            own: parameters(d),
            shapes: all_of(d),
            layers: d.layers,
            ..Share::default()
        },
        Tuning::Freeze(part) => freeze_share(d, part),
        Tuning::Lora(lora) => lora_share(d, lora),
        Tuning::Oft(oft) => oft_share(d, oft),
    }
}

/// A matrix, or with one column a vector, of each of `blocks` decoder blocks; of none where that is 0.
fn tensor(name: &'static str, (rows, columns): (u64, u64), blocks: u64) -> Trained {
    Trained {
        name,
        rows,
        columns,
        count: blocks.max(1),
        blocks,
    }
}

fn numbers(shapes: &[Trained]) -> u64 {
    shapes.iter().map(|t| t.rows * t.columns * t.count).sum()
}

/// A module outside the blocks.
fn outside(d: &ModelDims, name: &str) -> Trained {
    match name {
        "norm" => tensor("norm", (d.hidden, 1), 0),
        "lm_head" => tensor("lm_head", (d.vocab, d.hidden), 0),
        _ => tensor("embed_tokens", (d.vocab, d.hidden), 0),
    }
}

/// Blocks whose activations are kept: all of them under a trained embedding.
fn kept(d: &ModelDims, layers: TrainedLayers, outside: &[Trained]) -> u64 {
    match layers {
        _ if outside.iter().any(|t| t.name == "embed_tokens") => d.layers,
        TrainedLayers::First(_) => d.layers,
        TrainedLayers::Last(n) => d.layers.min(n as u64),
        TrainedLayers::Expanded(n) => d.layers - (d.layers / n.max(1) as u64).max(1) + 1,
    }
}

fn freeze_share(d: &ModelDims, part: &FreezeSpec) -> Share {
    let wanted = |module: &str| part.modules.is_empty() || part.modules.iter().any(|m| m == module);
    let module = |name: &str| match name {
        "q_proj" | "k_proj" | "v_proj" | "o_proj" => "self_attn",
        _ if d.experts.is_some_and(|experts| experts.shared == 0) => "block_sparse_moe",
        _ => "mlp",
    };
    let blocks = match part.layers {
        TrainedLayers::First(n) | TrainedLayers::Last(n) | TrainedLayers::Expanded(n) => d.layers.min(n as u64),
    };
    let extra: Vec<_> = part.extra.iter().map(|name| outside(d, name)).collect();
    let mut shapes = extra.clone();
    if blocks > 0 {
        let linears = linears(d).into_iter().filter(|l| wanted(module(l.name)));
        shapes.extend(linears.map(|l| Trained {
            count: l.each * l.blocks.min(blocks),
            ..tensor(l.name, (l.output, l.input), l.blocks.min(blocks))
        }));
        let norms = ["input_layernorm", "post_attention_layernorm"];
        let norms = norms.into_iter().filter(|name| wanted(name));
        shapes.extend(norms.map(|name| tensor(name, (d.hidden, 1), blocks)));
    }
    Share {
        own: numbers(&shapes),
        shapes,
        layers: kept(d, part.layers, &extra),
        ..Share::default()
    }
}

fn lora_share(d: &ModelDims, lora: &LoraSpec) -> Share {
    let rank = lora.rank as u64;
    let on = |name: &str| lora.target.is_empty() || lora.target.iter().any(|t| t.rsplit('.').next() == Some(name));
    let adapted: Vec<_> = linears(d).into_iter().filter(|l| on(l.name)).collect();
    let (blocks, layers) = match lora.expanded {
        None => (d.layers, TrainedLayers::First(d.layers as usize)),
        Some(n) => (n as u64, TrainedLayers::Expanded(n)),
    };
    let term = |l: &Linears, size| Trained {
        count: l.each * l.blocks.min(blocks),
        ..tensor(l.name, size, l.blocks.min(blocks))
    };
    let pair = |l: &Linears| [(rank, l.input), (l.output, rank)].map(|size| term(l, size));
    let pairs: Vec<_> = adapted.iter().flat_map(pair).collect();
    let lengths: Vec<_> = match lora.dora {
        true => adapted.iter().map(|l| term(l, (l.output, 1))).collect(),
        false => vec![],
    };
    let beside: Vec<_> = lora.additional.iter().map(|name| outside(d, name)).collect();
    let widest = lengths.iter().map(|t| t.rows).max().unwrap_or(0);
    Share {
        own: numbers(&beside),
        added: numbers(&pairs) + numbers(&lengths),
        // PiSSA keeps what it took off; DoRA norms and gains
        frozen: 3 * numbers(&lengths)
            + if lora.init == LoraInit::Zero {
                0
            } else {
                numbers(&pairs)
            },
        layers: kept(d, layers, &beside),
        shapes: [pairs, lengths, beside].concat(),
        low: rank * adapted.iter().map(|l| l.met).sum::<u64>(),
        lengths: 2 * widest,
    }
}

fn oft_share(d: &ModelDims, oft: &OftSpec) -> Share {
    let on = |name: &str| oft.target.is_empty() || oft.target.iter().any(|t| t.rsplit('.').next() == Some(name));
    let adapted: Vec<_> = linears(d).into_iter().filter(|l| on(l.name)).collect();
    let size = |l: &Linears| match oft.blocks {
        Division::Size(size) => l.input.min(size as u64),
        Division::Count(count) => (l.input / count as u64).max(1),
    };
    let above = |l: &Linears| Trained {
        count: l.each * l.blocks,
        ..tensor(l.name, (l.input / size(l), size(l) * (size(l) - 1) / 2), l.blocks)
    };
    let shapes: Vec<_> = adapted.iter().map(above).collect();
    let beside: Vec<_> = oft.additional.iter().map(|name| outside(d, name)).collect();
    Share {
        own: numbers(&beside),
        added: numbers(&shapes),
        // the rotations as matrices, and their transposes
        frozen: adapted.iter().map(|l| 2 * l.input * size(l) * l.each * l.blocks).sum(),
        layers: d.layers,
        shapes: [shapes, beside].concat(),
        // the turned input
        lengths: adapted.iter().map(|l| l.input).max().unwrap_or(0),
        ..Share::default()
    }
}

/// Numbers per token of the wider kind of MLP.
struct Mlp {
    /// outputs of its inner layers
    inner: u64,
    /// of the widest of its networks
    widest: u64,
    /// hidden states that an expert works on: at worst every token's
    gathered: u64,
}

impl Mlp {
    fn of(d: &ModelDims) -> Self {
        let Some(experts) = d.experts else {
            return Self {
                inner: d.intermediate,
                widest: d.intermediate,
                gathered: 0,
            };
        };
        let dense = if experts.layers < d.layers { d.intermediate } else { 0 };
        Self {
            inner: dense.max(experts.active * experts.width + experts.shared),
            widest: dense.max(experts.width).max(experts.shared),
            gathered: d.hidden,
        }
    }
}

/// Peak memory of a run, in bytes. `available` is what the device has in all.
pub fn estimate(dims: &ModelDims, spec: &RunSpec, lengths: &Lengths, available: u64) -> MemoryEstimate {
    let d = dims;
    let parameters = parameters(d) as f64;
    let in_linears = linears(d).iter().map(Linears::numbers).sum::<u64>() as f64;
    let packed = |quantize: Option<Quantize>| match (d.packed_bytes, quantize) {
        (Some(bytes), _) => bytes as f64,
        (None, Some(quantize)) => {
            (parameters - in_linears) * d.weight_bytes as f64 + in_linears * quantize.bits() / 8.0
        }
        (None, None) => parameters * d.weight_bytes as f64,
    };
    let stored = packed(spec.model.quantize);
    let share = share(d, spec);
    let (trained, low) = ((share.own + share.added) as f64, share.low);
    let of_stored = |numbers: u64| (numbers * d.weight_bytes) as f64;
    let weights = (stored - of_stored(share.own)).max(0.0) + share.frozen as f64 * F32;
    let training = trained * TRAINED + states::bytes(&spec.optim.optimizer, &share.shapes);
    // the weights it starts from, which an adapter leaves where they are
    let kept = of_stored(share.own);
    let reference = match spec.method.against() {
        Against::Nothing | Against::Start { precompute: true } if share.added == 0 => 0.0,
        // taken to be as large as the model that trains
        Against::Model {
            path: None, quantize, ..
        } => packed(quantize.or(spec.model.quantize)),
        Against::Model { quantize, .. } => packed(*quantize),
        Against::Following { .. } => trained * F32,
        _ => kept,
    };

    let rows = lengths.rows as f64;
    let batch = |size: usize| {
        let size = size.min((lengths.rows as usize).max(1));
        let batches = (rows / size as f64).max(1.0);
        (
            lengths.computed.largest(size, batches),
            lengths.counted.largest(size, batches),
        )
    };
    let (tokens, counted) = batch(spec.batch.train);
    let (eval_tokens, eval_counted) = batch(spec.batch.eval);
    let (q, kv) = (d.heads * d.head_dim, d.kv_heads * d.head_dim);
    let mlp = Mlp::of(d);
    let block = (2 * d.hidden + 2 * q + 2 * kv + d.heads + 2 * mlp.inner + low) as f64 * F32;
    let input = d.hidden as f64 * F32;
    let layers = share.layers as f64;
    let whole = layers * tokens * block;
    let budget = spec
        .activation_memory
        .map_or(available as f64 / 2.0, |bytes| bytes as f64);
    let saved = match whole <= budget {
        true => whole,
        // the rest is recomputed, one block at a time
        false => budget.max(layers * tokens * input) + tokens * block,
    };
    let widest = d.hidden.max(q);
    let forward_work = (2 * d.hidden + mlp.widest + mlp.gathered) as f64 * F32;
    let backward_work = (mlp.widest + 2 * mlp.gathered + widest + q + 2 * kv + low / 7 + share.lengths) as f64 * F32;
    let per_counted = (3 * d.hidden + HEAD_CHUNK.min(d.vocab)) as f64 * F32;
    // a checkpoint is written tensor by tensor: the largest is there once more, as it is and as it is stored
    let largest = (d.vocab * d.hidden).max(d.hidden * d.intermediate) as f64;
    let saving = match spec.tuning {
        Tuning::Full | Tuning::Freeze(_) => 2.0 * largest * F32,
        Tuning::Lora(_) | Tuning::Oft(_) => 0.0,
    };
    let evaluation = eval_tokens * (block - 2.0 * input + forward_work) + eval_counted * per_counted;
    let training_pass = saved + tokens * (forward_work + backward_work) + counted * per_counted;

    MemoryEstimate {
        weights: weights as u64,
        training: training as u64,
        reference: reference as u64,
        activations: training_pass.max(evaluation) as u64,
        other: (PROGRAM + saving) as u64,
        at_cutoff: 0,
        available,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_batch_lies_between_the_longest_row_and_the_longest_rows_together() {
        let spread = Spread::of(&[[10; 97].as_slice(), &[900, 400, 50]].concat());
        // of single rows the longest is the largest
        assert_eq!(spread.largest(1, 100.0), 900.0);
        for (rows, together) in [(1, 900.0), (2, 1300.0), (3, 1350.0), (100, 2320.0)] {
            assert_eq!(spread.together(rows), together);
            let largest = spread.largest(rows, (100 / rows) as f64);
            assert!((900.0..=together).contains(&largest), "{rows}: {largest}");
        }
        assert_eq!(Spread::all(7).largest(5, 3.0), 35.0);
        assert_eq!(Spread::default().largest(2, 3.0), 0.0);
    }
}
