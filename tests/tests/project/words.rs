//! What people are told has words in every language: each code that the sources use, and ever fewer sentences without one.

use protocol::{Lang, Said};
use std::path::{Path, PathBuf};
use tests::programs::root;

/// Calls whose sentence should come from `protocol::says`.
const CALLS: [&str; 4] = ["Error::invalid(", "Error::file(", "FieldError::new(", ".notice("];

/// Sentences without a code that a room may still hold: engine-internal impossibilities (a backward pass without its
/// forward pass, a state that was never set), and reasons of data files and of talks. Only ever fewer.
const LEFT: [(&str, usize); 3] = [("protocol/src", 0), ("trainer/src", 46), ("server/src", 1)];

/// The sources, their tests left out.
fn sources() -> Vec<(String, String)> {
    let mut found = vec![];
    for room in ["protocol/src", "trainer/src", "server/src"] {
        walk(&root().join(room), &mut found);
    }
    found
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("a source");
            let text = text
                .split("#[cfg(test)]\nmod tests")
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

/// What stands between the parenthesis that ends `before` and its partner.
fn arguments(behind: &str) -> &str {
    let mut depth = 1;
    let mut text = false;
    let mut escaped = false;
    for (at, c) in behind.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if text => escaped = true,
            '"' => text = !text,
            '(' if !text => depth += 1,
            ')' if !text => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &behind[..at];
        }
    }
    behind
}

/// Calls in a source that say a sentence written there.
fn plain(source: &str) -> usize {
    let calls = CALLS.iter().flat_map(|call| source.split(call).skip(1).map(arguments));
    calls
        .filter(|args| {
            // a key and a kind are no sentences
            let sentence = args.split('"').skip(1).step_by(2).any(|text| text.contains(' '));
            sentence && !args.contains("says::")
        })
        .count()
}

#[test]
fn no_sentence_is_added_without_a_code() {
    for (room, allowed) in LEFT {
        let places: Vec<_> = sources()
            .into_iter()
            .filter(|(name, _)| name.starts_with(room))
            .map(|(name, text)| (name, plain(&text)))
            .filter(|(_, count)| *count > 0)
            .collect();
        let found: usize = places.iter().map(|(_, count)| count).sum();
        assert!(
            found <= allowed,
            "{found} sentences that no other language has, {allowed} were there: write them in protocol/src/says; they are \
             among {places:#?}"
        );
    }
}

#[test]
fn a_sentence_without_a_code_is_found() {
    for (source, count) in [
        (r#"Error::invalid("it is not there")"#, 1),
        (r#"Error::file(&path, format!("has {n} bytes (too many)"))"#, 1),
        (r#"FieldError::new("key", "type", says::a_number())"#, 0),
        (r#"Error::invalid(says::not_there("a b"))"#, 0),
        (r#"self.events.notice(format!("ends at {step}"))"#, 1),
        (r#"Error::invalid(message)"#, 0),
    ] {
        assert_eq!(plain(source), count, "{source}");
    }
}

#[test]
fn every_code_in_the_sources_has_words() {
    let mut found = 0;
    let mut faults = vec![];
    for (name, text) in sources() {
        for call in [
            "Said::new(",
            "ApiError::bad(",
            "ApiError::conflict(",
            "ApiError::refused(",
        ] {
            for args in text.split(call).skip(1).map(arguments) {
                let Some(code) = args.split('"').nth(1).filter(|code| is_code(code)) else {
                    continue;
                };
                found += 1;
                let said = Said::new(code, "English").with_args([""; 9]);
                if [Lang::Ja, Lang::Zh].iter().any(|lang| said.in_lang(*lang) == "English") {
                    faults.push(format!("{name}: {code}"));
                }
            }
        }
    }
    assert!(found > 40, "only {found} codes were found");
    assert!(faults.is_empty(), "no words for {faults:#?}");
}

fn is_code(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}
