//! What is wrong with a JSON body: which field, what it takes, what stands there.

use axum::extract::rejection::JsonRejection;
use std::error::Error;

/// A field of a body that can't be read.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its path; empty for the body itself.
    pub param: String,
    pub message: String,
}

impl Fault {
    /// Of a body that is JSON, but not what is taken here.
    pub fn of(rejection: &JsonRejection) -> Option<Self> {
        let mut cause: Option<&(dyn Error + 'static)> = Some(rejection);
        while let Some(error) = cause {
            if let Some(found) = error.downcast_ref::<serde_path_to_error::Error<serde_json::Error>>() {
                return found.inner().is_data().then(|| Self::at(found));
            }
            cause = error.source();
        }
        None
    }

    fn at(error: &serde_path_to_error::Error<serde_json::Error>) -> Self {
        let path = match error.path().to_string() {
            root if root == "." => String::new(),
            path => path,
        };
        let told = error.inner().to_string();
        // where in the text: nobody sees the text that a client sent
        let told = told.rsplit_once(" at line ").map_or(told.as_str(), |(told, _)| told);
        let owner = if path.is_empty() { "the body" } else { &path };
        if let Some(field) = quoted_behind(told, "missing field ") {
            let param = below(&path, field);
            let message = format!("{param} is missing");
            return Self { param, message };
        }
        if let Some(field) = quoted_behind(told, "unknown field ") {
            let param = below(&path, field);
            let choices = told
                .split_once(", expected ")
                .map(|(_, names)| names.trim_start_matches("one of "));
            let choices = choices.map_or(String::new(), |names| format!("; it takes {names}"));
            let message = format!("{param}: there is no such field{choices}");
            return Self { param, message };
        }
        let wrong = ["invalid type: ", "invalid value: ", "unknown variant "]
            .into_iter()
            .find_map(|kind| told.strip_prefix(kind)?.split_once(", expected "));
        let message = match wrong {
            Some((got, takes)) => format!("{owner} takes {}, not {}", taken(takes), given(got)),
            None if told.starts_with("takes ") => format!("{owner} {told}"),
            None => format!("{owner}: {told}"),
        };
        Self { param: path, message }
    }
}

/// The name in backticks behind `start`.
fn quoted_behind<'a>(told: &'a str, start: &str) -> Option<&'a str> {
    told.strip_prefix(start)?.strip_prefix('`')?.split('`').next()
}

/// The path of a field of what stands at `path`.
fn below(path: &str, field: &str) -> String {
    match path {
        "" => field.to_owned(),
        // the field's own name is in the path where it was read first
        path if path == field || path.ends_with(&format!(".{field}")) => path.to_owned(),
        path => format!("{path}.{field}"),
    }
}

/// What is taken, without the names of Rust's types.
fn taken(takes: &str) -> &str {
    match takes {
        "f64" | "f32" | "a JSON number" => "a number",
        "i64" | "i32" => "a whole number",
        "u64" | "u32" | "u16" | "u8" | "usize" => "a whole number, 0 or more",
        "a boolean" => "true or false",
        "a string" | "str" => "a text",
        "a sequence" => "a list",
        "a map" => "an object",
        other if other.starts_with("struct ") => "an object",
        other if other.starts_with("enum ") => "the name of a choice",
        other => other,
    }
}

/// What stands there.
fn given(got: &str) -> &str {
    match got {
        "map" => "an object",
        "sequence" => "a list",
        other => ["string ", "integer ", "floating point ", "boolean ", "number "]
            .into_iter()
            .find_map(|kind| other.strip_prefix(kind))
            .unwrap_or(other)
            .trim_matches('`'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::request::ChatRequest;
    use protocol::api::{NewRun, RunPatch, Stop};
    use serde::de::DeserializeOwned;

    fn fault<T: DeserializeOwned>(body: &str) -> (String, String) {
        let rejection = axum::Json::<T>::from_bytes(body.as_bytes()).err().unwrap();
        let fault = Fault::of(&rejection).unwrap_or_else(|| panic!("{body}: {rejection:?}"));
        (fault.param, fault.message)
    }

    #[test]
    fn a_field_is_named_with_what_it_takes() {
        let chat = fault::<ChatRequest>;
        for (found, param, message) in [
            (
                chat(r#"{"messages": [], "temperature": "hot"}"#),
                "temperature",
                "temperature takes a number, not \"hot\"",
            ),
            (
                chat(r#"{"messages": [], "max_tokens": 1.5}"#),
                "max_tokens",
                "max_tokens takes a whole number, not 1.5",
            ),
            (
                chat(r#"{"messages": [], "max_tokens": "9"}"#),
                "max_tokens",
                "max_tokens takes a number, not \"9\"",
            ),
            (
                chat(r#"{"messages": [], "stream": 1}"#),
                "stream",
                "stream takes true or false, not 1",
            ),
            (
                chat(r#"{"messages": [], "stop": 5}"#),
                "stop",
                "stop takes a text, or a list of texts",
            ),
            (
                chat(r#"{"messages": "hi"}"#),
                "messages",
                "messages takes a list, not \"hi\"",
            ),
            (
                chat(r#"{"messages": [{"role": "user", "content": 5}]}"#),
                "messages[0].content",
                "messages[0].content takes a text, or a list of parts",
            ),
            (chat("{}"), "messages", "messages is missing"),
            (
                chat(r#"{"messages": [{"content": "a"}]}"#),
                "messages[0].role",
                "messages[0].role is missing",
            ),
            (chat("5"), "", "the body takes an object, not 5"),
            (fault::<NewRun>("{}"), "config", "config is missing"),
        ] {
            assert_eq!(found, (param.to_owned(), message.to_owned()));
        }
    }

    #[test]
    fn a_field_that_is_not_there_is_named() {
        let (param, message) = fault::<RunPatch>(r#"{"nam": "x"}"#);
        assert_eq!(param, "nam");
        assert!(
            message.starts_with("nam: there is no such field; it takes `name`"),
            "{message}"
        );
        let (param, message) = fault::<NewRun>(r#"{"config": {}, "nme": "x"}"#);
        assert_eq!(param, "nme");
        assert!(message.contains("`name`"), "{message}");
        let (_, message) = fault::<Stop>(r#""later""#);
        assert_eq!(message, "the body takes `save` or `now`, not later");
    }
}
