//! Templates: conversations to token ids, by a named template or by the model's own chat template.

mod chat;
mod examine;
mod export;
mod jinja;
mod named;
mod tools;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::path::Path;

pub use chat::ChatTemplate;
pub use examine::Omissions;
pub use jinja::cancelled_by;
pub use named::{NamedTemplate, Reasoning, Slot, SystemPlace, TEMPLATES};
pub use tools::ToolFormat;

use chat::Frame;

use super::error::{DataError, Result};
use super::tokenizer::Tokenizer;

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

impl Setting {
    /// Gives a conversation that brings no system message this one.
    pub fn default_system(&mut self, system: &str) {
        if self.system.as_deref().is_none_or(str::is_empty) {
            self.system = Some(system.to_owned());
        }
    }
}

/// How a conversation becomes text.
#[derive(Debug, Clone)]
pub enum Template {
    Named(&'static NamedTemplate),
    /// The model's own, in Jinja.
    Model(Box<ChatTemplate>),
}

/// `enable_thinking`, for templates whose replies open with a `<think>…</think>` block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Thinking {
    /// Not said: as `On`; the model's own template is not told.
    #[default]
    Unsaid,
    /// `true`: a reply without thoughts gets an empty block, which counts in the loss.
    On,
    /// `false`: thoughts are removed; the empty block belongs to the prompt.
    Off,
    /// `null`: thoughts stay where they are; an empty block belongs to the prompt.
    Mixed,
}

impl From<Option<bool>> for Thinking {
    fn from(value: Option<bool>) -> Self {
        match value {
            Some(true) => Self::On,
            Some(false) => Self::Off,
            None => Self::Mixed,
        }
    }
}

const THINK: (&str, &str) = ("<think>", "</think>");
const EMPTY_THOUGHT: &str = "<think>\n\n</think>\n\n";

impl Template {
    /// A template by LLaMA-Factory's name.
    pub fn named(name: &str) -> Result<Self> {
        NamedTemplate::find(name).map(Self::Named).ok_or_else(|| {
            let names: Vec<_> = TEMPLATES.iter().map(|t| t.name).collect();
            DataError::template(
                name,
                format!(
                    "unknown; use one of {}, or leave `template` out to take the model's own",
                    names.join(", ")
                ),
            )
        })
    }

    /// The chat template that came with the model.
    pub fn from_model(tokenizer: &Tokenizer) -> Result<Self> {
        let source = tokenizer.chat_template().ok_or_else(|| {
            let problem = match tokenizer.other_templates() {
                [] => "the model folder has no chat template; set `template`, for instance to `default`".to_owned(),
                names => format!(
                    "tokenizer_config.json has the chat templates {} and none called `default`; rename the one to use, \
                     or set `template`",
                    names.join(", ")
                ),
            };
            DataError::template("of the model", problem)
        })?;
        Ok(Self::Model(Box::new(ChatTemplate::new(source, tokenizer)?)))
    }

    /// The named one, else the model's own.
    pub fn choose(name: Option<&str>, tokenizer: &Tokenizer) -> Result<Self> {
        match name {
            Some(name) => Self::named(name),
            None => Self::from_model(tokenizer),
        }
    }

    /// The name in a config, or `None` for the model's own.
    pub fn name(&self) -> Option<&'static str> {
        match self {
            Self::Named(t) => Some(t.name),
            Self::Model(_) => None,
        }
    }
}

/// A tokenizer with a template bound to it: everything between conversations and token ids.
#[derive(Debug, Clone)]
pub struct Encoder {
    tokenizer: Tokenizer,
    template: Template,
    thinking: Thinking,
    /// How tools are written, where not as the template writes them.
    tools: Option<ToolFormat>,
    added: Vec<String>,
}

impl Encoder {
    /// Binds `template` to `tokenizer`: templates that end turns with a token of their own make it the EOS token.
    pub fn new(mut tokenizer: Tokenizer, template: Template, thinking: Thinking) -> Result<Self> {
        let mut added = Vec::new();
        if let Template::Named(named) = &template {
            let mut stop_words = named.stop_words.iter();
            let needed = |tokenizer: &Tokenizer, word: &str, added: &mut Vec<String>| {
                if tokenizer.token_id(word).is_none() {
                    added.push(word.to_owned());
                }
            };
            if named.replace_eos
                && let Some(word) = stop_words.next()
            {
                needed(&tokenizer, word, &mut added);
                tokenizer.set_eos(word)?;
            }
            if tokenizer.eos().is_none() {
                needed(&tokenizer, "<|endoftext|>", &mut added);
                tokenizer.set_eos("<|endoftext|>")?;
            }
            for word in stop_words {
                needed(&tokenizer, word, &mut added);
                tokenizer.add_special(word)?;
            }
        }
        Ok(Self {
            tokenizer,
            template,
            thinking,
            tools: None,
            added,
        })
    }

    /// Writes tools and their calls as LLaMA-Factory's `tool_format` of this name does: a call is then the text and the
    /// EOS token, whatever stands around it in the template. The model's own template has no such choice.
    pub fn with_tool_format(mut self, name: &str) -> Result<Self> {
        let format = ToolFormat::find(name).ok_or_else(|| {
            let names = ToolFormat::NAMES.map(|(name, _)| name).join(", ");
            DataError::template(
                self.template.name().unwrap_or("of the model"),
                format!("tool_format `{name}` is not one of {names}"),
            )
        })?;
        if let Template::Model(_) = self.template {
            let problem = format!(
                "it writes tools in its own way, so tool_format `{name}` can't be followed; set `template`, or leave \
                 `tool_format` out"
            );
            return Err(DataError::template("of the model", problem));
        }
        self.tools = Some(format);
        Ok(self)
    }

    /// The encoder of a model folder, with the named template or the model's own.
    pub fn from_dir(dir: &Path, template: Option<&str>, thinking: Thinking) -> Result<Self> {
        let tokenizer = Tokenizer::from_dir(dir)?;
        let template = Template::choose(template, &tokenizer)?;
        Self::new(tokenizer, template, thinking)
    }

    pub fn tokenizer(&self) -> &Tokenizer {
        &self.tokenizer
    }

    pub fn template(&self) -> &Template {
        &self.template
    }

    /// Special tokens of the template that the vocabulary lacked. Their ids lie past the model's own, so a model whose
    /// embedding has no room for them can't be trained with this template.
    pub fn added_tokens(&self) -> &[String] {
        &self.added
    }

    /// Prompt and reply of the last turn: `prompt` begins and ends with a user's turn, `reply` answers it.
    pub fn last_turn(&self, setting: &Setting, prompt: &[Message], reply: &Message) -> Result<(Vec<u32>, Vec<u32>)> {
        check_turns(prompt, &[reply])?;
        match &self.template {
            Template::Model(chat) => chat.last_turn(self.frame(setting), prompt, reply),
            Template::Named(named) => {
                let prompt = self.encode_prompt(named, setting, prompt)?;
                let (thought, reply) = self.encode_reply(named, reply)?;
                self.with_thought(thought, prompt, reply)
            }
        }
    }

    /// A prompt with its chosen and rejected reply, in this order.
    pub fn pair(
        &self,
        setting: &Setting,
        prompt: &[Message],
        chosen: &Message,
        rejected: &Message,
    ) -> Result<(Vec<u32>, Vec<u32>, Vec<u32>)> {
        check_turns(prompt, &[chosen, rejected])?;
        match &self.template {
            Template::Model(chat) => chat.pair(self.frame(setting), prompt, [chosen, rejected]),
            Template::Named(named) => {
                let prompt = self.encode_prompt(named, setting, prompt)?;
                let (thought, chosen) = self.encode_reply(named, chosen)?;
                let (prompt, chosen) = self.with_thought(thought, prompt, chosen)?;
                let (thought, rejected) = self.encode_reply(named, rejected)?;
                let (_, rejected) = self.with_thought(thought, Vec::new(), rejected)?;
                Ok((prompt, chosen, rejected))
            }
        }
    }

    /// Prompt and reply of every turn, in order. Where the model's chat template writes earlier replies in another way
    /// than the last (as reasoning models' do), there is one turn: the last, all before it its prompt.
    pub fn turns(&self, setting: &Setting, messages: &[Message]) -> Result<Vec<(Vec<u32>, Vec<u32>)>> {
        let (reply, prompt) = messages.split_last().ok_or_else(|| DataError::row("no turns"))?;
        check_turns(prompt, &[reply])?;
        match &self.template {
            Template::Model(chat) => chat.turns(self.frame(setting), messages),
            Template::Named(named) => {
                let mut messages: Vec<Message> = messages.iter().map(|m| with_reasoning(named, m)).collect();
                let thoughts: Vec<Thought> = match named.reasoning {
                    Reasoning::No => vec![Thought::None; messages.len() / 2],
                    Reasoning::Yes => messages
                        .iter_mut()
                        .skip(1)
                        .step_by(2)
                        .map(|reply| self.thought(reply))
                        .collect(),
                };
                let mut encoded = self.encode_each(named, setting, &messages)?.into_iter();
                thoughts
                    .into_iter()
                    .map(|thought| {
                        let prompt = encoded.next().unwrap_or_default();
                        let reply = encoded.next().unwrap_or_default();
                        self.with_thought(thought, prompt, reply)
                    })
                    .collect()
            }
        }
    }

    /// What the template leaves out of a prompt with these replies. A turn it leaves out is an error that names it.
    pub fn examine(&self, setting: &Setting, prompt: &[Message], replies: &[&Message]) -> Result<Omissions> {
        match &self.template {
            Template::Model(chat) => chat.examine(self.frame(setting), prompt, replies),
            Template::Named(named) => {
                let mut all = prompt.iter().chain(replies.iter().copied());
                Ok(Omissions {
                    thoughts: named.reasoning == Reasoning::No && all.any(|m| m.reasoning.is_some()),
                    ..Omissions::default()
                })
            }
        }
    }

    /// The prompt that makes the model reply to `messages`, which end with a user's turn or a tool's answer.
    pub fn prompt(&self, setting: &Setting, messages: &[Message]) -> Result<Vec<u32>> {
        match &self.template {
            Template::Model(chat) => chat.prompt(self.frame(setting), messages),
            Template::Named(_) => {
                let reply = Message::new(Role::Assistant, "");
                Ok(self.last_turn(setting, messages, &reply)?.0)
            }
        }
    }

    /// What marks the end of a plain text in pre-training.
    pub fn document_end(&self) -> &str {
        match &self.template {
            Template::Named(named) if named.name == "llama3" => "<|end_of_text|>",
            _ => self.tokenizer.eos().map_or("", |eos| eos.text.as_str()),
        }
    }

    /// Ids that end a reply.
    pub fn stop_ids(&self) -> Vec<u32> {
        let mut ids: Vec<u32> = self.tokenizer.eos().map(|eos| eos.id).into_iter().collect();
        match &self.template {
            Template::Named(named) => {
                ids.extend(named.stop_words.iter().filter_map(|w| self.tokenizer.token_id(w)));
            }
            Template::Model(chat) => ids.extend(chat.end_of_turn()),
        }
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// The template in Jinja, to put into a merged folder's `tokenizer_config.json`, and the EOS token that goes with
    /// it: transformers then renders what training saw.
    pub fn to_chat_template(&self) -> String {
        match &self.template {
            Template::Named(named) => export::jinja(named, self.thinking, &self.tokenizer),
            Template::Model(chat) => chat.source().to_owned(),
        }
    }

    fn frame<'a>(&'a self, setting: &'a Setting) -> Frame<'a> {
        Frame {
            tokenizer: &self.tokenizer,
            thinking: self.thinking,
            setting,
        }
    }

    /// The prompt of a last turn: history loses its thoughts.
    fn encode_prompt(&self, named: &NamedTemplate, setting: &Setting, prompt: &[Message]) -> Result<Vec<u32>> {
        if named.reasoning == Reasoning::No {
            return Ok(self.encode_each(named, setting, prompt)?.concat());
        }
        let mut prompt = prompt.to_vec();
        for message in prompt.iter_mut().skip(1).step_by(2) {
            message.content = without_thought(&message.content);
        }
        Ok(self.encode_each(named, setting, &prompt)?.concat())
    }

    fn encode_reply(&self, named: &NamedTemplate, reply: &Message) -> Result<(Thought, Vec<u32>)> {
        let mut reply = with_reasoning(named, reply);
        let thought = match named.reasoning {
            Reasoning::No => Thought::None,
            Reasoning::Yes => self.thought(&mut reply),
        };
        let mut ids = Vec::new();
        self.push_message(&mut ids, named, &reply, &reply.content)?;
        Ok((thought, ids))
    }

    /// Token ids of each message, in the original's order of pieces.
    fn encode_each(&self, named: &NamedTemplate, setting: &Setting, messages: &[Message]) -> Result<Vec<Vec<u32>>> {
        let mut system = match setting.system.as_deref() {
            None | Some("") => named.default_system.to_owned(),
            Some(text) => text.to_owned(),
        };
        let tools = setting.tools.as_deref().filter(|t| !t.is_empty());
        // An empty list of tools still makes a system turn.
        let has_system = !system.is_empty() || tools.is_some();
        if let Some(tools) = tools {
            system.push_str(&self.tools.unwrap_or(named.tools).offer(tools)?);
        }
        let mut encoded = Vec::with_capacity(messages.len());
        for (i, message) in messages.iter().enumerate() {
            let mut ids = Vec::new();
            let mut content = Cow::Borrowed(message.content.as_str());
            if i == 0 {
                self.push(&mut ids, named.prefix, "")?;
                if has_system {
                    match named.system_place {
                        SystemPlace::OwnTurn => self.push(&mut ids, named.system, &system)?,
                        SystemPlace::FirstUser => {
                            if let [Slot::Text(text)] = named.system {
                                content = Cow::Owned(fill(text, &system) + &content);
                            }
                        }
                    }
                }
            }
            self.push_message(&mut ids, named, message, &content)?;
            encoded.push(ids);
        }
        Ok(encoded)
    }

    fn push_message(&self, ids: &mut Vec<u32>, named: &NamedTemplate, message: &Message, content: &str) -> Result<()> {
        match message.role {
            Role::User => self.push(ids, named.user, content),
            Role::Assistant => self.push(ids, named.assistant, content),
            Role::Observation => self.push_answers(ids, named, message),
            Role::Function => {
                let calls = self.tools.unwrap_or(named.tools).call(&message.content)?;
                let text = match message
                    .said
                    .as_deref()
                    .map(str::trim_end)
                    .filter(|said| !said.is_empty())
                {
                    Some(said) => [said, "\n", &calls].concat(),
                    None => calls,
                };
                let slots = match self.tools {
                    Some(_) => named::CONTENT_EOS,
                    None => named.function,
                };
                self.push(ids, slots, &text)
            }
        }
    }

    /// What tools answered: in one turn or a turn each, the assistant's lead after the last.
    fn push_answers(&self, ids: &mut Vec<u32>, named: &NamedTemplate, message: &Message) -> Result<()> {
        let texts: Vec<&str> = message.answers.iter().map(|answer| answer.content.as_str()).collect();
        match (texts.split_last(), named.between_answers) {
            (None, _) => self.push(ids, named.observation, &message.content),
            (Some(_), Some(between)) => self.push(ids, named.observation, &texts.join(between)),
            (Some((last, before)), None) => {
                let (end, slots) = match named.observation.split_last() {
                    Some((Slot::Text(text), slots)) => (text.strip_suffix(named.lead).unwrap_or(text), slots),
                    _ => ("", named.observation),
                };
                for text in before {
                    self.push(ids, slots, text)?;
                    ids.extend(self.tokenizer.encode(&fill(end, text))?);
                }
                self.push(ids, named.observation, last)
            }
        }
    }

    fn push(&self, ids: &mut Vec<u32>, slots: &[Slot], content: &str) -> Result<()> {
        for slot in slots {
            match slot {
                Slot::Text(text) => ids.extend(self.tokenizer.encode(&fill(text, content))?),
                Slot::Bos => ids.extend(self.tokenizer.bos().map(|t| t.id)),
                Slot::Eos => ids.extend(self.tokenizer.eos().map(|t| t.id)),
            }
        }
        Ok(())
    }

    /// Removes a reply's thoughts where thinking is off, and says where an empty block goes.
    fn thought(&self, reply: &mut Message) -> Thought {
        if self.thinking == Thinking::Off {
            reply.content = without_thought(&reply.content);
        }
        if reply.content.contains(THINK.0) || reply.content.contains(THINK.1) {
            Thought::None
        } else if matches!(self.thinking, Thinking::Unsaid | Thinking::On) {
            Thought::InReply
        } else {
            Thought::InPrompt
        }
    }

    fn with_thought(
        &self,
        thought: Thought,
        mut prompt: Vec<u32>,
        mut reply: Vec<u32>,
    ) -> Result<(Vec<u32>, Vec<u32>)> {
        match thought {
            Thought::None => {}
            Thought::InPrompt => prompt.extend(self.tokenizer.encode(EMPTY_THOUGHT)?),
            Thought::InReply => {
                let mut ids = self.tokenizer.encode(EMPTY_THOUGHT)?;
                ids.append(&mut reply);
                reply = ids;
            }
        }
        Ok((prompt, reply))
    }
}

/// Where an empty thought block goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Thought {
    None,
    InPrompt,
    InReply,
}

/// `{}` replaced by the content, once.
fn fill(text: &str, content: &str) -> String {
    match text.split_once("{}") {
        Some((before, after)) => [before, content, after].concat(),
        None => text.to_owned(),
    }
}

/// Whether a turn of tool calls is something templates can write; the error says why not.
pub(in crate::data) fn check_calls(content: &str) -> Result<()> {
    tools::parse_calls(content).map(drop)
}

/// Whether a text is a list of tools that templates can offer; the error says why not.
pub(in crate::data) fn check_tools(text: &str) -> Result<()> {
    tools::parse_tools(text).map(drop)
}

/// A turn whose thoughts stand apart, with them in its text where the template has a place for them.
fn with_reasoning(named: &NamedTemplate, message: &Message) -> Message {
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

fn without_thought(content: &str) -> String {
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

/// Turns alternate: a user or a tool, then the assistant.
fn check_turns(prompt: &[Message], replies: &[&Message]) -> Result<()> {
    if prompt.len().is_multiple_of(2) {
        return Err(DataError::row(format!(
            "{} turns before the reply; they alternate, beginning and ending with the user's",
            prompt.len()
        )));
    }
    let sides = prompt.iter().enumerate().map(|(i, m)| (i, m.role, i % 2 == 1));
    let last = replies.iter().map(|m| (prompt.len(), m.role, true));
    for (i, role, replies) in sides.chain(last) {
        if role.is_reply() != replies {
            return Err(DataError::row(format!(
                "turn {} is the {}'s; turns alternate, beginning with the user's",
                i + 1,
                if replies { "user" } else { "assistant" },
            )));
        }
    }
    Ok(())
}
