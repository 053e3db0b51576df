//! Evaluation on held-out rows: the method's own loss and metrics, and the preference scores that are alike for all.

use crate::batch;
use crate::data::{Dataset, Examples, Labelled};
use crate::error::Result;
use crate::loss::{self, Labels, Means, RefLogps, Running, ScoredPair, Side, Tokens};
use crate::model::{Mode, Model, Scored};
use crate::objective::{Batch, ENTROPY, Objective, TOKEN_ACCURACY};
use crate::pairs::{Recording, ScoredReply};
use crate::plan::{DevicePlan, Extent, Layout, Plan};
use crate::ppo;
use crate::reference::{Reference, Split};
use protocol::config::{Method, TokenWeights};
use protocol::metric::eval_name;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::ControlFlow;

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
/// `tick` is told how many rows are done and may end it early: then there is no result. `record` is given each pair.
pub fn evaluate(
    held: &EvalSet,
    model: &mut Model,
    reference: &mut Reference,
    mut record: Option<&mut Recording>,
    mut tick: impl FnMut(usize) -> Result<ControlFlow<()>>,
) -> Result<Option<BTreeMap<String, f64>>> {
    let mut means = Means::default();
    let mut split_pairs = SplitPairs::default();
    let layout = Layout {
        extent: Extent::with_router_loss(held.router_loss),
        turns_past: model.turns_past(),
    };
    let all: Vec<usize> = (0..held.dataset.len()).collect();
    let mut done = 0;
    for rows in all.chunks(held.batch) {
        let examples = held.dataset.read(rows)?;
        let plan = DevicePlan::new(model.engine(), batch::plan(&examples, layout)?)?;
        let objective = Objective::new(held.method, batch::counted(&examples));
        let reference = reference.scores(model, &plan, Split::Eval, rows)?;
        let policy = model.forward_on_device(&plan, objective.scoring().within(Mode::Inference))?;
        let (scored, reference) = reference.read_with(policy, &plan.host)?;
        let batch = Batch {
            examples: &examples,
            plan: &plan.host,
            scored: &scored,
            reference: reference.as_deref(),
        };
        let found = objective.loss(&batch, &held.running);
        let weight = rows.len() as f64;
        let aux_loss = scored.aux_loss.unwrap_or(0.0);
        let of_router = held.router_loss.map_or(0.0, |weight| weight * aux_loss);
        means.add(&eval_name("loss"), found.loss + of_router, weight);
        if scored.aux_loss.is_some() {
            means.add(&eval_name("aux_loss"), aux_loss, weight);
        }
        for (name, &value) in &found.values {
            means.add(&eval_name(name), value, weight);
        }
        for (name, value, weight) in found.weighted {
            means.add(&eval_name(name), value, weight);
        }
        if let Method::Supervised { accuracy: true, .. } = held.method {
            for share in hits(&plan.host, &scored) {
                means.add(&eval_name("accuracy"), share, 1.0);
            }
        }
        match &examples {
            Examples::Pairs(_) => {
                let pairs = batch.pairs();
                means.add_all(&loss::preferences(&pairs), weight);
                if let Some(record) = &mut record {
                    record.pairs(&pairs)?;
                }
            }
            Examples::Labelled(all) => {
                for (row, pair) in all.iter().zip(batch.pairs()) {
                    let reply = ScoredReply::new(pair.chosen.logps, pair.reference.map(|r| r.chosen));
                    let Some((chosen, rejected)) = split_pairs.add_reply(row, reply) else {
                        continue;
                    };
                    let margin = chosen.average() - rejected.average();
                    means.add_all(&loss::preferences_of(&[margin]), 1.0);
                    if let Some(record) = &mut record {
                        record.pair(&chosen, &rejected)?;
                    }
                }
            }
            Examples::Ranked(_) => {
                if let Some(record) = &mut record {
                    record.rewards(&scored.values);
                }
            }
            Examples::Sequences(_) | Examples::Prompts(_) => {}
        }
        done += rows.len();
        if tick(done)?.is_break() {
            return Ok(None);
        }
    }
    let mut values = means.take();
    loss::add_margins(&mut values, "eval_");
    Ok(Some(values))
}

/// Names of all that evaluations of a method can tell, read off a loss of two rows made up for it. Which of them there
/// are may depend on the rows (pairs or not) and on the model (a router or not).
pub fn told(method: &Method) -> BTreeSet<String> {
    if let Method::Ppo(_) = method {
        return ppo::TOLD.map(str::to_owned).into();
    }
    let side = |logps| Side {
        logps,
        mean_logits: &[0.0],
        log_collision_probs: &[-1.0],
    };
    let row = ScoredPair {
        chosen: side(&[-1.0]),
        rejected: side(&[-2.0]),
        reference: Some(RefLogps {
            chosen: -1.0,
            rejected: -2.0,
        }),
    };
    let running = Running::default();
    let found = match method {
        Method::Preference(spec) => loss::preference(spec, &[row, row], &running),
        Method::Kto(spec) => Labels {
            rows: &[row, row],
            good: &[true, false],
        }
        .loss(spec, &running),
        Method::Reward(_) => loss::reward::loss(&[1.0, 0.0]),
        _ => loss::supervised(
            TokenWeights::Even,
            Tokens {
                logps: &[-1.0],
                entropies: &[],
            },
            1,
        ),
    };
    let own = found.values.keys().copied();
    let own = own
        .chain(found.weighted.iter().map(|(name, ..)| *name))
        .chain(["loss", "aux_loss"]);
    let mut names: BTreeSet<String> = own.map(eval_name).collect();
    if !matches!(method, Method::Kto(_) | Method::Reward(_)) {
        names.insert(eval_name(TOKEN_ACCURACY));
    }
    if !matches!(method, Method::Reward(_)) {
        names.insert(eval_name(ENTROPY));
    }
    match method {
        Method::Kto(_) => drop(names.insert(eval_name("rewards/margins"))),
        Method::Supervised { accuracy: true, .. } => drop(names.insert(eval_name("accuracy"))),
        _ => {}
    }
    if matches!(
        method,
        Method::Preference(_) | Method::Kto(_) | Method::Supervised { .. }
    ) {
        names.extend(loss::preferences_of(&[]).keys().map(|name| (*name).to_owned()));
    }
    names
}

/// Of each sequence, the share of its counted tokens that are the likeliest.
fn hits(plan: &Plan, scored: &Scored) -> Vec<f64> {
    let of = |sequence| {
        let rows = plan.sequence_rows(sequence);
        let hits = rows.clone().filter(|&row| scored.is_likeliest(row)).count();
        (!rows.is_empty()).then(|| hits as f64 / rows.len() as f64)
    };
    (0..plan.sequence_count()).filter_map(of).collect()
}

/// Pairs that were taken apart, coming together again: replies met alone so far.
#[derive(Default)]
struct SplitPairs(HashMap<usize, ScoredReply>);

impl SplitPairs {
    /// The row's pair, chosen reply first, when this is its second reply.
    fn add_reply(&mut self, row: &Labelled, reply: ScoredReply) -> Option<(ScoredReply, ScoredReply)> {
        let pair = row.pair?;
        match self.0.remove(&pair) {
            Some(other) if row.good => Some((reply, other)),
            Some(other) => Some((other, reply)),
            None => {
                self.0.insert(pair, reply);
                None
            }
        }
    }
}
