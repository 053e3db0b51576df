//! Facts about models (family, size, dtype, …) as the trainer reads them from their folders, cached for as long as the files stay as
//! they are. No file of a model folder is opened in this process.

use crate::trainer::Trainer;
use protocol::api::{ModelInfo, ModelOrigin};
use protocol::said::Unusable;
use protocol::{Said, says};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

/// Folders asked about in one errand.
const MAX_PER_ERRAND: usize = 100;
/// Answers that are cached.
const MAX_CACHED: usize = 10_000;
/// Files of a folder that its stamp has, at most.
const MAX_FILES: usize = 4096;

/// Facts about models, and what reads them. Cheap to clone.
#[derive(Clone)]
pub struct Facts {
    trainer: Trainer,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// What was read, by path.
    known: Mutex<HashMap<PathBuf, (Stamp, ModelInfo)>>,
    /// One errand at a time: what many ask for at once is read once.
    asking: tokio::sync::Mutex<()>,
}

/// A file as it stood: by this a change is seen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileStamp {
    pub name: String,
    pub bytes: u64,
    pub modified: Option<SystemTime>,
}

/// The files that a model is made of, as they stood.
pub type Stamp = Vec<FileStamp>;

impl Facts {
    pub fn new(trainer: Trainer) -> Self {
        Self {
            trainer,
            shared: Arc::default(),
        }
    }

    /// The facts of these folders and files, in their order.
    pub async fn of(&self, paths: Vec<PathBuf>) -> Vec<ModelInfo> {
        let stamped = tokio::task::spawn_blocking(move || {
            let stamped = paths.into_iter().map(|path| (stamp(&path), path));
            stamped.collect::<Vec<_>>()
        });
        let Ok(stamped) = stamped.await else {
            return vec![];
        };
        if let Some(all) = stamped.iter().map(|(stamp, path)| self.known(stamp, path)).collect() {
            return all;
        }
        let _one_at_a_time = self.shared.asking.lock().await;
        let mut missing: Vec<&(Stamp, PathBuf)> = stamped
            .iter()
            .filter(|(s, path)| self.known(s, path).is_none())
            .collect();
        missing.dedup_by_key(|(_, path)| path.clone());
        let mut unread: HashMap<&Path, Said> = HashMap::new();
        for part in missing.chunks(MAX_PER_ERRAND) {
            match self.ask(part).await {
                Ok(()) => {}
                // one model that crashes the errand must not hide the others
                Err(_) if part.len() > 1 => {
                    for one in part {
                        if let Err(why) = self.ask(&[one]).await {
                            unread.insert(&one.1, why);
                        }
                    }
                }
                Err(why) => drop(unread.insert(&part[0].1, why)),
            }
        }
        let answer = |(stamp, path): &(Stamp, PathBuf)| {
            self.known(stamp, path)
                .unwrap_or_else(|| unknown_model(path, unread.get(path.as_path()).cloned().unwrap_or_default()))
        };
        stamped.iter().map(answer).collect()
    }

    /// The facts of one.
    pub async fn one(&self, path: &Path) -> ModelInfo {
        let mut all = self.of(vec![path.to_owned()]).await;
        all.pop().unwrap_or_else(|| unknown_model(path, Said::default()))
    }

    fn known(&self, stamp: &Stamp, path: &Path) -> Option<ModelInfo> {
        let all = self.shared.known.lock().unwrap_or_else(|e| e.into_inner());
        all.get(path)
            .filter(|(then, _)| then == stamp)
            .map(|(_, info)| info.clone())
    }

    /// Has the trainer read these, and caches its answers. An error of the errand itself is not cached: it may pass.
    async fn ask(&self, part: &[&(Stamp, PathBuf)]) -> Result<(), Said> {
        let mut args: Vec<String> = vec!["model-info".into(), "--each".into(), "--".into()];
        args.extend(part.iter().map(|(_, path)| path.display().to_string()));
        let read: Vec<ModelInfo> = self.trainer.json(&args).await.map_err(|e| e.said())?;
        if read.len() != part.len() {
            return Err(says::answer_short());
        }
        let mut all = self.shared.known.lock().unwrap_or_else(|e| e.into_inner());
        if all.len() + part.len() > MAX_CACHED {
            all.clear();
        }
        for ((stamp, path), info) in part.iter().zip(read) {
            all.insert(path.clone(), (stamp.clone(), info));
        }
        Ok(())
    }
}

fn unknown_model(path: &Path, why: Said) -> ModelInfo {
    ModelInfo {
        id: path.display().to_string(),
        origin: ModelOrigin::Folder,
        path: path.display().to_string(),
        family: String::new(),
        params: 0,
        dtype: String::new(),
        bytes: 0,
        context: 0,
        rope: None,
        has_chat_template: false,
        dims: None,
        run: None,
        base: None,
        used_by: vec![],
        unusable: Unusable::of(&why),
    }
}

/// The files at `path`, a folder or one file, as they stand. None is opened: there may be a pipe or a device among them.
pub fn stamp(path: &Path) -> Stamp {
    let of_file = |path: &Path| {
        let meta = path.metadata().ok()?;
        Some(FileStamp {
            name: path.file_name()?.to_string_lossy().into_owned(),
            bytes: meta.len(),
            modified: meta.modified().ok(),
        })
    };
    if path.is_file() {
        let beside = [
            "config.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "chat_template.jinja",
        ];
        let beside = beside.iter().map(|name| path.with_file_name(name));
        return std::iter::once(path.to_owned())
            .chain(beside)
            .filter_map(|path| of_file(&path))
            .collect();
    }
    let matters = |path: &PathBuf| {
        let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
        [
            "json",
            "jinja",
            "safetensors",
            "gguf",
            "bin",
            "model",
            "tiktoken",
            "txt",
        ]
        .iter()
        .any(|known| extension == *known)
    };
    let files = std::fs::read_dir(path)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    let mut stamp: Stamp = files
        .filter(matters)
        .take(MAX_FILES)
        .filter_map(|path| of_file(&path))
        .collect();
    stamp.sort();
    stamp
}
