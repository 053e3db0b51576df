//! A feed-forward network: all of a dense block's, or one expert of several.
use super::linear::{BackwardInputs, InputGrad, Linear, LinearContext, Outputs};
use crate::error::Result;
use crate::ops::activation::{Activate, ActivateBackward, Activation, Gated, GatedBackward};
use crate::ops::clamped::{Clamp, ClampedGate, ClampedGateBackward};
use crate::ops::{Buf, Engine, View, ViewMut, Write, act, scale};
use protocol::decoder::NetworkForm;

/// `y = down(activation(gate x) * up x)`, or without a gate `y = down(activation(up x))`. *GLU Variants Improve
/// Transformer*, arXiv 2002.05202.
#[derive(Debug)]
pub struct FeedForward {
    pub gate: Option<Linear>,
    pub up: Linear,
    pub down: Linear,
    pub inner: Inner,
}

/// What its inner numbers go through.
#[derive(Clone, Copy, Debug)]
pub enum Inner {
    Activation(Activation),
    /// With a gate: [`ClampedGate`].
    Clamped(Clamp),
}

/// How many numbers a network saves of each row.
#[derive(Clone, Copy, Debug, Default)]
pub struct Saves {
    pub gate: usize,
    pub up: usize,
    /// ranks of the trained terms of gate, up and down
    pub ranks: [usize; 3],
}

/// What a forward pass leaves for the backward pass.
pub struct SavedNetwork {
    /// `[rows, width]`
    gate: Buf,
    up: Buf,
    /// `A x` of the trained terms of gate, up and down
    lora_hidden: [Buf; 3],
}

/// Buffers that one network works in, `[rows, width]`.
pub struct NetworkScratch {
    /// what `down` reads, and its gradient
    pub activated: Buf,
    pub d_activated: Buf,
    /// the gradient of each row's factor, `[rows]`
    pub d_factors: Buf,
    /// where a bias stands behind `down` and a factor behind that: the output without the factor, then the gradient of that
    output: Buf,
}

impl NetworkScratch {
    pub fn new(engine: &Engine) -> Result<Self> {
        Ok(Self {
            activated: engine.buffer()?,
            d_activated: engine.buffer()?,
            d_factors: Buf::zeros(0, engine.device())?,
            output: engine.buffer()?,
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

    /// Makes room for `rows` rows.
    pub fn reserve(&mut self, rows: usize, saves: Saves) -> Result<()> {
        self.gate.fit(rows * saves.gate)?;
        self.up.fit(rows * saves.up)?;
        for (low, rank) in self.lora_hidden.iter_mut().zip(saves.ranks) {
            low.fit(rows * rank)?;
        }
        Ok(())
    }

    /// All of it, for one network over so many rows.
    pub fn whole(&mut self, rows: usize, network: &FeedForward) -> Result<SavedRows<'_>> {
        let saves = network.saves();
        self.reserve(rows, saves)?;
        Ok(self.part(0, rows, saves))
    }

    /// The part that `rows` rows from `first` on have in it, for one of several networks that share it; [`SavedNetwork::reserve`]
    /// made room for it.
    pub fn part(&mut self, first: usize, rows: usize, saves: Saves) -> SavedRows<'_> {
        let [gate, up, down] = &mut self.lora_hidden;
        let part = |buf, width| Buf::part_mut(buf, first * width, rows * width);
        let ranks = saves.ranks;
        SavedRows {
            gate: part(&mut self.gate, saves.gate),
            up: part(&mut self.up, saves.up),
            lora_hidden: [part(gate, ranks[0]), part(up, ranks[1]), part(down, ranks[2])],
        }
    }
}

/// What one network has of a [`SavedNetwork`].
pub struct SavedRows<'a> {
    gate: ViewMut<'a>,
    up: ViewMut<'a>,
    lora_hidden: [ViewMut<'a>; 3],
}

impl FeedForward {
    /// Of its inner layers.
    pub fn width(&self) -> usize {
        self.up.output
    }

    pub fn saves(&self) -> Saves {
        let gate = self.gate.as_ref();
        Saves {
            gate: gate.map_or(0, |gate| gate.output),
            up: self.up.output,
            ranks: [
                gate.map_or(0, |gate| gate.adapter.rank()),
                self.up.adapter.rank(),
                self.down.adapter.rank(),
            ],
        }
    }

    /// Factors that stand before `down`, where they cost less, and those that stand behind it, for they are of its bias too.
    fn placed<'f>(&self, factors: Option<View<'f>>) -> [Option<View<'f>>; 2] {
        match self.down.bias {
            None => [factors, None],
            Some(_) => [None, factors],
        }
    }

    /// `x` becomes the network's output times a factor per row; none means 1.
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
        let of_gate = self.gate.as_ref().map(|linear| (linear, &mut *gate, low_gate));
        for (linear, y, lora_hidden) in of_gate.into_iter().chain([(&self.up, &mut *up, low_up)]) {
            let out = Outputs {
                y: y.view_mut(),
                lora_hidden: lora_hidden.view_mut(),
            };
            linear.forward(x.view(), out, ctx)?;
        }
        let activated = &mut scratch.activated;
        let [before, behind] = self.placed(factors);
        self.activate(gate.view(), up.view(), before, activated, ctx)?;
        let out = Outputs {
            y: x.view_mut(),
            lora_hidden: low_down.view_mut(),
        };
        self.down.forward(activated.view(), out, ctx)?;
        match behind {
            None => Ok(()),
            Some(factors) => ctx.engine.run(scale::ScaleRows {
                y: x.view_mut(),
                factors,
                rows: ctx.tokens,
                width: self.down.output,
            }),
        }
    }

    /// What `down` reads.
    fn activate(&self, gate: View, up: View, factors: Option<View>, y: &mut Buf, ctx: &LinearContext) -> Result<()> {
        let width = self.width();
        let len = ctx.tokens * width;
        y.fit(len)?;
        match (&self.gate, self.inner) {
            (_, Inner::Clamped(clamp)) => ctx.engine.run(ClampedGate {
                gate,
                up,
                y: y.view_mut(),
                len,
                clamp,
            })?,
            (Some(_), Inner::Activation(activation)) => ctx.engine.run(Gated {
                gate,
                up,
                y: y.view_mut(),
                len,
                activation,
            })?,
            (None, Inner::Activation(activation)) => ctx.engine.run(Activate {
                x: up,
                y: y.view_mut(),
                len,
                activation,
            })?,
        }
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
        let [low_gate, low_up, low_down] = lora_hidden;
        let NetworkScratch {
            activated,
            d_activated,
            d_factors,
            output,
        } = scratch;
        let [before, behind] = self.placed(factors);
        self.activate(gate.view(), up.view(), before, activated, ctx)?;
        let mut dy = dy.view();
        if let Some(factors) = behind {
            let hidden = self.down.output;
            let out = Outputs {
                y: output.fit(tokens * hidden)?.view_mut(),
                lora_hidden: low_down.view_mut(),
            };
            self.down.forward(activated.view(), out, ctx)?;
            engine.run(scale::RowDots {
                a: dy,
                b: output.view(),
                out: d_factors.fit(tokens)?.view_mut(),
                rows: tokens,
                width: hidden,
            })?;
            engine.run(act::Copy {
                from: dy,
                to: output.view_mut(),
                len: tokens * hidden,
            })?;
            engine.run(scale::ScaleRows {
                y: output.view_mut(),
                factors,
                rows: tokens,
                width: hidden,
            })?;
            dy = output.view();
        }
        let of_down = BackwardInputs {
            x: activated.view(),
            lora_hidden: low_down.view(),
            dy,
        };
        let to = InputGrad::overwrite(d_activated.fit(tokens * width)?);
        self.down.backward(of_down, Some(to), grads, ctx)?;
        if let Some(factors) = before {
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
        let len = tokens * width;
        match (&self.gate, self.inner) {
            (_, Inner::Clamped(clamp)) => engine.run(ClampedGateBackward {
                gate: gate.view_mut(),
                up: up.view_mut(),
                dy: d_activated.view(),
                len,
                clamp,
            })?,
            (Some(_), Inner::Activation(activation)) => engine.run(GatedBackward {
                gate: gate.view_mut(),
                up: up.view_mut(),
                dy: d_activated.view(),
                len,
                activation,
            })?,
            (None, Inner::Activation(activation)) => engine.run(ActivateBackward {
                x: up.view_mut(),
                dy: d_activated.view(),
                len,
                activation,
            })?,
        }
        let of_gate = self.gate.as_ref().map(|linear| (linear, &*low_gate, &*gate));
        for (linear, lora_hidden, dy) in of_gate.into_iter().chain([(&self.up, &*low_up, &*up)]) {
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

/// What a network of this form has.
pub fn inner_of(form: NetworkForm) -> Inner {
    match form {
        NetworkForm::Gated(activation) | NetworkForm::Plain(activation) => Inner::Activation(activation_of(activation)),
        NetworkForm::Clamped { limit, slope } => Inner::Clamped(Clamp {
            limit: limit as f32,
            slope: slope as f32,
        }),
    }
}

/// The engine's name of an activation.
fn activation_of(activation: protocol::decoder::Activation) -> Activation {
    use protocol::decoder::Activation as Described;
    match activation {
        Described::Silu => Activation::Silu,
        Described::Gelu => Activation::Gelu,
        Described::GeluTanh => Activation::GeluTanh,
        Described::Relu => Activation::Relu,
        Described::ReluSquared => Activation::ReluSquared,
    }
}
