//! What people are told has words in every language: each code that the sources use, and no sentence is without one.

use protocol::{Lang, Said};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use tests::programs::root;

/// Places where a text without a code is said to people: what another program said, or an older file holds, and lists of
/// names. Nothing else can be: the types ask for a sentence of `protocol::says`.
const PLAIN: &[(&str, usize)] = &[
    ("frontend/src/pages/new_run/further.rs", 1),
    ("frontend/src/pages/new_run/state.rs", 1),
    ("protocol/src/config/mod.rs", 1),
    ("server/src/runs/progress.rs", 1),
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

#[test]
fn no_sentence_is_added_without_a_code() {
    let found: Vec<(String, usize)> = sources()
        .into_iter()
        .map(|(name, text)| (name, text.matches("Said::plain").count()))
        .filter(|(_, count)| *count > 0)
        .collect();
    let found: Vec<(&str, usize)> = found.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    assert_eq!(
        found, PLAIN,
        "write the sentence in protocol/src/says, in every language"
    );
}

/// Codes of the tables in `protocol/src/says`.
fn codes() -> Vec<String> {
    let mut tables = vec![];
    walk(&root().join("protocol/src/says"), &mut tables);
    let line = |line: &str| {
        let (code, _) = line.strip_prefix("    ")?.split_once('(')?;
        is_code(code).then(|| code.to_owned())
    };
    let text = |path: &PathBuf| std::fs::read_to_string(path).expect("a table");
    let tables = tables.iter().filter(|path| !path.ends_with("mod.rs")).map(text);
    tables
        .flat_map(|text| text.lines().filter_map(line).collect::<Vec<_>>())
        .collect()
}

#[test]
fn no_sentence_of_the_tables_is_unused() {
    let codes = codes();
    assert!(codes.len() > 500, "only {} codes were found", codes.len());
    let sources: String = sources().into_iter().map(|(_, text)| text).collect();
    let said: HashSet<&str> = sources
        .split("says::")
        .skip(1)
        .map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            end.map_or(rest, |end| &rest[..end])
        })
        .collect();
    let unused: Vec<_> = codes.iter().filter(|code| !said.contains(code.as_str())).collect();
    assert!(unused.is_empty(), "nobody says {unused:#?}");
}

#[test]
fn every_code_in_the_sources_has_words() {
    let mut found = 0;
    let mut faults = vec![];
    for (name, text) in sources() {
        let calls = [
            "Said::new(",
            "ApiError::bad(",
            "ApiError::conflict(",
            "ApiError::refused(",
        ];
        let of_calls = calls
            .iter()
            .flat_map(|call| text.split(call).skip(1).map(arguments))
            .filter_map(|args| args.split('"').nth(1));
        // a field of an error of the machine
        let of_fields = text.split("code: \"").skip(1).filter_map(|rest| rest.split('"').next());
        for code in of_calls.chain(of_fields).filter(|code| is_code(code)) {
            found += 1;
            let said = Said::new(code, "English").with_args([""; 9]);
            if [Lang::Ja, Lang::Zh].iter().any(|lang| said.in_lang(*lang) == "English") {
                faults.push(format!("{name}: {code}"));
            }
        }
    }
    assert!(found > 40, "only {found} codes were found");
    assert!(faults.is_empty(), "no words for {faults:#?}");
}

fn is_code(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}
