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
use crate::model::Param;
use crate::ops::Buf;
use crate::ops::optimizer::{self, AdamStep, ApolloStep, ApolloUpdate, ChannelFactors, Channels};
use candle_core::{DType, Device, Tensor};
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
        let (bases, states) = slots.split_at_mut(project::bases(side));
        let turn = at.t as u64 - 1;
        if turn.is_multiple_of(p.interval) {
            match self.basis {
                Basis::Svd => project::renew(side, project::rank(p, param), &param.grad()?, bases)?,
                Basis::Random => bases[0].set(&self.random(bases[0].shape(), &param.name, turn)?)?,
            }
        }
        let sizes = Sizes::of(p, param);
        let low = project::down(at.engine, side, sizes, &param.grad, bases)?;
        let [first, second, length] = floats(states);
        let direction = self.direction(&low, at, first, second)?;
        let channels = self.channels(side);
        let shape = project::shape(side, sizes.rank, param);
        let mut factors = Buf::unwritten(DType::F32, channels.count(shape[0], shape[1]), low.device())?;
        at.engine.run(ChannelFactors {
            direction: direction.view(),
            low: low.view(),
            grad_scale: at.grad_scale as f32,
            factors: factors.view_mut(),
            rows: shape[0],
            columns: shape[1],
            channels,
        })?;
        at.engine.run(ApolloUpdate {
            value: param.value.view_mut(),
            grad: param.grad.view(),
            factors: factors.view(),
            length: length.view_mut(),
            step: self.step(at),
            rows: sizes.rows,
            columns: sizes.columns,
            channels,
        })?;
        decay(param, at)
    }

    fn step(&self, at: At) -> ApolloStep {
        let corrected = |beta: f64| 1.0 - beta.powi(at.t as i32);
        let scale = self.projection.scale.sqrt();
        let (front, behind) = if self.scale_front { (scale, 1.0) } else { (1.0, scale) };
        ApolloStep {
            grad_scale: at.grad_scale as f32,
            front: front as f32,
            rate: at.lr * corrected(self.adam.beta2).sqrt() / corrected(self.adam.beta1),
            behind,
            limited: at.t > 1,
        }
    }

    /// What of the gradient has a factor of its own: the side that is not projected, or all of it.
    fn channels(&self, side: ProjectionSide) -> Channels {
        match (self.scaling, side) {
            (Scaling::Tensor, _) => Channels::Whole,
            (_, ProjectionSide::Rows) => Channels::Columns,
            _ => Channels::Rows,
        }
    }

    /// `m / (sqrt(v) + eps)` of the projected gradient: from zero, the step of Adam is the update itself.
    fn direction(&self, low: &Buf, at: At, first: &mut Buf, second: &mut Buf) -> Result<Buf> {
        let mut out = Buf::zeros_of(low.dtype(), low.capacity(), low.device())?;
        at.engine.run(optimizer::AdamW {
            step: AdamStep {
                step_size: -1.0,
                root_correction: 1.0,
                epsilon: self.adam.epsilon as f32,
                ..uncorrected(&self.adam, at)
            },
            value: out.view_mut(),
            first: first.view_mut(),
            second: second.view_mut(),
            grad: low.view(),
        })?;
        Ok(out)
    }

    /// A basis of `N(0, 1/r)`, a function of seed, name and turn.
    fn random(&self, shape: &[usize], name: &str, turn: u64) -> Result<Tensor> {
        let hash = Sha256::digest(name.as_bytes());
        let name = hash.iter().take(8).fold(0, |seed, byte| seed << 8 | u64::from(*byte));
        let mut dice = ChaCha8Rng::seed_from_u64(mix(mix(self.seed, name), turn));
        let rank = shape.iter().copied().min().unwrap_or(1) as f64;
        let count = shape.iter().product();
        let values: Vec<f32> = (0..count).map(|_| (normal(&mut dice) / rank.sqrt()) as f32).collect();
        Ok(Tensor::from_vec(values, shape, &Device::Cpu)?)
    }
}

/// A standard normal number (Box and Muller).
fn normal(dice: &mut impl rand::Rng) -> f64 {
    let (u, v): (f64, f64) = (1.0 - dice.random::<f64>(), dice.random());
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}
