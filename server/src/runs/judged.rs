//! Errors in the files that a config names, as the trainer finds them: it reads the files as training will. Its answers are cached for
//! as long as the files stay as they are.

use crate::ApiError;
use crate::ambient::Ambient;
use crate::library::facts::{Stamp, stamp};
use crate::library::register::{MAX_BYTES, REGISTER};
use crate::small_file;
use crate::trainer::Trainer;
use protocol::config::{DataSpec, Method, Optimizer, ReferenceSpec, Resume, RewardModel, Start};
use protocol::pairs::MARKS;
use protocol::{FieldError, RunConfig, RunSpec, register};
use serde_json::json;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Answers that are cached.
const MAX_CACHED: usize = 200;
/// Errors are cached for this long only: one may be mended in a file that is not among those watched (the base that an adapter names).
const ERRORS_VALID_FOR: Duration = Duration::from_secs(10);

/// What the trainer says of configs. Cheap to clone.
#[derive(Clone)]
pub struct Judged {
    ambient: Ambient,
    trainer: Trainer,
    /// Its answers, by what they depend on.
    known: Arc<Mutex<HashMap<String, Arc<CachedVerdict>>>>,
}

/// Whoever holds the lock asks the trainer; the others wait for the answer.
#[derive(Default)]
struct CachedVerdict(tokio::sync::Mutex<Option<Verdict>>);

struct Verdict {
    files: Vec<Stamp>,
    errors: Vec<FieldError>,
    at: Instant,
}

impl Judged {
    pub fn new(trainer: Trainer, ambient: Ambient) -> Self {
        Self {
            ambient,
            trainer,
            known: Arc::default(),
        }
    }

    /// Errors of the files that a config names, all names being paths already. `asked`: the config as the person has it.
    pub async fn judge(&self, asked: &RunConfig, resolved: &RunConfig, spec: &RunSpec) -> Vec<FieldError> {
        let of = {
            let mut all = self.known.lock().unwrap_or_else(|e| e.into_inner());
            if all.len() >= MAX_CACHED {
                all.clear();
            }
            all.entry(cache_key(spec, resolved)).or_default().clone()
        };
        let mut known = of.0.lock().await;
        let (paths, data) = (paths(spec), spec.data.clone());
        let stamped = tokio::task::spawn_blocking(move || {
            let files = paths.into_iter().chain(data_files(&data));
            files.map(|path| stamp(&path)).collect::<Vec<_>>()
        });
        let files = stamped.await.unwrap_or_default();
        let is_valid = |verdict: &&Verdict| {
            verdict.files == files && (verdict.errors.is_empty() || self.ambient.since(verdict.at) < ERRORS_VALID_FOR)
        };
        let errors = match known.as_ref().filter(is_valid) {
            Some(verdict) => verdict.errors.clone(),
            None => match self.ask(resolved).await {
                Ok(errors) => {
                    *known = Some(Verdict {
                        files,
                        errors: errors.clone(),
                        at: self.ambient.steady(),
                    });
                    errors
                }
                // what fails now may work when the run begins: training tells it then
                Err(ApiError::Unusable(_)) => vec![],
                // what keeps the trainer from saying anything may pass
                Err(error) => {
                    let said = error.said();
                    vec![FieldError::new("model_name_or_path", &said.code.clone(), said)]
                }
            },
        };
        let with_named_field = |error: FieldError| FieldError {
            // a run that is named as the model brings its adapters along
            field: match error.field.as_str() {
                "adapter_name_or_path" if asked.adapter_name_or_path.is_none() => "model_name_or_path".into(),
                _ => error.field,
            },
            ..error
        };
        errors.into_iter().map(with_named_field).collect()
    }

    async fn ask(&self, resolved: &RunConfig) -> Result<Vec<FieldError>, ApiError> {
        let placeless = RunConfig {
            // of checkpoints, one that is named is looked at and no other
            output_dir: None,
            ..resolved.clone()
        };
        let args = ["check".to_owned(), format!("--config={}", placeless.to_yaml())];
        self.trainer.json(&args).await
    }
}

/// All that the answer depends on beside the files themselves, so that a change of a learning rate asks nothing anew.
fn cache_key(spec: &RunSpec, resolved: &RunConfig) -> String {
    let blocks = match &spec.optim.optimizer {
        Optimizer::Badam { blocks, .. } => Some(json!(blocks)),
        Optimizer::Galore { projection, .. } | Optimizer::Apollo { projection, .. } => Some(json!(projection.target)),
        _ => None,
    };
    let reward = match &spec.method {
        Method::Ppo(ppo) => Some((&ppo.reward_model, &ppo.reward_quantize)),
        _ => None,
    };
    // any method tells a loss; what else is told is the method's own
    let best = (spec.best.metric != "eval_loss").then_some((&spec.best, &spec.method, &spec.cadence.eval));
    // what becomes of the rows
    let task = match &spec.method {
        Method::Pretrain { packing, .. } => json!(packing),
        Method::Supervised {
            train_on_prompt,
            mask_history,
            packing,
            ..
        } => json!([train_on_prompt, mask_history, packing]),
        _ => json!(null),
    };
    let data = &spec.data;
    let rows = (
        (&resolved.stage, task, data.cutoff_len, data.max_samples),
        (&data.dataset, &data.eval_dataset, &data.dataset_dir),
        &data.pair_marks,
    );
    json!([
        spec.model,
        spec.tuning,
        spec.method.reference(),
        reward,
        blocks,
        rows,
        best,
        spec.data.wording,
        // what goes on is compared with the config it was made with, key by key
        (&spec.resume, (spec.resume != Resume::No).then_some(resolved)),
    ])
    .to_string()
}

/// The files of the rows, and the register that tells of them.
fn data_files(data: &DataSpec) -> Vec<PathBuf> {
    let folder = Path::new(&data.dataset_dir);
    let register = folder.join(REGISTER);
    let entries = small_file::read(&register, MAX_BYTES)
        .ok()
        .and_then(|text| register::read(&text).ok());
    let entries = entries.unwrap_or_default().entries;
    let file = |name: &String| match entries.get(name).and_then(|entry| entry.get("file_name")?.as_str()) {
        Some(file) => folder.join(file),
        None => folder.join(name),
    };
    let names = data.dataset.iter().chain(&data.eval_dataset);
    let files: Vec<PathBuf> = names.map(file).collect();
    let marks = data.pair_marks.iter().map(Path::new);
    let marks = marks.flat_map(|path| [path.to_owned(), path.join(MARKS)]);
    files.into_iter().chain(marks).chain([register]).collect()
}

/// The folders and files of models that are looked at.
fn paths(spec: &RunSpec) -> Vec<PathBuf> {
    let mut paths = vec![spec.model.path.as_str()];
    if let Start::Adapters { chain, .. } = &spec.model.start {
        paths.extend(chain.iter().map(String::as_str));
    }
    if let ReferenceSpec::Model { path, adapters, .. } = spec.method.reference() {
        paths.extend(path.iter().chain(adapters).map(String::as_str));
    }
    if let Method::Ppo(ppo) = &spec.method {
        match &ppo.reward_model {
            RewardModel::Adapter(adapter) => paths.push(adapter),
            RewardModel::Model { path, adapters } => {
                paths.push(path);
                paths.extend(adapters.iter().map(String::as_str));
            }
        }
    }
    if let Resume::From(path) = &spec.resume {
        paths.push(path);
    }
    paths.into_iter().map(|path| Path::new(path).to_path_buf()).collect()
}
