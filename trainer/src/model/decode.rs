//! Decoding against a cache: the pass of one sequence's next tokens, whose last logits are wanted.
use super::block::Env;
use super::norm::norm_of;
use super::room::Cache;
use super::{Keep, Model, Pass};
use crate::error::{Error, Result};
use crate::ops::norm;
use crate::ops::{Buf, Write, gather, matmul};
use crate::plan::DevicePlan;
use protocol::says;

impl Model {
    /// Empty caches, one per layer.
    pub(crate) fn caches(&self, capacity: usize) -> Result<Vec<Cache>> {
        let blocks = self.config.decoder.blocks.iter();
        blocks
            .map(|block| Cache::new(&block.attention, capacity, self.engine.device()))
            .collect()
    }

    /// Reads `tokens` behind the `seen` ones in the caches; `logits[vocab]` are those of the last.
    pub(crate) fn decode(
        &mut self,
        pass: Pass,
        tokens: &[u32],
        seen: usize,
        caches: &mut [Cache],
        logits: &mut Buf,
    ) -> Result<()> {
        let vocab = self.config.vocabulary();
        if let Some(id) = tokens.iter().find(|&&id| id as usize >= vocab) {
            return Err(Error::invalid(says::outside_vocabulary(*id, vocab)));
        }
        self.refresh()?;
        if caches.iter().any(|cache| !cache.has_room(tokens.len())) {
            return Err(Error::internal("the sequence is longer than the cache made for it"));
        }
        rayon::scope(|_| self.decode_here(pass, tokens, seen, caches, logits))
    }

    fn decode_here(
        &mut self,
        pass: Pass,
        tokens: &[u32],
        seen: usize,
        caches: &mut [Cache],
        logits: &mut Buf,
    ) -> Result<()> {
        let (n, hidden, vocab) = (tokens.len(), self.config.decoder.hidden, self.config.vocabulary());
        let plan = DevicePlan::decoding(&self.engine, tokens, seen)?;
        let weights = match pass {
            Pass::Reference => self.reference.as_ref().unwrap_or(&self.weights),
            Pass::Policy => &self.weights,
        };
        let env = Env {
            engine: &self.engine,
            decoder: &self.config.decoder,
            params: &self.params,
            rotary: &self.rotary,
            plan: &plan,
            pass,
            dropout_seed: None,
            balance: None,
        };
        let x = self.residual.fit(n * hidden)?;
        self.engine.run(gather::Gather {
            table: weights.embed.operand(env.params),
            ids: plan.ids.view(),
            y: x.view_mut(),
            count: n,
            width: hidden,
        })?;
        let place = if self.kept.is_some() { self.config.layers() } else { 0 };
        for (index, (layer, cache)) in weights.layers.iter().zip(caches).enumerate() {
            let saved = &mut self.saved[place];
            layer.forward(&env, (index, Keep::Nothing), x, saved, &mut self.scratch, Some(cache))?;
        }
        let (last, normed) = (&mut self.decoding.0, &mut self.decoding.1);
        self.engine.run(gather::Gather {
            table: x.view().into(),
            ids: plan.predictors.view(),
            y: last.fit(hidden)?.view_mut(),
            count: plan.rows,
            width: hidden,
        })?;
        self.engine.run(norm::RmsNorm {
            x: last.view(),
            w: weights.norm.buf(env.params).view(),
            y: normed.fit(hidden)?.view_mut(),
            norm: norm_of(&self.config.decoder.norm, 1, hidden),
        })?;
        let dims = matmul::Dims {
            tokens: 1,
            input: hidden,
            output: vocab,
        };
        self.engine.run(matmul::LinearForward {
            x: normed.view(),
            w: weights.head().operand(env.params),
            y: logits.view_mut(),
            dims,
            write: Write::Overwrite,
            alpha: 1.0,
        })
    }
}
