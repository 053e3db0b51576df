//! What passes on a card hold for as long as one operation runs, and what the driver takes for itself.

use super::passes::{HEAD_CHUNK, widest};
use crate::api::ModelDims;
use crate::config::{Compute, RunSpec, Tuning};
use crate::decoder::{DecoderSpec, Shape};

/// Of the driver's context with the kernels that are loaded into it, cuBLAS's among them. Until a card has been measured: what
/// Ollama sets aside on each NVIDIA card (`cudaMinimumMemory` of its `gpu.go`).
const CONTEXT: u64 = 457 << 20;
/// cuBLAS's workspace, until a card has been measured: what NVIDIA's reference of `cublasSetWorkspace` names for Hopper; other
/// cards take less.
const CUBLAS_WORKSPACE: u64 = 32 << 20;
/// What a process takes of a card before it has put anything there.
pub const OVERHEAD: u64 = CONTEXT + CUBLAS_WORKSPACE;

const F32: f64 = 4.0;
/// Rows whose targets' weights are read at once.
const TARGETS: f64 = 256.0;
/// Bytes of a row's running softmax: three f64.
const RUNNING: f64 = 24.0;

/// What one operation holds at most beside the buffers that stay, in bytes, over so many tokens and rows that count.
pub struct Transient {
    pub tokens: f64,
    pub rows: f64,
    /// bytes of a number of the compute type
    pub each: f64,
    pub head_trains: bool,
}

impl Transient {
    pub fn most(&self, d: &ModelDims, spec: &RunSpec) -> f64 {
        let decoder = &d.decoder;
        let trains_all = matches!(spec.tuning, Tuning::Full);
        let packed = spec.model.quantize.is_some() || d.packed_bytes.is_some();
        let (linear, table) = match (trains_all, spec.compute) {
            (true, Compute::F32 | Compute::PureBf16) => (false, false),
            (true, Compute::Bf16 | Compute::F16) => (true, true),
            // 16 bits are most often bf16
            (false, Compute::Bf16 | Compute::PureBf16) => (packed, d.weight_bytes != 2),
            (false, Compute::F16) => (true, true),
            (false, Compute::F32) => (packed || d.weight_bytes != 4, d.weight_bytes != 4),
        };
        let of_layer = if linear { self.converted(decoder) } else { 0.0 };
        let heads = widest(decoder, |block| block.attention.heads as f64);
        // of each head's output times its gradient, the sum
        let of_attention = self.tokens * heads * F32;
        of_layer.max(of_attention).max(self.head(decoder, table))
    }

    /// The largest matrix of a block in the type that products read.
    fn converted(&self, decoder: &DecoderSpec) -> f64 {
        let size = |shape| match shape {
            Shape::Linear { input, output, .. } => input as f64 * output as f64,
            _ => 0.0,
        };
        let largest = widest(decoder, |block| {
            let modules = block.modules(decoder.hidden).into_iter();
            modules.map(|(_, shape)| size(shape)).fold(0.0, f64::max)
        });
        largest * self.each
    }

    fn head(&self, decoder: &DecoderSpec, converted: bool) -> f64 {
        let (spec, width) = (&decoder.head, decoder.embedding.width as f64);
        let chunk = HEAD_CHUNK.min(decoder.embedding.vocabulary) as f64;
        let plain = !spec.normalized && !spec.bias && spec.scale == 1.0 && spec.soft_cap.is_none();
        let factors = if self.each < F32 {
            self.rows * chunk * self.each
        } else {
            0.0
        };
        let weights = if converted { chunk * width * self.each } else { 0.0 };
        let slopes = if plain { 0.0 } else { self.rows * chunk * F32 };
        let lengths = if spec.normalized {
            chunk * (width + 1.0) * F32
        } else {
            0.0
        };
        // where the head stays as it is, the derivative by its input is finished with the targets' weights
        let targets = match self.head_trains {
            true => 0.0,
            false => self.rows.min(TARGETS) * width * F32,
        };
        self.rows * RUNNING + factors + (weights + slopes + lengths).max(targets)
    }
}
