//! Calls of tools, as a template's assistant writes them.

use super::super::jinja::Map;
use super::{Call, CallWords, DataError, ToolFormat, Value, dump, listed, object, parse_calls_in};
use crate::data::error::Result;
use protocol::says;

impl ToolFormat {
    /// A function turn's content as the assistant writes it.
    pub(in crate::data::template) fn call(self, content: &str, words: CallWords) -> Result<String> {
        let (thought, calls) = parse_calls_in(content, words)?;
        let lines = |write: &dyn Fn(&Call) -> Result<String>| -> Result<String> {
            let texts: Result<Vec<String>> = calls.iter().map(write).collect();
            Ok(texts?.join("\n"))
        };
        let objects = |key: &str| -> Result<Vec<Value>> { calls.iter().map(|call| object(call, key)).collect() };
        let text = match self {
            Self::Default | Self::Phi4Mini => lines(&|call| {
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
            Self::Qwen | Self::Ling => lines(&|call| {
                let json = dump(&object(call, "arguments")?, None)?;
                Ok(format!("<tool_call>\n{json}\n</tool_call>"))
            })?,
            Self::Qwen35 => lines(&|call| {
                let arguments = tagged(call, |key, value| format!("\n<parameter={key}>\n{value}\n</parameter>"))?;
                let name = &call.name;
                Ok(format!(
                    "<tool_call>\n<function={name}>{arguments}\n</function>\n</tool_call>"
                ))
            })?,
            Self::Glm4Moe => lines(&|call| {
                let arguments = tagged(call, |key, value| {
                    format!("\n<arg_key>{key}</arg_key>\n<arg_value>{value}</arg_value>")
                })?;
                Ok(format!("\n<tool_call>{}{arguments}", call.name))
            })?,
            Self::SeedOss => lines(&|call| {
                let arguments = tagged(call, |key, value| format!("\n<parameter={key}>{value}</parameter>"))?;
                let name = &call.name;
                Ok(format!(
                    "\n<seed:tool_call>\n<function={name}{arguments}\n</function>\n</seed:tool_call>"
                ))
            })?,
            Self::MiniMax1 => {
                let calls = lines(&|call| dump(&object(call, "arguments")?, None))?;
                format!("<tool_calls>\n{calls}\n</tool_calls>")
            }
            Self::MiniMax2 => lines(&|call| {
                let arguments = tagged(call, |key, value| {
                    format!("\n<parameter name=\"{key}\">{value}</parameter>")
                })?;
                Ok(format!("<invoke name=\"{}\">{arguments}\n</invoke>", call.name))
            })?,
            Self::Lfm2 => {
                let calls: Result<Vec<String>> = calls.iter().map(python_call).collect();
                format!("<|tool_call_start|>[{}]<|tool_call_end|>", calls?.join(", "))
            }
            Self::Gemma4 => {
                let calls: Result<Vec<String>> = calls
                    .iter()
                    .map(|call| {
                        let arguments: Vec<String> = sorted(arguments(call)?)
                            .into_iter()
                            .map(|(key, value)| format!("{key}:{}", gemma4(value)))
                            .collect();
                        Ok(format!(
                            "<|tool_call>call:{}{{{}}}<tool_call|>",
                            call.name,
                            arguments.join(",")
                        ))
                    })
                    .collect();
                calls?.concat()
            }
        };
        Ok(format!("{}{text}", thought.unwrap_or_default()))
    }
}

fn arguments(call: &Call) -> Result<&Map> {
    match &call.arguments {
        Value::Map(arguments) => Ok(arguments),
        _ => Err(DataError::row(says::arguments_no_object(&call.name))),
    }
}

/// A text as it is, anything else in JSON.
fn plain(value: &Value) -> Result<String> {
    match value.as_str() {
        Some(text) => Ok(text.to_owned()),
        None => dump(value, None),
    }
}

fn tagged(call: &Call, write: impl Fn(&str, &str) -> String) -> Result<String> {
    let entries = arguments(call)?.entries().iter();
    entries
        .map(|(key, value)| Ok(write(&key.python(), &plain(value)?)))
        .collect()
}

fn python_call(call: &Call) -> Result<String> {
    let entries = arguments(call)?.entries().iter();
    let arguments: Result<Vec<String>> = entries
        .map(|(key, value)| {
            let value = match value.as_str() {
                Some(text) => format!("\"{text}\""),
                None => dump(value, None)?,
            };
            Ok(format!("{}={value}", key.python()))
        })
        .collect();
    Ok(format!("{}({})", call.name, arguments?.join(", ")))
}

fn sorted(map: &Map) -> Vec<(String, &Value)> {
    let entries = map.entries().iter();
    let mut entries: Vec<(String, &Value)> = entries.map(|(key, value)| (key.python(), value)).collect();
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    entries
}

/// A value as Gemma 4 writes it.
fn gemma4(value: &Value) -> String {
    match value {
        Value::Str(text) => format!("<|\"|>{text}<|\"|>"),
        Value::Bool(flag) => flag.to_string(),
        Value::None => "null".to_owned(),
        Value::Map(map) => {
            let entries = sorted(map);
            let entries: Vec<String> = entries
                .into_iter()
                .map(|(key, value)| format!("{key}:{}", gemma4(value)))
                .collect();
            format!("{{{}}}", entries.join(","))
        }
        Value::List(list) => {
            let items: Vec<String> = list.items.iter().map(gemma4).collect();
            format!("[{}]", items.join(","))
        }
        other => other.python(),
    }
}
