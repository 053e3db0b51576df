//! How conversations become text: what training, the preview, chat, evaluation and merged folders must have in common.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The keys that change the text which a model sees, and nothing else.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wording {
    /// LLaMA-Factory's name; `None`: the model's own chat template.
    #[serde(default)]
    pub template: Option<String>,
    /// LLaMA-Factory's name of a format for tools and their calls; `None`: the template's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_format: Option<String>,
    /// The system message of conversations without one; empty: none, whatever the template's default.
    #[serde(default, rename = "default_system", skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// `None`: the template's own way.
    #[serde(
        default,
        rename = "enable_thinking",
        deserialize_with = "Thinking::said",
        skip_serializing_if = "Option::is_none"
    )]
    pub thinking: Option<Thinking>,
    /// Whether token ids are those of the fast tokenizer class; `None`: they are.
    #[serde(default, rename = "use_fast_tokenizer", skip_serializing_if = "Option::is_none")]
    pub fast: Option<bool>,
}

impl Wording {
    /// Command-line flags for the worker that renders a preview.
    pub fn flags(&self) -> Vec<(&'static str, String)> {
        let thinking = self.thinking.map(|thinking| match thinking.flag() {
            Some(on) => on.to_string(),
            None => "null".to_owned(),
        });
        let all = [
            ("template", self.template.clone()),
            ("tool-format", self.tool_format.clone()),
            ("default-system", self.system.clone()),
            ("enable-thinking", thinking),
            ("use-fast-tokenizer", self.fast.map(|fast| fast.to_string())),
        ];
        all.into_iter()
            .filter_map(|(flag, value)| Some((flag, value?)))
            .collect()
    }
}

/// `enable_thinking`, which has three values: null is one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thinking {
    /// `true`: a reply without thoughts gets an empty block, which counts in the loss.
    On,
    /// `false`: thoughts are removed; the empty block belongs to the prompt.
    Off,
    /// `null`: thoughts stay where they are; an empty block belongs to the prompt.
    Mixed,
}

impl Thinking {
    pub fn of(value: Option<bool>) -> Self {
        match value {
            Some(true) => Self::On,
            Some(false) => Self::Off,
            None => Self::Mixed,
        }
    }

    pub fn flag(self) -> Option<bool> {
        match self {
            Self::On => Some(true),
            Self::Off => Some(false),
            Self::Mixed => None,
        }
    }

    /// Reads a key that is present: `null` is a value, unlike an absent key.
    pub fn said<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Self::deserialize(deserializer).map(Some)
    }
}

impl Serialize for Thinking {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.flag().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Thinking {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Self::of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_told_from_an_absent_key() {
        for (text, thinking) in [
            ("{}", None),
            (r#"{"template":null}"#, None),
            (r#"{"enable_thinking":null}"#, Some(Thinking::Mixed)),
            (r#"{"enable_thinking":true}"#, Some(Thinking::On)),
            (r#"{"enable_thinking":false,"template":"qwen3"}"#, Some(Thinking::Off)),
        ] {
            let read: Wording = serde_json::from_str(text).unwrap();
            assert_eq!(read.thinking, thinking, "{text}");
            let again: Wording = serde_json::from_str(&serde_json::to_string(&read).unwrap()).unwrap();
            assert_eq!(again, read, "{text}");
        }
    }
}
