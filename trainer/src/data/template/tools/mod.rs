//! Tool descriptions and tool calls as text, in the layouts the named templates use.

mod call;
mod offer;

use super::jinja::json::{self, Style};
use super::jinja::{Limits, Value};
use super::named::Delimiters;
use crate::data::error::{DataError, Result};
use protocol::says;

/// How a template writes tools and calls. JSON keys keep the order they have in the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToolFormat {
    /// `Action:` / `Action Input:` lines.
    Default,
    Gemma4,
    Glm4,
    /// Calls in tags, an argument's name and value a tag each.
    Glm4Moe,
    /// Calls as Python writes them.
    Lfm2,
    Ling,
    Llama3,
    MiniMax1,
    MiniMax2,
    Mistral,
    /// The list as the data has it, in tags; calls as in `Default`. No `tool_format` of its own.
    Phi4Mini,
    Qwen,
    /// Calls in tags, an argument a tag.
    Qwen35,
    SeedOss,
}

/// A call of a function by the assistant.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub name: String,
    pub arguments: Value,
    /// The id by which a tool's result names it.
    pub id: Option<Value>,
}

/// What a function turn's thoughts and calls are between, where the data writes them so.
#[derive(Debug, Clone, Copy)]
pub(super) struct CallWords {
    pub thought: Delimiters,
    pub call: Delimiters,
}

/// Most templates'.
pub(super) const CALL_TAGS: Delimiters = Delimiters {
    open: "<tool_call>",
    close: "</tool_call>",
};
const USUAL: CallWords = CallWords {
    thought: Delimiters {
        open: "<think>",
        close: "</think>",
    },
    call: CALL_TAGS,
};

/// Reads one call or a list of calls from a function turn, and the `<think>` block before it, if any.
pub(super) fn parse_calls(content: &str) -> Result<(Option<String>, Vec<Call>)> {
    parse_calls_in(content, USUAL)
}

/// As [`parse_calls`], between a template's own words.
pub(super) fn parse_calls_in(content: &str, words: CallWords) -> Result<(Option<String>, Vec<Call>)> {
    let (thought, rest) = split_thought(content, words);
    let parsed = json::parse(&rest).map_err(|e| DataError::row(says::bad_call(e.to_string())))?;
    let list = match &parsed {
        Value::List(list) => list.items.clone(),
        _ => vec![parsed],
    };
    let calls = list
        .into_iter()
        .map(|call| {
            // OpenAI nests name and arguments under `function`.
            let id = field(&call, "id");
            let inner = field(&call, "function").unwrap_or(call);
            let name = field(&inner, "name")
                .and_then(|n| n.as_str().map(str::to_owned))
                .ok_or_else(|| DataError::row(says::call_without_name()))?;
            let arguments =
                field(&inner, "arguments").ok_or_else(|| DataError::row(says::call_without_arguments(&name)))?;
            // OpenAI writes them as a JSON string.
            let arguments = match arguments.as_str().map(json::parse) {
                Some(Ok(value)) => value,
                _ => arguments,
            };
            Ok(Call { name, arguments, id })
        })
        .collect::<Result<_>>()?;
    Ok((thought, calls))
}

/// The calls of a function turn, every function called `name`.
pub(super) fn renamed(content: &str, name: &str) -> Result<String> {
    let (thought, rest) = split_thought(content, USUAL);
    let mut parsed: serde_json::Value =
        serde_json::from_str(&rest).map_err(|e| DataError::row(says::bad_call(e.to_string())))?;
    let rename = |call: &mut serde_json::Value| {
        let nested = call.get("function").is_some_and(serde_json::Value::is_object);
        let holder = if nested { call.get_mut("function") } else { Some(call) };
        if let Some(serde_json::Value::Object(map)) = holder {
            map.insert("name".into(), name.into());
            map.insert("arguments".into(), serde_json::json!({ name: name }));
        }
    };
    match &mut parsed {
        serde_json::Value::Array(list) => list.iter_mut().for_each(rename),
        one => rename(one),
    }
    Ok(format!("{}{parsed}", thought.unwrap_or_default()))
}

/// Reads the tools a conversation offers: a JSON list of descriptions.
pub(super) fn parse_tools(text: &str) -> Result<Vec<Value>> {
    let parsed = json::parse(text).map_err(|e| DataError::row(says::bad_tools(e.to_string())))?;
    match parsed {
        Value::List(list) => Ok(list.items.clone()),
        _ => Err(DataError::row(says::tools_must_be_list())),
    }
}

impl ToolFormat {
    /// All of them by LLaMA-Factory's names.
    pub const NAMES: [(&'static str, Self); 13] = [
        ("default", Self::Default),
        ("gemma4", Self::Gemma4),
        ("glm4", Self::Glm4),
        ("glm4_moe", Self::Glm4Moe),
        ("lfm2", Self::Lfm2),
        ("ling", Self::Ling),
        ("llama3", Self::Llama3),
        ("minimax1", Self::MiniMax1),
        ("minimax2", Self::MiniMax2),
        ("mistral", Self::Mistral),
        ("qwen", Self::Qwen),
        ("qwen3_5", Self::Qwen35),
        ("seed_oss", Self::SeedOss),
    ];

    /// Looks a format up by name.
    pub fn find(name: &str) -> Option<Self> {
        Self::NAMES
            .into_iter()
            .find(|(n, _)| *n == name)
            .map(|(_, format)| format)
    }

    pub fn name(self) -> &'static str {
        let own = Self::NAMES.into_iter().find(|(_, format)| *format == self);
        own.map_or("default", |(name, _)| name)
    }
}

/// JSON as Python's `json.dumps(value, ensure_ascii=False)` writes it: `", "` and `": "` between things, or one thing a
/// line where indented.
fn dump(value: &Value, indent: Option<usize>) -> Result<String> {
    json::dump(&Limits::new(0), value, &Style::plain(indent))
        .map_err(|e| DataError::row(says::template_too_much(e.message)))
}

fn listed(items: Vec<Value>) -> Result<Value> {
    Value::list(items).map_err(|e| DataError::row(says::template_too_much(e.message)))
}

fn object(call: &Call, key: &str) -> Result<Value> {
    let entries = [("name", Value::str(&call.name)), (key, call.arguments.clone())];
    Value::dict(entries).map_err(|e| DataError::row(says::template_too_much(e.message)))
}

/// The text before the calls, and the calls. Thoughts keep the empty lines after them; calls may be between tags, with
/// text around them.
fn split_thought(content: &str, words: CallWords) -> (Option<String>, String) {
    let Delimiters { open, close } = words.thought;
    if let Some((before, rest)) = content.split_once(words.call.open)
        && let Some((calls, after)) = rest.split_once(words.call.close)
        && json::parse(content).is_err()
    {
        return (Some([before, after].concat()), calls.to_owned());
    }
    let thought = content.find(open).and_then(|start| {
        let end = content.rfind(close)? + close.len();
        let lines = content.get(end..)?.bytes().take_while(|b| *b == b'\n').count();
        content.get(start..end + lines)
    });
    match thought {
        None => (None, content.to_owned()),
        Some(thought) => (Some(thought.to_owned()), content.replace(thought, "")),
    }
}

fn field(value: &Value, key: &str) -> Option<Value> {
    value.get(key).filter(|v| !v.is_none())
}

fn text_of(value: &Value, key: &str) -> String {
    field(value, key).map(|v| v.python()).unwrap_or_default()
}

/// `{"type": "function", "function": {…}}`, whichever of the two forms came in.
fn wrapped(tool: &Value) -> Result<Value> {
    if text_of(tool, "type") == "function" {
        return Ok(tool.clone());
    }
    let entries = [("type", Value::str("function")), ("function", tool.clone())];
    Value::dict(entries).map_err(|e| DataError::row(says::template_too_much(e.message)))
}

fn unwrapped(tool: &Value) -> Value {
    match text_of(tool, "type") == "function" {
        true => field(tool, "function").unwrap_or(Value::None),
        false => tool.clone(),
    }
}
