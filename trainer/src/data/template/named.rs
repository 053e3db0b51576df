//! What a named template is made of: pieces of text around the turns, with LLaMA-Factory's token placement.

use super::table::TEMPLATES;
use super::tools::{CallWords, ToolFormat};

/// What stands in a text for the number of its round.
pub(super) const ROUND: &str = "{round}";
pub(super) const CONTENT: &[Slot] = &[Slot::Text("{}")];
pub(super) const CONTENT_EOS: &[Slot] = &[Slot::Text("{}"), Slot::Eos];

/// A piece of a turn. Each text piece is tokenised on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// Text in which `{}` stands for the content, and `{round}` before it for the number of the round, from 0.
    Text(&'static str),
    Bos,
    Eos,
    /// A token of the vocabulary, by its text; where it lacks it, the token for what is unknown.
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

/// What stands around a reply's thoughts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThoughtWords {
    pub open: &'static str,
    pub close: &'static str,
    /// What a reply without thoughts opens with.
    pub none: &'static str,
}

impl ThoughtWords {
    /// Most templates'.
    pub const THINK: Self = Self {
        open: "<think>\n",
        close: "\n</think>\n\n",
        none: "<think>\n\n</think>\n\n",
    };

    /// The words without the space around them.
    pub fn bare(self) -> (&'static str, &'static str) {
        (self.open.trim(), self.close.trim())
    }
}

/// Whether replies open with a block of thoughts.
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
    pub thoughts: ThoughtWords,
    /// What calls stand in, where the data writes them with text around them.
    pub call_words: (&'static str, &'static str),
    /// Tools that are offered without a system message begin without the empty lines that part them from one.
    pub lone_tools_begin_at_once: bool,
    /// The lead of the assistant's turn behind a tool's answer, where it isn't [`Self::lead`].
    pub lead_after_tool: Option<&'static str>,
}

impl NamedTemplate {
    /// Looks a template up by name.
    pub fn find(name: &str) -> Option<&'static Self> {
        TEMPLATES.iter().copied().flatten().find(|t| t.name == name)
    }

    /// What a tool call's thoughts and calls stand in.
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
