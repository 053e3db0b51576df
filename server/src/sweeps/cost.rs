//! What a sweep comes to before it begins: everything that stands against it, its runs, their steps, how long they take.

use super::make::run_config;
use crate::AppState;
use crate::db::RunRow;
use crate::error::ApiResult;
use crate::runs::check::{judge_data, judge_files};
use crate::runs::resolve::resolve;
use protocol::api::{NewSweep, RunState, SweepEstimate, SweepPlan};
use protocol::sweep::{self, Method};
use protocol::{FieldError, RunConfig};

/// Keys that change nothing of how long a step takes, or only how many there are.
const FREE: &[&str] = &[
    "run_name",
    "output_dir",
    "dataset_dir",
    "overwrite_output_dir",
    "overwrite_cache",
    "learning_rate",
    "pref_beta",
    "simpo_gamma",
    "pref_ftx",
    "ld_alpha",
    "dpo_label_smoothing",
    "kto_chosen_weight",
    "kto_rejected_weight",
    "lr_scheduler_type",
    "warmup_ratio",
    "warmup_steps",
    "weight_decay",
    "adam_beta1",
    "adam_beta2",
    "adam_epsilon",
    "max_grad_norm",
    "lora_alpha",
    "lora_dropout",
    "seed",
    "data_seed",
    "num_train_epochs",
    "max_steps",
    "max_samples",
    "val_size",
    "logging_steps",
    "save_steps",
    "save_strategy",
    "save_total_limit",
    "eval_steps",
    "eval_strategy",
    "precompute_ref_log_probs",
];

/// Combinations whose files are looked at, at most: what is behind them differs by numbers that the rule book has judged.
const LOOKED_AT: u64 = 200;

pub(super) async fn plan(app: &AppState, new: &NewSweep) -> ApiResult<SweepPlan> {
    let checked = sweep::check(&new.config, &new.sweep);
    let mut plan = SweepPlan {
        errors: checked.errors,
        notices: checked.notices,
        runs: checked.runs,
        target: checked.target,
        ..SweepPlan::default()
    };
    if !plan.errors.is_empty() {
        return Ok(plan);
    }
    let known = app.db.runs().await?;
    let (mut steps, mut seconds, mut from) = (Some(0), Some(0.0), None);
    // values that later runs get of TPE are between those of the first
    let asked = if new.sweep.method == Method::Tpe {
        plan.runs.min(sweep::STARTUP)
    } else {
        plan.runs
    };
    let asked = asked.min(LOOKED_AT);
    let mut looked: Vec<(RunConfig, Option<u64>)> = vec![];
    for index in 0..asked {
        let Some(point) = sweep::at(&new.sweep, index) else {
            break;
        };
        let config = run_config(&new.config, &point);
        let of_files = subject(&config);
        let found = match looked.iter().find(|(known, _)| *known == of_files) {
            Some((_, found)) => *found,
            None => {
                let found = Box::pin(one(app, &config, &mut plan.errors)).await?;
                looked.push((of_files, found));
                found
            }
        };
        steps = steps.zip(found).map(|(all, own)| all + own);
        let measured = found.and_then(|steps| measured(&known, &config, steps));
        seconds = seconds.zip(measured.as_ref()).map(|(all, (own, _))| all + own);
        from = from.or_else(|| Some(measured?.1));
    }
    if !plan.errors.is_empty() {
        return Ok(plan);
    }
    let whole = plan.runs as f64 / asked.max(1) as f64;
    plan.total_steps = steps.map(|steps| (steps as f64 * whole).round() as u64);
    plan.estimate = seconds.zip(from).map(|(seconds, from)| SweepEstimate {
        seconds: seconds * whole,
        from,
    });
    Ok(plan)
}

/// What of a config decides which files are read, and how many steps there are.
fn subject(config: &RunConfig) -> RunConfig {
    let mut config = config.clone();
    for key in [
        "learning_rate",
        "pref_beta",
        "simpo_gamma",
        "seed",
        "weight_decay",
        "warmup_ratio",
        "lora_dropout",
    ] {
        let _ = config.set(key, &serde_json::Value::Null);
    }
    config
}

/// Judges one run as it would be judged alone, and gives its steps where they are known.
async fn one(app: &AppState, config: &RunConfig, errors: &mut Vec<FieldError>) -> ApiResult<Option<u64>> {
    let found = resolve(app, config).await?;
    let mut own = found.errors;
    let mut resolved = found.config;
    resolved.output_dir.get_or_insert_with(|| "run".into());
    let mut steps = None;
    match protocol::config::check(&resolved).spec {
        Ok(spec) => {
            own.extend(judge_files(app, config, &resolved, &own).await);
            let data = judge_data(app, &resolved, &spec).await;
            steps = data.rows.map(|rows| spec.length.steps(rows, spec.batch));
            own.extend(data.errors);
        }
        Err(more) => own.extend(more),
    }
    for error in own {
        if !errors.contains(&error) {
            errors.push(error);
        }
    }
    Ok(steps)
}

/// How long the steps take by the newest run here that took the same for a step, and which that is.
fn measured(known: &[RunRow], config: &RunConfig, steps: u64) -> Option<(f64, String)> {
    let costs = |config: &RunConfig| {
        let mut config = config.completed();
        for key in FREE {
            let _ = config.set(key, &serde_json::Value::Null);
        }
        config
    };
    let asked = costs(config);
    let same = |run: &&RunRow| {
        let summary = &run.summary;
        let ended = summary.state == RunState::Completed && summary.origin.is_none();
        run.ours && ended && summary.step > 0 && summary.seconds > 0.0 && costs(&summary.config) == asked
    };
    let run = &known.iter().find(same)?.summary;
    Some((run.seconds / run.step as f64 * steps as f64, run.name.clone()))
}
