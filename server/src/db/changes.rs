//! Rows of runs, made and changed.

use super::progress::Found;
use super::{Db, Write};
use protocol::api::{RunPatch, RunState};
use protocol::sweep::Point;
use protocol::usage::Usage;
use protocol::{RunConfig, Said};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// A run to be made.
#[derive(Debug, Clone)]
pub struct NewRow {
    pub id: String,
    pub name: String,
    pub state: RunState,
    pub config: RunConfig,
    pub directory: PathBuf,
    /// It goes on from a checkpoint when its turn comes.
    pub resume: bool,
    pub tags: Vec<String>,
    pub note: String,
    pub archived: bool,
    pub parent: Option<String>,
    pub created: i64,
    pub sweep: Option<SweepPlace>,
    /// What is said of it where that stopped it early.
    pub early: Option<Said>,
}

#[cfg(test)]
impl NewRow {
    /// A run of this id, name and folder that waits in the queue, for a test to change.
    pub fn queued(id: &str, directory: PathBuf) -> Self {
        Self {
            id: id.into(),
            name: id.into(),
            state: RunState::Queued,
            config: RunConfig::default(),
            directory,
            resume: false,
            tags: vec![],
            note: String::new(),
            archived: false,
            parent: None,
            created: 1,
            sweep: None,
            early: None,
        }
    }
}

/// Where a run stands in its sweep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SweepPlace {
    /// The sweep's id.
    pub sweep: String,
    /// From 0.
    pub index: u64,
    pub point: Point,
}

/// How a run that comes back had ended, and what was seen of its machine.
pub struct EndedBefore<'a> {
    pub state: RunState,
    pub said: &'a Said,
    pub ended: Option<i64>,
    pub peak_memory: Option<u64>,
    pub card: Option<&'a str>,
    pub usage: &'a [Usage],
}

/// The first queue position of sweeps' runs, far above any other's: they wait behind all other runs.
pub(super) const SWEEPS_FROM: i64 = 1 << 40;

impl Db {
    /// Stores a new run; queued ones go to the end of the queue, those of sweeps behind those of none. A taken name is a unique
    /// violation.
    pub async fn insert_run(&self, new: &NewRow) -> Result<(), sqlx::Error> {
        let mut tx = self.write().await?;
        self.insert(&mut tx, new).await?;
        tx.commit().await
    }

    pub(super) async fn insert(&self, tx: &mut Write, new: &NewRow) -> Result<(), sqlx::Error> {
        let key: i64 = sqlx::query_scalar(
            "INSERT INTO runs (id, name, state, config, directory, parent, created, resume, note, archived, sweep, sweep_index, point,
                 early, queue_position)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?11, ?12, ?13, ?15,
                 (SELECT max(coalesce(max(queue_position), 0), ?14) + 1 FROM runs WHERE (sweep IS NULL) = (?11 IS NULL))) RETURNING key",
        )
        .bind(&new.id)
        .bind(&new.name)
        .bind(new.state.name())
        .bind(encode(&new.config)?)
        .bind(self.place(&new.directory))
        .bind(&new.parent)
        .bind(new.created)
        .bind(new.resume)
        .bind(&new.note)
        .bind(new.archived)
        .bind(new.sweep.as_ref().map(|place| &place.sweep))
        .bind(new.sweep.as_ref().map(|place| place.index as i64))
        .bind(new.sweep.as_ref().map(|place| encode(&place.point)).transpose()?)
        .bind(if new.sweep.is_some() { SWEEPS_FROM } else { 0 })
        .bind(new.early.as_ref().map(encode).transpose()?)
        .fetch_one(&mut **tx)
        .await?;
        sqlx::query("INSERT INTO summaries (run) VALUES (?)")
            .bind(key)
            .execute(&mut **tx)
            .await?;
        set_tags(tx, key, &new.tags).await
    }

    /// Changes what the patch names, but for the place in the queue.
    pub async fn patch_run(&self, key: i64, patch: &RunPatch) -> Result<(), sqlx::Error> {
        let mut tx = self.write().await?;
        sqlx::query(
            "UPDATE runs SET name = coalesce(?, name), note = coalesce(?, note), archived = coalesce(?, archived) WHERE key = ?",
        )
        .bind(&patch.name)
        .bind(&patch.note)
        .bind(patch.archived)
        .bind(key)
        .execute(&mut *tx)
        .await?;
        if let Some(tags) = &patch.tags {
            set_tags(&mut tx, key, tags).await?;
        }
        for tag in &patch.remove_tags {
            let sql = "DELETE FROM tags WHERE run = ? AND tag = ?";
            sqlx::query(sql).bind(key).bind(tag).execute(&mut *tx).await?;
        }
        add_tags(&mut tx, key, &patch.add_tags).await?;
        tx.commit().await
    }

    /// Notes that a directory is not to be adopted by itself; false when that was noted before.
    pub async fn forget_directory(&self, directory: &Path) -> Result<bool, sqlx::Error> {
        let mut tx = self.write().await?;
        let sql = "INSERT INTO forgotten (directory) VALUES (?) ON CONFLICT DO NOTHING";
        let done = sqlx::query(sql).bind(self.place(directory)).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Lets a directory be adopted again.
    pub async fn remember_directory(&self, directory: &Path) -> Result<(), sqlx::Error> {
        let mut tx = self.write().await?;
        let sql = "DELETE FROM forgotten WHERE directory = ?";
        sqlx::query(sql).bind(self.place(directory)).execute(&mut *tx).await?;
        tx.commit().await
    }

    pub async fn set_peak_memory(&self, key: i64, bytes: u64) -> Result<(), sqlx::Error> {
        let mut tx = self.write().await?;
        sqlx::query("UPDATE runs SET peak_memory = max(coalesce(peak_memory, 0), ?) WHERE key = ?")
            .bind(bytes as i64)
            .bind(key)
            .execute(&mut *tx)
            .await?;
        tx.commit().await
    }

    /// Stores what was found in a run's curves up to event `seq`, unless more events have come since.
    pub async fn keep_health(&self, key: i64, seq: u64, found: &Found) -> Result<(), sqlx::Error> {
        let mut tx = self.write().await?;
        let sql = "UPDATE summaries SET progress = json_set(progress, '$.health', json(?)) WHERE run = ? AND seq = ?";
        sqlx::query(sql)
            .bind(encode(found)?)
            .bind(key)
            .bind(seq as i64)
            .execute(&mut *tx)
            .await?;
        tx.commit().await
    }

    pub async fn end_run(&self, key: i64, state: RunState, said: &Said) -> Result<(), sqlx::Error> {
        let mut tx = self.write().await?;
        end(&mut tx, key, state, said, Some(self.ambient.now())).await?;
        tx.commit().await
    }

    /// A run that was deleted ended as it had before, at that time, with what was seen of its machine.
    pub async fn end_again(&self, key: i64, was: &EndedBefore<'_>) -> Result<(), sqlx::Error> {
        let mut tx = self.write().await?;
        end(&mut tx, key, was.state, was.said, was.ended).await?;
        sqlx::query("UPDATE runs SET peak_memory = ?, card = ? WHERE key = ?")
            .bind(was.peak_memory.map(|bytes| bytes as i64))
            .bind(was.card)
            .bind(key)
            .execute(&mut *tx)
            .await?;
        for usage in was.usage {
            sqlx::query("INSERT INTO usage VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
                .bind(key)
                .bind(usage.time)
                .bind(encode(usage)?)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await
    }

    /// The run as unknown: its worker belongs to another machine, and whether it has ended can't be seen here.
    pub async fn set_unknown(&self, key: i64, said: &Said) -> Result<(), sqlx::Error> {
        let mut tx = self.write().await?;
        sqlx::query(
            "UPDATE runs SET state = 'unknown', message = ?, code = ?, args = ?, ended = NULL,
             worker_pid = NULL, worker_start = NULL, worker_boot = NULL WHERE key = ?",
        )
        .bind(&said.message)
        .bind(&said.code)
        .bind(encode(&said.args)?)
        .bind(key)
        .execute(&mut *tx)
        .await?;
        tx.commit().await
    }

    /// Marks an unknown run as running: a worker of this machine goes on with it.
    pub async fn set_known_again(&self, key: i64) -> Result<(), sqlx::Error> {
        let mut tx = self.write().await?;
        let sql = "UPDATE runs SET state = 'running', message = '', code = '', args = '[]' WHERE key = ? AND state = 'unknown'";
        sqlx::query(sql).bind(key).execute(&mut *tx).await?;
        tx.commit().await
    }
}

/// Stores how a run ended, and when.
async fn end(tx: &mut Write, key: i64, state: RunState, said: &Said, at: Option<i64>) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE runs SET state = ?, message = ?, code = ?, args = ?, ended = ?, resume = 0, resume_from = NULL, stop_asked = NULL,
         worker_pid = NULL, worker_start = NULL, worker_boot = NULL WHERE key = ?",
    )
    .bind(state.name())
    .bind(&said.message)
    .bind(&said.code)
    .bind(encode(&said.args)?)
    .bind(at)
    .bind(key)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn set_tags(tx: &mut Write, key: i64, tags: &[String]) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM tags WHERE run = ?")
        .bind(key)
        .execute(&mut **tx)
        .await?;
    add_tags(tx, key, tags).await
}

async fn add_tags(tx: &mut Write, key: i64, tags: &[String]) -> Result<(), sqlx::Error> {
    for tag in tags {
        let sql = "INSERT INTO tags VALUES (?, ?) ON CONFLICT DO NOTHING";
        sqlx::query(sql).bind(key).bind(tag).execute(&mut **tx).await?;
    }
    Ok(())
}

pub(super) fn encode<T: Serialize>(value: &T) -> Result<String, sqlx::Error> {
    serde_json::to_string(value).map_err(|e| sqlx::Error::Encode(e.into()))
}
