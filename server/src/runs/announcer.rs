//! Telling that runs' rows changed: every page hears of it, and what people decided about a run is kept beside it.

use super::kept::Keeper;
use crate::db::Db;
use crate::live::Bus;
use protocol::live::ToBrowser;
use std::path::Path;

/// Whoever changed a run's row says so here. Cheap to clone.
#[derive(Clone)]
pub struct Announcer {
    pub db: Db,
    pub bus: Bus,
    pub kept: Keeper,
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
