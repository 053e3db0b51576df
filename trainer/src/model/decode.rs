//! Decoding against a cache: the pass of one sequence's next tokens, whose last logits are wanted.
use super::buffers::Cache;
use super::context::PassContext;
use super::passes::Embedding;
use super::workspace::DecodingBuffers;
use super::{Keep, Model, Pass};
use crate::error::{Error, Result};
use crate::ops::{Buf, gather, head};
use crate::plan::PlanIndices;
use protocol::says;

impl Model {
    /// Empty caches, one per layer.
    pub(crate) fn caches(&self, capacity: usize) -> Result<Vec<Cache>> {
        let blocks = self.decoder.config.decoder.blocks.iter();
        blocks
            .map(|block| Cache::new(&block.attention, capacity, &self.engine))
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
        let vocab = self.decoder.vocabulary();
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
        let plan = PlanIndices::decoding(&self.engine, tokens, seen, self.decoder.rotations())?;
        let Self {
            engine,
            decoder,
            trained,
            workspace,
            ..
        } = self;
        let hidden = decoder.hidden();
        let reads = trained.read_in(pass, decoder);
        let weights = reads.weights;
        let pass = PassContext {
            engine,
            decoder: decoder.spec(),
            params: reads.params,
            positions: &decoder.positions,
            plan: &plan,
            pass: reads.pass,
            dropout_seed: None,
            balance: None,
        };
        let place = workspace.spare();
        let x = workspace.hidden_states.fit(plan.tokens() * hidden)?;
        let embedding = Embedding { pass: &pass, weights };
        let (buffers, linear_buffers) = (&mut workspace.decoding.embedding, &mut workspace.scratch.linear);
        embedding.forward(x, None, buffers, linear_buffers)?;
        for (index, (layer, cache)) in weights.layers.iter().zip(caches).enumerate() {
            let saved = &mut workspace.saved[place];
            let scratch = &mut workspace.scratch;
            layer.forward(pass.block(index), Keep::Nothing, x, saved, scratch, Some(cache))?;
        }
        let DecodingBuffers {
            x: last,
            normed,
            projection,
            head_hidden,
            ..
        } = &mut workspace.decoding;
        engine.run(gather::Gather {
            table: x.view().into(),
            ids: plan.predictors(),
            y: last.fit(hidden)?.view_mut(),
            count: plan.rows,
            width: hidden,
        })?;
        pass.final_norm(weights).forward(last, normed)?;
        if let Some(linear) = &weights.project_out {
            projection.forward(&pass, linear, normed, &mut workspace.scratch.linear)?;
        }
        let (width, vocab) = (decoder.table_width(), decoder.vocabulary());
        let w = weights.head().operand(reads.params);
        let term = weights.head_term(reads.pass, reads.params);
        if let Some(term) = term {
            let hidden = head_hidden.fit(term.factors.rank)?.view_mut();
            term.reduce(engine, normed.view(), plan.rows, width, hidden)?;
        }
        let term = term.map(|term| term.of(head_hidden));
        engine.run(head::HeadLogits {
            h: normed.view(),
            w,
            dims: head::Dims { width, vocab },
            form: weights.form(&decoder.spec().head, reads.params, term),
            logits: logits.view_mut(),
        })
    }
}
