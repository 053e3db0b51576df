//! APOLLO: gradients scaled channel by channel (or as a whole) by what Adam would do to them in few dimensions.
//!
//! *APOLLO: SGD-like Memory, AdamW-level Performance*, arXiv 2412.05270, as `apollo_torch` has it: `R = G Pᵗ` (or `Pᵗ G`)
//! with `P` random, `N(0, 1/r)`, or the gradient's singular vectors; `n = m / (sqrt(v) + eps)` of `R`'s moments;
//! `s = |n| / (|R| + 1e-8)` over the projected dimension; `U = sqrt(scale) G s`. Its norm grows by at most 1% a step
//! (the limiter of Fira, arXiv 2410.01623): `U <- U 1.01 / max(|U| / |U_before|, 1.01)`, before `sqrt(scale)` or, with
//! `scale_front`, after it. `p <- p - lr sqrt(1 - beta2^t) / (1 - beta1^t) U`; decay follows.

use super::At;
use super::adamw::{decay, uncorrected, update_whole};
use super::galore::low_rank_slots;
use super::project::{self, ProjectionSide, Sizes};
use super::slot::{Slot, floats};
use crate::batch::mix;
use crate::error::Result;
use crate::model::{Param, rounded};
use crate::ops::Buf;
use crate::ops::optimizer::{self, AdamStep};
use candle_core::{D, DType, Device, Tensor};
use protocol::config::{Adam, Basis, Projection, Scaling};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

pub(super) struct Apollo {
    pub adam: Adam,
    pub projection: Projection,
    pub basis: Basis,
    pub scaling: Scaling,
    pub scale_front: bool,
    pub seed: u64,
}

impl Apollo {
    pub(super) fn slots(&self, param: &Param) -> Result<Vec<Slot>> {
        let mut slots = low_rank_slots(&self.projection, param)?;
        if project::projection_side(&self.projection, param).is_some() {
            slots.push(Slot::exact("update_norm", &[1], param.value.device())?);
        }
        Ok(slots)
    }

    pub(super) fn update(&self, param: &mut Param, slots: &mut [Slot], at: At) -> Result<()> {
        let p = &self.projection;
        let Some(side) = project::projection_side(p, param) else {
            return update_whole(&self.adam, param, slots, at);
        };
        let grad = param.grad()?.to_dtype(DType::F32)?;
        let (bases, states) = slots.split_at_mut(project::bases(side));
        let turn = at.t as u64 - 1;
        if turn.is_multiple_of(p.interval) {
            match self.basis {
                Basis::Svd => project::renew(side, project::rank(p, param), &grad, bases)?,
                Basis::Random => bases[0].set(&self.random(&bases[0].tensor()?, &param.name, turn)?)?,
            }
        }
        let sizes = Sizes::of(p, param);
        let low = project::down(at.engine, side, sizes, &param.grad, bases)?;
        let low = low
            .tensor(project::shape(side, sizes.rank, param))?
            .to_dtype(DType::F32)?;
        let low = (low * at.grad_scale)?;
        let [first, second, before] = floats(states);
        let norm = self.direction(&low, at, first, second)?;
        let factor = self.factor(side, &norm, &low)?;
        let mut update = grad.broadcast_mul(&factor)?.affine(at.grad_scale, 0.0)?;
        let scale = p.scale.sqrt();
        if self.scale_front {
            update = (update * scale)?;
        }
        let length = f64::from(update.sqr()?.sum_all()?.to_scalar::<f32>()?).sqrt();
        let last = f64::from(before.to_vec(1)?[0]);
        let limiter = match at.t {
            1 => 1.0,
            _ => (length / (last + 1e-8)).max(1.01) / 1.01,
        };
        at.engine.run(optimizer::Fill {
            x: before.view_mut(),
            value: (length / limiter) as f32,
            len: 1,
        })?;
        let update = rounded(&update, param.dtype(), param.value.device())?;
        let corrected = |beta: f64| 1.0 - beta.powi(at.t as i32);
        let rate = at.lr * corrected(self.adam.beta2).sqrt() / corrected(self.adam.beta1) / limiter;
        let rate = if self.scale_front { rate } else { rate * scale };
        at.engine.run(optimizer::AddScaled {
            out: param.value.view_mut(),
            factor: -rate as f32,
            x: update.view().into(),
        })?;
        decay(param, at)
    }

    /// `m / (sqrt(v) + eps)` of the projected gradient, which is clipped already.
    fn direction(&self, low: &Tensor, at: At, first: &mut Buf, second: &mut Buf) -> Result<Tensor> {
        let plain = AdamStep {
            step_size: -1.0,
            root_correction: 1.0,
            epsilon: self.adam.epsilon as f32,
            grad_scale: 1.0,
            ..uncorrected(&self.adam, at)
        };
        let shape = low.shape().clone();
        let low = rounded(low, first.dtype(), first.device())?;
        let mut out = Buf::zeros_of(first.dtype(), low.capacity(), first.device())?;
        at.engine.run(optimizer::AdamW {
            step: plain,
            value: out.view_mut(),
            first: first.view_mut(),
            second: second.view_mut(),
            grad: low.view(),
        })?;
        Ok(out.tensor(shape)?.to_dtype(DType::F32)?)
    }

    /// The factor of each channel, in a shape that the gradient can be multiplied by.
    fn factor(&self, side: ProjectionSide, norm: &Tensor, low: &Tensor) -> Result<Tensor> {
        let lengths = |x: &Tensor| match (self.scaling, side) {
            (Scaling::Tensor, _) => x.sqr()?.sum_keepdim((0, 1))?.sqrt(),
            (_, ProjectionSide::Rows) => x.sqr()?.sum_keepdim(0)?.sqrt(),
            _ => x.sqr()?.sum_keepdim(D::Minus1)?.sqrt(),
        };
        Ok((lengths(norm)? / (lengths(low)? + 1e-8)?)?)
    }

    /// A basis of `N(0, 1/r)`, a function of seed, name and turn.
    fn random(&self, like: &Tensor, name: &str, turn: u64) -> Result<Tensor> {
        let hash = Sha256::digest(name.as_bytes());
        let name = hash.iter().take(8).fold(0, |seed, byte| seed << 8 | u64::from(*byte));
        let mut dice = ChaCha8Rng::seed_from_u64(mix(mix(self.seed, name), turn));
        let (a, b) = like.dims2()?;
        let rank = a.min(b) as f64;
        let values: Vec<f32> = (0..a * b).map(|_| (normal(&mut dice) / rank.sqrt()) as f32).collect();
        Ok(Tensor::from_vec(values, (a, b), &Device::Cpu)?.to_device(like.device())?)
    }
}

/// A standard normal number (Box and Muller).
fn normal(dice: &mut impl rand::Rng) -> f64 {
    let (u, v): (f64, f64) = (1.0 - dice.random::<f64>(), dice.random());
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}
