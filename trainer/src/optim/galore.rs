//! GaLore: AdamW on gradients projected onto their largest singular vectors.
//!
//! *GaLore: Memory-Efficient LLM Training by Gradient Low-Rank Projection*, arXiv 2403.03507, as in `galore_torch`:
//! every `interval` updates, `P` is set to the gradient's first singular vectors; Adam's moments are those of the
//! projected gradient `R = G Pᵗ` (or `Pᵗ G`), and `p <- p - scale lr' (m / (sqrt(v) + eps)) P` with
//! `lr' = lr sqrt(1 - beta2^t) / (1 - beta1^t)`; weight decay follows. Moments are kept when `P` changes. Parameters
//! that are not projected take the same step with `P` the identity and `scale` 1.

use super::adamw::{decay, moments, transformers_step, update_unprojected};
use super::project::Sizes;
use super::slot::{Slot, floats};
use super::{StepContext, project};
use crate::error::Result;
use crate::model::Param;
use crate::ops::{Buf, optimizer};
use protocol::config::{Adam, Projection};

/// GaLore's settings.
pub(super) struct Galore {
    adam: Adam,
    projection: Projection,
}

impl Galore {
    pub(super) fn new(adam: Adam, projection: Projection) -> Self {
        Self { adam, projection }
    }

    pub(super) fn slots(&self, param: &Param) -> Result<Vec<Slot>> {
        low_rank_slots(&self.projection, param)
    }

    pub(super) fn update(&self, param: &mut Param, slots: &mut [Slot], ctx: StepContext) -> Result<()> {
        let p = &self.projection;
        let Some(side) = project::projection_side(p, param) else {
            return update_unprojected(&self.adam, param, slots, ctx);
        };
        let (bases, moments) = slots.split_at_mut(project::basis_count(side));
        if (ctx.t as u64 - 1).is_multiple_of(p.interval) {
            project::refresh_bases(side, project::rank(p, param), &param.grad()?, bases)?;
        }
        let sizes = Sizes::of(p, param);
        let low = project::project(ctx.engine, side, sizes, &param.grad, bases)?;
        // a parameter of zeros holds the update itself after a step
        let mut update = Buf::zeros_of(param.dtype(), low.capacity(), low.device())?;
        let [first, second] = floats(moments);
        ctx.engine.run(optimizer::AdamW {
            step: transformers_step(&self.adam, ctx),
            value: update.view_mut(),
            first: first.view_mut(),
            second: second.view_mut(),
            grad: low.view(),
        })?;
        let full = project::project_back(ctx.engine, side, sizes, &update, bases)?;
        ctx.engine.run(optimizer::AddScaled {
            out: param.value.view_mut(),
            factor: p.scale as f32,
            x: full.view().into(),
        })?;
        decay(param, ctx)
    }
}

/// The bases and moments of a projected parameter; of one that is not projected, its moments.
pub(super) fn low_rank_slots(p: &Projection, param: &Param) -> Result<Vec<Slot>> {
    let Some(side) = project::projection_side(p, param) else {
        return moments(&param.shape, param);
    };
    let rank = project::rank(p, param);
    let mut slots = project::slots(side, rank, param)?;
    slots.extend(moments(&project::shape(side, rank, param), param)?);
    Ok(slots)
}
