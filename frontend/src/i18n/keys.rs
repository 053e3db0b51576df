//! The labels and hints of the form's keys, and the labels of their choices.

use super::said_words;
use protocol::metric::Words;

/// The words of a key.
pub struct KeyWords {
    key: &'static str,
    label: Words,
    hint: Option<Words>,
    /// The labels of its values; that of an empty value is for when the key is left out.
    choices: &'static [(&'static str, Words)],
}

impl KeyWords {
    pub fn of(key: &str) -> Option<&'static Self> {
        KEYS.iter().find(|words| words.key == key)
    }

    /// The label in the language in use; tracked.
    pub fn label(&self) -> &'static str {
        said_words(&self.label)
    }

    /// The hint in the language in use, empty where there is none; tracked.
    pub fn hint(&self) -> &'static str {
        self.hint.as_ref().map_or("", |hint| said_words(hint))
    }

    /// The values that have labels, in their order.
    pub fn values(&self) -> impl Iterator<Item = &'static str> {
        self.choices.iter().map(|(value, _)| *value)
    }

    /// The label of a value; tracked.
    pub fn choice(&self, value: &str) -> Option<&'static str> {
        let found = self.choices.iter().find(|(known, _)| *known == value);
        found.map(|(_, words)| said_words(words))
    }
}

/// The label of a key in the language in use, else its name; tracked.
pub fn label(key: &'static str) -> &'static str {
    KeyWords::of(key).map_or(key, KeyWords::label)
}

/// The label of a key's value in the language in use, else the value itself; tracked.
pub fn choice(key: &str, value: &'static str) -> &'static str {
    KeyWords::of(key).and_then(|words| words.choice(value)).unwrap_or(value)
}

include!(concat!(env!("OUT_DIR"), "/keys.rs"));

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::config::{self, Place};

    #[test]
    fn each_key_of_the_form_has_words_and_no_other() {
        let shown = config::KEYS
            .iter()
            .filter(|key| !matches!(key.place, Place::No | Place::Server))
            .map(|key| key.name);
        assert_eq!(
            KEYS.iter().map(|words| words.key).collect::<Vec<_>>(),
            shown.collect::<Vec<_>>()
        );
    }
}
