//! GaLore: AdamW on gradients projected onto their largest singular vectors.
//!
//! *GaLore: Memory-Efficient LLM Training by Gradient Low-Rank Projection*, arXiv 2403.03507, as `galore_torch` has it:
//! every `interval` steps `P` is made of the gradient's own singular vectors; `R = G Pᵗ` (or `Pᵗ G`), Adam's moments are
//! `R`'s, and `p <- p - scale lr' (m / (sqrt(v) + eps)) P` with `lr' = lr sqrt(1 - beta2^t) / (1 - beta1^t)`; decay follows.
//! Moments stay when `P` is renewed. Parameters that are not projected take AdamW's step of the same form.

use super::adamw::{decay, moments, uncorrected, update_whole};
use super::project::Sizes;
use super::slot::{Slot, floats};
use super::{At, project};
use crate::error::Result;
use crate::model::Param;
use crate::ops::{Buf, optimizer};
use protocol::config::{Adam, Projection};

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

    pub(super) fn update(&self, param: &mut Param, slots: &mut [Slot], at: At) -> Result<()> {
        let p = &self.projection;
        let Some(side) = project::projection_side(p, param) else {
            return update_whole(&self.adam, param, slots, at);
        };
        let (bases, moments) = slots.split_at_mut(project::bases(side));
        if (at.t as u64 - 1).is_multiple_of(p.interval) {
            project::renew(side, project::rank(p, param), &param.grad()?, bases)?;
        }
        let sizes = Sizes::of(p, param);
        let low = project::down(at.engine, side, sizes, &param.grad, bases)?;
        // from zero, the step of Adam is the update itself
        let mut update = Buf::zeros_of(param.dtype(), low.capacity(), low.device())?;
        let [first, second] = floats(moments);
        at.engine.run(optimizer::AdamW {
            step: uncorrected(&self.adam, at),
            value: update.view_mut(),
            first: first.view_mut(),
            second: second.view_mut(),
            grad: low.view(),
        })?;
        let full = project::up(at.engine, side, sizes, &update, bases)?;
        at.engine.run(optimizer::AddScaled {
            out: param.value.view_mut(),
            factor: p.scale as f32,
            x: full.view().into(),
        })?;
        decay(param, at)
    }
}

/// Bases and moments of a projected parameter; moments alone of another.
pub(super) fn low_rank_slots(p: &Projection, param: &Param) -> Result<Vec<Slot>> {
    let Some(side) = project::projection_side(p, param) else {
        return moments(&param.shape, param);
    };
    let rank = project::rank(p, param);
    let mut slots = project::slots(side, rank, param)?;
    slots.extend(moments(&project::shape(side, rank, param), param)?);
    Ok(slots)
}
