//! The second half of a block: one feed-forward network, or a router and several of which a token meets a few.
use super::balance::BalanceGrads;
use super::experts::{Experts, Shared};
use super::feed_forward::{FeedForward, NetworkInputs, NetworkScratch, SavedNetwork};
use super::linear::{InputGrad, Linear, LinearContext};
use super::routing::Routing;
use crate::error::Result;
use crate::ops::{Buf, Engine, act};

#[derive(Debug)]
pub enum Mlp {
    Dense(FeedForward),
    Experts(Experts),
}

/// What a forward pass leaves for the backward pass.
pub struct SavedMlp {
    /// of the dense network, or of all experts one behind the other
    pub(super) inner: SavedNetwork,
    pub(super) shared: SavedNetwork,
    /// `A x` of the router's and the shared gate's trained terms
    pub(super) lora_hidden: [Buf; 2],
    pub routing: Routing,
    /// the sigmoid of the shared expert's gate
    pub(super) shared_gate: Buf,
}

impl SavedMlp {
    pub fn new(engine: &Engine) -> Result<Self> {
        Ok(Self {
            inner: SavedNetwork::new(engine)?,
            shared: SavedNetwork::new(engine)?,
            lora_hidden: [engine.buffer()?, engine.buffer()?],
            routing: Routing::new(engine.device())?,
            shared_gate: Buf::zeros(0, engine.device())?,
        })
    }

    /// Makes room for `rows` rows.
    pub fn reserve(&mut self, rows: usize, mlp: &Mlp) -> Result<()> {
        match mlp {
            Mlp::Dense(dense) => self.inner.reserve(rows, dense.saves()),
            Mlp::Experts(experts) => {
                let all = rows * experts.rule.top_k;
                self.inner.reserve(all, experts.saves())?;
                match &experts.shared {
                    Some(Shared { expert, .. }) => self.shared.reserve(rows, expert.saves()),
                    None => Ok(()),
                }
            }
        }
    }
}

/// Buffers that live for one pass through an MLP.
pub struct MlpScratch {
    pub network: NetworkScratch,
    /// logits of the router or of the shared gate, or their gradient
    pub(super) logits: Buf,
    /// that gradient as the layer's backward pass reads it
    pub(super) d_logits: Buf,
    /// the gradient of the experts' weights, by slot
    pub(super) d_weights: Buf,
    /// one expert's rows: input, gradient of the output, gradient of the input; `[rows, hidden]`
    pub(super) rows: [Buf; 3],
}

impl MlpScratch {
    pub fn new(engine: &Engine) -> Result<Self> {
        let buf = || engine.buffer();
        Ok(Self {
            network: NetworkScratch::new(engine)?,
            logits: Buf::zeros(0, engine.device())?,
            d_logits: buf()?,
            d_weights: Buf::zeros(0, engine.device())?,
            rows: [buf()?, buf()?, buf()?],
        })
    }
}

/// What an MLP's backward pass reads.
#[derive(Clone, Copy)]
pub struct MlpInputs<'a> {
    /// its input
    pub h: &'a Buf,
    /// the gradient of its output
    pub dy: &'a Buf,
    /// of the router's auxiliary loss, where it counts
    pub balance: Option<&'a BalanceGrads<'a>>,
}

impl Mlp {
    /// The layers whose output goes into the residual stream.
    pub fn outputs_mut(&mut self) -> Vec<&mut Linear> {
        match self {
            Self::Dense(dense) => vec![&mut dense.down],
            Self::Experts(moe) => {
                let shared = moe.shared.iter_mut().map(|shared| &mut shared.expert.down);
                moe.experts.iter_mut().map(|e| &mut e.down).chain(shared).collect()
            }
        }
    }

    pub fn routes(&self) -> bool {
        matches!(self, Self::Experts(_))
    }

    /// The widest of its networks.
    pub fn widest(&self) -> usize {
        match self {
            Self::Dense(dense) => dense.width(),
            Self::Experts(moe) => moe.shared.as_ref().map_or(0, |s| s.expert.width()).max(moe.width()),
        }
    }

    /// `x += mlp(h)`; `h` is used up.
    pub fn forward(
        &self,
        h: &mut Buf,
        x: &mut Buf,
        saved: &mut SavedMlp,
        scratch: &mut MlpScratch,
        ctx: &mut LinearContext,
    ) -> Result<()> {
        match self {
            Self::Dense(dense) => {
                let mut part = saved.inner.whole(ctx.tokens, dense)?;
                dense.forward(h, None, &mut part, &mut scratch.network, ctx)?;
                ctx.engine.run(act::Add {
                    x: x.view_mut(),
                    y: h.view(),
                    len: ctx.tokens * dense.up.input,
                })
            }
            Self::Experts(experts) => experts.forward(h, x, saved, scratch, ctx),
        }
    }

    /// Adds to the gradients of what trains, and overwrites `dh`.
    pub fn backward(
        &self,
        given: MlpInputs,
        dh: &mut Buf,
        saved: &mut SavedMlp,
        scratch: &mut MlpScratch,
        grads: &mut [Buf],
        ctx: &mut LinearContext,
    ) -> Result<()> {
        match self {
            Self::Dense(dense) => {
                let mut part = saved.inner.whole(ctx.tokens, dense)?;
                let of_network = NetworkInputs {
                    x: given.h,
                    factors: None,
                    dy: given.dy,
                };
                let to = InputGrad::overwrite(dh);
                dense.backward(of_network, to, &mut part, &mut scratch.network, grads, ctx)?;
                Ok(())
            }
            Self::Experts(experts) => experts.backward(given, dh, saved, scratch, grads, ctx),
        }
    }
}
