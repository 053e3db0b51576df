//! The events of a run, written by its worker: the lines of `events.jsonl`, which are sent unchanged to the browser.

use crate::Said;
use crate::data::DataNote;
use crate::said::Arg;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;

/// One line of `events.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Event {
    /// Rises by one from 1, without gaps, over the whole life of the run directory (resumes included).
    pub seq: u64,
    /// Milliseconds since the Unix epoch.
    pub time: i64,
    #[serde(flatten)]
    pub body: TrainEvent,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TrainEvent {
    /// The run is of another program, without a worker of Corral and with only what is known of its config. Always the first event.
    Origin(Origin),
    /// The worker has started, with the facts that are known then.
    Started(Started),
    /// Long work other than steps: loading, tokenizing, reference log-probs, saving. `done == total` ends it.
    Phase { phase: Phase, done: u64, total: u64 },
    /// Something the person should know, but that does not stop the run.
    Notice(Said),
    /// What became of the rows of the data sets.
    Data(DataReport),
    /// One logged optimizer update (each `logging_steps`), averaged over the steps since the last one.
    Step { step: u64, epoch: f64, metrics: Metrics },
    /// An evaluation on the held-out rows; `step` 0 is the one before the first update.
    Eval { step: u64, epoch: f64, metrics: Metrics },
    /// A resumable checkpoint was completed. `path` is relative to the run directory.
    Checkpoint { step: u64, path: String, best: bool },
    /// The worker ends; always the last event of a worker's life that ends by itself.
    Finished {
        outcome: Outcome,
        /// Steps done in all.
        step: u64,
        /// Empty when completed; the error in one sentence when failed.
        #[serde(flatten)]
        said: Said,
        /// Forward passes of the reference model in this worker's life; 0 when stored log-probs were used.
        #[serde(default)]
        reference_forwards: u64,
    },
}

/// The origin of a run that was not trained here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Origin {
    pub from: Program,
    /// The file or folder that it was read from, or the script that reports it.
    pub path: String,
    /// The number of steps, if the script knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_steps: Option<u64>,
    /// As in [`Started`]: earlier events of later steps no longer count.
    #[serde(default)]
    pub resumed_from: u64,
}

/// Whose files a run was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Program {
    #[serde(rename = "tensorboard")]
    TensorBoard,
    /// transformers' `trainer_state.json`.
    Transformers,
    /// LLaMA-Factory's `trainer_log.jsonl`.
    LlamaFactory,
    Wandb,
    Mlflow,
    /// Corral's Python client: a script reports it while it runs.
    Python,
    /// None: it was merged here from checkpoints of other runs.
    Merge,
}

impl Program {
    /// The name that its users know it by, the same in every language.
    pub fn name(self) -> &'static str {
        match self {
            Self::TensorBoard => "TensorBoard",
            Self::Transformers => "transformers",
            Self::LlamaFactory => "LLaMA-Factory",
            Self::Wandb => "W&B",
            Self::Mlflow => "MLflow",
            Self::Python => "Python",
            Self::Merge => "Corral",
        }
    }
}

/// Facts that are known when training begins.
///
/// `events.jsonl` is append-only, so a worker that continues after a kill does steps again that are in the file
/// already. The rule for every reader ([`crate::fold`]): on `Started`, forget each `Step`, `Eval` and `Checkpoint` event with a step
/// above `resumed_from` — and with `resumed_from` 0 all of them, the evaluation at step 0 too. What is then left, in
/// order, is what a run that was never stopped would have written, to the bit (but for `seq`, times, speed and
/// memory). A torn last line (no newline) is cut off by the next worker: read whole lines only.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Started {
    pub total_steps: u64,
    /// Step to continue after; 0 for a fresh run.
    pub resumed_from: u64,
    pub epochs: f64,
    /// Rows of an epoch; 0 with streaming, where they are not counted in advance.
    pub train_rows: u64,
    pub eval_rows: u64,
    pub trainable_params: u64,
    pub all_params: u64,
    /// "cpu" or the card's name.
    pub device: String,
    /// Type that passes compute in: "f32" or "bf16".
    pub compute: String,
    /// Type the frozen weights are kept in.
    pub stored: String,
    pub threads: u64,
    /// Tokens that the model was made for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<u64>,
}

/// Rows read, and rows that can't be used.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DataReport {
    pub dataset: String,
    pub rows: u64,
    pub usable: u64,
    /// The first unusable rows (at most 100), with their reason.
    pub bad_rows: Vec<BadRow>,
    pub bad_total: u64,
    /// Rows that were cut to `cutoff_len`.
    pub cut: u64,
    /// Notes on the rows, a sentence each; only in older files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Notes on the rows, as codes that readers turn into sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub found: Vec<DataNote>,
}

/// A row of a data set that can't be used, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BadRow {
    /// Number of the row, from 1.
    pub row: u64,
    /// The reason in English.
    pub reason: String,
    /// Code of the reason, for programs and translations; empty in older files.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(no_recursion))]
    pub args: Vec<Arg>,
}

impl BadRow {
    pub fn new(row: u64, why: Said) -> Self {
        let Said { message, code, args } = why;
        Self {
            row,
            reason: message,
            code,
            args,
        }
    }

    /// The reason as a sentence.
    pub fn said(&self) -> Said {
        Said {
            message: self.reason.clone(),
            code: self.code.clone(),
            args: self.args.clone(),
        }
    }
}

/// Long work of a worker apart from training steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    Loading,
    Tokenizing,
    Reference,
    Training,
    Evaluating,
    /// Prompts are answered: see [`crate::samples`].
    Sampling,
    Predicting,
    Saving,
    Merging,
}

/// How a worker ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Completed,
    /// Stopped on request, after writing a checkpoint of its last step.
    Stopped,
    Failed,
    /// Only for runs of other programs: nothing in their files says whether and how they ended.
    Untold,
}

/// Metrics of a step or evaluation by name: `loss`, `rewards/chosen`, `preference/accuracies`, `eval_loss` …
pub type Metrics = BTreeMap<String, MetricValue>;

/// A finite number: `serde_json` writes NaN as `null`, which could not be read back.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MetricValue(f64);

impl MetricValue {
    /// `None` if `value` is NaN or infinite; the caller decides what that means.
    pub fn new(value: f64) -> Option<Self> {
        value.is_finite().then_some(Self(value))
    }
    pub fn get(self) -> f64 {
        self.0
    }
}

impl<'de> Deserialize<'de> for MetricValue {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let value = f64::deserialize(d)?;
        Self::new(value).ok_or_else(|| serde::de::Error::custom("a metric must be finite"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_one_flat_object_and_reads_back() {
        let event = Event {
            seq: 7,
            time: 1_700_000_000_123,
            body: TrainEvent::Step {
                step: 3,
                epoch: 0.5,
                metrics: [("loss".into(), MetricValue::new(0.25).unwrap())].into(),
            },
        };
        let line = serde_json::to_string(&event).unwrap();
        assert_eq!(
            line,
            r#"{"seq":7,"time":1700000000123,"type":"step","step":3,"epoch":0.5,"metrics":{"loss":0.25}}"#
        );
        assert_eq!(serde_json::from_str::<Event>(&line).unwrap(), event);
    }

    #[test]
    fn a_metric_is_never_nan() {
        assert!(MetricValue::new(f64::NAN).is_none());
        assert!(MetricValue::new(f64::INFINITY).is_none());
        assert!(serde_json::from_str::<MetricValue>("null").is_err());
        assert!(serde_json::from_str::<MetricValue>("1e999").is_err());
    }
}
