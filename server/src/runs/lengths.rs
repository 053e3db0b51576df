//! How long the rows of a run's data are in tokens, beside the cut-off, and the memory the run will need by it.

use crate::library::facts;
use crate::{ApiError, AppState, system, trainer};
use protocol::api::MemoryEstimate;
use protocol::data::{Preview, RenderedRow, RowLengths, Token};
use protocol::memory::{self, Lengths};
use protocol::{RunConfig, RunSpec};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

/// Rows that are rendered to learn how long rows are.
const SAMPLE: usize = 1000;
/// Answers kept.
const KEPT: usize = 200;

/// What was measured, by what it depends on.
#[derive(Default)]
pub struct Measured(Mutex<HashMap<Key, Option<Sample>>>);

/// A sample of a data set's rows.
#[derive(Debug, Clone)]
struct Sample {
    /// What they cost, cut to the cut-off.
    cut: Lengths,
    /// How long they are before it.
    whole: Option<RowLengths>,
}

/// What is known of a run's size before it starts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Measures {
    /// Peak memory; `None` for a model or data that can't be read.
    pub memory: Option<MemoryEstimate>,
    /// The first data set's rows against the cut-off.
    pub rows: Option<RowLengths>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    args: Vec<String>,
    register: Option<SystemTime>,
    bytes: Vec<(u64, Option<SystemTime>)>,
}

/// Peak memory of a run and how its rows stand to the cut-off.
pub async fn measure(app: &AppState, resolved: &RunConfig, spec: &RunSpec, rows: usize) -> Measures {
    let Some(folder) = resolved.model_name_or_path.as_deref().map(PathBuf::from) else {
        return Measures::default();
    };
    let Some(dims) = facts::one(app, &folder).await.dims else {
        return Measures::default();
    };
    let sample = of_data(app, resolved, spec, &folder).await;
    let lengths = match &sample {
        Some(sample) => Lengths {
            rows: rows as u64,
            ..sample.cut.clone()
        },
        None => Lengths::at_cutoff(spec, rows as u64),
    };
    let (total, _) = system::memory();
    let estimate = memory::estimate(&dims, spec, &lengths, total);
    let full = memory::estimate(&dims, spec, &Lengths::at_cutoff(spec, rows as u64), total);
    Measures {
        memory: Some(MemoryEstimate {
            at_cutoff: full.total().max(estimate.total()),
            ..estimate
        }),
        rows: sample.and_then(|sample| sample.whole),
    }
}

/// Lengths of a sample of the first data set's rows, as the trainer renders them.
async fn of_data(app: &AppState, resolved: &RunConfig, spec: &RunSpec, model: &Path) -> Option<Sample> {
    let directory = PathBuf::from(&resolved.dataset_dir.as_deref()?);
    let dataset = spec.data.dataset.first()?;
    let mut args: Vec<String> = vec!["preview".into(), "--dataset".into(), dataset.clone()];
    let mut option = |key: &str, value: String| args.extend([format!("--{key}"), value]);
    option("dataset-dir", directory.display().to_string());
    option("model", model.display().to_string());
    option("cutoff-len", spec.data.cutoff_len.to_string());
    option("offset", "0".into());
    option("limit", spec.data.max_samples.unwrap_or(SAMPLE).min(SAMPLE).to_string());
    option("stage", resolved.stage.clone().unwrap_or_else(|| "sft".into()));
    for (flag, value) in spec.data.wording.flags() {
        option(flag, value);
    }
    // an adapter's own tokenizer and template go first
    for adapter in protocol::config::names(resolved.adapter_name_or_path.as_deref()) {
        option("adapter", adapter.to_owned());
    }
    let stamp = |path: PathBuf| path.metadata().ok().map(|m| (m.len(), m.modified().ok()));
    let files = std::fs::read_dir(&directory).ok()?.flatten().map(|e| e.path());
    let key = Key {
        args: args.clone(),
        register: stamp(directory.join("dataset_info.json")).and_then(|(_, time)| time),
        bytes: files.filter_map(stamp).collect(),
    };
    let kept = || app.measured.0.lock().unwrap_or_else(|e| e.into_inner());
    if let Some(known) = kept().get(&key) {
        return known.clone();
    }
    let preview: Result<Preview, ApiError> = trainer::json(app, &args).await;
    if matches!(&preview, Err(error) if !matches!(error, ApiError::Said(..))) {
        // what kept the trainer from saying anything may pass
        return None;
    }
    let sample = preview.ok().map(|preview| Sample {
        cut: Lengths::of(&preview.rows.iter().filter_map(of_row).collect::<Vec<_>>()),
        whole: preview.lengths,
    });
    let mut all = kept();
    if all.len() >= KEPT {
        all.clear();
    }
    all.insert(key, sample.clone());
    sample
}

/// Tokens that are computed, and tokens that count.
fn of_row(row: &RenderedRow) -> Option<(u64, u64)> {
    let counted = |tokens: &[Token]| tokens.iter().filter(|t| t.counts).count() as u64;
    match row {
        RenderedRow::Pair {
            prompt,
            chosen,
            rejected,
            ..
        } => Some((
            (prompt.len() + chosen.len() + rejected.len()) as u64,
            counted(chosen) + counted(rejected),
        )),
        RenderedRow::Sequence { tokens, .. } => Some((tokens.len() as u64, counted(tokens))),
        // beside it the prompt is read with another reply, about as long
        RenderedRow::Labelled { tokens, .. } => {
            let counts = counted(tokens);
            Some((tokens.len() as u64 + counts, 2 * counts))
        }
        RenderedRow::Bad(_) => None,
    }
}
