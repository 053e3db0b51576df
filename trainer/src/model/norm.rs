//! Norms as a decoder's description has them, and the way through one at its place in a pass.
use super::params::Params;
use super::weights::Vector;
use crate::error::Result;
use crate::ops::norm::{self, Norm};
use crate::ops::{Buf, Engine, View, Write};
use protocol::decoder::NormSpec;

/// A norm over rows as its description says.
pub fn norm_of(spec: &NormSpec, rows: usize, width: usize) -> Norm {
    Norm {
        rows,
        width,
        epsilon: spec.epsilon as f32,
    }
}

/// A norm at its place in a pass.
pub struct NormContext<'a> {
    pub engine: &'a Engine,
    pub params: &'a Params,
    pub weight: &'a Vector,
    pub norm: Norm,
}

impl NormContext<'_> {
    pub fn forward(&self, x: &Buf, y: &mut Buf) -> Result<()> {
        self.engine.run(norm::RmsNorm {
            x: x.view(),
            w: self.weight.buf(self.params).view(),
            y: y.fit(self.norm.rows * self.norm.width)?.view_mut(),
            norm: self.norm,
        })
    }

    /// Adds to the weight's gradient, where it trains.
    pub fn weight_grad(&self, x: &Buf, dy: View, grads: &mut [Buf]) -> Result<()> {
        match self.weight.trained() {
            None => Ok(()),
            Some(id) => self.engine.run(norm::RmsNormWeightGrad {
                x: x.view(),
                dy,
                dw: grads[id].view_mut(),
                norm: self.norm,
            }),
        }
    }

    pub fn input_grad(&self, x: &Buf, dy: View, dx: &mut Buf, write: Write) -> Result<()> {
        self.engine.run(norm::RmsNormBackward {
            x: x.view(),
            w: self.weight.buf(self.params).view(),
            dy,
            dx: dx.view_mut(),
            norm: self.norm,
            write,
        })
    }
}
