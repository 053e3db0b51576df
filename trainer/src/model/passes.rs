//! The passes over a whole model: forward over a plan, backward from one coefficient per row.
mod backward;
mod forward;

use super::balance::Balance;
use super::room::Saved;
use super::rotary::RotaryTables;
use super::{ForwardOptions, Model, Pass, RowBuffers};
use crate::error::{Error, Result};
use crate::ops::head;
use crate::plan::{DevicePlan, Plan};
use protocol::says;

/// What a forward pass gives, per row of the plan.
#[derive(Clone, Debug, Default)]
pub struct Scored {
    /// log p(target), natural logarithm
    pub logps: Vec<f32>,
    /// the row's logits averaged over the vocabulary
    pub mean_logits: Vec<f32>,
    /// what the value head says of the hidden state that predicts the row; empty without one
    pub values: Vec<f32>,
    /// Log-probabilities of the likeliest tokens: the target's own where it is the one.
    pub likeliest: Vec<f32>,
    /// `ln sum_v p(v)^2`; empty unless it was asked for
    pub log_collision_probs: Vec<f32>,
    /// entropy of the [`head::LIKELIEST`] likeliest tokens among themselves, in nats; empty unless it was
    /// asked for
    pub entropies: Vec<f32>,
    /// the router's auxiliary loss, not yet weighed: of the policy's experts over a plan that holds whole rows
    pub aux_loss: Option<f64>,
}

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

/// What a forward pass left for the backward pass, beside the saved activations.
pub(super) struct Kept {
    tokens: usize,
    rows: usize,
    indices: DevicePlan,
    dropout_seed: Option<u64>,
    /// layers from the lowest that trains up to this one are recomputed
    recomputed: usize,
    balance: Option<Balance>,
}

impl Model {
    /// Log-probabilities of the plan's rows. With [`Keep::ForBackward`] (policy only) it also keeps what
    /// [`Model::backward`] needs; other passes that keep nothing may come between the two.
    pub fn forward(&mut self, plan: &Plan, options: ForwardOptions) -> Result<Scored> {
        self.check(plan)?;
        self.refresh()?;
        if options.keeps() {
            if options.weights == Pass::Reference || self.params.0.is_empty() {
                return Err(Error::internal("only a policy that trains has a backward pass"));
            }
            self.kept = None;
        }
        // one hop write the thread pool for the whole pass, not one per operation
        rayon::scope(|_| self.forward_here(plan, options))
    }

    /// Adds to the gradients of all parameters.
    pub fn backward(&mut self, plan: &Plan, loss: LossGrads) -> Result<()> {
        let kept = self
            .kept
            .take()
            .filter(|kept| kept.tokens == plan.tokens.len() && kept.rows == plan.rows.len())
            .ok_or_else(|| {
                Error::internal("backward without a forward pass over the same plan that kept its activations")
            })?;
        if loss.d_logp.len() != plan.rows.len() || ![0, plan.rows.len()].contains(&loss.d_value.len()) {
            return Err(Error::internal(format!(
                "{} derivatives for {} rows",
                loss.d_logp.len(),
                plan.rows.len()
            )));
        }
        let mut grads = self.params.take_grads();
        let done = rayon::scope(|_| self.backward_here(plan, loss, &kept, &mut grads));
        self.params.put_grads(grads);
        done
    }

    fn check(&mut self, plan: &Plan) -> Result<()> {
        let vocab = self.config.vocabulary() as u32;
        let ids = plan
            .tokens
            .iter()
            .copied()
            .chain(plan.rows.iter().map(|row| row.target));
        if let Some(id) = ids.into_iter().find(|&id| id >= vocab) {
            return Err(Error::invalid(says::outside_vocabulary(id, vocab)));
        }
        let last = plan.positions.iter().max().map_or(0, |&p| p as usize + 1);
        self.reserve_positions(last)
    }

    /// Works out anew what follows from the parameters, after they may have changed.
    pub(super) fn refresh(&mut self) -> Result<()> {
        if self.stale {
            let mut ctx = self.scratch.context(&self.engine, &self.params);
            for layer in &mut self.weights.layers {
                for linear in layer.linears_mut() {
                    linear.refresh(&mut ctx)?;
                }
            }
            self.stale = false;
        }
        Ok(())
    }

    /// Grows the rotary table to hold `positions`.
    pub(crate) fn reserve_positions(&mut self, positions: usize) -> Result<()> {
        if self.rotary.positions() < positions {
            let room = positions.next_power_of_two();
            self.rotary = RotaryTables::new(&self.config.decoder, room, self.engine.device())?;
        }
        Ok(())
    }

    /// Makes room for passes over plans up to the size of this one, so that nothing grows later: memory given back in the
    /// middle of a run leaves holes. What a pass does not touch costs nothing.
    pub fn reserve(&mut self, largest: &Plan, options: ForwardOptions) -> Result<()> {
        let (n, rows, hidden) = (largest.tokens.len(), largest.rows.len(), self.config.decoder.hidden);
        let keeps = options.keeps();
        let recomputed = self.layers_to_recompute(n, options);
        let (c, decoder) = (&self.config, &self.config.decoder);
        let last = if keeps { c.layers() - 1 } else { 0 };
        for (index, saved) in self.saved.iter_mut().take(last + 1).enumerate() {
            match index {
                _ if keeps && index < self.lowest => {}
                _ if index < recomputed => saved.x.fit(n * hidden).map(|_| ())?,
                _ => saved.reserve(decoder, index, n, &self.weights.layers[index])?,
            }
        }
        for (index, layer) in self.weights.layers[..recomputed].iter().enumerate() {
            self.saved[c.layers()].reserve(decoder, index, n, layer)?;
        }
        self.scratch.reserve(decoder, n, options.keep, &self.weights.layers)?;
        self.residual.fit(n * hidden)?;
        let RowBuffers {
            x,
            normed,
            unit,
            stats,
            logits,
        } = &mut self.rows;
        for buf in [x, normed] {
            buf.fit(rows * hidden)?;
        }
        unit.fit(if keeps { rows * hidden } else { 0 })?;
        stats.fit(head::STATS * rows)?;
        logits.fit(head::scratch_len(rows, c.vocabulary()))?;
        Ok(())
    }

    /// Layers that train and lie below this one are recomputed in the backward pass, so that the rest fits the memory for
    /// saved activations.
    fn layers_to_recompute(&self, tokens: usize, options: ForwardOptions) -> usize {
        if !options.keeps() {
            return 0;
        }
        let memory = options.activation_memory.unwrap_or(self.activation_memory);
        let rank = self.weights.layers.iter().flat_map(|layer| layer.linears());
        let rank = rank.map(|linear| linear.adapter.rank()).max().unwrap_or(0);
        let whole = Saved::bytes(&self.config.decoder, tokens, rank);
        let input = 4 * (tokens * self.config.decoder.hidden) as u64;
        let trained = self.config.layers() - self.lowest;
        let spare = memory.saturating_sub(trained as u64 * input);
        let fit = (spare / (whole - input).max(1)) as usize;
        self.config.layers() - fit.min(trained)
    }
}
