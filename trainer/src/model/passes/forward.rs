//! The forward pass over a whole model, from token ids to what is known of each row.
use super::Scored;
use super::rows::RowsForward;
use crate::error::Result;
use crate::model::balance::Balance;
use crate::model::context::PassContext;
use crate::model::routing::rule_of;
use crate::model::weights::Weights;
use crate::model::workspace::{Kept, RowBuffers};
use crate::model::{ForwardOptions, Keep, Model, Noise, Pass};
use crate::ops::{Buf, act, gather, noise};
use crate::plan::{DevicePlan, Plan};

impl Model {
    pub(super) fn forward_here(&mut self, plan: &DevicePlan, options: ForwardOptions) -> Result<Scored> {
        let DevicePlan { host: plan, indices } = plan;
        let recomputed = self.layers_to_recompute(plan.tokens.len(), options);
        let Self {
            engine,
            decoder,
            trained,
            value_head,
            workspace,
        } = self;
        let (keeps, policy) = (options.keeps(), options.weights == Pass::Policy);
        let dropout_seed = options.dropout_seed.filter(|_| policy);
        let reads = trained.read_in(options.weights, decoder);
        let weights = reads.weights;
        let pass = PassContext {
            engine,
            decoder: decoder.spec(),
            params: reads.params,
            positions: &decoder.positions,
            plan: indices,
            pass: reads.pass,
            dropout_seed,
            balance: None,
        };
        // where blocks work that save nothing
        let spare = if keeps { decoder.layers() } else { workspace.spare() };
        let x = workspace.hidden_states.fit(plan.tokens.len() * decoder.hidden())?;
        embed(&pass, weights, x, decoder.hidden())?;
        if let Some(noise) = options.noise {
            add_noise(&pass, plan, noise, x, decoder.hidden())?;
        }

        let experts = decoder.spec().experts();
        let routes = experts.filter(|_| policy && !plan.occurrences.is_empty());
        let mut balance = routes
            .map(|experts| Balance::new(engine, rule_of(experts)))
            .transpose()?;
        for (index, layer) in weights.layers.iter().enumerate() {
            let saves = keeps && index >= recomputed.max(trained.first_block);
            if keeps && (trained.first_block..recomputed).contains(&index) {
                let len = plan.tokens.len() * decoder.hidden();
                engine.run(act::Copy {
                    from: x.view(),
                    to: workspace.saved[index].x.fit(len)?.view_mut(),
                    len,
                })?;
            }
            let (place, keep) = match saves {
                true => (index, Keep::ForBackward),
                false => (spare, Keep::Nothing),
            };
            let saved = &mut workspace.saved[place];
            layer.forward(pass.block(index), keep, x, saved, &mut workspace.scratch, None)?;
            if let (Some(balance), true) = (&mut balance, layer.mlp.routes()) {
                balance.add(engine, &saved.mlp.routing, &indices.occurrences, plan.tokens.len())?;
            }
        }

        // a pass between a kept one and its backward pass must leave the rows' buffers as they are
        let mut own = RowBuffers::new(engine)?;
        let buffers = match keeps || workspace.kept.is_none() {
            true => &mut workspace.rows,
            false => &mut own,
        };
        let rows = RowsForward {
            pass: &pass,
            decoder,
            weights,
            options,
            unit_grad: keeps && weights.head().trained().is_none(),
        };
        let value_head = value_head.as_mut().filter(|_| reads.pass == Pass::Policy);
        let scored = Scored {
            aux_loss: balance.as_ref().map(Balance::loss).transpose()?,
            ..rows.score(x, buffers, value_head)?
        };
        if keeps {
            workspace.kept = Some(Kept {
                tokens: indices.tokens(),
                rows: indices.rows,
                dropout_seed,
                recomputed,
                balance,
            });
        }
        Ok(scored)
    }
}

/// The tokens' embeddings, `[tokens, width]`.
pub fn embed(pass: &PassContext, weights: &Weights, x: &mut Buf, width: usize) -> Result<()> {
    pass.engine.run(gather::Gather {
        table: weights.embed.operand(pass.params),
        ids: pass.plan.ids(),
        y: x.view_mut(),
        count: pass.plan.tokens(),
        width,
    })
}

fn add_noise(pass: &PassContext, plan: &Plan, noise: Noise, x: &mut Buf, width: usize) -> Result<()> {
    for group in &plan.groups {
        let tokens: usize = group.iter().map(|segment| segment.len).sum();
        let first = group.iter().map(|segment| segment.query).min().unwrap_or(0);
        let magnitude = noise.alpha / ((tokens * width) as f64).sqrt();
        pass.engine.run(noise::AddNoise {
            x: x.view_mut(),
            at: first * width..(first + tokens) * width,
            magnitude: magnitude as f32,
            seed: noise.seed,
        })?;
    }
    Ok(())
}
