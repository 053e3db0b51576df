//! A mixture of experts: a router, the experts of which a token meets a few, and what every token meets besides.
use super::feed_forward::{FeedForward, NetworkInputs, Saves};
use super::linear::{BackwardInputs, InputGrad, Linear, LinearContext, Outputs};
use super::mlp::{MlpInputs, MlpScratch, SavedMlp};
use super::weights::Vector;
use crate::error::Result;
use crate::ops::route::Rule;
use crate::ops::{Buf, View, act, gather, optimizer, scale};
use protocol::decoder::Weighs;

/// A mixture of experts: *Mixtral of Experts*, arXiv 2401.04088; with a shared expert, Qwen2-MoE (arXiv 2407.10671).
#[derive(Debug)]
pub struct Experts {
    pub router: Linear,
    /// what is added to the scores by which experts are chosen; it never trains
    pub correction: Option<Vector>,
    pub experts: Vec<FeedForward>,
    pub shared: Option<Shared>,
    pub rule: Rule,
}

/// An expert that every token goes to.
#[derive(Debug)]
pub struct Shared {
    pub expert: FeedForward,
    /// whose sigmoid weighs it; 1 without
    pub gate: Option<Linear>,
}

impl Experts {
    /// Of one expert.
    pub fn width(&self) -> usize {
        self.experts.first().map_or(0, FeedForward::width)
    }

    /// What one expert saves of a row, with the largest rank of each layer's trained terms.
    pub(super) fn saves(&self) -> Saves {
        let largest = |a: Saves, b: Saves| Saves {
            ranks: std::array::from_fn(|i| a.ranks[i].max(b.ranks[i])),
            ..b
        };
        let all = self.experts.iter().map(FeedForward::saves);
        all.fold(Saves::default(), largest)
    }

    pub(super) fn forward(
        &self,
        h: &mut Buf,
        x: &mut Buf,
        saved: &mut SavedMlp,
        scratch: &mut MlpScratch,
        ctx: &mut LinearContext,
    ) -> Result<()> {
        let (n, hidden) = (ctx.tokens, self.router.input);
        let saves = self.saves();
        saved.inner.reserve(n * self.rule.top_k, saves)?;
        let [low_router, low_gate] = &mut saved.lora_hidden;
        let count = n * self.rule.experts;
        let out = Outputs {
            y: scratch.logits.fit(count)?.view_mut(),
            lora_hidden: low_router.fit(self.router.lora_hidden_len(n))?.view_mut(),
        };
        self.router.forward(h.view(), out, ctx)?;
        let correction = self
            .correction
            .as_ref()
            .map(|correction| correction.buf(ctx.params).view());
        let logits = scratch.logits.view();
        saved.routing.decide(ctx.engine, logits, correction, n, self.rule)?;
        let rows = &mut scratch.rows[0];
        for (expert, load) in self.experts.iter().zip(saved.routing.loads()) {
            ctx.tokens = load.places.len();
            if ctx.tokens == 0 {
                continue;
            }
            let mut part = saved.inner.part(load.places.start, ctx.tokens, saves);
            pick(h, load.ids, rows, hidden, ctx)?;
            let factors = match self.rule.router.weighs {
                Weighs::Output => Some(load.weights),
                Weighs::Input => {
                    weigh(rows, load.weights, hidden, ctx)?;
                    None
                }
            };
            expert.forward(rows, factors, &mut part, &mut scratch.network, ctx)?;
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

    pub(super) fn backward(
        &self,
        given: MlpInputs,
        dh: &mut Buf,
        saved: &mut SavedMlp,
        scratch: &mut MlpScratch,
        grads: &mut [Buf],
        ctx: &mut LinearContext,
    ) -> Result<()> {
        let (n, hidden) = (ctx.tokens, self.router.input);
        let saves = self.saves();
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
        let weighs = self.rule.router.weighs;
        for (expert, load) in self.experts.iter().zip(saved.routing.loads()) {
            ctx.tokens = load.places.len();
            if ctx.tokens == 0 {
                continue;
            }
            let [input, d_output, d_input] = &mut *rows;
            pick(h, load.ids, input, hidden, ctx)?;
            pick(dy, load.ids, d_output, hidden, ctx)?;
            let factors = match weighs {
                Weighs::Output => Some(load.weights),
                Weighs::Input => {
                    weigh(input, load.weights, hidden, ctx)?;
                    None
                }
            };
            let mut part = saved.inner.part(load.places.start, ctx.tokens, saves);
            let of_expert = NetworkInputs {
                x: input,
                factors,
                dy: d_output,
            };
            let to = InputGrad::overwrite(d_input.fit(ctx.tokens * hidden)?);
            expert.backward(of_expert, to, &mut part, network, grads, ctx)?;
            if weighs == Weighs::Input {
                pick(h, load.ids, input, hidden, ctx)?;
                ctx.engine.run(scale::RowDots {
                    a: d_input.view(),
                    b: input.view(),
                    out: network.d_factors.fit(ctx.tokens)?.view_mut(),
                    rows: ctx.tokens,
                    width: hidden,
                })?;
                weigh(d_input, load.weights, hidden, ctx)?;
            }
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

/// The rows of an expert's tokens.
fn pick(from: &Buf, ids: View, to: &mut Buf, width: usize, ctx: &LinearContext) -> Result<()> {
    ctx.engine.run(gather::Gather {
        table: from.view().into(),
        ids,
        y: to.fit(ctx.tokens * width)?.view_mut(),
        count: ctx.tokens,
        width,
    })
}

/// Multiplies each row with its weight.
fn weigh(rows: &mut Buf, factors: View, width: usize, ctx: &LinearContext) -> Result<()> {
    ctx.engine.run(scale::ScaleRows {
        y: rows.view_mut(),
        factors,
        rows: ctx.tokens,
        width,
    })
}
