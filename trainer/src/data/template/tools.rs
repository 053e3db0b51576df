//! Tool descriptions and tool calls as text, in the layouts the named templates use.

use super::Moment;
use super::jinja::json::{self, Style};
use super::jinja::{Limits, Value};
use crate::data::error::{DataError, Result};
use protocol::says;

/// How a template writes tools and calls. JSON keys keep the order they have in the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToolFormat {
    /// `Action:` / `Action Input:` lines.
    Default,
    Glm4,
    Llama3,
    Mistral,
    Qwen,
    /// Calls in tags, an argument a tag.
    Qwen35,
}

/// A call of a function by the assistant.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub name: String,
    pub arguments: Value,
    /// What a tool's answer names it by.
    pub id: Option<Value>,
}

/// Reads one call or a list of calls from a function turn, and the `<think>` block before it, if any.
pub(super) fn parse_calls(content: &str) -> Result<(Option<String>, Vec<Call>)> {
    let (thought, rest) = split_thought(content);
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
    let (thought, rest) = split_thought(content);
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
    pub const NAMES: [(&'static str, Self); 6] = [
        ("default", Self::Default),
        ("glm4", Self::Glm4),
        ("llama3", Self::Llama3),
        ("mistral", Self::Mistral),
        ("qwen", Self::Qwen),
        ("qwen3_5", Self::Qwen35),
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

    /// What is appended to the system message to offer `tools`. Llama 3's has the day in it.
    pub(super) fn offer(self, tools: &str, now: Moment) -> Result<String> {
        let tools = parse_tools(tools)?;
        if tools.is_empty() {
            return Ok(String::new());
        }
        let each = |write: &dyn Fn(&Value) -> Result<String>| -> Result<String> {
            let texts: Result<Vec<String>> = tools.iter().map(write).collect();
            Ok(texts?.concat())
        };
        Ok(match self {
            Self::Default => {
                let names: Vec<String> = tools.iter().map(|t| text_of(&unwrapped(t), "name")).collect();
                let text = each(&|tool| Ok(describe(&unwrapped(tool))))?;
                format!(
                    "You have access to the following tools:\n{text}\
                     Use the following format if using a tool:\n```\n\
                     Action: tool name (one of [{}])\n\
                     Action Input: the input to the tool, in a JSON format representing the kwargs \
                     (e.g. ```{{\"input\": \"hello world\", \"num_beams\": 5}}```)\n```\n",
                    names.join(", ")
                )
            }
            Self::Glm4 => {
                let text = each(&|tool| {
                    let tool = unwrapped(tool);
                    let body = dump(&tool, Some(4))?;
                    let name = text_of(&tool, "name");
                    Ok(format!(
                        "\n\n## {name}\n\n{body}\n在调用上述函数时，请使用 Json 格式表示调用的参数。"
                    ))
                })?;
                format!(
                    "你是一个名为 ChatGLM 的人工智能助手。你是基于智谱 AI 公司训练的语言模型 GLM-4 模型开发的，\
                     你的任务是针对用户的问题和要求提供适当的答复和支持。\n\n# 可用工具{text}"
                )
            }
            Self::Llama3 => {
                let text = each(&|tool| Ok(dump(&wrapped(tool)?, Some(4))? + "\n\n"))?;
                let day = now.format("%d %b %Y");
                format!(
                    "Cutting Knowledge Date: December 2023\nToday Date: {day}\n\n\
                     You have access to the following functions. To call a function, please respond with JSON \
                     for a function call. Respond in the format {{\"name\": function name, \"parameters\": \
                     dictionary of argument name and its value}}. Do not use variables.\n\n{text}"
                )
            }
            Self::Mistral => {
                let list: Result<Vec<Value>> = tools.iter().map(wrapped).collect();
                format!("[AVAILABLE_TOOLS] {}[/AVAILABLE_TOOLS]", dump(&listed(list?)?, None)?)
            }
            Self::Qwen => {
                let text = each(&|tool| Ok(format!("\n{}", dump(&wrapped(tool)?, None)?)))?;
                format!(
                    "\n\n# Tools\n\nYou may call one or more functions to assist with the user query.\n\n\
                     You are provided with function signatures within <tools></tools> XML tags:\n<tools>{text}\
                     \n</tools>\n\nFor each function call, return a json object with function name and arguments \
                     within <tool_call></tool_call> XML tags:\n<tool_call>\n{{\"name\": <function-name>, \
                     \"arguments\": <args-json-object>}}\n</tool_call>"
                )
            }
            Self::Qwen35 => {
                let text = each(&|tool| Ok(format!("\n{}", dump(&unwrapped(tool), None)?)))?;
                format!(
                    "\n\n# Tools\n\nYou have access to the following functions:\n\n<tools>{text}\n</tools>\n\n\
                     If you choose to call a function ONLY reply in the following format with NO suffix:\n\n\
                     <tool_call>\n<function=example_function_name>\n<parameter=example_parameter_1>\nvalue_1\n\
                     </parameter>\n<parameter=example_parameter_2>\nThis is the value for the second parameter\n\
                     that can span\nmultiple lines\n</parameter>\n</function>\n</tool_call>\n\n<IMPORTANT>\n\
                     Reminder:\n- Function calls MUST follow the specified format: an inner <function=...></function> \
                     block must be nested within <tool_call></tool_call> XML tags\n- Required parameters MUST be \
                     specified\n- You may provide optional reasoning for your function call in natural language \
                     BEFORE the function call, but NOT after\n- If there is no function call available, answer the \
                     question like normal with your current knowledge and do not tell the user about function calls\n\
                     </IMPORTANT>"
                )
            }
        })
    }

    /// A function turn's content as the assistant writes it.
    pub(super) fn call(self, content: &str) -> Result<String> {
        let (thought, calls) = parse_calls(content)?;
        let lines = |write: &dyn Fn(&Call) -> Result<String>| -> Result<String> {
            let texts: Result<Vec<String>> = calls.iter().map(write).collect();
            Ok(texts?.join("\n"))
        };
        let objects = |key: &str| -> Result<Vec<Value>> { calls.iter().map(|call| object(call, key)).collect() };
        let text = match self {
            Self::Default => lines(&|call| {
                let arguments = dump(&call.arguments, None)?;
                Ok(format!("Action: {}\nAction Input: {arguments}", call.name))
            })?,
            Self::Glm4 => match calls.as_slice() {
                [call] => format!("{}\n{}", call.name, dump(&call.arguments, None)?),
                _ => return Err(DataError::row(says::one_call_at_a_time())),
            },
            Self::Llama3 => {
                let mut list = objects("parameters")?;
                match list.len() {
                    1 => dump(&list.remove(0), None)?,
                    _ => dump(&listed(list)?, None)?,
                }
            }
            Self::Mistral => dump(&listed(objects("arguments")?)?, None)?,
            Self::Qwen => lines(&|call| {
                let json = dump(&object(call, "arguments")?, None)?;
                Ok(format!("<tool_call>\n{json}\n</tool_call>"))
            })?,
            Self::Qwen35 => lines(&|call| {
                let Value::Map(arguments) = &call.arguments else {
                    return Err(DataError::row(says::arguments_no_object(&call.name)));
                };
                let mut text = format!("<tool_call>\n<function={}>", call.name);
                for (key, value) in arguments.entries() {
                    let value = match value.as_str() {
                        Some(text) => text.to_owned(),
                        None => dump(value, None)?,
                    };
                    text.push_str(&format!("\n<parameter={}>\n{value}\n</parameter>", key.python()));
                }
                Ok(text + "\n</function>\n</tool_call>")
            })?,
        };
        Ok(format!("{}{text}", thought.unwrap_or_default()))
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

/// What stands before the calls, and the calls. Thoughts keep the empty lines behind them; calls may stand in the tags of
/// Qwen's layout, with text around them.
fn split_thought(content: &str) -> (Option<String>, String) {
    if let Some((before, rest)) = content.split_once("<tool_call>")
        && let Some((calls, after)) = rest.split_once("</tool_call>")
        && json::parse(content).is_err()
    {
        return (Some([before, after].concat()), calls.to_owned());
    }
    let thought = content.find("<think>").and_then(|start| {
        let end = content.rfind("</think>")? + "</think>".len();
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

fn describe(tool: &Value) -> String {
    let parameters = field(tool, "parameters").unwrap_or(Value::None);
    let items = |value: Option<Value>| value.and_then(|v| v.iterate().ok()).unwrap_or_default();
    let required = items(field(&parameters, "required"));
    let mut args = String::new();
    if let Some(Value::Map(properties)) = field(&parameters, "properties") {
        for (name, param) in properties.entries() {
            let needed = if required.contains(name) { ", required" } else { "" };
            let choices = field(param, "enum").map_or(String::new(), |list| {
                let list: Vec<String> = items(Some(list)).iter().map(Value::python).collect();
                format!(", should be one of [{}]", list.join(", "))
            });
            let items = field(param, "items").map_or(String::new(), |items| {
                format!(", where each item should be {}", text_of(&items, "type"))
            });
            args.push_str(&format!(
                "  - {} ({}{needed}): {}{choices}{items}\n",
                name.python(),
                text_of(param, "type"),
                text_of(param, "description"),
            ));
        }
    }
    format!(
        "> Tool Name: {}\nTool Description: {}\nTool Args:\n{args}\n",
        text_of(tool, "name"),
        text_of(tool, "description"),
    )
}
