//! Evaluations of a model on a data set: the request, its state, and the files in its folder.

use crate::Said;
use crate::event::Phase;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The file with the result of an evaluation, a [`Found`].
pub const FOUND: &str = "found.json";
/// The file with a [`PairResult`] for each pair, without separators.
pub const PAIRS: &str = "pairs.bin";

/// `POST /api/evaluations`: which model, which rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Evaluate {
    /// As `model_name_or_path` names one: an id of `GET /api/models`, a run, a folder.
    pub model: String,
    /// Data sets, comma-separated.
    pub dataset: String,
    /// Left out: the template it was trained with, else the model's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    #[serde(default = "Evaluate::usual_cutoff")]
    pub cutoff_len: u64,
    /// Rows of each data set, at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_samples: Option<u64>,
    /// Rows in a batch.
    #[serde(default = "Evaluate::usual_batch")]
    pub batch_size: u64,
    /// Set to also write replies and compare them with the expected ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predict: Option<Predict>,
}

impl Evaluate {
    pub fn usual_cutoff() -> u64 {
        2048
    }
    pub fn usual_batch() -> u64 {
        8
    }
}

/// How replies are written.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Predict {
    pub max_new_tokens: u64,
    /// 0: the likeliest token.
    #[serde(default)]
    pub temperature: f64,
    #[serde(default = "Predict::usual_top_p")]
    pub top_p: f64,
}

impl Predict {
    pub fn usual_top_p() -> f64 {
        0.7
    }
}

/// The content of [`FOUND`]: metrics over all rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Found {
    /// Rows, or pairs, that were used.
    pub rows: u64,
    /// What `eval_loss` measures.
    pub of: Scored,
    /// Rows that could not be used.
    #[serde(default)]
    pub left_out: u64,
    /// Rows that were cut to the cut-off.
    #[serde(default)]
    pub cut: u64,
    /// `eval_loss`, `perplexity`, `preference/…`, `predict_bleu-4`, …: those that apply.
    pub metrics: BTreeMap<String, f64>,
}

/// What was scored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scored {
    /// Replies; the loss is their cross entropy.
    #[default]
    Replies,
    /// Pairs; the loss is the cross entropy of the chosen replies.
    Pairs,
    /// Plain texts; the loss is their cross entropy.
    Texts,
    /// Pairs, by a reward model; the loss is that of the scores.
    Rewards,
}

/// The state of an evaluation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Standing {
    /// Waits for earlier evaluations.
    #[default]
    Queued,
    Going {
        phase: Phase,
        done: u64,
        total: u64,
    },
    Done {
        found: Found,
        /// From its start to its end.
        seconds: f64,
    },
    Stopped,
    Failed {
        said: Said,
    },
}

/// One evaluation, as the API sends it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Evaluation {
    pub id: String,
    pub asked: Evaluate,
    /// Milliseconds since the Unix epoch.
    pub created: i64,
    pub standing: Standing,
}

impl Evaluation {
    pub fn is_over(&self) -> bool {
        !matches!(self.standing, Standing::Queued | Standing::Going { .. })
    }
}

/// A line of `generated_predictions.jsonl`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PredictedReply {
    pub prompt: String,
    pub predict: String,
    pub label: String,
}

/// A pair's result, 20 bytes, little-endian.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairResult {
    /// Identifies the pair of replies whatever the tokenizer.
    pub key: [u8; 16],
    /// The score of the chosen reply minus that of the rejected one.
    pub margin: f32,
}

impl PairResult {
    pub const BYTES: usize = 20;

    pub fn encode(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let (key, margin) = bytes.split_at_mut(16);
        key.copy_from_slice(&self.key);
        margin.copy_from_slice(&self.margin.to_le_bytes());
        bytes
    }

    /// `None`: these bytes are no result.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (key, margin) = bytes.split_first_chunk::<16>()?;
        Some(Self {
            key: *key,
            margin: f32::from_le_bytes(margin.try_into().ok()?),
        })
    }
}

/// `GET /api/evaluations/matrix`: evaluations of pairs against each other.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Matrix {
    /// The compared evaluations, in the order of the request.
    pub ids: Vec<String>,
    /// Each with each: `cells[row][column]`.
    pub cells: Vec<Vec<MatrixCell>>,
}

/// Pairs that two evaluations have in common.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MatrixCell {
    pub pairs: u64,
    /// Pairs in which the row's margin is the larger one.
    pub larger: u64,
    /// Pairs that the row gets right and the column wrong.
    pub right_alone: u64,
    /// Pairs that both get right.
    pub right_both: u64,
}

impl Matrix {
    /// Compares evaluations; `all` has the results of each, in the order of `ids`.
    pub fn of(ids: Vec<String>, all: &[Vec<PairResult>]) -> Self {
        let known: Vec<BTreeMap<([u8; 16], u32), f32>> = all.iter().map(|results| by_occurrence(results)).collect();
        let cell = |row: &BTreeMap<_, f32>, column: &BTreeMap<_, f32>| {
            let mut cell = MatrixCell::default();
            for (key, &mine) in row {
                let Some(&other) = column.get(key) else { continue };
                cell.pairs += 1;
                cell.larger += u64::from(mine > other);
                cell.right_alone += u64::from(mine > 0.0 && other <= 0.0);
                cell.right_both += u64::from(mine > 0.0 && other > 0.0);
            }
            cell
        };
        let cells = known
            .iter()
            .map(|row| known.iter().map(|column| cell(row, column)).collect());
        Self {
            cells: cells.collect(),
            ids,
        }
    }
}

/// Margins by pair and occurrence: a pair that occurs twice in a set counts as two pairs.
fn by_occurrence(results: &[PairResult]) -> BTreeMap<([u8; 16], u32), f32> {
    let mut times: BTreeMap<[u8; 16], u32> = BTreeMap::new();
    let place = |result: &PairResult| {
        let time = times.entry(result.key).or_default();
        *time += 1;
        ((result.key, *time), result.margin)
    };
    results.iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_counts_pairs_that_both_have() {
        let result = |n: u8, margin| PairResult { key: [n; 16], margin };
        let a = vec![result(1, 1.0), result(2, -1.0), result(1, 0.5), result(9, 1.0)];
        let b = vec![result(2, 2.0), result(1, -1.0), result(1, 0.5), result(3, 1.0)];
        for pair in &a {
            assert_eq!(PairResult::decode(&pair.encode()), Some(*pair));
        }
        assert_eq!(PairResult::decode(&[0; 19]), None);
        let matrix = Matrix::of(vec!["a".into(), "b".into()], &[a, b]);
        let cell = |pairs, larger, right_alone, right_both| MatrixCell {
            pairs,
            larger,
            right_alone,
            right_both,
        };
        assert_eq!(matrix.cells[0], [cell(4, 0, 0, 3), cell(3, 1, 1, 1)]);
        assert_eq!(matrix.cells[1], [cell(3, 1, 1, 1), cell(4, 0, 0, 3)]);
    }
}
