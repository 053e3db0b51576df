//! Data sets as the board shows them: format, rows, and a row rendered as the model will see it.

use crate::event::BadRow;
use serde::{Deserialize, Serialize};

/// What the rows of a data set can train.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DataKind {
    /// Pairs of a chosen and a rejected reply (`stage: dpo`).
    Preference,
    /// Instructions with a reply (`stage: sft`).
    Instruction,
    /// Plain text (`stage: pt`).
    Text,
    /// Replies labelled good or bad (`stage: kto`).
    Unpaired,
}

/// What a stage needs that a data set lacks; the words are the board's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Misfit {
    /// `dpo`, `rm`: a chosen and a rejected reply to each prompt.
    NeedsPairs,
    /// `kto`: replies labelled good or bad, or pairs, which are taken apart.
    NeedsLabels,
    /// `sft`: one reply to each prompt.
    NeedsReplies,
    /// `pt`: text.
    NeedsText,
    /// `ppo`: prompts.
    NeedsPrompts,
}

impl DataKind {
    /// Why rows of this kind can't train `stage`; `None`: they can. The one place that knows.
    pub fn misfit(self, stage: &str) -> Option<Misfit> {
        let (fits, needs) = match stage {
            "dpo" | "rm" => (self == Self::Preference, Misfit::NeedsPairs),
            "kto" => (matches!(self, Self::Preference | Self::Unpaired), Misfit::NeedsLabels),
            "ppo" => (self != Self::Text, Misfit::NeedsPrompts),
            "pt" => (matches!(self, Self::Text | Self::Instruction), Misfit::NeedsText),
            _ => (self == Self::Instruction, Misfit::NeedsReplies),
        };
        (!fits).then_some(needs)
    }

    /// Whether rows of this kind can train `stage`.
    pub fn fits(self, stage: &str) -> bool {
        self.misfit(stage).is_none()
    }
}

/// What `corral-trainer inspect` finds out about a data file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Inspection {
    pub kind: DataKind,
    /// For people: "alpaca, preference", "sharegpt", "TRL chosen/rejected", "conversations + rejected_conversations" …
    pub format: String,
    /// The entry for `dataset_info.json` (without its name).
    pub entry: serde_json::Value,
    pub rows: u64,
    pub usable: u64,
    /// The first 100.
    pub bad_rows: Vec<BadRow>,
    pub bad_total: u64,
    pub bytes: u64,
}

/// A piece of a rendered row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Token {
    pub id: u32,
    /// The token's text as it stands in the whole (bytes that are no UTF-8 alone show as `\u{FFFD}`).
    pub text: String,
    /// Whether its log-prob counts in the loss.
    pub counts: bool,
    pub special: bool,
}

/// A row as the model will see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RenderedRow {
    Pair {
        row: u64,
        prompt: Vec<Token>,
        chosen: Vec<Token>,
        rejected: Vec<Token>,
        cut: bool,
    },
    Sequence {
        row: u64,
        tokens: Vec<Token>,
        cut: bool,
    },
    /// A reply labelled good or bad.
    Labelled {
        row: u64,
        tokens: Vec<Token>,
        good: bool,
        cut: bool,
    },
    Bad(BadRow),
}

/// A page of the row browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Preview {
    pub rows: Vec<RenderedRow>,
    pub total: u64,
    /// The template used: LLaMA-Factory's name, or "chat_template" for the model's own.
    pub template: String,
}

/// A data set in the board's list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DatasetInfo {
    /// Its name in `dataset_info.json`.
    pub name: String,
    pub file: String,
    /// Comes with Corral.
    pub demo: bool,
    /// `None` while (or when) the file can't be read; `error` says why.
    pub inspection: Option<Inspection>,
    pub error: Option<String>,
    /// Ids of runs that used it.
    pub used_by: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stage_says_what_it_needs() {
        use DataKind::{Instruction, Preference, Text, Unpaired};
        for (stage, takes, needs) in [
            ("dpo", &[Preference][..], Misfit::NeedsPairs),
            ("rm", &[Preference], Misfit::NeedsPairs),
            ("kto", &[Preference, Unpaired], Misfit::NeedsLabels),
            ("sft", &[Instruction], Misfit::NeedsReplies),
            ("pt", &[Instruction, Text], Misfit::NeedsText),
            ("ppo", &[Preference, Instruction, Unpaired], Misfit::NeedsPrompts),
        ] {
            for kind in [Preference, Instruction, Text, Unpaired] {
                let want = (!takes.contains(&kind)).then_some(needs);
                assert_eq!(kind.misfit(stage), want, "{stage} {kind:?}");
            }
        }
    }
}
