//! The forward pass over a whole model, from token ids to what is known of each row.
use super::{Kept, Scored};
use crate::error::Result;
use crate::model::balance::Balance;
use crate::model::block::Env;
use crate::model::norm::norm_of;
use crate::model::routing::rule_of;
use crate::model::{ForwardOptions, Keep, Model, Pass, RowBuffers};
use crate::ops::norm;
use crate::ops::{Buf, Write, act, gather, head, noise};
use crate::plan::{DevicePlan, Plan};

impl Model {
    pub(super) fn forward_here(&mut self, plan: &Plan, options: ForwardOptions) -> Result<Scored> {
        let (n, rows, hidden) = (plan.tokens.len(), plan.rows.len(), self.config.decoder.hidden);
        let keeps = options.keeps();
        let policy = options.weights == Pass::Policy;
        let experts = self.config.decoder.experts();
        let routes = experts.filter(|_| policy && !plan.occurrences.is_empty());
        let dropout_seed = options.dropout_seed.filter(|_| policy);
        let recomputed = self.layers_to_recompute(n, options);
        let mut balance = routes
            .map(|experts| Balance::new(&self.engine, rule_of(experts)))
            .transpose()?;
        let unit_grad = keeps && self.weights.head().trained().is_none();
        let indices = DevicePlan::new(&self.engine, plan)?;
        let (weights, params, pass) = match (options.weights, &self.synced_reference) {
            // the policy's own layers with the values of its synced copy
            (Pass::Reference, Some(synced)) => (&self.weights, synced, Pass::Policy),
            (Pass::Reference, None) => (
                self.reference.as_ref().unwrap_or(&self.weights),
                &self.params,
                Pass::Reference,
            ),
            (Pass::Policy, _) => (&self.weights, &self.params, Pass::Policy),
        };
        let env = Env {
            engine: &self.engine,
            decoder: &self.config.decoder,
            params,
            rotary: &self.rotary,
            plan: &indices,
            pass,
            dropout_seed,
            balance: None,
        };
        let x = self.residual.fit(n * hidden)?;
        self.engine.run(gather::Gather {
            table: weights.embed.operand(env.params),
            ids: indices.ids.view(),
            y: x.view_mut(),
            count: n,
            width: hidden,
        })?;
        if let Some(noise) = options.noise {
            for group in &plan.groups {
                let tokens: usize = group.iter().map(|segment| segment.len).sum();
                let first = group.iter().map(|segment| segment.query).min().unwrap_or(0);
                let magnitude = noise.alpha / ((tokens * hidden) as f64).sqrt();
                let at = first * hidden..(first + tokens) * hidden;
                self.engine.run(noise::AddNoise {
                    x: x.view_mut(),
                    at,
                    magnitude: magnitude as f32,
                    seed: noise.seed,
                })?;
            }
        }
        let spare = self.config.layers();
        for (index, layer) in weights.layers.iter().enumerate() {
            // a pass that keeps nothing works in the first layer's place unless a kept pass waits there
            let place = match (keeps, self.kept.is_some()) {
                (true, _) if index >= recomputed.max(self.lowest) => index,
                (true, _) | (false, true) => spare,
                (false, false) => 0,
            };
            if keeps && (self.lowest..recomputed).contains(&index) {
                self.engine.run(act::Copy {
                    from: x.view(),
                    to: self.saved[index].x.fit(n * hidden)?.view_mut(),
                    len: n * hidden,
                })?;
            }
            let keep = if place == index { options.keep } else { Keep::Nothing };
            layer.forward(&env, (index, keep), x, &mut self.saved[place], &mut self.scratch, None)?;
            if let (Some(balance), true) = (&mut balance, layer.mlp.routes()) {
                balance.add(&self.engine, &self.saved[place].mlp.routing, &indices.occurrences, n)?;
            }
        }
        let aux_loss = balance.as_ref().map(Balance::loss).transpose()?;

        // a pass between a kept one and its backward pass must leave the rows' buffers as they are
        let mut own = RowBuffers::new(self.engine.device())?;
        let buffers = if keeps || self.kept.is_none() {
            &mut self.rows
        } else {
            &mut own
        };
        self.engine.run(gather::Gather {
            table: x.view().into(),
            ids: indices.predictors.view(),
            y: buffers.x.fit(rows * hidden)?.view_mut(),
            count: rows,
            width: hidden,
        })?;
        let last = norm_of(&self.config.decoder.norm, rows, hidden);
        let norm_weight = weights.norm.buf(env.params);
        self.engine.run(norm::RmsNorm {
            x: buffers.x.view(),
            w: norm_weight.view(),
            y: buffers.normed.fit(rows * hidden)?.view_mut(),
            norm: last,
        })?;
        let dims = head::Dims {
            width: hidden,
            vocab: self.config.vocabulary(),
        };
        let stats = buffers.stats.fit(head::STATS * rows)?;
        let logits = buffers.logits.fit(head::scratch_len(rows, dims.vocab))?;
        let unit = buffers.unit.fit(if unit_grad { rows * hidden } else { 0 })?;
        let head = weights.head().operand(env.params);
        self.engine.run(head::Head {
            h: buffers.normed.view(),
            w: head,
            targets: indices.targets.view(),
            rows,
            dims,
            stats: stats.view_mut(),
            unit: unit.view_mut(),
            logits: logits.view_mut(),
            unit_grad,
        })?;
        let values = match (&mut self.value_head, pass) {
            (Some(head), Pass::Policy) => {
                let seed = dropout_seed;
                head.forward(
                    env.engine,
                    env.params,
                    &buffers.normed,
                    (rows, hidden),
                    seed,
                    options.keep,
                )?
            }
            _ => vec![],
        };
        let log_collision_probs = match options.log_collision_probs {
            true => {
                let mut sums = Buf::zeros(rows, self.engine.device())?;
                self.engine.run(head::HeadCollisions {
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
        let entropies = match options.entropies {
            true => {
                let (mut of, mut top) = (
                    Buf::zeros(rows, self.engine.device())?,
                    Buf::zeros(head::LIKELIEST * rows, self.engine.device())?,
                );
                self.engine.run(head::HeadEntropies {
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
            self.engine.run(norm::RmsNormBackward {
                x: buffers.x.view(),
                w: norm_weight.view(),
                dy: buffers.unit.view(),
                dx: buffers.normed.view_mut(),
                norm: last,
                write: Write::Overwrite,
            })?;
        }
        let mut logps = buffers.stats.to_vec(head::STATS * rows)?;
        let likeliest = logps.split_off(3 * rows);
        logps.truncate(2 * rows);
        let mean_logits = logps.split_off(rows);
        if keeps {
            self.kept = Some(Kept {
                tokens: n,
                rows,
                indices,
                dropout_seed,
                recomputed,
                balance,
            });
        }
        Ok(Scored {
            logps,
            mean_logits,
            likeliest,
            values,
            log_collision_probs,
            entropies,
            aux_loss,
        })
    }
}
