//! Named templates: the pieces of text around a conversation's turns, placed as in LLaMA-Factory.

use super::table::TEMPLATES;
use super::tools::{CallWords, ToolFormat};

/// The placeholder for the number of the round.
pub(super) const ROUND: &str = "{round}";
pub(super) const CONTENT: &[Slot] = &[Slot::Text("{}")];
pub(super) const CONTENT_EOS: &[Slot] = &[Slot::Text("{}"), Slot::Eos];

/// A piece of a turn. Each text piece is tokenized on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// Text in which `{}` stands for the content, and `{round}` before it for the number of the round, from 0.
    Text(&'static str),
    Bos,
    Eos,
    /// A token of the vocabulary, by its text; if the vocabulary lacks it, the unknown token.
    Token(&'static str),
}

/// Where the system message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SystemPlace {
    /// A turn of its own, before the first user's.
    OwnTurn,
    /// Inside the first user's turn, before its content.
    FirstUser,
}

/// What a text is between, as `<think>` and `</think>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delimiters {
    pub open: &'static str,
    pub close: &'static str,
}

/// What a reply's thoughts are between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThoughtWords {
    pub open: &'static str,
    pub close: &'static str,
    /// What a reply without thoughts begins with.
    pub none: &'static str,
}

impl ThoughtWords {
    /// Most templates'.
    pub const THINK: Self = Self {
        open: "<think>\n",
        close: "\n</think>\n\n",
        none: "<think>\n\n</think>\n\n",
    };

    /// The words without the white space around them.
    pub fn bare(self) -> Delimiters {
        Delimiters {
            open: self.open.trim(),
            close: self.close.trim(),
        }
    }
}

/// Whether replies begin with a block of thoughts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reasoning {
    No,
    Yes,
}

/// A named template: one row of the table.
#[derive(Debug, PartialEq, Eq)]
pub struct NamedTemplate {
    pub name: &'static str,
    pub prefix: &'static [Slot],
    pub system: &'static [Slot],
    /// The user's turn, with the beginning (lead) of the assistant's.
    pub user: &'static [Slot],
    /// The end of `user` that already belongs to the assistant's turn.
    pub lead: &'static str,
    pub assistant: &'static [Slot],
    /// A tool's result, with the lead of the assistant's turn.
    pub observation: &'static [Slot],
    /// A tool call by the assistant.
    pub function: &'static [Slot],
    pub tools: ToolFormat,
    /// What separates several tools' results in one turn; `None` if each has a turn of its own.
    pub between_answers: Option<&'static str>,
    pub default_system: &'static str,
    pub stop_words: &'static [&'static str],
    /// The first stop word becomes the tokenizer's EOS token.
    pub replace_eos: bool,
    /// Replies don't end with the EOS token, only the conversation does; the first token after a reply takes its place
    /// in the loss.
    pub efficient_eos: bool,
    pub system_place: SystemPlace,
    pub reasoning: Reasoning,
    pub thoughts: ThoughtWords,
    /// What calls are between, where the data writes them with text around them.
    pub call_words: Delimiters,
    /// Tools that are offered without a system message begin without the empty lines that separate them from one.
    pub trims_lone_tools: bool,
    /// The lead of the assistant's turn after a tool's result, if it isn't [`Self::lead`].
    pub lead_after_tool: Option<&'static str>,
}

impl NamedTemplate {
    /// Looks a template up by name.
    pub fn find(name: &str) -> Option<&'static Self> {
        TEMPLATES.iter().copied().flatten().find(|t| t.name == name)
    }

    /// What the thoughts and calls of a tool call are between.
    pub(super) fn call_words(&self) -> CallWords {
        CallWords {
            thought: self.thoughts.bare(),
            call: self.call_words,
        }
    }

    /// The end of `observation` that already belongs to the assistant's turn.
    pub(super) fn lead_after_tool(&self) -> &'static str {
        self.lead_after_tool.unwrap_or(self.lead)
    }
}
