//! What a named template is made of: pieces of text around the turns, with LLaMA-Factory's token placement.

use super::table::TEMPLATES;
use super::tools::ToolFormat;

pub(super) const CONTENT: &[Slot] = &[Slot::Text("{}")];
pub(super) const CONTENT_EOS: &[Slot] = &[Slot::Text("{}"), Slot::Eos];

/// A piece of a turn. Each text piece is tokenised on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// Text in which `{}` stands for the content.
    Text(&'static str),
    Bos,
    Eos,
}

/// Where the system message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SystemPlace {
    /// A turn of its own, before the first user's.
    OwnTurn,
    /// Inside the first user's turn, before its content.
    FirstUser,
}

/// Whether replies open with a `<think>…</think>` block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reasoning {
    No,
    Yes,
}

/// One row of the table.
#[derive(Debug, PartialEq, Eq)]
pub struct NamedTemplate {
    pub name: &'static str,
    pub prefix: &'static [Slot],
    pub system: &'static [Slot],
    /// The user's turn with the lead of the assistant's.
    pub user: &'static [Slot],
    /// The end of `user` that already belongs to the assistant's turn.
    pub lead: &'static str,
    pub assistant: &'static [Slot],
    /// What a tool answered, with the lead of the assistant's turn.
    pub observation: &'static [Slot],
    /// A tool call by the assistant.
    pub function: &'static [Slot],
    pub tools: ToolFormat,
    /// What stands between several tools' answers in one turn; `None`: each has a turn of its own.
    pub between_answers: Option<&'static str>,
    pub default_system: &'static str,
    pub stop_words: &'static [&'static str],
    /// The first stop word becomes the tokenizer's EOS token.
    pub replace_eos: bool,
    /// Replies don't end with the EOS token: the conversation does, and what begins after a reply stands for it.
    pub efficient_eos: bool,
    pub system_place: SystemPlace,
    pub reasoning: Reasoning,
}

impl NamedTemplate {
    /// Looks a template up by name.
    pub fn find(name: &str) -> Option<&'static Self> {
        TEMPLATES.iter().find(|t| t.name == name)
    }
}
