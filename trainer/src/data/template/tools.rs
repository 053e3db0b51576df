//! Tool descriptions and tool calls as text, in the four layouts the named templates use.

use minijinja::Value;
use serde::Serialize as _;
use serde_json::ser::{Formatter, Serializer};

use crate::data::error::{DataError, Result};

/// How a template writes tools and calls. JSON keys keep the order they have in the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToolFormat {
    /// `Action:` / `Action Input:` lines.
    Default,
    Llama3,
    Mistral,
    Qwen,
}

/// A call of a function by the assistant.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub name: String,
    pub arguments: Value,
}

/// Reads one call or a list of calls from a function turn, and the `<think>` block before it, if any.
pub(super) fn parse_calls(content: &str) -> Result<(Option<&str>, Vec<Call>)> {
    let (thought, rest) = split_thought(content);
    let parsed: Value = parse(&rest).map_err(|e| DataError::Row(format!("a function call that is not JSON: {e}")))?;
    let list: Vec<Value> = match parsed.kind() {
        minijinja::value::ValueKind::Seq => parsed.try_iter().map_err(|e| DataError::Row(e.to_string()))?.collect(),
        _ => vec![parsed],
    };
    let calls = list
        .into_iter()
        .map(|call| {
            // OpenAI nests name and arguments under `function`.
            let inner = field(&call, "function").unwrap_or(call);
            let name = field(&inner, "name")
                .and_then(|n| n.as_str().map(str::to_owned))
                .ok_or_else(|| DataError::Row("a function call without a `name`".into()))?;
            let arguments = field(&inner, "arguments")
                .ok_or_else(|| DataError::Row(format!("call of `{name}` without `arguments`")))?;
            // OpenAI writes them as a JSON string.
            let arguments = match arguments.as_str().map(parse) {
                Some(Ok(value)) => value,
                _ => arguments,
            };
            Ok(Call { name, arguments })
        })
        .collect::<Result<_>>()?;
    Ok((thought, calls))
}

/// Reads the tools a conversation offers: a JSON list of descriptions.
pub(super) fn parse_tools(text: &str) -> Result<Vec<Value>> {
    let parsed: Value = parse(text).map_err(|e| DataError::Row(format!("a tool description that is not JSON: {e}")))?;
    if parsed.kind() != minijinja::value::ValueKind::Seq {
        return Err(DataError::Row("`tools` must be a JSON list".into()));
    }
    Ok(parsed.try_iter().map_err(|e| DataError::Row(e.to_string()))?.collect())
}

impl ToolFormat {
    /// What is appended to the system message to offer `tools`.
    ///
    /// Llama 3's has the day of rendering in it in the original; a fixed one keeps runs repeatable.
    pub(super) fn offer(self, tools: &str) -> Result<String> {
        let tools = parse_tools(tools)?;
        if tools.is_empty() {
            return Ok(String::new());
        }
        let mut text = String::new();
        match self {
            Self::Default => {
                let mut names = Vec::new();
                for tool in &tools {
                    let tool = unwrapped(tool);
                    names.push(text_of(&tool, "name"));
                    text.push_str(&describe(&tool));
                }
                Ok(format!(
                    "You have access to the following tools:\n{text}\
                     Use the following format if using a tool:\n```\n\
                     Action: tool name (one of [{}])\n\
                     Action Input: the input to the tool, in a JSON format representing the kwargs \
                     (e.g. ```{{\"input\": \"hello world\", \"num_beams\": 5}}```)\n```\n",
                    names.join(", ")
                ))
            }
            Self::Llama3 => {
                for tool in &tools {
                    text.push_str(&dump(&wrapped(tool), Indent::Four)?);
                    text.push_str("\n\n");
                }
                Ok(format!(
                    "Cutting Knowledge Date: December 2023\nToday Date: {LLAMA3_DATE}\n\n\
                     You have access to the following functions. To call a function, please respond with JSON \
                     for a function call. Respond in the format {{\"name\": function name, \"parameters\": \
                     dictionary of argument name and its value}}. Do not use variables.\n\n{text}"
                ))
            }
            Self::Mistral => {
                let list: Vec<Value> = tools.iter().map(wrapped).collect();
                Ok(format!(
                    "[AVAILABLE_TOOLS] {}[/AVAILABLE_TOOLS]",
                    dump(&Value::from(list), Indent::None)?
                ))
            }
            Self::Qwen => {
                for tool in &tools {
                    text.push('\n');
                    text.push_str(&dump(&wrapped(tool), Indent::None)?);
                }
                Ok(format!(
                    "\n\n# Tools\n\nYou may call one or more functions to assist with the user query.\n\n\
                     You are provided with function signatures within <tools></tools> XML tags:\n<tools>{text}\
                     \n</tools>\n\nFor each function call, return a json object with function name and arguments \
                     within <tool_call></tool_call> XML tags:\n<tool_call>\n{{\"name\": <function-name>, \
                     \"arguments\": <args-json-object>}}\n</tool_call>"
                ))
            }
        }
    }

    /// A function turn's content as the assistant writes it.
    pub(super) fn call(self, content: &str) -> Result<String> {
        let (thought, calls) = parse_calls(content)?;
        let object = |call: &Call, key: &str| {
            Value::from_pairs([("name", Value::from(call.name.as_str())), (key, call.arguments.clone())])
        };
        let text = match self {
            Self::Default => {
                let lines: Result<Vec<_>> = calls
                    .iter()
                    .map(|c| {
                        let arguments = dump(&c.arguments, Indent::None)?;
                        Ok(format!("Action: {}\nAction Input: {arguments}", c.name))
                    })
                    .collect();
                lines?.join("\n")
            }
            Self::Llama3 => {
                let mut list: Vec<Value> = calls.iter().map(|c| object(c, "parameters")).collect();
                if list.len() == 1 {
                    dump(&list.remove(0), Indent::None)?
                } else {
                    dump(&Value::from(list), Indent::None)?
                }
            }
            Self::Mistral => {
                let list: Vec<Value> = calls.iter().map(|c| object(c, "arguments")).collect();
                dump(&Value::from(list), Indent::None)?
            }
            Self::Qwen => {
                let texts: Result<Vec<_>> = calls
                    .iter()
                    .map(|c| {
                        let json = dump(&object(c, "arguments"), Indent::None)?;
                        Ok(format!("<tool_call>\n{json}\n</tool_call>"))
                    })
                    .collect();
                texts?.join("\n")
            }
        };
        Ok(format!("{}{text}", thought.unwrap_or_default()))
    }
}

const LLAMA3_DATE: &str = "26 Jul 2024";

fn parse(text: &str) -> std::result::Result<Value, serde_json::Error> {
    serde_json::from_str(text)
}

fn split_thought(content: &str) -> (Option<&str>, String) {
    let thought = content.find("<think>").and_then(|start| {
        let end = content.rfind("</think>")? + "</think>".len();
        content.get(start..end)
    });
    match thought {
        None => (None, content.to_owned()),
        Some(thought) => (Some(thought), content.replace(thought, "")),
    }
}

fn field(value: &Value, key: &str) -> Option<Value> {
    value.get_attr(key).ok().filter(|v| !v.is_undefined() && !v.is_none())
}

fn text_of(value: &Value, key: &str) -> String {
    field(value, key).map(|v| v.to_string()).unwrap_or_default()
}

/// `{"type": "function", "function": {…}}`, whichever of the two forms came in.
fn wrapped(tool: &Value) -> Value {
    if text_of(tool, "type") == "function" {
        tool.clone()
    } else {
        Value::from_pairs([("type", Value::from("function")), ("function", tool.clone())])
    }
}

fn unwrapped(tool: &Value) -> Value {
    if text_of(tool, "type") == "function" {
        field(tool, "function").unwrap_or_default()
    } else {
        tool.clone()
    }
}

fn describe(tool: &Value) -> String {
    let parameters = field(tool, "parameters").unwrap_or_default();
    let required: Vec<Value> = field(&parameters, "required")
        .and_then(|r| r.try_iter().ok().map(Iterator::collect))
        .unwrap_or_default();
    let mut args = String::new();
    if let Some(properties) = field(&parameters, "properties") {
        for name in properties.try_iter().into_iter().flatten() {
            let param = properties.get_item(&name).unwrap_or_default();
            let needed = if required.contains(&name) { ", required" } else { "" };
            let choices = field(&param, "enum").map_or(String::new(), |list| {
                let list: Vec<String> = list.try_iter().into_iter().flatten().map(|v| v.to_string()).collect();
                format!(", should be one of [{}]", list.join(", "))
            });
            let items = field(&param, "items").map_or(String::new(), |items| {
                format!(", where each item should be {}", text_of(&items, "type"))
            });
            args.push_str(&format!(
                "  - {name} ({}{needed}): {}{choices}{items}\n",
                text_of(&param, "type"),
                text_of(&param, "description"),
            ));
        }
    }
    format!(
        "> Tool Name: {}\nTool Description: {}\nTool Args:\n{args}\n",
        text_of(tool, "name"),
        text_of(tool, "description"),
    )
}

/// Line breaks in dumped JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Indent {
    None,
    Four,
    Spaces(usize),
}

/// JSON as Python's `json.dumps(value, ensure_ascii=False)` writes it: `", "` and `": "` between things, or one thing a
/// line where indented.
pub(super) fn dump(value: &Value, indent: Indent) -> Result<String> {
    let mut out = Vec::new();
    let width = match indent {
        Indent::None => None,
        Indent::Four => Some(4),
        Indent::Spaces(n) => Some(n),
    };
    value
        .serialize(&mut Serializer::with_formatter(
            &mut out,
            Python {
                width,
                depth: 0,
                filled: false,
            },
        ))
        .map_err(|e| DataError::Row(e.to_string()))?;
    String::from_utf8(out).map_err(|e| DataError::Row(e.to_string()))
}

struct Python {
    width: Option<usize>,
    depth: usize,
    filled: bool,
}

type Written = std::io::Result<()>;

impl Python {
    fn line<W: ?Sized + std::io::Write>(&self, out: &mut W) -> Written {
        let width = self.width.unwrap_or(0) * self.depth;
        write!(out, "\n{:width$}", "")
    }

    fn open<W: ?Sized + std::io::Write>(&mut self, out: &mut W, bracket: &[u8]) -> Written {
        self.depth += 1;
        self.filled = false;
        out.write_all(bracket)
    }

    fn close<W: ?Sized + std::io::Write>(&mut self, out: &mut W, bracket: &[u8]) -> Written {
        self.depth -= 1;
        if self.filled && self.width.is_some() {
            self.line(out)?;
        }
        self.filled = true;
        out.write_all(bracket)
    }

    fn item<W: ?Sized + std::io::Write>(&mut self, out: &mut W, first: bool) -> Written {
        match (self.width, first) {
            (None, true) => Ok(()),
            (None, false) => out.write_all(b", "),
            (Some(_), true) => self.line(out),
            (Some(_), false) => {
                out.write_all(b",")?;
                self.line(out)
            }
        }
    }
}

impl Formatter for Python {
    fn begin_array<W: ?Sized + std::io::Write>(&mut self, out: &mut W) -> Written {
        self.open(out, b"[")
    }
    fn end_array<W: ?Sized + std::io::Write>(&mut self, out: &mut W) -> Written {
        self.close(out, b"]")
    }
    fn begin_array_value<W: ?Sized + std::io::Write>(&mut self, out: &mut W, first: bool) -> Written {
        self.item(out, first)
    }
    fn end_array_value<W: ?Sized + std::io::Write>(&mut self, _: &mut W) -> Written {
        self.filled = true;
        Ok(())
    }
    fn begin_object<W: ?Sized + std::io::Write>(&mut self, out: &mut W) -> Written {
        self.open(out, b"{")
    }
    fn end_object<W: ?Sized + std::io::Write>(&mut self, out: &mut W) -> Written {
        self.close(out, b"}")
    }
    fn begin_object_key<W: ?Sized + std::io::Write>(&mut self, out: &mut W, first: bool) -> Written {
        self.item(out, first)
    }
    fn begin_object_value<W: ?Sized + std::io::Write>(&mut self, out: &mut W) -> Written {
        out.write_all(b": ")
    }
    fn end_object_value<W: ?Sized + std::io::Write>(&mut self, _: &mut W) -> Written {
        self.filled = true;
        Ok(())
    }
}
