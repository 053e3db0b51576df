//! What the model's own chat template leaves out of a conversation: turns (which a run must not train on unseen),
//! tools, the system message, thoughts.

use super::chat::{ChatTemplate, End, Frame, PROBE};
use super::{Message, Role, Setting, tools};
use crate::data::error::{DataError, Result};
use protocol::says;

/// What a template leaves out of a row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Omissions {
    /// Thoughts that the data keeps apart are left out.
    pub thoughts: bool,
    /// The tools are left out.
    pub tools: bool,
    /// The system message is left out.
    pub system: bool,
    /// The lead of the assistant's turn opens a block that the reply doesn't have, so that the prompt ends before it.
    pub block: bool,
}

impl ChatTemplate {
    /// Looks for what the template leaves out. A turn left out is an error that names it.
    pub(super) fn examine(&self, frame: Frame, prompt: &[Message], replies: &[&Message]) -> Result<Omissions> {
        let mut omissions = Omissions::default();
        for (i, reply) in replies.iter().enumerate() {
            let mut messages = prompt.to_vec();
            messages.push((*reply).clone());
            let full = self.render(frame, &messages, End::Closed)?;
            let before = self.render(frame, prompt, End::GenerationPrompt)?;
            omissions.block |= !full.starts_with(&before);
            // the prompt is looked at once
            let from = if i == 0 { 0 } else { prompt.len() };
            self.look_at_turns(frame, &messages, from, &full)?;
            omissions.thoughts |= self.leaves_thoughts(frame, &messages, &full);
            if i == 0 {
                omissions.tools = self.leaves_tools(frame, &messages, &full);
                omissions.system = self.leaves_system(frame, &messages, &full);
            }
        }
        Ok(omissions)
    }

    /// Turns whose text isn't found, in order, are tried with another text: where nothing changes, they are left out.
    fn look_at_turns(&self, frame: Frame, messages: &[Message], from: usize, full: &str) -> Result<()> {
        let mut at = 0;
        for (i, message) in messages.iter().enumerate().skip(from) {
            let text = message.content.trim();
            if text.is_empty() {
                continue;
            }
            let plain = matches!(message.role, Role::User | Role::Assistant);
            if plain && let Some(found) = full.get(at..).and_then(|rest| rest.find(text)) {
                at += found + text.len();
                continue;
            }
            let mut other = messages.to_vec();
            other[i] = changed(message)?;
            if self.render(frame, &other, End::Closed).is_ok_and(|text| text == full) {
                let what = match message.role {
                    Role::User => says::the_users(),
                    Role::Assistant => says::the_assistants(),
                    Role::Observation => says::a_tools_answer(),
                    Role::Function => says::a_tool_call(),
                };
                return Err(DataError::row(says::template_leaves_out(
                    i + 1,
                    what,
                    alternative(frame),
                )));
            }
        }
        Ok(())
    }

    fn leaves_thoughts(&self, frame: Frame, messages: &[Message], full: &str) -> bool {
        let lost = |m: &Message| {
            m.reasoning
                .as_ref()
                .is_some_and(|r| !r.trim().is_empty() && !full.contains(r.trim()))
        };
        if !messages.iter().any(lost) {
            return false;
        }
        let mut without = messages.to_vec();
        without.iter_mut().for_each(|m| m.reasoning = None);
        self.render(frame, &without, End::Closed).is_ok_and(|text| text == full)
    }

    fn leaves_tools(&self, frame: Frame, messages: &[Message], full: &str) -> bool {
        let offered = frame.setting.tools.as_deref().map(tools::parse_tools);
        if !matches!(offered, Some(Ok(list)) if !list.is_empty()) {
            return false;
        }
        let setting = Setting {
            tools: None,
            ..frame.setting.clone()
        };
        let frame = Frame {
            setting: &setting,
            ..frame
        };
        self.render(frame, messages, End::Closed).is_ok_and(|text| text == full)
    }

    fn leaves_system(&self, frame: Frame, messages: &[Message], full: &str) -> bool {
        let Some(system) = frame.setting.system.as_deref().map(str::trim).filter(|s| !s.is_empty()) else {
            return false;
        };
        if full.contains(system) {
            return false;
        }
        let setting = Setting {
            system: Some(PROBE.into()),
            ..frame.setting.clone()
        };
        let frame = Frame {
            setting: &setting,
            ..frame
        };
        self.render(frame, messages, End::Closed).is_ok_and(|text| text == full)
    }
}

/// The turn with another text, all else alike.
fn changed(message: &Message) -> Result<Message> {
    let mut other = message.clone();
    match message.role {
        Role::Function => other.content = tools::renamed(&message.content, PROBE)?,
        _ => other.content = PROBE.into(),
    }
    other
        .answers
        .iter_mut()
        .for_each(|answer| answer.content = PROBE.into());
    Ok(other)
}

/// A named template that writes every turn, by the special tokens of the vocabulary.
fn alternative(frame: Frame) -> &'static str {
    let known = [
        ("<|im_start|>", "qwen"),
        ("<|start_header_id|>", "llama3"),
        ("[INST]", "mistral"),
    ];
    let found = known
        .into_iter()
        .find(|(token, _)| frame.tokenizer.token_id(token).is_some());
    found.map_or("default", |(_, name)| name)
}
