//! SQLite: one writer connection, several readers that cannot write, migrations inside the binary.

mod ingest;
mod queue;
mod runs;
mod series;

pub use ingest::{Batch, Line};
pub use queue::Place;
pub use runs::{NewRow, RunRow, Worker};
pub use series::{Logged, bucket_level};

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, Transaction};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The database of a data directory. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    writer: SqlitePool,
    readers: SqlitePool,
    /// Ids of metric names that are committed.
    metrics: Arc<Mutex<HashMap<String, i64>>>,
}

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../migrations");

impl Db {
    /// Opens the file, makes it when missing, and brings its schema up to date.
    ///
    /// # Errors
    /// When it can't be opened, is no SQLite file, or was written by a newer Corral.
    pub async fn open(path: &Path) -> Result<Self, sqlx::Error> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_secs(5))
            .foreign_keys(true)
            .pragma("temp_store", "MEMORY");
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options.clone().create_if_missing(true))
            .await?;
        MIGRATIONS.run(&writer).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(4)
            .connect_with(options.pragma("query_only", "ON"))
            .await?;
        let metrics = Arc::default();
        Ok(Self {
            writer,
            readers,
            metrics,
        })
    }

    /// For reading. A write through it fails.
    pub fn read(&self) -> &SqlitePool {
        &self.readers
    }

    /// The one connection that writes, in a transaction that holds the write lock from its start.
    pub async fn write(&self) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
        self.writer.begin_with("BEGIN IMMEDIATE").await
    }

    /// Writes the log into the file and closes it.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}
