//! Thoughts: the block that replies of reasoning models begin with, `<think>…</think>` in most.

use super::message::Message;
use super::named::{Delimiters, NamedTemplate, Reasoning, ThoughtWords};

/// Where an empty thought block goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Thought {
    None,
    InPrompt,
    InReply,
}

/// A turn with its thoughts, if the data keeps them apart, put into its text, where the template has a place for them.
pub(super) fn with_reasoning(named: &NamedTemplate, message: &Message) -> Message {
    let mut message = message.clone();
    let words = named.thoughts;
    if named.reasoning == Reasoning::Yes
        && message.role.is_reply()
        && !message.content.contains(words.bare().close)
        && let Some(reasoning) = message.reasoning.take()
    {
        message.content = [words.open, reasoning.trim_matches('\n'), words.close, &message.content].concat();
    }
    message
}

/// A reply without its thoughts: blocks between exactly the template's words, or between them without the white space
/// around.
pub(super) fn without_thought(content: &str, words: ThoughtWords) -> String {
    let Delimiters { open, close } = words.bare();
    let (head, tail) = words.close.split_once(close).unwrap_or_default();
    let open_tail = words.open.strip_prefix(open).unwrap_or_default();
    let mut kept = String::with_capacity(content.len());
    let mut rest = content;
    while let Some((before, block)) = rest.split_once(open)
        && let Some((thought, after)) = block.split_once(close)
    {
        kept.push_str(before);
        let exact = thought
            .strip_prefix(open_tail)
            .is_some_and(|thought| thought.ends_with(head));
        rest = after.strip_prefix(tail).filter(|_| exact).unwrap_or(after);
    }
    kept.push_str(rest);
    kept.trim_start_matches('\n').to_owned()
}
