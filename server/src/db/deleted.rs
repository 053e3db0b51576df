//! Deleting runs: hidden from every list at once, and removed from the tables bit by bit, so that nobody waits for a long one.

use super::Db;
use std::time::Duration;

/// Rows deleted in one transaction, which so holds the write lock for milliseconds.
const ROWS_AT_ONCE: i64 = 4000;
/// Pages given back to the disk at a time (`incremental_vacuum`).
const PAGES_AT_ONCE: i64 = 2000;
/// Between two such bits, so that others get to write.
const PAUSE: Duration = Duration::from_millis(5);

/// The large tables, with the columns of their keys behind the run.
const LARGE_TABLES: &[(&str, &str)] = &[
    ("points", "metric, step"),
    ("buckets", "level, metric, bucket"),
    ("events", "seq"),
];

impl Db {
    /// Takes a run that is not live out of all lists, at once and for good; false when it is live (again). Its name and
    /// its id are free from now on, its directory once [`Db::release_directory`] says so.
    pub async fn delete_run(&self, key: i64) -> Result<bool, sqlx::Error> {
        let mut tx = self.write().await?;
        let sql = "UPDATE runs SET deleted = 1, id = '/deleted/' || key, name = '/deleted/' || key, state = 'stopped'
                   WHERE key = ? AND deleted = 0 AND state IN ('queued', 'completed', 'stopped', 'failed', 'untold', 'unknown')";
        let done = sqlx::query(sql).bind(key).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Releases the directory of a deleted run: it was moved away or, with `stays`, stays where it is and is not adopted again by
    /// itself.
    pub async fn release_directory(&self, key: i64, stays: bool) -> Result<(), sqlx::Error> {
        let mut tx = self.write().await?;
        if stays {
            let sql = "INSERT INTO forgotten SELECT directory FROM runs WHERE key = ? ON CONFLICT DO NOTHING";
            sqlx::query(sql).bind(key).execute(&mut *tx).await?;
        }
        let sql = "UPDATE runs SET directory = '/deleted/' || key WHERE key = ?";
        sqlx::query(sql).bind(key).execute(&mut *tx).await?;
        tx.commit().await?;
        self.deleted.notify_one();
        Ok(())
    }
}

impl Db {
    /// Finishes deletions of a server that ended between the row and the directory: a directory that is still there stays, and is not
    /// adopted again.
    async fn finish_deletions(&self) -> Result<(), sqlx::Error> {
        let sql = "SELECT key, directory FROM runs WHERE deleted = 1 AND directory NOT LIKE '/deleted/%'";
        let cut_off: Vec<(i64, String)> = sqlx::query_as(sql).fetch_all(self.read()).await?;
        for (key, place) in cut_off {
            // where that can't be told, it stays
            let stands = tokio::fs::try_exists(self.path(&place)).await;
            self.release_directory(key, stands.unwrap_or(true)).await?;
        }
        Ok(())
    }

    /// Deletes some rows of a deleted run; false when there is no such run.
    async fn delete_some_rows(&self) -> Result<bool, sqlx::Error> {
        let sql = "SELECT key FROM runs WHERE deleted = 1 AND directory LIKE '/deleted/%' LIMIT 1";
        let run: Option<i64> = sqlx::query_scalar(sql).fetch_optional(self.read()).await?;
        let Some(run) = run else { return Ok(false) };
        for (table, key) in LARGE_TABLES {
            let mut tx = self.write().await?;
            // the names come from `LARGE_TABLES` alone
            let sql = sqlx::AssertSqlSafe(format!(
                "DELETE FROM {table} WHERE run = ?1 AND ({key}) <=
                 (SELECT {key} FROM {table} WHERE run = ?1 ORDER BY {key} LIMIT 1 OFFSET ?2)"
            ));
            let done = sqlx::query(sql).bind(run).bind(ROWS_AT_ONCE).execute(&mut *tx).await?;
            tx.commit().await?;
            if done.rows_affected() > 0 {
                return Ok(true);
            }
        }
        // what is left is little, and goes with the row
        let mut tx = self.write().await?;
        sqlx::query("DELETE FROM runs WHERE key = ?")
            .bind(run)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Gives free pages at the end of the file back; false when there are none.
    async fn shrink(&self) -> Result<bool, sqlx::Error> {
        let free = "PRAGMA freelist_count";
        let before: i64 = sqlx::query_scalar(free).fetch_one(&self.writer).await?;
        if before == 0 {
            return Ok(false);
        }
        // each row it answers is a page; read to the end, or it stops at the first
        let sql = sqlx::AssertSqlSafe(format!("PRAGMA incremental_vacuum({PAGES_AT_ONCE})"));
        sqlx::query(sql).fetch_all(&self.writer).await?;
        let after: i64 = sqlx::query_scalar(free).fetch_one(&self.writer).await?;
        Ok(after < before)
    }
}

/// Clears up after deleted runs for as long as the server goes, beginning with what the last one left.
pub async fn clear_up(db: Db) {
    if let Err(error) = db.finish_deletions().await {
        tracing::error!("deletions that were cut off could not be finished: {error}");
    }
    loop {
        let all: Result<(), sqlx::Error> = async {
            while db.delete_some_rows().await? {
                tokio::time::sleep(PAUSE).await;
            }
            while db.shrink().await? {
                tokio::time::sleep(PAUSE).await;
            }
            Ok(())
        }
        .await;
        match all {
            Ok(()) => db.deleted.notified().await,
            Err(error) => {
                tracing::error!("deleted runs could not be taken out of the database: {error}");
                tokio::time::sleep(Duration::from_secs(60)).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::NewRow;
    use protocol::api::RunState;

    fn row(id: &str) -> NewRow {
        NewRow {
            name: "long".into(),
            state: RunState::Stopped,
            tags: vec!["t".into()],
            ..NewRow::queued(id, "/nowhere/long".into())
        }
    }

    #[tokio::test]
    async fn a_long_run_is_gone_at_once_its_name_is_free_and_its_room_comes_back() {
        let dir = std::env::temp_dir().join(format!("corral-deleted-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let file = dir.join("corral.db");
        let db = Db::open(&file, Default::default()).await.unwrap();
        db.insert_run(&row("a")).await.unwrap();
        let key = db.run("a").await.unwrap().unwrap().key;
        let mut tx = db.write().await.unwrap();
        sqlx::query("INSERT INTO metrics (name) VALUES ('loss')")
            .execute(&mut *tx)
            .await
            .unwrap();
        sqlx::query(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000)
             INSERT INTO events SELECT ?, i, 'step', '{\"text\":\"a line as long as those that workers write\"}' FROM n",
        )
        .bind(key)
        .execute(&mut *tx)
        .await
        .unwrap();
        sqlx::query(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000)
             INSERT INTO points SELECT ?, 1, i, i, 0.5 FROM n",
        )
        .bind(key)
        .execute(&mut *tx)
        .await
        .unwrap();
        tx.commit().await.unwrap();
        assert!(db.delete_run(key).await.unwrap() && !db.delete_run(key).await.unwrap());
        assert!(db.run("a").await.unwrap().is_none() && db.runs().await.unwrap().is_empty());
        assert!(db.names().await.unwrap().is_empty());
        db.release_directory(key, false).await.unwrap();
        assert!(!db.directories().await.unwrap().contains(&"/nowhere/long".into()));
        // another may have its name and its directory meanwhile
        db.insert_run(&row("b")).await.unwrap();
        let mut bits = 0;
        while db.delete_some_rows().await.unwrap() {
            bits += 1;
        }
        assert!(bits > 60_000 / (ROWS_AT_ONCE as usize + 1), "{bits} bits");
        for table in ["events", "points", "runs WHERE deleted = 1"] {
            let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
            let left: i64 = sqlx::query_scalar(sql).fetch_one(db.read()).await.unwrap();
            assert_eq!(left, 0, "{table}");
        }
        while db.shrink().await.unwrap() {}
        let free: i64 = sqlx::query_scalar("PRAGMA freelist_count")
            .fetch_one(db.read())
            .await
            .unwrap();
        assert_eq!(free, 0);
        assert!(db.run("b").await.unwrap().is_some());
        db.close().await;
        assert!(std::fs::metadata(&file).unwrap().len() < 1 << 20);
        std::fs::remove_dir_all(dir).unwrap();
    }
}
