//! One decoder block, forward and backward: in which order its parts come. Each part is a file.
use super::Keep;
use super::attention::{AttentionGrads, AttentionWork};
use super::branch::{Entry, Exit, add, save};
use super::buffers::{Cache, SavedBlock, Scratch};
use super::context::BlockContext;
use super::mlp::MlpInputs;
use super::norm::NormVectors;
use super::weights::Layer;
use crate::error::Result;
use crate::ops::{Buf, Write, gather, optimizer};
use protocol::decoder::{NormSpec, Residual};

/// Where the residual stream branches off into attention and MLP, and where they come back into it.
struct Ways<'a> {
    into_attention: Entry<'a>,
    out_of_attention: Exit<'a>,
    into_mlp: Entry<'a>,
    out_of_mlp: Exit<'a>,
    /// both branches read what comes into the block
    parallel: bool,
}

impl Layer {
    fn ways<'a>(&'a self, block: &BlockContext<'a>) -> Ways<'a> {
        let BlockContext { pass, spec, .. } = *block;
        let (hidden, tokens, outputs) = (pass.decoder.hidden, pass.plan.tokens(), block.outputs().count);
        let norm = |vectors: &'a Option<NormVectors>, spec: &Option<NormSpec>, rows: usize| {
            let (vectors, spec) = vectors.as_ref().zip(spec.as_ref())?;
            Some(pass.norm(vectors, spec, rows, hidden))
        };
        let entry = |norm, rows| Entry {
            engine: pass.engine,
            norm,
            len: rows * hidden,
        };
        let exit = |norm| Exit {
            engine: pass.engine,
            norm,
            of_sum: spec.residual == Residual::PostNorm,
            scale: spec.branch_scale as f32,
            len: outputs * hidden,
        };
        let (own, norms) = (&self.norms, &spec.norms);
        let parallel = spec.residual == Residual::Parallel;
        let into_mlp = match parallel && norms.before_mlp.is_none() {
            true => norm(&own.before_attention, &norms.before_attention, outputs),
            false => norm(&own.before_mlp, &norms.before_mlp, outputs),
        };
        Ways {
            into_attention: entry(norm(&own.before_attention, &norms.before_attention, tokens), tokens),
            out_of_attention: exit(norm(&own.after_attention, &norms.after_attention, outputs)),
            into_mlp: entry(into_mlp, outputs),
            out_of_mlp: exit(norm(&own.after_mlp, &norms.after_mlp, outputs)),
            parallel,
        }
    }

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
        let (engine, hidden, outputs) = (block.pass.engine, block.pass.decoder.hidden, block.outputs().count);
        let (ways, len) = (self.ways(&block), outputs * hidden);
        let (h, of_mlp, spare) = (&mut scratch.normed, &mut scratch.of_mlp, &mut scratch.branch);

        // mid = x + attention(norm(x))
        save(engine, keep, x, &mut saved.x, ways.into_attention.len)?;
        ways.into_attention.forward(x, h)?;
        let work = AttentionWork {
            scratch: &mut scratch.attention,
            buffers: &mut scratch.linear,
        };
        self.attention_forward(block, h, &mut saved.attention, work, cache)?;
        if let Some(tokens) = block.output_tokens() {
            engine.run(gather::Compact {
                x: x.view_mut(),
                ids: tokens,
                count: outputs,
                width: hidden,
            })?;
        }
        if ways.parallel {
            ways.into_mlp.forward(x, of_mlp)?;
            if block.output_tokens().is_some() {
                save(engine, keep, x, &mut saved.mid, len)?;
            }
        }
        let kept = &mut saved.from_attention;
        ways.out_of_attention.forward(x, h, kept, spare, keep)?;

        // out = mid + mlp(norm(mid))
        let input = match ways.parallel {
            true => of_mlp,
            false => {
                save(engine, keep, x, &mut saved.mid, len)?;
                ways.into_mlp.forward(x, h)?;
                h
            }
        };
        let mut ctx = block.pass.linear(outputs, &mut scratch.linear);
        if ways.out_of_mlp.is_plain() {
            return self.mlp.forward(input, x, &mut saved.mlp, &mut scratch.mlp, &mut ctx);
        }
        let branch = spare.fit(len)?;
        engine.run(optimizer::Fill {
            x: branch.view_mut(),
            value: 0.0,
            len,
        })?;
        self.mlp
            .forward(input, branch, &mut saved.mlp, &mut scratch.mlp, &mut ctx)?;
        ways.out_of_mlp.forward(x, branch, &mut saved.from_mlp, input, keep)
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
        let (hidden, tokens, outputs) = (pass.decoder.hidden, pass.plan.tokens(), block.outputs().count);
        let (ways, len) = (self.ways(&block), outputs * hidden);
        let (h, dh, branch) = (&mut scratch.normed, &mut scratch.d_hidden, &mut scratch.branch);
        h.fit(tokens * hidden)?;
        dh.fit(tokens * hidden.max(spec.attention.output_width()))?;

        // out = mid + mlp(h), h = norm(mid)
        let mid = match ways.parallel && block.output_tokens().is_none() {
            true => &saved.x,
            false => &saved.mid,
        };
        let dy = ways.out_of_mlp.backward(dx, &saved.from_mlp, branch, h, grads)?;
        ways.into_mlp.forward(mid, h)?;
        let given = MlpInputs {
            h,
            dy,
            balance: pass.balance.as_ref(),
        };
        let mut ctx = pass.linear(outputs, &mut scratch.linear);
        self.mlp
            .backward(given, dh, &mut saved.mlp, &mut scratch.mlp, grads, &mut ctx)?;
        ways.into_mlp.weight_grad(mid, dh, grads)?;
        if !input_grad && !self.attention_trains() {
            return Ok(());
        }
        // attention of a parallel block has the gradient that this one has, without what the MLP adds
        let of_mlp = &mut scratch.of_mlp;
        match ways.parallel {
            true => ways.into_mlp.input_grad(mid, dh, of_mlp.fit(len)?, Write::Overwrite)?,
            false => ways.into_mlp.input_grad(mid, dh, dx, Write::Accumulate)?,
        }

        // mid = x + attention(h), h = norm(x)
        let dy = ways
            .out_of_attention
            .backward(dx, &saved.from_attention, branch, h, grads)?;
        ways.into_attention.forward(&saved.x, h)?;
        let given = AttentionGrads {
            h,
            dy,
            dh,
            input_grad: input_grad || ways.into_attention.trains(),
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
        ways.into_attention.weight_grad(&saved.x, dh, grads)?;
        if !input_grad {
            return Ok(());
        }
        if ways.parallel {
            add(pass.engine, dx, of_mlp, len)?;
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
        ways.into_attention.input_grad(&saved.x, dh, dx, Write::Accumulate)
    }
}
