//! How long the rows of a run's data are in tokens, beside the cut-off, and the memory the run will need by it.

use crate::cards::Seen;
use crate::library::facts::{self, Facts, FileStamp, Stamp};
use crate::library::inspections::file_of;
use crate::library::register::{self, REGISTER};
use crate::off_thread::off_thread;
use crate::trainer::Trainer;
use crate::{ApiError, system};
use protocol::api::MemoryEstimate;
use protocol::config::{DeviceChoice, Method};
use protocol::cuda::Cuda;
use protocol::data::{Preview, RenderedRow, RowLengths, Token};
use protocol::memory::{self, Lengths, Room};
use protocol::{RunConfig, RunSpec};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Rows that are rendered to learn how long rows are.
const SAMPLE_ROWS: usize = 1000;
/// Samples that are cached.
const MAX_CACHED: usize = 200;

/// Measures runs before they start. Cheap to clone.
#[derive(Clone)]
pub struct Measurer {
    pub trainer: Trainer,
    pub facts: Facts,
    pub cuda: Arc<Cuda>,
    pub seen: Seen,
    /// What was measured, by what it depends on.
    pub known: Arc<Known>,
}

#[derive(Default)]
pub struct Known(Mutex<HashMap<Key, Sample>>);

/// A sample of a data set's rows.
#[derive(Debug, Clone)]
struct Sample {
    /// What they cost, cut to the cut-off.
    cut: Lengths,
    /// How long they are before it.
    whole: Option<RowLengths>,
    /// Tokens of one, on average, as runs count them (`num_tokens`).
    mean: f64,
}

/// What is known of a run's size before it starts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Measures {
    /// Peak memory; `None` for a model or data that can't be read.
    pub memory: Option<MemoryEstimate>,
    /// The first data set's rows against the cut-off.
    pub rows: Option<RowLengths>,
    /// Parameters of the model.
    pub params: Option<u64>,
    /// Tokens of a row, on average, as runs count them.
    pub mean_tokens: Option<f64>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    args: Vec<String>,
    /// Of the data, its register, the model and the adapters.
    files: Vec<Stamp>,
}

impl Measurer {
    /// Peak memory of a run and how its rows stand to the cut-off.
    pub async fn measure(&self, resolved: &RunConfig, spec: &RunSpec, rows: usize) -> Measures {
        let Some(folder) = resolved.model_name_or_path.as_deref().map(PathBuf::from) else {
            return Measures::default();
        };
        let facts = self.facts.one(&folder).await;
        let Some(dims) = facts.dims else {
            return Measures::default();
        };
        let sample = self.of_data(resolved, spec, &folder).await;
        let lengths = match &sample {
            Some(sample) => Lengths {
                rows: rows as u64,
                ..sample.cut.clone()
            },
            None => Lengths::at_cutoff(spec, rows as u64),
        };
        let Ok(machine) = off_thread(system::memory).await else {
            return Measures::default();
        };
        let room = self.room(spec.device, &machine);
        let estimate = memory::estimate(&dims, spec, &lengths, room);
        let full = memory::estimate(&dims, spec, &Lengths::at_cutoff(spec, rows as u64), room);
        Measures {
            memory: Some(MemoryEstimate {
                at_cutoff: full.total().max(estimate.total()),
                ..estimate
            }),
            params: Some(facts.params).filter(|params| *params > 0),
            mean_tokens: sample.as_ref().map(|sample| sample.mean),
            rows: sample.and_then(|sample| sample.whole),
        }
    }

    /// What a run would get of its device: what is free on the card, or what the machine has.
    fn room(&self, device: DeviceChoice, machine: &system::Memory) -> Room {
        let asked = match device {
            DeviceChoice::Cpu => None,
            DeviceChoice::Best | DeviceChoice::Cuda(None) => self.cuda.usable().next(),
            DeviceChoice::Cuda(Some(index)) => self.cuda.usable().find(|card| card.index == index),
        };
        match asked {
            Some(card) => Room::Card {
                free: self.seen.free(&card.uuid).unwrap_or(card.memory),
            },
            None => Room::Host { total: machine.total },
        }
    }

    /// Lengths of a sample of the first data set's rows, as the trainer renders them.
    async fn of_data(&self, resolved: &RunConfig, spec: &RunSpec, model: &Path) -> Option<Sample> {
        let directory = PathBuf::from(&resolved.dataset_dir.as_deref()?);
        let dataset = spec.data.dataset.first()?;
        let mut args: Vec<String> = vec!["preview".into(), format!("--dataset={dataset}")];
        // in one word: a system message may begin with a dash
        let mut option = |key: &str, value: String| args.push(format!("--{key}={value}"));
        option("dataset-dir", directory.display().to_string());
        option("model", model.display().to_string());
        option("cutoff-len", spec.data.cutoff_len.to_string());
        option("offset", "0".into());
        option(
            "limit",
            spec.data
                .max_samples
                .unwrap_or(SAMPLE_ROWS)
                .min(SAMPLE_ROWS)
                .to_string(),
        );
        option("stage", spec.method.stage().to_string());
        for (flag, value) in spec.data.wording.flags() {
            option(flag, value);
        }
        let mut models = vec![model.to_owned()];
        // an adapter's own tokenizer and template go first
        for adapter in protocol::config::names(resolved.adapter_name_or_path.as_deref()) {
            option("adapter", adapter.to_owned());
            models.push(adapter.into());
        }
        let name = dataset.clone();
        let stamped = tokio::task::spawn_blocking(move || {
            let of_models = models.iter().map(|path| facts::stamp(path));
            of_models.chain([of_rows(&directory, &name)]).collect()
        });
        let key = Key {
            args: args.clone(),
            files: stamped.await.ok()?,
        };
        let kept = || self.known.0.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(known) = kept().get(&key) {
            return Some(known.clone());
        }
        // what could not be read is asked for again: it may be mended where nothing is looked at
        let preview: Result<Preview, ApiError> = self.trainer.json(&args).await;
        let preview = preview.ok()?;
        // where replies are yet to be written, rows are their prompts
        let rows = preview.rows.iter().filter_map(match spec.method {
            Method::Ppo(_) => of_prompt,
            _ => of_row,
        });
        let sample = Sample {
            cut: Lengths::of(&rows.collect::<Vec<_>>()),
            whole: preview.lengths,
            mean: mean(&preview.rows),
        };
        let mut all = kept();
        if all.len() >= MAX_CACHED {
            all.clear();
        }
        all.insert(key, sample.clone());
        Some(sample)
    }
}

/// Names, sizes and times of the files that a data set's rows come from, its register among them.
fn of_rows(directory: &Path, dataset: &str) -> Stamp {
    let named = Path::new(dataset);
    let mut paths = vec![];
    if named.is_absolute() {
        paths.push(named.to_owned());
    } else {
        paths.push(directory.join(REGISTER));
        let register = register::read(directory).unwrap_or_default();
        paths.extend(register.get(dataset).and_then(|entry| file_of(directory, entry)));
    }
    // what a folder holds is as much a part of it
    let inside = |path: &PathBuf| std::fs::read_dir(path).into_iter().flatten().flatten();
    let mut inner: Vec<PathBuf> = paths.iter().flat_map(inside).map(|entry| entry.path()).collect();
    inner.sort();
    let of_file = |path: &PathBuf| {
        let meta = path.metadata().ok()?;
        Some(FileStamp {
            name: path.display().to_string(),
            bytes: meta.len(),
            modified: meta.modified().ok(),
        })
    };
    paths.iter().chain(&inner).filter_map(of_file).collect()
}

/// Tokens of a row, on average, as `num_tokens` counts them: of a pair the prompt with each reply.
fn mean(rows: &[RenderedRow]) -> f64 {
    let counts = rows.iter().filter_map(|row| match row {
        RenderedRow::Pair {
            prompt,
            chosen,
            rejected,
            ..
        } => Some(2 * prompt.len() + chosen.len() + rejected.len()),
        RenderedRow::Sequence { tokens, .. } | RenderedRow::Labelled { tokens, .. } => Some(tokens.len()),
        RenderedRow::Bad(_) => None,
    });
    let (sum, rows) = counts.fold((0, 0_usize), |(sum, rows), count| (sum + count, rows + 1));
    sum as f64 / rows.max(1) as f64
}

/// Tokens of a prompt: what is shown behind it does not count as its own.
fn of_prompt(row: &RenderedRow) -> Option<(u64, u64)> {
    match row {
        RenderedRow::Sequence { tokens, .. } | RenderedRow::Labelled { tokens, .. } => {
            Some((tokens.iter().filter(|t| !t.counts).count() as u64, 0))
        }
        RenderedRow::Pair { prompt, .. } => Some((prompt.len() as u64, 0)),
        RenderedRow::Bad(_) => None,
    }
}

/// Tokens that are computed, and tokens that count. The last one of a text predicts nothing.
fn of_row(row: &RenderedRow) -> Option<(u64, u64)> {
    let counted = |tokens: &[Token]| tokens.iter().filter(|t| t.counts).count() as u64;
    match row {
        RenderedRow::Pair {
            prompt,
            chosen,
            rejected,
            ..
        } => Some((
            (prompt.len() + chosen.len() + rejected.len()).saturating_sub(2) as u64,
            counted(chosen) + counted(rejected),
        )),
        RenderedRow::Sequence { tokens, .. } => Some((tokens.len().saturating_sub(1) as u64, counted(tokens))),
        // beside it the prompt is read with another reply, about as long
        RenderedRow::Labelled { tokens, .. } => {
            let counts = counted(tokens);
            Some(((tokens.len() as u64 + counts).saturating_sub(2), 2 * counts))
        }
        RenderedRow::Bad(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_file_behind_the_same_name_is_another_data_set() {
        let root = std::env::temp_dir().join(format!("corral-lengths-{}", std::process::id()));
        let (folder, elsewhere) = (root.join("data"), root.join("elsewhere"));
        std::fs::create_dir_all(&folder).unwrap();
        let there = elsewhere.join("rows.jsonl");
        let parts = elsewhere.join("parts");
        std::fs::create_dir_all(&parts).unwrap();
        let entries = serde_json::json!({
            "near": { "file_name": "near.json" },
            "far": { "file_name": there },
            "parts": { "file_name": parts },
        });
        std::fs::write(folder.join(REGISTER), entries.to_string()).unwrap();
        for (name, file) in [
            ("near", folder.join("near.json")),
            ("far", there.clone()),
            (there.to_str().unwrap(), there.clone()),
            ("parts", parts.join("a.jsonl")),
        ] {
            std::fs::write(&file, "1").unwrap();
            let before = of_rows(&folder, name);
            assert_eq!(of_rows(&folder, name), before, "{name}");
            std::fs::write(&file, "1 2").unwrap();
            assert_ne!(of_rows(&folder, name), before, "{name}");
        }
        std::fs::remove_dir_all(&root).unwrap();
    }
}
