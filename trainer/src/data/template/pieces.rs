//! Encodes conversations in a named template: its pieces in LLaMA-Factory's order, each tokenized on its own.

use std::borrow::Cow;

use super::encoder::Encoder;
use super::message::{EncodedTurn, Message, Role, Setting};
use super::named::{CONTENT, CONTENT_EOS, Delimiters, NamedTemplate, ROUND, Reasoning, Slot, SystemPlace};
use super::thoughts::{Thought, with_reasoning, without_thought};
use crate::data::error::Result;
use protocol::config::Thinking;

/// What the replies before the last are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum History {
    /// They are trained on like the last one: their thoughts stay.
    Learned,
    /// They are part of the last one's prompt: their thoughts are removed.
    Prompt,
}

impl Encoder {
    /// All turns, in order.
    pub(super) fn named_turns(
        &self,
        named: &NamedTemplate,
        setting: &Setting,
        messages: &[Message],
        history: History,
    ) -> Result<Vec<EncodedTurn>> {
        let mut messages: Vec<Message> = messages.iter().map(|m| with_reasoning(named, m)).collect();
        let last = messages.len().saturating_sub(1);
        let thoughts: Vec<Thought> = match named.reasoning {
            Reasoning::No => vec![Thought::None; messages.len() / 2],
            Reasoning::Yes => messages
                .iter_mut()
                .enumerate()
                .skip(1)
                .step_by(2)
                .map(|(i, reply)| match history == History::Prompt && i < last {
                    true => {
                        reply.content = without_thought(&reply.content, named.thoughts);
                        Thought::None
                    }
                    false => self.thought(named, reply),
                })
                .collect(),
        };
        let mut encoded = self.encode_each(named, setting, &messages)?.into_iter();
        thoughts
            .into_iter()
            .map(|thought| {
                let prompt = encoded.next().unwrap_or_default();
                let reply = encoded.next().unwrap_or_default();
                self.with_thought(named, thought, EncodedTurn { prompt, reply })
            })
            .collect()
    }

    /// The prompt of a last turn: earlier replies lose their thoughts.
    pub(super) fn encode_prompt(
        &self,
        named: &NamedTemplate,
        setting: &Setting,
        prompt: &[Message],
    ) -> Result<Vec<u32>> {
        if named.reasoning == Reasoning::No {
            return Ok(self.encode_each(named, setting, prompt)?.concat());
        }
        let mut prompt = prompt.to_vec();
        for message in prompt.iter_mut().skip(1).step_by(2) {
            message.content = without_thought(&message.content, named.thoughts);
        }
        Ok(self.encode_each(named, setting, &prompt)?.concat())
    }

    pub(super) fn encode_reply(&self, named: &NamedTemplate, reply: &Message) -> Result<(Thought, Vec<u32>)> {
        let mut reply = with_reasoning(named, reply);
        let thought = match named.reasoning {
            Reasoning::No => Thought::None,
            Reasoning::Yes => self.thought(named, &mut reply),
        };
        let mut ids = Vec::new();
        // no reply names its round
        self.push_message(&mut ids, named, &reply, Content::first(&reply.content))?;
        Ok((thought, ids))
    }

    /// Token ids of each message, with pieces in LLaMA-Factory's order.
    fn encode_each(&self, named: &NamedTemplate, setting: &Setting, messages: &[Message]) -> Result<Vec<Vec<u32>>> {
        let mut system = match setting.system.as_deref() {
            None | Some("") => self.system.as_deref().unwrap_or(named.default_system).to_owned(),
            Some(text) => text.to_owned(),
        };
        let tools = setting.tools.as_deref().filter(|t| !t.is_empty());
        // an empty list of tools still makes a system turn
        let has_system = !system.is_empty() || tools.is_some();
        if let Some(tools) = tools {
            let offer = self.tools.unwrap_or(named.tools).offer(tools, self.clock.now())?;
            let trims = named.trims_lone_tools && system.is_empty();
            system.push_str(if trims { offer.trim_start_matches('\n') } else { &offer });
        }
        let mut encoded = Vec::with_capacity(messages.len());
        for (i, message) in messages.iter().enumerate() {
            let mut ids = Vec::new();
            let mut content = Cow::Borrowed(message.content.as_str());
            if i == 0 {
                self.push(&mut ids, named.prefix, Content::first(""))?;
                if has_system {
                    match named.system_place {
                        SystemPlace::OwnTurn => self.push(&mut ids, named.system, Content::first(&system))?,
                        SystemPlace::FirstUser => {
                            if let [Slot::Text(text)] = named.system {
                                content = Cow::Owned(Content::first(&system).within(text) + &content);
                            }
                        }
                    }
                }
            }
            let content = Content {
                text: &content,
                round: i / 2,
            };
            self.push_message(&mut ids, named, message, content)?;
            encoded.push(ids);
        }
        Ok(encoded)
    }

    fn push_message(
        &self,
        ids: &mut Vec<u32>,
        named: &NamedTemplate,
        message: &Message,
        content: Content,
    ) -> Result<()> {
        match message.role {
            Role::User => self.push(ids, named.user, content),
            Role::Assistant => self.push(ids, named.assistant, content),
            Role::Observation => self.push_answers(ids, named, message, content),
            Role::Function => {
                let calls = self
                    .tools
                    .unwrap_or(named.tools)
                    .call(&message.content, named.call_words())?;
                let text = match message
                    .said
                    .as_deref()
                    .map(str::trim_end)
                    .filter(|said| !said.is_empty())
                {
                    Some(said) => [said, "\n", &calls].concat(),
                    None => calls,
                };
                let slots = match (self.tools, named.efficient_eos) {
                    (Some(_), true) => CONTENT,
                    (Some(_), false) => CONTENT_EOS,
                    (None, _) => named.function,
                };
                self.push(ids, slots, Content { text: &text, ..content })
            }
        }
    }

    /// Tools' results, in one turn or a turn each, with the assistant's lead after the last.
    fn push_answers(
        &self,
        ids: &mut Vec<u32>,
        named: &NamedTemplate,
        message: &Message,
        content: Content,
    ) -> Result<()> {
        let answer = |text| Content { text, ..content };
        let texts: Vec<&str> = message.answers.iter().map(|answer| answer.content.as_str()).collect();
        match (texts.split_last(), named.between_answers) {
            (None, _) => self.push(ids, named.observation, answer(&message.content)),
            (Some(_), Some(between)) => self.push(ids, named.observation, answer(&texts.join(between))),
            (Some((last, before)), None) => {
                let lead = named.lead_after_tool();
                let (end, slots) = match named.observation.split_last() {
                    Some((Slot::Text(text), slots)) => (text.strip_suffix(lead).unwrap_or(text), slots),
                    Some((Slot::Token(token), slots)) if *token == lead => ("", slots),
                    _ => ("", named.observation),
                };
                for text in before {
                    self.push(ids, slots, answer(text))?;
                    ids.extend(self.tokenizer.encode(&answer(text).within(end))?);
                }
                self.push(ids, named.observation, answer(last))
            }
        }
    }

    fn push(&self, ids: &mut Vec<u32>, slots: &[Slot], content: Content) -> Result<()> {
        for slot in slots {
            match slot {
                Slot::Text(text) => ids.extend(self.tokenizer.encode(&content.within(text))?),
                Slot::Bos => ids.extend(self.tokenizer.bos().map(|t| t.id)),
                Slot::Eos => ids.extend(self.tokenizer.eos().map(|t| t.id)),
                Slot::Token(token) => {
                    let unknown = || self.tokenizer.unk().map(|t| t.id);
                    ids.extend(self.tokenizer.token_id(token).or_else(unknown));
                }
            }
        }
        Ok(())
    }

    /// Removes a reply's thoughts if thinking is off, and says where an empty block belongs.
    fn thought(&self, named: &NamedTemplate, reply: &mut Message) -> Thought {
        let Delimiters { open, close } = named.thoughts.bare();
        if self.thinking == Some(Thinking::Off) {
            reply.content = without_thought(&reply.content, named.thoughts);
        }
        if reply.content.contains(open) || reply.content.contains(close) {
            Thought::None
        } else if matches!(self.thinking, None | Some(Thinking::On)) {
            Thought::InReply
        } else {
            Thought::InPrompt
        }
    }

    /// The turn with an empty thought block, where `thought` says.
    pub(super) fn with_thought(
        &self,
        named: &NamedTemplate,
        thought: Thought,
        mut turn: EncodedTurn,
    ) -> Result<EncodedTurn> {
        match thought {
            Thought::None => {}
            Thought::InPrompt => turn.prompt.extend(self.tokenizer.encode(named.thoughts.none)?),
            Thought::InReply => {
                let mut ids = self.tokenizer.encode(named.thoughts.none)?;
                ids.append(&mut turn.reply);
                turn.reply = ids;
            }
        }
        Ok(turn)
    }
}

/// What replaces the placeholders in the texts of a turn.
#[derive(Debug, Clone, Copy)]
struct Content<'a> {
    text: &'a str,
    /// Which pair of turns it belongs to, from 0.
    round: usize,
}

impl<'a> Content<'a> {
    /// Content before the first turn, or that names no round.
    fn first(text: &'a str) -> Self {
        Self { text, round: 0 }
    }

    /// `text` with the content in place of `{}`, once, and the round's number in place of a `{round}` before it.
    fn within(self, text: &str) -> String {
        match text.split_once("{}") {
            Some((before, after)) => [&before.replace(ROUND, &self.round.to_string()), self.text, after].concat(),
            None => text.to_owned(),
        }
    }
}
