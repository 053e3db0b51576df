//! One run with all that is not a series: its row, what was stored of it, and what its directory has.

use super::{config_text, find};
use crate::db::Db;
use crate::error::ApiResult;
use crate::extract::Json;
use crate::off_thread::off_thread;
use crate::report;
use crate::supervisor::cause::last_words;
use crate::supervisor::signs;
use axum::extract::{Path, State};
use protocol::api::{Checkpoint, RunDetail, RunState};
use protocol::event::TrainEvent;
use protocol::{Said, run_dir, says};
use std::collections::BTreeMap;
use std::path::Path as FsPath;
use std::time::UNIX_EPOCH;

/// Lines of a failed run's log that are shown.
const LOG_LINES: usize = 20;

/// One run with all that is not a series.
#[utoipa::path(get, path = "/api/runs/{id}", tag = "runs", params(("id" = String, Path)), responses((status = 200, body = RunDetail)))]
pub async fn detail(State(db): State<Db>, Path(id): Path<String>) -> ApiResult<Json<RunDetail>> {
    let row = find(&db, &id).await?;
    let checkpoints = db.checkpoints(row.key).await?;
    let mut events = db.events_of_kind(row.key, "notice").await?;
    events.extend(db.events_of_kind(row.key, "data").await?);
    let (mut notices, mut data) = (vec![], BTreeMap::new());
    for line in events {
        match serde_json::from_str::<protocol::Event>(&line).map(|event| event.body) {
            // a worker that went on has told it again
            Ok(TrainEvent::Notice(said)) if notices.contains(&said) => {}
            Ok(TrainEvent::Notice(said)) => notices.push(said),
            // a run that was resumed has read its data again
            Ok(TrainEvent::Data(report)) => drop(data.insert(report.dataset.clone(), report)),
            _ => {}
        }
    }
    let (directory, failed) = (row.directory.clone(), row.summary.state == RunState::Failed);
    let on_disk = off_thread(move || OnDisk::read(&directory, checkpoints, failed)).await?;
    if let Some(theirs) = on_disk.protocol.filter(|theirs| *theirs > protocol::PROTOCOL_VERSION) {
        notices.insert(0, says::newer_protocol(theirs, protocol::PROTOCOL_VERSION));
    }
    notices.extend(on_disk.trouble);
    Ok(Json(RunDetail {
        directory: row.directory.display().to_string(),
        config_yaml: on_disk
            .config
            .unwrap_or_else(|| row.summary.config.completed().to_yaml()),
        command: format!("corral train {}", row.directory.join(run_dir::CONFIG).display()),
        started: row.progress.facts.clone(),
        checkpoints: on_disk.checkpoints,
        notices,
        data: data.into_values().collect(),
        heard: on_disk.heard,
        last_words: on_disk.last_words,
        summary: row.summary,
    }))
}

/// What lies in a run directory.
struct OnDisk {
    /// Those of the checkpoints that are there.
    checkpoints: Vec<Checkpoint>,
    /// The version that its worker speaks.
    protocol: Option<u32>,
    /// When its worker was last heard of, in milliseconds since the Unix epoch.
    heard: Option<i64>,
    /// What stands in the way of telling other programs.
    trouble: Vec<Said>,
    config: Option<String>,
    last_words: Vec<String>,
}

impl OnDisk {
    fn read(directory: &FsPath, mut checkpoints: Vec<Checkpoint>, failed: bool) -> Self {
        checkpoints.retain(|checkpoint| directory.join(&checkpoint.name).is_dir());
        let heard = signs::heard(directory).and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Self {
            checkpoints,
            protocol: signs::info(directory).map(|info| info.protocol_version),
            heard: heard.map(|time| time.as_millis() as i64),
            trouble: report::trouble(directory).into_iter().collect(),
            config: config_text(directory),
            last_words: if failed {
                last_words(directory, LOG_LINES)
            } else {
                vec![]
            },
        }
    }
}
