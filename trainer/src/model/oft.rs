//! Orthogonal fine-tuning: blocks of a layer's inputs are turned before they meet its frozen weight.
//!
//! *Controlling Text-to-Image Diffusion by Orthogonal Finetuning*, arXiv 2306.07280, as *Orthogonal Finetuning Made
//! Scalable*, arXiv 2506.19847, computes it: `y = W (R^T x) + b`, in rows `y = (x R) W^T`, `R` block-diagonal. The weight is
//! never touched, so that it may stay quantized (QOFT).
use super::adapter::OftForm;
use super::linear::{BackwardInputs, InputGrad, LayerAdapter, Linear, LinearContext};
use super::params::Params;
use crate::error::{Error, Result};
use crate::ops::cayley::{self, Rotations, RotationsBackward, above_diagonal};
use crate::ops::rotate::{self, Dims};
use crate::ops::{Buf, Engine, View, ViewMut, Write};
use candle_core::{DType, Tensor};
use protocol::config::Division;
use protocol::says;
use std::sync::Arc;

/// A rotation of `width` columns as matrices, `[stored, size, size]`, and their transposes.
#[derive(Debug)]
pub struct Rotation {
    width: usize,
    size: usize,
    stored: usize,
    matrices: Arc<Buf>,
    back: Arc<Buf>,
}

/// The rotation being trained.
#[derive(Debug)]
pub struct Oft {
    /// id of the numbers above the diagonals, `[stored, size (size - 1) / 2]`
    pub id: usize,
    form: OftForm,
    pub now: Rotation,
    /// what the reference has; `None` is nothing: the rotation is new
    pub start: Option<Rotation>,
}

impl OftForm {
    /// Columns of a block of a layer with so many inputs: what was asked for, or the divisor of `input` nearest to it, as
    /// PEFT takes it (the lower of two).
    pub fn size(&self, input: usize) -> usize {
        match self.blocks {
            Division::Size(size) => nearest_divisor(input, size),
            Division::Count(count) => input / nearest_divisor(input, count),
        }
    }

    /// The shape of a layer's numbers.
    pub fn shape(&self, input: usize) -> (usize, usize) {
        let size = self.size(input);
        let stored = if self.shared { 1 } else { input / size };
        (stored, above_diagonal(size))
    }

    /// Whether a layer's blocks have something to turn.
    pub fn turns(&self, linear: &Linear) -> Result<()> {
        if self.size(linear.input) < 2 {
            return Err(Error::invalid(says::nothing_to_turn(&linear.module, linear.input)));
        }
        Ok(())
    }

    /// Whether an adapter's numbers are those of this layer.
    pub fn suits(&self, linear: &Linear, above: &Tensor) -> Result<()> {
        let (stored, each) = self.shape(linear.input);
        match above.dims() == [stored, each] && each > 0 {
            true => Ok(()),
            false => Err(Error::invalid(says::rotation_shape(
                &linear.module,
                format!("{:?}", above.dims()),
                stored,
                each,
                linear.input,
            ))),
        }
    }
}

fn nearest_divisor(input: usize, asked: usize) -> usize {
    if asked >= input {
        return input;
    }
    let divides = |n: &usize| input.is_multiple_of(*n);
    let higher = (asked..=input).find(divides).unwrap_or(input);
    let lower = (1..=asked).rev().find(divides).unwrap_or(1);
    if asked - lower <= higher - asked { lower } else { higher }
}

impl Rotation {
    /// From an adapter's numbers for one layer.
    pub fn new(engine: &Engine, linear: &Linear, above: &Tensor, form: &OftForm) -> Result<Self> {
        form.suits(linear, above)?;
        Self::of(engine, Buf::copy_of(above, engine.device())?.view(), form, linear.input)
    }

    fn of(engine: &Engine, above: View, form: &OftForm, input: usize) -> Result<Self> {
        let (size, (stored, _)) = (form.size(input), form.shape(input));
        let unwritten = || Buf::unwritten(DType::F32, stored * size * size, engine.device());
        let (mut matrices, mut back) = (unwritten()?, unwritten()?);
        engine.run(Rotations {
            above,
            matrices: matrices.view_mut(),
            back: back.view_mut(),
            dims: cayley::Dims { stored, size },
            map: form.cayley,
        })?;
        Ok(Self {
            width: input,
            size,
            stored,
            matrices: Arc::new(matrices),
            back: Arc::new(back),
        })
    }

    pub fn share(&self) -> Self {
        Self {
            matrices: Arc::clone(&self.matrices),
            back: Arc::clone(&self.back),
            ..*self
        }
    }

    fn squares(&self) -> cayley::Dims {
        cayley::Dims {
            stored: self.stored,
            size: self.size,
        }
    }

    fn dims(&self, tokens: usize) -> Dims {
        Dims {
            tokens,
            width: self.width,
            size: self.size,
            stored: self.stored,
        }
    }

    /// `y = x R`, of so many rows.
    pub fn turn(&self, engine: &Engine, x: View, y: &mut Buf, rows: usize) -> Result<()> {
        engine.run(rotate::Rotate {
            x,
            matrices: self.matrices.view(),
            y: y.fit(rows * self.width)?.view_mut(),
            dims: self.dims(rows),
            write: Write::Overwrite,
        })
    }

    /// `dx = y R^T`
    fn turn_back(&self, engine: &Engine, y: &Buf, to: InputGrad, rows: usize) -> Result<()> {
        engine.run(rotate::Rotate {
            x: y.view(),
            matrices: self.back.view(),
            y: to.dx,
            dims: self.dims(rows),
            write: to.write,
        })
    }

    /// Rows of a matrix with the rotation folded in: `w R^T`.
    pub fn fold(&self, engine: &Engine, matrix: &mut Buf, rows: usize) -> Result<()> {
        let mut turned = Buf::zeros(rows * self.width, matrix.device())?;
        self.turn_back(engine, matrix, InputGrad::overwrite(&mut turned), rows)?;
        *matrix = turned;
        Ok(())
    }
}

impl Oft {
    /// For numbers that are parameter `id`, `start` the rotation that the reference has.
    pub fn new(
        engine: &Engine,
        id: usize,
        linear: &Linear,
        above: &Tensor,
        form: &OftForm,
        start: Option<Rotation>,
    ) -> Result<Self> {
        Ok(Self {
            id,
            form: form.clone(),
            now: Rotation::new(engine, linear, above, form)?,
            start,
        })
    }

    /// The rotation of other numbers.
    pub fn with(&self, engine: &Engine, linear: &Linear, above: &Tensor) -> Result<Rotation> {
        Rotation::new(engine, linear, above, &self.form)
    }
}

impl Linear {
    /// Works out the rotation anew, after its numbers changed. Nothing without one.
    pub(super) fn refresh_oft(&mut self, engine: &Engine, params: &Params) -> Result<()> {
        let LayerAdapter::Oft(oft) = &mut self.adapter else {
            return Ok(());
        };
        let above = params.0[oft.id].value.view();
        oft.now = Rotation::of(engine, above, &oft.form, self.input)?;
        Ok(())
    }

    /// What is frozen of it over an input that is turned first.
    pub(super) fn oft_forward(
        &self,
        rotation: &Rotation,
        x: View,
        y: &mut ViewMut,
        ctx: &mut LinearContext,
    ) -> Result<()> {
        let mut turned = ctx.buffers.turned.take();
        rotation.turn(ctx.engine, x, &mut turned, ctx.tokens)?;
        self.frozen_forward(turned.view(), y, ctx)?;
        ctx.buffers.turned = turned;
        Ok(())
    }

    /// The gradient by the rotation's numbers, and `dx` where it is asked for.
    pub(super) fn oft_backward(
        &self,
        oft: &Oft,
        given: BackwardInputs,
        dx: Option<InputGrad>,
        grads: &mut [Buf],
        ctx: &mut LinearContext,
    ) -> Result<()> {
        let (tokens, size) = (ctx.tokens, oft.now.size);
        let mut by_turned = ctx.buffers.turned.take();
        let to = InputGrad::overwrite(by_turned.fit(tokens * self.input)?);
        self.frozen_backward(given.dy, to, ctx)?;
        let mut by_matrix = Buf::unwritten(DType::F32, oft.now.stored * size * size, ctx.engine.device())?;
        ctx.engine.run(rotate::RotateGradient {
            x: given.x,
            dy: by_turned.view(),
            d: by_matrix.view_mut(),
            dims: oft.now.dims(tokens),
        })?;
        ctx.engine.run(RotationsBackward {
            above: ctx.params.0[oft.id].value.view(),
            by_matrix: by_matrix.view(),
            d_above: grads[oft.id].view_mut(),
            dims: oft.now.squares(),
            map: oft.form.cayley,
        })?;
        if let Some(to) = dx {
            oft.now.turn_back(ctx.engine, &by_turned, to, tokens)?;
        }
        ctx.buffers.turned = by_turned;
        Ok(())
    }

    /// `x` turned by the frozen rotations, the newest first; `None` where there are none.
    pub(super) fn frozen_turn<'b>(&self, x: View, ctx: &'b mut LinearContext) -> Result<Option<&'b Buf>> {
        let (engine, tokens) = (ctx.engine, ctx.tokens);
        let [here, there] = &mut ctx.buffers.frozen_turned;
        let mut newest_first = self.frozen_adapters.rotations.iter().rev();
        let Some(first) = newest_first.next() else {
            return Ok(None);
        };
        first.turn(engine, x, here, tokens)?;
        for rotation in newest_first {
            rotation.turn(engine, here.view(), there, tokens)?;
            std::mem::swap(here, there);
        }
        Ok(Some(here))
    }

    /// Back through the frozen rotations: `dx` from what the first buffer of the two holds of the weight's input.
    pub(super) fn frozen_turn_back(&self, to: InputGrad, ctx: &mut LinearContext) -> Result<()> {
        let (engine, tokens) = (ctx.engine, ctx.tokens);
        let [here, there] = &mut ctx.buffers.frozen_turned;
        let Some((newest, older)) = self.frozen_adapters.rotations.split_last() else {
            return Ok(());
        };
        for rotation in older {
            let back = InputGrad::overwrite(there.fit(tokens * self.input)?);
            rotation.turn_back(engine, here, back, tokens)?;
            std::mem::swap(here, there);
        }
        newest.turn_back(engine, here, to, tokens)
    }

    /// A rotation becomes part of the frozen layer: the weight sees turned inputs, and so do the terms so far.
    pub(super) fn freeze_rotation(&mut self, engine: &Engine, rotation: Rotation) -> Result<()> {
        for term in &mut self.frozen_adapters.terms {
            let mut a = term.a.copy()?;
            rotation.fold(engine, &mut a, term.rank)?;
            term.a = Arc::new(a);
        }
        self.frozen_adapters.rotations.push(rotation);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::cayley::Cayley;

    #[test]
    fn blocks_fit_the_width_as_peft_fits_them() {
        for (input, asked, size) in [
            (64, 32, 32),
            (48, 32, 24),
            (60, 32, 30),
            (16, 32, 16),
            (896, 33, 32),
            (7, 3, 1),
            (9, 4, 3),
        ] {
            assert_eq!(nearest_divisor(input, asked), size, "{input} {asked}");
        }
        let form = OftForm {
            blocks: Division::Count(4),
            shared: false,
            cayley: Cayley::Exact,
        };
        assert_eq!((form.size(64), form.shape(64)), (16, (4, 120)));
    }
}
