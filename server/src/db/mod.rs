//! SQLite: one writer connection, several readers that cannot write, migrations inside the binary.

mod changes;
mod deleted;
mod ingest;
mod list;
mod means;
mod places;
pub mod progress;
mod queue;
mod runs;
mod series;
mod sweeps;
#[cfg(test)]
mod tests;
mod thinned;
mod usage;
mod views;
mod write;

pub use changes::{EndedBefore, NewRow, SweepPlace};
pub use deleted::clear_up;
pub use ingest::{Batch, EventLine};
pub use list::{ListPage, ListQuery};
pub use places::RunPlace;
pub use queue::{Next, TakenCard};
pub use runs::{EndedRun, Handle, RunRow};
pub use series::{Logged, LoggedPage};
pub use sweeps::SweepRow;
pub use usage::Going;
pub use write::Write;

use crate::ambient::Ambient;
use sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The database of a data directory. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    ambient: Ambient,
    writer: SqlitePool,
    readers: SqlitePool,
    /// The folder the file lies in: the data directory.
    root: Arc<Path>,
    /// Ids of the metric names that are committed.
    metrics: Arc<Mutex<HashMap<String, i64>>>,
    /// Notified when runs were deleted and there is something to clear up.
    deleted: Arc<tokio::sync::Notify>,
}

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../migrations");

impl Db {
    /// How many have it: whatever works on a database does.
    #[cfg(test)]
    pub fn holders(&self) -> usize {
        Arc::strong_count(&self.root)
    }

    /// Opens the file, makes it when missing, and brings its schema up to date.
    ///
    /// # Errors
    /// When it can't be opened, is no SQLite file, or was written by a newer Corral.
    pub async fn open(path: &Path, ambient: Ambient) -> Result<Self, sqlx::Error> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_secs(5))
            .foreign_keys(true)
            .auto_vacuum(SqliteAutoVacuum::Incremental)
            .pragma("temp_store", "MEMORY");
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options.clone().create_if_missing(true))
            .await?;
        MIGRATIONS.run(&writer).await?;
        use_incremental_vacuum(&writer).await;
        let readers = SqlitePoolOptions::new()
            .max_connections(4)
            .connect_with(options.pragma("query_only", "ON"))
            .await?;
        let root = path.parent().unwrap_or(Path::new("")).to_path_buf();
        let db = Self {
            ambient,
            writer,
            readers,
            root: root.into(),
            metrics: Arc::default(),
            deleted: Arc::default(),
        };
        db.make_paths_relative().await?;
        db.invalidate_old_cells().await?;
        Ok(db)
    }

    /// The pool of read-only connections: a write through it fails.
    pub fn read(&self) -> &SqlitePool {
        &self.readers
    }

    /// A transaction on the one connection that writes; it holds the write lock from its start.
    pub async fn write(&self) -> Result<Write, sqlx::Error> {
        Write::begin(&self.writer).await
    }

    /// Closes all connections, which checkpoints the write-ahead log into the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// Has a database of an earlier version give the space of deleted rows back to the disk bit by bit: it is rewritten once (`VACUUM`).
/// Where it can't be, for want of space for the copy, later runs use that space.
async fn use_incremental_vacuum(writer: &SqlitePool) {
    const INCREMENTAL: i64 = 2;
    let changed: Result<(), sqlx::Error> = async {
        let mode: i64 = sqlx::query_scalar("PRAGMA auto_vacuum").fetch_one(writer).await?;
        if mode != INCREMENTAL {
            let mut connection = writer.acquire().await?;
            sqlx::query("PRAGMA auto_vacuum = INCREMENTAL")
                .execute(&mut *connection)
                .await?;
            sqlx::query("VACUUM").execute(&mut *connection).await?;
        }
        Ok(())
    }
    .await;
    if let Err(error) = changed {
        tracing::warn!("the database keeps the room of deleted runs for later ones: {error}");
    }
}
