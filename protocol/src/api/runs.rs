//! Requests and answers on runs: their rows, details, series, logs and files.

use super::OfSweep;
use crate::config::{RunConfig, key};
use crate::event::{DataReport, Event, Metrics, Origin, Outcome, Started};
use crate::health::Health;
use crate::metric;
use crate::said::Arg;
use crate::worked::{Clock, Pause};
use crate::{Said, Stage};
use serde::{Deserialize, Serialize};

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
    /// Taken in from files that don't say whether it ended, and how.
    Untold,
    /// Its worker belongs to another machine: it may go on there, and this server can't tell.
    Unknown,
}

impl RunState {
    /// As it is called in the API, the database and the board's styles.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Stopping => "stopping",
            Self::Completed => "completed",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
            Self::Untold => "untold",
            Self::Unknown => "unknown",
        }
    }

    pub fn is_live(self) -> bool {
        matches!(self, Self::Starting | Self::Running | Self::Stopping)
    }
    pub fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Stopped | Self::Failed | Self::Untold)
    }
}

impl From<Outcome> for RunState {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Completed => Self::Completed,
            Outcome::Stopped => Self::Stopped,
            Outcome::Failed => Self::Failed,
            Outcome::Untold => Self::Untold,
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
    /// Between its workers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<Pause>,
    /// Seconds that a step takes since the newest worker goes, evaluations and checkpoints among them: the time left goes by it. Nothing
    /// before its first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pace: Option<f64>,
    /// Seconds that each of the newest steps took: whether it has stalled is judged by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds_per_step: Option<f64>,
    pub step: u64,
    pub total_steps: Option<u64>,
    /// Of the last event stored.
    pub seq: u64,
    /// Whose run it is, where it was not trained here: it can be looked at, compared and deleted, and no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// The run this one starts from (its adapter or merged checkpoint), when known.
    pub parent: Option<String>,
    /// The sweep it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sweep: Option<OfSweep>,
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
    /// What is found in its curves so far; nothing before there was a look at them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health: Option<Health>,
}

impl RunSummary {
    /// Whether what it calls accuracy is of pairs: of a reward model it is, in other stages of tokens.
    pub fn tells_pairs_apart(&self) -> bool {
        Stage::of(&self.config) == Some(Stage::Reward)
    }

    /// Whether the evaluation it shows is one of its training, not the one before it.
    pub fn evaluated_in_training(&self) -> bool {
        self.evaluated.is_some_and(|step| step > 0)
    }

    /// A held-out metric after training, by its bare name; nothing while there is only the evaluation before it.
    pub fn result(&self, name: &str) -> Option<f64> {
        let found = || metric::held_out(&self.latest, name);
        self.evaluated_in_training().then(found).flatten()
    }

    /// The newest value of a metric by its full name; an evaluation's only when it is one of the training.
    pub fn newest(&self, name: &str) -> Option<f64> {
        let counts = !metric::is_held_out(name) || self.evaluated_in_training();
        let found = || self.latest.get(name).map(|value| value.get());
        counts.then(found).flatten()
    }

    /// How it ended or why it waits, as a sentence.
    pub fn said(&self) -> Said {
        Said {
            message: self.message.clone(),
            code: self.code.clone(),
            args: self.args.clone(),
        }
    }

    /// What tells its time: pauses are not among it.
    pub fn clock(&self) -> Clock {
        Clock {
            start: self.started.unwrap_or_default(),
            pauses: self.pauses.clone(),
        }
    }

    /// Seconds that it was worked on until now.
    pub fn seconds_until(&self, now: i64) -> f64 {
        match self.state {
            RunState::Running | RunState::Stopping if self.started.is_some() => {
                self.clock().seconds(now).max(self.seconds)
            }
            _ => self.seconds,
        }
    }

    /// Whether it came to an end: one that was taken out of the queue before it began did not.
    pub fn has_ended(&self) -> bool {
        self.state.is_over() && (self.state != RunState::Stopped || self.started.is_some())
    }

    /// Whether a person ended it: what its sweep stopped early is where it was to be.
    pub fn was_cut_off(&self) -> bool {
        self.state == RunState::Stopped && self.sweep.as_ref().is_none_or(|of| !of.early)
    }

    /// The loss of a run: `pref_loss`, or its stage.
    pub fn loss_name(&self) -> &str {
        match (&self.origin, self.config.stage.as_deref()) {
            // of another program's run nobody may know
            (Some(_), None) => "",
            (_, named) => match Stage::of(&self.config) {
                Some(Stage::Preference) => {
                    let usual = key::pref_loss.constant();
                    // a text of blanks asks for nothing
                    let asked = self.config.pref_loss.as_deref().map(str::trim);
                    let asked = asked.filter(|asked| !asked.is_empty());
                    asked.or(usual).unwrap_or_default()
                }
                Some(stage) => stage.name(),
                None => named.unwrap_or_default(),
            },
        }
    }

    /// The config with every default that it was trained by; of another program's run nobody knows more than it says.
    pub fn known_config(&self) -> RunConfig {
        match self.origin {
            None => self.config.completed(),
            Some(_) => self.config.clone(),
        }
    }
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

/// Answer of `POST /api/runs`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MadeRun {
    #[serde(flatten)]
    pub run: RunSummary,
    /// What of the request is not used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Said>,
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

/// `POST /api/imports`: take in the runs of other programs that are at this absolute path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ImportRuns {
    pub path: String,
    /// What to call the run; of several, what their names begin with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What was taken in of a file or folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportedRuns {
    pub runs: Vec<RunSummary>,
    /// What was found there and is not among them, and why.
    pub left_out: Vec<Said>,
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
