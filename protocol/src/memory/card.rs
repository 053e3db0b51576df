//! Memory on a card besides the buffers of passes: temporaries of single operations, and what the driver takes.

use super::passes::{HEAD_CHUNK, widest};
use crate::api::{ModelDims, StoredType};
use crate::config::{Compute, RunSpec, Tuning};
use crate::decoder::{DecoderSpec, Shape};

/// Bytes of a card that a process takes before it allocates anything: the driver's context with the loaded kernels, and cuBLAS
/// with its workspace. As `make bench-gpu` measured it on one H100 (driver 580, cuBLAS 13.1): 594 MiB when the
/// card was opened, 596 after the steps of a run. A context grows with a card's multiprocessors, so smaller cards take less.
pub const OVERHEAD: u64 = 596 << 20;

const F32: f64 = 4.0;
/// Rows whose targets' weights are read at a time.
const TARGETS: f64 = 256.0;
/// Bytes of a row's online softmax: three f64.
const RUNNING: f64 = 24.0;

/// Temporaries of one operation, over a micro-batch of these tokens and rows that count in the loss.
pub struct Transient {
    pub tokens: f64,
    pub rows: f64,
    /// bytes of a number of the compute type
    pub each: f64,
    pub head_trains: bool,
    /// whether a backward pass follows
    pub has_backward: bool,
}

/// The type that passes on a card compute in, by the config's choice.
fn computes(compute: Compute) -> StoredType {
    match compute {
        Compute::F32 => StoredType::F32,
        Compute::Bf16 | Compute::PureBf16 => StoredType::Bf16,
        Compute::F16 => StoredType::F16,
    }
}

/// The type of plain matrices once they are loaded; with `pure_bf16` they are rounded while they are read.
pub fn kept(d: &ModelDims, compute: Compute) -> StoredType {
    match compute {
        Compute::PureBf16 => StoredType::Bf16,
        Compute::F32 | Compute::Bf16 | Compute::F16 => d.stored,
    }
}

/// Which matrices are converted to another type for a product.
struct Converts {
    linear: bool,
    /// embedding and head
    table: bool,
}

impl Converts {
    /// Where products read the type `read`.
    fn of(d: &ModelDims, spec: &RunSpec, read: StoredType) -> Self {
        let packed = spec.model.quantize.is_some() || d.packed_bytes.is_some();
        let lies = match (&spec.tuning, spec.compute) {
            (Tuning::Full, Compute::F32 | Compute::Bf16 | Compute::F16) => StoredType::F32,
            _ => kept(d, spec.compute),
        };
        Self {
            linear: lies != read || (packed && !matches!(spec.tuning, Tuning::Full)),
            table: lies != read,
        }
    }
}

/// Bytes of the largest matrix of a block, at `each` bytes a number.
fn converted(decoder: &DecoderSpec, each: f64) -> f64 {
    let size = |shape| match shape {
        Shape::Linear { input, output, .. } => input as f64 * output as f64,
        _ => 0.0,
    };
    let largest = widest(decoder, |block| {
        let modules = block.modules(decoder.hidden).into_iter();
        modules.map(|(_, shape)| size(shape)).fold(0.0, f64::max)
    });
    largest * each
}

/// Bytes that generating one text needs besides the buffers of passes: the key-value cache for `tokens` tokens, the logits of the
/// next token, and a matrix converted for a product.
pub fn writing(d: &ModelDims, spec: &RunSpec, tokens: f64, each: f64, on_card: bool) -> f64 {
    let decoder = &d.decoder;
    let numbers = decoder
        .blocks
        .iter()
        .map(|block| block.attention.key_width() + block.attention.value_width());
    let caches = tokens * numbers.sum::<usize>() as f64 * each;
    let (vocabulary, width) = (decoder.embedding.vocabulary, decoder.embedding.width);
    let logits = vocabulary as f64 * F32;
    if !on_card {
        return caches + logits;
    }
    let linear = match Converts::of(d, spec, computes(spec.compute)).linear {
        true => converted(decoder, each),
        false => 0.0,
    };
    // the last hidden state is in f32, so the head is read in f32 too
    let table = match Converts::of(d, spec, StoredType::F32).table {
        true => (HEAD_CHUNK.min(vocabulary) * width) as f64 * F32,
        false => 0.0,
    };
    caches + logits + linear.max(table)
}

impl Transient {
    /// Bytes of the largest of them.
    pub fn most(&self, d: &ModelDims, spec: &RunSpec) -> f64 {
        let decoder = &d.decoder;
        let Converts { linear, table } = Converts::of(d, spec, computes(spec.compute));
        let of_layer = if linear { converted(decoder, self.each) } else { 0.0 };
        if !self.has_backward {
            return of_layer.max(self.head(decoder, table));
        }
        let heads = widest(decoder, |block| block.attention.heads as f64);
        // the sum of output times gradient, for each head
        let of_attention = self.tokens * heads * F32;
        of_layer.max(of_attention).max(self.head(decoder, table))
    }

    fn head(&self, decoder: &DecoderSpec, converted: bool) -> f64 {
        let (spec, width) = (&decoder.head, decoder.embedding.width as f64);
        let chunk = HEAD_CHUNK.min(decoder.embedding.vocabulary) as f64;
        let plain = !spec.normalized && !spec.bias && spec.scale == 1.0 && spec.soft_cap.is_none();
        let factors = if self.has_backward && self.each < F32 {
            self.rows * chunk * self.each
        } else {
            0.0
        };
        let weights = if converted { chunk * width * self.each } else { 0.0 };
        let slopes = match plain || !self.has_backward {
            true => 0.0,
            false => self.rows * chunk * F32,
        };
        let lengths = if spec.normalized {
            chunk * (width + 1.0) * F32
        } else {
            0.0
        };
        // where the head is frozen, the gradient of its input is completed with the targets' weights
        let targets = match self.has_backward && !self.head_trains {
            true => self.rows.min(TARGETS) * width * F32,
            false => 0.0,
        };
        self.rows * RUNNING + factors + (weights + slopes + lengths).max(targets)
    }
}
