//! The training loop, whole: [`run`] is the outline, [`train_step`] the step.

use crate::batch;
use crate::error::{Error, Result};
use crate::feed::{MicroBatch, StepRows};
use crate::plan::{DevicePlan, Extent};
use crate::reference::Split;
use crate::session::Session;
use crate::stage::{self, AnyStage, ScoredBatch, Training, ppo};
use crate::step::{MicroBatchLoss, OptimizerStep, StepOptions};
use crate::stop;

/// Trains to the end.
///
/// # Errors
/// A step, an evaluation or a checkpoint fails; or it is asked to stop, when what was done is in a checkpoint.
pub fn run(s: &mut Session) -> Result<()> {
    let trained = match steps(s) {
        Err(Error::Stopped) => s.save_what_is_done().and(Err(Error::Stopped)),
        trained => trained,
    };
    // rows that were no good may be why it failed
    s.finish_feed()?;
    trained
}

fn steps(s: &mut Session) -> Result<()> {
    if s.evaluation_due_now() {
        s.evaluate()?;
        if s.due().save {
            s.save()?;
        }
    }
    while s.state.step < s.total_steps && !s.patience_is_spent() {
        let method = s.spec.method.clone();
        match stage::of(&method) {
            Training::OnReplies(spec) => ppo::step(s, spec)?,
            Training::OnRows(stage) => {
                let rows = s.feed.step(s.state.step)?;
                train_step(s, &*stage, rows)?;
            }
        }
        s.emit_data_reports()?;
        let due = s.due();
        if due.log {
            s.log()?;
        }
        if due.eval && stop::check().is_ok() {
            s.evaluate()?;
        }
        // a run whose last step is made is complete
        if s.state.step < s.total_steps {
            stop::check()?;
        }
        let early = s.patience_is_spent() && s.state.step < s.total_steps;
        if early && !due.log {
            s.log()?;
        }
        if due.save || early {
            s.save()?;
        }
        if early {
            s.emit_early_end()?;
        }
    }
    Ok(())
}

/// One optimizer step of a stage that trains on data set rows (all but PPO), over its micro-batches.
fn train_step(s: &mut Session, stage: &dyn AnyStage, read: StepRows) -> Result<()> {
    let step = s.state.step;
    let micro_batches = read.micro_batches;
    let tokens = micro_batches.iter().map(|rows| batch::counted(&rows.examples)).sum();
    let share = stage.share(micro_batches.len());
    // the step's auxiliary loss is the mean of its micro-batches'
    let router = s.router_loss.unwrap_or(0.0) / micro_batches.len() as f64;
    let extent = Extent::with_router_loss(s.router_loss);
    let passes: Vec<_> = (0..micro_batches.len()).map(|i| s.training_pass(i)).collect();
    // as accelerate's scheduler, which does not advance in a step whose update is skipped
    let skipped = s.state.loss_scale.map_or(0, |of| of.skipped());
    let learning_rate = s.learning_rate(step - skipped);
    let options = StepOptions {
        number: step + 1,
        learning_rate,
        max_grad_norm: s.spec.plain.max_grad_norm,
    };
    let mut step_loss = 0.0;
    let mut update = OptimizerStep::begin(&mut s.model, &mut s.optimizer, options, s.state.loss_scale.as_mut())?;
    for (MicroBatch { rows, examples }, pass) in micro_batches.iter().zip(passes) {
        let plan = DevicePlan::new(update.model.engine(), batch::plan(examples, extent)?)?;
        let reference = s.reference.scores(update.model, &plan, Split::Train, rows)?;
        let policy = update.model.forward_on_device(&plan, pass)?;
        let (scored, reference) = reference.read_with(policy, &plan.host)?;
        let batch = ScoredBatch {
            examples,
            plan: &plan.host,
            scored: &scored,
            reference: reference.as_ref(),
            tokens,
        };
        stage.observe(&batch, &mut s.state.running)?;
        let loss = stage.loss(&batch, &s.state.running)?;
        let found = MicroBatchLoss {
            loss: loss.loss,
            d_logp: &loss.d_logp,
            d_value: &loss.d_value,
            share,
            router,
        };
        update.add(&plan, found)?;
        step_loss += loss.loss * share;
        if let Some(aux_loss) = scored.aux_loss {
            step_loss += router * aux_loss;
            s.state.window.add("aux_loss", aux_loss, 1.0);
        }
        s.state.window.add_all(&loss.values, 1.0);
        s.state.window.add_weighted(&loss.weighted);
        s.speed.add(plan.host.tokens.len());
    }
    let grad_norm = update.apply()?;
    s.state.window.add("loss", step_loss, 1.0);
    s.state.step += 1;
    s.state.tokens += read.tokens;
    s.state.stream = s.feed.state();
    if let Some(share) = s.reference_sync_due() {
        s.model.sync_reference(share)?;
    }
    s.end_step(grad_norm, learning_rate, skipped)
}
