//! Orthogonal fine-tuning: blocks of a layer's inputs are turned before they meet its frozen weight.
//!
//! *Controlling Text-to-Image Diffusion by Orthogonal Finetuning*, arXiv 2306.07280, as *Orthogonal Finetuning Made
//! Scalable*, arXiv 2506.19847, computes it: `y = W (R^T x) + b`, in rows `y = (x R) W^T`, `R` block-diagonal. The weight is
//! never touched, so that it may stay quantized (QOFT).
use super::adapter::OftForm;
use super::cayley::above_diagonal;
use super::linear::{Linear, Work};
use super::params::Params;
use crate::error::{Error, Result};
use crate::ops::rotate::{self, Dims};
use crate::ops::{Buf, Engine, View, ViewMut, Write, act};
use candle_core::{Device, Tensor};
use protocol::config::Division;
use protocol::says;
use rayon::prelude::*;
use std::sync::Arc;

/// A layer's rotation as matrices, `[stored, size, size]`, and their transposes.
#[derive(Debug)]
pub struct Rotation {
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
            return Err(Error::invalid(says::nothing_to_turn(&linear.path, linear.input)));
        }
        Ok(())
    }

    /// Whether an adapter's numbers are those of this layer.
    pub fn suits(&self, linear: &Linear, above: &Tensor) -> Result<()> {
        let (stored, each) = self.shape(linear.input);
        match above.dims() == [stored, each] && each > 0 {
            true => Ok(()),
            false => Err(Error::invalid(says::rotation_shape(
                &linear.path,
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
    pub fn new(linear: &Linear, above: &Tensor, form: &OftForm) -> Result<Self> {
        form.suits(linear, above)?;
        let above = above.flatten_all()?;
        Self::of(&above.to_vec1::<f32>()?, form, linear.input, above.device())
    }

    fn of(above: &[f32], form: &OftForm, input: usize, device: &Device) -> Result<Self> {
        let (size, (stored, each)) = (form.size(input), form.shape(input));
        let blocks: Vec<Vec<f64>> = above
            .par_chunks_exact(each)
            .map(|above| form.cayley.rotation(above, size))
            .collect();
        let flat = |entry: &(dyn Fn(&[f64], usize) -> f64 + Sync)| {
            let block = |block: &Vec<f64>| (0..size * size).map(|at| entry(block, at) as f32).collect::<Vec<_>>();
            Buf::from_vec(blocks.iter().flat_map(block).collect(), device).map(Arc::new)
        };
        Ok(Self {
            size,
            stored,
            matrices: flat(&|block, at| block[at])?,
            back: flat(&|block, at| block[at % size * size + at / size])?,
        })
    }

    pub fn share(&self) -> Self {
        Self {
            size: self.size,
            stored: self.stored,
            matrices: Arc::clone(&self.matrices),
            back: Arc::clone(&self.back),
        }
    }

    fn dims(&self, tokens: usize, width: usize) -> Dims {
        Dims {
            tokens,
            width,
            size: self.size,
            stored: self.stored,
        }
    }

    /// `y = x R`
    pub fn turn(&self, engine: &Engine, x: View, y: &mut Buf, (tokens, width): (usize, usize)) -> Result<()> {
        let y = y.fit(tokens * width)?;
        engine.run(rotate::Rotate {
            x,
            matrices: self.matrices.view(),
            y: y.view_mut(),
            dims: self.dims(tokens, width),
            write: Write::Overwrite,
        })
    }

    /// `x = y R^T`, or added to what is there.
    fn turn_back(
        &self,
        engine: &Engine,
        y: &Buf,
        x: &mut Buf,
        (tokens, width): (usize, usize),
        write: Write,
    ) -> Result<()> {
        engine.run(rotate::Rotate {
            x: y.view(),
            matrices: self.back.view(),
            y: x.view_mut(),
            dims: self.dims(tokens, width),
            write,
        })
    }

    /// Rows of a matrix with the rotation folded in: `w R^T`.
    pub fn fold(&self, engine: &Engine, matrix: &mut Buf, (rows, width): (usize, usize)) -> Result<()> {
        let mut turned = Buf::zeros(rows * width, matrix.device())?;
        self.turn_back(engine, matrix, &mut turned, (rows, width), Write::Overwrite)?;
        *matrix = turned;
        Ok(())
    }
}

impl Oft {
    pub fn new(id: usize, linear: &Linear, above: &Tensor, form: &OftForm) -> Result<Self> {
        Ok(Self {
            id,
            form: form.clone(),
            now: Rotation::new(linear, above, form)?,
        })
    }

    /// The rotation of other numbers.
    pub fn with(&self, linear: &Linear, above: &Tensor) -> Result<Rotation> {
        Rotation::new(linear, above, &self.form)
    }
}

impl Linear {
    /// Works out the rotation anew, after its numbers changed.
    pub(super) fn refresh_oft(&mut self, params: &Params) -> Result<()> {
        let Some(oft) = &mut self.oft else { return Ok(()) };
        let value = &params.0[oft.id].value;
        let above = value.to_vec(value.capacity())?;
        oft.now = Rotation::of(&above, &oft.form, self.input, value.device())?;
        Ok(())
    }

    /// What is frozen of it over an input that is turned first.
    pub(super) fn oft_forward(&self, rotation: &Rotation, x: View, y: &mut ViewMut, work: &mut Work) -> Result<()> {
        let mut turned = work.rotated[0].take();
        rotation.turn(work.engine, x, &mut turned, (work.tokens, self.input))?;
        self.frozen_forward(turned.view(), y, work)?;
        work.rotated[0] = turned;
        Ok(())
    }

    /// The gradient by the rotation's numbers, and `dx` where it is asked for.
    pub(super) fn oft_backward(
        &self,
        oft: &Oft,
        (x, dy): (View, View),
        dx: Option<(&mut Buf, Write)>,
        grads: &mut [Buf],
        work: &mut Work,
    ) -> Result<()> {
        let (n, size) = (work.tokens, oft.now.size);
        let mut by_turned = work.rotated[0].take();
        self.frozen_backward(dy, by_turned.fit(n * self.input)?, Write::Overwrite, work)?;
        let square = size * size;
        let device = by_turned.device().clone();
        let mut by_matrix = Buf::zeros(oft.now.stored * square, &device)?;
        work.engine.run(rotate::RotateGradient {
            x,
            dy: by_turned.view(),
            d: by_matrix.view_mut(),
            dims: oft.now.dims(n, self.input),
        })?;
        let by_matrix = by_matrix.to_vec(oft.now.stored * square)?;
        let value = &work.params.0[oft.id].value;
        let above = value.to_vec(value.capacity())?;
        let by_number: Vec<f32> = above
            .par_chunks_exact(above_diagonal(size))
            .zip(by_matrix.par_chunks_exact(square))
            .flat_map_iter(|(above, by_matrix)| {
                let by_matrix: Vec<f64> = by_matrix.iter().map(|&x| f64::from(x)).collect();
                let gradient = oft.form.cayley.gradient(above, &by_matrix, size);
                gradient.into_iter().map(|x| x as f32)
            })
            .collect();
        work.engine.run(act::Add {
            x: grads[oft.id].view_mut(),
            y: Buf::from_vec(by_number, &device)?.view(),
            len: above.len(),
        })?;
        if let Some((dx, write)) = dx {
            oft.now.turn_back(work.engine, &by_turned, dx, (n, self.input), write)?;
        }
        work.rotated[0] = by_turned;
        Ok(())
    }

    /// `x` turned by the frozen rotations, the newest first; `None` where there are none.
    pub(super) fn frozen_turn<'w>(&self, x: View, work: &'w mut Work) -> Result<Option<&'w Buf>> {
        let shape = (work.tokens, self.input);
        let [_, here, there] = &mut *work.rotated;
        let mut newest_first = self.rotations.iter().rev();
        let Some(first) = newest_first.next() else {
            return Ok(None);
        };
        first.turn(work.engine, x, here, shape)?;
        for rotation in newest_first {
            rotation.turn(work.engine, here.view(), there, shape)?;
            std::mem::swap(here, there);
        }
        Ok(Some(here))
    }

    /// Back through the frozen rotations: `dx` from what `work.rotated[1]` holds of the weight's input.
    pub(super) fn frozen_turn_back(&self, dx: &mut Buf, write: Write, work: &mut Work) -> Result<()> {
        let shape = (work.tokens, self.input);
        let [_, here, there] = &mut *work.rotated;
        let Some((newest, older)) = self.rotations.split_last() else {
            return Ok(());
        };
        for rotation in older {
            rotation.turn_back(
                work.engine,
                here,
                there.fit(shape.0 * shape.1)?,
                shape,
                Write::Overwrite,
            )?;
            std::mem::swap(here, there);
        }
        newest.turn_back(work.engine, here, dx, shape, write)
    }

    /// A rotation becomes part of the frozen layer: the weight sees turned inputs, and so do the terms so far.
    pub(super) fn freeze_rotation(&mut self, engine: &Engine, rotation: Rotation) -> Result<()> {
        let input = self.input;
        for term in self.terms.iter_mut().chain(&mut self.principal) {
            let mut a = term.a.copy()?;
            rotation.fold(engine, &mut a, (term.rank, input))?;
            term.a = Arc::new(a);
        }
        let principal = self.principal.take();
        self.terms.extend(principal);
        self.rotations.push(rotation);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::cayley::Cayley;
    use super::*;

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
