//! Which models are loaded: two at most, the longest idle one gives way, all are given back after a while.

use super::worker::{Loaded, Worker};
use crate::library::facts;
use crate::runs::resolve::{Found, model};
use crate::{ApiError, AppState};
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

/// What a worker loads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// A folder, a GGUF file or, of the command line's, a hub name.
    pub base: String,
    pub adapters: Vec<String>,
    /// What else the worker is told, as `key=value`.
    pub words: Vec<String>,
}

struct Slot {
    loaded: Model,
    worker: Arc<Worker>,
    used: Instant,
}

impl Pool {
    /// The worker for a model's id, started if need be; it may still be loading.
    pub async fn worker(&self, app: &AppState, id: &str) -> Result<Arc<Worker>, ApiError> {
        let wanted = wanted(app, id).await?;
        if let Some(worker) = self.find(&wanted)? {
            return Ok(worker);
        }
        // files are looked at while others go on talking
        memory_for(app, &wanted).await?;
        if let Some(worker) = self.find(&wanted)? {
            return Ok(worker);
        }
        let worker = Arc::new(Worker::start(app, &wanted)?);
        self.lock().push(Slot {
            loaded: wanted,
            worker: worker.clone(),
            used: Instant::now(),
        });
        Ok(worker)
    }

    /// The worker that has it loaded; else room is made for one.
    fn find(&self, wanted: &Model) -> Result<Option<Arc<Worker>>, ApiError> {
        let mut slots = self.lock();
        slots.retain(|s| s.worker.is_alive());
        if let Some(slot) = slots.iter_mut().find(|s| s.loaded == *wanted) {
            slot.used = Instant::now();
            return Ok(Some(slot.worker.clone()));
        }
        if slots.len() < LOADED {
            return Ok(None);
        }
        let idle = slots.iter().enumerate().filter(|(_, s)| !s.worker.is_busy());
        match idle.min_by_key(|(_, s)| s.used).map(|(oldest, _)| oldest) {
            Some(oldest) => {
                slots.remove(oldest);
                Ok(None)
            }
            None => Err(ApiError::conflict(
                "busy",
                "two models are loaded and both are talking: wait for one to finish",
            )),
        }
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

/// What an id stands for.
async fn wanted(app: &AppState, id: &str) -> Result<Model, ApiError> {
    if let Some(served) = &app.config.served {
        return Ok(Model {
            base: served.model.clone(),
            adapters: served.adapters.clone(),
            words: served.words.clone(),
        });
    }
    let (base, adapters) = match model(app, id).await? {
        Ok(Found::Folder(path) | Found::Full { path, .. }) => (path.display().to_string(), vec![]),
        Ok(Found::Adapter { base, chain, .. }) => (base, chain),
        Err(why) => return Err(ApiError::not_found(why)),
    };
    Ok(Model {
        base,
        adapters,
        words: vec![],
    })
}

/// Says so before loading when memory would not do: a run beside must not be killed for a chat.
async fn memory_for(app: &AppState, wanted: &Model) -> Result<(), ApiError> {
    let need = facts::one(app, Path::new(&wanted.base)).await.bytes + OVERHEAD;
    let (_, free) = crate::system::memory();
    if need <= free {
        return Ok(());
    }
    let detail = format!(
        "loading this model takes about {} MiB and {} MiB are free: wait for the run to end, or choose a smaller model",
        need >> 20,
        free >> 20
    );
    Err(ApiError::Unavailable {
        code: "no_memory",
        detail,
    })
}
