//! The model's own chat template, rendered as transformers renders it, with the tokens of each reply found exactly.

use super::jinja::{Fault, Outcome, Value};
use super::{EncodedTurn, Message, Moment, Role, Setting, Thinking, jinja, tools};
use crate::data::Pair;
use crate::data::error::{DataError, Result};
use crate::data::tokenizer::Tokenizer;
use protocol::says;

/// A compiled chat template.
#[derive(Debug, Clone)]
pub struct ChatTemplate {
    template: jinja::Template,
    source: String,
    special: Vec<(&'static str, String)>,
    end_of_turn: Option<u32>,
    /// Whether it is the run's, not the model's.
    own: bool,
}

/// Whether a rendering ends with the lead of the assistant's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Closed,
    GenerationPrompt,
}

/// What each rendering of a conversation needs beside its messages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'a> {
    pub tokenizer: &'a Tokenizer,
    pub thinking: Option<Thinking>,
    pub setting: &'a Setting,
    /// The time that the template is given.
    pub now: Moment,
}

impl ChatTemplate {
    /// Compiles `source`; `tokenizer` gives the special tokens it may name.
    pub fn new(source: &str, tokenizer: &Tokenizer) -> Result<Self> {
        Self::compile(source, tokenizer, false)
    }

    /// As [`ChatTemplate::new`], for a template of the run's own.
    pub fn own(source: &str, tokenizer: &Tokenizer) -> Result<Self> {
        Self::compile(source, tokenizer, true)
    }

    fn compile(source: &str, tokenizer: &Tokenizer, own: bool) -> Result<Self> {
        let of = || if own { says::of_the_run() } else { says::of_the_model() };
        let template = jinja::Template::new(source)
            .map_err(|e| DataError::template(of(), says::template_unreadable(text_of(&e))))?;
        let special = [
            ("bos_token", tokenizer.bos()),
            ("eos_token", tokenizer.eos()),
            ("pad_token", tokenizer.pad()),
            ("unk_token", tokenizer.unk()),
        ];
        let mut this = Self {
            template,
            source: source.to_owned(),
            special: special
                .into_iter()
                .filter_map(|(key, token)| Some((key, token?.text.clone())))
                .collect(),
            end_of_turn: None,
            own,
        };
        this.end_of_turn = this.find_end_of_turn(tokenizer);
        Ok(this)
    }

    /// Whether it is the run's own, not the model's.
    pub fn is_own(&self) -> bool {
        self.own
    }

    pub fn source(&self) -> &str {
        &self.source
    }

    /// The special token after a reply, where there is one.
    pub(super) fn end_of_turn(&self) -> Option<u32> {
        self.end_of_turn
    }

    pub(super) fn prompt(&self, frame: Frame, messages: &[Message]) -> Result<Vec<u32>> {
        frame
            .tokenizer
            .encode(&self.render(frame, messages, End::GenerationPrompt)?)
    }

    pub(super) fn last_turn(&self, frame: Frame, prompt: &[Message], reply: &Message) -> Result<EncodedTurn> {
        let [(full, cut)] = self.cut(frame, prompt, [reply])?;
        encode_turn(frame.tokenizer, &full, cut)
    }

    /// `replies`: the chosen one, then the rejected one.
    pub(super) fn pair(&self, frame: Frame, prompt: &[Message], replies: [&Message; 2]) -> Result<Pair> {
        let texts = self.cut(frame, prompt, replies)?;
        // one prompt for both: where only one reply opens a block, the block is the reply's
        let cut = texts[0].1.min(texts[1].1);
        let [(chosen, _), (rejected, _)] = &texts;
        let chosen_turn = encode_turn(frame.tokenizer, chosen, cut)?;
        let rejected_turn = encode_turn(frame.tokenizer, rejected, cut)?;
        if chosen_turn.prompt == rejected_turn.prompt {
            return Ok(Pair {
                prompt: chosen_turn.prompt,
                chosen: chosen_turn.reply,
                rejected: rejected_turn.reply,
            });
        }
        // a reply's first characters and the prompt's last ones are one token: prompt and replies are encoded apart
        let (prompt, chosen) = split_at(chosen, cut)?;
        let (_, rejected) = split_at(rejected, cut)?;
        Ok(Pair {
            prompt: frame.tokenizer.encode(prompt)?,
            chosen: frame.tokenizer.encode(chosen)?,
            rejected: frame.tokenizer.encode(rejected)?,
        })
    }

    /// The conversation with each reply, and where the reply begins in it: after its prompt, or where the lead of the
    /// assistant's turn opens a block that the reply doesn't have, before that block.
    fn cut<const N: usize>(
        &self,
        frame: Frame,
        prompt: &[Message],
        replies: [&Message; N],
    ) -> Result<[(String, usize); N]> {
        let before = self.render(frame, prompt, End::GenerationPrompt)?;
        let mut out: [(String, usize); N] = std::array::from_fn(|_| Default::default());
        for (slot, reply) in out.iter_mut().zip(replies) {
            let full = self.render_with(frame, prompt, reply)?;
            let cut = match full.starts_with(&before) {
                true => before.len(),
                false => self.before_block(frame, prompt, &before, &full)?,
            };
            if full.len() <= cut {
                return Err(no_prefix());
            }
            *slot = (full, cut);
        }
        Ok(out)
    }

    fn render_with(&self, frame: Frame, prompt: &[Message], reply: &Message) -> Result<String> {
        let mut messages = prompt.to_vec();
        messages.push(reply.clone());
        self.render(frame, &messages, End::Closed)
    }

    /// How long the prompt is where `full` doesn't begin with all of `before`: the beginning that any reply has in
    /// common with it. Only the lead of the assistant's turn may be left, not the turns before it.
    fn before_block(&self, frame: Frame, prompt: &[Message], before: &str, full: &str) -> Result<usize> {
        let turns = self.render(frame, prompt, End::Closed)?;
        let any = self.render_with(frame, prompt, &Message::new(Role::Assistant, PROBE))?;
        let cut = common(before, full).min(common(before, &any));
        match before.starts_with(&turns) && cut >= turns.len() && cut > 0 {
            true => Ok(cut),
            false => Err(no_prefix()),
        }
    }

    pub(super) fn turns(&self, frame: Frame, messages: &[Message]) -> Result<Vec<EncodedTurn>> {
        let Some((last, before_last)) = messages.split_last() else {
            return Ok(Vec::new());
        };
        let full = self.render(frame, messages, End::Closed)?;
        let mut cuts = Vec::with_capacity(messages.len());
        for end in (2..=messages.len()).step_by(2) {
            let turns = &messages[..end - 1];
            let prompt = self.render(frame, turns, End::GenerationPrompt)?;
            let closed = if end == messages.len() {
                full.len()
            } else {
                let text = self.render(frame, &messages[..end], End::Closed)?;
                if !full.starts_with(&text) {
                    return Ok(vec![self.last_turn(frame, before_last, last)?]);
                }
                text.len()
            };
            let cut = match full.starts_with(&prompt) {
                true => prompt.len(),
                false => self.before_block(frame, turns, &prompt, &full)?,
            };
            if closed <= cut {
                return Err(no_prefix());
            }
            cuts.extend([cut, closed]);
        }
        cuts.pop();
        let mut pieces = encode_cut(frame.tokenizer, &full, &cuts)?.into_iter();
        let mut turns = Vec::with_capacity(messages.len() / 2);
        while let (Some(prompt), Some(reply)) = (pieces.next(), pieces.next()) {
            turns.push(EncodedTurn { prompt, reply });
        }
        Ok(turns)
    }

    pub(super) fn render(&self, frame: Frame, messages: &[Message], end: End) -> Result<String> {
        let names = self.names(frame, messages, end)?;
        self.template
            .render(names, frame.now)
            .map_err(|e| DataError::row(says::template_refuses(text_of(&e))))
    }

    /// What transformers gives a template: `tools` and `documents` are always there, if only as `none`.
    fn names(&self, frame: Frame, messages: &[Message], end: End) -> Result<Vec<(&str, Value)>> {
        let mut list = Vec::with_capacity(messages.len() + 1);
        if let Some(system) = frame.setting.system.as_deref().filter(|s| !s.is_empty()) {
            list.push(said("system", system, None)?);
        }
        for message in messages {
            push_message(&mut list, message)?;
        }
        let tools = match frame.setting.tools.as_deref().filter(|t| !t.is_empty()) {
            None => Value::None,
            Some(tools) => Value::list(tools::parse_tools(tools)?)
                .map_err(|e| DataError::row(says::template_too_much(e.message)))?,
        };
        let mut names = vec![
            (
                "messages",
                Value::list(list).map_err(|e| DataError::row(says::template_too_much(e.message)))?,
            ),
            ("tools", tools),
            ("documents", Value::None),
            ("add_generation_prompt", Value::Bool(end == End::GenerationPrompt)),
        ];
        match frame.thinking {
            None => {}
            Some(Thinking::On) => names.push(("enable_thinking", Value::Bool(true))),
            Some(Thinking::Off | Thinking::Mixed) => names.push(("enable_thinking", Value::Bool(false))),
        }
        for (key, text) in &self.special {
            names.push((key, Value::str(text)));
        }
        Ok(names)
    }

    fn find_end_of_turn(&self, tokenizer: &Tokenizer) -> Option<u32> {
        let ask = Message::new(Role::User, "question");
        let answer = Message::new(Role::Assistant, "answer");
        let frame = Frame {
            tokenizer,
            thinking: None,
            setting: &Setting::default(),
            now: Moment::now(),
        };
        let EncodedTurn { reply, .. } = self.last_turn(frame, &[ask], &answer).ok()?;
        let from = reply
            .iter()
            .rposition(|&id| !tokenizer.is_special(id) && !is_blank(tokenizer, id))?;
        reply[from..].iter().copied().find(|&id| tokenizer.is_special(id))
    }
}

/// A text that no template contains.
pub(super) const PROBE: &str = "\u{2}probe\u{2}";

/// The length in bytes of the longest common prefix of two texts, in whole characters.
fn common(one: &str, other: &str) -> usize {
    let mut at = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    while !one.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn is_blank(tokenizer: &Tokenizer, id: u32) -> bool {
    tokenizer.decode_all(&[id]).is_ok_and(|t| t.trim().is_empty())
}

/// Adds a turn as the messages that transformers would be given: one, or one for each tool's result.
fn push_message(list: &mut Vec<Value>, message: &Message) -> Result<()> {
    let name = message.name.as_deref();
    match message.role {
        Role::User => list.push(said("user", &message.content, name)?),
        Role::Assistant => list.push(reply(message, &message.content, None)?),
        Role::Observation if message.answers.is_empty() => list.push(said("tool", &message.content, name)?),
        Role::Observation => {
            for answer in &message.answers {
                let mut entries = vec![("role", Value::str("tool")), ("content", Value::str(&answer.content))];
                let beside = [("name", &answer.name), ("tool_call_id", &answer.call_id)];
                entries.extend(
                    beside
                        .into_iter()
                        .filter_map(|(k, v)| Some((k, Value::str(v.as_ref()?)))),
                );
                list.push(entry(entries)?);
            }
        }
        Role::Function => {
            let (thought, calls) = tools::parse_calls(&message.content)?;
            let calls: Outcome<Vec<Value>> = calls
                .into_iter()
                .map(|call| {
                    let function = [("name", Value::str(call.name)), ("arguments", call.arguments)];
                    let mut entries = vec![("type", Value::str("function")), ("function", Value::dict(function)?)];
                    entries.extend(call.id.map(|id| ("id", id)));
                    Value::dict(entries)
                })
                .collect();
            let calls = calls
                .and_then(Value::list)
                .map_err(|e| DataError::row(says::template_too_much(e.message)))?;
            let content = thought.unwrap_or_default() + message.said.as_deref().unwrap_or_default();
            list.push(reply(message, &content, Some(calls))?);
        }
    }
    Ok(())
}

fn said(role: &str, content: &str, name: Option<&str>) -> Result<Value> {
    let mut entries = vec![("role", Value::str(role)), ("content", Value::str(content))];
    entries.extend(name.map(|name| ("name", Value::str(name))));
    entry(entries)
}

/// The assistant's turn. Thoughts that the data keeps apart go under the keys that templates read, as in transformers.
fn reply(message: &Message, content: &str, calls: Option<Value>) -> Result<Value> {
    let mut entries = vec![("role", Value::str("assistant")), ("content", Value::str(content))];
    entries.extend(message.name.as_ref().map(|name| ("name", Value::str(name))));
    entries.extend(calls.map(|calls| ("tool_calls", calls)));
    if let Some(reasoning) = &message.reasoning {
        entries.push(("reasoning_content", Value::str(reasoning)));
        entries.push(("thinking", Value::str(reasoning)));
    }
    entry(entries)
}

fn entry(entries: Vec<(&str, Value)>) -> Result<Value> {
    Value::dict(entries).map_err(|e| DataError::row(says::template_too_much(e.message)))
}

/// A text before and after byte `at`, which must lie between two characters: a prompt can't end inside of one.
fn split_at(text: &str, at: usize) -> Result<(&str, &str)> {
    text.split_at_checked(at).ok_or_else(no_prefix)
}

fn no_prefix() -> DataError {
    DataError::row(says::reply_not_behind_prompt())
}

/// A prompt and its reply, encoded as one text; the reply begins at byte `cut`.
fn encode_turn(tokenizer: &Tokenizer, text: &str, cut: usize) -> Result<EncodedTurn> {
    let mut pieces = encode_cut(tokenizer, text, &[cut])?.into_iter();
    Ok(EncodedTurn {
        prompt: pieces.next().unwrap_or_default(),
        reply: pieces.next().unwrap_or_default(),
    })
}

/// The tokens of `text`, encoded as a whole, in pieces that end at the byte positions `cuts`. Where a token would reach
/// over a cut, the text is split there before it is encoded: generation sees it so, as its prompt ends at the cut.
fn encode_cut(tokenizer: &Tokenizer, text: &str, cuts: &[usize]) -> Result<Vec<Vec<u32>>> {
    let (ids, offsets) = tokenizer.encode_with_offsets(text)?;
    let mut pieces = vec![Vec::new(); cuts.len() + 1];
    let mut piece = 0;
    for (id, (start, end)) in ids.into_iter().zip(offsets) {
        while piece < cuts.len() && start >= cuts[piece] {
            piece += 1;
        }
        if piece < cuts.len() && end > cuts[piece] {
            let cut = cuts[piece];
            let (before, after) = split_at(text, cut)?;
            let mut left = encode_cut(tokenizer, before, &cuts[..piece])?;
            let rest: Vec<usize> = cuts[piece + 1..].iter().map(|c| c - cut).collect();
            left.extend(encode_cut(tokenizer, after, &rest)?);
            return Ok(left);
        }
        pieces[piece].push(id);
    }
    Ok(pieces)
}

/// The error's message, with its line.
fn text_of(fault: &Fault) -> String {
    match fault.line {
        0 => fault.message.clone(),
        line => format!("{} (line {line})", fault.message),
    }
}
