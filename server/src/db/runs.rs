//! Reading rows of runs.

use super::Db;
use super::changes::encode;
use super::progress::Progress;
use protocol::Said;
use protocol::api::{Checkpoint, OfSweep, RunSummary, Stop};
use sqlx::FromRow;
use std::path::{Path, PathBuf};

/// A run as stored.
#[derive(Debug, Clone)]
pub struct RunRow {
    /// Its key in the other tables.
    pub key: i64,
    pub summary: RunSummary,
    pub directory: PathBuf,
    /// Whether the directory lies in the data directory.
    pub ours: bool,
    pub resume: bool,
    /// The checkpoint folder to go on from; without one, the newest.
    pub resume_from: Option<String>,
    pub stop_asked: Option<Stop>,
    pub worker: Option<Handle>,
    /// The uuid of the card that its worker has, or had last.
    pub card: Option<String>,
    /// Why its sweep stopped it early, where it did.
    pub early: Option<Said>,
    pub progress: Progress,
    /// Bytes of `events.jsonl` that are stored.
    pub bytes: u64,
}

/// A run that has ended, and how much of its events is stored.
#[derive(Debug)]
pub struct EndedRun {
    pub key: i64,
    pub id: String,
    pub directory: PathBuf,
    /// Bytes of `events.jsonl`.
    pub bytes: u64,
    /// The last event.
    pub seq: u64,
}

/// Identifies a run's worker, so that it is found again. What the parts mean is up to the launcher that started it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handle {
    /// A pid, or a job's number.
    pub number: u64,
    /// When it started, by the clock of that place: numbers are used again.
    pub started: u64,
    /// Where the number is valid: a machine's boot id, or a cluster's name.
    pub place: String,
}

impl Handle {
    /// Out of its three columns.
    pub(super) fn stored(number: Option<i64>, started: Option<i64>, place: Option<String>) -> Option<Self> {
        Some(Self {
            number: number? as u64,
            started: started? as u64,
            place: place?,
        })
    }
}

#[derive(FromRow)]
pub(super) struct Raw {
    key: i64,
    id: String,
    name: String,
    state: String,
    rank: Option<i64>,
    resume: bool,
    resume_from: Option<String>,
    stop_asked: Option<String>,
    config: String,
    directory: String,
    note: String,
    archived: bool,
    parent: Option<String>,
    created: i64,
    ended: Option<i64>,
    message: String,
    code: String,
    args: String,
    worker_pid: Option<i64>,
    worker_start: Option<i64>,
    worker_boot: Option<String>,
    card: Option<String>,
    peak_memory: Option<i64>,
    sweep: Option<String>,
    sweep_name: Option<String>,
    sweep_runs: Option<i64>,
    sweep_target: Option<String>,
    sweep_stopped: Option<bool>,
    sweep_index: Option<i64>,
    point: Option<String>,
    early: Option<String>,
    tags: String,
    checkpoints: i64,
    seq: i64,
    bytes: i64,
    progress: String,
}

const SELECT: &str = "SELECT r.key, r.id, r.name, r.state, r.resume, r.resume_from, r.stop_asked, r.config, r.directory, r.note, r.archived,
    r.parent, r.created, r.ended, r.message, r.code, r.args, r.worker_pid, r.worker_start, r.worker_boot, r.card, r.peak_memory,
    r.sweep, w.name AS sweep_name, w.runs AS sweep_runs, w.target AS sweep_target,
    w.stopped AS sweep_stopped, r.sweep_index, r.point, r.early,
    CASE r.state WHEN 'queued' THEN
        (SELECT count(*) FROM runs q WHERE q.state = 'queued' AND (q.queue_position, q.key) <= (r.queue_position, r.key))
    END AS rank,
    (SELECT json_group_array(tag) FROM tags t WHERE t.run = r.key) AS tags,
    (SELECT count(*) FROM checkpoints c WHERE c.run = r.key) AS checkpoints,
    s.seq, s.bytes, s.progress
    FROM runs r JOIN summaries s ON s.run = r.key AND r.deleted = 0 LEFT JOIN sweeps w ON w.id = r.sweep";

pub(super) fn decode<T: serde::de::DeserializeOwned>(column: &str, text: &str) -> Result<T, sqlx::Error> {
    serde_json::from_str(text).map_err(|e| sqlx::Error::ColumnDecode {
        index: column.into(),
        source: e.into(),
    })
}

impl Db {
    pub(super) fn row(&self, raw: Raw) -> Result<RunRow, sqlx::Error> {
        let progress: Progress = decode("progress", &raw.progress)?;
        let quoted = |text: &str| format!("\"{text}\"");
        let worker = Handle::stored(raw.worker_pid, raw.worker_start, raw.worker_boot);
        let early: Option<Said> = raw.early.map(|said| decode("early", &said)).transpose()?;
        let sweep = match (raw.sweep, raw.sweep_name, raw.sweep_target, raw.point) {
            (Some(id), Some(name), Some(target), Some(point)) => Some(OfSweep {
                id,
                name,
                index: raw.sweep_index.unwrap_or_default() as u64,
                of: raw.sweep_runs.unwrap_or_default() as u64,
                point: decode("point", &point)?,
                target: decode("target", &target)?,
                early: early.is_some(),
                stopped: raw.sweep_stopped.unwrap_or_default(),
            }),
            _ => None,
        };
        let stop_asked = raw.stop_asked.map(|s| decode("stop_asked", &quoted(&s))).transpose()?;
        let summary = RunSummary {
            id: raw.id,
            name: raw.name,
            state: decode("state", &quoted(&raw.state))?,
            queue_position: raw.rank.map(|n| n as u64),
            tags: decode("tags", &raw.tags)?,
            note: raw.note,
            archived: raw.archived,
            created: raw.created,
            started: progress.first,
            ended: raw.ended,
            seconds: progress.seconds(),
            pace: progress.pace(),
            seconds_per_step: progress.found().and_then(|found| found.seconds_per_step),
            pauses: progress.pauses.clone(),
            step: progress.step,
            total_steps: progress.total_steps(),
            seq: raw.seq as u64,
            origin: progress.origin.clone(),
            parent: raw.parent,
            sweep,
            config: decode("config", &raw.config)?,
            latest: progress.metrics(),
            baseline: progress.baseline.clone(),
            evaluated: progress.eval.as_ref().map(|(step, _)| *step),
            checkpoints: raw.checkpoints as u64,
            spark: progress.spark.values(),
            spark_metric: progress.spark.metric.clone(),
            health: progress.health().cloned(),
            message: raw.message,
            code: raw.code,
            args: decode("args", &raw.args)?,
            peak_memory: raw.peak_memory.map(|n| n as u64),
        };
        Ok(RunRow {
            key: raw.key,
            summary,
            ours: !raw.directory.starts_with('/'),
            directory: self.path(&raw.directory),
            resume: raw.resume,
            resume_from: raw.resume_from,
            stop_asked,
            worker,
            card: raw.card,
            early,
            progress,
            bytes: raw.bytes as u64,
        })
    }
}

impl Db {
    /// All runs, newest first. The cost does not depend on how many points they have.
    pub async fn runs(&self) -> Result<Vec<RunRow>, sqlx::Error> {
        let sql = select(" ORDER BY r.created DESC, r.key DESC");
        let rows: Vec<Raw> = sqlx::query_as(sql).fetch_all(self.read()).await?;
        rows.into_iter().map(|raw| self.row(raw)).collect()
    }

    /// The first runs of the list: those that are running, those that wait, then the newest.
    pub async fn newest_runs(&self, count: u32) -> Result<Vec<RunRow>, sqlx::Error> {
        let order = " WHERE r.archived = 0 ORDER BY r.state IN ('starting', 'running', 'stopping') DESC, r.state = 'queued' DESC,
            CASE r.state WHEN 'queued' THEN r.queue_position END, r.created DESC, r.key DESC LIMIT ?";
        let rows: Vec<Raw> = sqlx::query_as(select(order)).bind(count).fetch_all(self.read()).await?;
        rows.into_iter().map(|raw| self.row(raw)).collect()
    }

    /// The newest runs that were trained here and have ended.
    pub async fn newest_ended(&self, count: u32) -> Result<Vec<RunRow>, sqlx::Error> {
        let order = " WHERE r.state IN ('completed', 'stopped') AND json_extract(s.progress, '$.origin') IS NULL ORDER BY r.created DESC, r.key DESC LIMIT ?";
        let rows: Vec<Raw> = sqlx::query_as(select(order)).bind(count).fetch_all(self.read()).await?;
        rows.into_iter().map(|raw| self.row(raw)).collect()
    }

    pub async fn run(&self, id: &str) -> Result<Option<RunRow>, sqlx::Error> {
        let sql = select(" WHERE r.id = ?");
        let row: Option<Raw> = sqlx::query_as(sql).bind(id).fetch_optional(self.read()).await?;
        row.map(|raw| self.row(raw)).transpose()
    }

    /// The runs of these ids, as far as they exist.
    pub async fn runs_of<Id: serde::Serialize>(&self, ids: &[Id]) -> Result<Vec<RunRow>, sqlx::Error> {
        let sql = select(" WHERE r.id IN (SELECT value FROM json_each(?))");
        let ids = encode(&ids)?;
        let rows: Vec<Raw> = sqlx::query_as(sql).bind(ids).fetch_all(self.read()).await?;
        rows.into_iter().map(|raw| self.row(raw)).collect()
    }

    /// Runs that wait or are running, or may be running on another machine; newest first.
    pub async fn open_runs(&self) -> Result<Vec<RunRow>, sqlx::Error> {
        let sql = select(
            " WHERE r.state IN ('queued', 'starting', 'running', 'stopping', 'unknown') ORDER BY r.created DESC, r.key DESC",
        );
        let rows: Vec<Raw> = sqlx::query_as(sql).fetch_all(self.read()).await?;
        rows.into_iter().map(|raw| self.row(raw)).collect()
    }

    pub async fn queued_runs(&self) -> Result<Vec<RunRow>, sqlx::Error> {
        let sql = select(" WHERE r.state = 'queued' ORDER BY r.queue_position, r.key");
        let rows: Vec<Raw> = sqlx::query_as(sql).fetch_all(self.read()).await?;
        rows.into_iter().map(|raw| self.row(raw)).collect()
    }

    /// The runs that have ended.
    pub async fn runs_over(&self) -> Result<Vec<EndedRun>, sqlx::Error> {
        let sql = "SELECT r.key, r.id, r.directory, s.bytes, s.seq FROM runs r JOIN summaries s ON s.run = r.key
                   WHERE r.deleted = 0 AND r.state IN ('completed', 'stopped', 'failed', 'untold')";
        let rows: Vec<(i64, String, String, i64, i64)> = sqlx::query_as(sql).fetch_all(self.read()).await?;
        let over = |(key, id, place, bytes, seq): (i64, String, String, i64, i64)| EndedRun {
            key,
            id,
            directory: self.path(&place),
            bytes: bytes as u64,
            seq: seq as u64,
        };
        Ok(rows.into_iter().map(over).collect())
    }

    pub async fn run_by_name(&self, name: &str) -> Result<Option<RunRow>, sqlx::Error> {
        let sql = select(" WHERE r.name = ?");
        let row: Option<Raw> = sqlx::query_as(sql).bind(name).fetch_optional(self.read()).await?;
        row.map(|raw| self.row(raw)).transpose()
    }

    /// Runs with a worker that lives or should, or may on another machine.
    pub async fn live_runs(&self) -> Result<Vec<RunRow>, sqlx::Error> {
        let sql = select(" WHERE r.state IN ('starting', 'running', 'stopping', 'unknown') ORDER BY r.key");
        let rows: Vec<Raw> = sqlx::query_as(sql).fetch_all(self.read()).await?;
        rows.into_iter().map(|raw| self.row(raw)).collect()
    }

    /// The runs of a sweep, in the order of making.
    pub async fn runs_of_sweep(&self, sweep: &str) -> Result<Vec<RunRow>, sqlx::Error> {
        let sql = select(" WHERE r.sweep = ? ORDER BY r.sweep_index");
        let rows: Vec<Raw> = sqlx::query_as(sql).bind(sweep).fetch_all(self.read()).await?;
        rows.into_iter().map(|raw| self.row(raw)).collect()
    }

    pub async fn names(&self) -> Result<Vec<String>, sqlx::Error> {
        sqlx::query_scalar("SELECT name FROM runs WHERE deleted = 0")
            .fetch_all(self.read())
            .await
    }

    /// The id of the run in a directory.
    pub async fn run_in(&self, directory: &Path) -> Result<Option<String>, sqlx::Error> {
        sqlx::query_scalar("SELECT id FROM runs WHERE directory = ?")
            .bind(self.place(directory))
            .fetch_optional(self.read())
            .await
    }

    /// The directories of all runs, those being deleted too.
    pub async fn directories(&self) -> Result<Vec<PathBuf>, sqlx::Error> {
        let all: Vec<String> = sqlx::query_scalar("SELECT directory FROM runs")
            .fetch_all(self.read())
            .await?;
        Ok(all.iter().map(|place| self.path(place)).collect())
    }

    pub async fn forgotten_directories(&self) -> Result<Vec<PathBuf>, sqlx::Error> {
        let all: Vec<String> = sqlx::query_scalar("SELECT directory FROM forgotten")
            .fetch_all(self.read())
            .await?;
        Ok(all.iter().map(|place| self.path(place)).collect())
    }

    pub async fn checkpoints(&self, key: i64) -> Result<Vec<Checkpoint>, sqlx::Error> {
        let sql = "SELECT step, path, best, eval, bytes, created FROM checkpoints WHERE run = ? ORDER BY step";
        let rows: Vec<(i64, String, bool, String, i64, i64)> =
            sqlx::query_as(sql).bind(key).fetch_all(self.read()).await?;
        rows.into_iter()
            .map(|(step, name, best, eval, bytes, created)| {
                Ok(Checkpoint {
                    name,
                    step: step as u64,
                    best,
                    eval: decode("eval", &eval)?,
                    bytes: bytes as u64,
                    created,
                })
            })
            .collect()
    }
}

/// `SELECT` with a constant end. Both are literals of this file, so nothing from outside gets into the text.
pub(super) fn select(end: &'static str) -> sqlx::AssertSqlSafe<String> {
    sqlx::AssertSqlSafe(format!("{SELECT}{end}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::NewRow;
    use protocol::api::RunState;

    #[tokio::test]
    async fn the_list_of_runs_looks_at_no_points_and_readers_cannot_write() {
        let dir = std::env::temp_dir().join(format!("corral-db-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let db = Db::open(&dir.join("corral.db"), Default::default()).await.unwrap();
        let plan = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {SELECT}"));
        let plan: Vec<(i64, i64, i64, String)> = sqlx::query_as(plan).fetch_all(db.read()).await.unwrap();
        let plan: Vec<String> = plan.into_iter().map(|(.., step)| step).collect();
        assert!(
            plan.iter()
                .any(|step| step.contains("summaries") || step.contains(" s ")),
            "{plan:?}"
        );
        for table in ["points", "buckets", "events"] {
            assert!(!plan.iter().any(|step| step.contains(table)), "{plan:?}");
        }
        let written = sqlx::query("INSERT INTO metrics (name) VALUES ('x')")
            .execute(db.read())
            .await;
        assert!(written.is_err());
        db.close().await;
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[tokio::test]
    async fn the_newest_runs_come_first_behind_those_that_go_and_wait() {
        let dir = std::env::temp_dir().join(format!("corral-newest-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let db = Db::open(&dir.join("corral.db"), Default::default()).await.unwrap();
        let states = [
            ("old", RunState::Completed),
            ("first", RunState::Queued),
            ("new", RunState::Completed),
            ("second", RunState::Queued),
            ("goes", RunState::Running),
        ];
        for (created, (name, state)) in (1..).zip(states) {
            let new = NewRow {
                state,
                created,
                ..NewRow::queued(name, dir.join(name))
            };
            db.insert_run(&new).await.unwrap();
        }
        let newest = db.newest_runs(9).await.unwrap();
        let names: Vec<String> = newest.into_iter().map(|row| row.summary.name).collect();
        assert_eq!(names, ["goes", "first", "second", "new", "old"]);
        db.close().await;
        std::fs::remove_dir_all(dir).unwrap();
    }
}
