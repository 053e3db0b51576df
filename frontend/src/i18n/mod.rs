//! The board's messages in the languages of `assets/words`: one module a topic, one function a message.
//!
//! A message without arguments is a `fn() -> &'static str` and goes into a view as it is: `<h1>{runs::title}</h1>`
//! follows the language. A message with arguments is called in a closure: `{move || runs::selected(n.get())}`.

use leptos::prelude::*;
pub use protocol::Lang;
use protocol::metric::Words;

pub mod keys;
pub mod said;

include!(concat!(env!("OUT_DIR"), "/board.rs"));

/// A message without arguments, which can be put into a view as it is.
pub type Word = fn() -> &'static str;

thread_local! {
    static LANG: ArcRwSignal<Lang> = ArcRwSignal::new(Lang::En);
}

/// The language in use; tracked.
pub fn lang() -> Lang {
    LANG.with(|lang| lang.get())
}

/// Translated words that `protocol` declares, in the language in use; tracked.
pub fn said_words(words: &Words) -> &'static str {
    words.in_lang(lang())
}

/// The language in use, without tracking it.
pub fn lang_untracked() -> Lang {
    LANG.with(|lang| lang.get_untracked())
}

/// The number of a count that was formatted already, by which a message chooses its plural form.
pub fn count(shown: &impl std::fmt::Display) -> Option<u64> {
    shown.to_string().parse().ok()
}

/// Takes the language of `<html lang>`, which `static/theme.js` set before the first paint.
pub fn adopt_page_language() {
    if let Some(root) = document().document_element() {
        let tag = root.get_attribute("lang").unwrap_or_default();
        LANG.with(|lang| lang.set(Lang::from_tag(&tag)));
        said::ask();
    }
}

/// Switches the language and stores the choice.
pub fn set_lang(lang: Lang) {
    LANG.with(|signal| signal.set(lang));
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("lang", lang.tag());
    }
    crate::browser::store("lang", lang.tag());
    said::ask();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_words() {
        let title = |lang: Lang| {
            LANG.with(|used| used.set(lang));
            runs::title()
        };
        let titles: std::collections::BTreeSet<_> = Lang::ALL.map(title).into_iter().collect();
        assert_eq!(titles.len(), Lang::ALL.len(), "{titles:?}");
    }

    #[test]
    fn a_message_speaks_the_language_in_use() {
        let said = || (runs::title(), runs::shown(1, 2), runs::count(1));
        assert_eq!(said(), ("Runs", "1 of 2".into(), "1 run".into()));
        assert_eq!(runs::count(2), "2 runs");
        LANG.with(|lang| lang.set(Lang::Ja));
        assert_eq!(said(), ("実行", "2 件中 1 件".into(), "1 件".into()));
    }
}
