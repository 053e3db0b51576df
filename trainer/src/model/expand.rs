//! LLaMA Pro: blocks put between a model's own, which change nothing until they are trained.
use super::Model;
use super::linear::{FrozenAdapters, Linear};
use super::modules::Module;
use super::weights::{Frozen, Layer, Vector, Weight};
use crate::error::{Error, Result};
use crate::ops::Buf;
use crate::ops::Device;
use crate::tensors::HOST;
use candle_core::Tensor;
use protocol::decoder::{BlockSpec, Residual};
use protocol::says;
use std::sync::Arc;

impl Model {
    /// Puts `count` blocks between the model's own, one behind every `layers / count` of them: a copy of the block before
    /// it whose outputs (`o_proj`, `down_proj`) are zero, so that the model computes what it did before. *LLaMA Pro:
    /// Progressive LLaMA with Block Expansion*, arXiv 2401.02415, section 3.
    pub fn expand(&mut self, count: usize) -> Result<()> {
        let before = self.decoder.config.layers();
        if count == 0 || !before.is_multiple_of(count) {
            return Err(Error::invalid(says::uneven_spread(count, before)));
        }
        let blocks = &self.decoder.config.decoder.blocks;
        if blocks.iter().any(|block| block.residual == Residual::PostNorm) {
            return Err(Error::invalid(says::no_silent_block()));
        }
        if self.trained.params.iter().len() > 0 {
            return Err(Error::internal("a model is expanded before it is trained"));
        }
        if !self.decoder.spec().blocks.iter().all(can_be_silent) {
            return Err(Error::invalid(says::cannot_be_expanded()));
        }
        let every = before / count;
        let specs = std::mem::take(&mut self.decoder.config.decoder.blocks);
        for (i, layer) in std::mem::take(&mut self.decoder.weights.layers).into_iter().enumerate() {
            let added = match (i + 1) % every {
                0 => Some(silent(&layer, &specs[i], self.engine.device())?),
                _ => None,
            };
            let blocks = [Some(layer), added].into_iter().flatten();
            for block in blocks {
                self.decoder.weights.layers.push(block);
                self.decoder.config.decoder.blocks.push(specs[i].clone());
            }
        }
        self.renumber()
    }

    /// Paths, counts and workspaces after blocks were put elsewhere.
    pub(super) fn renumber(&mut self) -> Result<()> {
        for (role, module) in self.decoder.weights.modules_mut() {
            if let Module::Linear(linear) = module {
                let (names, decoder) = (&self.decoder.config.family.weights, &self.decoder.config.decoder);
                linear.module = names.stored(decoder, role).path;
                if let Some(part) = &mut linear.part {
                    part.name = names.path(role);
                }
            }
        }
        self.decoder.reset_positions(&self.engine)?;
        self.workspace.resize(&self.engine, self.decoder.layers())
    }
}

/// Whether branches that give zeros change nothing: what comes back of them is not normed with the stream, and no bias is added.
fn can_be_silent(block: &BlockSpec) -> bool {
    let after = [&block.norms.after_attention, &block.norms.after_mlp];
    block.residual != Residual::PostNorm && !after.into_iter().flatten().any(|norm| norm.bias)
}

/// A copy of a block that adds nothing to what goes through it.
fn silent(layer: &Layer, spec: &BlockSpec, device: &Device) -> Result<Layer> {
    let mut copy = layer.share(spec)?;
    for linear in [&mut copy.o].into_iter().chain(copy.mlp.outputs_mut()) {
        silence(linear, device)?;
    }
    Ok(copy)
}

fn silence(linear: &mut Linear, device: &Device) -> Result<()> {
    if let Weight::Frozen(frozen) = &linear.weight {
        let zeros = Tensor::zeros((linear.output, linear.input), frozen.dtype(), &HOST)?;
        linear.weight = Weight::Frozen(Frozen::new(zeros)?.on(device)?);
    }
    linear.frozen_adapters = FrozenAdapters::default();
    if let Some(Vector::Frozen(_, stored)) = &linear.bias {
        let zeros = Buf::zeros(linear.output, device)?;
        linear.bias = Some(Vector::Frozen(Arc::new(zeros), *stored));
    }
    Ok(())
}
