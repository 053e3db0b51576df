//! Cards lent to something other than a run: a chat, or a merge. They get a card that no run has, and an idle chat gives
//! its card back to a run that waits for one.

use super::{Slots, Taken};
use crate::db::{Db, Next};
use crate::supervisor::{Event, Supervisor};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The cards that are lent, by their uuids.
#[derive(Clone)]
pub struct Leases {
    db: Db,
    slots: Slots,
    supervisor: Supervisor,
    lent: Arc<Mutex<Vec<String>>>,
    /// Held while a card is looked for and taken, so that nobody else takes it meanwhile.
    choosing: Arc<tokio::sync::Mutex<()>>,
}

/// A card for as long as this lives; its end wakes the queue.
pub struct Lease {
    uuid: String,
    leases: Leases,
}

impl Leases {
    pub fn new(db: Db, slots: Slots, supervisor: Supervisor) -> Self {
        Self {
            db,
            slots,
            supervisor,
            lent: Arc::default(),
            choosing: Arc::default(),
        }
    }

    /// What runs go on, and how many at once.
    pub fn slots(&self) -> &Slots {
        &self.slots
    }

    /// Takes the first run out of the queue that there is a place for. Nobody else takes a card meanwhile.
    pub async fn next_run(&self) -> Result<Next, sqlx::Error> {
        let _choosing = self.choosing.lock().await;
        self.db.take_next(&self.slots, &self.lent()).await
    }

    fn lent(&self) -> Vec<String> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<String>> {
        self.lent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A card that neither a run nor anything else has.
    pub async fn take(&self) -> Option<Lease> {
        let _choosing = self.choosing.lock().await;
        let runs = match self.db.cards_taken().await {
            Ok(runs) => runs.into_iter().map(|taken| taken.uuid),
            Err(error) => {
                tracing::error!("the runs can't be read: {error}");
                return None;
            }
        };
        let taken = Taken {
            cards: runs.chain(self.lent()).collect(),
            others: 0,
        };
        let uuid = self.slots.free_card(&taken)?.uuid.clone();
        self.lock().push(uuid.clone());
        Some(Lease {
            uuid,
            leases: self.clone(),
        })
    }
}

impl Lease {
    /// What `CUDA_VISIBLE_DEVICES` is for a worker with this lease, or with none: it sees that card, or no card.
    pub fn visible(lease: Option<&Self>) -> &str {
        lease.map_or("", |lease| &lease.uuid)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.leases.lock().retain(|uuid| *uuid != self.uuid);
        self.leases.supervisor.tell(Event::Wake);
    }
}
