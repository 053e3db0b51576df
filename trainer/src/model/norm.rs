//! Norms as a decoder's description has them.
use super::weights::Vector;
use crate::error::Result;
use crate::ops::norm::{self, Norm};
use crate::ops::{Buf, Engine};
use protocol::decoder::NormSpec;

/// A norm over rows as its description says.
pub fn norm_of(spec: &NormSpec, rows: usize, width: usize) -> Norm {
    let NormSpec::Rms { epsilon } = spec;
    Norm {
        rows,
        width,
        epsilon: *epsilon as f32,
    }
}

/// Adds to the gradient of a norm's weight where it trains.
pub fn norm_grad(engine: &Engine, weight: &Vector, x: &Buf, dy: &Buf, grads: &mut [Buf], norm: Norm) -> Result<()> {
    match weight.trained() {
        Some(id) => engine.run(norm::RmsNormWeightGrad {
            x: x.view(),
            dy: dy.view(),
            dw: grads[id].view_mut(),
            norm,
        }),
        None => Ok(()),
    }
}
