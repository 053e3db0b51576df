//! Sentences for people: the English text, and a code with arguments by which it is translated.

mod arg;
mod lang;
mod sentence;
mod unusable;

pub use arg::Arg;
pub use lang::Lang;
pub use sentence::Sentence;
pub use unusable::Unusable;

use serde::{Deserialize, Serialize};

/// An environment variable: a program started with it writes its last error as a [`Said`] in JSON, for the one that started it.
pub const WHOLE: &str = "CORRAL_SAID";

/// A sentence for a person. Without a code (in older files, or from other programs) it is shown as it is; one with a code is made
/// by a function of [`crate::says`] alone, from its message in `assets/words`, or read where it was written.
#[non_exhaustive]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Said {
    /// The sentence in English.
    pub message: String,
    /// Identifies the sentence for programs; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// Arguments of the sentence: names, numbers, output of programs, sentences within this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(no_recursion))]
    pub args: Vec<Arg>,
}

impl Said {
    /// A text without a code, the same in every language: from another program, or an older file.
    pub fn plain(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            ..Self::default()
        }
    }

    /// The same sentence with `change` applied to each of its texts.
    pub fn map_text(self, change: &impl Fn(String) -> String) -> Self {
        let args = self.args.into_iter().map(|arg| match arg {
            Arg::Text(text) => Arg::Text(change(text)),
            Arg::Said(said) => Arg::Said(Box::new(said.map_text(change))),
        });
        Self {
            args: args.collect(),
            message: change(self.message),
            code: self.code,
        }
    }

    /// A sentence of [`crate::says`], whose generated functions call this.
    pub(crate) fn filled(code: &str, english: &str, args: Vec<Arg>) -> Self {
        Self {
            // can't fail: the calling function has an argument for each placeholder
            message: sentence::fill(english, Lang::En, &args, Arg::english).unwrap_or_else(|| english.to_owned()),
            code: code.into(),
            args,
        }
    }

    /// The sentence in `lang`; in English where the code has no translation.
    pub fn in_lang(&self, lang: Lang) -> String {
        said(&self.message, &self.code, &self.args, lang)
    }

    /// Whether the English sentence contains these words.
    pub fn contains(&self, words: &str) -> bool {
        self.message.contains(words)
    }

    pub fn is_empty(&self) -> bool {
        self.message.is_empty()
    }
}

/// The translation of a message with this code and these arguments; `message` where there is none.
pub fn said(message: &str, code: &str, args: &[Arg], lang: Lang) -> String {
    let filled = || crate::says::find(code)?.fill(lang, args);
    filled().unwrap_or_else(|| message.to_owned())
}

impl std::error::Error for Said {}

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
        assert_eq!(event.body, TrainEvent::Notice(Said::plain("as it was")));
        // and what has no code is written as it always was
        assert_eq!(serde_json::to_string(&event).unwrap(), line);
        let line = r#"{"seq":1,"time":2,"type":"finished","outcome":"failed","step":3,"message":"why","reference_forwards":0}"#;
        let event: Event = serde_json::from_str(line).unwrap();
        assert_eq!(serde_json::to_string(&event).unwrap(), line);
        let TrainEvent::Finished { outcome, said, .. } = event.body else {
            panic!("{event:?}")
        };
        assert_eq!((outcome, said), (Outcome::Failed, Said::plain("why")));
    }

    #[test]
    fn a_sentence_within_a_sentence_is_said_in_the_language_of_the_whole() {
        let inner = crate::says::never_began();
        let outer = crate::says::file("a.json", inner);
        assert_eq!(outer.message, "a.json: it was taken out of the queue before it began");
        assert_eq!(outer.in_lang(Lang::Ja), "a.json: 始まる前に待機列から外されました");
        let line = serde_json::to_string(&outer).unwrap();
        assert_eq!(serde_json::from_str::<Said>(&line).unwrap(), outer);
        // one that only English has stands as it is
        assert_eq!(
            crate::says::file("a.json", Said::plain("odd")).in_lang(Lang::Zh),
            "a.json：odd"
        );
    }

    #[test]
    fn a_code_and_its_arguments_stand_beside_the_sentence() {
        let said = crate::says::no_such_run("x");
        let event = Event {
            seq: 1,
            time: 2,
            body: TrainEvent::Notice(said),
        };
        let line = serde_json::to_string(&event).unwrap();
        assert_eq!(
            line,
            r#"{"seq":1,"time":2,"type":"notice","message":"there is no run x","code":"no_such_run","args":["x"]}"#
        );
        assert_eq!(serde_json::from_str::<Event>(&line).unwrap(), event);
    }
}
