//! The head's own table, and a low-rank adapter on it: of each row `A` gives a few numbers, which `B` adds to the logits chunk by
//! chunk (`ops/head.rs`).
use super::Model;
use super::adapter::{Adapter, Init, LoraConfig, Targets};
use super::branch::add;
use super::context::PassContext;
use super::linear::{Factors, Linear, Lora, Widths};
use super::weights::Weight;
use super::workspace::Rounded;
use crate::error::{Error, Result};
use crate::ops::act::{self, Dropout};
use crate::ops::head::LowRankTerm;
use crate::ops::matmul::{Dims, LinearForward, LinearInputGrad, LinearWeightGrad};
use crate::ops::{Buf, Engine, View, ViewMut, Write};
use protocol::decoder::HeadAsked;
use protocol::says;

/// A head of its own.
#[derive(Debug)]
pub enum HeadLayer {
    Table(Weight),
    /// with an adapter on it
    Adapted(Box<Linear>),
}

impl HeadLayer {
    pub fn weight(&self) -> &Weight {
        match self {
            Self::Table(weight) => weight,
            Self::Adapted(linear) => &linear.weight,
        }
    }
}

/// The term of a head in one pass.
#[derive(Clone, Copy)]
pub struct HeadTerm<'a> {
    pub factors: Factors<'a>,
    /// where it trains
    pub lora: Option<&'a Lora>,
}

/// What the input side of a head's term gives, and works in.
pub struct HeadTermBuffers {
    /// `[rows, width]`: what dropout leaves of the head's input, or the gradient of that
    dropped: Buf,
    /// `[rows, rank]`, with the term's factor
    pub hidden: Buf,
    /// `[rows, rank]`
    pub d_hidden: Rounded,
    /// `[rows, width]`: what comes back through dropout
    d_input: Rounded,
}

/// The rows that a head reads, in the type that passes compute in, and the mask that a pass lays over them.
#[derive(Clone, Copy)]
pub struct HeadInput<'a> {
    pub x: &'a Buf,
    pub rows: usize,
    pub width: usize,
    pub dropout: Option<Dropout>,
}

impl<'a> HeadTerm<'a> {
    /// `hidden[rows, rank] = scale A x`
    pub fn reduce(self, engine: &Engine, x: View, rows: usize, width: usize, hidden: ViewMut) -> Result<()> {
        engine.run(LinearForward {
            x,
            w: self.factors.a.view().into(),
            y: hidden,
            dims: self.dims(rows, width),
            write: Write::Overwrite,
            alpha: self.factors.scale,
        })
    }

    /// As the head's operations read it, of what [`Self::reduce`] gave.
    pub fn of(self, hidden: &'a Buf) -> LowRankTerm<'a> {
        LowRankTerm {
            hidden: hidden.view(),
            b: self.factors.b.view(),
            rank: self.factors.rank,
        }
    }

    fn dims(self, rows: usize, width: usize) -> Dims {
        Dims {
            tokens: rows,
            input: width,
            output: self.factors.rank,
        }
    }

    /// The rows it reads in one pass.
    pub fn input<'b>(self, pass: &PassContext, x: &'b Buf, width: usize) -> HeadInput<'b> {
        HeadInput {
            x,
            rows: pass.plan.rows,
            width,
            dropout: self.lora.and_then(|lora| lora.dropout_of(pass.dropout_seed)),
        }
    }
}

impl HeadTermBuffers {
    pub fn new(engine: &Engine) -> Result<Self> {
        Ok(Self {
            dropped: engine.buffer()?,
            hidden: engine.buffer()?,
            d_hidden: Rounded::new(engine)?,
            d_input: Rounded::new(engine)?,
        })
    }

    /// Makes room for so many rows, of a term that trains.
    pub fn reserve(&mut self, rows: usize, width: usize, lora: Option<&Lora>, keeps: bool) -> Result<()> {
        let Some(lora) = lora else { return Ok(()) };
        self.hidden.fit(rows * lora.rank)?;
        if keeps {
            self.d_hidden.exact.fit(rows * lora.rank)?;
            self.d_hidden.reserve(rows * lora.rank)?;
        }
        if keeps && lora.dropout > 0.0 {
            self.dropped.fit(rows * width)?;
            self.d_input.exact.fit(rows * width)?;
            self.d_input.reserve(rows * width)?;
        }
        Ok(())
    }

    /// `scale A dropout(x)`
    pub fn forward(&mut self, engine: &Engine, term: HeadTerm, input: HeadInput) -> Result<()> {
        let HeadInput {
            x,
            rows,
            width,
            dropout,
        } = input;
        let x = match dropout {
            None => x,
            Some(dropout) => {
                engine.run(act::Drop {
                    x: x.view(),
                    y: self.dropped.fit(rows * width)?.view_mut(),
                    len: rows * width,
                    dropout,
                    write: Write::Overwrite,
                })?;
                &self.dropped
            }
        };
        let hidden = self.hidden.fit(rows * term.factors.rank)?.view_mut();
        term.reduce(engine, x.view(), rows, width, hidden)
    }

    /// Adds to the gradient of `A`, and to `dx` (in f32) what comes back through it; `d_hidden` is what the head gave.
    pub fn backward(
        &mut self,
        engine: &Engine,
        term: HeadTerm,
        input: HeadInput,
        dx: &mut Buf,
        of_a: &mut Buf,
    ) -> Result<()> {
        let HeadInput {
            x,
            rows,
            width,
            dropout,
        } = input;
        let (dims, len) = (term.dims(rows, width), rows * width);
        self.d_hidden.round(engine, rows * term.factors.rank)?;
        let dy = self.d_hidden.read();
        engine.run(LinearWeightGrad {
            dy: dy.view(),
            x: if dropout.is_some() {
                self.dropped.view()
            } else {
                x.view()
            },
            dw: of_a.view_mut(),
            dims,
            alpha: term.factors.scale,
        })?;
        let (to, write) = match dropout {
            None => (dx.view_mut(), Write::Accumulate),
            Some(_) => (self.dropped.view_mut(), Write::Overwrite),
        };
        engine.run(LinearInputGrad {
            dy: dy.view(),
            w: term.factors.a.view().into(),
            dx: to,
            dims,
            write,
            alpha: term.factors.scale,
        })?;
        let Some(dropout) = dropout else { return Ok(()) };
        engine.run(act::Drop {
            x: self.dropped.view(),
            y: self.d_input.written(len)?.view_mut(),
            len,
            dropout,
            write: Write::Overwrite,
        })?;
        add(engine, dx, self.d_input.widened(engine, len)?, len)
    }
}

impl Model {
    /// The module that checkpoints have the head in.
    fn head_module(&self) -> &'static str {
        self.decoder.config.family.weights.head
    }

    /// The head's module, where a new adapter is to be on it.
    ///
    /// # Errors
    /// It is asked for by name, and takes no adapter of this kind.
    pub(super) fn wanted_head(&self, config: &LoraConfig) -> Result<Option<&'static str>> {
        let module = self.head_module();
        let plain = !config.dora && config.init == Init::Zero;
        let takes = self.decoder.config.decoder.head.takes_adapter(module);
        let asked = match &config.targets {
            Targets::All => HeadAsked::of(&[], module),
            Targets::AllLinear => HeadAsked::No,
            Targets::Named(names) => HeadAsked::of(names, module),
        };
        let refused = match asked {
            HeadAsked::No => return Ok(None),
            HeadAsked::ByAll => {
                let taken = plain && config.expanded.is_none() && takes.is_ok();
                return Ok(taken.then_some(module));
            }
            HeadAsked::ByName if plain => takes.err(),
            HeadAsked::ByName => Some(says::head_takes_plain_lora(module.rsplit('.').next().unwrap_or(module))),
        };
        match refused {
            None => Ok(Some(module)),
            Some(said) => Err(Error::invalid(says::file("lora_target", said))),
        }
    }

    /// Makes the head a layer that an adapter may be on.
    pub(super) fn adapt_head(&mut self) -> Result<()> {
        let module = self.head_module().to_owned();
        let decoder = &self.decoder.config.decoder;
        decoder.head.takes_adapter(&module).map_err(Error::invalid)?;
        let widths = Widths {
            input: decoder.embedding.width,
            output: decoder.embedding.vocabulary,
        };
        let head = match self.decoder.weights.head.take() {
            Some(HeadLayer::Table(weight)) => {
                Some(HeadLayer::Adapted(Box::new(Linear::new(module, widths, weight, None))))
            }
            other => other,
        };
        self.decoder.weights.head = head;
        Ok(())
    }

    /// The same where an adapter is on it.
    ///
    /// # Errors
    /// The adapter is of a kind that no head takes.
    pub(super) fn adapt_head_for(&mut self, adapter: &Adapter) -> Result<()> {
        let module = self.head_module();
        let lengths = |pair: &super::LoraPair| pair.magnitude.is_some();
        match (adapter.modules.get(module), adapter.rotations.contains_key(module)) {
            (None, false) => Ok(()),
            (Some(pair), false) if !lengths(pair) && adapter.form.init == Init::Zero => self.adapt_head(),
            _ => Err(Error::invalid(says::head_takes_plain_lora(module))),
        }
    }
}
