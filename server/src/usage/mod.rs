//! The machine's load while runs are running: measured every few seconds, sent to open pages, stored in bounded number.

mod rapl;
mod sampler;

use crate::ambient::Ambient;
use crate::db::{Db, Going};
use crate::error::ApiResult;
use crate::extract::Json;
use crate::live::Bus;
use crate::runs;
use crate::state::DataDir;
use crate::supervisor::launcher::Launcher;
use axum::extract::{Path, State};
use protocol::live::ToBrowser;
use protocol::usage::{LOOK, Usage, UsagePage, looked, stretch};
use sampler::{SampledRun, Sampler};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Duration;

/// The figures of the machine that were taken while a run went.
#[utoipa::path(get, path = "/api/runs/{id}/usage", tag = "runs", params(("id" = String, Path)), responses((status = 200, body = UsagePage)))]
pub async fn usage(State(db): State<Db>, Path(id): Path<String>) -> ApiResult<Json<UsagePage>> {
    let row = runs::find(&db, &id).await?;
    let samples = db.usage(row.key).await?;
    Ok(Json(UsagePage { samples }))
}

/// Looks that were not stored yet, of one run.
#[derive(Default)]
struct Pending {
    looks: Vec<Usage>,
    /// For how long the run was looked at (ms): what passes while it is stopped is not among it.
    looked: i64,
}

/// Looks at the machine while runs go, until the server ends.
pub async fn watch(db: Db, bus: Bus, data_dir: DataDir, ambient: Ambient, launcher: Arc<dyn Launcher>) {
    let mut every = tokio::time::interval(Duration::from_millis(LOOK as u64));
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut kept_sampler: Option<Sampler> = None;
    let mut pending: HashMap<i64, Pending> = HashMap::new();
    loop {
        every.tick().await;
        let going = match db.going().await {
            Ok(going) => going,
            Err(error) => {
                tracing::error!("the runs can't be read: {error}");
                continue;
            }
        };
        let over: Vec<_> = pending
            .extract_if(|key, _| going.iter().all(|run| run.key != *key))
            .collect();
        for (key, of_run) in over {
            // its last looks, which were too few for a sample
            if !of_run.looks.is_empty()
                && let Err(error) = db.add_usage(key, &Usage::mean(&of_run.looks)).await
            {
                tracing::error!("the last looks of a run: {error}");
            }
        }
        if going.is_empty() {
            // rates are of the time between two looks: the next run begins afresh
            kept_sampler = None;
            continue;
        }
        let (sampler, root) = (kept_sampler.take(), data_dir.root().to_owned());
        let (asked, given, launcher) = (going.clone(), ambient.clone(), launcher.clone());
        let looked = tokio::task::spawn_blocking(move || {
            let mut sampler = sampler.unwrap_or_else(|| Sampler::new(given));
            let process = |run: &Going| run.worker.as_ref().and_then(|worker| launcher.process_id(worker));
            let runs: Vec<SampledRun> = asked
                .into_iter()
                .map(|run| SampledRun {
                    process: process(&run),
                    card: run.card,
                })
                .collect();
            let usages = sampler.sample(&runs, &root);
            (sampler, usages)
        });
        let Ok((sampler, usages)) = looked.await else { continue };
        kept_sampler = Some(sampler);
        for (run, usage) in going.iter().zip(usages) {
            if let Err(error) = record(&db, &bus, run, usage, &mut pending).await {
                tracing::error!("run {}: {error}", run.id);
            }
        }
    }
}

/// Sends a look to open pages, and stores a sample where it is time for one.
async fn record(
    db: &Db,
    bus: &Bus,
    run: &Going,
    usage: Usage,
    pending: &mut HashMap<i64, Pending>,
) -> Result<(), sqlx::Error> {
    if usage.metrics.is_empty() {
        return Ok(());
    }
    let of_run = match pending.entry(run.key) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(unknown) => {
            let kept = db.usage(run.key).await?;
            let (looks, looked) = (vec![], looked(&kept));
            unknown.insert(Pending { looks, looked })
        }
    };
    of_run.looks.push(usage.clone());
    of_run.looked += LOOK;
    if of_run.looks.len() as i64 * LOOK >= stretch(of_run.looked) {
        db.add_usage(run.key, &Usage::mean(&of_run.looks)).await?;
        of_run.looks.clear();
    }
    if bus.is_watched() {
        let run = run.id.clone();
        bus.say(ToBrowser::Usage { run, usage });
    }
    Ok(())
}
