//! A gated feed-forward network: all of a dense block's, or one expert of several.
use super::linear::{BackwardInputs, InputGrad, Linear, LinearContext, Outputs};
use crate::error::Result;
use crate::ops::{Buf, Engine, View, ViewMut, Write, act, scale};

/// `y = down(silu(gate x) * up x)`. *GLU Variants Improve Transformer*, arXiv 2002.05202.
#[derive(Debug)]
pub struct Swiglu {
    pub gate: Linear,
    pub up: Linear,
    pub down: Linear,
}

/// What a forward pass leaves for the backward pass.
pub struct SavedNetwork {
    /// `[rows, width]`
    gate: Buf,
    up: Buf,
    /// `A x` of the trained term of each linear, in the order of [`Swiglu::linears`]
    lora_hidden: [Buf; 3],
}

/// Buffers that one network works in, `[rows, width]`.
pub struct NetworkScratch {
    /// what `down` reads, and its gradient
    pub activated: Buf,
    pub d_activated: Buf,
    /// the gradient of each row's factor, `[rows]`
    pub d_factors: Buf,
}

impl NetworkScratch {
    pub fn new(engine: &Engine) -> Result<Self> {
        Ok(Self {
            activated: engine.buffer()?,
            d_activated: engine.buffer()?,
            d_factors: Buf::zeros(0, engine.device())?,
        })
    }
}

/// What a network's backward pass reads.
#[derive(Clone, Copy)]
pub struct NetworkInputs<'a> {
    /// its input
    pub x: &'a Buf,
    /// of each row
    pub factors: Option<View<'a>>,
    /// the gradient of its output
    pub dy: &'a Buf,
}

impl SavedNetwork {
    pub fn new(engine: &Engine) -> Result<Self> {
        let buf = || engine.buffer();
        Ok(Self {
            gate: buf()?,
            up: buf()?,
            lora_hidden: [buf()?, buf()?, buf()?],
        })
    }

    /// Makes room for `rows` rows of a network this wide.
    pub fn reserve(&mut self, rows: usize, width: usize, ranks: [usize; 3]) -> Result<()> {
        self.gate.fit(rows * width)?;
        self.up.fit(rows * width)?;
        for (low, rank) in self.lora_hidden.iter_mut().zip(ranks) {
            low.fit(rows * rank)?;
        }
        Ok(())
    }

    /// All of it, for one network over so many rows.
    pub fn whole(&mut self, rows: usize, network: &Swiglu) -> Result<SavedRows<'_>> {
        let (width, ranks) = (network.width(), network.ranks());
        self.reserve(rows, width, ranks)?;
        Ok(self.part(0, rows, width, ranks))
    }

    /// The part that `rows` rows from `first` on have in it, for one of several networks that share it; [`SavedNetwork::reserve`]
    /// made room for it.
    pub fn part(&mut self, first: usize, rows: usize, width: usize, ranks: [usize; 3]) -> SavedRows<'_> {
        let [gate, up, down] = &mut self.lora_hidden;
        let low = |buf, rank| Buf::part_mut(buf, first * rank, rows * rank);
        SavedRows {
            gate: self.gate.part_mut(first * width, rows * width),
            up: self.up.part_mut(first * width, rows * width),
            lora_hidden: [low(gate, ranks[0]), low(up, ranks[1]), low(down, ranks[2])],
        }
    }
}

/// What one network has of a [`SavedNetwork`].
pub struct SavedRows<'a> {
    gate: ViewMut<'a>,
    up: ViewMut<'a>,
    lora_hidden: [ViewMut<'a>; 3],
}

impl Swiglu {
    pub fn linears(&self) -> [&Linear; 3] {
        [&self.gate, &self.up, &self.down]
    }

    pub fn width(&self) -> usize {
        self.gate.output
    }

    /// Ranks of the trained terms.
    pub fn ranks(&self) -> [usize; 3] {
        self.linears().map(|linear| linear.adapter.rank())
    }

    /// `x` becomes `down(factor * silu(gate x) * up x)`, with a factor per row; none means 1. `down` is linear, so that
    /// the factor may as well stand before it, where it costs less.
    pub fn forward(
        &self,
        x: &mut Buf,
        factors: Option<View>,
        saved: &mut SavedRows,
        scratch: &mut NetworkScratch,
        ctx: &mut LinearContext,
    ) -> Result<()> {
        let SavedRows { gate, up, lora_hidden } = saved;
        let [low_gate, low_up, low_down] = lora_hidden;
        for (linear, y, lora_hidden) in [(&self.gate, &mut *gate, low_gate), (&self.up, &mut *up, low_up)] {
            let out = Outputs {
                y: y.view_mut(),
                lora_hidden: lora_hidden.view_mut(),
            };
            linear.forward(x.view(), out, ctx)?;
        }
        let activated = &mut scratch.activated;
        self.activate(gate.view(), up.view(), factors, activated, ctx)?;
        let out = Outputs {
            y: x.view_mut(),
            lora_hidden: low_down.view_mut(),
        };
        self.down.forward(activated.view(), out, ctx)
    }

    /// `y = factor * silu(gate) * up`
    fn activate(&self, gate: View, up: View, factors: Option<View>, y: &mut Buf, ctx: &LinearContext) -> Result<()> {
        let (width, len) = (self.width(), ctx.tokens * self.width());
        ctx.engine.run(act::SwiGlu {
            gate,
            up,
            y: y.fit(len)?.view_mut(),
            len,
        })?;
        match factors {
            None => Ok(()),
            Some(factors) => ctx.engine.run(scale::ScaleRows {
                y: y.view_mut(),
                factors,
                rows: ctx.tokens,
                width,
            }),
        }
    }

    /// Adds to the gradients of what trains, and writes `dx` and, where there are factors, their gradients into the scratch.
    /// Overwrites `saved`.
    pub fn backward(
        &self,
        given: NetworkInputs,
        mut dx: InputGrad,
        saved: &mut SavedRows,
        scratch: &mut NetworkScratch,
        grads: &mut [Buf],
        ctx: &mut LinearContext,
    ) -> Result<()> {
        let (engine, tokens, width) = (ctx.engine, ctx.tokens, self.width());
        let NetworkInputs { x, factors, dy } = given;
        let SavedRows { gate, up, lora_hidden } = saved;
        let [low_gate, low_up, low_down] = &*lora_hidden;
        let NetworkScratch {
            activated,
            d_activated,
            d_factors,
        } = scratch;
        self.activate(gate.view(), up.view(), factors, activated, ctx)?;
        let of_down = BackwardInputs {
            x: activated.view(),
            lora_hidden: low_down.view(),
            dy: dy.view(),
        };
        let to = InputGrad::overwrite(d_activated.fit(tokens * width)?);
        self.down.backward(of_down, Some(to), grads, ctx)?;
        if let Some(factors) = factors {
            self.activate(gate.view(), up.view(), None, activated, ctx)?;
            engine.run(scale::RowDots {
                a: d_activated.view(),
                b: activated.view(),
                out: d_factors.fit(tokens)?.view_mut(),
                rows: tokens,
                width,
            })?;
            engine.run(scale::ScaleRows {
                y: d_activated.view_mut(),
                factors,
                rows: tokens,
                width,
            })?;
        }
        engine.run(act::SwiGluBackward {
            gate: gate.view_mut(),
            up: up.view_mut(),
            dy: d_activated.view(),
            len: tokens * width,
        })?;
        for (linear, lora_hidden, dy) in [(&self.gate, low_gate, &*gate), (&self.up, low_up, &*up)] {
            let of_linear = BackwardInputs {
                x: x.view(),
                lora_hidden: lora_hidden.view(),
                dy: dy.view(),
            };
            linear.backward(of_linear, Some(dx.lend()), grads, ctx)?;
            dx.write = Write::Accumulate;
        }
        Ok(())
    }
}
