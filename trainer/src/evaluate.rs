//! Evaluation on held-out rows: the method's own loss and metrics, and the preference scores that are alike for all.

use crate::batch;
use crate::data::Examples;
use crate::error::Result;
use crate::loss::{self, BatchLoss, Means, RefLogps, ScoredPair, Side};
use crate::model::{Keep, Model, Pass, Scored};
use crate::plan::Plan;
use crate::reference::{Reference, Split};
use protocol::config::{Method, Preference};
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// What scores a batch: the loss, with what it is divided by.
#[derive(Debug, Clone, Copy)]
pub enum Objective<'a> {
    Preference(&'a Preference),
    /// Cross entropy over this many tokens.
    Supervised {
        tokens: usize,
    },
}

impl<'a> Objective<'a> {
    pub fn new(method: &'a Method, tokens: usize) -> Self {
        match method {
            Method::Preference(preference) => Self::Preference(preference),
            Method::Pretrain | Method::Supervised { .. } => Self::Supervised { tokens },
        }
    }

    /// The loss of a scored batch. Pairs under cross entropy count with their chosen side.
    pub fn loss(self, examples: &Examples, plan: &Plan, scored: &Scored, reference: Option<&[RefLogps]>) -> BatchLoss {
        match (self, examples) {
            (Self::Preference(spec), _) => loss::preference(spec, &pairs(plan, scored, reference)),
            (Self::Supervised { tokens }, Examples::Sequences(_)) => loss::supervised(&scored.logps, tokens),
            (Self::Supervised { tokens }, Examples::Pairs(_)) => {
                let chosen: Vec<f32> = pairs(plan, scored, None)
                    .iter()
                    .flat_map(|p| p.chosen.logps)
                    .copied()
                    .collect();
                loss::supervised(&chosen, tokens)
            }
        }
    }
}

/// The pairs of a plan with what the model and the reference gave them.
pub fn pairs<'a>(plan: &Plan, scored: &'a Scored, reference: Option<&[RefLogps]>) -> Vec<ScoredPair<'a>> {
    let side = |sequence| {
        let rows = plan.sequence_rows(sequence);
        Side {
            logps: &scored.logps[rows.clone()],
            mean_logits: &scored.mean_logits[rows],
        }
    };
    (0..plan.sequence_count() / 2)
        .map(|i| ScoredPair {
            chosen: side(2 * i),
            rejected: side(2 * i + 1),
            reference: reference.map(|r| r[i]),
        })
        .collect()
}

/// What an evaluation works on.
pub struct Held<'a> {
    pub examples: &'a Examples,
    pub method: &'a Method,
    /// Rows in a batch.
    pub batch: usize,
}

/// Means over all rows: `eval_loss`, `eval_rewards/…` and their like, and `preference/*` where the rows are pairs.
/// `tick` is told how many rows are done and may end it early: then there is no result.
pub fn evaluate(
    held: &Held,
    model: &mut Model,
    reference: &mut Reference,
    mut tick: impl FnMut(usize) -> Result<ControlFlow<()>>,
) -> Result<Option<BTreeMap<String, f64>>> {
    let mut means = Means::default();
    let all: Vec<usize> = (0..held.examples.len()).collect();
    let mut done = 0;
    for rows in all.chunks(held.batch) {
        let plan = batch::plan(held.examples, rows)?;
        let reference = reference.logps(model, &plan, Split::Eval, rows)?;
        let scored = model.forward(&plan, Pass::Policy, Keep::Nothing)?;
        let objective = Objective::new(held.method, batch::counted(held.examples, rows));
        let batch = objective.loss(held.examples, &plan, &scored, reference.as_deref());
        let weight = rows.len() as f64;
        means.add("eval_loss", batch.loss, weight);
        for (name, &value) in &batch.values {
            means.add(&format!("eval_{name}"), value, weight);
        }
        if let Examples::Pairs(_) = held.examples {
            means.add_all(&loss::preferences(&pairs(&plan, &scored, None)), weight);
        }
        done += rows.len();
        if tick(done)?.is_break() {
            return Ok(None);
        }
    }
    Ok(Some(means.take()))
}
