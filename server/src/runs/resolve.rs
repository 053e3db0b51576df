//! From names to folders: what `model_name_or_path`, adapters and data sets of a config mean on this machine.

use super::{marked, moved};
use crate::ApiError;
use crate::db::{Db, RunRow};
use crate::files::checkpoints;
use crate::library::hub::{self, Hubs};
use crate::library::{is_gguf, register};
use crate::off_thread::off_thread;
use crate::path::DataPath;
use crate::state::DataDir;
use protocol::api::RunState;
use protocol::config::names;
use protocol::hub::{Hub, HubName};
use protocol::{FieldError, RunConfig, Said, says};
use std::path::{Component, Path, PathBuf};

/// The id of the model that comes with Corral.
pub const DEMO_MODEL: &str = "corral-demo";

/// Looks up what names mean. Cheap to clone.
#[derive(Clone)]
pub struct Resolver {
    pub db: Db,
    pub data_dir: DataDir,
    pub hubs: Hubs,
}

/// A config with every name replaced by an absolute path, or all that stands against it.
#[derive(Debug, Clone, Default)]
pub struct Resolved {
    pub config: RunConfig,
    pub errors: Vec<FieldError>,
    /// Id of the run whose checkpoint the config starts from.
    pub parent: Option<String>,
}

/// A name that was looked up.
pub enum Found {
    /// A folder with weights.
    Folder(PathBuf),
    /// An adapter checkpoint: the base it was trained on, and the chain of adapters ending with it.
    Adapter {
        base: String,
        chain: Vec<String>,
        run: String,
    },
    /// A full or merged checkpoint of a run.
    Full { path: PathBuf, run: String },
}

impl Resolver {
    /// Replaces names by paths. Database errors come back as such, what the person can mend as field errors.
    pub async fn resolve(&self, config: &RunConfig) -> Result<Resolved, ApiError> {
        // several configs are held across the looks at the disk
        Box::pin(self.looked_up(config)).await
    }

    async fn looked_up(&self, config: &RunConfig) -> Result<Resolved, ApiError> {
        let mut out = Resolved {
            config: config.clone(),
            ..Resolved::default()
        };
        let home = std::env::var("HOME").ok();
        out.errors.extend(out.config.expand_home(home.as_deref()));
        let expanded = out.config.clone();
        let config = &expanded;
        let mut before = vec![];
        if let Some(name) = non_empty(&config.model_name_or_path) {
            match self.model(name).await? {
                Ok(Found::Folder(path)) => out.config.model_name_or_path = Some(path.display().to_string()),
                Ok(Found::Full { path, run }) => {
                    out.config.model_name_or_path = Some(path.display().to_string());
                    out.parent = Some(run);
                }
                Ok(Found::Adapter { base, chain, run }) => {
                    out.config.model_name_or_path = Some(base);
                    before = chain;
                    out.parent = Some(run);
                }
                Err(message) => out.errors.push(missing("model_name_or_path", name, message)),
            }
        }
        let (before, run) = self
            .adapters("adapter_name_or_path", &config.adapter_name_or_path, before, &mut out)
            .await?;
        out.parent = out.parent.take().or(run);
        if !before.is_empty() {
            out.config.adapter_name_or_path = Some(before.join(","));
        }
        let (of_reference, _) = self
            .adapters("ref_model_adapters", &config.ref_model_adapters, vec![], &mut out)
            .await?;
        if !of_reference.is_empty() {
            out.config.ref_model_adapters = Some(of_reference.join(","));
        }
        if let Some(name) = non_empty(&config.ref_model) {
            match self.model(name).await? {
                Ok(Found::Folder(path) | Found::Full { path, .. }) => {
                    out.config.ref_model = Some(path.display().to_string())
                }
                Ok(Found::Adapter { .. }) => {
                    let said = says::reference_not_whole();
                    out.errors.push(FieldError::new("ref_model", "not_whole", said));
                }
                Err(message) => out.errors.push(missing("ref_model", name, message)),
            }
        }
        if let Some(name) = non_empty(&config.reward_model) {
            let whole = config.reward_model_type.as_deref() == Some("full");
            match self.model(name).await? {
                Ok(Found::Folder(path) | Found::Full { path, .. }) => {
                    out.config.reward_model = Some(path.display().to_string())
                }
                Ok(Found::Adapter { mut chain, .. }) if !whole => out.config.reward_model = chain.pop(),
                Ok(Found::Adapter { .. }) => {
                    let said = says::reward_is_adapter(name);
                    out.errors.push(FieldError::new("reward_model", "not_whole", said));
                }
                Err(message) => out.errors.push(missing("reward_model", name, message)),
            }
        }
        out.errors.extend(marked::resolve(&self.db, &mut out.config).await?);
        let data_dir = self.data_dir.clone();
        let with_data = move || {
            datasets(&data_dir, &mut out);
            out
        };
        off_thread(with_data).await
    }

    /// The folders a list of adapters names, behind those that are there already, and the run that made the first.
    async fn adapters(
        &self,
        field: &str,
        list: &Option<String>,
        mut before: Vec<String>,
        out: &mut Resolved,
    ) -> Result<(Vec<String>, Option<String>), ApiError> {
        let mut made = None;
        for name in names(list.as_deref()) {
            match self.model(name).await? {
                Ok(Found::Adapter { chain, run, .. }) => {
                    // the chain of the run before it may already stand there
                    before.extend(chain.into_iter().filter(|c| !before.contains(c)).collect::<Vec<_>>());
                    made.get_or_insert(run);
                }
                Ok(found) => {
                    let folder = match found {
                        Found::Folder(path) => off_thread(move || adapter_in(&path)).await?,
                        _ => None,
                    };
                    match folder {
                        Some(adapter) => before.push(adapter.display().to_string()),
                        None => {
                            let error = FieldError::new(field, "no_adapter", says::holds_no_adapter(name));
                            out.errors.push(error.with_args([name.to_owned()]));
                        }
                    }
                }
                Err(message) => out.errors.push(missing(field, name, message)),
            }
        }
        Ok((before, made))
    }

    /// What a model's name means here: the demo, `<run name>[/checkpoint-N]`, a folder in `models/`, an absolute path.
    /// The inner error is a sentence for the person.
    pub async fn model(&self, name: &str) -> Result<Result<Found, Said>, ApiError> {
        if name == DEMO_MODEL {
            return Ok(Ok(Found::Folder(self.data_dir.demo_model())));
        }
        let path = Path::new(name);
        if path.is_absolute() {
            let found = existing(path.to_owned()).await?;
            return Ok(found.map(Found::Folder).ok_or_else(|| says::no_model_at(name)));
        }
        // an address of the hub is as good as the name in it
        let address = HubName::parse(name).filter(|named| named.name != name);
        if let Some(HubName {
            name: model,
            revision,
            hub,
        }) = address
        {
            let cached = self.cached(&model, revision, hub).await?;
            return Ok(cached
                .map(Found::Folder)
                .ok_or_else(|| says::hub_model_not_here(&model)));
        }
        let (run, part) = name
            .split_once('/')
            .map_or((name, None), |(run, part)| (run, Some(part)));
        let of_run = match self.db.run_by_name(run).await? {
            None => None,
            Some(row) => {
                let part = part.map(str::to_owned);
                match off_thread(move || checkpoint(&row, part.as_deref())).await? {
                    Ok(found) => return Ok(Ok(found)),
                    // a run's name may also be the owner's of a hub model, or a folder's
                    Err(why) => Some(why),
                }
            }
        };
        if is_plain(path) {
            let found = existing(self.data_dir.models().join(path)).await?;
            if let Some(path) = found {
                return Ok(Ok(Found::Folder(path)));
            }
        }
        if let Some(path) = self.cached(name, None, None).await? {
            return Ok(Ok(Found::Folder(path)));
        }
        if let Some(why) = of_run {
            return Ok(Err(why));
        }
        Ok(Err(says::no_model_named(name, &self.data_dir.models())))
    }

    /// The files that a run's own config names: at an absolute path, or in the cache of a hub. A relative path is of the folder that its
    /// command was typed in, which nobody knows any more.
    pub async fn named_by_run(&self, name: &str) -> Result<Result<PathBuf, Said>, ApiError> {
        let found = match (Path::new(name).is_absolute(), HubName::parse(name)) {
            (true, _) => existing(name.into()).await?,
            (false, Some(of_hub)) => self.cached(&of_hub.name, of_hub.revision, of_hub.hub).await?,
            (false, None) => None,
        };
        Ok(found.ok_or_else(|| says::no_model_at(name)))
    }

    /// A model in the cache of the hub that is named, else of the usual one or the other.
    async fn cached(
        &self,
        name: &str,
        revision: Option<String>,
        hub: Option<Hub>,
    ) -> Result<Option<PathBuf>, ApiError> {
        let (hubs, name) = (self.hubs.clone(), name.to_owned());
        let look = move || {
            let places = hubs.places().filter(|place| hub.is_none_or(|hub| hub == place.hub));
            places
                .into_iter()
                .find_map(|place| place.cached(&name, revision.as_deref()))
        };
        off_thread(look).await
    }
}

/// Finds the folder whose `dataset_info.json` knows all the names: the config's own, the person's, the demo's.
fn datasets(data_dir: &DataDir, out: &mut Resolved) {
    let names = |list: &Option<String>| -> Vec<String> { names(list.as_deref()).map(str::to_owned).collect() };
    let wanted: Vec<(&str, String)> = names(&out.config.dataset)
        .into_iter()
        .map(|n| ("dataset", n))
        .chain(names(&out.config.eval_dataset).into_iter().map(|n| ("eval_dataset", n)))
        .collect();
    let own = non_empty(&out.config.dataset_dir)
        .map(PathBuf::from)
        .filter(|p| p.is_absolute());
    let folders: Vec<PathBuf> = own.into_iter().chain([data_dir.data(), data_dir.demo_data()]).collect();
    let known: Vec<(&PathBuf, Vec<String>)> = folders.iter().map(|f| (f, registered_names(f))).collect();
    // a file named by its path needs no register
    let wanted: Vec<_> = wanted
        .into_iter()
        .filter(|(_, n)| !Path::new(n).is_absolute())
        .collect();
    for (field, name) in &wanted {
        if !known.iter().any(|(_, names)| names.contains(name)) {
            out.errors.push(missing(field, name, says::add_dataset(name)));
        }
    }
    let all = known
        .iter()
        .find(|(_, names)| wanted.iter().all(|(_, n)| names.contains(n)));
    match all {
        Some((folder, _)) => out.config.dataset_dir = Some(folder.display().to_string()),
        None if out.errors.iter().any(|e| e.field.ends_with("dataset")) => {}
        None => {
            // of several registers: those that the first lacks are named with the folder they are in
            let (main, _) = known[0];
            let whole = |list: &Option<String>| {
                let whole = |name: String| match known.iter().find(|(_, names)| names.contains(&name)) {
                    Some((folder, _)) if *folder != main => folder.join(name).display().to_string(),
                    _ => name,
                };
                list.as_ref()
                    .map(|_| names(list).into_iter().map(whole).collect::<Vec<_>>().join(","))
            };
            out.config.dataset = whole(&out.config.dataset);
            out.config.eval_dataset = whole(&out.config.eval_dataset);
            out.config.dataset_dir = Some(main.display().to_string());
        }
    }
}

/// Names that stay below the folder they are looked up in; a link there is the person's own, wherever it leads.
fn is_plain(name: &Path) -> bool {
    let normal = |part: Component| matches!(part, Component::Normal(name) if !name.to_string_lossy().starts_with('.'));
    name.components().next().is_some()
        && name.components().all(normal)
        && !name.to_string_lossy().contains(['\0', '\\'])
}

/// [`model_path`] off the threads that answer.
async fn existing(path: PathBuf) -> Result<Option<PathBuf>, ApiError> {
    off_thread(move || model_path(&path)).await
}

/// What a path of a model stands for: a folder, a GGUF file, the folder of a file in it, or a snapshot of the hub's cache.
fn model_path(path: &Path) -> Option<PathBuf> {
    let path = path.canonicalize().ok()?;
    if path.is_dir() {
        return Some(hub::snapshot(&path).unwrap_or(path));
    }
    let of_folder = ["config.json", "model.safetensors", "model.safetensors.index.json"];
    if of_folder.iter().any(|name| path.ends_with(name)) {
        return path.parent().map(Path::to_path_buf);
    }
    is_gguf(&path).then_some(path)
}

/// The adapter that a folder is, or that a run directory gives, as the trainer takes it.
fn adapter_in(folder: &Path) -> Option<PathBuf> {
    let is_adapter = |path: &PathBuf| path.join("adapter_config.json").is_file();
    let own = Some(folder.to_path_buf()).filter(is_adapter);
    own.or_else(|| {
        let wants_best = moved::config(folder).is_some_and(|config| config.load_best_model_at_end == Some(true));
        let best = wants_best.then(|| checkpoints::best(folder)).flatten();
        let name = best.or_else(|| checkpoints::newest(folder))?;
        checkpoints::named(folder, &name)
            .map(|path| path.to_path_buf())
            .filter(is_adapter)
    })
}

/// A checkpoint of a run by the name of its folder, else the one that the run gives.
pub fn checkpoint(row: &RunRow, part: Option<&str>) -> Result<Found, Said> {
    let name = &row.summary.name;
    let folder = match part {
        Some(part) => part.to_owned(),
        None => match default_checkpoint(row) {
            Some(name) => name,
            None if row.summary.state == RunState::Queued => return Err(says::run_not_begun(name)),
            None => return Err(says::named_run_without_checkpoint(name)),
        },
    };
    let Ok(path) = DataPath::new(&row.directory, &folder) else {
        return Err(says::named_run_lacks(name, folder));
    };
    let run = row.summary.id.clone();
    if !path.join("adapter_config.json").is_file() {
        return Ok(Found::Full {
            path: path.to_path_buf(),
            run,
        });
    }
    // the run's own resolved config says what the adapter stands on
    let config = moved::config(&row.directory).unwrap_or_default();
    let Some(base) = non_empty(&config.model_name_or_path) else {
        return Err(says::run_without_base(name));
    };
    let started = names(config.adapter_name_or_path.as_deref());
    let mut chain: Vec<String> = started.map(str::to_owned).collect();
    if config.create_new_adapter != Some(true) {
        // the last of the chain went on training: the checkpoint holds it
        chain.pop();
    }
    chain.push(path.display().to_string());
    Ok(Found::Adapter {
        base: base.to_owned(),
        chain,
        run,
    })
}

/// The checkpoint that a run gives: the best where it was asked for that, else the newest.
pub fn default_checkpoint(row: &RunRow) -> Option<String> {
    let wants_best = row.summary.config.load_best_model_at_end == Some(true);
    let best = wants_best.then(|| checkpoints::best(&row.directory)).flatten();
    best.or_else(|| checkpoints::newest(&row.directory))
}

fn missing(field: &str, name: &str, said: Said) -> FieldError {
    FieldError::new(field, "not_found", said).with_args([name.to_owned()])
}

fn registered_names(folder: &Path) -> Vec<String> {
    register::read(folder).unwrap_or_default().keys().cloned().collect()
}

fn non_empty(value: &Option<String>) -> Option<&str> {
    value.as_deref().map(str::trim).filter(|s| !s.is_empty())
}
