//! The health of runs: findings in their curves, folded from the events once by their follower, and stored in the run's row.

use super::announcer::Announcer;
use crate::ApiError;
use crate::ambient::Ambient;
use crate::db::Db;
use crate::db::progress::Found;
use crate::error::ApiResult;
use crate::extract::Json;
use axum::extract::{Path, State};
use protocol::RunConfig;
use protocol::api::RunState;
use protocol::health::{self as rules, Health, RULES, Vitals};

/// Events read at a time.
const EVENTS_AT_ONCE: u32 = 2000;

/// What today's rules find.
pub fn found(vitals: &Vitals, config: &RunConfig) -> Found {
    Found {
        rules: RULES,
        seconds_per_step: vitals.seconds_per_step(),
        health: rules::judge(vitals, config),
    }
}

/// The fold of the stored events up to and with `seq`.
pub async fn vitals(db: &Db, run: i64, seq: u64) -> Result<Box<Vitals>, sqlx::Error> {
    let (mut vitals, mut after) = (Box::<Vitals>::default(), 0);
    while after < seq {
        let lines = db.events_after(run, after, EVENTS_AT_ONCE).await?;
        let Some((last, _)) = lines.last() else { break };
        after = *last;
        for (_, line) in lines.iter().take_while(|(at, _)| *at <= seq) {
            vitals.apply_line(line.as_bytes());
        }
        tokio::task::yield_now().await;
    }
    Ok(vitals)
}

/// Judges the runs anew that an older version of the rules judged, one after the other. Those that are running are judged by their
/// follower.
pub async fn refresh_outdated(db: Db, announcer: Announcer) {
    let rows = match db.runs().await {
        Ok(rows) => rows,
        Err(error) => return tracing::warn!("runs can't be looked at anew: {error}"),
    };
    for row in rows {
        let seq = row.summary.seq;
        if seq == 0 || row.progress.health().is_some() || row.summary.state.is_live() {
            continue;
        }
        let looked = async {
            let vitals = vitals(&db, row.key, seq).await?;
            let found = found(&vitals, &row.summary.known_config());
            db.keep_health(row.key, seq, &found).await
        };
        match looked.await {
            Ok(()) => announcer.run(&row.summary.id).await,
            Err(error) => tracing::warn!("run {} can't be looked at anew: {error}", row.summary.id),
        }
    }
}

/// What goes wrong in a run, the worst first, and what to try in the next.
#[utoipa::path(get, path = "/api/runs/{id}/health", tag = "runs", params(("id" = String, Path)), responses((status = 200, body = Health)))]
pub async fn health(
    State(db): State<Db>,
    State(ambient): State<Ambient>,
    Path(id): Path<String>,
) -> ApiResult<Json<Health>> {
    let row = super::find(&db, &id).await?;
    let Found {
        mut health,
        seconds_per_step,
        ..
    } = match row.progress.found() {
        Some(found) => found.clone(),
        None => {
            let vitals = vitals(&db, row.key, row.summary.seq)
                .await
                .map_err(ApiError::internal)?;
            found(&vitals, &row.summary.known_config())
        }
    };
    // of another program's run there is no worker to be heard
    if row.summary.state == RunState::Running && row.summary.origin.is_none() {
        let heard = row.progress.life.map(|(_, heard)| heard);
        health.checks += 1;
        if let Some(stalled) = heard.and_then(|heard| rules::stalled(ambient.now(), heard, seconds_per_step)) {
            health.add(stalled);
        }
    }
    Ok(Json(health))
}
