//! Low-rank projections of gradients, for GaLore and APOLLO: which side is projected, and onto which basis.

use super::slot::{Slot, floats};
use crate::error::{Error, Result};
use crate::model::Param;
use crate::ops::matmul::{Dims, LinearForward, LinearInputGrad, LinearWeightGrad};
use crate::ops::{Buf, Engine, Write};
use crate::svd::{self, Effort};
use candle_core::{DType, Tensor};
use protocol::config::{Projection, Side};
use protocol::says;
use std::collections::BTreeSet;

/// The sides of a gradient `[rows, columns]` that are projected to `rank` dimensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ProjectionSide {
    Rows,
    Columns,
    Both,
}

/// The sides of a parameter's gradient that are projected; `None` if it is no linear layer, or not among the targets.
pub(super) fn projection_side(p: &Projection, param: &Param) -> Option<ProjectionSide> {
    let [rows, columns] = *param.shape.as_slice() else {
        return None;
    };
    let module = param.name.strip_suffix(".weight")?;
    let is_target = match p.target.is_empty() {
        true => !module.contains("lm_head"),
        false => p.target.iter().any(|target| module.contains(target.as_str())),
    };
    if !is_target || module.contains("embed") {
        return None;
    }
    Some(match p.side {
        // the projected gradient keeps its longer side
        Side::Shorter if rows >= columns => ProjectionSide::Columns,
        Side::Shorter => ProjectionSide::Rows,
        Side::Longer if rows >= columns => ProjectionSide::Rows,
        Side::Longer => ProjectionSide::Columns,
        Side::Right => ProjectionSide::Columns,
        Side::Left => ProjectionSide::Rows,
        Side::Both => ProjectionSide::Both,
    })
}

/// Checks that each target is in the name of a linear layer that is trained. `key` is the setting that lists targets.
///
/// # Errors
/// The first target that is in none.
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

/// The dimensions of the projection: the rank asked for, or the matrix's shorter side if that is less.
pub(super) fn rank(p: &Projection, param: &Param) -> usize {
    param.shape.iter().fold(p.rank, |rank, side| rank.min(*side))
}

/// The bases, `left` of `[rows, rank]` and `right` of `[rank, columns]`, in the parameter's data type; zeros until
/// [`refresh_bases`] or a random basis sets them.
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

/// Sets the bases to the gradient's singular vectors with the largest singular values.
pub(super) fn refresh_bases(side: ProjectionSide, rank: usize, grad: &Tensor, bases: &mut [Slot]) -> Result<()> {
    let found = svd::truncated(grad, rank, Effort::Close)?;
    let to_f32 = |x: &Tensor| x.to_dtype(DType::F32)?.to_device(grad.device());
    let (u, vt) = (to_f32(&found.u)?, to_f32(&found.vt)?);
    match side {
        ProjectionSide::Rows => bases[0].set(&u),
        ProjectionSide::Columns => bases[0].set(&vt),
        ProjectionSide::Both => {
            bases[0].set(&u)?;
            bases[1].set(&vt)
        }
    }
}

/// The dimensions of a gradient and of its projection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    pub rows: usize,
    pub columns: usize,
    pub rank: usize,
}

impl Sizes {
    pub fn of(p: &Projection, param: &Param) -> Self {
        let side = |at: usize| param.shape.get(at).copied().unwrap_or(1);
        Self {
            rows: side(0),
            columns: side(1),
            rank: rank(p, param),
        }
    }

    /// The dimensions of the product of a gradient and a basis, named as a linear layer's.
    fn dims(self) -> Dims {
        Dims {
            tokens: self.rows,
            input: self.columns,
            output: self.rank,
        }
    }
}

/// The projected gradient, in the gradient's data type: `Lᵗ G`, `G Rᵗ` or `Lᵗ G Rᵗ` with the bases `L` (left), `R`
/// (right).
pub(super) fn project(
    engine: &Engine,
    side: ProjectionSide,
    sizes: Sizes,
    grad: &Buf,
    bases: &mut [Slot],
) -> Result<Buf> {
    let zeros = |len| Buf::zeros_of(grad.dtype(), len, grad.device());
    let Sizes { columns, rank, .. } = sizes;
    let project_rows = |left: &Buf| {
        let mut low = zeros(rank * columns)?;
        engine.run(LinearWeightGrad {
            dy: left.view(),
            x: grad.view(),
            dw: low.view_mut(),
            dims: sizes.dims(),
            alpha: 1.0,
        })?;
        Ok::<_, Error>(low)
    };
    let project_columns = |x: &Buf, right: &Buf, dims: Dims| {
        let mut low = zeros(dims.tokens * rank)?;
        engine.run(LinearForward {
            x: x.view(),
            w: right.view().into(),
            y: low.view_mut(),
            dims,
            write: Write::Overwrite,
            alpha: 1.0,
        })?;
        Ok(low)
    };
    match side {
        ProjectionSide::Rows => {
            let [left] = floats(bases);
            project_rows(left)
        }
        ProjectionSide::Columns => {
            let [right] = floats(bases);
            project_columns(grad, right, sizes.dims())
        }
        ProjectionSide::Both => {
            let [left, right] = floats(bases);
            let dims = Dims {
                tokens: rank,
                ..sizes.dims()
            };
            project_columns(&project_rows(left)?, right, dims)
        }
    }
}

/// A projected update `X` in the gradient's full shape, in the data type of `X`: `L X`, `X R` or `L X R`.
pub(super) fn project_back(
    engine: &Engine,
    side: ProjectionSide,
    sizes: Sizes,
    low: &Buf,
    bases: &mut [Slot],
) -> Result<Buf> {
    let Sizes { rows, columns, rank } = sizes;
    let product = |left: &Buf, right: &Buf, dims: Dims| {
        let mut out = Buf::zeros_of(low.dtype(), dims.tokens * dims.input, low.device())?;
        engine.run(LinearInputGrad {
            dy: left.view(),
            w: right.view().into(),
            dx: out.view_mut(),
            dims,
            write: Write::Overwrite,
            alpha: 1.0,
        })?;
        Ok::<_, Error>(out)
    };
    match side {
        ProjectionSide::Rows => {
            let [left] = floats(bases);
            product(left, low, sizes.dims())
        }
        ProjectionSide::Columns => {
            let [right] = floats(bases);
            product(low, right, sizes.dims())
        }
        ProjectionSide::Both => {
            let [left, right] = floats(bases);
            let square = Dims {
                tokens: rows,
                input: rank,
                output: rank,
            };
            let wide = Dims {
                input: columns,
                ..square
            };
            product(&product(left, low, square)?, right, wide)
        }
    }
}

/// How many of a projected parameter's states are bases; they come first.
pub(super) fn basis_count(side: ProjectionSide) -> usize {
    if side == ProjectionSide::Both { 2 } else { 1 }
}
