//! A gated feed-forward network: all of a dense block's, or one expert of several.
use super::linear::{Linear, Work};
use crate::error::Result;
use crate::ops::{Buf, View, ViewMut, Write, act, scale};
use candle_core::Device;

/// `y = down(silu(gate x) * up x)`. *GLU Variants Improve Transformer*, arXiv 2002.05202.
#[derive(Debug)]
pub struct Swiglu {
    pub gate: Linear,
    pub up: Linear,
    pub down: Linear,
}

/// What a forward pass leaves for the backward pass.
pub struct Saved {
    /// `[rows, width]`
    gate: Buf,
    up: Buf,
    /// `A x` of the trained term of each linear, in the order of [`Swiglu::linears`]
    low: [Buf; 3],
}

/// Buffers that one network works in, `[rows, width]`.
pub struct Room {
    pub act: Buf,
    pub wide: Buf,
}

impl Room {
    pub fn new(device: &Device) -> Result<Self> {
        Ok(Self {
            act: Buf::zeros(0, device)?,
            wide: Buf::zeros(0, device)?,
        })
    }
}

impl Saved {
    pub fn new(device: &Device) -> Result<Self> {
        let buf = || Buf::zeros(0, device);
        Ok(Self {
            gate: buf()?,
            up: buf()?,
            low: [buf()?, buf()?, buf()?],
        })
    }

    /// Makes room for `rows` rows of a network this wide.
    pub fn reserve(&mut self, rows: usize, width: usize, ranks: [usize; 3]) -> Result<()> {
        self.gate.fit(rows * width)?;
        self.up.fit(rows * width)?;
        for (low, rank) in self.low.iter_mut().zip(ranks) {
            low.fit(rows * rank)?;
        }
        Ok(())
    }

    /// All of it, for one network over so many rows.
    pub fn whole(&mut self, rows: usize, network: &Swiglu) -> Result<Part<'_>> {
        let (width, ranks) = (network.width(), network.ranks());
        self.reserve(rows, width, ranks)?;
        Ok(self.part(0, rows, width, ranks))
    }

    /// The part that `rows` rows from `first` on have in it, for one of several networks that share it; [`Saved::reserve`]
    /// made room for it.
    pub fn part(&mut self, first: usize, rows: usize, width: usize, ranks: [usize; 3]) -> Part<'_> {
        let [gate, up, down] = &mut self.low;
        let low = |buf, rank| Buf::part_mut(buf, first * rank, rows * rank);
        Part {
            gate: self.gate.part_mut(first * width, rows * width),
            up: self.up.part_mut(first * width, rows * width),
            low: [low(gate, ranks[0]), low(up, ranks[1]), low(down, ranks[2])],
        }
    }
}

/// What one network has of a [`Saved`].
pub struct Part<'a> {
    gate: ViewMut<'a>,
    up: ViewMut<'a>,
    low: [ViewMut<'a>; 3],
}

impl Swiglu {
    pub fn linears(&self) -> [&Linear; 3] {
        [&self.gate, &self.up, &self.down]
    }

    pub fn linears_mut(&mut self) -> [&mut Linear; 3] {
        [&mut self.gate, &mut self.up, &mut self.down]
    }

    pub fn width(&self) -> usize {
        self.gate.output
    }

    /// Ranks of the trained terms.
    pub fn ranks(&self) -> [usize; 3] {
        self.linears().map(|linear| linear.trained.map_or(0, |term| term.rank))
    }

    /// `x` becomes `down(factor * silu(gate x) * up x)`, with a factor per row; none means 1. `down` is linear, so that
    /// the factor may as well stand before it, where it costs less.
    pub fn forward(
        &self,
        x: &mut Buf,
        factors: Option<View>,
        saved: &mut Part,
        room: &mut Room,
        work: &mut Work,
    ) -> Result<()> {
        let len = work.tokens * self.width();
        let [low_gate, low_up, low_down] = &mut saved.low;
        self.gate
            .forward(x.view(), saved.gate.view_mut(), low_gate.view_mut(), work)?;
        self.up
            .forward(x.view(), saved.up.view_mut(), low_up.view_mut(), work)?;
        let activated = room.act.fit(len)?;
        work.engine.run(act::SwiGlu {
            gate: saved.gate.view(),
            up: saved.up.view(),
            y: activated.view_mut(),
            len,
        })?;
        if let Some(factors) = factors {
            work.engine.run(scale::ScaleRows {
                y: activated.view_mut(),
                factors,
                rows: work.tokens,
                width: self.width(),
            })?;
        }
        self.down
            .forward(activated.view(), x.view_mut(), low_down.view_mut(), work)
    }

    /// From `dy` to the gradients of what trains and `dx`; gives the gradient of each row's factor, where there are any.
    /// Overwrites `saved`.
    pub fn backward(
        &self,
        (x, factors, dy): (&Buf, Option<View>, &Buf),
        (dx, write): (&mut Buf, Write),
        saved: &mut Part,
        room: &mut Room,
        grads: &mut [Buf],
        work: &mut Work,
    ) -> Result<Vec<f32>> {
        let (width, len) = (self.width(), work.tokens * self.width());
        let (activated, wide) = (room.act.fit(len)?, room.wide.fit(len)?);
        let Part { gate, up, low } = saved;
        let [low_gate, low_up, low_down] = &*low;
        work.engine.run(act::SwiGlu {
            gate: gate.view(),
            up: up.view(),
            y: activated.view_mut(),
            len,
        })?;
        if let Some(factors) = factors {
            work.engine.run(scale::ScaleRows {
                y: activated.view_mut(),
                factors,
                rows: work.tokens,
                width,
            })?;
        }
        let d_act = Some((&mut *wide, Write::Overwrite));
        self.down
            .backward((activated.view(), low_down.view(), dy.view()), d_act, grads, work)?;
        let by_factor = match factors {
            None => vec![],
            Some(factors) => {
                work.engine.run(act::SwiGlu {
                    gate: gate.view(),
                    up: up.view(),
                    y: activated.view_mut(),
                    len,
                })?;
                let dots = scale::row_dots(work.engine, wide, activated, work.tokens, width)?;
                work.engine.run(scale::ScaleRows {
                    y: wide.view_mut(),
                    factors,
                    rows: work.tokens,
                    width,
                })?;
                dots
            }
        };
        work.engine.run(act::SwiGluBackward {
            gate: gate.view_mut(),
            up: up.view_mut(),
            dy: wide.view(),
            len,
        })?;
        for (linear, low, dy, write) in [
            (&self.gate, low_gate, &*gate, write),
            (&self.up, low_up, &*up, Write::Accumulate),
        ] {
            linear.backward((x.view(), low.view(), dy.view()), Some((&mut *dx, write)), grads, work)?;
        }
        Ok(by_factor)
    }
}
