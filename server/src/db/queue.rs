//! The queue: which run starts next, and the states a run goes through.

use super::changes::{SWEEPS_FROM, encode};
use super::{Db, Handle};
use crate::cards::{Place, Slots, Taken};
use protocol::Said;
use protocol::api::Stop;
use protocol::config::DeviceChoice;
use sqlx::FromRow;

/// A card, and the run that has it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct TakenCard {
    /// The run's id.
    pub run: String,
    /// The card's uuid.
    pub uuid: String,
}

/// What the queue has to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// This run, which has its place.
    Run(String),
    /// A run that would have a place but for a card that is lent.
    Waits,
    Nothing,
}

impl Db {
    /// Takes the first queued run for which there is a place out of the queue for starting, and gives it that place. `lent`:
    /// cards that something else than a run has.
    pub async fn take_next(&self, slots: &Slots, lent: &[String]) -> Result<Next, sqlx::Error> {
        let mut tx = self.write().await?;
        let live = "SELECT card FROM runs WHERE state IN ('starting', 'running', 'stopping')";
        let live: Vec<Option<String>> = sqlx::query_scalar(live).fetch_all(&mut *tx).await?;
        let by_runs = Taken {
            others: live.iter().filter(|card| card.is_none()).count(),
            cards: live.into_iter().flatten().collect(),
        };
        let taken = Taken {
            cards: by_runs.cards.iter().chain(lent).cloned().collect(),
            ..by_runs
        };
        // of a sweep's runs that store the reference's log-probs, the first stores them before the others start
        let queued =
            "SELECT key, id, json_extract(config, '$.device') FROM runs r WHERE state = 'queued' AND NOT EXISTS (
                          SELECT 1 FROM runs o WHERE o.sweep = r.sweep AND o.state = 'starting'
                          AND json_extract(r.config, '$.precompute_ref_log_probs'))
                      ORDER BY queue_position, key";
        let queued: Vec<(i64, String, Option<String>)> = sqlx::query_as(queued).fetch_all(&mut *tx).await?;
        let place = |device: &Option<String>, taken: &Taken| {
            let device = device.as_deref().and_then(DeviceChoice::parse);
            slots.place(device.unwrap_or(DeviceChoice::Best), taken)
        };
        let next = queued
            .iter()
            .find_map(|(key, id, device)| Some((*key, id.clone(), place(device, &taken)?)));
        let Some((key, id, place)) = next else {
            // committed, or its connection would be closed and opened anew every time
            tx.commit().await?;
            let waits = queued.iter().any(|(_, _, device)| place(device, &by_runs).is_some());
            return Ok(if waits { Next::Waits } else { Next::Nothing });
        };
        let card = match place {
            Place::Processor => None,
            Place::Card(uuid) => Some(uuid),
        };
        sqlx::query(
            "UPDATE runs SET state = 'starting', message = '', code = '', args = '[]', ended = NULL, stop_asked = NULL,
                 worker_pid = NULL, worker_start = NULL, worker_boot = NULL, card = ?2
             WHERE key = ?1",
        )
        .bind(key)
        .bind(card)
        .execute(&mut *tx)
        .await?;
        // how an earlier worker ended says nothing about this one
        let sql = "UPDATE summaries SET progress = json_remove(progress, '$.finished') WHERE run = ?";
        sqlx::query(sql).bind(key).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(Next::Run(id))
    }

    /// The cards that runs have now.
    pub async fn cards_taken(&self) -> Result<Vec<TakenCard>, sqlx::Error> {
        let sql = "SELECT id AS run, card AS uuid FROM runs WHERE card IS NOT NULL AND state IN ('starting', 'running', 'stopping')";
        sqlx::query_as(sql).fetch_all(self.read()).await
    }

    /// Puts a run that never came to start back into the queue, in front.
    pub async fn put_back(&self, key: i64) -> Result<(), sqlx::Error> {
        let mut tx = self.write().await?;
        let sql = "UPDATE runs SET state = 'queued',
                   queue_position = (SELECT coalesce(min(queue_position), 0) - 1 FROM runs) WHERE key = ?";
        sqlx::query(sql).bind(key).execute(&mut *tx).await?;
        tx.commit().await
    }

    /// Queues an ended run to go on from a checkpoint, in front, as it had its turn before; false when it is not over
    /// (any more).
    pub async fn enqueue_to_resume(&self, key: i64, from: Option<&str>) -> Result<bool, sqlx::Error> {
        let mut tx = self.write().await?;
        let sql = "UPDATE runs SET state = 'queued', resume = 1, resume_from = ?2, stop_asked = NULL, early = NULL,
                   message = '', code = '', args = '[]', ended = NULL,
                   queue_position = (SELECT coalesce(min(queue_position), 0) - 1 FROM runs)
                   WHERE key = ?1 AND state IN ('stopped', 'failed') AND deleted = 0";
        let done = sqlx::query(sql).bind(key).bind(from).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Moves a queued run to place `to` (from 1) and numbers the queue anew; those of sweeps stay behind the others.
    pub async fn move_in_queue(&self, key: i64, to: u64) -> Result<(), sqlx::Error> {
        let mut tx = self.write().await?;
        let sql = "SELECT key FROM runs WHERE state = 'queued' ORDER BY queue_position, key";
        let mut queue: Vec<i64> = sqlx::query_scalar(sql).fetch_all(&mut *tx).await?;
        queue.retain(|k| *k != key);
        let place = (to.max(1) as usize - 1).min(queue.len());
        queue.insert(place, key);
        for (n, key) in queue.iter().enumerate() {
            let sql =
                "UPDATE runs SET queue_position = ? + iif(sweep IS NULL, 0, ?) WHERE key = ? AND state = 'queued'";
            let query = sqlx::query(sql).bind(n as i64 + 1).bind(SWEEPS_FROM).bind(key);
            query.execute(&mut *tx).await?;
        }
        tx.commit().await
    }

    /// Makes an ended run live again, because its file grew; false when it was not over.
    pub async fn reopen(&self, key: i64) -> Result<bool, sqlx::Error> {
        let mut tx = self.write().await?;
        let sql = "UPDATE runs SET state = 'starting', message = '', code = '', args = '[]', ended = NULL
                   WHERE key = ? AND state IN ('completed', 'stopped', 'failed', 'untold')";
        let done = sqlx::query(sql).bind(key).execute(&mut *tx).await?;
        let done = done.rows_affected() == 1;
        if done {
            let sql = "UPDATE summaries SET progress = json_remove(progress, '$.finished') WHERE run = ?";
            sqlx::query(sql).bind(key).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(done)
    }

    /// Takes a run out of the queue for good; false when it has started meanwhile.
    pub async fn cancel_queued(&self, key: i64, said: &Said) -> Result<bool, sqlx::Error> {
        let mut tx = self.write().await?;
        let sql = "UPDATE runs SET state = 'stopped', resume = 0, ended = ?, message = ?, code = ?, args = ?
                   WHERE key = ? AND state = 'queued'";
        let done = sqlx::query(sql)
            .bind(self.ambient.now())
            .bind(&said.message)
            .bind(&said.code)
            .bind(encode(&said.args)?)
            .bind(key)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Remembers that a stop was asked, so that a restarted server does not take the end for a failure.
    pub async fn ask_stop(&self, key: i64, how: Stop) -> Result<(), sqlx::Error> {
        let how = match how {
            Stop::Save => "save",
            Stop::Now => "now",
        };
        let mut tx = self.write().await?;
        sqlx::query(
            "UPDATE runs SET stop_asked = ?, state = 'stopping' WHERE key = ? AND state IN ('starting', 'running', 'stopping')",
        )
        .bind(how)
        .bind(key)
        .execute(&mut *tx)
        .await?;
        tx.commit().await
    }

    pub async fn set_worker(&self, key: i64, worker: &Handle) -> Result<(), sqlx::Error> {
        let mut tx = self.write().await?;
        sqlx::query("UPDATE runs SET worker_pid = ?, worker_start = ?, worker_boot = ? WHERE key = ?")
            .bind(worker.number as i64)
            .bind(worker.started as i64)
            .bind(&worker.place)
            .bind(key)
            .execute(&mut *tx)
            .await?;
        tx.commit().await
    }

    /// The card that a worker says it has, or that it has none.
    pub async fn set_card(&self, key: i64, card: Option<&str>) -> Result<(), sqlx::Error> {
        let mut tx = self.write().await?;
        let sql = "UPDATE runs SET card = ? WHERE key = ?";
        sqlx::query(sql).bind(card).bind(key).execute(&mut *tx).await?;
        tx.commit().await
    }
}
