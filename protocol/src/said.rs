//! A sentence for people: English as it stands, and a code with its arguments, by which the board says it in another
//! language.

use serde::{Deserialize, Serialize};

/// What is said to a person. A sentence without a code (of an older file, or of another program) is shown as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Said {
    /// The sentence in English.
    pub message: String,
    /// Names the sentence for programs; empty when it has no name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// What a translation of the code needs: names, numbers, the worker's own last line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
}

impl Said {
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: code.into(),
            args: vec![],
        }
    }

    pub fn with_args(mut self, args: impl IntoIterator<Item = String>) -> Self {
        self.args = args.into_iter().collect();
        self
    }

    pub fn is_empty(&self) -> bool {
        self.message.is_empty()
    }
}

/// A sentence without a code.
impl From<String> for Said {
    fn from(message: String) -> Self {
        Self {
            message,
            ..Self::default()
        }
    }
}

impl From<&str> for Said {
    fn from(message: &str) -> Self {
        message.to_owned().into()
    }
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, Outcome, TrainEvent};

    #[test]
    fn files_written_before_sentences_had_codes_are_read() {
        let line = r#"{"seq":1,"time":2,"type":"notice","message":"as it was"}"#;
        let event: Event = serde_json::from_str(line).unwrap();
        assert_eq!(event.body, TrainEvent::Notice("as it was".into()));
        // and what has no code is written as it always was
        assert_eq!(serde_json::to_string(&event).unwrap(), line);
        let line = r#"{"seq":1,"time":2,"type":"finished","outcome":"failed","step":3,"message":"why","reference_forwards":0}"#;
        let event: Event = serde_json::from_str(line).unwrap();
        assert_eq!(serde_json::to_string(&event).unwrap(), line);
        let TrainEvent::Finished { outcome, said, .. } = event.body else {
            panic!("{event:?}")
        };
        assert_eq!((outcome, said), (Outcome::Failed, "why".into()));
    }

    #[test]
    fn a_code_and_its_arguments_stand_beside_the_sentence() {
        let said = Said::new("diverged", "diverged at step 4").with_args(["4".to_owned()]);
        let event = Event {
            seq: 1,
            time: 2,
            body: TrainEvent::Notice(said),
        };
        let line = serde_json::to_string(&event).unwrap();
        assert_eq!(
            line,
            r#"{"seq":1,"time":2,"type":"notice","message":"diverged at step 4","code":"diverged","args":["4"]}"#
        );
        assert_eq!(serde_json::from_str::<Event>(&line).unwrap(), event);
    }
}
