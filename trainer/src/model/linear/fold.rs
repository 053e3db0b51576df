//! A linear layer as one matrix: what is frozen of it, and the policy's with every term folded in.
use super::{Factors, LayerAdapter, Linear, LowRank};
use crate::error::Result;
use crate::model::LoraPair;
use crate::model::params::Params;
use crate::ops::{Buf, Engine, matmul, scale};

impl Linear {
    /// What is frozen of it as one matrix in f32, `[output, input]` flat.
    pub fn frozen(&self, params: &Params, engine: &Engine) -> Result<Buf> {
        let mut frozen = self.weight.to_buf(params, engine.device())?;
        for rotation in &self.frozen_adapters.rotations {
            rotation.fold(engine, &mut frozen, self.output)?;
        }
        if let Some(gain) = &self.frozen_adapters.gain {
            engine.run(scale::ScaleRows {
                y: frozen.view_mut(),
                factors: gain.view(),
                rows: self.output,
                width: self.input,
            })?;
        }
        for term in &self.frozen_adapters.terms {
            self.fold(engine, term.factors(), &mut frozen)?;
        }
        Ok(frozen)
    }

    /// What is frozen of it with a further term folded in, `[output, input]` flat.
    pub fn frozen_with(&self, pair: &LoraPair, scale: f64, params: &Params, engine: &Engine) -> Result<Buf> {
        let mut merged = self.frozen(params, engine)?;
        let term = LowRank::new(self, pair, scale, engine.device())?;
        self.fold(engine, term.factors(), &mut merged)?;
        Ok(merged)
    }

    /// The policy's weight with every term folded in, in f32, `[output, input]` flat.
    pub fn merged(&self, params: &Params, engine: &Engine) -> Result<Buf> {
        let mut merged = self.frozen(params, engine)?;
        match &self.adapter {
            LayerAdapter::None | LayerAdapter::AtStart(_) => {}
            LayerAdapter::Oft(oft) => {
                // as the numbers are now, whether or not a pass has been since
                let above = params.0[oft.id].value()?;
                oft.with(engine, self, &above)?.fold(engine, &mut merged, self.output)?;
            }
            LayerAdapter::Lora(lora) => {
                self.fold(engine, lora.factors(params), &mut merged)?;
                if let Some(dora) = &lora.dora {
                    let gains = Buf::from_vec(dora.gains_over(&merged, params, self)?, engine.device())?;
                    engine.run(scale::ScaleRows {
                        y: merged.view_mut(),
                        factors: gains.view(),
                        rows: self.output,
                        width: self.input,
                    })?;
                }
            }
        }
        Ok(merged)
    }

    /// `matrix += scale B A`
    fn fold(&self, engine: &Engine, term: Factors, matrix: &mut Buf) -> Result<()> {
        // B A = (B^T)^T A: the shape of a weight gradient over `rank` "tokens"
        let b = Buf::copy_of(&term.b.tensor((self.output, term.rank))?.t()?, engine.device())?;
        let a = Buf::copy_of(&term.a.tensor((term.rank, self.input))?, engine.device())?;
        engine.run(matmul::LinearWeightGrad {
            dy: b.view(),
            x: a.view(),
            dw: matrix.view_mut(),
            dims: self.dims(term.rank),
            alpha: term.scale,
        })
    }
}
