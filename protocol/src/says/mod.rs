//! What people are told by errors and notes, each sentence in one place: its code, its arguments, English, Japanese,
//! Chinese. The code is a function: `says::no_such_folder(path)` is the sentence with its arguments in place, in English
//! and ready for any other language.
//!
//! A place is `{name}`; `{name: words # words}` leaves out the words where the argument is empty. An argument may be a
//! sentence itself. `{n|row|rows}` is a count with the word it takes.

mod combine;
mod common;
mod config;
mod cuda;
mod data;
mod engine;
mod folder;
mod foreign;
mod found;
mod health;
mod hub;
mod imports;
mod model;
mod notes;
mod refusals;
mod rows;
mod rules;
mod samples;
mod server;
mod sweep;
mod tokens;
mod training;
mod trash;

pub use combine::*;
pub use common::*;
pub use config::*;
pub use cuda::*;
pub use data::*;
pub use engine::*;
pub use folder::*;
pub use foreign::*;
pub use found::*;
pub use health::*;
pub use hub::*;
pub use imports::*;
pub use model::*;
pub use notes::*;
pub use rows::*;
pub use rules::*;
pub use samples::*;
pub use server::*;
pub use sweep::*;
pub use tokens::*;
pub use training::*;
pub use trash::*;

use crate::said::Sentence;

/// `sentences! { TABLE code(argument, …): "English {argument}", "日本語", "中文"; … }`
macro_rules! sentences {
    ($table:ident $($code:ident($($arg:ident),*): $en:literal, $ja:literal, $zh:literal;)*) => {
        $(
            #[doc = $en]
            pub fn $code($($arg: impl Into<$crate::said::Arg>),*) -> $crate::Said {
                let places = &[$(stringify!($arg)),*];
                $crate::Said::filled(stringify!($code), $en, places, vec![$($arg.into()),*])
            }
        )*

        pub(super) const $table: &[$crate::said::Sentence] = &[$($crate::said::Sentence {
            code: stringify!($code),
            places: &[$(stringify!($arg)),*],
            #[cfg(test)]
            en: $en,
            ja: $ja,
            zh: $zh,
        }),*];
    };
}
use sentences;

/// The tables.
const TABLES: &[&[Sentence]] = &[
    COMBINE, COMMON, CONFIG, CUDA, DATA, ENGINE, FOLDER, FOREIGN, FOUND, HEALTH, HUB, IMPORTS, MODEL, NOTES, ROWS,
    RULES, SAMPLES, SERVER, SWEEP, TOKENS, TRAINING, TRASH,
];

/// Code, Japanese, Chinese, of a sentence whose English stands where it is said; its places are numbers.
type Worded = (&'static str, &'static str, &'static str);

/// The sentence of a code.
pub(crate) fn find(code: &str) -> Option<Sentence> {
    let mut tables = TABLES.iter().copied().flatten();
    if let Some(found) = tables.find(|sentence| sentence.code == code) {
        return Some(*found);
    }
    let mut worded = refusals::REFUSALS.iter();
    let (code, ja, zh) = *worded.find(|(known, ..)| *known == code)?;
    let places = &["0", "1", "2", "3"];
    Some(Sentence {
        code,
        places,
        #[cfg(test)]
        en: "",
        ja,
        zh,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::said::{Arg, Lang};
    use std::collections::BTreeSet;

    /// The names of a sentence's places.
    fn places(sentence: &str) -> BTreeSet<&str> {
        let parts = sentence.split('{').skip(1);
        parts
            .map(|part| part.split([':', '|', '}']).next().unwrap_or_default())
            .collect()
    }

    /// Names of methods, which are the same in every language.
    const NAMES: [&str; 2] = ["mixture of depths", "shifted sparse attention"];

    /// Whether three English words stand in a row that are no names, keys, places or quoted.
    fn is_english(text: &str) -> bool {
        let mut text = text.to_owned();
        for name in NAMES {
            text = text.replace(name, "、");
        }
        let mut bare = String::new();
        let (mut quoted, mut place) = (false, false);
        for c in text.chars() {
            match c {
                '`' => quoted = !quoted,
                '{' | '}' => place = c == '{',
                _ => {}
            }
            bare.push(if quoted || place || "`}".contains(c) { '、' } else { c });
        }
        let is_word = |word: &&str| word.len() > 1 && word.chars().all(|c| c.is_ascii_lowercase());
        let words: Vec<&str> = bare.split_whitespace().collect();
        words.windows(3).any(|row| row.iter().all(is_word))
    }

    /// What is wrong with a sentence.
    fn wrong(sentence: &Sentence) -> Option<String> {
        let want: BTreeSet<&str> = sentence.places.iter().copied().collect();
        let args: Vec<Arg> = want.iter().map(|name| format!("<{name}>").into()).collect();
        for (lang, text) in [("en", sentence.en), ("ja", sentence.ja), ("zh", sentence.zh)] {
            if places(text) != want {
                return Some(format!("{}: {lang} has other places: {text}", sentence.code));
            }
        }
        for lang in [Lang::Ja, Lang::Zh] {
            let said = sentence.fill(lang, &args).unwrap_or_default();
            if said.is_empty() || said.contains(['{', '}', '#']) {
                return Some(format!("{}: {said}", sentence.code));
            }
        }
        let english = |text: &&str| is_english(text);
        let found = [sentence.ja, sentence.zh].into_iter().find(english);
        found.map(|text| format!("{}: still English: {text}", sentence.code))
    }

    #[test]
    fn every_sentence_has_one_code_and_the_same_places_in_every_language() {
        let mut known = BTreeSet::new();
        let mut faults = vec![];
        for sentence in TABLES.iter().copied().flatten() {
            if !known.insert(sentence.code) {
                faults.push(format!("{} twice", sentence.code));
            }
            faults.extend(wrong(sentence));
        }
        for (code, ja, zh) in refusals::REFUSALS {
            if !known.insert(code) || places(ja) != places(zh) {
                faults.push((*code).to_owned());
            }
        }
        assert!(faults.is_empty(), "{faults:#?}");
    }

    #[test]
    fn what_opens_with_a_key_does_so_in_every_language() {
        let key = |text: &'static str| {
            let (key, _) = text.split_once([':', '：'])?;
            let place = key.strip_prefix('{')?.strip_suffix('}')?;
            let is_key = |c: char| c.is_ascii_lowercase() || c == '_';
            place.chars().all(is_key).then_some(place)
        };
        let differs =
            |sentence: &&Sentence| key(sentence.en) != key(sentence.ja) || key(sentence.en) != key(sentence.zh);
        let of_keys = TABLES.iter().copied().flatten().filter(|it| key(it.en).is_some());
        let faults: Vec<_> = of_keys.filter(differs).map(|sentence| sentence.code).collect();
        assert!(faults.is_empty(), "{faults:#?}");
    }

    #[test]
    fn a_sentence_that_is_not_whole_is_found() {
        let sentence = |ja, zh| Sentence {
            code: "x",
            places: &["name"],
            en: "the file {name} is not there",
            ja,
            zh,
        };
        assert_eq!(wrong(&sentence("{name} がありません", "没有 {name}")), None);
        for (ja, zh) in [
            ("ありません", "没有 {name}"),
            ("{name} がありません", "没有 {nam}"),
            ("{name} the file is not there", "没有 {name}"),
            ("{name が", "没有 {name}"),
        ] {
            assert!(wrong(&sentence(ja, zh)).is_some(), "{ja} {zh}");
        }
    }
}
