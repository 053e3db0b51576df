//! Templates: conversations to token ids, by a named template or by the model's own chat template.

mod chat;
mod encoder;
mod examine;
mod export;
mod jinja;
mod message;
mod moment;
mod named;
mod ollama;
mod pieces;
mod shapes;
mod table;
mod thoughts;
mod tools;

#[cfg(test)]
mod tests;

pub use chat::ChatTemplate;
pub use encoder::Encoder;
pub use examine::Omissions;
pub use jinja::cancelled_by;
pub use message::{Answer, EncodedTurn, Message, Role, Setting};
pub use moment::{Clock, Moment};
pub use named::{Delimiters, NamedTemplate, Reasoning, Slot, SystemPlace, ThoughtWords};
pub use protocol::config::Thinking;
pub use table::TEMPLATES;
pub use tools::ToolFormat;

use std::path::Path;

use protocol::config::{TemplateSource, no_template};

use super::error::{DataError, Result};
use super::tokenizer::Tokenizer;
use super::tokenizer_read::read;
use protocol::says;

/// How a conversation becomes text.
#[derive(Debug, Clone)]
pub enum Template {
    Named(&'static NamedTemplate),
    /// The model's own, in Jinja.
    Model(Box<ChatTemplate>),
}

impl Template {
    /// A template by LLaMA-Factory's name.
    pub fn named(name: &str) -> Result<Self> {
        NamedTemplate::find(name).map(Self::Named).ok_or_else(|| {
            let without = || says::internal_error("a template that no table has");
            let problem = no_template(name).map_or_else(without, |no| no.said);
            DataError::template(name, problem)
        })
    }

    /// The chat template that came with the model.
    pub fn from_model(tokenizer: &Tokenizer) -> Result<Self> {
        let source = tokenizer.chat_template().ok_or_else(|| {
            let problem = match tokenizer.other_templates() {
                [] => says::no_chat_template(),
                names => says::no_default_template(names.join(", ")),
            };
            DataError::template(says::of_the_model(), problem)
        })?;
        Ok(Self::Model(Box::new(ChatTemplate::new(source, tokenizer)?)))
    }

    /// What a config's `template` says: a name, or a template in Jinja or its file; else the model's own.
    pub fn choose(template: Option<&str>, tokenizer: &Tokenizer) -> Result<Self> {
        match template.map(TemplateSource::of) {
            Some(TemplateSource::Named(name)) => Self::named(name),
            Some(TemplateSource::Text(text)) => Self::own(text, tokenizer),
            Some(TemplateSource::File(path)) => Self::own(&read_template(Path::new(path))?, tokenizer),
            None => Self::from_model(tokenizer),
        }
    }

    /// A person's own, in Jinja.
    fn own(source: &str, tokenizer: &Tokenizer) -> Result<Self> {
        Ok(Self::Model(Box::new(ChatTemplate::own(source, tokenizer)?)))
    }

    /// What a config would say: its name, or the whole of a person's own; `None` for the model's own.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Named(t) => Some(t.name),
            Self::Model(chat) => chat.is_own().then(|| chat.source()),
        }
    }

    /// What it is called where its name must be short.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Named(t) => t.name,
            Self::Model(chat) if chat.is_own() => "own",
            Self::Model(_) => "chat_template",
        }
    }
}

/// The text of a file with a template.
pub fn read_template(path: &Path) -> Result<String> {
    let bytes = read(path)?.ok_or_else(|| DataError::file(path, says::no_such_file(path.display().to_string())))?;
    let text = String::from_utf8(bytes).map_err(|_| DataError::file(path, says::not_utf8()))?;
    match text.len() > TemplateSource::MOST {
        true => Err(DataError::file(
            path,
            says::template_too_long(text.len(), TemplateSource::MOST),
        )),
        false if matches!(TemplateSource::of(&text), TemplateSource::Text(_)) => Ok(text),
        // it would write no turn
        false => Err(DataError::file(path, says::template_unreadable("{{ … }}"))),
    }
}

/// Whether a turn of tool calls is something templates can write; the error says why not.
pub(in crate::data) fn check_calls(content: &str) -> Result<()> {
    let (_, calls) = tools::parse_calls(content)?;
    let words = |call: &&tools::Call| call.arguments.as_str().is_some_and(|text| !text.trim().is_empty());
    match calls.iter().find(words) {
        Some(call) => Err(DataError::row(says::arguments_no_object(&call.name))),
        None => Ok(()),
    }
}

/// Whether a text is a list of tools that templates can offer; the error says why not.
pub(in crate::data) fn check_tools(text: &str) -> Result<()> {
    tools::parse_tools(text).map(drop)
}
