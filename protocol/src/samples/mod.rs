//! Samples: replies that a run writes to the same prompts again and again, in the folder `samples/` of its run directory.
//!
//! The folder is written by the worker. `about.json` ([`About`]) has the prompts; it is written before the first answers
//! and never changes. Each time they are answered (before training, at each evaluation, at the end), `step-STEP.jsonl` is added:
//! a line [`Answered`], then a line [`Reply`] for each prompt, in order. Such a file is complete or absent and never changes. A
//! run that resumes from a step removes those of later steps.
//!
//! Sizes are bounded: [`MOST_PROMPTS`], [`MOST_NEW_TOKENS`], and [`MOST_STEPS`] and [`MOST_TEXT`] for all files together
//! (beyond, every second one between the first and the newest is removed: [`About::thinned`]).

mod answers;
mod measure;
mod own;

pub use answers::{Cell, CellRow, Cells, Overview, PromptReplies, StepReply};
pub use measure::{Summary, is_refusal, repeated};
pub use own::{Own, own_prompts};

pub use crate::pairs::thinned;

use crate::chat::{Finish, Message};
use serde::{Deserialize, Serialize};

/// The folder in the run directory.
pub const FOLDER: &str = "samples";
pub const ABOUT: &str = "about.json";

/// Prompts of either kind, at most.
pub const MOST_PROMPTS: usize = 64;
/// Tokens of a reply, at most.
pub const MOST_NEW_TOKENS: usize = 4096;
/// Bytes of `sample_own_prompts`, at most.
pub const MOST_OWN: usize = 256 << 10;
/// Times that prompts are answered, at most.
pub const MOST_STEPS: usize = 1000;
/// Bytes of all answers, at most.
pub const MOST_TEXT: u64 = 256 << 20;
/// Steps in one answer of the API, at most.
pub const MOST_STEPS_ASKED: usize = 50;
/// Characters of a reply in a cell of the grid, at most.
pub const CELL_TEXT: usize = 360;
/// Tokens of a held-out text that stage `pt` gives as the prompt to continue.
pub const TEXT_LEAD: usize = 32;

/// The file name of the answers after `step` updates.
pub fn answers(step: u64) -> String {
    format!("step-{step}.jsonl")
}

/// The step of a file of answers, by its name.
pub fn answers_step(name: &str) -> Option<u64> {
    name.strip_prefix("step-")?.strip_suffix(".jsonl")?.parse().ok()
}

/// `about.json`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct About {
    pub prompts: Vec<Prompt>,
    /// Tokens of a reply, at most.
    pub max_new_tokens: u32,
    /// 0: always the likeliest token. Above, each prompt has its own seed, the same at every step.
    pub temperature: f64,
    /// Files of answers that were removed again.
    #[serde(default)]
    pub thinned: u64,
}

/// A prompt that is answered again and again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Prompt {
    /// Identifies it across runs: hash of `text`.
    pub hash: String,
    /// The prompt as the template renders it, with its special tokens.
    pub text: String,
    /// Tokens of `text`.
    pub tokens: u32,
    /// Whether it is one of `sample_own_prompts` and not a held-out row's.
    pub own: bool,
    /// The conversation, if it is one of `sample_own_prompts`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(no_recursion))]
    pub messages: Vec<Message>,
    /// The data's reply: the chosen one of a pair.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
}

/// The first line of a file of answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Answered {
    pub step: u64,
    /// Time that writing them took.
    pub seconds: f64,
    #[serde(flatten)]
    pub summary: Summary,
}

/// What the model wrote to a prompt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reply {
    /// Without special tokens.
    pub text: String,
    /// Tokens of the reply, without its end token.
    pub tokens: u32,
    /// `stop`: it ended by itself; `length`: it reached `max_new_tokens`.
    pub finish: Finish,
    /// Repetition, from 0 to 1: see [`repeated`].
    pub repeated: f32,
    /// Whether it is blank.
    pub empty: bool,
    /// Whether it begins like a refusal: see [`is_refusal`].
    pub refusal: bool,
}

impl Reply {
    pub fn new(text: String, tokens: &[u32], finish: Finish) -> Self {
        Self {
            tokens: u32::try_from(tokens.len()).unwrap_or(u32::MAX),
            finish,
            repeated: repeated(tokens) as f32,
            empty: text.trim().is_empty(),
            refusal: is_refusal(&text),
            text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_names() {
        assert_eq!(answers_step(&answers(120)), Some(120));
        for other in ["step-.jsonl", "step-1.jsonl.tmp", "step-x.jsonl", "about.json"] {
            assert_eq!(answers_step(other), None, "{other}");
        }
    }

    #[test]
    fn a_reply_knows_what_is_odd_about_it() {
        let reply = Reply::new(" \n".into(), &[7], Finish::Stop);
        assert!(reply.empty && !reply.refusal && reply.repeated == 0.0 && reply.tokens == 1);
        let reply = Reply::new("a a a a a a a a".into(), &[1; 8], Finish::Length);
        assert!(!reply.empty && reply.repeated == 0.8, "{reply:?}");
    }
}
