//! The way of the residual stream into a branch of a block, attention or MLP, and of what the branch gives back into it.
use super::Keep;
use super::norm::NormContext;
use crate::error::Result;
use crate::ops::{Buf, Engine, Write, act, scale};

/// Into a branch: through a norm where there is one, else as it is.
pub struct Entry<'a> {
    pub engine: &'a Engine,
    pub norm: Option<NormContext<'a>>,
    /// numbers of the stream that come in
    pub len: usize,
}

impl Entry<'_> {
    /// Whether anything of it trains.
    pub fn trains(&self) -> bool {
        self.norm.as_ref().is_some_and(|norm| norm.vectors.trains())
    }

    pub fn forward(&self, x: &Buf, h: &mut Buf) -> Result<()> {
        match &self.norm {
            Some(norm) => norm.forward(x, h),
            None => copy(self.engine, x, h, self.len),
        }
    }

    /// Adds to the gradients of its own numbers, where they train.
    pub fn weight_grad(&self, x: &Buf, dh: &Buf, grads: &mut [Buf]) -> Result<()> {
        match &self.norm {
            Some(norm) => norm.weight_grad(x, dh.view(), grads),
            None => Ok(()),
        }
    }

    /// Gives or adds the gradient of `x`.
    pub fn input_grad(&self, x: &Buf, dh: &Buf, dx: &mut Buf, write: Write) -> Result<()> {
        match (&self.norm, write) {
            (Some(norm), _) => norm.input_grad(x, dh.view(), dx, write),
            (None, Write::Overwrite) => copy(self.engine, dh, dx, self.len),
            (None, Write::Accumulate) => add(self.engine, dx, dh, self.len),
        }
    }
}

/// Out of a branch, whose output may be multiplied, and normed before it is added to the stream.
pub struct Exit<'a> {
    pub engine: &'a Engine,
    pub norm: Option<NormContext<'a>>,
    /// the norm is of the stream, after the branch was added
    pub of_sum: bool,
    pub scale: f32,
    /// numbers that come out
    pub len: usize,
}

impl Exit<'_> {
    /// Whether what comes out is just added.
    pub fn is_plain(&self) -> bool {
        self.norm.is_none() && self.scale == 1.0
    }

    /// `x` with what the branch gives, which is used up.
    pub fn forward(&self, x: &mut Buf, branch: &mut Buf, kept: &mut Buf, spare: &mut Buf, keep: Keep) -> Result<()> {
        let Some(norm) = &self.norm else {
            self.scaled(branch)?;
            return add(self.engine, x, branch, self.len);
        };
        if self.of_sum {
            self.scaled(branch)?;
            add(self.engine, x, branch, self.len)?;
            save(self.engine, keep, x, kept, self.len)?;
            norm.forward(x, spare)?;
            return copy(self.engine, spare, x, self.len);
        }
        save(self.engine, keep, branch, kept, self.len)?;
        norm.forward(branch, spare)?;
        self.scaled(spare)?;
        add(self.engine, x, spare, self.len)
    }

    /// The gradient of what the branch gave, from `dx`, that of the stream behind it; one of `dx` and `own` holds it. Where
    /// the norm is of the sum, `dx` becomes the gradient of the stream before it.
    pub fn backward<'b>(
        &self,
        dx: &'b mut Buf,
        kept: &Buf,
        own: &'b mut Buf,
        spare: &mut Buf,
        grads: &mut [Buf],
    ) -> Result<&'b Buf> {
        if self.is_plain() {
            return Ok(dx);
        }
        match &self.norm {
            Some(norm) if self.of_sum => {
                norm.weight_grad(kept, dx.view(), grads)?;
                norm.input_grad(kept, dx.view(), own.fit(self.len)?, Write::Overwrite)?;
                copy(self.engine, own, dx, self.len)?;
                self.scaled(own)?;
            }
            Some(norm) => {
                copy(self.engine, dx, spare, self.len)?;
                self.scaled(spare)?;
                norm.weight_grad(kept, spare.view(), grads)?;
                norm.input_grad(kept, spare.view(), own.fit(self.len)?, Write::Overwrite)?;
            }
            None => {
                copy(self.engine, dx, own, self.len)?;
                self.scaled(own)?;
            }
        }
        Ok(own)
    }

    fn scaled(&self, x: &mut Buf) -> Result<()> {
        match self.scale == 1.0 {
            true => Ok(()),
            false => self.engine.run(scale::Scale {
                x: x.view_mut(),
                factor: self.scale,
                len: self.len,
            }),
        }
    }
}

/// Keeps a hidden state for the backward pass, where there will be one.
pub fn save(engine: &Engine, keep: Keep, x: &Buf, to: &mut Buf, len: usize) -> Result<()> {
    match keep {
        Keep::Nothing => Ok(()),
        Keep::ForBackward => copy(engine, x, to, len),
    }
}

fn copy(engine: &Engine, from: &Buf, to: &mut Buf, len: usize) -> Result<()> {
    engine.run(act::Copy {
        from: from.view(),
        to: to.fit(len)?.view_mut(),
        len,
    })
}

pub fn add(engine: &Engine, x: &mut Buf, y: &Buf, len: usize) -> Result<()> {
    engine.run(act::Add {
        x: x.view_mut(),
        y: y.view(),
        len,
    })
}
