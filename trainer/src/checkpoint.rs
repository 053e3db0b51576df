//! Resumable checkpoints: PEFT or HF files that load elsewhere, beside all that the loop needs to go on as if it had
//! never stopped.

use crate::error::{Error, Result};
use crate::exact_json::Exact;
use crate::feed::StreamState;
use crate::folder::{self, Origin};
use crate::loss::ppo::PpoState;
use crate::loss::{Means, Running};
use crate::loss_scale::LossScale;
use crate::model::{Model, Param, Params, TensorFile};
use crate::optim::Optimizer;
use crate::schedule::Watch;
use crate::tensors::Unwritten;
use crate::{files, peft, tensors};
use candle_core::{Device, Tensor};
use protocol::config::BestRule;
use protocol::{RunConfig, run_dir, says};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

const STATE: &str = "state.json";
const OPTIMIZER: &str = "optimizer.safetensors";
/// The reference that follows the policy, where there is one.
const REFERENCE: &str = "reference.safetensors";
/// In front of the f32 values of weights that are stored in less.
const MASTER: &str = "master.";
/// Version of what this file writes.
const VERSION: u32 = 1;
/// Weights of a full checkpoint are split over this.
const SHARD_BYTES: u64 = 5 << 30;

/// Where the loop stands: with the weights and moments, everything that the next step depends on. Order of rows and
/// dropout masks are functions of seed and step.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    pub version: u32,
    /// Optimizer steps done.
    pub step: u64,
    /// What the open logging window holds.
    pub window: Means,
    /// What BCO compares rewards with.
    #[serde(default)]
    pub running: Running,
    /// What PPO carries on.
    #[serde(default)]
    pub ppo: Option<PpoState>,
    /// Updates the optimizer made, where they are more than steps.
    #[serde(default)]
    pub updates: Option<u64>,
    pub best: Option<Best>,
    /// The step evaluated last.
    pub evaluated: Option<u64>,
    /// Tokens trained on so far.
    #[serde(default)]
    pub tokens: u64,
    /// Where early stopping stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patience: Option<Patience>,
    /// Where `reduce_lr_on_plateau` stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plateau: Option<Watch>,
    /// Where the loss scale of passes in f16 stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss_scale: Option<LossScale>,
    /// Where rows that are streamed stood after its last step: those of one that is broken off are read again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<StreamState>,
    /// Fingerprint of the training rows and how they are batched.
    pub data: String,
}

/// The best value so far of the metric that checkpoints are told apart by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Best {
    pub step: u64,
    /// Named as it was when it could only be a loss.
    #[serde(rename = "eval_loss")]
    pub value: Exact,
}

/// How long evaluations have not become better.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Patience {
    best: Exact,
    /// Evaluations in a row without a better one.
    pub stale: u64,
}

impl Patience {
    /// Takes in an evaluation.
    pub fn see(before: Option<Self>, rule: &BestRule, value: f64) -> Self {
        match before {
            Some(before) if !rule.better(value, before.best.0) => Self {
                stale: before.stale + 1,
                ..before
            },
            _ => Self {
                best: Exact(value),
                stale: 0,
            },
        }
    }
}

/// What goes into a checkpoint.
pub struct Snapshot<'a> {
    pub source: folder::Source<'a>,
    pub optimizer: &'a Optimizer,
    pub state: &'a State,
    pub origin: &'a Origin,
    pub lora_dropout: f64,
    /// Without what training goes on from.
    pub only_model: bool,
}

/// Writes `checkpoint-<step>` in `run`, whole or not at all, and gives its name.
pub fn save(run: &Path, snapshot: &Snapshot) -> Result<String> {
    let name = run_dir::checkpoint(snapshot.state.step);
    files::folder_atomic(&run.join(&name), |dir| fill(dir, snapshot))?;
    Ok(name)
}

fn fill(dir: &Path, s: &Snapshot) -> Result<()> {
    let model = s.source.model;
    let mut saved = s.optimizer.export(model.params());
    match model.adapter()? {
        Some(adapter) => {
            peft::write(dir, &adapter, &s.origin.base, s.lora_dropout)?;
            folder::write_words(dir, &s.source)?;
        }
        None => {
            folder::write(dir, &s.source, SHARD_BYTES, |_, _, _| Ok(()))?;
            saved.extend(masters(model)?);
        }
    }
    let head = model.value_head();
    if !head.is_empty() {
        tensors::write(&dir.join(folder::VALUE_HEAD), &head)?;
    }
    s.origin.write(dir)?;
    if s.only_model {
        return Ok(());
    }
    saved.sort_by(|a, b| a.name.cmp(&b.name));
    tensors::write(&dir.join(OPTIMIZER), &saved)?;
    if let Some(reference) = model.synced_reference() {
        let named: Vec<_> = reference.iter().map(|param| unwritten("", param)).collect();
        tensors::write(&dir.join(REFERENCE), &named)?;
    }
    let updates = s.optimizer.steps() as u64;
    let state = State {
        version: VERSION,
        updates: (updates != s.state.step).then_some(updates),
        ..s.state.clone()
    };
    folder::write_json(&dir.join(STATE), &serde_json::json!(state))
}

/// The trained values of a full model that its files do not give back: their type rounds them, or they hold several in one.
fn masters(model: &Model) -> Result<Vec<Unwritten<'_>>> {
    let Some(first) = model.params().iter().next() else {
        return Ok(vec![]);
    };
    let files = match model.trains_otherwise_stored() {
        true => None,
        false => Some(model.merged_weight(&first.name)?.dtype()),
    };
    let rounded = model.params().iter().filter(|param| Some(param.dtype()) != files);
    Ok(rounded.map(|param| unwritten(MASTER, param)).collect())
}

fn unwritten<'a>(prefix: &str, param: &'a Param) -> Unwritten<'a> {
    Unwritten::new(format!("{prefix}{}", param.name), || param.value())
}

/// Reads where the loop stood.
pub fn state(dir: &Path) -> Result<State> {
    let path = dir.join(STATE);
    let bytes = std::fs::read(&path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => Error::file(dir, says::no_resumable()),
        _ => Error::io(&path)(e),
    })?;
    let state: State = serde_json::from_slice(&bytes).map_err(|e| Error::file(&path, says::not_readable(e)))?;
    if state.version != VERSION {
        return Err(Error::file(
            &path,
            says::other_checkpoint_version(state.version, VERSION),
        ));
    }
    Ok(state)
}

/// Whether a checkpoint can be gone on from, as far as its files show without being read.
pub fn check(dir: &Path) -> Result<()> {
    state(dir)?;
    TensorFile::open(&dir.join(OPTIMIZER)).map(drop)
}

/// Puts weights and moments of a checkpoint into a model and optimizer of the same shape.
pub fn restore(dir: &Path, step: u64, model: &mut Model, optimizer: &mut Optimizer, device: &Device) -> Result<()> {
    let saved = tensors::read(&dir.join(OPTIMIZER), device)?;
    optimizer.import(model.params(), &saved, step as usize)?;
    let mut values = match model.adapter()? {
        Some(_) => model.adapter_values(peft::read(dir, device)?.adapter)?,
        None => full_values(dir, saved, model.params(), device)?,
    };
    if !model.value_head().is_empty() {
        values.extend(tensors::read(&dir.join(folder::VALUE_HEAD), device)?);
    }
    if let Some(reference) = model.synced_reference_mut() {
        reference.restore(&tensors::read(&dir.join(REFERENCE), device)?)?;
    }
    model.params_mut().restore(&values)
}

/// The masters, and what the model's files give back of the other parameters.
fn full_values(
    dir: &Path,
    saved: HashMap<String, Tensor>,
    params: &Params,
    device: &Device,
) -> Result<HashMap<String, Tensor>> {
    let masters: HashMap<_, _> = saved
        .into_iter()
        .filter_map(|(name, tensor)| Some((name.strip_prefix(MASTER)?.to_owned(), tensor)))
        .collect();
    if params.iter().all(|param| masters.contains_key(&param.name)) {
        return Ok(masters);
    }
    let mut values = HashMap::new();
    for entry in std::fs::read_dir(dir).map_err(Error::io(dir))? {
        let path = entry.map_err(Error::io(dir))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with("model") && name.ends_with(".safetensors") {
            values.extend(tensors::read(&path, device)?);
        }
    }
    values.extend(masters);
    Ok(values)
}

/// Checkpoints of a run directory, oldest first.
pub fn list(run: &Path) -> Vec<(u64, PathBuf)> {
    let entries = std::fs::read_dir(run).into_iter().flatten().flatten();
    let mut found: Vec<_> = entries
        .filter_map(|entry| Some((run_dir::checkpoint_step(entry.file_name().to_str()?)?, entry.path())))
        .filter(|(_, path)| path.is_dir())
        .collect();
    found.sort();
    found
}

/// The checkpoint that a run gives: the best where its config says so, else the newest.
pub fn result(run: &Path) -> Option<PathBuf> {
    let config = std::fs::read_to_string(run.join(run_dir::CONFIG)).unwrap_or_default();
    if RunConfig::parse(&config).config.load_best_model_at_end == Some(true)
        && let Ok(best) = run.join(run_dir::BEST).canonicalize()
    {
        return Some(best);
    }
    newest(run).map(|(_, path)| path)
}

pub fn newest(run: &Path) -> Option<(u64, PathBuf)> {
    list(run).pop()
}

/// Removes the oldest checkpoints over `limit`, but never the one that `checkpoint-best` names.
pub fn prune(run: &Path, limit: usize, best: Option<u64>) -> Result<()> {
    let mut all = list(run);
    all.truncate(all.len().saturating_sub(limit));
    for (_, path) in all.iter().filter(|(step, _)| Some(*step) != best) {
        files::retire(path)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::tests::TempDir;

    #[test]
    fn pruning_keeps_the_newest_and_the_best() {
        let dir = TempDir::new();
        for step in [2, 4, 10, 20] {
            std::fs::create_dir(dir.path().join(run_dir::checkpoint(step))).unwrap();
        }
        files::link_atomic(&dir.path().join(run_dir::BEST), "checkpoint-2").unwrap();
        prune(dir.path(), 2, Some(2)).unwrap();
        let steps: Vec<_> = list(dir.path()).iter().map(|(step, _)| *step).collect();
        assert_eq!(steps, [2, 10, 20]);
        assert_eq!(newest(dir.path()).unwrap().0, 20);
    }
}
