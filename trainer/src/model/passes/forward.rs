//! The forward pass over a whole model, from token ids to what is known of each row.
use super::rows::RowsForward;
use super::{DeviceScores, Embedding, EmbeddingBuffers};
use crate::error::Result;
use crate::model::balance::Balance;
use crate::model::context::PassContext;
use crate::model::routing::rule_of;
use crate::model::workspace::{Kept, RowBuffers};
use crate::model::{ForwardOptions, Keep, Model, Pass};
use crate::ops::act;
use crate::plan::DevicePlan;

impl Model {
    pub(super) fn forward_here(&mut self, plan: &DevicePlan, options: ForwardOptions) -> Result<DeviceScores> {
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
        // a pass between a kept one and its backward pass must leave what that one left as it is
        let between = !keeps && workspace.kept.is_some();
        let mut own = EmbeddingBuffers::new(engine)?;
        let buffers = if between { &mut own } else { &mut workspace.embedding };
        let embedding = Embedding { pass: &pass, weights };
        let noise = options.noise.map(|noise| (plan, noise));
        embedding.forward(x, noise, buffers, &mut workspace.scratch.linear)?;

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
                balance.add(engine, &saved.mlp.routing, indices.occurrences(), plan.tokens.len())?;
            }
        }

        let mut own = RowBuffers::new(engine)?;
        let buffers = if between { &mut own } else { &mut workspace.rows };
        let rows = RowsForward {
            pass: &pass,
            decoder,
            weights,
            options,
            unit_grad: keeps && !weights.head_trains(),
        };
        let value_head = value_head.as_mut().filter(|_| reads.pass == Pass::Policy);
        let aux_loss = balance.as_ref().map(|balance| balance.loss(engine));
        let scored = DeviceScores {
            aux_loss: aux_loss.transpose()?,
            ..rows.score(x, buffers, &mut workspace.scratch.linear, value_head)?
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
