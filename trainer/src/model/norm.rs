//! Norms as a decoder's description has them, and the way through one at its place in a pass.
use super::params::Params;
use super::weights::Vector;
use crate::error::Result;
use crate::ops::norm::{self, Gain, Norm};
use crate::ops::{Buf, Engine, View, Write, matmul};
use protocol::decoder::{NormKind, NormSpec, NormWeight};

/// The numbers of a norm, as far as it has any.
#[derive(Debug, Default)]
pub struct NormVectors {
    pub weight: Option<Vector>,
    pub bias: Option<Vector>,
}

impl NormVectors {
    pub fn is_empty(&self) -> bool {
        self.weight.is_none() && self.bias.is_none()
    }

    /// Whether anything of it trains.
    pub fn trains(&self) -> bool {
        let mut vectors = self.weight.iter().chain(&self.bias);
        vectors.any(|vector| vector.trained().is_some())
    }

    /// The same as the reference sees it, sharing memory with what stays frozen.
    pub fn share(&self) -> Result<Self> {
        let share = |vector: &Option<Vector>| vector.as_ref().map(Vector::share).transpose();
        Ok(Self {
            weight: share(&self.weight)?,
            bias: share(&self.bias)?,
        })
    }
}

/// The numbers of the norms of a block that are as wide as the residual stream, where it has them.
#[derive(Debug, Default)]
pub struct BlockNormVectors {
    pub before_attention: Option<NormVectors>,
    pub after_attention: Option<NormVectors>,
    pub before_mlp: Option<NormVectors>,
    pub after_mlp: Option<NormVectors>,
}

/// A norm over rows as its description says.
pub fn norm_of(spec: &NormSpec, rows: usize, width: usize) -> Norm {
    Norm {
        kind: match spec.kind {
            NormKind::Rms => norm::Kind::Rms,
            NormKind::Layer => norm::Kind::Layer,
        },
        rows,
        width,
        epsilon: spec.epsilon as f32,
        weights: 1,
    }
}

/// A norm at its place in a pass.
pub struct NormContext<'a> {
    pub engine: &'a Engine,
    pub params: &'a Params,
    pub vectors: &'a NormVectors,
    /// what its weight means
    pub weight: NormWeight,
    pub norm: Norm,
}

impl NormContext<'_> {
    fn gain(&self) -> Gain<'_> {
        let weight = self
            .vectors
            .weight
            .as_ref()
            .map(|weight| weight.buf(self.params).view());
        match (weight, self.weight) {
            (None, _) | (_, NormWeight::None) => Gain::None,
            (Some(weight), NormWeight::Plain) => Gain::Plain(weight),
            (Some(weight), NormWeight::OnePlus) => Gain::OnePlus(weight),
        }
    }

    pub fn forward(&self, x: &Buf, y: &mut Buf) -> Result<()> {
        let bias = self.vectors.bias.as_ref();
        self.engine.run(norm::Normalize {
            x: x.view(),
            gain: self.gain(),
            bias: bias.map(|bias| bias.buf(self.params).view()),
            y: y.fit(self.norm.rows * self.norm.width)?.view_mut(),
            norm: self.norm,
        })
    }

    /// Adds to the gradients of its numbers, where they train.
    pub fn weight_grad(&self, x: &Buf, dy: View, grads: &mut [Buf]) -> Result<()> {
        if let Some(id) = self.vectors.weight.as_ref().and_then(Vector::trained) {
            self.engine.run(norm::GainGrad {
                x: x.view(),
                dy,
                dw: grads[id].view_mut(),
                norm: self.norm,
            })?;
        }
        match self.vectors.bias.as_ref().and_then(Vector::trained) {
            None => Ok(()),
            Some(id) => self.engine.run(matmul::BiasGrad {
                dy,
                db: grads[id].view_mut(),
                tokens: self.norm.rows / self.norm.weights,
                width: self.norm.weights * self.norm.width,
            }),
        }
    }

    pub fn input_grad(&self, x: &Buf, dy: View, dx: &mut Buf, write: Write) -> Result<()> {
        self.engine.run(norm::NormalizeBackward {
            x: x.view(),
            gain: self.gain(),
            dy,
            dx: dx.view_mut(),
            norm: self.norm,
            write,
        })
    }
}
