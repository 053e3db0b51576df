//! Samples: what a run writes to the same prompts on its way, its folder `samples/`, and what the API says of it.
//!
//! The folder is written by the worker. `about.json` ([`About`]) has the prompts; it is written before the first answers and
//! stays. Each time they are answered (before training, at each evaluation, at the end) adds `step-STEP.jsonl`: a line
//! [`Answered`], then a [`Reply`] a line, in the order of the prompts. Such a file is whole or absent and is never written to
//! again. A run that goes on from a step takes away those past it.
//!
//! Sizes are bounded: [`MOST_PROMPTS`], [`MOST_NEW_TOKENS`], and [`MOST_STEPS`] and [`MOST_TEXT`] for all files together (past
//! them every second one between the first and the newest goes: [`About::thinned`]).

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
/// Bytes of the prompts of a person's own, at most.
pub const MOST_OWN: usize = 256 << 10;
/// Times that prompts are answered, at most.
pub const MOST_STEPS: usize = 1000;
/// Bytes of all answers, at most.
pub const MOST_TEXT: u64 = 256 << 20;
/// Steps that the API tells of in one answer, at most.
pub const MOST_STEPS_ASKED: usize = 50;
/// Letters of a reply in a cell of the grid, at most.
pub const CELL_TEXT: usize = 360;
/// Tokens that a text of stage `pt` is continued from.
pub const TEXT_LEAD: usize = 32;

/// The answers after `step` updates.
pub fn answers(step: u64) -> String {
    format!("step-{step}.jsonl")
}

/// The step of a file of answers, if it is one.
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
    /// 0: always the likeliest token. Else each prompt is answered by a seed of its own, the same at every step.
    pub temperature: f64,
    /// Times that were taken out again.
    #[serde(default)]
    pub thinned: u64,
}

/// A prompt that is answered again and again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Prompt {
    /// Tells it from others, whichever run asks it: of its text as the template renders it.
    pub hash: String,
    /// As the template renders it, what marks its turns included.
    pub text: String,
    /// Of `text`.
    pub tokens: u32,
    /// A person's own, not a held-out row's.
    pub own: bool,
    /// The conversation, where it is a person's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(no_recursion))]
    pub messages: Vec<Message>,
    /// What the data answer: the chosen reply, where there are two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
}

/// The first line of a file of answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Answered {
    pub step: u64,
    /// That writing them took.
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
    /// Of the reply, the one that ends it not counted.
    pub tokens: u32,
    /// `stop`: it ended by itself; `length`: it had no room left.
    pub finish: Finish,
    /// Share of its runs of four tokens that it had before.
    pub repeated: f32,
    /// It says nothing.
    pub empty: bool,
    /// It begins as refusals do.
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
