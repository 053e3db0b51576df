//! What a sweep comes to before it begins: everything that stands against it, its runs, their steps, how long they take.

use super::make::run_config;
use crate::error::ApiResult;
use crate::runs::check::Checks;
use protocol::api::{Forecast, NewSweep, SweepEstimate, SweepPlan};
use protocol::sweep::{self, Method};
use protocol::{FieldError, RunConfig};

/// Different models, data sets and lengths that are looked at, at most.
const MAX_JUDGED: usize = 200;

pub(super) async fn plan(checks: &Checks, new: &NewSweep) -> ApiResult<SweepPlan> {
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
    // what TPE will draw behind the first is not known; it is of the same space
    let asked = if new.sweep.method == Method::Tpe {
        plan.runs.min(sweep::STARTUP_RUNS)
    } else {
        plan.runs
    };
    let mut looked: Vec<(RunConfig, RunEstimate)> = vec![];
    let mut all: Vec<RunEstimate> = vec![];
    for index in 0..asked {
        let Some(point) = sweep::at(&new.sweep, index) else {
            break;
        };
        let config = run_config(&new.config, &point);
        let of_files = subject(&config);
        let found = match looked.iter().find(|(known, _)| *known == of_files) {
            Some((_, found)) => found.clone(),
            None if looked.len() >= MAX_JUDGED => continue,
            None => {
                let found = Box::pin(estimate_run(checks, &config, &mut plan.errors)).await?;
                looked.push((of_files, found.clone()));
                found
            }
        };
        all.push(found);
    }
    if !plan.errors.is_empty() {
        return Ok(plan);
    }
    let share = plan.runs as f64 / all.len().max(1) as f64;
    let steps: Option<u64> = all.iter().map(|run| run.steps).sum();
    plan.total_steps = steps.map(|steps| (steps as f64 * share).round() as u64);
    let seconds: Option<f64> = all.iter().map(|run| run.forecast.as_ref()?.seconds).sum();
    let first = all.iter().find_map(|run| run.forecast.as_ref());
    plan.estimate = seconds.zip(first).map(|(seconds, first)| SweepEstimate {
        seconds: seconds * share,
        from: first.like.clone(),
        rough: all
            .iter()
            .any(|run| run.forecast.as_ref().is_some_and(|forecast| forecast.rough)),
    });
    let disk: u64 = all.iter().filter_map(|run| Some(run.forecast.as_ref()?.disk)).sum();
    plan.disk = (disk as f64 * share) as u64;
    plan.free = first.map_or(0, |first| first.free);
    Ok(plan)
}

/// What is known of one run before it starts.
#[derive(Debug, Clone, Default)]
struct RunEstimate {
    steps: Option<u64>,
    forecast: Option<Forecast>,
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

/// Judges one run as it would be judged alone, and tells what it will take.
async fn estimate_run(checks: &Checks, config: &RunConfig, errors: &mut Vec<FieldError>) -> ApiResult<RunEstimate> {
    let found = checks.judge.resolver.resolve(config).await?;
    let (mut own, resolved) = (found.errors, found.config);
    let mut estimate = RunEstimate::default();
    match protocol::config::check(&resolved).spec {
        Ok(spec) => {
            own.extend(checks.judge.judge_files(config, &resolved, &own).await);
            let data = checks.judge.judge_data(&resolved, &spec).await;
            own.extend(data.errors);
            if let (Some(rows), true) = (data.rows, own.is_empty()) {
                let (steps, measures) = (
                    spec.length.steps(rows.train, spec.batch),
                    checks.measured.measure(&resolved, &spec, rows.train).await,
                );
                estimate = RunEstimate {
                    steps: Some(steps),
                    forecast: Some(checks.forecasts.forecast(&spec, &measures, rows, steps).await),
                };
            }
        }
        Err(more) => own.extend(more),
    }
    for error in own {
        if !errors.contains(&error) {
            errors.push(error);
        }
    }
    Ok(estimate)
}
