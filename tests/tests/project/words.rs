//! What people are told is in `assets/words`: no sentence beside it, no message that nobody says.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use tests::programs::root;
use words::Book;

/// Places where a text without a code is said to people: what another program said, or an older file holds, and lists of
/// names. Nothing else can be: the types ask for a sentence of `protocol::says`.
const PLAIN: &[(&str, usize)] = &[
    ("frontend/src/logic/chat.rs", 1),
    ("frontend/src/pages/new_run/further.rs", 1),
    ("frontend/src/pages/new_run/state/checked.rs", 1),
    ("protocol/src/config/mod.rs", 1),
    ("server/src/db/progress.rs", 1),
    ("server/src/trainer.rs", 1),
    ("trainer/src/cli/mod.rs", 1),
    ("trainer/src/data/error.rs", 1),
    // what a library says of a broken file
    ("trainer/src/data/source/arrow.rs", 4),
    ("trainer/src/data/source/footer.rs", 2),
    ("trainer/src/terminal.rs", 1),
];

/// The sources, their tests left out.
fn sources() -> Vec<(String, String)> {
    let mut found = vec![];
    for room in ["protocol/src", "trainer/src", "server/src", "frontend/src"] {
        walk(&root().join(room), &mut found);
    }
    found.sort();
    found
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("a source");
            let text = text
                .split("#[cfg(test)]\nmod tests {")
                .next()
                .unwrap_or_default()
                .to_owned();
            let name = path.strip_prefix(root()).expect("below the root");
            (name.display().to_string(), text)
        })
        .collect()
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => walk(&path, found),
            false if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs") => found.push(path),
            false => {}
        }
    }
}

#[test]
fn no_sentence_is_added_without_a_code() {
    let found: Vec<(String, usize)> = sources()
        .into_iter()
        .map(|(name, text)| (name, text.matches("Said::plain").count()))
        .filter(|(_, count)| *count > 0)
        .collect();
    let found: Vec<(&str, usize)> = found.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    assert_eq!(found, PLAIN, "write the sentence in assets/words, in every language");
}

fn book() -> Book {
    words::load(&root().join("assets/words")).expect("the words agree")
}

/// What follows `before` in the sources of these folders.
fn named(rooms: &[&str], before: &str) -> HashSet<String> {
    let texts = sources()
        .into_iter()
        .filter(|(name, _)| rooms.iter().any(|room| name.starts_with(room)));
    let names = |text: String| -> Vec<String> {
        let rests = text.split(before).skip(1);
        rests
            .map(|rest| {
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                end.map_or(rest, |end| &rest[..end]).to_owned()
            })
            .collect()
    };
    texts.flat_map(|(_, text)| names(text)).collect()
}

#[test]
fn no_message_is_unused() {
    let book = book();
    let said = named(&["protocol", "trainer", "server", "frontend"], "says::");
    let shown = named(&["frontend"], "::");
    let constants = named(&["protocol", "server"], "words::");
    let mut unused = vec![];
    let mut count = 0;
    for message in book.english() {
        let name = message.name();
        count += 1;
        let used = match message.topic.as_str() {
            "says" | words::TERMINAL => said.contains(&name),
            "metric" | "chart" | "method" | "report" => constants.contains(&name.to_uppercase()),
            // by the table of keys, by `Lang`
            "key" | "language" => true,
            _ => shown.contains(&name),
        };
        if !used {
            unused.push(&message.id);
        }
    }
    assert!(count > 2000, "only {count} messages were found");
    assert!(unused.is_empty(), "nobody says {unused:#?}");
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

/// A key that a sentence opens with, before its colon.
fn key(text: &str) -> Option<String> {
    let (key, _) = text.split_once([':', '：'])?;
    let place = key.strip_prefix('{')?.strip_suffix('}')?;
    let is_key = |c: char| c.is_ascii_lowercase() || c == '_';
    place.chars().all(is_key).then(|| place.to_owned())
}

#[test]
fn sentences_are_translated_and_open_with_the_same_key() {
    assert!(is_english("没有 {name} the file is not there") && !is_english("没有 {name}"));
    let book = book();
    let mut faults = vec![];
    for place in book.of_topic("says").chain(book.of_topic(words::TERMINAL)) {
        let english = &book.english()[place];
        let opens = key(&english.shown());
        for language in book
            .languages
            .iter()
            .filter(|it| words::WHOLE[1..].contains(&it.tag.as_str()))
        {
            let text = language.messages[place].shown();
            if is_english(&text) || (opens.is_some() && key(&text) != opens) {
                faults.push(format!("{}.ftl: {}: {text}", language.tag, english.id));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
