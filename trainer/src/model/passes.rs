//! The passes over a whole model: forward over a plan, backward from one coefficient per row.
use super::balance::{self, Balance};
use super::block::{Env, Saved};
use super::weights::Weights;
use super::{Keep, Model, Pass, RowBuffers};
use crate::error::{Error, Result};
use crate::ops::norm::{self, Norm};
use crate::ops::rope::Table;
use crate::ops::{Buf, act, gather, head, noise, optimizer, run, scale};
use crate::plan::Plan;
use crate::tail::Tail;
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
    /// `ln sum_v p(v)^2`; empty unless [`Model::set_collisions`] asked for it
    pub collisions: Vec<f32>,
    /// entropy of the [`head::LIKELIEST`] likeliest tokens among themselves, in nats; empty unless
    /// [`Model::set_entropies`] asked for it
    pub entropies: Vec<f32>,
    /// the router's auxiliary loss, not yet weighed: of the policy's experts over a plan that holds whole rows
    pub aux_loss: Option<f64>,
}

/// The derivatives of a loss by what a forward pass gave.
#[derive(Clone, Copy, Debug, Default)]
pub struct Slopes<'a> {
    /// by the log-probability of each row
    pub logps: &'a [f32],
    /// by each row's value; empty for none
    pub values: &'a [f32],
    /// by the router's auxiliary loss
    pub aux_loss: f64,
}

/// What a forward pass left for the backward pass, beside the saved activations.
pub(super) struct Kept {
    tokens: usize,
    rows: usize,
    dropout_seed: Option<u64>,
    /// layers from the lowest that trains up to this one are recomputed
    recomputed: usize,
    balance: Option<Balance>,
}

impl Model {
    /// Log-probabilities of the plan's rows. With [`Keep::ForBackward`] (policy only) it also keeps what
    /// [`Model::backward`] needs; other passes that keep nothing may come between the two.
    pub fn forward(&mut self, plan: &Plan, pass: Pass, keep: Keep) -> Result<Scored> {
        self.check(plan)?;
        self.refresh()?;
        if keep == Keep::ForBackward {
            if pass == Pass::Reference || self.params.0.is_empty() {
                return Err(Error::internal("only a policy that trains has a backward pass"));
            }
            self.kept = None;
        }
        // one hop onto the thread pool for the whole pass, not one per operation
        rayon::scope(|_| self.forward_here(plan, pass, keep))
    }

    /// Adds to the gradients of all parameters. `coefficients[r]` is dLoss / dlogp of row `r`.
    pub fn backward(&mut self, plan: &Plan, coefficients: &[f32]) -> Result<()> {
        self.backward_by(
            plan,
            Slopes {
                logps: coefficients,
                ..Slopes::default()
            },
        )
    }

    /// The same of a loss on values or the router's balance too.
    pub fn backward_by(&mut self, plan: &Plan, slopes: Slopes) -> Result<()> {
        let kept = self
            .kept
            .take()
            .filter(|kept| kept.tokens == plan.tokens.len() && kept.rows == plan.rows.len())
            .ok_or_else(|| {
                Error::internal("backward without a forward pass over the same plan that kept its activations")
            })?;
        if slopes.logps.len() != plan.rows.len() || ![0, plan.rows.len()].contains(&slopes.values.len()) {
            return Err(Error::internal(format!(
                "{} coefficients for {} rows",
                slopes.logps.len(),
                plan.rows.len()
            )));
        }
        let mut grads = self.params.take_grads();
        let done = rayon::scope(|_| self.backward_here(plan, slopes, &kept, &mut grads));
        self.params.put_grads(grads);
        done
    }

    fn check(&mut self, plan: &Plan) -> Result<()> {
        let vocab = self.config.vocab_size as u32;
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
            let mut work = self.scratch.work(&self.params);
            for layer in &mut self.weights.layers {
                for linear in layer.linears_mut() {
                    linear.refresh(&mut work)?;
                }
            }
            self.stale = false;
        }
        Ok(())
    }

    /// Grows the rotary table to hold `positions`.
    pub(crate) fn reserve_positions(&mut self, positions: usize) -> Result<()> {
        if self.table.positions() < positions {
            let room = positions.next_power_of_two();
            self.table = Table::new(&self.config.rope_frequencies(), room, &self.device)?;
        }
        Ok(())
    }

    /// Makes room for passes over plans up to the size of this one, so that nothing grows later: memory given back in the
    /// middle of a run leaves holes. What a pass does not touch costs nothing.
    pub fn reserve(&mut self, largest: &Plan, keep: Keep) -> Result<()> {
        let (n, rows, hidden) = (largest.tokens.len(), largest.rows.len(), self.config.hidden_size);
        let keeps = keep == Keep::ForBackward;
        let recomputed = if keeps { self.layers_to_recompute(n) } else { 0 };
        let c = &self.config;
        let last = if keeps { c.layers - 1 } else { 0 };
        for (index, saved) in self.saved.iter_mut().take(last + 1).enumerate() {
            match index {
                _ if keeps && index < self.lowest => {}
                _ if index < recomputed => saved.x.fit(n * hidden).map(|_| ())?,
                _ => saved.reserve(c, n, &self.weights.layers[index])?,
            }
        }
        for layer in &self.weights.layers[..recomputed] {
            self.saved[c.layers].reserve(c, n, layer)?;
        }
        self.scratch.reserve(c, n, keep, &self.weights.layers)?;
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
        logits.fit(head::scratch_len(rows, c.vocab_size))?;
        Ok(())
    }

    /// Layers that train and lie below this one are recomputed in the backward pass so that the rest fits the budget.
    fn layers_to_recompute(&self, tokens: usize) -> usize {
        let rank = self.weights.layers.iter().flat_map(|layer| layer.linears());
        let rank = rank.filter_map(|linear| Some(linear.trained?.rank)).max().unwrap_or(0);
        let whole = Saved::bytes(&self.config, tokens, rank);
        let input = 4 * (tokens * self.config.hidden_size) as u64;
        let trained = self.config.layers - self.lowest;
        let spare = self.activation_budget.saturating_sub(trained as u64 * input);
        let fit = (spare / (whole - input).max(1)) as usize;
        self.config.layers - fit.min(trained)
    }

    fn forward_here(&mut self, plan: &Plan, pass: Pass, keep: Keep) -> Result<Scored> {
        let (n, rows, hidden) = (plan.tokens.len(), plan.rows.len(), self.config.hidden_size);
        let keeps = keep == Keep::ForBackward;
        let experts = self.config.experts.as_ref();
        let routes = experts.filter(|_| pass == Pass::Policy && !plan.occurrences.is_empty());
        let mut kept = Kept {
            tokens: n,
            rows,
            dropout_seed: self.dropout_seed.filter(|_| pass == Pass::Policy),
            recomputed: if keeps { self.layers_to_recompute(n) } else { 0 },
            balance: routes.map(|experts| Balance::new(experts.rule.experts)),
        };
        let unit_grad = keeps && self.weights.head().trained().is_none();
        let tail = Tail::of(plan);
        let policy = pass == Pass::Policy;
        let (collides, doubts) = (self.collisions && policy, self.entropies && policy);
        let (weights, params, pass) = match (pass, &self.following) {
            // the policy's own layers with the values of the copy that follows
            (Pass::Reference, Some(following)) => (&self.weights, following, Pass::Policy),
            (Pass::Reference, None) => (
                self.reference.as_ref().unwrap_or(&self.weights),
                &self.params,
                Pass::Reference,
            ),
            (Pass::Policy, _) => (&self.weights, &self.params, Pass::Policy),
        };
        let env = Env {
            config: &self.config,
            params,
            table: &self.table,
            positions: &plan.positions,
            groups: &plan.groups,
            tail: tail.as_ref(),
            pass,
            dropout_seed: kept.dropout_seed,
            balance: None,
        };
        let x = self.residual.fit(n * hidden)?;
        run(gather::Gather {
            table: weights.embed.operand(env.params),
            ids: &plan.tokens,
            y: x.view_mut(),
            width: hidden,
        })?;
        if let (Some(noise), true) = (self.noise, keeps) {
            for group in &plan.groups {
                let tokens: usize = group.iter().map(|segment| segment.len).sum();
                let first = group.iter().map(|segment| segment.query).min().unwrap_or(0);
                let magnitude = noise.alpha / ((tokens * hidden) as f64).sqrt();
                let at = first * hidden..(first + tokens) * hidden;
                run(noise::AddNoise {
                    x: x.view_mut(),
                    at,
                    magnitude: magnitude as f32,
                    seed: noise.seed,
                })?;
            }
        }
        let spare = self.config.layers;
        for (index, layer) in weights.layers.iter().enumerate() {
            // a pass that keeps nothing works in the first layer's place unless a kept pass waits there
            let place = match (keeps, self.kept.is_some()) {
                (true, _) if index >= kept.recomputed.max(self.lowest) => index,
                (true, _) | (false, true) => spare,
                (false, false) => 0,
            };
            if keeps && (self.lowest..kept.recomputed).contains(&index) {
                run(act::Copy {
                    from: x.view(),
                    to: self.saved[index].x.fit(n * hidden)?.view_mut(),
                    len: n * hidden,
                })?;
            }
            let keep = if place == index { keep } else { Keep::Nothing };
            layer.forward(&env, (index, keep), x, &mut self.saved[place], &mut self.scratch, None)?;
            if let (Some(balance), true) = (&mut kept.balance, layer.mlp.routes()) {
                balance.add(&self.saved[place].mlp.routing, &plan.occurrences);
            }
        }
        let aux_loss = kept.balance.as_ref().map(Balance::loss);

        // a pass between a kept one and its backward pass must leave the rows' buffers as they are
        let ids = outputs_of_rows(plan, tail.as_ref());
        let mut own = RowBuffers::new(&self.device)?;
        let buffers = if keeps || self.kept.is_none() {
            &mut self.rows
        } else {
            &mut own
        };
        run(gather::Gather {
            table: x.view().into(),
            ids: &ids,
            y: buffers.x.fit(rows * hidden)?.view_mut(),
            width: hidden,
        })?;
        let last = Norm {
            rows,
            width: hidden,
            epsilon: self.config.rms_norm_eps as f32,
        };
        let norm_weight = weights.norm.buf(env.params);
        run(norm::RmsNorm {
            x: buffers.x.view(),
            w: norm_weight.view(),
            y: buffers.normed.fit(rows * hidden)?.view_mut(),
            norm: last,
        })?;
        let dims = head::Dims {
            width: hidden,
            vocab: self.config.vocab_size,
        };
        let stats = buffers.stats.fit(head::STATS * rows)?;
        let logits = buffers.logits.fit(head::scratch_len(rows, dims.vocab))?;
        let unit = buffers.unit.fit(if unit_grad { rows * hidden } else { 0 })?;
        let head = weights.head().operand(env.params);
        run(head::Head {
            h: buffers.normed.view(),
            w: head,
            rows: &plan.rows,
            dims,
            stats: stats.view_mut(),
            unit: unit.view_mut(),
            logits: logits.view_mut(),
            unit_grad,
        })?;
        let values = match (&mut self.value_head, pass) {
            (Some(head), Pass::Policy) => {
                let seed = kept.dropout_seed;
                head.forward(env.params, &buffers.normed, (rows, hidden), seed, keep)?
            }
            _ => vec![],
        };
        let collisions = match collides {
            true => {
                let mut sums = Buf::zeros(rows, &self.device)?;
                run(head::HeadCollisions {
                    h: buffers.normed.view(),
                    w: head,
                    stats: stats.view(),
                    rows,
                    dims,
                    sums: sums.view_mut(),
                    logits: logits.view_mut(),
                })?;
                sums.to_vec(rows)?
            }
            false => vec![],
        };
        let entropies = match doubts {
            true => {
                let (mut of, mut top) = (
                    Buf::zeros(rows, &self.device)?,
                    Buf::zeros(head::LIKELIEST * rows, &self.device)?,
                );
                run(head::HeadEntropies {
                    h: buffers.normed.view(),
                    w: head,
                    rows,
                    dims,
                    entropies: of.view_mut(),
                    top: top.view_mut(),
                    logits: logits.view_mut(),
                })?;
                of.to_vec(rows)?
            }
            false => vec![],
        };
        if unit_grad {
            // through the last norm, into the buffer of its output, which is no longer needed
            run(norm::RmsNormBackward {
                x: buffers.x.view(),
                w: norm_weight.view(),
                dy: buffers.unit.view(),
                dx: buffers.normed.view_mut(),
                norm: last,
                accumulate: false,
            })?;
        }
        let mut logps = buffers.stats.to_vec(head::STATS * rows)?;
        let likeliest = logps.split_off(3 * rows);
        logps.truncate(2 * rows);
        let mean_logits = logps.split_off(rows);
        if keeps {
            self.kept = Some(kept);
        }
        Ok(Scored {
            logps,
            mean_logits,
            likeliest,
            values,
            collisions,
            entropies,
            aux_loss,
        })
    }

    fn backward_here(&mut self, plan: &Plan, slopes: Slopes, kept: &Kept, grads: &mut [Buf]) -> Result<()> {
        let (coefficients, by_value) = (slopes.logps, slopes.values);
        let (rows, hidden) = (plan.rows.len(), self.config.hidden_size);
        let tail = Tail::of(plan);
        let Weights {
            embed, layers, norm, ..
        } = &self.weights;
        let env = Env {
            config: &self.config,
            params: &self.params,
            table: &self.table,
            positions: &plan.positions,
            groups: &plan.groups,
            tail: tail.as_ref(),
            pass: Pass::Policy,
            dropout_seed: kept.dropout_seed,
            balance: kept.balance.as_ref().map(|balance| balance::Slopes {
                by_expert: balance.slopes(slopes.aux_loss),
                occurrences: &plan.occurrences,
            }),
        };
        let ids = outputs_of_rows(plan, tail.as_ref());
        let dx = &mut self.residual;
        let outputs = tail.as_ref().map_or(plan.tokens.len(), |tail| tail.tokens.len());
        run(optimizer::Fill {
            x: dx.view_mut(),
            value: 0.0,
            len: outputs * hidden,
        })?;
        let buffers = &mut self.rows;
        let last = Norm {
            rows,
            width: hidden,
            epsilon: self.config.rms_norm_eps as f32,
        };
        let from_values = match &mut self.value_head {
            Some(head) if !by_value.is_empty() => {
                Some(head.backward(env.params, by_value, hidden, kept.dropout_seed, grads)?)
            }
            _ => None,
        };
        if let Some(id) = self.weights.head().trained() {
            let dims = head::Dims {
                width: hidden,
                vocab: self.config.vocab_size,
            };
            let d_normed = buffers.unit.fit(rows * hidden)?;
            let head = self.weights.head().operand(env.params);
            run(head::HeadBackward {
                h: buffers.normed.view(),
                w: head,
                stats: buffers.stats.view(),
                rows: &plan.rows,
                coefficients,
                dims,
                dh: d_normed.view_mut(),
                dw: grads[id].view_mut(),
                logits: buffers.logits.view_mut(),
            })?;
            if let Some(gradient) = from_values {
                run(act::Add {
                    x: d_normed.view_mut(),
                    y: gradient.view(),
                    len: rows * hidden,
                })?;
            }
            if let Some(id) = norm.trained() {
                run(norm::RmsNormWeightGrad {
                    x: buffers.x.view(),
                    dy: d_normed.view(),
                    dw: grads[id].view_mut(),
                    norm: last,
                })?;
            }
            run(norm::RmsNormBackward {
                x: buffers.x.view(),
                w: norm.buf(env.params).view(),
                dy: d_normed.view(),
                dx: buffers.normed.view_mut(),
                norm: last,
                accumulate: false,
            })?;
            run(gather::ScatterAdd {
                rows: buffers.normed.view(),
                ids: &ids,
                factors: None,
                out: dx.view_mut(),
                width: hidden,
            })?;
        } else {
            if let Some(id) = norm.trained() {
                run(scale::ScaleRows {
                    y: buffers.unit.view_mut(),
                    factors: coefficients,
                    width: hidden,
                })?;
                run(norm::RmsNormWeightGrad {
                    x: buffers.x.view(),
                    dy: buffers.unit.view(),
                    dw: grads[id].view_mut(),
                    norm: last,
                })?;
            }
            run(gather::ScatterAdd {
                rows: buffers.normed.view(),
                ids: &ids,
                factors: Some(coefficients),
                out: dx.view_mut(),
                width: hidden,
            })?;
            if let Some(gradient) = from_values {
                if let Some(id) = norm.trained() {
                    run(norm::RmsNormWeightGrad {
                        x: buffers.x.view(),
                        dy: gradient.view(),
                        dw: grads[id].view_mut(),
                        norm: last,
                    })?;
                }
                run(norm::RmsNormBackward {
                    x: buffers.x.view(),
                    w: norm.buf(env.params).view(),
                    dy: gradient.view(),
                    dx: buffers.normed.view_mut(),
                    norm: last,
                    accumulate: false,
                })?;
                run(gather::ScatterAdd {
                    rows: buffers.normed.view(),
                    ids: &ids,
                    factors: None,
                    out: dx.view_mut(),
                    width: hidden,
                })?;
            }
        }

        let spare = self.config.layers;
        for (index, layer) in layers.iter().enumerate().skip(self.lowest).rev() {
            let mut place = index;
            if index < kept.recomputed {
                place = spare;
                let (below, top) = self.saved.split_at_mut(spare);
                // the input is recomputed from in place: it is not needed after
                let x = &mut below[index].x;
                layer.forward(
                    &env,
                    (index, Keep::ForBackward),
                    x,
                    &mut top[0],
                    &mut self.scratch,
                    None,
                )?;
            }
            let input_grad = index > self.lowest || embed.trained().is_some();
            let saved = &mut self.saved[place];
            layer.backward(&env, index, dx, saved, &mut self.scratch, (&mut *grads, input_grad))?;
        }
        if let Some(id) = embed.trained() {
            run(gather::ScatterAdd {
                rows: dx.view(),
                ids: &plan.tokens,
                factors: None,
                out: grads[id].view_mut(),
                width: hidden,
            })?;
        }
        Ok(())
    }
}

/// For each row of the plan, the place of the hidden state that predicts it among the last layer's outputs.
fn outputs_of_rows(plan: &Plan, tail: Option<&Tail>) -> Vec<u32> {
    match tail {
        Some(tail) => tail.rows.clone(),
        None => plan.rows.iter().map(|row| row.hidden).collect(),
    }
}
