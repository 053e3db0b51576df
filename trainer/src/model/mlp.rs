//! The second half of a block: one feed-forward network, or a router and several of which a token meets a few.
use super::balance::BalanceGrads;
use super::linear::{BackwardInputs, InputGrad, Linear, LinearContext, Outputs};
use super::routing::Routing;
use super::swiglu::{NetworkInputs, NetworkScratch, SavedNetwork, Swiglu};
use crate::error::Result;
use crate::ops::route::Rule;
use crate::ops::{Buf, Engine, act, gather, optimizer};

#[derive(Debug)]
pub enum Mlp {
    Dense(Swiglu),
    Experts(Experts),
}

/// A mixture of experts: *Mixtral of Experts*, arXiv 2401.04088; with a shared expert, Qwen2-MoE (arXiv 2407.10671).
#[derive(Debug)]
pub struct Experts {
    pub router: Linear,
    pub experts: Vec<Swiglu>,
    pub shared: Option<Shared>,
    pub rule: Rule,
}

/// An expert that every token goes to.
#[derive(Debug)]
pub struct Shared {
    pub expert: Swiglu,
    /// whose sigmoid weighs it; 1 without
    pub gate: Option<Linear>,
}

/// What a forward pass leaves for the backward pass.
pub struct SavedMlp {
    /// of the dense network, or of all experts one behind the other
    inner: SavedNetwork,
    shared: SavedNetwork,
    /// `A x` of the router's and the shared gate's trained terms
    lora_hidden: [Buf; 2],
    pub routing: Routing,
    /// the sigmoid of the shared expert's gate
    shared_gate: Buf,
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
            Mlp::Dense(dense) => self.inner.reserve(rows, dense.width(), dense.ranks()),
            Mlp::Experts(experts) => {
                let all = rows * experts.rule.top_k;
                self.inner.reserve(all, experts.width(), experts.ranks())?;
                match &experts.shared {
                    Some(Shared { expert, .. }) => self.shared.reserve(rows, expert.width(), expert.ranks()),
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
    logits: Buf,
    /// that gradient as the layer's backward pass reads it
    d_logits: Buf,
    /// the gradient of the experts' weights, by slot
    d_weights: Buf,
    /// one expert's rows: input, gradient of the output, gradient of the input; `[rows, hidden]`
    rows: [Buf; 3],
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
                    len: ctx.tokens * dense.gate.input,
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

impl Experts {
    /// Of one expert.
    pub fn width(&self) -> usize {
        self.experts.first().map_or(0, Swiglu::width)
    }

    /// The largest ranks of the experts' trained terms.
    fn ranks(&self) -> [usize; 3] {
        let largest = |a: [usize; 3], b: [usize; 3]| [a[0].max(b[0]), a[1].max(b[1]), a[2].max(b[2])];
        self.experts.iter().map(Swiglu::ranks).fold([0; 3], largest)
    }

    fn forward(
        &self,
        h: &mut Buf,
        x: &mut Buf,
        saved: &mut SavedMlp,
        scratch: &mut MlpScratch,
        ctx: &mut LinearContext,
    ) -> Result<()> {
        let (n, hidden) = (ctx.tokens, self.router.input);
        let (width, ranks) = (self.width(), self.ranks());
        saved.inner.reserve(n * self.rule.top_k, width, ranks)?;
        let [low_router, low_gate] = &mut saved.lora_hidden;
        let count = n * self.rule.experts;
        let out = Outputs {
            y: scratch.logits.fit(count)?.view_mut(),
            lora_hidden: low_router.fit(self.router.lora_hidden_len(n))?.view_mut(),
        };
        self.router.forward(h.view(), out, ctx)?;
        saved.routing.decide(ctx.engine, scratch.logits.view(), n, self.rule)?;
        let rows = &mut scratch.rows[0];
        for (expert, load) in self.experts.iter().zip(saved.routing.loads()) {
            ctx.tokens = load.places.len();
            if ctx.tokens == 0 {
                continue;
            }
            let mut part = saved.inner.part(load.places.start, ctx.tokens, width, ranks);
            ctx.engine.run(gather::Gather {
                table: h.view().into(),
                ids: load.ids,
                y: rows.fit(ctx.tokens * hidden)?.view_mut(),
                count: ctx.tokens,
                width: hidden,
            })?;
            expert.forward(rows, Some(load.weights), &mut part, &mut scratch.network, ctx)?;
            ctx.engine.run(gather::ScatterAdd {
                rows: rows.view(),
                ids: load.ids,
                factors: None,
                out: x.view_mut(),
                count: ctx.tokens,
                width: hidden,
            })?;
        }
        ctx.tokens = n;
        if let Some(Shared { expert, gate }) = &self.shared {
            if let Some(gate) = gate {
                let out = Outputs {
                    y: scratch.logits.fit(n)?.view_mut(),
                    lora_hidden: low_gate.fit(gate.lora_hidden_len(n))?.view_mut(),
                };
                gate.forward(h.view(), out, ctx)?;
                ctx.engine.run(act::Sigmoid {
                    x: scratch.logits.view(),
                    y: saved.shared_gate.fit(n)?.view_mut(),
                    len: n,
                })?;
            }
            let factors = gate.as_ref().map(|_| saved.shared_gate.view());
            let mut part = saved.shared.whole(n, expert)?;
            expert.forward(h, factors, &mut part, &mut scratch.network, ctx)?;
            ctx.engine.run(act::Add {
                x: x.view_mut(),
                y: h.view(),
                len: n * hidden,
            })?;
        }
        Ok(())
    }

    fn backward(
        &self,
        given: MlpInputs,
        dh: &mut Buf,
        saved: &mut SavedMlp,
        scratch: &mut MlpScratch,
        grads: &mut [Buf],
        ctx: &mut LinearContext,
    ) -> Result<()> {
        let (n, hidden) = (ctx.tokens, self.router.input);
        let (width, ranks) = (self.width(), self.ranks());
        let MlpInputs { h, dy, balance } = given;
        let MlpScratch {
            network,
            logits,
            d_logits,
            d_weights,
            rows,
        } = scratch;
        ctx.engine.run(optimizer::Fill {
            x: dh.view_mut(),
            value: 0.0,
            len: n * hidden,
        })?;
        d_weights.fit(n * self.rule.top_k)?;
        for (expert, load) in self.experts.iter().zip(saved.routing.loads()) {
            ctx.tokens = load.places.len();
            if ctx.tokens == 0 {
                continue;
            }
            let len = ctx.tokens * hidden;
            let [input, d_output, d_input] = &mut *rows;
            ctx.engine.run(gather::Gather {
                table: h.view().into(),
                ids: load.ids,
                y: input.fit(len)?.view_mut(),
                count: ctx.tokens,
                width: hidden,
            })?;
            ctx.engine.run(gather::Gather {
                table: dy.view().into(),
                ids: load.ids,
                y: d_output.fit(len)?.view_mut(),
                count: ctx.tokens,
                width: hidden,
            })?;
            let mut part = saved.inner.part(load.places.start, ctx.tokens, width, ranks);
            let of_expert = NetworkInputs {
                x: input,
                factors: Some(load.weights),
                dy: d_output,
            };
            let to = InputGrad::overwrite(d_input.fit(len)?);
            expert.backward(of_expert, to, &mut part, network, grads, ctx)?;
            ctx.engine.run(gather::Place {
                values: network.d_factors.view(),
                ids: load.slots,
                out: d_weights.view_mut(),
                count: ctx.tokens,
            })?;
            ctx.engine.run(gather::ScatterAdd {
                rows: d_input.view(),
                ids: load.ids,
                factors: None,
                out: dh.view_mut(),
                count: ctx.tokens,
                width: hidden,
            })?;
        }
        ctx.tokens = n;
        let [low_router, low_gate] = &saved.lora_hidden;
        if let Some(Shared { expert, gate }) = &self.shared {
            let mut part = saved.shared.whole(n, expert)?;
            let of_expert = NetworkInputs {
                x: h,
                factors: gate.as_ref().map(|_| saved.shared_gate.view()),
                dy,
            };
            let to = InputGrad::accumulate(dh);
            expert.backward(of_expert, to, &mut part, network, grads, ctx)?;
            if let Some(gate) = gate {
                ctx.engine.run(act::SigmoidBackward {
                    y: saved.shared_gate.view(),
                    dy: network.d_factors.view(),
                    dx: logits.fit(n)?.view_mut(),
                    len: n,
                })?;
                ctx.engine.run(act::Copy {
                    from: logits.view(),
                    to: d_logits.fit(n)?.view_mut(),
                    len: n,
                })?;
                let of_gate = BackwardInputs {
                    x: h.view(),
                    lora_hidden: low_gate.view(),
                    dy: d_logits.view(),
                };
                gate.backward(of_gate, Some(InputGrad::accumulate(dh)), grads, ctx)?;
            }
        }
        let routing = &saved.routing;
        routing.backward(ctx.engine, d_weights.view(), balance, logits, self.rule)?;
        let len = n * self.rule.experts;
        ctx.engine.run(act::Copy {
            from: logits.view(),
            to: d_logits.fit(len)?.view_mut(),
            len,
        })?;
        let of_router = BackwardInputs {
            x: h.view(),
            lora_hidden: low_router.view(),
            dy: d_logits.view(),
        };
        self.router
            .backward(of_router, Some(InputGrad::accumulate(dh)), grads, ctx)
    }
}
