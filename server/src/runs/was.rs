//! A deleted run as its row had it, kept beside it in the trash: taken back, it is the very row again.

use super::adopt::Adopter;
use super::board_file::BoardFile;
use super::find;
use crate::ApiError;
use crate::db::{Db, EndedBefore, RunRow};
use crate::error::ApiResult;
use crate::supervisor::Event;
use crate::supervisor::follow::Follower;
use protocol::api::RunState;
use protocol::usage::Usage;
use protocol::{RunConfig, Said};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// What neither the run directory nor its events say, and what they would say in another way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Was {
    /// From the data directory, where it lies in it.
    directory: PathBuf,
    pub kept: BoardFile,
    /// As it was asked for: that of the directory has the places of the demo in it.
    pub config: RunConfig,
    pub state: RunState,
    pub said: Said,
    pub ended: Option<i64>,
    pub peak_memory: Option<u64>,
    pub card: Option<String>,
    /// The last event that was known.
    pub seq: u64,
    pub usage: Vec<Usage>,
}

impl Was {
    /// # Errors
    /// When the database can't be read.
    pub async fn of(db: &Db, root: &Path, row: &RunRow) -> ApiResult<Self> {
        let run = &row.summary;
        let inside = row.directory.strip_prefix(root);
        Ok(Self {
            directory: inside.unwrap_or(&row.directory).to_owned(),
            kept: BoardFile::of(row),
            config: run.config.clone(),
            state: run.state,
            said: run.said(),
            ended: run.ended,
            peak_memory: run.peak_memory,
            card: row.card.clone(),
            seq: run.seq,
            usage: db.usage(row.key).await?,
        })
    }

    /// Whether this is the run of that directory.
    pub fn lay_in(&self, root: &Path, directory: &Path) -> bool {
        root.join(&self.directory) == directory
    }

    /// Brings a run that was just taken up to where it stood. One that has gone on meanwhile, and one of another machine, is judged
    /// anew.
    ///
    /// # Errors
    /// When its events can't be read, or the database won't take them.
    pub(super) async fn come_back(&self, adopter: &Adopter, id: &str) -> ApiResult<()> {
        let row = find(&adopter.db, id).await?;
        let mut follower = Follower::new(&row);
        let followed = follower.catch_up(&adopter.db, &adopter.bus).await;
        followed.map_err(ApiError::internal)?;
        let seq = find(&adopter.db, id).await?.summary.seq;
        match self.state.is_over() && seq == self.seq {
            true => {
                let ended = EndedBefore {
                    state: self.state,
                    said: &self.said,
                    ended: self.ended,
                    peak_memory: self.peak_memory,
                    card: self.card.as_deref(),
                    usage: &self.usage,
                };
                adopter.db.end_again(row.key, &ended).await?;
            }
            false => adopter.supervisor.tell(Event::Adopted { run: id.to_owned() }),
        }
        Ok(())
    }
}
