//! The passes over a whole model: forward over a plan, backward from one coefficient per row.
mod backward;
mod embedding;
mod forward;
mod projection;
mod rows;
mod scored;

pub(super) use embedding::{Embedding, EmbeddingBuffers};
pub(super) use projection::ProjectionBuffers;
pub use scored::{DeviceScores, Scored};

use super::rotary::Texts;
use super::{ForwardOptions, Mode, Model, Pass};
use crate::error::{Error, Result};
use crate::plan::{DevicePlan, Plan};
use protocol::{memory, says};

/// The derivatives of a loss by what a forward pass gave.
#[derive(Clone, Copy, Debug, Default)]
pub struct LossGrads<'a> {
    /// by the log-probability of each row
    pub d_logp: &'a [f32],
    /// by each row's value; empty for none
    pub d_value: &'a [f32],
    /// by the router's auxiliary loss
    pub d_aux_loss: f64,
}

impl<'a> LossGrads<'a> {
    /// Of a loss of log-probabilities alone.
    pub fn of_logps(d_logp: &'a [f32]) -> Self {
        Self {
            d_logp,
            ..Self::default()
        }
    }
}

impl Model {
    /// Log-probabilities of the plan's rows. With [`Keep::ForBackward`] (policy only) it also keeps what
    /// [`Model::backward`] needs; other passes that keep nothing may come between the two.
    pub fn forward(&mut self, plan: &DevicePlan, options: ForwardOptions) -> Result<Scored> {
        self.forward_on_device(plan, options)?.read()
    }

    /// The same, left on the device: what several passes gave is read with one wait.
    pub fn forward_on_device(&mut self, plan: &DevicePlan, options: ForwardOptions) -> Result<DeviceScores> {
        self.check(&plan.host, options.mode)?;
        self.refresh()?;
        if options.keeps() {
            let trains = options.weights == Pass::Policy && options.mode == Mode::Training;
            if !trains || self.trained.params.0.is_empty() {
                return Err(Error::internal("only a policy that trains has a backward pass"));
            }
            self.workspace.kept = None;
        }
        // one hop onto the thread pool for the whole pass, not one per operation
        rayon::scope(|_| self.forward_here(plan, options))
    }

    /// Adds to the gradients of all parameters.
    pub fn backward(&mut self, plan: &DevicePlan, loss: LossGrads) -> Result<()> {
        let rows = plan.indices.rows;
        let kept = self
            .workspace
            .kept
            .take()
            .filter(|kept| kept.tokens == plan.indices.tokens() && kept.rows == rows)
            .ok_or_else(|| {
                Error::internal("backward without a forward pass over the same plan that kept its activations")
            })?;
        if loss.d_logp.len() != rows || ![0, rows].contains(&loss.d_value.len()) {
            return Err(Error::internal(format!(
                "{} derivatives for {rows} rows",
                loss.d_logp.len()
            )));
        }
        // passes in between may have been over other rows
        self.fit_positions_of(&plan.host, Mode::Training)?;
        let mut grads = self.trained.params.take_grads(&self.engine)?;
        let done = rayon::scope(|_| self.backward_here(&plan.indices, loss, &kept, &mut grads));
        self.trained.params.put_grads(&self.engine, grads)?;
        done
    }

    /// Tokens past which rows turn by their own length, in passes of [`Mode::Inference`].
    pub fn turns_past(&self) -> Option<usize> {
        self.decoder.spec().turns_past()
    }

    fn check(&mut self, plan: &Plan, mode: Mode) -> Result<()> {
        let vocab = self.decoder.vocabulary() as u32;
        let ids = plan
            .tokens
            .iter()
            .copied()
            .chain(plan.rows.iter().map(|row| row.target));
        if let Some(id) = ids.into_iter().find(|&id| id >= vocab) {
            return Err(Error::invalid(says::outside_vocabulary(id, vocab)));
        }
        let turns_past = match mode {
            Mode::Training => None,
            Mode::Inference => self.turns_past(),
        };
        if plan.turns_past() != turns_past.filter(|&past| plan.longest() > past) {
            let past = plan.turns_past().into_iter().chain(turns_past).min();
            return Err(Error::invalid(says::turned_apart(past.unwrap_or(0))));
        }
        self.fit_positions_of(plan, mode)
    }

    /// Works out anew what follows from the parameters, after they may have changed.
    pub(super) fn refresh(&mut self) -> Result<()> {
        if self.trained.stale {
            self.trained.params.refresh(&self.engine)?;
            let mut ctx = self.workspace.scratch.context(&self.engine, &self.trained.params);
            for linear in self.decoder.weights.linears_mut() {
                linear.refresh(&mut ctx)?;
            }
            self.trained.stale = false;
        }
        Ok(())
    }

    /// Makes the tables of positions those of a plan.
    fn fit_positions_of(&mut self, plan: &Plan, mode: Mode) -> Result<()> {
        let last = plan.positions.iter().max().map_or(0, |&p| p as usize + 1);
        let longest = plan.longest().max(last);
        self.fit_positions(last, Texts::of(mode, longest))?;
        Ok(())
    }

    /// The same of a sequence in a cache with room for more. Whether queries and keys turn otherwise than before.
    ///
    /// # Errors
    /// The model has learned fewer positions.
    pub(crate) fn fit_positions(&mut self, room: usize, texts: Texts) -> Result<bool> {
        if let Some(learned) = &self.decoder.spec().embedding.positions
            && texts.longest > learned.count
        {
            return Err(Error::invalid(says::past_learned_positions(
                texts.longest,
                learned.count,
            )));
        }
        self.decoder.fit_positions(&self.engine, room, texts)
    }

    /// Makes room for passes over plans up to the size of this one, so that nothing grows later: memory given back in the
    /// middle of a run leaves holes. What a pass does not touch costs nothing.
    pub fn reserve(&mut self, largest: &Plan, options: ForwardOptions) -> Result<()> {
        self.fit_positions_of(largest, options.mode)?;
        let recomputed = self.layers_to_recompute(largest.tokens.len(), options);
        let Self {
            decoder,
            trained,
            workspace,
            ..
        } = self;
        let (n, hidden, keeps) = (largest.tokens.len(), decoder.hidden(), options.keeps());
        let layers = &decoder.weights.layers;
        let (places, spare) = (if keeps { layers.len() } else { 0 }, workspace.spare());
        if !keeps && let Some(layer) = layers.first() {
            workspace.saved[spare].reserve(decoder.spec(), 0, n, layer)?;
        }
        for (index, saved) in workspace.saved.iter_mut().take(places).enumerate() {
            match index {
                _ if index < trained.first_block => {}
                _ if index < recomputed => saved.x.fit(n * hidden).map(|_| ())?,
                _ => saved.reserve(decoder.spec(), index, n, &layers[index])?,
            }
        }
        // those below what trains keep nothing there
        let again = layers.iter().enumerate().take(recomputed).skip(trained.first_block);
        for (index, layer) in again {
            workspace.saved[layers.len()].reserve(decoder.spec(), index, n, layer)?;
        }
        workspace.scratch.reserve(decoder.spec(), n, options.keep, layers)?;
        workspace.hidden_states.fit(n * hidden)?;
        let (rows, width) = (largest.rows.len(), decoder.table_width());
        if let Some(linear) = decoder.weights.adapted_head() {
            workspace
                .rows
                .head_term
                .reserve(rows, width, linear.adapter.lora(), keeps)?;
        }
        workspace.rows.reserve(rows, decoder.spec(), keeps)
    }

    /// Layers that train and lie below this one are recomputed in the backward pass, so that the rest fits the memory for
    /// saved activations.
    fn layers_to_recompute(&self, tokens: usize, options: ForwardOptions) -> usize {
        if !options.keeps() {
            return 0;
        }
        let memory = options.activation_memory.unwrap_or(self.workspace.activation_memory);
        let rank = self
            .decoder
            .weights
            .linears()
            .map(|linear| linear.adapter.rank())
            .max()
            .unwrap_or(0);
        let each = self.engine.compute().size_in_bytes() as f64;
        let first = self.trained.first_block;
        let trained = self.decoder.layers() - first;
        let ranks = |_| rank;
        first + memory::recomputed(self.decoder.spec(), trained, &ranks, tokens as f64, each, memory as f64)
    }
}
