//! Evaluation on held-out rows: the method's own loss and metrics, and the preference scores that are alike for all.

use crate::batch;
use crate::data::Dataset;
use crate::error::Result;
use crate::loss::{self, Running};
use crate::model::{Mode, Model};
use crate::pairs::Recording;
use crate::plan::{DevicePlan, Extent, Layout};
use crate::reference::{Reference, Split};
use crate::stage::{self, Evaluation, ScoredBatch};
use protocol::config::Method;
use protocol::metric::eval_name;
use std::collections::BTreeMap;

/// What an evaluation works on.
pub struct EvalSet<'a> {
    pub dataset: &'a Dataset,
    pub method: &'a Method,
    /// Rows in a batch.
    pub batch: usize,
    pub running: Running,
    /// The weight of the router's auxiliary loss, where it counts.
    pub router_loss: Option<f64>,
}

/// Means over all rows: `eval_loss`, `eval_rewards/…` and their like, and `preference/*` where the rows are pairs.
/// `tick` is told how many rows are done; an error it gives ends the evaluation. `recording` is given each pair.
pub fn evaluate(
    held: &EvalSet,
    model: &mut Model,
    reference: &mut Reference,
    recording: Option<&mut Recording>,
    mut tick: impl FnMut(usize) -> Result<()>,
) -> Result<BTreeMap<String, f64>> {
    let mut evaluation = Evaluation::new(recording);
    let layout = Layout {
        extent: Extent::with_router_loss(held.router_loss),
        turns_past: model.turns_past(),
    };
    let all: Vec<usize> = (0..held.dataset.len()).collect();
    let mut done = 0;
    for rows in all.chunks(held.batch) {
        let examples = held.dataset.read(rows)?;
        let plan = DevicePlan::new(model.engine(), batch::plan(&examples, layout)?)?;
        let stage = stage::evaluating(held.method, &examples)?;
        let reference = reference.scores(model, &plan, Split::Eval, rows)?;
        let policy = model.forward_on_device(&plan, stage.scoring().within(Mode::Inference))?;
        let (scored, reference) = reference.read_with(policy, &plan.host)?;
        let batch = ScoredBatch {
            examples: &examples,
            plan: &plan.host,
            scored: &scored,
            reference: reference.as_ref(),
            tokens: batch::counted(&examples),
        };
        let found = stage.loss(&batch, &held.running)?;
        let weight = rows.len() as f64;
        let aux_loss = scored.aux_loss.unwrap_or(0.0);
        let of_router = held.router_loss.map_or(0.0, |weight| weight * aux_loss);
        let means = &mut evaluation.means;
        means.add(&eval_name("loss"), found.loss + of_router, weight);
        if scored.aux_loss.is_some() {
            means.add(&eval_name("aux_loss"), aux_loss, weight);
        }
        for (name, &value) in &found.values {
            means.add(&eval_name(name), value, weight);
        }
        for value in found.weighted {
            means.add(&eval_name(value.name), value.mean, value.weight);
        }
        stage.evaluate(&batch, &mut evaluation)?;
        done += rows.len();
        tick(done)?;
    }
    let mut values = evaluation.means.take();
    loss::add_margins(&mut values, eval_name);
    Ok(values)
}
