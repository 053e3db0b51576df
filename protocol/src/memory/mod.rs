//! The peak memory of a run, worked out before it starts: plain arithmetic for browser and server alike.
//!
//! It follows the engine buffer by buffer (`buffers.rs`, `attention.rs`, `feed_forward.rs` and `workspace.rs` of `trainer/src/model`): weights in their stored type, what
//! training adds to each trained number, the activations of the largest micro-batch, and one block's workspace. What a model
//! is made of is read from its decoder's description.

mod advice;
mod lengths;
mod linears;
mod share;

pub use advice::{Shortage, advice, gigabytes};
pub use lengths::{Lengths, Spread};
pub use linears::{layer_names, parameters};

use crate::api::{MemoryEstimate, ModelDims};
use crate::config::{Against, Compute, Quantize, RunSpec, Tuning};
use crate::decoder::{AttentionSpec, BlockSpec, DecoderSpec, MlpSpec, NetworkSpec, Residual};
use crate::states;
use linears::{Linears, largest_tensor, linears};
use share::share;

/// Bytes of an f32, which everything is but stored weights, the activations of a run in bf16 and, where it is a pure one,
/// what trains.
const F32: f64 = 4.0;
const BF16: f64 = 2.0;
/// Vocabulary entries whose logits exist at once.
const HEAD_CHUNK: u64 = 2048;
/// The program itself with tokenizer and templates loaded.
const PROGRAM: f64 = 18.0 * (1 << 20) as f64;

/// Beside weights and activations, for a model that is only read: caches of keys and values, and what a device's libraries
/// take.
const READING: f64 = (1u64 << 30) as f64;

/// What a card needs to have free for a model that is only read, in f32 and in passes of `tokens` tokens; in bytes.
pub fn to_read(dims: &ModelDims, quantize: Option<Quantize>, tokens: u64) -> u64 {
    let width = Widths::of(&dims.decoder);
    let block = 4 * width.hidden + width.attention + 3 * width.inner + width.network + width.gathered;
    // a weight of another type is converted whole
    let largest = largest_tensor(dims);
    let counted = 3 * width.hidden + HEAD_CHUNK;
    let numbers = largest + tokens * (block + counted);
    (stored(dims, quantize, dims.weight_bytes) + numbers as f64 * F32 + READING) as u64
}

/// Bytes of the weights as they are kept, plain numbers in this many bytes each.
fn stored(d: &ModelDims, quantize: Option<Quantize>, weight_bytes: u64) -> f64 {
    let parameters = parameters(d) as f64;
    let in_linears = linears(d).iter().map(Linears::numbers).sum::<u64>() as f64;
    match (d.packed_bytes, quantize) {
        (Some(bytes), _) => bytes as f64,
        (None, Some(quantize)) => (parameters - in_linears) * weight_bytes as f64 + in_linears * quantize.bits() / 8.0,
        (None, None) => parameters * weight_bytes as f64,
    }
}

/// Peak memory of a run, in bytes. `available` is what the device has in all.
pub fn estimate(dims: &ModelDims, spec: &RunSpec, lengths: &Lengths, available: u64) -> MemoryEstimate {
    let d = dims;
    let pure = spec.compute == Compute::PureBf16;
    // matrices are rounded as they are read
    let weight_bytes = if pure { d.weight_bytes.min(2) } else { d.weight_bytes };
    let packed = |quantize| stored(d, quantize, weight_bytes);
    let stored = packed(spec.model.quantize);
    let share = share(d, spec);
    let low = share.low;
    let trained = if pure { BF16 } else { F32 };
    let values = states::values(&share.shapes, trained);
    let of_stored = |numbers: u64| (numbers * weight_bytes) as f64;
    let weights = (stored - of_stored(share.own)).max(0.0) + share.frozen as f64 * F32;
    let training = 2.0 * values + states::bytes(&spec.optim.optimizer, &share.shapes, trained);
    // the weights it starts from, which an adapter leaves where they are
    let kept = of_stored(share.own);
    let reference = match spec.method.against() {
        Against::Nothing | Against::Start { precompute: true } if share.added == 0 => 0.0,
        // taken to be as large as the model that trains
        Against::Model {
            path: None, quantize, ..
        } => packed(quantize.or(spec.model.quantize)),
        Against::Model { quantize, .. } => packed(*quantize),
        Against::Following { .. } => values,
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
    let width = Widths::of(&d.decoder);
    let each = match spec.compute {
        Compute::Bf16 | Compute::PureBf16 => BF16,
        Compute::F32 | Compute::F16 => F32,
    };
    let block = (width.states + width.attention + width.inner + low) as f64 * each;
    let input = width.hidden as f64 * each;
    // the rows once more, as the head reads them
    let rounded = if each < F32 { input } else { 0.0 };
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
    let widest = width.hidden.max(width.query);
    let forward_work = (2 * width.hidden + width.beside + width.network + width.gathered) as f64 * each;
    let backward_work =
        (width.network + 2 * width.gathered + widest + width.heads + low / 7 + share.lengths) as f64 * each;
    let per_counted = (3 * width.hidden + HEAD_CHUNK.min(d.decoder.embedding.vocabulary as u64)) as f64 * F32 + rounded;
    // a checkpoint is written tensor by tensor: the largest is there once more, as it is and as it is stored
    let largest = largest_tensor(d) as f64;
    let saving = match spec.tuning {
        Tuning::Full | Tuning::Freeze(_) => 2.0 * largest * trained,
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

/// Numbers per token that a pass works with; of the widest block where they differ.
struct Widths {
    hidden: u64,
    /// hidden states that a block saves
    states: u64,
    /// hidden states that a pass works with beside the stream and its norm
    beside: u64,
    query: u64,
    /// queries, keys and values
    heads: u64,
    /// what attention saves
    attention: u64,
    /// outputs of an MLP's inner layers that are saved
    inner: u64,
    /// of the widest of its networks
    network: u64,
    /// hidden states that an expert works on: at worst every token's
    gathered: u64,
}

impl Widths {
    fn of(decoder: &DecoderSpec) -> Self {
        let hidden = decoder.hidden as u64;
        let most = |of: &dyn Fn(&BlockSpec) -> usize| decoder.blocks.iter().map(of).max().unwrap_or(0) as u64;
        let attention = |a: &AttentionSpec| a.query_width() + a.key_width() + a.value_width();
        Self {
            hidden,
            states: hidden * most(&BlockSpec::saved_states),
            beside: hidden
                * most(&|block| {
                    let parallel = block.residual == Residual::Parallel;
                    usize::from(!block.is_just_added()) + usize::from(parallel)
                }),
            query: most(&|block| block.attention.query_width()),
            heads: most(&|block| attention(&block.attention) + block.attention.latent_work()),
            attention: most(&|block| {
                let a = &block.attention;
                attention(a) + a.output_width() + a.heads + a.raw_widths().iter().sum::<usize>()
            }),
            inner: most(&|block| match &block.mlp {
                MlpSpec::Dense(network) => network.saved_width(),
                MlpSpec::Experts(e) => {
                    e.top_k * e.expert.saved_width() + e.shared_network().map_or(0, NetworkSpec::saved_width)
                }
            }),
            network: most(&|block| match &block.mlp {
                MlpSpec::Dense(network) => network.width,
                MlpSpec::Experts(e) => e.expert.width.max(e.shared_network().map_or(0, |n| n.width)),
            }),
            // one whose bias is weighed has its output once more
            gathered: decoder
                .experts()
                .map_or(0, |e| if e.expert.bias { 2 * hidden } else { hidden }),
        }
    }
}
