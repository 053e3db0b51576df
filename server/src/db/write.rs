//! A write: one transaction on the one connection that writes, which is closed when the transaction does not end well.

use sqlx::Sqlite;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnection, SqlitePool};
use std::ops::{Deref, DerefMut};

/// A transaction that holds the write lock from its start. Without [`Write::commit`] nothing of it stays.
///
/// Where the disk is full, SQLite rolls back by itself, and a connection pool that keeps count of transactions then
/// hands out a connection it believes to be inside of one: every later write fails until a restart. So a connection
/// goes back to the pool after a commit alone; after anything else it is closed, and the next write opens a fresh one.
pub struct Write(Option<PoolConnection<Sqlite>>);

impl Write {
    pub(super) async fn begin(pool: &SqlitePool) -> Result<Self, sqlx::Error> {
        let mut write = Self(Some(pool.acquire().await?));
        sqlx::query("BEGIN IMMEDIATE").execute(&mut *write).await?;
        Ok(write)
    }

    /// Commits the transaction.
    ///
    /// # Errors
    /// When it can't be stored: then nothing of it is.
    pub async fn commit(mut self) -> Result<(), sqlx::Error> {
        sqlx::query("COMMIT").execute(&mut *self).await?;
        drop(self.0.take());
        Ok(())
    }
}

impl Drop for Write {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            // dropped with its transaction open, SQLite rolls it back
            drop(connection.detach());
        }
    }
}

impl Deref for Write {
    type Target = SqliteConnection;
    fn deref(&self) -> &SqliteConnection {
        self.0
            .as_ref()
            .unwrap_or_else(|| unreachable!("taken only by what consumes it"))
    }
}

impl DerefMut for Write {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        self.0
            .as_mut()
            .unwrap_or_else(|| unreachable!("taken only by what consumes it"))
    }
}
