//! Announcing that runs' rows changed: to every page, and to `board.json` in the run's directory.

use super::board_file::BoardFileWriter;
use crate::db::Db;
use crate::live::Bus;
use protocol::live::ToBrowser;
use std::path::Path;

/// Announces changes of runs; whoever changes a row calls it. Cheap to clone.
#[derive(Clone)]
pub struct Announcer {
    pub db: Db,
    pub bus: Bus,
    pub kept: BoardFileWriter,
}

impl Announcer {
    /// A run's row changed.
    pub async fn run(&self, id: &str) {
        match self.db.run(id).await {
            Ok(Some(row)) => {
                self.kept.keep(&row);
                self.bus.row(id);
            }
            Ok(None) => {}
            Err(error) => tracing::error!("run {id} can't be read: {error}"),
        }
    }

    /// A run is deleted: its directory is nobody's.
    pub fn forget(&self, directory: &Path) {
        self.kept.forget(directory);
    }

    /// A run is in no list any more.
    pub fn removed(&self, id: &str) {
        self.bus.say(ToBrowser::Removed { run: id.to_owned() });
    }

    /// The places of all queued runs changed.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn queue(&self) -> Result<(), sqlx::Error> {
        for row in self.db.queued_runs().await? {
            self.kept.keep(&row);
            self.bus.row(&row.summary.id);
        }
        Ok(())
    }
}
