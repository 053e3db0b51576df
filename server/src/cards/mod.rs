//! NVIDIA's cards: what the trainer can do with them, which run has which, and how busy each is, told to open pages.

mod leases;
mod nvml;
mod slots;

pub use leases::{Lease, Leases};
pub use nvml::Nvml;
pub use slots::{Place, Slot, Slots, Taken};

use crate::db::Db;
use crate::live::Bus;
use protocol::cuda::{CardUse, Cuda};
use protocol::live::ToBrowser;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Time between two readings of the cards.
const INTERVAL: Duration = Duration::from_secs(2);

/// What this trainer can train on, by its own word.
pub fn survey(trainer: &Path, data_dir: &Path) -> Cuda {
    const TIMEOUT: Duration = Duration::from_secs(10);
    let mut command = Command::new(trainer);
    crate::secrets::remove_all(&mut command);
    command
        .args(["cuda", "status", "--json"])
        .env(protocol::data_dir::VARIABLE, data_dir)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .stdout(Stdio::piped());
    let mut ask = move || {
        let output = command.output().ok()?;
        serde_json::from_slice(&output.stdout).ok()
    };
    // a driver that hangs must not keep the board from starting
    let (sender, answer) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        // who nvml_of_thread may have lost patience
        let _ = sender.send(ask());
    });
    let silent = || Cuda {
        missing: Some(protocol::says::cuda_silent()),
        ..Cuda::default()
    };
    answer.recv_timeout(TIMEOUT).ok().flatten().unwrap_or_else(silent)
}

/// The cards' figures as they were last seen.
#[derive(Clone, Default)]
pub struct Seen(Arc<Mutex<Vec<CardUse>>>);

impl Seen {
    pub fn last(&self) -> Vec<CardUse> {
        self.0.lock().unwrap_or_else(|e| e.into_inner()).clone()
    }

    fn update(&self, cards: Vec<CardUse>) {
        *self.0.lock().unwrap_or_else(|e| e.into_inner()) = cards;
    }

    /// Bytes that are free on a card.
    pub fn free(&self, uuid: &str) -> Option<u64> {
        let cards = self.last();
        let card = cards.iter().find(|card| card.uuid == uuid)?;
        Some(card.memory_total.saturating_sub(card.memory_used))
    }
}

/// Looks at the cards while pages are open, and tells them; ends at once where there are none.
pub async fn watch(db: Db, bus: Bus, seen: Seen, cuda: Arc<Cuda>) {
    let Ok(Some(nvml)) = tokio::task::spawn_blocking(Nvml::open).await else {
        return;
    };
    let nvml = Arc::new(nvml);
    let mut every = tokio::time::interval(INTERVAL);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        if !bus.is_watched() {
            continue;
        }
        let nvml_of_thread = nvml.clone();
        let Ok(mut cards) = tokio::task::spawn_blocking(move || nvml_of_thread.cards()).await else {
            continue;
        };
        retain_ours(&mut cards, &cuda);
        let taken = match db.cards_taken().await {
            Ok(taken) => taken,
            Err(error) => {
                tracing::error!("the runs can't be read: {error}");
                continue;
            }
        };
        for card in &mut cards {
            card.run = taken
                .iter()
                .find(|taken| taken.uuid == card.uuid)
                .map(|taken| taken.run.clone());
        }
        seen.update(cards.clone());
        bus.say(ToBrowser::Cards { cards });
    }
}

/// Where the driver shows our programs some of the cards alone, the others are not ours to show.
fn retain_ours(cards: &mut Vec<CardUse>, cuda: &Cuda) {
    if !cuda.cards.is_empty() {
        cards.retain(|card| cuda.cards.iter().any(|ours| ours.uuid == card.uuid));
    }
}
