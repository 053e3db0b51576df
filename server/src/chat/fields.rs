//! Fields of a chat request that are not read, each with the values by which it asks for nothing. A field with any other value, or
//! one that is not listed, asks for something and is refused by its name.

use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// When a field asks for nothing.
enum Nothing {
    /// Whatever its value: it changes no reply.
    Ever,
    /// With this value, its default.
    At(Value),
    /// With null alone.
    Never,
}
use Nothing::{At, Ever, Never};

/// The fields of OpenAI's schema, and of the servers that speak it, that [`super::request::ChatRequest`] does not read.
static TABLE: LazyLock<Vec<(&str, Nothing)>> = LazyLock::new(table);

fn table() -> Vec<(&'static str, Nothing)> {
    let mut table = vec![];
    table.extend(SILENT.iter().map(|name| (*name, Ever)));
    table.extend(NEVER.iter().map(|name| (*name, Never)));
    let off = OFF.iter().map(|name| (*name, At(json!(false))));
    let on = ON.iter().map(|name| (*name, At(json!(true))));
    let empty = EMPTY.iter().map(|name| (*name, At(json!([]))));
    table.extend(off.chain(on).chain(empty));
    table.extend([
        ("response_format", At(json!({"type": "text"}))),
        ("modalities", At(json!(["text"]))),
        ("verbosity", At(json!("medium"))),
        ("chat_template_kwargs", At(json!({}))),
        ("mm_processor_kwargs", At(json!({}))),
        ("best_of", At(json!(1))),
        ("length_penalty", At(json!(1))),
        ("top_logprobs", At(json!(0))),
        ("min_p", At(json!(0))),
        ("min_tokens", At(json!(0))),
        ("min_new_tokens", At(json!(0))),
        ("mirostat", At(json!(0))),
        ("typical_p", At(json!(1))),
        ("priority", At(json!(0))),
        ("dry_multiplier", At(json!(0))),
        ("xtc_probability", At(json!(0))),
        ("dynatemp_range", At(json!(0))),
        ("repeat_penalty", At(json!(1))),
    ]);
    table
}

/// They change no reply.
const SILENT: &[&str] = &[
    "user",
    "metadata",
    "store",
    "service_tier",
    "safety_identifier",
    "prompt_cache_key",
    "prompt_cache_retention",
    "parallel_tool_calls",
    "request_id",
    "cache_salt",
    "chat_id",
    "session_id",
    "background_tasks",
    "cache_prompt",
    "keep_alive",
    "drop_params",
];
/// Flags that are off where nobody names them.
const OFF: &[&str] = &[
    "logprobs",
    "continue_final_message",
    "add_special_tokens",
    "echo",
    "use_beam_search",
    "include_stop_str_in_output",
    "ignore_eos",
    "no_stop_trim",
    "return_tokens_as_token_ids",
    "return_token_ids",
    "safe_prompt",
];
/// Flags that are on where nobody names them.
const ON: &[&str] = &[
    "add_generation_prompt",
    "skip_special_tokens",
    "spaces_between_special_tokens",
    "include_reasoning",
    "separate_reasoning",
    "do_sample",
];
/// Lists that hold nothing where nobody names them.
const EMPTY: &[&str] = &["stop_token_ids", "bad_words", "documents", "logits_processors"];
/// They have no value of their own by which they ask for nothing, or one that another server understands otherwise.
const NEVER: &[&str] = &[
    "audio",
    "prediction",
    "web_search_options",
    "moderation",
    "reasoning_effort",
    "reasoning",
    "thinking",
    "enable_thinking",
    "thinking_budget",
    "chat_template",
    "prompt_logprobs",
    "truncate_prompt_tokens",
    "allowed_token_ids",
    "structured_outputs",
    "guided_json",
    "guided_regex",
    "guided_choice",
    "guided_grammar",
    "guided_decoding_backend",
    "guided_whitespace_pattern",
    "structural_tag",
    "ebnf",
    "regex",
    "grammar",
    "json_schema",
    "kv_transfer_params",
    "vllm_xargs",
    "mirostat_tau",
    "mirostat_eta",
    "num_ctx",
    "prefix",
];

/// Whether a field that is not read asks for something. `all`: every such field of the request.
pub(super) fn asks(field: &str, value: &Value, all: &Map<String, Value>) -> bool {
    if value.is_null() {
        return false;
    }
    let given = |name: &str| all.get(name).filter(|choice| !choice.is_null());
    let offers = |name: &str| {
        let list = given(name);
        list.is_some_and(|tools| tools.as_array().is_none_or(|tools| !tools.is_empty()))
    };
    let tools = ["tools", "functions"];
    let none_chosen = ["tool_choice", "function_call"]
        .iter()
        .any(|name| given(name).is_some_and(|choice| choice == "none"));
    match field {
        "tools" | "functions" => offers(field) && !none_chosen,
        "tool_choice" | "function_call" => {
            value != "none" && !(value == "auto" && tools.iter().all(|list| !offers(list)))
        }
        _ => match TABLE.iter().find(|(name, _)| *name == field) {
            Some((_, Ever)) => false,
            Some((_, At(default))) => !is_same(value, default) && !is_hollow(value),
            // where `{}` is a choice: searching the web, any JSON
            Some((_, Never)) => true,
            None => !is_hollow(value),
        },
    }
}

/// Whether the field is one of the table, and not a stranger.
pub(super) fn is_known(field: &str) -> bool {
    TABLE.iter().any(|(name, _)| *name == field)
}

/// An empty list or object, or one of nulls alone.
fn is_hollow(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(fields) => fields.values().all(is_hollow),
        _ => false,
    }
}

/// Numbers are the same whether written as whole ones or not.
fn is_same(value: &Value, default: &Value) -> bool {
    match (value.as_f64(), default.as_f64()) {
        (Some(value), Some(default)) => value == default,
        _ => value == default,
    }
}

/// Fields of a message that are not read and say nothing of what the model is told.
const OF_MESSAGE: &[&str] = &[
    "annotations",
    "cache_control",
    "id",
    "object",
    "provider_specific_fields",
    "status",
];

/// The first field of a message that is not read and asks for something.
pub(super) fn unread(rest: &Map<String, Value>) -> Option<&str> {
    let asks = |(name, value): &(&String, &Value)| !OF_MESSAGE.contains(&name.as_str()) && !says_nothing(value);
    rest.iter().find(asks).map(|(name, _)| name.as_str())
}

/// Whether a value says nothing: as clients write a message back that they were sent.
fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(fields) => fields.values().all(says_nothing),
        Value::Bool(true) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_stands_once_and_null_asks_for_nothing() {
        let mut met = std::collections::BTreeSet::new();
        for (name, _) in TABLE.iter() {
            assert!(met.insert(name), "{name} twice");
            assert!(!asks(name, &Value::Null, &Map::new()), "{name}");
        }
    }

    #[test]
    fn a_field_asks_for_nothing_by_its_default_alone() {
        for (field, value, wanted) in [
            ("web_search_options", json!({}), true),
            ("add_generation_prompt", json!(false), true),
            ("add_generation_prompt", json!(true), false),
            ("skip_special_tokens", json!(false), true),
            ("prefix", json!("x"), true),
            ("prefix", json!(false), true),
            ("enable_thinking", json!(false), true),
            ("do_sample", json!(false), true),
            ("echo", json!(false), false),
            ("echo", json!(true), true),
            ("logprobs", json!(true), true),
            ("chat_template_kwargs", json!({}), false),
            ("chat_template_kwargs", json!({"enable_thinking": false}), true),
            ("min_p", json!(0.0), false),
            ("typical_p", json!(1.0), false),
            ("typical_p", json!(0.9), true),
            ("mirostat", json!(0), false),
            ("mirostat", json!(2), true),
            ("min_new_tokens", json!(0), false),
            ("min_new_tokens", json!(5), true),
            ("stop_token_ids", json!([]), false),
            ("stop_token_ids", json!([2]), true),
            ("reasoning_effort", json!("low"), true),
            ("store", json!(false), false),
            ("metadata", json!({"a": "b"}), false),
            ("modalities", json!(["text"]), false),
            ("modalities", json!(["text", "audio"]), true),
            // nobody knows what these are
            ("no_such_field", json!(false), true),
            ("no_such_field", json!({}), false),
            ("no_such_field", json!({"a": null}), false),
            ("no_such_field", json!({"a": 0}), true),
            ("files", json!([]), false),
            ("files", json!([1]), true),
            ("keep_alive", json!("5m"), false),
            ("dry_multiplier", json!(0.0), false),
            ("dry_multiplier", json!(0.8), true),
            ("no_such_field", Value::Null, false),
        ] {
            assert_eq!(asks(field, &value, &Map::new()), wanted, "{field}: {value}");
        }
    }

    #[test]
    fn a_message_may_hold_fields_that_say_nothing() {
        for (field, value, refused) in [
            ("audio", json!(null), false),
            ("audio", json!({}), false),
            ("audio", json!({"id": null, "data": ""}), false),
            ("audio", json!({"id": "a"}), true),
            ("reasoning", json!({"steps": []}), false),
            ("reasoning", json!({"steps": [1]}), true),
            ("reasoning", json!(0), true),
            ("cache_control", json!({"type": "ephemeral"}), false),
            ("provider_specific_fields", json!({"refusal": "no"}), false),
        ] {
            let rest = Map::from_iter([(field.to_owned(), value.clone())]);
            assert_eq!(unread(&rest), refused.then_some(field), "{field}: {value}");
        }
    }
}
