//! The pool of chat workers: two models at most are loaded, the longest idle one is evicted for another, and idle ones are
//! unloaded after a while.

use super::worker::{Loaded, Worker};
use crate::ApiError;
use crate::ambient::Ambient;
use crate::library::facts::{self, Facts};
use crate::off_thread::off_thread;
use crate::runs::resolve::{Found, Resolver};
use crate::state::Served;
use crate::trainer::Trainer;
use crate::work::Tasks;
use protocol::says;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Models in memory at once.
const MAX_LOADED: usize = 2;
/// An unused model is unloaded after this.
const IDLE_TIMEOUT: Duration = Duration::from_secs(600);

/// Bytes beside the weights: key-value cache, workspace, program.
const OVERHEAD: u64 = 256 << 20;

/// The models that are loaded, and what loads them. Cheap to clone.
#[derive(Clone)]
pub struct Pool {
    pub ambient: Ambient,
    tasks: Tasks,
    trainer: Trainer,
    resolver: Resolver,
    facts: Facts,
    /// The one model that is served, whatever is asked for.
    pub served: Option<Arc<Served>>,
    slots: Arc<Mutex<Vec<Slot>>>,
    /// Held while a worker is started.
    starting: Arc<tokio::sync::Mutex<()>>,
}

/// What a worker loads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// A folder, a GGUF file or, of the command line's, a hub name.
    pub base: String,
    pub adapters: Vec<String>,
    /// What else the worker is told, as `key=value`.
    pub words: Vec<String>,
    /// The files as they were: a merge made anew, or a folder that was replaced, is another model.
    stamps: Vec<facts::Stamp>,
}

impl Model {
    fn new(base: String, adapters: Vec<String>, words: Vec<String>) -> Self {
        let folders = adapters.iter().chain([&base]);
        let stamps = folders.map(|path| facts::stamp(Path::new(path))).collect();
        Self {
            base,
            adapters,
            words,
            stamps,
        }
    }

    /// Whether this is what `other` was before its files changed.
    fn is_outdated(&self, other: &Self) -> bool {
        self.stamps != other.stamps
            && self.base == other.base
            && self.adapters == other.adapters
            && self.words == other.words
    }
}

struct Slot {
    loaded: Model,
    worker: Arc<Worker>,
    used: Instant,
}

impl Slot {
    /// Whether nobody talks with it; one that a request holds is about to.
    fn is_idle(&self) -> bool {
        !self.worker.is_busy() && Arc::strong_count(&self.worker) == 1
    }
}

impl Pool {
    pub fn new(
        trainer: Trainer,
        resolver: Resolver,
        facts: Facts,
        served: Option<Served>,
        ambient: Ambient,
        tasks: Tasks,
    ) -> Self {
        Self {
            ambient,
            tasks,
            trainer,
            resolver,
            facts,
            served: served.map(Arc::new),
            slots: Arc::default(),
            starting: Arc::default(),
        }
    }

    /// The worker for a model's id, started if need be; it may still be loading.
    pub async fn worker(&self, id: &str) -> Result<Arc<Worker>, ApiError> {
        let wanted = self.wanted(id).await?;
        Box::pin(self.loading(wanted)).await
    }

    /// The worker for a model, started if need be; it may still be loading.
    pub async fn loading(&self, wanted: Model) -> Result<Arc<Worker>, ApiError> {
        if let Some(worker) = self.find(&wanted) {
            return Ok(worker);
        }
        // one starts at a time: two would each see room for one more; requests whose model is loaded do not wait
        let _one = self.starting.lock().await;
        if let Some(worker) = self.find(&wanted) {
            return Ok(worker);
        }
        if let Some(evicted) = self.evict_idle()? {
            // its memory counts as free once it has ended
            evicted.end().await;
        }
        self.make_memory(&wanted).await?;
        let worker = Arc::new(Worker::start(
            &self.tasks,
            &self.trainer,
            &wanted,
            self.trainer.lease().await,
            self.ambient.clone(),
        )?);
        self.lock().push(Slot {
            loaded: wanted,
            worker: worker.clone(),
            used: self.ambient.steady(),
        });
        Ok(worker)
    }

    /// Loads the one model that is served, so that one that can't be is told of before anybody asks for it. Where there is only no
    /// room for it now, that is told of later.
    pub async fn load_served(&self) -> Result<(), ApiError> {
        let Some(served) = &self.served else {
            return Ok(());
        };
        match self.worker(&served.name).await {
            Ok(worker) => wait_until_loaded(&worker).await,
            Err(error) if error.said().code == "no_memory" => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The worker that has this model loaded.
    fn find(&self, wanted: &Model) -> Option<Arc<Worker>> {
        let mut slots = self.lock();
        // a busy one of outdated files is left to finish its reply
        slots.retain(|s| s.worker.is_alive() && (s.worker.is_busy() || !s.loaded.is_outdated(wanted)));
        let slot = slots.iter_mut().find(|s| s.loaded == *wanted)?;
        slot.used = self.ambient.steady();
        Some(slot.worker.clone())
    }

    /// Takes the longest idle worker out where as many are loaded as may be.
    ///
    /// # Errors
    /// All of them are busy.
    fn evict_idle(&self) -> Result<Option<Worker>, ApiError> {
        let mut slots = self.lock();
        slots.retain(|s| s.worker.is_alive());
        if slots.len() < MAX_LOADED {
            return Ok(None);
        }
        match oldest(&mut slots, Slot::is_idle) {
            Some(idle) => Ok(Some(idle)),
            None => Err(ApiError::conflict(says::busy())),
        }
    }

    /// Unloads what was not used for a while; to be called now and then.
    pub fn drop_idle(&self) {
        self.lock()
            .retain(|s| s.worker.is_alive() && (s.worker.is_busy() || self.ambient.since(s.used) < IDLE_TIMEOUT));
    }

    /// Ends the workers on cards that nobody talks to, since a run waits for a card.
    pub fn give_cards_back(&self) {
        self.lock().retain(|s| !(s.worker.has_card && s.is_idle()));
    }

    /// Whether somebody talks with a model whose files lie below `place`. One that is only kept loaded is unloaded.
    pub fn is_talking_with(&self, place: &Path) -> bool {
        let of = |s: &Slot| {
            let mut names = s.loaded.adapters.iter().chain([&s.loaded.base]);
            names.any(|name| Path::new(name).starts_with(place))
        };
        let mut slots = self.lock();
        slots.retain(|s| !of(s) || s.worker.is_busy() || Arc::strong_count(&s.worker) > 1);
        slots.iter().any(of)
    }

    /// Unloads everything.
    pub fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Slot>> {
        self.slots.lock().unwrap_or_else(|e| e.into_inner())
    }
}

/// Takes the longest unused worker out of those that are `wanted`.
fn oldest(slots: &mut Vec<Slot>, wanted: impl Fn(&Slot) -> bool) -> Option<Worker> {
    let wanted = slots.iter().enumerate().filter(|(_, slot)| wanted(slot));
    let (oldest, _) = wanted.min_by_key(|(_, slot)| slot.used)?;
    Arc::into_inner(slots.remove(oldest).worker)
}

impl Pool {
    /// The model that a run's config names, loaded with these arguments.
    pub async fn model_of_run(&self, base: &str, adapters: &[String], args: Vec<String>) -> Result<Model, ApiError> {
        let mut paths = vec![];
        for name in std::iter::once(base).chain(adapters.iter().map(String::as_str)) {
            let path = self.resolver.named_by_run(name).await?.map_err(ApiError::conflict)?;
            paths.push(path.display().to_string());
        }
        let base = paths.remove(0);
        off_thread(move || Model::new(base, paths, args)).await
    }

    /// What an id stands for.
    async fn wanted(&self, id: &str) -> Result<Model, ApiError> {
        if let Some(served) = &self.served {
            let (base, adapters) = (served.model.clone(), served.adapters.clone());
            let words = served.words.clone();
            return off_thread(move || Model::new(base, adapters, words)).await;
        }
        let (base, adapters) = match self.resolver.model(id).await? {
            Ok(Found::Folder(path) | Found::Full { path, .. }) => (path.display().to_string(), vec![]),
            Ok(Found::Adapter { base, chain, .. }) => (base, chain),
            Err(why) => return Err(ApiError::not_found(why)),
        };
        off_thread(move || Model::new(base, adapters, vec![])).await
    }

    /// Unloads idle models until memory does for this one: a run beside must not be killed for a chat.
    ///
    /// # Errors
    /// It would not do without them either; then they stay.
    async fn make_memory(&self, wanted: &Model) -> Result<(), ApiError> {
        let need = self.facts.one(Path::new(&wanted.base)).await.bytes + OVERHEAD;
        loop {
            let free = off_thread(crate::system::memory).await?.available;
            if need <= free {
                return Ok(());
            }
            let helps = |slot: &Slot| slot.is_idle() && slot.worker.memory() > 0;
            let evicted = {
                let mut slots = self.lock();
                let idle: u64 = slots.iter().filter(|slot| helps(slot)).map(|s| s.worker.memory()).sum();
                (need <= free + idle).then(|| oldest(&mut slots, helps)).flatten()
            };
            match evicted {
                Some(worker) => worker.end().await,
                None => return Err(ApiError::unavailable(says::no_memory(need >> 20, free >> 20))),
            }
        }
    }
}

/// Waits until the model is loaded.
///
/// # Errors
/// It can't be loaded, or its worker ended.
pub async fn wait_until_loaded(worker: &Worker) -> Result<(), ApiError> {
    let mut loaded = worker.loaded.clone();
    let state = loaded.wait_for(|state| *state != Loaded::Loading).await;
    match state.as_deref() {
        Ok(Loaded::Failed(why)) => Err(ApiError::unavailable(says::not_loaded(why))),
        Ok(_) => Ok(()),
        Err(_) => Err(ApiError::unavailable(says::not_loaded(says::worker_ended()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_was_replaced_is_another_model() {
        let folder = std::env::temp_dir().join(format!("corral-pool-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let weights = folder.join("model.safetensors");
        std::fs::write(&weights, "one").expect("weights");
        let model = || Model::new(folder.display().to_string(), vec![], vec![]);
        let before = model();
        assert!(before == model() && !before.is_outdated(&model()));
        std::fs::write(&weights, "another").expect("weights");
        assert!(before != model() && before.is_outdated(&model()));
        let other = Model::new("elsewhere".into(), vec![], vec![]);
        assert!(!before.is_outdated(&other));
        let _ = std::fs::remove_dir_all(&folder);
    }
}
