//! What the API says of a run's held-out pairs.

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
    /// Of the evaluations that are there, ascending.
    pub steps: Vec<u64>,
    /// Of those of which log-probs of tokens are there: the first and the newest.
    pub token_steps: Vec<u64>,
    /// Marked pairs by their number.
    pub marks: BTreeMap<u64, Mark>,
}

/// Answer of `GET /api/runs/{id}/pairs/rows`: in the order that was asked for.
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
    /// None: the log-probs of this pair's tokens are not kept.
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
    /// Where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<ReplyLogps>,
    /// The difference of the replies' rewards, where there is a reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reward_margin: Option<f32>,
}

/// Summed log-probs of the two replies, in nats; of a reward model what it gives them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplyLogps {
    pub chosen: f32,
    pub rejected: f32,
}

/// Tokens of both replies at the first and at the newest evaluation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PairTokens {
    pub first_step: u64,
    /// The same as the first while there is one evaluation.
    pub last_step: u64,
    pub chosen: Vec<ReplyToken>,
    pub rejected: Vec<ReplyToken>,
}

/// A token of a reply, with its log-prob in nats.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplyToken {
    /// Of a letter whose bytes lie in several tokens the first has all of it, the others nothing.
    pub text: String,
    pub first: f32,
    pub last: f32,
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

/// Pairs of one cell of a comparison, by their numbers in either run: the same pair stands at the same place of both lists.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Cell {
    pub count: u64,
    pub a: Vec<u64>,
    pub b: Vec<u64>,
}

/// How a pair went from the first evaluation to another.
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
