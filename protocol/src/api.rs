//! The REST API's requests and answers.

mod changes;
mod combine;
mod compare;
mod configs;
mod cost;
mod disk;
mod exports;
mod runs;
mod sweeps;

pub use changes::RunFields;
pub use combine::{Combine, CombinePlan, Combined, Combining};
pub use compare::{Curve, Curves, RunSeries, SavedView};
pub use configs::{RenameConfig, SaveConfig, SavedConfig};
pub use cost::{Forecast, MemoryEstimate, Probed};
pub use disk::{Disk, TrashKind, Trashed};
pub use exports::{ExportForm, ExportFormat, Merge};
pub use runs::{
    AdoptRun, Checkpoint, EventsPage, ImportRuns, ImportedRuns, LogPage, MadeRun, NewRun, RunDetail, RunFile, RunPatch,
    RunState, RunSummary, Series, SeriesPage, Stop,
};
pub use sweeps::{
    NewSweep, OfSweep, Reference, SweepDetail, SweepEstimate, SweepPlan, SweepRun, SweepState, SweepSummary,
};

use crate::Said;
use crate::config::{FieldError, RunConfig};
use crate::cuda::Cuda;
use crate::data::RowLengths;
use crate::decoder::{DecoderSpec, Family, RopeRange};
use crate::hub::{Hub, Kind};
use crate::said::{Arg, Lang, Unusable};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

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
    /// Row lengths of the first data set compared with the cut-off; `None`: not measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lengths: Option<RowLengths>,
    /// Time, disk and memory it will take; `None`: its model or data is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forecast: Option<Forecast>,
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

/// A model that can be trained or chatted with.
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
    /// Longest context in tokens; 0 where the folder can't be read.
    pub context: u64,
    /// How `rope_scaling` can lengthen it.
    #[serde(default)]
    pub rope: Option<RopeRange>,
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

/// The type that a checkpoint keeps its plain matrices in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum StoredType {
    F32,
    Bf16,
    F16,
}

impl StoredType {
    /// Bytes of one number.
    pub fn bytes(self) -> u64 {
        match self {
            Self::F32 => 4,
            Self::Bf16 | Self::F16 => 2,
        }
    }
}

/// What the memory estimate needs of a model: its decoder, and how its weights are stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelDims {
    /// The class that `architectures` in the model's config names.
    #[serde(rename = "architecture", with = "crate::decoder::by_name")]
    #[cfg_attr(feature = "openapi", schema(rename = "architecture", value_type = String))]
    pub family: &'static Family,
    pub decoder: DecoderSpec,
    /// The type of plain matrices.
    pub stored: StoredType,
    /// Bytes of all weights, where the folder is quantized.
    #[serde(default)]
    pub packed_bytes: Option<u64>,
}

/// A repository of a hub, or part of a data set: `POST /api/downloads`, `POST /api/downloads/plan`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct HubRequest {
    /// `owner/name`, or the URL of its page.
    pub name: String,
    /// Left out: the hub of the URL, else the server's default.
    pub hub: Option<Hub>,
    pub kind: Kind,
    /// A branch, a tag or a commit.
    pub revision: Option<String>,
    /// For data sets: the subset, the split (`train` if left out), and the folder of the files.
    pub subset: Option<String>,
    pub split: Option<String>,
    pub folder: Option<String>,
}

impl HubRequest {
    /// Identifies its download.
    pub fn id(&self) -> String {
        let hub = self.hub.unwrap_or_default().id();
        let part = [&self.revision, &self.subset, &self.split, &self.folder];
        let mut id = format!("{hub}/{}/{}", self.kind.plural(), self.name);
        if part.iter().any(|part| part.is_some()) {
            let part = part.map(|part| part.as_deref().unwrap_or_default());
            id.push_str(&format!("@{}", part.join(":")));
        }
        id
    }
}

/// A download from a hub, in progress or ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Download {
    /// [`HubRequest::id`] of what is downloaded.
    pub id: String,
    pub asked: HubRequest,
    pub done: u64,
    pub total: u64,
    /// "downloading", "done", "failed".
    pub state: String,
    /// Why it failed.
    #[serde(flatten)]
    pub said: Said,
}

/// What a download would fetch; sizes in bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DownloadPlan {
    pub asked: HubRequest,
    /// The commit, or at ModelScope the branch or tag.
    pub commit: String,
    pub files: u64,
    /// Size of all files.
    pub bytes: u64,
    /// Size of the files that are not here yet.
    pub missing: u64,
    /// Free space on the disk that it goes to.
    pub free: u64,
    /// Where it goes.
    pub folder: String,
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

/// `POST /api/hub-datasets`: a new data set in the register, from one that was downloaded from a hub.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewHubDataset {
    /// Its name in the register.
    pub name: String,
    /// The data set on the hub.
    pub asked: HubRequest,
    /// Keys of its entry in `dataset_info.json` besides its location, such as columns; left out: columns are recognised.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub entry: Map<String, Value>,
}

/// `POST /api/register`: imports entries of a `dataset_info.json` (LLaMA-Factory's, or another board's). With an empty `take` it
/// is only read, and the answer lists its entries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RegisterRequest {
    pub source: DataSource,
    /// Absolute path of the folder with its files; left out: the register's own folder, if it was given by its path.
    #[serde(default)]
    pub folder: Option<String>,
    /// The entries to add.
    #[serde(default)]
    pub take: Vec<TakeEntry>,
}

/// An entry of a register to add.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TakeEntry {
    /// Its name in the register.
    pub entry: String,
    /// Its new name; left out: the same.
    #[serde(default)]
    pub name: Option<String>,
}

/// Answer of `POST /api/register`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegisterAnswer {
    /// Where the files were looked for; `None`: the register came as text, without a folder.
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
    /// Why it can't be (or was not) added: `no_file`, `on_a_hub`, `name_taken`, `bad_name`, `unusable` …
    pub trouble: Option<Said>,
}

/// `GET /api/system`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct System {
    pub version: String,
    /// "cpu", or the card's name.
    pub device: String,
    /// NVIDIA's cards and libraries, and why none can be trained on.
    #[serde(default)]
    pub cuda: Cuda,
    pub cores: u64,
    /// Sizes in bytes.
    pub memory_total: u64,
    pub memory_available: u64,
    pub disk_free: u64,
    pub data_dir: String,
    /// The default hub of requests that name none.
    #[serde(default)]
    pub hub: Hub,
    /// How many runs may train at the same time.
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
    /// What kind of refusal it is, in English.
    pub title: String,
    pub status: u16,
    /// The sentence, in the language that the request asked for.
    pub detail: String,
    /// What a translation of the code needs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<Arg>,
    /// Field errors of `invalid_config`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

impl Problem {
    /// The same said in another language; what programs go by stays.
    pub fn in_lang(mut self, lang: Lang) -> Self {
        self.detail = self.said().in_lang(lang);
        for error in &mut self.errors {
            error.message = error.in_lang(lang);
        }
        self
    }

    /// The sentence with its code.
    pub fn said(&self) -> Said {
        Said {
            message: self.detail.clone(),
            code: self.code.clone(),
            args: self.args.clone(),
        }
    }
}
