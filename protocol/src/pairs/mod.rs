//! Held-out pairs of a run one by one: the folder `pairs/` of its run directory, and the API's answers about them.
//!
//! The folder is written by the worker. `about.json` ([`About`]), `rows.jsonl` (a [`Row`] a line), `rows.idx` (where each
//! line begins, and where the last ends: [`Offsets`]) and `heads.bin` (a [`Head`] a pair) are written before the first
//! evaluation and never change; each is complete or absent. Each evaluation adds `evaluation-STEP.bin` (a [`Scores`] a pair).
//! A pair is identified by its index, at which its line, head and scores are found. Everything is little-endian.
//!
//! Log-probs of single tokens are in two files. `moved-STEP.bin`, made anew at each evaluation, has those that readers want:
//! of the [`MOST_MOVED`] pairs whose margin is furthest from the first evaluation's, both evaluations' and the reference's
//! ([`MovedIndex`], [`TokenLogps`]). Which pairs these will be is not known at the first evaluation, so `tokens-STEP.bin` has the
//! policy's of all pairs then ([`Head::token_at`]), and stays: a run that goes on later chooses among all again. Directories
//! of earlier versions have a `tokens-STEP.bin` of the newest evaluation besides and no `moved-STEP.bin`. An evaluation's scores are
//! written before its tokens: for a moment, or where the disk is full, the newest `moved-STEP.bin` is of an evaluation before.
//!
//! Sizes are bounded: [`MOST_PAIRS`] and [`MOST_TEXT`] for the rows (further rows are counted in [`About::left_out`]),
//! [`MOST_EVALUATIONS`] and [`MOST_SCORES`] for all evaluations together
//! (beyond, every second one between the first and the newest is removed: [`About::thinned`]), [`MOST_TOKENS`] for
//! a file of tokens (pairs beyond have `None` as [`Head::token_at`], and are not among those that moved most).

mod answers;
mod marks;
mod moved;
mod records;
mod scores;

pub use answers::{
    Cell, Comparison, Evaluation, Marking, Overview, PairDetail, PairRow, PairRows, PairTokens, ReplyLogps, ReplyToken,
    TokenReference, Transition,
};
pub use marks::{LONGEST_MARKS, MARKS, MARKS_USED, Mark, Marks};
pub use moved::{MovedIndex, MovedPair, MovedPlace, TokenLogps, encode_moved};
pub use records::{Head, Offsets, Scores};
pub use scores::{PairScore, PairScores};

use serde::{Deserialize, Serialize};

/// The folder in the run directory.
pub const FOLDER: &str = "pairs";
pub const ABOUT: &str = "about.json";
pub const ROWS: &str = "rows.jsonl";
pub const OFFSETS: &str = "rows.idx";
pub const HEADS: &str = "heads.bin";

/// Pairs of a run that are kept, at most.
pub const MOST_PAIRS: u64 = 100_000;
/// Bytes of `rows.jsonl`, at most (but for its last line).
pub const MOST_TEXT: u64 = 512 << 20;
/// Evaluations, at most, however few pairs there are.
pub const MOST_EVALUATIONS: u64 = 2000;
/// Bytes of all evaluations, at most.
pub const MOST_SCORES: u64 = 128 << 20;
/// Log-probs in a file of tokens, at most.
pub const MOST_TOKENS: u64 = 8 << 20;
/// Pairs whose tokens' log-probs are kept of the newest evaluation: those that moved most since the first.
pub const MOST_MOVED: usize = 500;
/// Pairs whose texts the API gives in one answer, at most.
pub const MOST_ROWS_ASKED: u64 = 200;

/// The file name of the evaluation after `step` updates.
pub fn evaluation(step: u64) -> String {
    format!("evaluation-{step}.bin")
}

/// The step of an evaluation's file, by its name.
pub fn evaluation_step(name: &str) -> Option<u64> {
    name.strip_prefix("evaluation-")?.strip_suffix(".bin")?.parse().ok()
}

/// The file name of the log-probs of single tokens in the first evaluation, which is that after `step` updates.
pub fn tokens(step: u64) -> String {
    format!("tokens-{step}.bin")
}

/// The step of a file of tokens, by its name.
pub fn tokens_step(name: &str) -> Option<u64> {
    name.strip_prefix("tokens-")?.strip_suffix(".bin")?.parse().ok()
}

/// The file name of the pairs that moved most up to the evaluation after `step` updates.
pub fn moved(step: u64) -> String {
    format!("moved-{step}.bin")
}

/// The step of a file of the pairs that moved most, by its name.
pub fn moved_step(name: &str) -> Option<u64> {
    name.strip_prefix("moved-")?.strip_suffix(".bin")?.parse().ok()
}

/// Which of these ascending `steps` to remove if there are more than `most`: every second one between the first and the last.
pub fn thinned(steps: &[u64], most: usize) -> Vec<u64> {
    if steps.len() <= most.max(2) {
        return vec![];
    }
    let between = &steps[1..steps.len() - 1];
    between.iter().step_by(2).copied().collect()
}

/// What the numbers of a pair measure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Log-probs of the replies, in nats. A margin is the difference of their means per token, as in `preference/margins`.
    #[default]
    LogProbs,
    /// Scores of a reward model. A margin is their difference.
    Rewards,
}

/// `about.json`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct About {
    /// Pairs in the folder.
    pub count: u64,
    /// Held-out pairs beyond the bounds, which count in the run's metrics but are not in the folder.
    pub left_out: u64,
    /// Pairs with log-probs of their tokens at the first evaluation, among which those that moved most are chosen.
    pub with_tokens: u64,
    /// Evaluations that were removed again.
    #[serde(default)]
    pub thinned: u64,
    pub measure: Measure,
    /// Whether the replies are scored under a reference too.
    pub reference: bool,
    /// Whether that reference follows the policy in training, so that it is another one at each evaluation.
    #[serde(default)]
    pub reference_follows: bool,
    /// A reply's reward is `beta * (log-prob - the reference's log-prob)`; `None`: there is no reference, or the loss computes
    /// rewards otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beta: Option<f64>,
    /// Identifies the set of pairs: SHA-256 of all their hashes, in hexadecimal.
    pub rows: String,
}

/// A line of `rows.jsonl`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Row {
    /// The prompt as the template renders it, with its special tokens.
    pub prompt: String,
    pub chosen: Reply,
    pub rejected: Reply,
}

/// A reply as it is scored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reply {
    /// With its end token.
    pub text: String,
    /// Bytes of `text` for each token. If the bytes of a character span several tokens, the first has all of them.
    pub tokens: Vec<u32>,
}

impl Reply {
    /// The text of each token; empty where the lengths don't match the text.
    pub fn pieces(&self) -> impl Iterator<Item = &str> {
        let mut at = 0;
        self.tokens.iter().map(move |&bytes| {
            let end = at + bytes as usize;
            let piece = self.text.get(at..end).unwrap_or_default();
            at = end;
            piece
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_names() {
        assert_eq!(evaluation_step(&evaluation(120)), Some(120));
        assert_eq!(tokens_step(&tokens(7)), Some(7));
        assert_eq!(moved_step(&moved(9)), Some(9));
        for other in [
            "evaluation-.bin",
            "evaluation-1.bin.tmp",
            "tokens-x.bin",
            "moved-.bin",
            "heads.bin",
        ] {
            let steps = [evaluation_step(other), tokens_step(other), moved_step(other)];
            assert_eq!(steps, [None; 3], "{other}");
        }
    }

    #[test]
    fn thinning_keeps_the_first_and_the_newest() {
        assert_eq!(thinned(&[0, 1, 2], 3), Vec::<u64>::new());
        assert_eq!(thinned(&[0, 5, 10, 15, 20], 4), [5, 15]);
        assert_eq!(thinned(&[0, 5, 10, 15], 3), [5]);
        assert_eq!(thinned(&[0, 5], 0), Vec::<u64>::new());
    }

    #[test]
    fn pieces_are_the_text_and_wrong_lengths_are_no_panic() {
        let mut reply = Reply {
            text: "né 日".into(),
            tokens: vec![1, 3, 3, 0],
        };
        assert_eq!(reply.pieces().collect::<Vec<_>>(), ["n", "é ", "日", ""]);
        reply.tokens = vec![2, 90];
        assert_eq!(reply.pieces().collect::<Vec<_>>(), ["", ""]);
    }
}
