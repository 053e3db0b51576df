//! The messages of a chat request: what was said so far, with calls of tools, as OpenAI's clients write it.

use super::fields;
use super::request::Refusal;
use protocol::chat::{Message, ToolCall};
use protocol::says;
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Debug, Deserialize)]
pub(super) struct Turn {
    role: String,
    content: Option<Content>,
    name: Option<String>,
    tool_call_id: Option<String>,
    tool_calls: Option<Vec<Call>>,
    /// A call, as it was written before there were tools.
    function_call: Option<Function>,
    /// Everything else.
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
struct Call {
    id: Option<String>,
    function: Function,
}

#[derive(Debug, Deserialize)]
struct Function {
    name: String,
    #[serde(default)]
    arguments: Value,
}

/// A text, or OpenAI's list of parts (texts only: nothing is ever fetched).
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "takes a text, or a list of parts")]
enum Content {
    Text(String),
    Parts(Vec<Value>),
}

pub(super) fn messages(turns: Vec<Turn>) -> Result<Vec<Message>, Refusal> {
    if turns.is_empty() {
        return Err(Refusal::new("empty", "messages", says::messages_empty()));
    }
    turns
        .into_iter()
        .enumerate()
        .map(|(i, turn)| message(i, turn))
        .collect()
}

fn message(i: usize, mut turn: Turn) -> Result<Message, Refusal> {
    let role = match turn.role.as_str() {
        "developer" => "system".to_owned(),
        "system" | "user" | "assistant" | "tool" => turn.role,
        // its name before there were tools
        "function" => "tool".to_owned(),
        other => {
            return Err(Refusal::new(
                "role",
                format!("messages[{i}].role"),
                says::chat_role(other.escape_debug().to_string()),
            ));
        }
    };
    let reasoning = match role.as_str() {
        "assistant" => take_reasoning(&mut turn.rest),
        _ => None,
    };
    if let Some(field) = fields::unread(&turn.rest) {
        let field = field.escape_debug();
        let field = format!("messages[{i}].{field}");
        let said = says::field_unknown(&field);
        return Err(Refusal::new("unsupported", field, said));
    }
    let call = |call: Call| ToolCall {
        id: call.id,
        name: call.function.name,
        arguments: match call.function.arguments {
            // as OpenAI sends them: JSON in a text
            Value::String(text) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
            other => other,
        },
    };
    let legacy = turn.function_call.map(|function| Call { id: None, function });
    let calls = turn.tool_calls.unwrap_or_default().into_iter().chain(legacy);
    let tool_calls: Vec<ToolCall> = calls.map(call).collect();
    let content = match turn.content {
        Some(Content::Text(text)) => text,
        Some(Content::Parts(parts)) => {
            let parts: Result<Vec<_>, _> = parts.iter().map(|value| part(i, value)).collect();
            parts?.join("\n")
        }
        None if role == "assistant" && !tool_calls.is_empty() => String::new(),
        None => {
            return Err(Refusal::new(
                "empty",
                format!("messages[{i}].content"),
                says::message_without_content(i + 1, role),
            ));
        }
    };
    Ok(Message {
        role,
        content,
        reasoning,
        name: turn.name,
        tool_call_id: turn.tool_call_id,
        tool_calls,
    })
}

/// Takes the reasoning out of a message's other fields, by either name under which clients send it back.
fn take_reasoning(rest: &mut Map<String, Value>) -> Option<String> {
    ["reasoning_content", "reasoning"].into_iter().find_map(|name| {
        let text = rest.get(name)?.as_str().filter(|text| !text.is_empty())?.to_owned();
        rest.remove(name);
        Some(text)
    })
}

fn part(i: usize, part: &Value) -> Result<String, Refusal> {
    match (part["type"].as_str(), part["text"].as_str()) {
        // the second is its name in OpenAI's other API
        (Some("text" | "input_text"), Some(text)) => Ok(text.to_owned()),
        (Some("refusal"), _) => Err(Refusal::new(
            "unsupported",
            format!("messages[{i}].content"),
            says::part_refusal(),
        )),
        _ => Err(Refusal::new(
            "unsupported",
            format!("messages[{i}].content"),
            says::parts_are_texts(),
        )),
    }
}
