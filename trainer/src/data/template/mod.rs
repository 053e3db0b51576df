//! Templates: conversations to token ids, by a named template or by the model's own chat template.

mod chat;
mod encoder;
mod examine;
mod export;
mod jinja;
mod message;
mod moment;
mod named;
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
pub use message::{Answer, Message, Role, Setting};
pub use moment::{Clock, Moment};
pub use named::{NamedTemplate, Reasoning, Slot, SystemPlace, ThoughtWords};
pub use protocol::config::Thinking;
pub use table::TEMPLATES;
pub use tools::ToolFormat;

use protocol::config::no_template;

use super::error::{DataError, Result};
use super::tokenizer::Tokenizer;
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
