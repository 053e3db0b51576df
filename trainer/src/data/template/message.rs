//! A conversation before a template renders it, and a turn of it in tokens.

/// Who speaks. The system message is kept apart from the turns, in [`Setting::system`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    User,
    Assistant,
    /// A tool's result.
    Observation,
    /// A tool call by the assistant, in JSON.
    Function,
}

impl Role {
    /// Whether the assistant speaks, so that the turn counts in the loss.
    pub fn is_reply(self) -> bool {
        matches!(self, Self::Assistant | Self::Function)
    }
}

/// One turn of a conversation. Templates leave out the fields beside `content` that they have no place for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub role: Role,
    /// The text; of a tool call, the calls in JSON (one, or a list of them, with ids), after a `<think>` block if there
    /// is one.
    pub content: String,
    /// Text that the assistant says beside its tool calls ([`Role::Function`] alone).
    pub said: Option<String>,
    /// Reasoning that the data keeps apart from the text: `reasoning_content`, `thinking`.
    pub reasoning: Option<String>,
    /// Who speaks, where a message has a `name`.
    pub name: Option<String>,
    /// The results of several tools, or of one whose name or call is known ([`Role::Observation`] alone). They are used
    /// in place of `content`, which has a line for each.
    pub answers: Vec<Answer>,
    /// Whether the turn is learned; false where the data marks a reply with `weight: 0`, `train: false` and the like.
    pub learned: bool,
}

/// One tool's result.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    pub content: String,
    /// The tool's name.
    pub name: Option<String>,
    /// The id of the call that it answers.
    pub call_id: Option<String>,
}

impl Message {
    pub fn new(role: Role, content: impl Into<String>) -> Self {
        Self {
            role,
            content: content.into(),
            said: None,
            reasoning: None,
            name: None,
            answers: Vec::new(),
            learned: true,
        }
    }
}

/// What a conversation has beside its turns: a system message and tools.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Setting {
    /// The system message; if it is empty or absent, the template's default.
    pub system: Option<String>,
    /// A JSON list of tool descriptions.
    pub tools: Option<String>,
}

/// A turn in token ids: a prompt, and the reply to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EncodedTurn {
    pub prompt: Vec<u32>,
    pub reply: Vec<u32>,
}
