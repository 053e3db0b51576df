//! Talking to a model: the lines between the server and a chat worker, and the OpenAI-style API's types.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Message {
    /// "system", "user" or "assistant".
    pub role: String,
    pub content: String,
}

/// How to draw tokens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Sampling {
    /// 0: always the likeliest token.
    pub temperature: f64,
    pub top_p: f64,
    pub max_tokens: u32,
    pub seed: u64,
    #[serde(default)]
    pub stop: Vec<String>,
}

/// One line on a chat worker's standard input. The worker is started with the model to load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToWorker {
    /// One generation runs at a time; further ones wait in order.
    Generate {
        id: u64,
        messages: Vec<Message>,
        sampling: Sampling,
    },
    /// Ends generation `id` early (or takes it out of the queue); answered by its `Done`.
    Cancel { id: u64 },
}

/// One line on a chat worker's standard output (its standard error goes to a log file).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromWorker {
    /// The model is loaded.
    Ready {
        context: u64,
        template: String,
        resident_bytes: u64,
    },
    /// New text of generation `id`: whole characters only.
    Delta { id: u64, text: String },
    Done {
        id: u64,
        finish: Finish,
        prompt_tokens: u64,
        completion_tokens: u64,
        seconds: f64,
    },
    /// Without `id`: loading failed and the worker ends.
    Error { id: Option<u64>, message: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    Stop,
    Length,
    Cancelled,
}
