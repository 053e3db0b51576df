//! What a forward pass knows of each row: the hidden states that predict them go through the last norm, the head and the
//! value head.
use super::DeviceScores;
use crate::error::Result;
use crate::model::ForwardOptions;
use crate::model::context::PassContext;
use crate::model::decoder::Decoder;
use crate::model::head::HeadTerm;
use crate::model::linear::LinearBuffers;
use crate::model::value::ValueHead;
use crate::model::weights::Weights;
use crate::model::workspace::RowBuffers;
use crate::ops::{Buf, Write, gather, head};

pub struct RowsForward<'a> {
    pub pass: &'a PassContext<'a>,
    pub decoder: &'a Decoder,
    pub weights: &'a Weights,
    pub options: ForwardOptions,
    /// whether the derivative by each row's hidden state is to be left for the backward pass
    pub unit_grad: bool,
}

impl RowsForward<'_> {
    /// From the last block's output. All but the router's auxiliary loss.
    pub fn score(
        &self,
        hidden: &Buf,
        buffers: &mut RowBuffers,
        linear_buffers: &mut LinearBuffers,
        value_head: Option<&mut ValueHead>,
    ) -> Result<DeviceScores> {
        let (engine, rows, width) = (self.pass.engine, self.pass.plan.rows, self.decoder.hidden());
        buffers.reserve(rows, self.decoder.spec(), self.unit_grad)?;
        engine.run(gather::Gather {
            table: hidden.view().into(),
            ids: self.pass.plan.predictors(),
            y: buffers.x.view_mut(),
            count: rows,
            width,
        })?;
        let norm = self.pass.final_norm(self.weights);
        norm.forward(&buffers.x, &mut buffers.normed.exact)?;
        if let Some(linear) = &self.weights.project_out {
            let normed = &mut buffers.normed.exact;
            buffers.projection.forward(self.pass, linear, normed, linear_buffers)?;
        }
        buffers.normed.round(engine, rows * self.decoder.table_width())?;
        let term = self.weights.head_term(self.pass.pass, self.pass.params);
        if let Some(term) = term {
            let input = term.input(self.pass, buffers.normed.read(), self.decoder.table_width());
            buffers.head_term.forward(engine, term, input)?;
        }
        engine.run(head::Head {
            h: buffers.normed.read().view(),
            w: self.weights.head().operand(self.pass.params),
            targets: self.pass.plan.targets(),
            rows,
            dims: self.dims(),
            form: self.form(term, &buffers.head_term.hidden),
            stats: buffers.stats.view_mut(),
            unit: buffers.unit.view_mut(),
            logits: buffers.logits.view_mut(),
            unit_grad: self.unit_grad,
        })?;
        let values = match value_head {
            Some(head) => Some(head.forward(self.pass, &buffers.normed.exact, self.options.keep)?),
            None => None,
        };
        let log_collision_probs = match self.options.log_collision_probs {
            true => Some(self.log_collision_probs(term, buffers)?),
            false => None,
        };
        let top_entropies = match self.options.top_entropies {
            true => Some(self.top_entropies(term, buffers)?),
            false => None,
        };
        if self.unit_grad && self.weights.project_out.is_none() {
            // into the buffer of the norm's output, which is no longer needed
            let to = &mut buffers.normed.exact;
            norm.input_grad(&buffers.x, &buffers.unit, to, Write::Overwrite)?;
        }
        Ok(DeviceScores {
            rows,
            // the way back reads these as well, and the next pass writes its own in their place
            stats: buffers.stats.part(0, head::STATS * rows).copied()?,
            values,
            log_collision_probs,
            top_entropies,
            aux_loss: None,
        })
    }

    fn dims(&self) -> head::Dims {
        head::Dims {
            width: self.decoder.table_width(),
            vocab: self.decoder.vocabulary(),
        }
    }

    fn form<'b>(&'b self, term: Option<HeadTerm<'b>>, hidden: &'b Buf) -> head::Form<'b> {
        let term = term.map(|term| term.of(hidden));
        self.weights.form(&self.decoder.spec().head, self.pass.params, term)
    }

    fn log_collision_probs(&self, term: Option<HeadTerm>, buffers: &mut RowBuffers) -> Result<Buf> {
        let rows = self.pass.plan.rows;
        let mut sums = Buf::zeros(rows, self.pass.engine.device())?;
        self.pass.engine.run(head::HeadCollisions {
            h: buffers.normed.read().view(),
            w: self.weights.head().operand(self.pass.params),
            stats: buffers.stats.view(),
            rows,
            dims: self.dims(),
            form: self.form(term, &buffers.head_term.hidden),
            sums: sums.view_mut(),
            logits: buffers.logits.view_mut(),
        })?;
        Ok(sums)
    }

    fn top_entropies(&self, term: Option<HeadTerm>, buffers: &mut RowBuffers) -> Result<Buf> {
        let (rows, device) = (self.pass.plan.rows, self.pass.engine.device());
        let mut entropies = Buf::zeros(rows, device)?;
        let mut top = Buf::zeros(head::LIKELIEST * rows, device)?;
        self.pass.engine.run(head::HeadEntropies {
            h: buffers.normed.read().view(),
            w: self.weights.head().operand(self.pass.params),
            rows,
            dims: self.dims(),
            form: self.form(term, &buffers.head_term.hidden),
            entropies: entropies.view_mut(),
            top: top.view_mut(),
            logits: buffers.logits.view_mut(),
        })?;
        Ok(entropies)
    }
}
