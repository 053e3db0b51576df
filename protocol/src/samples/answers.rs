//! The API's answers about a run's samples.

use super::{About, Answered, CELL_TEXT, Prompt, Reply};
use crate::chat::Finish;
use serde::{Deserialize, Serialize};

/// Answer of `GET /api/runs/{id}/samples`. A run that has none (yet) answers without prompts. Texts of prompts are cut to
/// their ends, which have the question.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Overview {
    #[serde(flatten)]
    pub about: About,
    /// Each time that the prompts were answered, by step.
    pub steps: Vec<Answered>,
}

/// Answer of `GET /api/runs/{id}/samples/replies`: some columns of the grid.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Cells {
    /// In the order of their steps.
    pub columns: Vec<CellRow>,
}

/// The replies after `step` updates.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CellRow {
    pub step: u64,
    /// In the order of the prompts.
    pub cells: Vec<Cell>,
}

/// A reply in the grid: its beginning.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Cell {
    pub text: String,
    /// Whether `text` is only the beginning.
    pub cut: bool,
    pub tokens: u32,
    pub finish: Finish,
    pub repeated: f32,
    pub empty: bool,
    pub refusal: bool,
}

impl Cell {
    pub fn of(reply: &Reply) -> Self {
        let end = reply.text.char_indices().nth(CELL_TEXT).map(|(at, _)| at);
        Self {
            text: end
                .and_then(|at| reply.text.get(..at))
                .unwrap_or(&reply.text)
                .to_owned(),
            cut: end.is_some(),
            tokens: reply.tokens,
            finish: reply.finish,
            repeated: reply.repeated,
            empty: reply.empty,
            refusal: reply.refusal,
        }
    }
}

/// Answer of `GET /api/runs/{id}/samples/{prompt}`: a prompt and the replies to it, uncut.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PromptReplies {
    pub prompt: Prompt,
    /// In the order of their steps.
    pub replies: Vec<StepReply>,
}

/// The reply to a prompt after `step` updates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StepReply {
    pub step: u64,
    #[serde(flatten)]
    pub reply: Reply,
}
