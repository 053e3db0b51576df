//! The encoder: a tokenizer with a template, between conversations and token ids.

use std::borrow::Cow;
use std::path::Path;

use protocol::config::{Thinking, Wording};

use super::chat::Frame;
use super::examine::Omissions;
use super::message::{EncodedTurn, Message, Role, Setting};
use super::moment::{Clock, Moment};
use super::named::Reasoning;
use super::pieces::History;
use super::tools::ToolFormat;
use super::{Template, export, ollama};
use crate::data::Pair;
use crate::data::error::{DataError, Result};
use crate::data::tokenizer::Tokenizer;
use protocol::said::Arg;
use protocol::says;

/// A tokenizer with a template: encodes conversations to token ids.
#[derive(Debug, Clone)]
pub struct Encoder {
    pub(super) tokenizer: Tokenizer,
    template: Template,
    pub(super) thinking: Option<Thinking>,
    /// The format of tools, if not the template's.
    pub(super) tools: Option<ToolFormat>,
    /// The system message of conversations without one, in place of the template's.
    pub(super) system: Option<String>,
    pub(super) clock: Clock,
    added: Vec<String>,
}

/// All that tokens depend on, for the token cache.
pub(in crate::data) struct EncoderOrigin {
    pub template: String,
    /// The day or time, if the template uses it.
    pub moment: Option<String>,
    pub tokenizer: String,
}

impl Encoder {
    /// Binds `template` to `tokenizer`: if a template ends turns with a token of its own, that becomes the EOS token.
    pub fn new(mut tokenizer: Tokenizer, template: Template, thinking: impl Into<Option<Thinking>>) -> Result<Self> {
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
            thinking: thinking.into(),
            tools: None,
            system: None,
            clock: Clock::Stopped(Moment::now()),
            added,
        })
    }

    /// An encoder with this template, and with the other settings of `wording`.
    pub fn worded(tokenizer: Tokenizer, template: Template, wording: &Wording) -> Result<Self> {
        let mut this = Self::new(tokenizer, template, wording.thinking)?;
        if let Some(format) = wording.tool_format.as_deref() {
            this = this.with_tool_format(format)?;
        }
        this.system.clone_from(&wording.system);
        Ok(this)
    }

    /// Gives templates the time by this clock.
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The time that templates are given now.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// What the tokens of a conversation depend on.
    pub(in crate::data) fn origin(&self) -> EncoderOrigin {
        let (wording, now) = (self.wording(), self.now());
        let (source, asks) = match &self.template {
            Template::Named(named) => {
                let tools = self.tools.unwrap_or(named.tools);
                (named.name, tools.tells_the_day().then_some("%d"))
            }
            Template::Model(chat) => {
                let source = chat.source();
                (source, source.contains("strftime_now").then_some(source))
            }
        };
        let within_a_day = [
            "%H", "%-H", "%I", "%-I", "%M", "%S", "%p", "%c", "%X", "%T", "%R", "%f", "%s",
        ];
        let moment = asks.map(|asks| match within_a_day.iter().any(|part| asks.contains(part)) {
            true => now.format("%Y-%m-%d %H:%M:%S"),
            false => now.format("%Y-%m-%d"),
        });
        let tokenizer = &self.tokenizer;
        let special = [tokenizer.bos(), tokenizer.eos(), tokenizer.pad(), tokenizer.unk()];
        let words = tokenizer.inner().to_string(false).unwrap_or_default();
        EncoderOrigin {
            template: format!("{source}\n{wording:?}"),
            moment,
            tokenizer: format!("{special:?} {}\n{words}", tokenizer.add_bos_token()),
        }
    }

    /// The settings of this encoder, to be saved with what is trained with it.
    pub fn wording(&self) -> Wording {
        Wording {
            template: self.template.name().map(str::to_owned),
            tool_format: self.tools.map(|format| format.name().to_owned()),
            system: self.system.clone(),
            thinking: self.thinking,
            fast: self.tokenizer.fast(),
        }
    }

    /// Writes tools and their calls as LLaMA-Factory's `tool_format` of this name does: a call is then the text and the
    /// EOS token, whatever stands around it in the template. The model's own template has no such choice.
    pub fn with_tool_format(mut self, name: &str) -> Result<Self> {
        let format = ToolFormat::find(name).ok_or_else(|| {
            let names = ToolFormat::NAMES.map(|(name, _)| name).join(", ");
            let template = match &self.template {
                Template::Named(named) => Arg::from(named.name),
                Template::Model(_) => says::of_the_model().into(),
            };
            DataError::template(template, says::tool_format_unknown(name, names))
        })?;
        if let Template::Model(_) = self.template {
            let problem = says::tool_format_of_model(name);
            return Err(DataError::template(says::of_the_model(), problem));
        }
        self.tools = Some(format);
        Ok(self)
    }

    /// The encoder of a model folder, with the named template or the model's own.
    pub fn from_dir(dir: &Path, template: Option<&str>, thinking: impl Into<Option<Thinking>>) -> Result<Self> {
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

    /// The last turn of a conversation: its prompt is `prompt`, which begins and ends with a user's turn.
    ///
    /// # Errors
    /// Turns that do not alternate, or that the template refuses.
    pub fn last_turn(&self, setting: &Setting, prompt: &[Message], reply: &Message) -> Result<EncodedTurn> {
        check_turns(prompt, &[reply])?;
        match &self.template {
            Template::Model(chat) => chat.last_turn(self.frame(&self.settled(setting)), prompt, reply),
            Template::Named(named) => {
                let prompt = self.encode_prompt(named, setting, prompt)?;
                let (thought, reply) = self.encode_reply(named, reply)?;
                self.with_thought(named, thought, EncodedTurn { prompt, reply })
            }
        }
    }

    /// A prompt with its chosen and its rejected reply, which share the prompt's tokens.
    ///
    /// # Errors
    /// As of [`Encoder::last_turn`].
    pub fn pair(&self, setting: &Setting, prompt: &[Message], chosen: &Message, rejected: &Message) -> Result<Pair> {
        check_turns(prompt, &[chosen, rejected])?;
        match &self.template {
            Template::Model(chat) => chat.pair(self.frame(&self.settled(setting)), prompt, [chosen, rejected]),
            Template::Named(named) => {
                let prompt = self.encode_prompt(named, setting, prompt)?;
                let (thought, reply) = self.encode_reply(named, chosen)?;
                let chosen = self.with_thought(named, thought, EncodedTurn { prompt, reply })?;
                let (thought, reply) = self.encode_reply(named, rejected)?;
                // the prompt is the chosen reply's
                let without_prompt = EncodedTurn {
                    prompt: Vec::new(),
                    reply,
                };
                let rejected = self.with_thought(named, thought, without_prompt)?;
                let closed = |mut reply: Vec<u32>| {
                    reply.extend(self.closing());
                    reply
                };
                Ok(Pair {
                    prompt: chosen.prompt,
                    chosen: closed(chosen.reply),
                    rejected: closed(rejected.reply),
                })
            }
        }
    }

    /// All turns, in order. If the model's chat template writes earlier replies in another way than the last one (as
    /// reasoning models' templates do), there is one turn: the last, with all before it as its prompt.
    ///
    /// # Errors
    /// As of [`Encoder::last_turn`].
    pub fn turns(&self, setting: &Setting, messages: &[Message]) -> Result<Vec<EncodedTurn>> {
        let (reply, prompt) = messages.split_last().ok_or_else(|| DataError::row(says::no_turns()))?;
        check_turns(prompt, &[reply])?;
        match &self.template {
            Template::Model(chat) => chat.turns(self.frame(&self.settled(setting)), messages),
            Template::Named(named) => self.named_turns(named, setting, messages, History::Learned),
        }
    }

    /// As [`Encoder::turns`], for training on the last reply alone: earlier ones lose their thoughts, as they do in a
    /// prompt.
    pub fn turns_to_last(&self, setting: &Setting, messages: &[Message]) -> Result<Vec<EncodedTurn>> {
        match &self.template {
            Template::Model(_) => self.turns(setting, messages),
            Template::Named(named) => {
                let (reply, prompt) = messages.split_last().ok_or_else(|| DataError::row(says::no_turns()))?;
                check_turns(prompt, &[reply])?;
                self.named_turns(named, setting, messages, History::Prompt)
            }
        }
    }

    /// What the template leaves out of a prompt with these replies.
    ///
    /// # Errors
    /// It leaves out a whole turn.
    pub fn examine(&self, setting: &Setting, prompt: &[Message], replies: &[&Message]) -> Result<Omissions> {
        match &self.template {
            Template::Model(chat) => chat.examine(self.frame(&self.settled(setting)), prompt, replies),
            Template::Named(named) => {
                let mut all = prompt.iter().chain(replies.iter().copied());
                Ok(Omissions {
                    thoughts: named.reasoning == Reasoning::No && all.any(|m| m.reasoning.is_some()),
                    ..Omissions::default()
                })
            }
        }
    }

    /// The prompt that makes the model reply to `messages`, which end with a user's turn or a tool's result.
    pub fn prompt(&self, setting: &Setting, messages: &[Message]) -> Result<Vec<u32>> {
        match &self.template {
            Template::Model(chat) => chat.prompt(self.frame(&self.settled(setting)), messages),
            Template::Named(_) => {
                let reply = Message::new(Role::Assistant, "");
                Ok(self.last_turn(setting, messages, &reply)?.prompt)
            }
        }
    }

    /// The end token of a plain text in pre-training.
    pub fn document_end(&self) -> &str {
        match &self.template {
            Template::Named(named) if named.name == "llama3" => "<|end_of_text|>",
            _ => self.tokenizer.eos().map_or("", |eos| eos.text.as_str()),
        }
    }

    /// The token ids of a text of stage `pt`, as a prompt that the model continues.
    pub fn text_start(&self, text: &str) -> Result<Vec<u32>> {
        let bos = self.tokenizer.bos().filter(|_| self.tokenizer.add_bos_token());
        let ids = self.tokenizer.encode(text)?;
        Ok(bos.map(|bos| bos.id).into_iter().chain(ids).collect())
    }

    /// The token that ends a conversation, if the template's replies don't end with one.
    pub fn closing(&self) -> Option<u32> {
        match &self.template {
            Template::Named(named) if named.efficient_eos => self.tokenizer.eos().map(|eos| eos.id),
            _ => None,
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
            Template::Named(named) => {
                let system = self.system.as_deref().unwrap_or(named.default_system);
                export::jinja(named, system, self.thinking, &self.tokenizer)
            }
            Template::Model(chat) => chat.source().to_owned(),
        }
    }

    /// The lines of Ollama's Modelfile that say the same; `None` for the model's own template, which its files have.
    pub fn to_ollama(&self) -> Option<String> {
        match &self.template {
            Template::Named(named) => {
                let system = self.system.as_deref().unwrap_or(named.default_system);
                Some(ollama::lines(named, system, &self.tokenizer))
            }
            Template::Model(_) => None,
        }
    }

    fn frame<'a>(&'a self, setting: &'a Setting) -> Frame<'a> {
        Frame {
            tokenizer: &self.tokenizer,
            thinking: self.thinking,
            setting,
            now: self.clock.now(),
        }
    }

    /// The setting that the model's own template is given: with the encoder's system message, if the conversation has
    /// none.
    fn settled<'a>(&self, setting: &'a Setting) -> Cow<'a, Setting> {
        let mut settled = Cow::Borrowed(setting);
        if let Some(system) = self.system.as_deref().filter(|system| !system.is_empty())
            && setting.system.as_deref().is_none_or(str::is_empty)
        {
            settled.to_mut().system = Some(system.to_owned());
        }
        settled
    }
}

/// Checks that turns alternate: a user or a tool, then the assistant.
fn check_turns(prompt: &[Message], replies: &[&Message]) -> Result<()> {
    if prompt.len().is_multiple_of(2) {
        return Err(DataError::row(says::turns_before_reply(prompt.len())));
    }
    let sides = prompt.iter().enumerate().map(|(i, m)| (i, m.role, i % 2 == 1));
    let last = replies.iter().map(|m| (prompt.len(), m.role, true));
    for (i, role, replies) in sides.chain(last) {
        if role.is_reply() != replies {
            return Err(DataError::row(match replies {
                true => says::turn_is_users(i + 1),
                false => says::turn_is_assistants(i + 1),
            }));
        }
    }
    Ok(())
}
