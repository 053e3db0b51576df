//! Subspaces of a gradient: which side is projected, and onto what.

use super::slot::Slot;
use crate::error::{Error, Result};
use crate::model::Param;
use crate::svd::{self, Effort};
use candle_core::{DType, Tensor};
use protocol::config::{Projection, Side};
use protocol::says;
use std::collections::BTreeSet;

/// The sides of one gradient that are projected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ProjectionSide {
    Rows,
    Columns,
    Both,
}

/// The projection of a parameter; `None` for one that is left whole: no linear layer, or not named.
pub(super) fn projection_side(p: &Projection, param: &Param) -> Option<ProjectionSide> {
    let [rows, columns] = *param.shape.as_slice() else {
        return None;
    };
    let module = param.name.strip_suffix(".weight")?;
    let named = match p.target.is_empty() {
        true => !module.contains("lm_head"),
        false => p.target.iter().any(|target| module.contains(target.as_str())),
    };
    if !named || module.contains("embed") {
        return None;
    }
    Some(match p.side {
        // the gradient keeps its longer side
        Side::Shorter if rows >= columns => ProjectionSide::Columns,
        Side::Shorter => ProjectionSide::Rows,
        Side::Longer if rows >= columns => ProjectionSide::Rows,
        Side::Longer => ProjectionSide::Columns,
        Side::Right => ProjectionSide::Columns,
        Side::Left => ProjectionSide::Rows,
        Side::Both => ProjectionSide::Both,
    })
}

/// Whether each target names a linear layer among the weights that train.
///
/// # Errors
/// The first that names none.
pub(super) fn check<'a>(key: &str, p: &Projection, names: impl Iterator<Item = &'a str>) -> Result<()> {
    let modules: Vec<&str> = names
        .filter_map(|name| name.strip_suffix(".weight"))
        .filter(|module| !module.contains("embed") && !module.ends_with("norm"))
        .collect();
    match p
        .target
        .iter()
        .find(|target| !modules.iter().any(|module| module.contains(target.as_str())))
    {
        None => Ok(()),
        Some(target) => {
            let known: BTreeSet<&str> = modules.iter().filter_map(|module| module.rsplit('.').next()).collect();
            let known: Vec<&str> = known.into_iter().collect();
            Err(Error::invalid(says::no_projected_layer(key, target, known.join(", "))))
        }
    }
}

/// The dimensions left: the rank, as far as the matrix has it.
pub(super) fn rank(p: &Projection, param: &Param) -> usize {
    param.shape.iter().fold(p.rank, |rank, side| rank.min(*side))
}

/// Bases of the subspaces, of the parameter's type (`left` of `[rows, r]`, `right` of `[r, columns]`), zeros until they are set.
pub(super) fn slots(side: ProjectionSide, rank: usize, param: &Param) -> Result<Vec<Slot>> {
    let left = || Slot::zeros("left", &[param.shape[0], rank], param);
    let right = || Slot::zeros("right", &[rank, param.shape[1]], param);
    Ok(match side {
        ProjectionSide::Rows => vec![left()?],
        ProjectionSide::Columns => vec![right()?],
        ProjectionSide::Both => vec![left()?, right()?],
    })
}

/// The shape of a projected gradient.
pub(super) fn shape(side: ProjectionSide, rank: usize, param: &Param) -> Vec<usize> {
    match side {
        ProjectionSide::Rows => vec![rank, param.shape[1]],
        ProjectionSide::Columns => vec![param.shape[0], rank],
        ProjectionSide::Both => vec![rank, rank],
    }
}

/// Puts the gradient's largest singular vectors into the bases.
pub(super) fn renew(side: ProjectionSide, rank: usize, grad: &Tensor, bases: &mut [Slot]) -> Result<()> {
    let found = svd::truncated(grad, rank, Effort::Close)?;
    let single = |x: &Tensor| x.to_dtype(DType::F32)?.to_device(grad.device());
    let (u, vt) = (single(&found.u)?, single(&found.vt)?);
    match side {
        ProjectionSide::Rows => bases[0].set(&u),
        ProjectionSide::Columns => bases[0].set(&vt),
        ProjectionSide::Both => {
            bases[0].set(&u)?;
            bases[1].set(&vt)
        }
    }
}

/// `Lᵗ G`, `G Rᵗ` or `Lᵗ G Rᵗ`
pub(super) fn down(side: ProjectionSide, grad: &Tensor, bases: &[Slot]) -> Result<Tensor> {
    Ok(match side {
        ProjectionSide::Rows => exact(&bases[0])?.t()?.matmul(grad)?,
        ProjectionSide::Columns => grad.matmul(&exact(&bases[0])?.t()?)?,
        ProjectionSide::Both => exact(&bases[0])?.t()?.matmul(grad)?.matmul(&exact(&bases[1])?.t()?)?,
    })
}

/// `L X`, `X R` or `L X R`
pub(super) fn up(side: ProjectionSide, low: &Tensor, bases: &[Slot]) -> Result<Tensor> {
    Ok(match side {
        ProjectionSide::Rows => exact(&bases[0])?.matmul(low)?,
        ProjectionSide::Columns => low.matmul(&exact(&bases[0])?)?,
        ProjectionSide::Both => exact(&bases[0])?.matmul(low)?.matmul(&exact(&bases[1])?)?,
    })
}

fn exact(basis: &Slot) -> Result<Tensor> {
    Ok(basis.tensor()?.to_dtype(DType::F32)?)
}

/// How many of a parameter's states are bases.
pub(super) fn bases(side: ProjectionSide) -> usize {
    if side == ProjectionSide::Both { 2 } else { 1 }
}
