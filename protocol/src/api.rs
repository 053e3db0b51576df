//! The REST API's requests and answers.

use crate::Said;
use crate::config::{FieldError, RunConfig};
use crate::data::RowLengths;
use crate::event::{DataReport, Event, Metrics, Outcome, Started};
use crate::experts::ExpertDims;
use crate::said::{Arg, Unusable};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Waits for a device.
    Queued,
    /// The worker is starting: loading, tokenizing, reference log-probs.
    Starting,
    Running,
    /// Asked to stop; writes its checkpoint.
    Stopping,
    Completed,
    Stopped,
    Failed,
    /// Its worker belongs to another machine: it may go on there, and this server can't tell.
    Unknown,
}

impl RunState {
    pub fn is_live(self) -> bool {
        matches!(self, Self::Starting | Self::Running | Self::Stopping)
    }
    pub fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Stopped | Self::Failed)
    }
}

impl From<Outcome> for RunState {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Completed => Self::Completed,
            Outcome::Stopped => Self::Stopped,
            Outcome::Failed => Self::Failed,
        }
    }
}

/// A row of the runs table. Times are milliseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunSummary {
    pub id: String,
    pub name: String,
    pub state: RunState,
    /// 1 for the next to start, among queued runs.
    pub queue_position: Option<u64>,
    pub tags: Vec<String>,
    pub note: String,
    pub archived: bool,
    pub created: i64,
    pub started: Option<i64>,
    pub ended: Option<i64>,
    /// Time training in all workers of the run.
    pub seconds: f64,
    pub step: u64,
    pub total_steps: Option<u64>,
    /// Of the last event stored.
    pub seq: u64,
    /// The run this one starts from (its adapter or merged checkpoint), when known.
    pub parent: Option<String>,
    /// What was asked.
    pub config: RunConfig,
    /// Newest value of each metric, train and eval.
    pub latest: Metrics,
    /// Evaluation before the first step.
    pub baseline: Metrics,
    /// Step of the newest evaluation; the eval values of `latest` are of then.
    #[serde(default)]
    pub evaluated: Option<u64>,
    /// Checkpoints written.
    #[serde(default)]
    pub checkpoints: u64,
    /// A thinned series for the table's sparkline: `rewards/margins`, else `loss`; at most 40 points.
    pub spark: Vec<f64>,
    /// The metric of `spark`; empty before the first logged step.
    #[serde(default)]
    pub spark_metric: String,
    /// The error in a sentence, when failed; and what a run that was never started says of itself.
    pub message: String,
    /// Names that sentence, so that the board says it in the person's language; see [`Said`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<Arg>,
    /// Peak resident memory of the worker in bytes, when known.
    pub peak_memory: Option<u64>,
}

/// Everything the run page needs that is not a series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunDetail {
    pub summary: RunSummary,
    /// Absolute path of the run directory.
    pub directory: String,
    /// Resolved, complete.
    pub config_yaml: String,
    /// The command line that does the same.
    pub command: String,
    pub started: Option<Started>,
    pub checkpoints: Vec<Checkpoint>,
    pub notices: Vec<Said>,
    /// What was read of each data set.
    pub data: Vec<DataReport>,
    /// When the run last gave a sign of life: its newest event, or its worker's heartbeat.
    #[serde(default)]
    pub heard: Option<i64>,
    /// The log's last lines, for a failed run.
    pub last_words: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Checkpoint {
    /// Folder name in the run directory, e.g. `checkpoint-20`.
    pub name: String,
    pub step: u64,
    /// Lowest `eval_loss` so far.
    pub best: bool,
    pub eval: Metrics,
    pub bytes: u64,
    pub created: i64,
}

/// `POST /api/runs`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewRun {
    pub config: RunConfig,
    /// Default: made from model, data and loss, unique.
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default)]
    pub parent: Option<String>,
}

/// `PATCH /api/runs/{id}`: what is present changes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RunPatch {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// Further tags, whichever are there: two changes at once do not undo each other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add_tags: Vec<String>,
    /// Tags to take away; the others stay.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove_tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
    /// New place among the queued runs, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue_position: Option<u64>,
}

/// `POST /api/runs/{id}/stop`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// Finish the step, write a checkpoint, end.
    Save,
    /// End at once; the last checkpoint stays.
    Now,
}

/// One metric over steps: `points` are `(step, time in ms, value)`, thinned when there are too many.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Series {
    pub metric: String,
    pub points: Vec<(u64, i64, f64)>,
}

/// `GET /api/runs/{id}/series`: all metrics up to event `seq`; go on from there over the WebSocket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SeriesPage {
    pub seq: u64,
    pub series: Vec<Series>,
}

/// `GET /api/runs/{id}/events`: events after the one asked for, and the newest there is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventsPage {
    pub events: Vec<Event>,
    pub seq: u64,
}

/// `GET /api/runs/{id}/log`: a page of the worker's log; `next` is the offset to go on from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogPage {
    pub text: String,
    pub next: u64,
    pub size: u64,
}

/// `POST /api/runs/adopt`: take up the run directory at this absolute path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AdoptRun {
    pub path: String,
}

/// `POST /api/check`: the config to judge.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CheckRequest {
    pub config: RunConfig,
}

/// `POST /api/parse`: a YAML file as people have it; answered by [`crate::config::Parsed`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ParseRequest {
    pub text: String,
}

/// A run config to start from, of `GET /api/presets`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Preset {
    pub name: String,
    pub yaml: String,
}

/// Answer of `POST /api/check`: a config judged by the whole rule book, files and data included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckAnswer {
    pub config: RunConfig,
    pub errors: Vec<FieldError>,
    pub notices: Vec<Said>,
    pub yaml: String,
    pub command: String,
    pub memory: Option<MemoryEstimate>,
    pub total_steps: Option<u64>,
    /// Rows of the first data set against the cut-off; `None`: not measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lengths: Option<RowLengths>,
}

/// Peak memory of a run, in bytes, by what it is spent on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemoryEstimate {
    pub weights: u64,
    /// Trainable copies, gradients, optimizer moments.
    pub training: u64,
    /// A reference of its own (full training).
    pub reference: u64,
    pub activations: u64,
    /// Program, tokenizer, data, workspace.
    pub other: u64,
    /// All of it, if every row filled the cut-off; the rest counts the longest micro-batch of these rows.
    #[serde(default)]
    pub at_cutoff: u64,
    /// Memory of the device.
    pub available: u64,
}

impl MemoryEstimate {
    pub fn total(&self) -> u64 {
        self.weights + self.training + self.reference + self.activations + self.other
    }
}

/// Where a model came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ModelOrigin {
    Demo,
    Folder,
    Hub,
    /// A run's adapter checkpoint.
    Adapter,
    /// A run's full or merged checkpoint.
    Merged,
}

/// A model one can train, or talk to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelInfo {
    /// What to write as `model_name_or_path`, and as the chat API's `model`: `corral-demo`, a path, a hub name,
    /// `<run name>`, `<run name>/checkpoint-20`.
    pub id: String,
    pub origin: ModelOrigin,
    pub path: String,
    /// "llama", "qwen2" …; empty when the folder can't be read.
    pub family: String,
    pub params: u64,
    pub dtype: String,
    pub bytes: u64,
    /// Longest context in tokens.
    pub context: u64,
    pub has_chat_template: bool,
    /// Dimensions for the memory estimate.
    pub dims: Option<ModelDims>,
    /// Run that made it.
    pub run: Option<String>,
    /// Model it was made from.
    pub base: Option<String>,
    /// Runs that start from it.
    pub used_by: Vec<String>,
    /// Why it can't be used.
    #[serde(flatten)]
    pub unusable: Unusable,
}

/// The numbers of a decoder that memory depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelDims {
    pub layers: u64,
    pub hidden: u64,
    pub heads: u64,
    pub kv_heads: u64,
    pub head_dim: u64,
    pub intermediate: u64,
    pub vocab: u64,
    pub tied: bool,
    /// Bytes of a stored weight: 4 or 2.
    pub weight_bytes: u64,
    /// What all weights take together, where the folder is quantized.
    #[serde(default)]
    pub packed_bytes: Option<u64>,
    #[serde(default)]
    pub experts: Option<ExpertDims>,
}

/// A download from the hub, going on or ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Download {
    pub model: String,
    pub done: u64,
    pub total: u64,
    /// "downloading", "done", "failed".
    pub state: String,
    /// Why it failed.
    #[serde(flatten)]
    pub said: Said,
}

/// `POST /api/datasets`: a new data set, from text pasted or uploaded, or from a file on this machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewDataset {
    pub name: String,
    pub source: DataSource,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum DataSource {
    /// The file's text and its name (for `.json` or `.jsonl` or `.txt`).
    Text { file_name: String, text: String },
    /// A path on the server's machine; the file stays where it is.
    Path(String),
}

/// `POST /api/register`: a `dataset_info.json` that people bring along (LLaMA-Factory's, or another board's).
/// With nothing to take it is only read; the answer lists its entries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RegisterRequest {
    pub source: DataSource,
    /// Where its files lie, as a whole path; left out: beside the register, where that was named by its path.
    #[serde(default)]
    pub folder: Option<String>,
    /// The entries to add.
    #[serde(default)]
    pub take: Vec<TakeEntry>,
}

/// An entry of a register that is to be added.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TakeEntry {
    /// Its name in the register.
    pub entry: String,
    /// The name it gets here; left out: the same.
    #[serde(default)]
    pub name: Option<String>,
}

/// Answer of `POST /api/register`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegisterAnswer {
    /// Where the files were looked for; `None`: a register that came as a text, and no folder with it.
    pub folder: Option<String>,
    pub entries: Vec<RegisterEntry>,
}

/// An entry of a register, and whether it can be (or was) added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegisterEntry {
    pub name: String,
    /// The file as the register names it; empty for data on a hub.
    pub file: String,
    /// The file is there.
    pub found: bool,
    /// It was added by this request, under its name or the one asked for.
    pub added: bool,
    /// What stands (or stood) in the way: `no_file`, `on_a_hub`, `name_taken`, `bad_name`, `unusable` …
    pub trouble: Option<Said>,
}

/// A file of a run that can be downloaded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunFile {
    /// Relative to the run directory.
    pub path: String,
    pub bytes: u64,
    /// Hex; computed on demand (`?checksums=true`).
    pub sha256: Option<String>,
}

/// The merged checkpoint of a run: asked for with `POST /api/runs/{id}/merge`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Merge {
    None,
    Going {
        done: u64,
        total: u64,
    },
    Done {
        bytes: u64,
        /// What it was made of, where that is known.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        checkpoint: String,
    },
    Failed {
        #[serde(flatten)]
        said: Said,
        /// A merge that was done before is there all the same, of this checkpoint.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        earlier: Option<String>,
    },
}

/// `GET /api/system`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct System {
    pub version: String,
    /// "cpu", or the card's name.
    pub device: String,
    /// Values of `device` a run can have here.
    #[serde(default)]
    pub trains_on: Vec<String>,
    pub cores: u64,
    pub memory_total: u64,
    pub memory_available: u64,
    pub disk_free: u64,
    pub data_dir: String,
    /// Runs that may go at once.
    pub slots: u64,
    /// Whether a token is required (bound to other than loopback).
    pub token_required: bool,
    /// True until the first run has been made.
    pub first_visit: bool,
}

/// Errors, as `application/problem+json` (RFC 9457) with a stable `code`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// For programs: `not_found`, `invalid_config`, `conflict` …
    pub code: String,
    pub title: String,
    pub status: u16,
    pub detail: String,
    /// What a translation of the code needs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<Arg>,
    /// Field errors of `invalid_config`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: BTreeMap<String, String>,
}
