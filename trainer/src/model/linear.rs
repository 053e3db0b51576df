//! A linear layer: a stored weight, perhaps a bias, adapters that stay as they are, and one that may train.
mod adapter;
mod backward;
mod fold;
mod lora;

pub use adapter::{AtStart, LayerAdapter, Lora, LoraAtStart};
pub use backward::{BackwardInputs, InputGrad};

use super::oft::Rotation;
use super::params::Params;
use super::stacked::InStack;
use super::weights::{Vector, Weight};
use super::{LoraPair, Pass};
use crate::error::{Error, Result};
use crate::ops::matmul::{self, Dims};
use crate::ops::{Buf, Device, Engine, View, ViewMut, Write, scale};
pub use crate::quant::Widths;
use adapter::InPass;
use protocol::decoder::{Named, Rows};
use protocol::says;
use std::sync::Arc;

/// `y = gain * W x + frozen terms + what the adapter adds + bias`. Frozen rotations turn what `W` sees, a trained one what
/// the whole layer sees.
#[derive(Debug)]
pub struct Linear {
    /// the module that checkpoints have it in, `model.layers.0.self_attn.q_proj`
    pub module: String,
    /// the part it is of that module, where it isn't all
    pub part: Option<FusedPart>,
    /// where it lies in a tensor of several matrices, which is then no module that adapters know
    pub stack: Option<InStack>,
    /// checkpoints have its weight as `[input, output]`
    pub transposed: bool,
    pub input: usize,
    pub output: usize,
    pub weight: Weight,
    pub bias: Option<Vector>,
    pub frozen_adapters: FrozenAdapters,
    pub adapter: LayerAdapter,
    /// LoftQ: what quantization took off the weight, until a new adapter begins with it
    pub loftq_residual: Option<LoraPair>,
}

/// A layer's part of a module that checkpoints keep as one.
#[derive(Debug, Clone)]
pub struct FusedPart {
    /// the layer's own name, `model.layers.0.self_attn.q_proj` of `model.layers.0.self_attn.qkv_proj`
    pub name: String,
    pub rows: Rows,
}

/// Adapters the run starts from that stay as they are, in both passes.
#[derive(Debug, Default)]
pub struct FrozenAdapters {
    /// DoRA: a factor per output on the weight
    pub gain: Option<Arc<Buf>>,
    pub terms: Vec<LowRank>,
    /// of the weight's input; the newest comes last and is met first
    pub rotations: Vec<Rotation>,
}

/// A frozen low-rank term, `scale * B A`.
#[derive(Debug)]
pub struct LowRank {
    pub a: Arc<Buf>,
    pub b: Arc<Buf>,
    pub rank: usize,
    pub scale: f32,
}

/// A low-rank term as a product reads it: `a` is `[rank, input]`, `b` is `[output, rank]`.
#[derive(Clone, Copy)]
pub struct Factors<'a> {
    pub a: &'a Buf,
    pub b: &'a Buf,
    pub rank: usize,
    pub scale: f32,
}

/// What a layer works with in one pass, beside its own state.
pub struct LinearContext<'a> {
    pub engine: &'a Engine,
    pub params: &'a Params,
    pub pass: Pass,
    pub dropout_seed: Option<u64>,
    /// rows of the layer's input
    pub tokens: usize,
    pub buffers: &'a mut LinearBuffers,
}

/// Buffers that all layers share, each filled and read within one layer.
pub struct LinearBuffers {
    /// `[tokens, rank]`: the hidden state of a frozen term, or its gradient
    low_rank: Buf,
    /// `[tokens, input]`: what dropout leaves of the input
    pub(super) dropped: Buf,
    /// `[tokens, output]`: the output's gradient times the gains
    scaled_dy: Buf,
    /// `[tokens, output]`: a summand of DoRA's
    pub(super) dora_part: Buf,
    /// `[tokens, input]`: the input as the trained rotation turns it, or its gradient
    pub(super) turned: Buf,
    /// `[tokens, input]` each: the same of the frozen rotations, one after the other
    pub(super) frozen_turned: [Buf; 2],
}

/// What a layer's forward pass writes.
pub struct Outputs<'a> {
    pub y: ViewMut<'a>,
    /// `A x` of a LoRA term that trains, for the backward pass
    pub lora_hidden: ViewMut<'a>,
}

impl LinearBuffers {
    pub fn new(engine: &Engine) -> Result<Self> {
        let buf = || engine.buffer();
        Ok(Self {
            low_rank: buf()?,
            dropped: buf()?,
            scaled_dy: buf()?,
            dora_part: buf()?,
            turned: buf()?,
            frozen_turned: [buf()?, buf()?],
        })
    }
}

impl LowRank {
    /// # Errors
    /// The pair does not fit the layer.
    pub fn new(linear: &Linear, pair: &LoraPair, scale: f64, device: &Device) -> Result<Self> {
        Ok(Self {
            rank: rank_of(linear, pair)?,
            a: Arc::new(Buf::copy_of(&pair.a, device)?),
            b: Arc::new(Buf::copy_of(&pair.b, device)?),
            scale: scale as f32,
        })
    }

    /// The same numbers, in the same memory.
    pub fn share(&self) -> Self {
        Self {
            a: Arc::clone(&self.a),
            b: Arc::clone(&self.b),
            ..*self
        }
    }

    pub fn factors(&self) -> Factors<'_> {
        Factors {
            a: &self.a,
            b: &self.b,
            rank: self.rank,
            scale: self.scale,
        }
    }
}

/// The rank of a module's matrices, checked against the layer they go on.
pub fn rank_of(linear: &Linear, pair: &LoraPair) -> Result<usize> {
    let (input, output) = (linear.input, linear.output);
    let lengths = pair.magnitude.as_ref().map_or(output, |m| m.elem_count());
    match (pair.a.dims(), pair.b.dims()) {
        (&[rank, i], &[o, r]) if rank == r && rank > 0 && i == input && o == output && lengths == output => Ok(rank),
        (a, b) => Err(Error::invalid(says::adapter_shapes(
            &linear.module,
            format!("{a:?}"),
            format!("{b:?}"),
            output,
            input,
        ))),
    }
}

impl FrozenAdapters {
    fn is_empty(&self) -> bool {
        self.terms.is_empty() && self.rotations.is_empty() && self.gain.is_none()
    }

    fn share(&self) -> Self {
        Self {
            gain: self.gain.clone(),
            terms: self.terms.iter().map(LowRank::share).collect(),
            rotations: self.rotations.iter().map(Rotation::share).collect(),
        }
    }
}

impl Linear {
    pub fn new(module: String, widths: Widths, weight: Weight, bias: Option<Vector>) -> Self {
        Self {
            module,
            part: None,
            stack: None,
            transposed: false,
            input: widths.input,
            output: widths.output,
            weight,
            bias,
            frozen_adapters: FrozenAdapters::default(),
            adapter: LayerAdapter::None,
            loftq_residual: None,
        }
    }

    pub fn widths(&self) -> Widths {
        Widths {
            input: self.input,
            output: self.output,
        }
    }

    /// The same layer once more as the reference sees it, sharing memory with what stays frozen.
    ///
    /// # Errors
    /// A weight of it trains already.
    pub fn share(&self) -> Result<Self> {
        let bias = self.bias.as_ref().map(Vector::share).transpose()?;
        Ok(Self {
            part: self.part.clone(),
            stack: self.stack,
            transposed: self.transposed,
            frozen_adapters: self.frozen_adapters.share(),
            adapter: self.adapter.share_start(),
            ..Self::new(self.module.clone(), self.widths(), self.weight.share()?, bias)
        })
    }

    /// Its own name, which is not its module's where checkpoints keep it with others.
    pub fn name(&self) -> &str {
        self.part.as_ref().map_or(&self.module, |part| &part.name)
    }

    /// What checkpoints call the tensors of its weight and its bias, or those that hold them.
    pub fn tensors(&self) -> [String; 2] {
        let named = self.stack.map_or(Named::Module, |stack| stack.named);
        [named.weight(&self.module), named.bias(&self.module)]
    }

    /// Outputs of the module that checkpoints have it in.
    pub fn module_output(&self) -> usize {
        self.part.as_ref().map_or(self.output, |part| part.rows.of)
    }

    /// Whether it is its stored weight and nothing else.
    pub fn is_plain(&self) -> bool {
        self.frozen_adapters.is_empty() && !self.adapter.trains()
    }

    /// Whether anything in it trains.
    pub fn trains(&self) -> bool {
        let bias = self.bias.as_ref().and_then(Vector::trained);
        self.adapter.trains() || self.weight.trained().or(bias).is_some()
    }

    /// The numbers that [`Linear::forward`] keeps of so many tokens in [`Outputs::lora_hidden`].
    pub fn lora_hidden_len(&self, tokens: usize) -> usize {
        tokens * self.adapter.rank()
    }

    /// Works out anew what follows from the adapter's parameters, after they changed.
    pub fn refresh(&mut self, ctx: &mut LinearContext) -> Result<()> {
        self.refresh_oft(ctx.engine, ctx.params)?;
        self.refresh_dora(ctx)
    }

    pub(super) fn dims(&self, tokens: usize) -> Dims {
        Dims {
            tokens,
            input: self.input,
            output: self.output,
        }
    }

    /// `x A^T`
    pub(super) fn down_dims(&self, tokens: usize, rank: usize) -> Dims {
        Dims {
            tokens,
            input: self.input,
            output: rank,
        }
    }

    /// `h B^T`
    pub(super) fn up_dims(&self, tokens: usize, rank: usize) -> Dims {
        Dims {
            tokens,
            input: rank,
            output: self.output,
        }
    }

    /// `y = layer(x)`
    pub fn forward(&self, x: View, mut out: Outputs, ctx: &mut LinearContext) -> Result<()> {
        match self.adapter.in_pass(ctx.pass) {
            InPass::Nothing => self.frozen_forward(x, &mut out.y, ctx)?,
            InPass::Rotation(rotation) => self.oft_forward(rotation, x, &mut out.y, ctx)?,
            InPass::Lora(lora) => {
                self.frozen_forward(x, &mut out.y, ctx)?;
                match &lora.dora {
                    Some(dora) => self.dora_forward(lora, dora, x, &mut out, ctx)?,
                    None => self.lora_forward(lora, x, &mut out, ctx)?,
                }
            }
            InPass::LoraAtStart(start) => {
                self.frozen_forward(x, &mut out.y, ctx)?;
                if let Some(gain) = &start.gain {
                    self.scale_outputs(gain, &mut out.y, ctx)?;
                }
                self.add_term(start.term.factors(), x, &mut out.y, ctx)?;
            }
        }
        match &self.bias {
            Some(bias) => ctx.engine.run(matmul::AddBias {
                bias: bias.buf(ctx.params).view(),
                y: out.y,
                tokens: ctx.tokens,
                width: self.output,
            }),
            None => Ok(()),
        }
    }

    /// What is frozen of it, without the bias: `y = gain * W x + terms`.
    pub(super) fn frozen_forward(&self, x: View, y: &mut ViewMut, ctx: &mut LinearContext) -> Result<()> {
        let (engine, params, tokens) = (ctx.engine, ctx.params, ctx.tokens);
        let seen = self.frozen_turn(x, ctx)?.map_or(x, Buf::view);
        engine.run(matmul::LinearForward {
            x: seen,
            w: self.weight.operand(params),
            y: y.view_mut(),
            dims: self.dims(tokens),
            write: Write::Overwrite,
            alpha: 1.0,
        })?;
        if let Some(gain) = &self.frozen_adapters.gain {
            self.scale_outputs(gain, y, ctx)?;
        }
        for term in &self.frozen_adapters.terms {
            self.add_term(term.factors(), x, y, ctx)?;
        }
        Ok(())
    }

    /// `y += scale B A x`
    fn add_term(&self, term: Factors, x: View, y: &mut ViewMut, ctx: &mut LinearContext) -> Result<()> {
        let tokens = ctx.tokens;
        let hidden = ctx.buffers.low_rank.fit(tokens * term.rank)?;
        ctx.engine.run(matmul::LinearForward {
            x,
            w: term.a.view().into(),
            y: hidden.view_mut(),
            dims: self.down_dims(tokens, term.rank),
            write: Write::Overwrite,
            alpha: 1.0,
        })?;
        ctx.engine.run(matmul::LinearForward {
            x: hidden.view(),
            w: term.b.view().into(),
            y: y.view_mut(),
            dims: self.up_dims(tokens, term.rank),
            write: Write::Accumulate,
            alpha: term.scale,
        })
    }

    /// `y *= factors`, a factor per output.
    pub(super) fn scale_outputs(&self, factors: &Buf, y: &mut ViewMut, ctx: &LinearContext) -> Result<()> {
        ctx.engine.run(scale::ScaleColumns {
            y: y.view_mut(),
            factors: factors.view(),
            tokens: ctx.tokens,
            width: self.output,
        })
    }
}
