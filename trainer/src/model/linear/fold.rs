//! A linear layer as one matrix: what is frozen of it, and the policy's with every term folded in.
use super::Linear;
use crate::error::Result;
use crate::model::params::Params;
use crate::ops::{Buf, Engine, matmul, scale};

impl Linear {
    /// What is frozen of it as one matrix in f32, `[output, input]` flat.
    pub fn frozen(&self, params: &Params, engine: &Engine) -> Result<Buf> {
        let mut frozen = self.weight.to_buf(params, engine.device())?;
        for rotation in &self.rotations {
            rotation.fold(engine, &mut frozen, (self.output, self.input))?;
        }
        if let Some(gain) = &self.gain {
            engine.run(scale::ScaleRows {
                y: frozen.view_mut(),
                factors: gain.view(),
                rows: self.output,
                width: self.input,
            })?;
        }
        for term in self.frozen_terms() {
            self.fold(engine, (&term.a, &term.b), term.rank, term.scale, &mut frozen)?;
        }
        Ok(frozen)
    }

    /// `onto += scale B A`
    pub(in crate::model) fn fold(
        &self,
        engine: &Engine,
        (a, b): (&Buf, &Buf),
        rank: usize,
        scale: f32,
        write: &mut Buf,
    ) -> Result<()> {
        // B A = (B^T)^T A: the shape of a weight gradient over `rank` "tokens"
        let b = Buf::copy_of(&b.tensor((self.output, rank))?.t()?)?;
        engine.run(matmul::LinearWeightGrad {
            dy: b.view(),
            x: a.view(),
            dw: write.view_mut(),
            dims: self.dims(rank),
            alpha: scale,
        })
    }

    /// The policy's weight with every term folded in, in f32, `[output, input]` flat.
    pub fn merged(&self, params: &Params, engine: &Engine) -> Result<Buf> {
        let mut merged = self.frozen(params, engine)?;
        if let Some(oft) = &self.oft {
            // as the numbers are now, whether or not a pass has been since
            let above = params.0[oft.id].value()?;
            oft.with(self, &above)?
                .fold(engine, &mut merged, (self.output, self.input))?;
        }
        if let Some(term) = self.trained {
            let value = |id: usize| &params.0[id].value;
            self.fold(
                engine,
                (value(term.a), value(term.b)),
                term.rank,
                term.scale,
                &mut merged,
            )?;
            if let Some(dora) = &self.dora {
                let gains = dora.gains_over(&merged, params, (self.output, self.input))?;
                let gains = Buf::from_vec(gains, engine.device())?;
                engine.run(scale::ScaleRows {
                    y: merged.view_mut(),
                    factors: gains.view(),
                    rows: self.output,
                    width: self.input,
                })?;
            }
        }
        Ok(merged)
    }
}
