//! trackio's database of a project: `TRACKIO_DIR/PROJECT.db`, tables `metrics` and `configs` as schema version 2 of trackio 0.24
//! and later has them; what else that version has, trackio makes itself when it opens the file.

use super::{Failure, read};
use protocol::config::KEYS;
use protocol::event::Event;
use protocol::fold::Rewind;
use protocol::trackers::{PROJECT, Row, TRACKIO};
use protocol::{RunConfig, run_dir, says};
use serde_json::{Map, Value, json};
use sha1::{Digest, Sha1};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Connection, Executor};
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// How long to wait for another program that writes the database.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Time between two tries for its lock.
const RETRY_EVERY: Duration = Duration::from_millis(50);
const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS metrics (
    id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL, timestamp TEXT NOT NULL, run_name TEXT NOT NULL,
    step INTEGER NOT NULL, metrics TEXT NOT NULL, log_id TEXT, space_id TEXT
);
CREATE UNIQUE INDEX IF NOT EXISTS idx_metrics_log_id ON metrics(log_id) WHERE log_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS idx_metrics_run_step ON metrics(run_id, step);
CREATE TABLE IF NOT EXISTS configs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL, run_name TEXT NOT NULL, config TEXT NOT NULL,
    created_at TEXT NOT NULL, UNIQUE(run_id)
);";

/// A project's database, and how far a run's events were told to it.
pub(super) struct Trackio {
    directory: PathBuf,
    database: PathBuf,
    /// Held while it is written, as trackio's own writers do.
    lock: PathBuf,
    name: String,
    config: Map<String, Value>,
    /// Bytes of `events.jsonl` that were told.
    told_bytes: u64,
    run: Option<String>,
}

impl Trackio {
    pub fn new(directory: &Path, config: &RunConfig) -> Self {
        let set = |name| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        let folder = set("TRACKIO_DIR").map_or_else(|| directory.join(TRACKIO), PathBuf::from);
        let project = config.project.clone().unwrap_or_else(|| PROJECT.into());
        // as trackio names a project's files
        let plain: String = project
            .chars()
            .filter(|c| c.is_alphanumeric() || "-_".contains(*c))
            .collect();
        let plain = if plain.is_empty() { "default".into() } else { plain };
        let called = directory.file_name().unwrap_or_default().to_string_lossy();
        let keys = KEYS
            .iter()
            .filter_map(|key| Some((key.name.to_owned(), config.get(key.name)?)));
        Self {
            directory: directory.to_owned(),
            database: folder.join(format!("{plain}.db")),
            lock: folder.join(format!("{plain}.lock")),
            name: config.run_name.clone().unwrap_or_else(|| called.into_owned()),
            config: keys.collect(),
            told_bytes: 0,
            run: None,
        }
    }

    /// Tells what is new. What was told by an earlier process is told again and found there.
    pub fn catch_up(&mut self) -> Result<(), Failure> {
        loop {
            let (events, bytes) =
                read(&self.directory.join(run_dir::EVENTS), self.told_bytes).map_err(|e| self.broken(e))?;
            if bytes == self.told_bytes {
                return Ok(());
            }
            self.tell(&events)?;
            self.told_bytes = bytes;
        }
    }

    fn tell(&mut self, events: &[Event]) -> Result<(), Failure> {
        let Some(first) = events.first() else { return Ok(()) };
        let run = match &self.run {
            Some(run) => run.clone(),
            None => hex_id(&format!("{} {}", self.name, first.time)),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|e| self.broken(e))?;
        let _held = self.hold()?;
        let written = runtime.block_on(self.write(&run, first.time, events));
        written.map_err(|e| match is_locked(&e) {
            true => Failure::Away(says::trackio_away(&self.database, e.to_string())),
            false => self.broken(e),
        })?;
        self.run = Some(run);
        Ok(())
    }

    /// The lock of all who write the project.
    fn hold(&self) -> Result<File, Failure> {
        if let Some(folder) = self.lock.parent() {
            fs::create_dir_all(folder).map_err(|e| self.broken(e))?;
        }
        let file = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&self.lock);
        let file = file.map_err(|e| self.broken(e))?;
        let asked = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::Error(e)) => return Err(self.broken(e)),
                Err(TryLockError::WouldBlock) if asked.elapsed() > TIMEOUT => {
                    let held = says::trackio_held(&self.lock, TIMEOUT.as_secs());
                    return Err(Failure::Away(says::trackio_away(&self.database, held)));
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(RETRY_EVERY),
            }
        }
    }

    async fn write(&self, run: &str, begun: i64, events: &[Event]) -> Result<(), sqlx::Error> {
        let options = SqliteConnectOptions::new()
            .filename(&self.database)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(TIMEOUT);
        let mut database = SqliteConnection::connect_with(&options).await?;
        let mut all = database.begin().await?;
        all.execute(sqlx::raw_sql(SCHEMA)).await?;
        if self.run.is_none() {
            let mut config = self.config.clone();
            config.insert("_Username".into(), Value::Null);
            config.insert("_Created".into(), json!(iso(begun)));
            config.insert("_Group".into(), Value::Null);
            let asked = "INSERT INTO configs (run_id, run_name, config, created_at) VALUES (?, ?, ?, ?)
                ON CONFLICT(run_id) DO UPDATE SET config = excluded.config";
            let asked = sqlx::query(asked).bind(run).bind(&self.name);
            let asked = asked.bind(Value::Object(config).to_string()).bind(iso(begun));
            asked.execute(&mut *all).await?;
        }
        for event in events {
            if let Some(rewind) = Rewind::of(&event.body) {
                let asked = sqlx::query("DELETE FROM metrics WHERE run_id = ? AND step >= ?");
                let first = rewind.first() as i64;
                asked.bind(run).bind(first).execute(&mut *all).await?;
            }
            let Some(row) = Row::of(event) else { continue };
            let mut metrics: Map<String, Value> = row.values.into_iter().map(|(tag, v)| (tag, json!(v))).collect();
            metrics.insert("train/global_step".into(), json!(row.step));
            let asked = "INSERT OR IGNORE INTO metrics (run_id, timestamp, run_name, step, metrics, log_id)
                VALUES (?, ?, ?, ?, ?, ?)";
            let asked = sqlx::query(asked).bind(run).bind(iso(row.time)).bind(&self.name);
            let asked = asked.bind(row.step as i64).bind(Value::Object(metrics).to_string());
            asked
                .bind(hex_id(&format!("{run} {}", event.seq)))
                .execute(&mut *all)
                .await?;
        }
        all.commit().await?;
        database.close().await
    }

    fn broken(&self, why: impl std::fmt::Display) -> Failure {
        Failure::Broken(says::trackio_away(&self.database, why.to_string()))
    }
}

/// Whether another program has the database: SQLite's codes for that, which the low byte holds.
fn is_locked(error: &sqlx::Error) -> bool {
    let code = error
        .as_database_error()
        .and_then(|error| error.code()?.parse::<u32>().ok());
    code.is_some_and(|code| [5, 6].contains(&(code & 0xff)))
}

/// 32 hexadecimal digits of a hash, as trackio's ids are.
fn hex_id(of: &str) -> String {
    let digits = Sha1::digest(of.as_bytes());
    digits.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

fn iso(millis: i64) -> String {
    let time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000);
    let text = time
        .ok()
        .and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_default();
    text.replace('Z', "+00:00")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn step(seq: u64, step: u64, loss: f64) -> String {
        let metrics = json!({ "loss": loss });
        format!(
            "{}\n",
            json!({ "seq": seq, "time": 1_700_000_000_000_i64 + seq as i64, "type": "step", "step": step, "epoch": 0.5, "metrics": metrics })
        )
    }

    fn rows(path: &Path) -> Vec<(i64, String)> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let options = SqliteConnectOptions::new().filename(path);
            let mut database = SqliteConnection::connect_with(&options).await.unwrap();
            let asked = "SELECT step, json_extract(metrics, '$.\"train/loss\"') || '' FROM metrics ORDER BY id";
            sqlx::query_as(asked).fetch_all(&mut database).await.unwrap()
        })
    }

    #[test]
    fn a_folder_that_can_not_be_is_no_matter_of_time() {
        let folder = std::env::temp_dir().join(format!("corral-trackio-none-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(run_dir::EVENTS), step(1, 1, 0.5)).unwrap();
        fs::write(folder.join(TRACKIO), "a file in place of the folder").unwrap();
        let told = Trackio::new(&folder, &RunConfig::default()).catch_up();
        assert!(matches!(told, Err(Failure::Broken(_))), "{told:?}");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_run_is_there_once_however_often_it_is_told_and_what_it_does_again_takes_the_place_of_what_it_did() {
        let folder = std::env::temp_dir().join(format!("corral-trackio-{}", std::process::id()));
        let run = folder.join("run");
        fs::create_dir_all(&run).unwrap();
        let events = run.join(run_dir::EVENTS);
        fs::write(&events, step(1, 1, 0.5) + &step(2, 2, 0.25)).unwrap();
        let config = RunConfig {
            project: Some("a project/of mine".into()),
            ..RunConfig::default()
        };
        let database = run.join(TRACKIO).join("aprojectofmine.db");
        let mut first = Trackio::new(&run, &config);
        first.catch_up().unwrap();
        Trackio::new(&run, &config).catch_up().unwrap();
        assert_eq!(rows(&database), [(1, "0.5".into()), (2, "0.25".into())]);
        // a worker that goes on after step 1
        let origin = json!({ "seq": 3, "time": 1_700_000_000_003_i64, "type": "origin", "from": "python", "path": "x", "resumed_from": 1 });
        let mut more = File::options().append(true).open(&events).unwrap();
        write!(more, "{origin}\n{}", step(4, 2, 0.125)).unwrap();
        first.catch_up().unwrap();
        assert_eq!(rows(&database), [(1, "0.5".into()), (2, "0.125".into())]);
        fs::remove_dir_all(&folder).unwrap();
    }
}
