//! What is here to train and to train on: models of every origin, data sets, downloads.

pub mod catalogue;
pub mod datasets;
pub mod download;
pub mod facts;
pub mod hub;
pub mod inspections;
pub mod preview;
pub mod register;
pub mod register_import;
pub mod staging;
pub mod tidy;

use crate::db::{Db, RunRow};
use crate::error::ApiResult;
use crate::extract::Json;
use crate::files::checkpoints;
use crate::off_thread::off_thread;
use crate::runs::resolve::DEMO_MODEL;
use crate::state::DataDir;
use axum::extract::State;
use facts::Facts;
use hub::Hubs;
use protocol::api::{ModelInfo, ModelOrigin};
use protocol::run_dir;
use std::path::{Path, PathBuf};

/// The models that are here. Cheap to clone.
#[derive(Clone)]
pub struct Models {
    pub db: Db,
    pub data_dir: DataDir,
    pub hubs: Hubs,
    pub facts: Facts,
}

/// A model of the list, before its files are read.
struct Entry {
    id: String,
    origin: ModelOrigin,
    path: PathBuf,
    run: Option<String>,
    base: Option<String>,
}

impl Entry {
    fn new(id: impl Into<String>, origin: ModelOrigin, path: PathBuf) -> Self {
        Self {
            id: id.into(),
            origin,
            path,
            run: None,
            base: None,
        }
    }
}

impl Models {
    /// All of them, with what is known of each.
    pub async fn list(&self) -> ApiResult<Vec<ModelInfo>> {
        let runs = self.db.runs().await?;
        let found = self.entries(&runs).await?;
        let read = self
            .facts
            .of(found.iter().map(|entry| entry.path.clone()).collect())
            .await;
        let named = |(entry, info): (Entry, ModelInfo)| ModelInfo {
            id: entry.id,
            origin: entry.origin,
            path: entry.path.display().to_string(),
            run: entry.run,
            base: entry.base,
            ..info
        };
        let mut list: Vec<ModelInfo> = found.into_iter().zip(read).map(named).collect();
        for run in &runs {
            note_use(&mut list, run);
        }
        Ok(list)
    }

    /// What there is, by its name and place.
    async fn entries(&self, runs: &[RunRow]) -> ApiResult<Vec<Entry>> {
        let (data_dir, hubs, runs) = (self.data_dir.clone(), self.hubs.clone(), runs.to_vec());
        off_thread(move || {
            let mut found = vec![Entry::new(DEMO_MODEL, ModelOrigin::Demo, data_dir.demo_model())];
            found.extend(local(&data_dir.models()));
            let cached = hubs.cached_models().into_iter();
            found.extend(cached.map(|(name, path)| Entry::new(name, ModelOrigin::Hub, path)));
            found.extend(runs.iter().flat_map(of_run));
            found
        })
        .await
    }
}

/// All models: the demo, folders and GGUF files below `models/`, the hubs' caches, checkpoints and merged models of runs.
#[utoipa::path(get, path = "/api/models", tag = "library", responses((status = 200, body = [ModelInfo])))]
pub async fn models(State(models): State<Models>) -> ApiResult<Json<Vec<ModelInfo>>> {
    models.list().await.map(Json)
}

/// Model folders and GGUF files below `models/`, links followed; a folder of several GGUF files is one model each.
fn local(root: &Path) -> Vec<Entry> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(root)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    let name = |path: &Path| path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned();
    let mut found = vec![];
    for path in paths {
        if name(&path).starts_with('.') {
            continue;
        }
        if is_gguf(&path) {
            found.push(Entry::new(name(&path), ModelOrigin::Folder, path));
        } else if let Some(snapshot) = hub::snapshot(&path) {
            found.push(Entry::new(name(&path), ModelOrigin::Folder, snapshot));
        } else if path.join("config.json").is_file() {
            found.push(Entry::new(name(&path), ModelOrigin::Folder, path));
        } else if path.is_dir() {
            match &ggufs(&path)[..] {
                [] => {}
                [_] => found.push(Entry::new(name(&path), ModelOrigin::Folder, path)),
                several => {
                    let each = several
                        .iter()
                        .map(|file| Entry::new(name(file), ModelOrigin::Folder, file.clone()));
                    found.extend(each);
                }
            }
        }
    }
    found
}

/// Whether a path is a GGUF file.
pub fn is_gguf(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("gguf")) && path.is_file()
}

fn ggufs(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.path()).filter(|path| is_gguf(path)).collect();
    files.sort();
    files
}

/// Checkpoints and merged models of a run: the best, then the newest first.
fn of_run(run: &RunRow) -> Vec<Entry> {
    let mut steps: Vec<u64> = std::fs::read_dir(&run.directory)
        .map(|entries| {
            entries
                .flatten()
                .filter_map(|e| run_dir::checkpoint_step(e.file_name().to_str()?))
                .collect()
        })
        .unwrap_or_default();
    steps.sort_unstable_by(|a, b| b.cmp(a));
    let mut names: Vec<String> = steps.into_iter().map(run_dir::checkpoint).collect();
    let best = checkpoints::best(&run.directory);
    names.sort_by_key(|name| Some(name) != best.as_ref());
    let merged = Some(run_dir::MERGED.to_owned()).filter(|name| run.directory.join(name).join("config.json").is_file());
    let entry = |name: String| {
        let path = run.directory.join(&name);
        let origin = match path.join("adapter_config.json").is_file() {
            true => ModelOrigin::Adapter,
            false => ModelOrigin::Merged,
        };
        Entry {
            run: Some(run.summary.id.clone()),
            base: run.summary.config.model_name_or_path.clone(),
            ..Entry::new(format!("{}/{name}", run.summary.name), origin, path)
        }
    };
    names.into_iter().chain(merged).map(entry).collect()
}

/// Marks the models that a run needs.
fn note_use(list: &mut [ModelInfo], run: &RunRow) {
    let config = &run.summary.config;
    for info in list {
        if config.models().any(|name| name == info.id || name == info.path) {
            info.used_by.push(run.summary.id.clone());
        }
    }
}
