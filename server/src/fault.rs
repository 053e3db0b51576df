//! What is wrong with a JSON body: which field, what was expected there, what was found.

use axum::extract::rejection::JsonRejection;
use protocol::said::Arg;
use protocol::{Said, says};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;
use std::error::Error;

/// What our own types say of what they can't read; serde takes a literal alone, which a test holds to it.
const TAKES_TEXTS: &str = "takes a text, or a list of texts";
const TAKES_PARTS: &str = "takes a text, or a list of parts";
/// Before the number that stands there.
pub const TAKES_WHOLE: &str = "takes a whole number, not ";

/// A field of a body that can't be read.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its path; empty for the body itself.
    pub param: String,
    pub said: Said,
}

impl Fault {
    /// What is wrong with a body that is JSON but not of the expected shape; `None` where it is no JSON at all.
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

    /// Of a body that is JSON and has something else where a choice is to be named: the parser takes that for a fault of the text.
    pub fn of_shape<T: DeserializeOwned>(bytes: &[u8]) -> Option<Self> {
        let mut body: Value = serde_json::from_slice(bytes).ok()?;
        let error = read::<T>(bytes)?;
        let (mut place, mut param) = (&mut body, String::new());
        for segment in error.path() {
            match segment {
                Segment::Map { key } => {
                    place = place.get_mut(key)?;
                    param = below(&param, key);
                }
                Segment::Seq { index } => {
                    place = place.get_mut(index)?;
                    param = format!("{param}[{index}]");
                }
                Segment::Enum { .. } | Segment::Unknown => break,
            }
        }
        let got = match &*place {
            Value::Object(_) => found_name("map"),
            Value::Array(_) => found_name("sequence"),
            other => Arg::from(other.to_string()),
        };
        // which choices there are, the name of none tells
        *place = Value::String(String::new());
        let text = read::<T>(body.to_string().as_bytes())?.inner().to_string();
        let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
        let (_, takes) = text.split_once(", expected ")?;
        let said = says::field_takes(owner(&param), expected_name(takes), got);
        Some(Self { param, said })
    }

    fn at(error: &serde_path_to_error::Error<serde_json::Error>) -> Self {
        let path = match error.path().to_string() {
            root if root == "." => String::new(),
            path => path,
        };
        let text = error.inner().to_string();
        // without the line and column: a person does not see the text that a client sent
        let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
        if let Some(field) = quoted_behind(text, "missing field ") {
            let param = below(&path, field);
            let said = says::field_missing(&param);
            return Self { param, said };
        }
        if let Some(field) = quoted_behind(text, "unknown field ") {
            let param = below(&path, field);
            let choices = text
                .split_once(", expected ")
                .map(|(_, names)| names.trim_start_matches("one of "));
            let said = says::no_such_field(&param, choices.unwrap_or_default());
            return Self { param, said };
        }
        if text.starts_with("invalid length ") && text.contains(", expected struct ") {
            let said = says::field_takes(owner(&path), says::kind_object(), says::kind_list());
            return Self { param: path, said };
        }
        let mismatch = ["invalid type: ", "invalid value: ", "unknown variant "]
            .into_iter()
            .find_map(|kind| text.strip_prefix(kind)?.split_once(", expected "));
        let said = match (mismatch, text) {
            (Some((got, takes)), _) => says::field_takes(owner(&path), expected_name(takes), found_name(got)),
            // what our own types expect
            (None, TAKES_TEXTS) => says::field_takes(owner(&path), says::kind_texts(), ""),
            (None, TAKES_PARTS) => says::field_takes(owner(&path), says::kind_parts(), ""),
            (None, text) => match text.strip_prefix(TAKES_WHOLE) {
                Some(given) => says::field_takes(owner(&path), says::kind_whole(), given),
                None => says::file(owner(&path), text),
            },
        };
        Self { param: path, said }
    }
}

/// What stands against reading a `T` of these bytes.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<serde_path_to_error::Error<serde_json::Error>> {
    serde_path_to_error::deserialize::<_, T>(&mut serde_json::Deserializer::from_slice(bytes)).err()
}

/// What is at a path, in words.
fn owner(path: &str) -> Arg {
    match path {
        "" => says::the_body().into(),
        path => path.into(),
    }
}

/// The name in backticks behind `start`.
fn quoted_behind<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    text.strip_prefix(start)?.strip_prefix('`')?.split('`').next()
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

/// What serde expected, in words instead of the names of Rust's types.
fn expected_name(takes: &str) -> Arg {
    let kind = match takes {
        "f64" | "f32" | "a JSON number" => says::a_number(),
        "i64" | "i32" => says::kind_whole(),
        "u64" | "u32" | "u16" | "u8" | "usize" => says::kind_count(),
        "a boolean" => says::kind_truth(),
        "a string" | "str" => says::kind_text(),
        "a sequence" => says::kind_list(),
        "a map" => says::kind_object(),
        other if other.starts_with("struct ") => says::kind_object(),
        other if other.starts_with("enum ") => says::kind_choice(),
        other => return other.into(),
    };
    kind.into()
}

/// What serde found, in JSON's words.
fn found_name(got: &str) -> Arg {
    match got {
        "map" => says::kind_object().into(),
        "sequence" => says::kind_list().into(),
        other => ["string ", "integer ", "floating point ", "boolean ", "number "]
            .into_iter()
            .find_map(|kind| other.strip_prefix(kind))
            .unwrap_or(other)
            .trim_matches('`')
            .into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::request::ChatRequest;
    use protocol::api::{NewDataset, NewRun, RunPatch, Stop};

    fn fault<T: DeserializeOwned>(body: &str) -> (String, String) {
        let rejection = axum::Json::<T>::from_bytes(body.as_bytes()).err().unwrap();
        let fault = Fault::of(&rejection).unwrap_or_else(|| panic!("{body}: {rejection:?}"));
        (fault.param, fault.said.message)
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
    fn json_of_another_shape_is_told_what_is_taken() {
        let shape = |body: &str| Fault::of_shape::<Stop>(body.as_bytes()).map(|fault| fault.said.message);
        for (body, got) in [("{}", "an object"), ("[]", "a list"), ("null", "null"), ("3", "3")] {
            assert_eq!(shape(body), Some(format!("the body takes `save` or `now`, not {got}")));
        }
        assert_eq!(shape("{"), None);
        let fault = Fault::of_shape::<NewDataset>(br#"{"name": "x", "source": {}}"#);
        let fault = fault.map(|fault| (fault.param, fault.said.message));
        let said = "source takes `text` or `path`, not an object";
        assert_eq!(fault, Some(("source".to_owned(), said.to_owned())));
        let (_, message) = self::fault::<NewRun>("[]");
        assert_eq!(message, "the body takes an object, not a list");
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
