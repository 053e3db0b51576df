//! The board's words in English, Japanese and Chinese: one function a key, so that a missing one does not compile.
//!
//! A key without arguments is a `fn() -> &'static str` and goes into a view as it is: `<h1>{runs::title}</h1>`
//! follows the language. A key with arguments is called in a closure: `{move || runs::selected(n.get())}`.

use leptos::prelude::*;
pub use protocol::Lang;
use protocol::metric::Words;

/// `words! { key: "English", "日本語", "中文"; with_args(n): "{n} of {n}", …; plural(n): "{n} run" / "{n} runs", …; }`
macro_rules! words {
    ($($name:ident $(($($arg:ident),+))?: $en:literal $(/ $many:literal)?, $ja:literal, $zh:literal;)*) => {
        $($crate::i18n::word! { $name [$($($arg),+)?] [$en $(, $many)?] $ja $zh })*
    };
}

macro_rules! word {
    ($name:ident [] [$en:literal] $ja:literal $zh:literal) => {
        pub fn $name() -> &'static str {
            match $crate::i18n::lang() {
                $crate::i18n::Lang::En => $en,
                $crate::i18n::Lang::Ja => $ja,
                $crate::i18n::Lang::Zh => $zh,
            }
        }
    };
    ($name:ident [$($arg:ident),+] [$en:literal] $ja:literal $zh:literal) => {
        pub fn $name($($arg: impl std::fmt::Display),+) -> String {
            match $crate::i18n::lang() {
                $crate::i18n::Lang::En => format!($en),
                $crate::i18n::Lang::Ja => format!($ja),
                $crate::i18n::Lang::Zh => format!($zh),
            }
        }
    };
    ($name:ident [$n:ident] [$one:literal, $many:literal] $ja:literal $zh:literal) => {
        pub fn $name($n: u64) -> String {
            match $crate::i18n::lang() {
                $crate::i18n::Lang::En if $n == 1 => format!($one),
                $crate::i18n::Lang::En => format!($many),
                $crate::i18n::Lang::Ja => format!($ja),
                $crate::i18n::Lang::Zh => format!($zh),
            }
        }
    };
}

pub(crate) use {word, words};

pub mod chat;
pub mod common;
pub mod compare;
pub mod configs;
pub mod data;
pub mod evaluate;
pub mod home;
pub mod keys;
pub mod models;
pub mod new_run;
pub mod notify;
pub mod pairs;
pub mod reference;
pub mod run;
pub mod runs;
pub mod said;
pub mod samples;
pub mod shell;
pub mod sweep;

/// A key without arguments, as a view takes it.
pub type Word = fn() -> &'static str;

thread_local! {
    static LANG: ArcRwSignal<Lang> = ArcRwSignal::new(Lang::En);
}

/// The language in use; tracked.
pub fn lang() -> Lang {
    LANG.with(|lang| lang.get())
}

/// Words that `protocol` declares, in the language in use; tracked.
pub fn said_words(words: &Words) -> &'static str {
    words.in_lang(lang())
}

/// The language in use, outside what renders.
pub fn lang_untracked() -> Lang {
    LANG.with(|lang| lang.get_untracked())
}

/// Takes over the language `<html lang>` was given before the first paint.
pub fn adopt_page_language() {
    if let Some(root) = document().document_element() {
        let tag = root.get_attribute("lang").unwrap_or_default();
        LANG.with(|lang| lang.set(Lang::from_tag(&tag)));
        said::ask();
    }
}

/// Switches the language and remembers it.
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

    words! {
        plain: "one", "一つ", "一";
        filled(a, b): "{a} of {b}", "{b} のうち {a}", "{b} 中的 {a}";
        counted(n): "{n} run" / "{n} runs", "{n} 件", "{n} 个";
    }

    #[test]
    fn a_key_speaks_the_language_in_use() {
        assert_eq!(
            (plain(), filled(1, 2), counted(1)),
            ("one", "1 of 2".into(), "1 run".into())
        );
        assert_eq!(counted(2), "2 runs");
        LANG.with(|lang| lang.set(Lang::Ja));
        assert_eq!(
            (plain(), filled(1, 2), counted(1)),
            ("一つ", "2 のうち 1".into(), "1 件".into())
        );
    }
}
