//! A conversation, as it is before a template writes it.

/// Who speaks. The system message stands apart, in [`Conversation::system`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    User,
    Assistant,
    /// What a tool answered.
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

/// One turn of a conversation. What stands beside `content` is what the data said of it; a template that has no place for
/// it leaves it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub role: Role,
    /// The text; of a tool call, the calls in JSON (one, or a list, ids and all), a `<think>` block before them allowed.
    pub content: String,
    /// Text that the assistant says beside its tool calls ([`Role::Function`] alone).
    pub said: Option<String>,
    /// Thoughts kept apart from the text: `reasoning_content`, `thinking`.
    pub reasoning: Option<String>,
    /// Who speaks, where a message has a `name`.
    pub name: Option<String>,
    /// What several tools answered, or one whose name or call is known: one after the other, in the place of `content`,
    /// which holds them a line each ([`Role::Observation`] alone).
    pub answers: Vec<Answer>,
    /// Whether the turn is learned; false where the data marks a reply with `weight: 0`, `train: false` and the like.
    pub learned: bool,
}

/// What one tool answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    pub content: String,
    /// The tool.
    pub name: Option<String>,
    /// The call it answers.
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

/// What stands before and around the turns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Setting {
    /// Empty or absent: the template's default.
    pub system: Option<String>,
    /// A JSON list of tool descriptions.
    pub tools: Option<String>,
}
