//! SQLite: one writer connection, several readers that cannot write, migrations inside the binary.

mod changes;
mod deleted;
mod ingest;
mod list;
mod means;
mod places;
mod queue;
mod runs;
mod series;
mod sweeps;
mod thinned;
mod usage;
mod views;
mod write;

pub use changes::{NewRow, SweepPlace};
pub use deleted::clear_up;
pub use ingest::{Batch, Line};
pub use list::{ListPage, ListQuery};
pub use places::RunPlace;
pub use queue::Next;
pub use runs::{Handle, RunOver, RunRow};
pub use series::Logged;
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
    /// Ids of metric names that are committed.
    metrics: Arc<Mutex<HashMap<String, i64>>>,
    /// Runs were deleted: there is something to clear up.
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
        give_room_back(&writer).await;
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
        db.shorten_places().await?;
        db.distrust_cells().await?;
        Ok(db)
    }

    /// For reading. A write through it fails.
    pub fn read(&self) -> &SqlitePool {
        &self.readers
    }

    /// The one connection that writes, in a transaction that holds the write lock from its start.
    pub async fn write(&self) -> Result<Write, sqlx::Error> {
        Write::begin(&self.writer).await
    }

    /// Writes the log into the file and closes it.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// Room that deleted rows leave is given back to the disk bit by bit. A file made before that was so is written anew
/// once; where it can't be (no room for the copy), all works as before and the room is used again by later runs.
async fn give_room_back(writer: &SqlitePool) {
    const INCREMENTAL: i64 = 2;
    let turned: Result<(), sqlx::Error> = async {
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
    if let Err(error) = turned {
        tracing::warn!("the database keeps the room of deleted runs for later ones: {error}");
    }
}
