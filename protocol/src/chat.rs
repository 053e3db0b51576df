//! Talking to a model: the lines between the server and a chat worker, and the OpenAI-style API's types.

use crate::Said;
use crate::pairs::Row;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Message {
    /// "system", "user", "assistant" or "tool".
    pub role: String,
    pub content: String,
    /// The assistant's reasoning before `content`, where it is kept separately.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<String>,
    /// For role "tool": the name of the tool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// For role "tool": the id of the call that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_call_id: Option<String>,
    /// Calls of tools that the assistant made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCall>,
}

impl Message {
    /// A turn of plain text.
    pub fn new(role: impl Into<String>, content: impl Into<String>) -> Self {
        Self {
            role: role.into(),
            content: content.into(),
            reasoning: None,
            name: None,
            tool_call_id: None,
            tool_calls: vec![],
        }
    }
}

/// A call of a tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ToolCall {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    pub name: String,
    /// An object, or a text that is none.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub arguments: serde_json::Value,
}

/// How tokens are sampled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Sampling {
    /// 0: greedy, always the likeliest token.
    pub temperature: f64,
    pub top_p: f64,
    /// Sample only among this many of the likeliest tokens; `None`: among all.
    #[serde(default)]
    pub top_k: Option<u32>,
    /// Subtracted from the logit of tokens that occur in the reply.
    #[serde(default)]
    pub presence_penalty: f64,
    /// Subtracted from the logit for each occurrence in the reply.
    #[serde(default)]
    pub frequency_penalty: f64,
    /// Above 1, discourages tokens that occur in the conversation.
    #[serde(default = "one")]
    pub repetition_penalty: f64,
    /// Added to the logits of tokens.
    #[serde(default)]
    pub logit_bias: Vec<(u32, f32)>,
    pub max_tokens: u32,
    pub seed: u64,
    #[serde(default)]
    pub stop: Vec<String>,
}

fn one() -> f64 {
    1.0
}

impl Sampling {
    /// Greedy decoding of at most `max_tokens` tokens.
    pub fn greedy(max_tokens: u32) -> Self {
        Self {
            temperature: 0.0,
            top_p: 1.0,
            top_k: None,
            presence_penalty: 0.0,
            frequency_penalty: 0.0,
            repetition_penalty: 1.0,
            logit_bias: vec![],
            max_tokens,
            seed: 0,
            stop: vec![],
        }
    }
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
    /// Asks for the log-probs of the tokens of a held-out pair. It waits its turn among the generations.
    Score { id: u64, pair: PairText },
    /// Ends generation or scoring `id` early (or takes it out of the queue); answered by its `Done`.
    Cancel { id: u64 },
}

/// A held-out pair of a run as its folder has it: the text, and what its tokens are known by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairText {
    pub row: Row,
    /// As in [`crate::pairs::Head`].
    pub hash: [u8; 16],
}

/// Log-probs of the tokens of a pair's replies, in nats.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PairLogps {
    pub chosen: Vec<f32>,
    pub rejected: Vec<f32>,
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
        /// "cpu", or the card's name.
        #[serde(default)]
        device: String,
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
    /// The answer to `Score`.
    Scored { id: u64, logps: PairLogps },
    /// Without `id`: loading failed and the worker ends.
    Error {
        id: Option<u64>,
        #[serde(flatten)]
        said: Said,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    Stop,
    Length,
    Cancelled,
}
