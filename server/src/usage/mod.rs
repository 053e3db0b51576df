//! What the machine does while runs go: looked at every few seconds, told to open pages, kept in bounded number.

mod look;
mod rapl;

use crate::db::Going;
use crate::error::ApiResult;
use crate::extract::Json;
use crate::state::now;
use crate::{AppState, runs};
use axum::extract::{Path, State};
use look::Looker;
use protocol::live::ToBrowser;
use protocol::usage::{LOOK, Usage, UsagePage, stretch};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::Duration;

/// The figures of the machine that were taken while a run went.
#[utoipa::path(get, path = "/api/runs/{id}/usage", tag = "runs", params(("id" = String, Path)), responses((status = 200, body = UsagePage)))]
pub async fn usage(State(app): State<AppState>, Path(id): Path<String>) -> ApiResult<Json<UsagePage>> {
    let row = runs::find(&app, &id).await?;
    let samples = app.db.usage(row.key).await?;
    Ok(Json(UsagePage { samples }))
}

/// Looks that were not stored yet, of one run.
#[derive(Default)]
struct Pending {
    looks: Vec<Usage>,
    /// When the run was first looked at, and when a sample was last stored (ms).
    first: i64,
    stored: i64,
}

/// Looks at the machine while runs go, until the server ends.
pub async fn watch(app: AppState) {
    let mut every = tokio::time::interval(Duration::from_millis(LOOK as u64));
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut looker: Option<Looker> = None;
    let mut pending: HashMap<i64, Pending> = HashMap::new();
    loop {
        every.tick().await;
        let going = match app.db.going().await {
            Ok(going) => going,
            Err(error) => {
                tracing::error!("the runs can't be read: {error}");
                continue;
            }
        };
        pending.retain(|key, _| going.iter().any(|run| run.key == *key));
        if going.is_empty() {
            // rates are of the time between two looks: the next run begins afresh
            looker = None;
            continue;
        }
        let (eyes, root) = (looker.take(), app.data_dir.root().to_owned());
        let asked = going.clone();
        let looked = tokio::task::spawn_blocking(move || {
            let mut eyes = eyes.unwrap_or_else(Looker::new);
            let seen = eyes.look(&asked, &root);
            (eyes, seen)
        });
        let Ok((eyes, seen)) = looked.await else { continue };
        looker = Some(eyes);
        for (run, usage) in going.iter().zip(seen) {
            if let Err(error) = take(&app, run, usage, &mut pending).await {
                tracing::error!("run {}: {error}", run.id);
            }
        }
    }
}

/// Tells of a look, and stores a sample where it is time for one.
async fn take(
    app: &AppState,
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
            let kept = app.db.usage(run.key).await?;
            let first = kept.first().map_or_else(now, |usage| usage.time);
            let stored = kept.last().map_or(0, |usage| usage.time);
            let looks = vec![];
            unknown.insert(Pending { looks, first, stored })
        }
    };
    of_run.looks.push(usage.clone());
    // looks come a little late, never a little early
    if usage.time - of_run.stored + LOOK / 2 >= stretch(usage.time - of_run.first) {
        app.db.add_usage(run.key, &Usage::mean(&of_run.looks)).await?;
        of_run.looks.clear();
        of_run.stored = usage.time;
    }
    if app.bus.is_watched() {
        let run = run.id.clone();
        app.bus.say(ToBrowser::Usage { run, usage });
    }
    Ok(())
}
