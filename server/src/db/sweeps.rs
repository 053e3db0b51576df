//! Sweeps: their rows, and what their runs have come to.

use super::changes::{SWEEPS_FROM, encode};
use super::runs::decode;
use super::{Db, NewRow};
use protocol::sweep::{Sweep, Target};
use protocol::{RunConfig, Said};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use std::collections::HashMap;

/// A sweep as stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SweepRow {
    pub id: String,
    pub name: String,
    pub config: RunConfig,
    pub sweep: Sweep,
    pub target: Target,
    pub tags: Vec<String>,
    /// How many runs it makes in all.
    pub runs: u64,
    /// How many of them it has made.
    pub made: u64,
    pub stopped: bool,
    pub said: Said,
    pub created: i64,
}

#[derive(FromRow)]
struct Raw {
    id: String,
    name: String,
    config: String,
    sweep: String,
    target: String,
    tags: String,
    runs: i64,
    made: i64,
    stopped: bool,
    said: String,
    created: i64,
}

impl TryFrom<Raw> for SweepRow {
    type Error = sqlx::Error;

    fn try_from(raw: Raw) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: raw.id,
            name: raw.name,
            config: decode("config", &raw.config)?,
            sweep: decode("sweep", &raw.sweep)?,
            target: decode("target", &raw.target)?,
            tags: decode("tags", &raw.tags)?,
            runs: raw.runs as u64,
            made: raw.made as u64,
            stopped: raw.stopped,
            said: decode("said", &raw.said)?,
            created: raw.created,
        })
    }
}

const SELECT: &str = "SELECT id, name, config, sweep, target, tags, runs, made, stopped, said, created FROM sweeps";

/// `SELECT` with a constant end, as in the table of runs.
fn select(end: &'static str) -> sqlx::AssertSqlSafe<String> {
    sqlx::AssertSqlSafe(format!("{SELECT}{end}"))
}

impl Db {
    pub async fn insert_sweep(&self, row: &SweepRow) -> Result<(), sqlx::Error> {
        let mut tx = self.write().await?;
        let sql = "INSERT INTO sweeps (id, name, config, sweep, target, tags, runs, made, stopped, said, created)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        sqlx::query(sql)
            .bind(&row.id)
            .bind(&row.name)
            .bind(encode(&row.config)?)
            .bind(encode(&row.sweep)?)
            .bind(encode(&row.target)?)
            .bind(encode(&row.tags)?)
            .bind(row.runs as i64)
            .bind(row.made as i64)
            .bind(row.stopped)
            .bind(encode(&row.said)?)
            .bind(row.created)
            .execute(&mut *tx)
            .await?;
        tx.commit().await
    }

    /// All sweeps, newest first.
    pub async fn sweeps(&self) -> Result<Vec<SweepRow>, sqlx::Error> {
        let sql = select(" ORDER BY created DESC, id DESC");
        let rows: Vec<Raw> = sqlx::query_as(sql).fetch_all(self.read()).await?;
        rows.into_iter().map(SweepRow::try_from).collect()
    }

    pub async fn sweep(&self, id: &str) -> Result<Option<SweepRow>, sqlx::Error> {
        let row: Option<Raw> = sqlx::query_as(select(" WHERE id = ?"))
            .bind(id)
            .fetch_optional(self.read())
            .await?;
        row.map(SweepRow::try_from).transpose()
    }

    /// Stops a sweep from making more runs; false when it was stopped before.
    pub async fn stop_sweep(&self, id: &str, said: &Said) -> Result<bool, sqlx::Error> {
        let mut tx = self.write().await?;
        let sql = "UPDATE sweeps SET stopped = 1, said = ? WHERE id = ? AND stopped = 0";
        let done = sqlx::query(sql).bind(encode(said)?).bind(id).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Lets a stopped sweep make the runs that are left.
    pub async fn go_on_with_sweep(&self, id: &str, said: &Said) -> Result<(), sqlx::Error> {
        let mut tx = self.write().await?;
        let sql = "UPDATE sweeps SET stopped = 0, said = ? WHERE id = ?";
        sqlx::query(sql).bind(encode(said)?).bind(id).execute(&mut *tx).await?;
        tx.commit().await
    }

    pub async fn delete_sweep(&self, id: &str) -> Result<(), sqlx::Error> {
        let mut tx = self.write().await?;
        sqlx::query("DELETE FROM sweeps WHERE id = ?")
            .bind(id)
            .execute(&mut *tx)
            .await?;
        tx.commit().await
    }

    /// Queues an ended run of a sweep to go on from its newest checkpoint, behind all that wait; false when it is not over (any
    /// more).
    pub async fn enqueue_behind(&self, key: i64) -> Result<bool, sqlx::Error> {
        let mut tx = self.write().await?;
        let sql = "UPDATE runs SET state = 'queued', resume = 1, resume_from = NULL, stop_asked = NULL, early = NULL,
                   message = '', code = '', args = '[]', ended = NULL,
                   queue_position = (SELECT max(coalesce(max(queue_position), 0), ?2) + 1 FROM runs WHERE sweep IS NOT NULL)
                   WHERE key = ?1 AND state = 'stopped' AND deleted = 0";
        let done = sqlx::query(sql).bind(key).bind(SWEEPS_FROM).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Stores the next run of a sweep; false when its place was taken meanwhile, or the sweep was stopped. A taken name is a
    /// unique violation.
    pub async fn insert_next_of_sweep(&self, new: &NewRow) -> Result<bool, sqlx::Error> {
        let Some(place) = &new.sweep else { return Ok(false) };
        let mut tx = self.write().await?;
        let sql = "UPDATE sweeps SET made = made + 1 WHERE id = ? AND made = ? AND stopped = 0";
        let counted = sqlx::query(sql)
            .bind(&place.sweep)
            .bind(place.index as i64)
            .execute(&mut *tx)
            .await?;
        if counted.rows_affected() == 0 {
            tx.commit().await?;
            return Ok(false);
        }
        self.insert(&mut tx, new).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// A metric at each evaluation of a sweep's runs, by the runs' keys; the evaluation before training is left out.
    pub async fn evaluations(&self, sweep: &str, metric: &str) -> Result<HashMap<i64, Vec<f64>>, sqlx::Error> {
        let sql = "SELECT p.run, p.value FROM points p JOIN metrics m ON m.id = p.metric
                   WHERE m.name = ? AND p.step > 0 AND p.run IN (SELECT key FROM runs WHERE sweep = ?)
                   ORDER BY p.run, p.step";
        let rows: Vec<(i64, f64)> = sqlx::query_as(sql)
            .bind(metric)
            .bind(sweep)
            .fetch_all(self.read())
            .await?;
        let mut all: HashMap<i64, Vec<f64>> = HashMap::new();
        for (run, value) in rows {
            all.entry(run).or_default().push(value);
        }
        Ok(all)
    }

    /// The notices of a sweep's runs: their keys, and the events.
    pub async fn notices_of_sweep(&self, sweep: &str) -> Result<Vec<(i64, String)>, sqlx::Error> {
        let sql =
            "SELECT run, body FROM events WHERE kind = 'notice' AND run IN (SELECT key FROM runs WHERE sweep = ?)";
        sqlx::query_as(sql).bind(sweep).fetch_all(self.read()).await
    }

    /// Notes that a run was compared with the others at this rung (after so many evaluations); false when it was before.
    pub async fn reach_rung(&self, key: i64, rung: u64) -> Result<bool, sqlx::Error> {
        let mut tx = self.write().await?;
        let sql = "UPDATE runs SET rung = ?2 WHERE key = ?1 AND rung < ?2";
        let done = sqlx::query(sql).bind(key).bind(rung as i64).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Notes why a run's sweep stops it early.
    pub async fn set_early(&self, key: i64, said: &Said) -> Result<(), sqlx::Error> {
        let mut tx = self.write().await?;
        let sql = "UPDATE runs SET early = ? WHERE key = ?";
        sqlx::query(sql).bind(encode(said)?).bind(key).execute(&mut *tx).await?;
        tx.commit().await
    }
}
