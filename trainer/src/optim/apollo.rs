//! APOLLO: the gradient, with each channel (or the whole tensor) scaled by as much as Adam scales it in a low-rank
//! space.
//!
//! *APOLLO: SGD-like Memory, AdamW-level Performance*, arXiv 2412.05270, as in `apollo_torch`: `R = G Pᵗ` (or `Pᵗ G`)
//! with `P` random, `N(0, 1/r)`, or the gradient's singular vectors; `n = m / (sqrt(v) + eps)` with the moments of `R`;
//! `s = |n| / (|R| + 1e-8)`, norms over the projected dimension; `U = sqrt(scale) G s`. The norm of `U` grows by at
//! most 1% per step (the norm-growth limiter of Fira, arXiv 2410.01623): `U <- U 1.01 / max(|U| / |U_before|, 1.01)`,
//! applied before `sqrt(scale)` or, with `scale_front`, after it. `p <- p - lr sqrt(1 - beta2^t) / (1 - beta1^t) U`;
//! weight decay follows.

use super::StepContext;
use super::adamw::{decay, transformers_step, update_unprojected};
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

/// APOLLO's settings.
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
            slots.push(Slot::zeros_f32("update_norm", &[1], param.value.device())?);
        }
        Ok(slots)
    }

    pub(super) fn update(&self, param: &mut Param, slots: &mut [Slot], ctx: StepContext) -> Result<()> {
        let p = &self.projection;
        let Some(side) = project::projection_side(p, param) else {
            return update_unprojected(&self.adam, param, slots, ctx);
        };
        let (bases, states) = slots.split_at_mut(project::basis_count(side));
        let past_updates = ctx.t as u64 - 1;
        if past_updates.is_multiple_of(p.interval) {
            match self.basis {
                Basis::Svd => project::refresh_bases(side, project::rank(p, param), &param.grad()?, bases)?,
                Basis::Random => bases[0].set(&self.random(bases[0].shape(), &param.name, past_updates)?)?,
            }
        }
        let sizes = Sizes::of(p, param);
        let low = project::project(ctx.engine, side, sizes, &param.grad, bases)?;
        let [first, second, length] = floats(states);
        let direction = self.direction(&low, ctx, first, second)?;
        let channels = self.channels(side);
        let shape = project::shape(side, sizes.rank, param);
        let mut factors = Buf::unwritten(DType::F32, channels.count(shape[0], shape[1]), low.device())?;
        ctx.engine.run(ChannelFactors {
            direction: direction.view(),
            low: low.view(),
            grad_scale: ctx.grad_scale as f32,
            factors: factors.view_mut(),
            rows: shape[0],
            columns: shape[1],
            channels,
        })?;
        ctx.engine.run(ApolloUpdate {
            value: param.value.view_mut(),
            grad: param.grad.view(),
            factors: factors.view(),
            length: length.view_mut(),
            step: self.step(ctx),
            rows: sizes.rows,
            columns: sizes.columns,
            channels,
        })?;
        decay(param, ctx)
    }

    fn step(&self, ctx: StepContext) -> ApolloStep {
        let bias_correction = |beta: f64| 1.0 - beta.powi(ctx.t as i32);
        let scale = self.projection.scale.sqrt();
        let (front, behind) = if self.scale_front { (scale, 1.0) } else { (1.0, scale) };
        ApolloStep {
            grad_scale: ctx.grad_scale as f32,
            front: front as f32,
            rate: ctx.lr * bias_correction(self.adam.beta2).sqrt() / bias_correction(self.adam.beta1),
            behind,
            limited: ctx.t > 1,
        }
    }

    /// What shares one factor: a channel, the slices along the dimension that is not projected, or the whole tensor.
    fn channels(&self, side: ProjectionSide) -> Channels {
        match (self.scaling, side) {
            (Scaling::Tensor, _) => Channels::Whole,
            (_, ProjectionSide::Rows) => Channels::Columns,
            _ => Channels::Rows,
        }
    }

    /// `m / (sqrt(v) + eps)` of the projected gradient `low`, whose moments it updates. A parameter of zeros holds it
    /// after a step of Adam with step size -1.
    fn direction(&self, low: &Buf, ctx: StepContext, first: &mut Buf, second: &mut Buf) -> Result<Buf> {
        let mut out = Buf::zeros_of(low.dtype(), low.capacity(), low.device())?;
        ctx.engine.run(optimizer::AdamW {
            step: AdamStep {
                step_size: -1.0,
                root_correction: 1.0,
                epsilon: self.adam.epsilon as f32,
                ..transformers_step(&self.adam, ctx)
            },
            value: out.view_mut(),
            first: first.view_mut(),
            second: second.view_mut(),
            grad: low.view(),
        })?;
        Ok(out)
    }

    /// A random basis of entries from `N(0, 1/r)`: a function of the seed, the parameter's name and its updates so far.
    fn random(&self, shape: &[usize], name: &str, past_updates: u64) -> Result<Tensor> {
        let hash = Sha256::digest(name.as_bytes());
        let name = hash.iter().take(8).fold(0, |seed, byte| seed << 8 | u64::from(*byte));
        let mut rng = ChaCha8Rng::seed_from_u64(mix(mix(self.seed, name), past_updates));
        let rank = shape.iter().copied().min().unwrap_or(1) as f64;
        let count = shape.iter().product();
        let values: Vec<f32> = (0..count).map(|_| (normal(&mut rng) / rank.sqrt()) as f32).collect();
        Ok(Tensor::from_vec(values, shape, &Device::Cpu)?)
    }
}

/// A sample of the standard normal distribution (Box-Muller).
fn normal(rng: &mut impl rand::Rng) -> f64 {
    let (u, v): (f64, f64) = (1.0 - rng.random::<f64>(), rng.random());
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}
