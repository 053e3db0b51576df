//! Thoughts: the `<think>…</think>` block that replies of reasoning models open with.

use super::message::Message;
use super::named::{NamedTemplate, Reasoning};

pub(super) const THINK: (&str, &str) = ("<think>", "</think>");
pub(super) const EMPTY_THOUGHT: &str = "<think>\n\n</think>\n\n";

/// Where an empty thought block goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Thought {
    None,
    InPrompt,
    InReply,
}

/// A turn whose thoughts stand apart, with them in its text where the template has a place for them.
pub(super) fn with_reasoning(named: &NamedTemplate, message: &Message) -> Message {
    let mut message = message.clone();
    if named.reasoning == Reasoning::Yes
        && message.role.is_reply()
        && !message.content.contains(THINK.1)
        && let Some(reasoning) = message.reasoning.take()
    {
        let (open, close) = THINK;
        message.content = format!(
            "{open}\n{}\n{close}\n\n{}",
            reasoning.trim_matches('\n'),
            message.content
        );
    }
    message
}

pub(super) fn without_thought(content: &str) -> String {
    let mut kept = String::with_capacity(content.len());
    let mut rest = content;
    while let Some((before, thought)) = rest.split_once(THINK.0)
        && let Some((_, after)) = thought.split_once(THINK.1)
    {
        kept.push_str(before);
        rest = after;
    }
    kept.push_str(rest);
    kept.trim_start_matches('\n').to_owned()
}
