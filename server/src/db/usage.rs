//! Samples of the machine's load, taken while runs are running.

use super::runs::decode;
use super::{Db, Handle};
use protocol::usage::{SAMPLES, Usage};

/// A run that is running on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Going {
    pub key: i64,
    pub id: String,
    /// Once there is one.
    pub worker: Option<Handle>,
    /// The uuid of its card.
    pub card: Option<String>,
}

impl Db {
    /// The runs whose workers are running on this machine now. Imported runs have none here.
    pub async fn going(&self) -> Result<Vec<Going>, sqlx::Error> {
        let sql = "SELECT r.key, r.id, r.worker_pid, r.worker_start, r.worker_boot, r.card FROM runs r JOIN summaries s ON s.run = r.key
            WHERE r.state IN ('starting', 'running', 'stopping') AND r.deleted = 0 AND json_extract(s.progress, '$.origin') IS NULL";
        let rows = sqlx::query_as(sql).fetch_all(self.read()).await?;
        let going = |(key, id, number, started, place, card)| Going {
            key,
            id,
            worker: Handle::stored(number, started, place),
            card,
        };
        Ok(rows.into_iter().map(going).collect())
    }

    /// All samples of a run, oldest first.
    pub async fn usage(&self, key: i64) -> Result<Vec<Usage>, sqlx::Error> {
        let sql = "SELECT body FROM usage WHERE run = ? ORDER BY time";
        let bodies: Vec<String> = sqlx::query_scalar(sql).bind(key).fetch_all(self.read()).await?;
        bodies.iter().map(|body| decode("body", body)).collect()
    }

    /// Stores one more sample; where there would be too many, every two become their mean first.
    pub async fn add_usage(&self, key: i64, usage: &Usage) -> Result<(), sqlx::Error> {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM usage WHERE run = ?")
            .bind(key)
            .fetch_one(self.read())
            .await?;
        let all = match count as usize >= SAMPLES {
            true => Some(self.usage(key).await?),
            false => None,
        };
        let mut tx = self.write().await?;
        if all.is_some() {
            sqlx::query("DELETE FROM usage WHERE run = ?")
                .bind(key)
                .execute(&mut *tx)
                .await?;
        }
        let fewer = all.iter().flat_map(|all| all.chunks(2)).map(Usage::mean);
        for usage in fewer.chain([usage.clone()]) {
            let body = serde_json::to_string(&usage).map_err(|e| sqlx::Error::Encode(e.into()))?;
            // the clock was set back, or the run was deleted meanwhile: nothing to keep
            sqlx::query("INSERT INTO usage SELECT key, ?2, ?3 FROM runs WHERE key = ?1 ON CONFLICT DO NOTHING")
                .bind(key)
                .bind(usage.time)
                .bind(body)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await
    }
}
