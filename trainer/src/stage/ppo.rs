//! Stage `ppo`: replies are written, scored and learnt from; [`step`] is one batch of them. What it computes is in
//! `loss/ppo.rs`.

mod prompts;

pub use prompts::PROMPTS;

use crate::batch::{self, mix};
use crate::data::{Dataset, Examples};
use crate::error::{Error, Result};
use crate::feed::Feed;
use crate::generate::{SamplingOptions, generate};
use crate::loss::ppo::{AdvantageEstimate, MiniBatch, PpoSample, PpoState, Rollout, estimate_advantages, loss};
use crate::loss_scale::LossScale;
use crate::model::{DeviceScores, ForwardOptions, Mode, Model, Pass};
use crate::optim::Optimizer;
use crate::plan::{DevicePlan, Extent, Layout, Plan};
use crate::reference::Reference;
use crate::session::Session;
use crate::step::{MicroBatchLoss, OptimizerStep, StepOptions};
use protocol::config::Ppo;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// A prompt and what the policy wrote to it, its last token the one that ended it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reply {
    pub prompt: Vec<u32>,
    pub tokens: Vec<u32>,
}

impl Reply {
    fn plan(replies: &[&Self]) -> Result<Plan> {
        let all: Vec<_> = replies.iter().map(|r| (&r.prompt[..], &r.tokens[..])).collect();
        Plan::replies(&all)
    }

    /// Of replies that are scored by a model whose texts turn so.
    fn scores_plan(replies: &[Self], turns_past: Option<usize>) -> Result<Plan> {
        let whole: Vec<_> = replies.iter().map(|r| (&r.prompt[..], vec![&r.tokens[..]])).collect();
        let layout = Layout {
            turns_past,
            ..Layout::default()
        };
        Plan::new(layout).with_scores(&whole)
    }
}

/// Who judges the replies, and how they are written.
pub struct Judge {
    pub reward_model: Model,
    pub sampling: SamplingOptions,
    /// Tokens that end a reply.
    pub stop: Vec<u32>,
}

impl Judge {
    /// Writes a reply to each prompt, row `i` of them by its own seed.
    pub fn write_replies(&self, model: &mut Model, prompts: &[(u64, &[u32])]) -> Result<Vec<Reply>> {
        let write = |&(seed, prompt): &(u64, &[u32])| {
            let mut tokens = vec![];
            let sampling = SamplingOptions {
                seed,
                ..self.sampling.clone()
            };
            generate(model, Pass::Policy, prompt, &sampling, |token| {
                tokens.push(token);
                Ok(match self.stop.contains(&token) {
                    true => ControlFlow::Break(()),
                    false => ControlFlow::Continue(()),
                })
            })?;
            Ok(Reply {
                prompt: prompt.to_vec(),
                tokens,
            })
        };
        prompts.iter().map(write).collect()
    }

    /// What the reward model says of each reply.
    pub fn score(&mut self, replies: &[Reply], batch: usize) -> Result<Vec<f64>> {
        let mut scores = Vec::with_capacity(replies.len());
        for part in replies.chunks(batch) {
            let plan = Reply::scores_plan(part, self.reward_model.turns_past())?;
            let plan = DevicePlan::new(self.reward_model.engine(), plan)?;
            let options = ForwardOptions::policy().within(Mode::Inference);
            let scored = self.reward_model.forward(&plan, options)?;
            scores.extend(scored.values.iter().map(|&v| f64::from(v)));
        }
        Ok(scores)
    }
}

/// The longest prompts of a split, of which no batch holds more.
pub fn longest_prompts(dataset: &Dataset, batch: usize) -> Result<Vec<Vec<u32>>> {
    match dataset.read(&batch::longest(dataset, batch, Extent::Whole)?)? {
        Examples::Prompts(prompts) => Ok(prompts),
        _ => Err(Error::internal("stage ppo on rows that are no prompts")),
    }
}

/// The models that read replies.
pub struct Readers<'a> {
    pub model: &'a mut Model,
    pub reference: &'a mut Reference,
    pub judge: &'a mut Judge,
}

impl Readers<'_> {
    /// Makes room for passes over a batch of replies to these prompts, each as long as one can get, so that nothing grows
    /// later; `training` where the policy learns from them.
    pub fn reserve(&mut self, prompts: Vec<Vec<u32>>, training: Option<ForwardOptions>) -> Result<()> {
        let (most, positions) = (self.judge.sampling.max_new_tokens, self.model.config().max_positions);
        let reply = |prompt: Vec<u32>| Reply {
            tokens: vec![0; most.min(positions.saturating_sub(prompt.len())).max(1)],
            prompt,
        };
        let replies: Vec<Reply> = prompts.into_iter().map(reply).collect();
        if replies.is_empty() {
            return Ok(());
        }
        let plan = Reply::plan(&replies.iter().collect::<Vec<_>>())?;
        if let Some(training) = training {
            self.model.reserve(&plan, training)?;
        }
        self.model.reserve(&plan, ForwardOptions::policy())?;
        if let Reference::Model { model, .. } = self.reference {
            model.reserve(&plan, ForwardOptions::policy())?;
        }
        let scorer = &mut self.judge.reward_model;
        let plan = Reply::scores_plan(&replies, scorer.turns_past())?;
        scorer.reserve(&plan, ForwardOptions::policy())
    }
}

/// The replies as policy, value head and reference see them now, `batch` at a time.
pub fn rollouts(
    model: &mut Model,
    reference: &mut Reference,
    replies: &[Reply],
    scores: &[f64],
    batch: usize,
) -> Result<Vec<Rollout>> {
    let mut out = Vec::with_capacity(replies.len());
    for (part, scores) in replies.chunks(batch).zip(scores.chunks(batch)) {
        let plan = Reply::plan(&part.iter().collect::<Vec<_>>())?;
        let plan = DevicePlan::new(model.engine(), plan)?;
        let policy = model.forward_on_device(&plan, ForwardOptions::policy())?;
        let reference = reference.pass(model, &plan, Mode::Training)?;
        let [scored, reference] = DeviceScores::read_together([policy, reference])?;
        for (i, &score) in scores.iter().enumerate() {
            let rows = plan.host.sequence_rows(i);
            let wide = |of: &[f32]| of[rows.clone()].iter().map(|&x| f64::from(x)).collect();
            out.push(Rollout {
                logps: wide(&scored.logps),
                reference: wide(&reference.logps),
                values: wide(&scored.values),
                score,
            });
        }
    }
    Ok(out)
}

/// Everything an update works with.
pub struct Update<'a> {
    pub model: &'a mut Model,
    pub optimizer: &'a mut Optimizer,
    pub replies: &'a [Reply],
    pub rollouts: &'a [Rollout],
    pub estimates: &'a [AdvantageEstimate],
    /// Replies of a mini-batch, and mini-batches whose gradients are averaged before the optimizer steps.
    pub mini_batch: usize,
    pub accumulation: usize,
    /// How the policy's passes run.
    pub pass: ForwardOptions,
    pub step: StepOptions,
    /// Of passes in f16.
    pub loss_scale: Option<&'a mut LossScale>,
}

/// What an update did: its mini-batches, and the gradient norm of each optimizer step, before clipping.
#[derive(Debug, Clone, Default)]
pub struct UpdateStats {
    pub mini_batches: Vec<MiniBatch>,
    pub grad_norms: Vec<f64>,
}

impl Update<'_> {
    /// Passes once over the replies in this order.
    pub fn epoch(&mut self, order: &[usize], done: &mut UpdateStats) -> Result<()> {
        for window in order.chunks(self.mini_batch * self.accumulation) {
            let share = 1.0 / window.len().div_ceil(self.mini_batch) as f64;
            let mut update =
                OptimizerStep::begin(self.model, self.optimizer, self.step, self.loss_scale.as_deref_mut())?;
            for rows in window.chunks(self.mini_batch) {
                let plan = Reply::plan(&rows.iter().map(|&i| &self.replies[i]).collect::<Vec<_>>())?;
                let plan = DevicePlan::new(update.model.engine(), plan)?;
                let scored = update.model.forward(&plan, self.pass)?;
                let sample = |(i, &row): (usize, &usize)| {
                    let at = plan.host.sequence_rows(i);
                    PpoSample {
                        rollout: &self.rollouts[row],
                        estimate: &self.estimates[row],
                        logps: &scored.logps[at.clone()],
                        values: &scored.values[at],
                    }
                };
                let found = loss(&rows.iter().enumerate().map(sample).collect::<Vec<_>>());
                let of_batch = MicroBatchLoss {
                    loss: found.total,
                    d_logp: &found.d_logp,
                    d_value: &found.d_value,
                    share,
                    router: 0.0,
                };
                update.add(&plan, of_batch)?;
                done.mini_batches.push(found);
            }
            done.grad_norms.extend(update.apply()?);
        }
        Ok(())
    }
}

/// One step: a batch of prompts answered, judged and learnt from, `ppo_epochs` times over.
pub fn step(s: &mut Session, spec: &Ppo) -> Result<()> {
    let step = s.state.step;
    let Feed::Held(held) = &mut s.feed else {
        return Err(Error::internal("stage ppo on rows that are streamed"));
    };
    let rows = held.order.micro_batches(step).concat();
    let read = held.rows.read(&rows)?;
    for &row in &rows {
        s.state.tokens += u64::from(held.rows.tokens(row)?);
    }
    let seed = mix(s.spec.seed, step);
    let mini_batch = s.spec.batch.train;
    let diverged = Error::Diverged { step: step + 1 };
    let carried = s.state.ppo.get_or_insert(PpoState::new(spec.kl_coefficient));

    let Some(judge) = &mut s.judge else {
        return Err(Error::internal("stage ppo without a reward model"));
    };
    let prompts = prompts(&read, &rows, seed)?;
    let replies = judge.write_replies(&mut s.model, &prompts)?;
    let scores = judge.score(&replies, mini_batch)?;
    let mut normalised = scores.clone();
    if spec.score_norm {
        carried.normalise(&mut normalised);
    }
    let rollouts = rollouts(&mut s.model, &mut s.reference, &replies, &normalised, mini_batch)?;
    let coefficient = carried.kl_coefficient();
    let estimates = estimate_advantages(&rollouts, coefficient, spec.whiten_rewards);

    let (lr, pass) = (s.learning_rate(step), s.training_pass(0));
    let skipped = s.state.loss_scale.map_or(0, |of| of.skipped());
    let mut updated = UpdateStats::default();
    let mut update = Update {
        model: &mut s.model,
        optimizer: &mut s.optimizer,
        replies: &replies,
        rollouts: &rollouts,
        estimates: &estimates,
        mini_batch,
        accumulation: s.spec.batch.accumulation,
        pass,
        step: StepOptions {
            number: step + 1,
            learning_rate: lr,
            max_grad_norm: s.spec.plain.max_grad_norm,
        },
        loss_scale: s.state.loss_scale.as_mut(),
    };
    for epoch in 0..spec.epochs {
        let mut order: Vec<usize> = (0..replies.len()).collect();
        order.shuffle(&mut ChaCha8Rng::seed_from_u64(mix(!seed, epoch as u64)));
        update.epoch(&order, &mut updated)?;
    }

    let kl = mean(rollouts.iter().map(Rollout::kl));
    if let (Some(target), Some(carried)) = (spec.kl_target, &mut s.state.ppo) {
        carried.adapt(kl, target, replies.len());
    }
    let of = |f: fn(&MiniBatch) -> f64| mean(updated.mini_batches.iter().map(f));
    for (name, value) in [
        ("loss", of(|m| m.total)),
        ("ppo/loss/policy", of(|m| m.policy)),
        ("ppo/loss/value", of(|m| m.value)),
        ("ppo/policy/clipfrac", of(|m| m.clipped)),
        ("ppo/policy/approxkl", of(|m| m.approximate_kl)),
        ("ppo/val/clipfrac", of(|m| m.value_clipped)),
        ("reward", mean(scores.iter().copied())),
        ("objective/kl", kl),
        ("objective/kl_coef", coefficient),
        (
            "objective/entropy",
            mean(rollouts.iter().map(|r| -r.logps.iter().sum::<f64>())),
        ),
        (
            "ppo/returns/mean",
            mean(estimates.iter().flat_map(|e| e.returns.iter().copied())),
        ),
        ("tokens/responses_len_mean", length(&replies)),
    ] {
        if !value.is_finite() {
            return Err(diverged);
        }
        s.state.window.add(name, value, 1.0);
    }
    s.speed
        .add(replies.iter().map(|r| r.prompt.len() + r.tokens.len()).sum());
    s.state.step += 1;
    let norms = &updated.grad_norms;
    let norm = (!norms.is_empty()).then(|| mean(norms.iter().copied()));
    s.end_step(norm, lr, skipped)
}

/// What an evaluation works on.
pub struct PpoEvalSet<'a> {
    pub dataset: &'a Dataset,
    pub spec: &'a Ppo,
    pub seed: u64,
    /// Prompts in a batch.
    pub batch: usize,
}

/// Replies to held-out prompts, always by the same seeds: mean reward, divergence and length. `eval_loss` is what PPO
/// lowers: minus the reward, plus the divergence times the coefficient the run began with. An error that `tick` gives ends it.
pub fn evaluate(
    held: &PpoEvalSet,
    judge: &mut Judge,
    model: &mut Model,
    reference: &mut Reference,
    mut tick: impl FnMut(usize) -> Result<()>,
) -> Result<BTreeMap<String, f64>> {
    let rows: Vec<usize> = (0..held.dataset.len()).collect();
    let (mut replies, mut scores, mut kls) = (vec![], vec![], vec![]);
    for rows in rows.chunks(held.batch) {
        let read = held.dataset.read(rows)?;
        let written = judge.write_replies(model, &prompts(&read, rows, !held.seed)?)?;
        let found = judge.score(&written, held.batch)?;
        let rollouts = rollouts(model, reference, &written, &found, held.batch)?;
        kls.extend(rollouts.iter().map(Rollout::kl));
        scores.extend(found);
        replies.extend(written);
        tick(replies.len())?;
    }
    let (reward, kl) = (mean(scores.into_iter()), mean(kls.into_iter()));
    let values = [held.spec.kl_coefficient * kl - reward, reward, kl, length(&replies)];
    Ok(METRICS.iter().map(|name| (*name).to_owned()).zip(values).collect())
}

/// Names of what an evaluation tells.
pub const METRICS: [&str; 4] = [
    "eval_loss",
    "eval_reward",
    "eval_objective/kl",
    "eval_tokens/responses_len_mean",
];

/// The prompts of rows, each with the seed of its reply.
fn prompts<'a>(examples: &'a Examples, rows: &[usize], seed: u64) -> Result<Vec<(u64, &'a [u32])>> {
    let Examples::Prompts(prompts) = examples else {
        return Err(Error::internal("stage ppo on rows that are no prompts"));
    };
    let prompts = rows.iter().zip(prompts);
    Ok(prompts
        .map(|(&row, prompt)| (mix(seed, row as u64), &prompt[..]))
        .collect())
}

fn length(replies: &[Reply]) -> f64 {
    mean(replies.iter().map(|r| r.tokens.len() as f64))
}

fn mean(of: impl Iterator<Item = f64>) -> f64 {
    let (sum, n) = of.fold((0.0, 0.0), |(sum, n), x| (sum + x, n + 1.0));
    if n > 0.0 { sum / n } else { 0.0 }
}
