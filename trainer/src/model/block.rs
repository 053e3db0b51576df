//! One decoder block, forward and backward: in which order its parts come. Each part is a file.
use super::Keep;
use super::attention::AttentionGrads;
use super::buffers::{Cache, SavedBlock, Scratch};
use super::context::BlockContext;
use super::mlp::MlpInputs;
use super::modules::not_computed;
use super::weights::Layer;
use crate::error::Result;
use crate::ops::{Buf, Engine, Write, act, gather};
use protocol::decoder::{BlockSpec, NormSpec};

impl Layer {
    /// `x` becomes the block's output, in the last block that of the tokens which predict a row alone. A `cache` takes the
    /// new keys and values and is attended to.
    pub fn forward(
        &self,
        block: BlockContext,
        keep: Keep,
        x: &mut Buf,
        saved: &mut SavedBlock,
        scratch: &mut Scratch,
        cache: Option<&mut Cache>,
    ) -> Result<()> {
        let BlockContext { pass, spec, .. } = block;
        let [attention, mlp] = norms(spec)?;
        let (hidden, tokens, outputs) = (pass.decoder.hidden, pass.plan.tokens(), block.outputs().count);
        let h = &mut scratch.normed;

        // mid = x + attention(norm(x))
        save(pass.engine, keep, x, &mut saved.x, tokens * hidden)?;
        pass.norm(&self.input_norm, attention, tokens, hidden).forward(x, h)?;
        self.attention_forward(block, h, &mut saved.attention, &mut scratch.linear, cache)?;
        if let Some(tokens) = block.output_tokens() {
            pass.engine.run(gather::Compact {
                x: x.view_mut(),
                ids: tokens,
                count: outputs,
                width: hidden,
            })?;
        }
        pass.engine.run(act::Add {
            x: x.view_mut(),
            y: h.view(),
            len: outputs * hidden,
        })?;

        // out = mid + mlp(norm(mid))
        save(pass.engine, keep, x, &mut saved.mid, outputs * hidden)?;
        pass.norm(&self.post_norm, mlp, outputs, hidden).forward(x, h)?;
        let mut ctx = pass.linear(outputs, &mut scratch.linear);
        self.mlp.forward(h, x, &mut saved.mlp, &mut scratch.mlp, &mut ctx)
    }

    /// `dx`, the gradient of the block's output, becomes that of its input (left half done when `input_grad` is false:
    /// nothing below trains). Overwrites parts of `saved`.
    pub fn backward(
        &self,
        block: BlockContext,
        dx: &mut Buf,
        saved: &mut SavedBlock,
        scratch: &mut Scratch,
        grads: &mut [Buf],
        input_grad: bool,
    ) -> Result<()> {
        let BlockContext { pass, spec, .. } = block;
        let [attention, mlp] = norms(spec)?;
        let (hidden, tokens, outputs) = (pass.decoder.hidden, pass.plan.tokens(), block.outputs().count);
        let (h, dh) = (&mut scratch.normed, &mut scratch.d_hidden);
        h.fit(tokens * hidden)?;
        dh.fit(tokens * hidden.max(spec.attention.output_width()))?;

        // out = mid + mlp(h), h = norm(mid)
        let norm = pass.norm(&self.post_norm, mlp, outputs, hidden);
        norm.forward(&saved.mid, h)?;
        let given = MlpInputs {
            h,
            dy: dx,
            balance: pass.balance.as_ref(),
        };
        let mut ctx = pass.linear(outputs, &mut scratch.linear);
        self.mlp
            .backward(given, dh, &mut saved.mlp, &mut scratch.mlp, grads, &mut ctx)?;
        norm.weight_grad(&saved.mid, dh.view(), grads)?;
        if !input_grad && !self.attention_trains() {
            return Ok(());
        }
        norm.input_grad(&saved.mid, dh.view(), dx, Write::Accumulate)?;

        // mid = x + attention(h), h = norm(x)
        let norm = pass.norm(&self.input_norm, attention, tokens, hidden);
        norm.forward(&saved.x, h)?;
        let given = AttentionGrads {
            h,
            dy: dx,
            dh,
            input_grad: input_grad || self.input_norm.trained().is_some(),
            from_queries: &mut scratch.mlp.network.d_activated,
        };
        self.attention_backward(
            block,
            given,
            &mut saved.attention,
            &mut scratch.attention,
            &mut scratch.linear,
            grads,
        )?;
        norm.weight_grad(&saved.x, dh.view(), grads)?;
        if !input_grad {
            return Ok(());
        }
        if let Some(some) = block.output_tokens() {
            pass.engine.run(gather::Spread {
                x: dx.view_mut(),
                ids: some,
                count: outputs,
                rows: tokens,
                width: hidden,
            })?;
        }
        norm.input_grad(&saved.x, dh.view(), dx, Write::Accumulate)
    }
}

/// The norms before attention and before the MLP.
fn norms(spec: &BlockSpec) -> Result<[&NormSpec; 2]> {
    match (&spec.norms.before_attention, &spec.norms.before_mlp) {
        (Some(attention), Some(mlp)) => Ok([attention, mlp]),
        _ => Err(not_computed("a block without a norm before its halves")),
    }
}

/// Keeps a hidden state for the backward pass, where there will be one.
fn save(engine: &Engine, keep: Keep, x: &Buf, to: &mut Buf, len: usize) -> Result<()> {
    match keep {
        Keep::Nothing => Ok(()),
        Keep::ForBackward => engine.run(act::Copy {
            from: x.view(),
            to: to.fit(len)?.view_mut(),
            len,
        }),
    }
}
