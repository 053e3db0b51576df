//! Which models are loaded: two at most, the longest idle one gives way, all are given back after a while.

use super::worker::{Loaded, Worker};
use crate::library::inspect;
use crate::runs::resolve::{Found, model};
use crate::{ApiError, AppState};
use protocol::api::ModelOrigin;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Models in memory at once.
const LOADED: usize = 2;
/// An unused model is given back after this.
const IDLE: Duration = Duration::from_secs(600);

/// Memory beside the weights: key-value cache, workspace, program.
const OVERHEAD: u64 = 256 << 20;

#[derive(Default)]
pub struct Pool(Mutex<Vec<Slot>>);

struct Slot {
    /// What is loaded: base and adapters by path.
    key: Vec<String>,
    worker: Arc<Worker>,
    used: Instant,
}

impl Pool {
    /// The worker for a model's id, started if need be; it may still be loading.
    pub async fn worker(&self, app: &AppState, id: &str) -> Result<Arc<Worker>, ApiError> {
        let key = match model(app, id).await? {
            Ok(Found::Folder(path) | Found::Full { path, .. }) => vec![path.display().to_string()],
            Ok(Found::Adapter { base, chain, .. }) => std::iter::once(base).chain(chain).collect(),
            Err(why) => return Err(ApiError::not_found(why)),
        };
        let mut slots = self.lock();
        slots.retain(|s| s.worker.is_alive());
        if let Some(slot) = slots.iter_mut().find(|s| s.key == key) {
            slot.used = Instant::now();
            return Ok(slot.worker.clone());
        }
        if slots.len() == LOADED {
            let oldest = slots
                .iter()
                .enumerate()
                .filter(|(_, s)| !s.worker.is_busy())
                .min_by_key(|(_, s)| s.used);
            let Some((oldest, _)) = oldest else {
                return Err(ApiError::conflict(
                    "busy",
                    "two models are loaded and both are talking: wait for one to finish",
                ));
            };
            slots.remove(oldest);
        }
        memory_for(&key[0])?;
        let worker = Arc::new(Worker::start(app, &key[0], &key[1..])?);
        slots.push(Slot {
            key,
            worker: worker.clone(),
            used: Instant::now(),
        });
        Ok(worker)
    }

    /// Gives back what was not used for a while; called now and then.
    pub fn tidy(&self) {
        self.lock()
            .retain(|s| s.worker.is_alive() && (s.worker.is_busy() || s.used.elapsed() < IDLE));
    }

    /// Gives back everything.
    pub fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Slot>> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }
}

/// Waits until the model is loaded.
pub async fn ready(worker: &Worker) -> Result<(), ApiError> {
    let mut loaded = worker.loaded.clone();
    let state = loaded.wait_for(|state| *state != Loaded::Loading).await;
    match state.as_deref() {
        Ok(Loaded::Failed(why)) => Err(ApiError::Unavailable {
            code: "not_loaded",
            detail: why.clone(),
        }),
        Ok(_) => Ok(()),
        Err(_) => Err(ApiError::Unavailable {
            code: "not_loaded",
            detail: "the chat worker ended while loading".into(),
        }),
    }
}

/// Says so before loading when memory would not do: a run beside must not be killed for a chat.
fn memory_for(base: &str) -> Result<(), ApiError> {
    let info = inspect::inspect("", ModelOrigin::Folder, Path::new(base));
    let need = info.bytes + OVERHEAD;
    let (_, free) = crate::system::memory();
    if need > free {
        let detail = format!(
            "loading this model takes about {} MiB and {} MiB are free: wait for the run to end, or choose a smaller model",
            need >> 20,
            free >> 20
        );
        return Err(ApiError::Unavailable {
            code: "no_memory",
            detail,
        });
    }
    Ok(())
}
