//! The training loop, whole: [`run`] is the outline, [`train_step`] the step.

use crate::batch;
use crate::error::{Error, Result};
use crate::evaluate::{Batch, Objective};
use crate::model::{Keep, Params, Pass, Slopes};
use crate::ppo;
use crate::reference::Split;
use crate::session::Session;
use crate::stop;
use protocol::config::Method;
use protocol::event::Outcome;

/// Trains to the end, or to the step after which it is asked to stop.
pub fn run(s: &mut Session) -> Result<Outcome> {
    if s.owes_evaluation() {
        if !s.evaluate()? {
            return s.stop();
        }
        if s.due().save {
            s.save()?;
        }
    }
    while s.state.step < s.total_steps && !s.patience_is_spent() {
        let step = s.state.step;
        match s.spec.method.clone() {
            Method::Ppo(spec) => ppo::step(s, &spec)?,
            _ => train_step(s)?,
        }
        s.count_tokens(step);
        let due = s.due();
        if due.log {
            s.log()?;
        }
        if due.eval && stop::asked().is_none() && !s.evaluate()? {
            return s.stop();
        }
        if stop::asked().is_some() && s.state.step < s.total_steps {
            return s.stop();
        }
        let early = s.patience_is_spent() && s.state.step < s.total_steps;
        if early && !due.log {
            s.log()?;
        }
        if due.save || early {
            s.save()?;
        }
        if early {
            s.tell_early_end()?;
        }
    }
    Ok(Outcome::Completed)
}

/// One optimizer step: gradients of each micro-batch added up, clipped, applied. Never steps on a number that is not
/// finite.
fn train_step(s: &mut Session) -> Result<()> {
    let step = s.state.step;
    let micro_batches = s.order.micro_batches(step);
    let tokens = micro_batches.iter().map(|rows| batch::counted(&s.train, rows)).sum();
    let objective = Objective::new(&s.spec.method, tokens);
    // cross entropy is divided by the tokens of the whole step already
    let share = match objective {
        Objective::Preference(_) | Objective::Feedback(_) | Objective::Reward => 1.0 / micro_batches.len() as f64,
        Objective::Supervised { .. } => 1.0,
    };
    // of the router's auxiliary loss in the step's: a mean over its micro-batches
    let router = s.model.router_loss().unwrap_or(0.0) / micro_batches.len() as f64;
    let mut step_loss = 0.0;
    s.model.zero_grads()?;
    for (i, rows) in micro_batches.iter().enumerate() {
        let plan = batch::plan(&s.train, rows, s.model.extent())?;
        let reference = s.reference.logps(&mut s.model, &plan, Split::Train, rows)?;
        s.model.set_dropout_seed(s.dropout_seed(i));
        s.model.set_noise(s.noise(i));
        let scored = s.model.forward(&plan, Pass::Policy, Keep::ForBackward)?;
        let batch = Batch {
            examples: &s.train,
            rows,
            plan: &plan,
            scored: &scored,
            reference: reference.as_deref(),
        };
        objective.observe(&batch, &mut s.state.running);
        let loss = objective.loss(&batch, &s.state.running);
        let scaled = |all: &[f32]| all.iter().map(|c| c * share as f32).collect::<Vec<_>>();
        let (by_logp, by_value) = (scaled(&loss.coefficients), scaled(&loss.by_value));
        if !loss.loss.is_finite() || !by_logp.iter().chain(&by_value).all(|c| c.is_finite()) {
            return Err(Error::Diverged { step: step + 1 });
        }
        let slopes = Slopes {
            logps: &by_logp,
            values: &by_value,
            aux_loss: router,
        };
        s.model.backward_by(&plan, slopes)?;
        step_loss += loss.loss * share;
        if let Some(aux_loss) = scored.aux_loss {
            step_loss += router * aux_loss;
            s.state.window.add("aux_loss", aux_loss, 1.0);
        }
        s.state.window.add_all(&loss.values, 1.0);
        s.state.window.add_weighted(&loss.weighted);
        s.speed.add(plan.tokens.len());
    }
    s.model.set_dropout_seed(None);
    s.optimizer.hold_back(s.model.params_mut())?;
    let norm = s.model.params().grad_norm()?;
    if !norm.is_finite() {
        return Err(Error::Diverged { step: step + 1 });
    }
    let lr = s.learning_rate(step);
    let clip = Params::clip_factor(norm, s.spec.optim.max_grad_norm);
    s.optimizer.step(s.model.params_mut(), lr, clip)?;
    s.state.window.add("loss", step_loss, 1.0);
    s.state.step += 1;
    if let Some(share) = s.leads() {
        s.model.lead(share)?;
    }
    s.last_step = [("grad_norm", norm), ("learning_rate", lr)];
    Ok(())
}
