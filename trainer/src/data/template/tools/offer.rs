//! The tools a conversation offers, as a template's system message lists them.

use super::super::Moment;
use super::{ToolFormat, Value, dump, field, listed, parse_tools, text_of, unwrapped, wrapped};
use crate::data::error::Result;

impl ToolFormat {
    /// Whether what offers tools has the day in it.
    pub(in crate::data) fn tells_the_day(self) -> bool {
        self == Self::Llama3
    }

    /// What is appended to the system message to offer `tools`. Llama 3's has the day in it.
    pub(in crate::data::template) fn offer(self, offered: &str, now: Moment) -> Result<String> {
        let tools = parse_tools(offered)?;
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
            Self::Gemma4 => {
                let tools: Result<Vec<String>> = tools.iter().map(|tool| gemma4(&unwrapped(tool))).collect();
                tools?.join("\n")
            }
            Self::Glm4Moe => {
                let text = each(&|tool| Ok(format!("\n{}", dump(&wrapped(tool)?, None)?)))?;
                format!(
                    "\n\n# Tools\n\nYou may call one or more functions to assist with the user query.\n\n\
                     You are provided with function signatures within <tools></tools> XML tags:\n<tools>{text}\
                     \n</tools>\n\nFor each function call, output the function name and arguments within the \
                     following XML format:\n<tool_call>{{function-name}}\n<arg_key>{{arg-key-1}}</arg_key>\n\
                     <arg_value>{{arg-value-1}}</arg_value>\n<arg_key>{{arg-key-2}}</arg_key>\n\
                     <arg_value>{{arg-value-2}}</arg_value>\n...\n</tool_call>\n"
                )
            }
            Self::Lfm2 => {
                let list = dump(&listed(tools.iter().map(unwrapped).collect())?, None)?;
                format!("List of tools: <|tool_list_start|>{list}<|tool_list_end|>")
            }
            Self::Ling => {
                let text = each(&|tool| Ok(format!("\n{}", dump(&wrapped(tool)?, None)?)))?;
                let tools = json_calls(&text);
                format!("# Tools\n\n{tools}\ndetailed thinking off")
            }
            Self::MiniMax1 => {
                let text = each(&|tool| Ok(dump(&unwrapped(tool), None)? + "\n"))?;
                format!(
                    "You are provided with these tools:\n<tools>\n{text}</tools>\n\n\
                     If you need to call tools, please respond with <tool_calls></tool_calls> XML tags, and provide \
                     tool-name and json-object of arguments, following the format below:\n<tool_calls>\n\
                     {{\"name\": <tool-name-1>, \"arguments\": <args-json-object-1>}}\n...\n</tool_calls>"
                )
            }
            Self::MiniMax2 => {
                let text = each(&|tool| Ok(format!("<tool>{}</tool>\n", dump(&unwrapped(tool), None)?)))?;
                format!(
                    "\n\n# Tools\n\nYou may call one or more tools to assist with the user query.\n\
                     Here are the tools available in JSONSchema format:\n\n<tools>\n{text}</tools>\n\n\
                     When making tool calls, use XML format to invoke tools and pass parameters:\n\
                     \n<minimax:tool_call>\n<invoke name=\"tool-name-1\">\n\
                     <parameter name=\"param-key-1\">param-value-1</parameter>\n\
                     <parameter name=\"param-key-2\">param-value-2</parameter>\n...\n</invoke>\n</minimax:tool_call>"
                )
            }
            Self::Phi4Mini => format!("<|tool|>{offered}<|/tool|>"),
            Self::SeedOss => {
                let list = dump(&listed(tools)?, None)?;
                format!(
                    "system\nYou are Doubao, a helpful AI assistant. You may call one or more functions to assist with \
                     the user query.Tool List:\nYou are authorized to use the following tools (described in JSON Schema \
                     format). Before performing any task, you must decide how to call them based on the descriptions and \
                     parameters of these tools.\n{list}\n工具调用请遵循如下格式:\n<seed:tool_call>\n\
                     <function=example_function_name>\n<parameter=example_parameter_1>value_1</parameter>\n\
                     <parameter=example_parameter_2>This is the value for the second parameter\nthat can span\n\
                     multiple lines</parameter>\n</function>\n</seed:tool_call>\n"
                )
            }
            Self::Mistral => {
                let list: Result<Vec<Value>> = tools.iter().map(wrapped).collect();
                format!("[AVAILABLE_TOOLS] {}[/AVAILABLE_TOOLS]", dump(&listed(list?)?, None)?)
            }
            Self::Qwen => {
                let text = each(&|tool| Ok(format!("\n{}", dump(&wrapped(tool)?, None)?)))?;
                format!("\n\n# Tools\n\n{}", json_calls(&text))
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
}

/// Tools in tags, a line each, and how to call them in JSON.
fn json_calls(tools: &str) -> String {
    format!(
        "You may call one or more functions to assist with the user query.\n\n\
         You are provided with function signatures within <tools></tools> XML tags:\n<tools>{tools}\
         \n</tools>\n\nFor each function call, return a json object with function name and arguments \
         within <tool_call></tool_call> XML tags:\n<tool_call>\n{{\"name\": <function-name>, \
         \"arguments\": <args-json-object>}}\n</tool_call>"
    )
}

/// One tool as Gemma 4 declares it.
fn gemma4(tool: &Value) -> Result<String> {
    const QUOTE: &str = r#"<|"|>"#;
    let quoted = |text: &str| format!("{QUOTE}{text}{QUOTE}");
    let some = |value: &Value, key: &str| field(value, key).filter(Value::truth);
    let kind =
        |value: &Value| some(value, "type").map(|kind| format!("type:{}", quoted(&kind.python().to_uppercase())));
    let described =
        |value: &Value| some(value, "description").map(|text| format!("description:{}", quoted(&text.python())));
    let mut text = format!(
        "declaration:{}{{description:{}",
        text_of(tool, "name"),
        quoted(&text_of(tool, "description"))
    );
    if let Some(parameters) = some(tool, "parameters") {
        let mut parts = vec![];
        if let Some(Value::Map(properties)) = some(&parameters, "properties") {
            let properties: Vec<String> = properties
                .entries()
                .iter()
                .map(|(name, schema)| {
                    let inner: Vec<String> = [described(schema), kind(schema)].into_iter().flatten().collect();
                    format!("{}:{{{}}}", name.python(), inner.join(","))
                })
                .collect();
            parts.push(format!("properties:{{{}}}", properties.join(",")));
        }
        if let Some(required) = some(&parameters, "required").and_then(|list| list.iterate().ok()) {
            let required: Vec<String> = required.iter().map(|name| quoted(&name.python())).collect();
            parts.push(format!("required:[{}]", required.join(",")));
        }
        parts.extend(kind(&parameters));
        text.push_str(&format!(",parameters:{{{}}}", parts.join(",")));
    }
    if let Some(response) = some(tool, "response") {
        let object = kind(&response).filter(|kind| kind.contains(&quoted("OBJECT")));
        let parts: Vec<String> = [described(&response), object].into_iter().flatten().collect();
        text.push_str(&format!(",response:{{{}}}", parts.join(",")));
    }
    Ok(text + "}")
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
