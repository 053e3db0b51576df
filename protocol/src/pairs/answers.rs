//! The API's answers about a run's held-out pairs.

use super::{About, Mark, Row};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `PUT /api/runs/{id}/pairs/{pair}/mark`, and its answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Marking {
    pub mark: Mark,
}

/// Answer of `GET /api/runs/{id}/pairs`. A run that has none (yet) answers with a count of 0.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Overview {
    #[serde(flatten)]
    pub about: About,
    /// Steps of the evaluations that are kept, ascending.
    pub steps: Vec<u64>,
    /// Steps of the evaluations of which log-probs of single tokens are kept: the first and the newest.
    pub token_steps: Vec<u64>,
    /// Marks of pairs, by index.
    pub marks: BTreeMap<u64, Mark>,
}

/// Answer of `GET /api/runs/{id}/pairs/rows`: the rows in the order of the request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PairRows {
    pub rows: Vec<PairRow>,
}

/// A pair's texts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PairRow {
    pub pair: u64,
    #[serde(flatten)]
    pub row: Row,
}

/// Answer of `GET /api/runs/{id}/pairs/{pair}`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PairDetail {
    pub pair: u64,
    #[serde(flatten)]
    pub row: Row,
    pub prompt_tokens: u32,
    /// Prompt or reply may have been cut.
    pub fills_cutoff: bool,
    pub mark: Mark,
    /// In the order of their steps.
    pub evaluations: Vec<Evaluation>,
    /// `None`: the log-probs of this pair's tokens are not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<PairTokens>,
}

/// A pair at one evaluation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Evaluation {
    pub step: u64,
    pub margin: f32,
    pub policy: ReplyLogps,
    /// Under the reference, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<ReplyLogps>,
    /// The difference of the replies' rewards, where there is a reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reward_margin: Option<f32>,
}

/// Summed log-probs of the two replies, in nats, or their scores by a reward model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplyLogps {
    pub chosen: f32,
    pub rejected: f32,
}

/// Tokens of both replies at the first and at the newest evaluation, and under the reference.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PairTokens {
    pub first_step: u64,
    /// The same as the first while there is one evaluation.
    pub last_step: u64,
    #[serde(default)]
    pub reference: TokenReference,
    pub chosen: Vec<ReplyToken>,
    pub rejected: Vec<ReplyToken>,
}

/// Which reference the tokens' log-probs are known under.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TokenReference {
    /// None: the run has none, or they are not kept.
    #[default]
    None,
    /// One that stays as it is.
    Fixed,
    /// One that follows the policy (TR-DPO), as it was at the newest evaluation.
    Following,
}

/// A token of a reply, with its log-probs in nats.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplyToken {
    /// If the bytes of a character span several tokens, the first has the character and the others are empty.
    pub text: String,
    pub first: f32,
    pub last: f32,
    /// Under the reference, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<f32>,
}

/// Answer of `GET /api/pairs/compare?a=&b=`: the newest evaluations of two runs on the same held-out pairs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Comparison {
    pub step_a: u64,
    pub step_b: u64,
    pub both_right: Cell,
    pub only_a_right: Cell,
    pub only_b_right: Cell,
    pub both_wrong: Cell,
}

/// Pairs of one cell of a comparison, by their indices in each run: both lists have the same pairs in the same order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Cell {
    pub count: u64,
    pub a: Vec<u64>,
    pub b: Vec<u64>,
}

/// How a pair changed from the first evaluation to another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Transition {
    StayedRight,
    FlippedToRight,
    FlippedToWrong,
    StayedWrong,
}

impl Transition {
    pub fn of(was_right: bool, is_right: bool) -> Self {
        match (was_right, is_right) {
            (true, true) => Self::StayedRight,
            (false, true) => Self::FlippedToRight,
            (true, false) => Self::FlippedToWrong,
            (false, false) => Self::StayedWrong,
        }
    }
}
