//! The words of the product, read at build time from `assets/words`: a Fluent file a language, held against the English one, made
//! into the functions and constants that `protocol` and `frontend` call.
//!
//! English says which messages there are, in which topic, and what their arguments are. A group comment opens a topic:
//! `## runs: the table of runs`; the ids of its messages begin with `runs-`. Several arguments are named in the message's comment in
//! the order in which Rust gives them: `# $name, $bytes`; a text says them all, but those with `(may be left out)` behind. An empty argument is told apart by the variant `[empty]`, a count by
//! numbers and by CLDR's categories.

mod agree;
mod board;
mod constants;
mod languages;
mod model;
mod plural;
mod read;
mod sentences;

pub use board::{board, keys};
pub use constants::constants;
pub use languages::languages;
pub use model::{Book, Language, Message, Piece, When};
pub use sentences::sentences;

use std::path::{Path, PathBuf};

/// Topics whose words `protocol` has; the board has the others.
pub const SHARED: [&str; 7] = ["language", "says", TERMINAL, "metric", "chart", "method", "report"];

/// The topic of sentences that are said on a terminal alone: the board is built without them.
pub const TERMINAL: &str = "terminal";

/// Languages that have every message; another may be begun, and says in English what it lacks.
pub const WHOLE: [&str; 3] = ["en", "ja", "zh"];

/// What is wrong with the files, a line each with file and id.
#[derive(thiserror::Error)]
#[error("the words in assets/words can't be used:\n{}", .0.join("\n"))]
pub struct Faults(pub Vec<String>);

impl std::fmt::Debug for Faults {
    /// As a build script ends with it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

/// Where the files lie, seen from a package of the workspace.
pub fn folder(package: &str) -> PathBuf {
    Path::new(package).join("../assets/words")
}

/// All languages, English first.
///
/// # Errors
/// What is wrong with the files.
pub fn load(folder: &Path) -> Result<Book, Faults> {
    let unreadable = |path: &Path, why: std::io::Error| Faults(vec![format!("{}: {why}", path.display())]);
    let entries = std::fs::read_dir(folder).map_err(|why| unreadable(folder, why))?;
    let paths = entries.flatten().map(|entry| entry.path());
    let mut paths: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|end| end == "ftl"))
        .collect();
    paths.sort();
    let mut files = vec![];
    for path in paths {
        let text = std::fs::read_to_string(&path).map_err(|why| unreadable(&path, why))?;
        let tag = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        files.push((tag, text));
    }
    book(&files)
}

/// The languages of these files: tags and texts.
///
/// # Errors
/// What is wrong with them.
pub fn book(files: &[(String, String)]) -> Result<Book, Faults> {
    let mut faults = vec![];
    let mut languages: Vec<Language> = files
        .iter()
        .map(|(tag, text)| read::language(tag, text, &mut faults))
        .collect();
    let english = languages.iter().position(|language| language.tag == "en");
    let Some(english) = english else {
        return Err(Faults(vec!["en.ftl is not there".into()]));
    };
    let english = languages.remove(english);
    agree::orders(&english, &mut faults);
    for language in &mut languages {
        agree::with_english(&english, language, &mut faults);
    }
    languages.insert(0, english);
    match faults.is_empty() {
        true => Ok(Book { languages }),
        false => Err(Faults(faults)),
    }
}

#[cfg(test)]
mod tests;
