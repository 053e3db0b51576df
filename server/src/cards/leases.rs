//! Cards that something else than a run has: a chat, or a merge. They take what no run has, and a chat that is silent gives
//! its card back to a run that waits for one.

use super::Taken;
use crate::AppState;
use crate::supervisor::{Event, Supervisor};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The cards that are lent, by their uuids.
#[derive(Clone, Default)]
pub struct Leases {
    lent: Arc<Mutex<Vec<String>>>,
    /// Held by whoever looks for a card and takes it.
    choosing: Arc<tokio::sync::Mutex<()>>,
}

/// A card for as long as this lives; its end wakes the queue.
pub struct Lease {
    uuid: String,
    leases: Leases,
    supervisor: Supervisor,
}

impl Leases {
    /// Nobody else takes a card while this is held.
    pub async fn choosing(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.choosing.lock().await
    }

    pub fn lent(&self) -> Vec<String> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<String>> {
        self.lent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A card that neither a run nor anything else has.
    pub async fn take(app: &AppState) -> Option<Lease> {
        let leases = &app.leases;
        let _choosing = leases.choosing().await;
        let runs = match app.db.cards_taken().await {
            Ok(runs) => runs.into_iter().map(|(_, uuid)| uuid),
            Err(error) => {
                tracing::error!("the runs can't be read: {error}");
                return None;
            }
        };
        let taken = Taken {
            cards: runs.chain(leases.lent()).collect(),
            others: 0,
        };
        let uuid = app.config.slots.free_card(&taken)?.uuid.clone();
        leases.lock().push(uuid.clone());
        Some(Lease {
            uuid,
            leases: leases.clone(),
            supervisor: app.supervisor.clone(),
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
        self.supervisor.tell(Event::Wake);
    }
}
