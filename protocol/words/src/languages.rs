//! The languages there are, as the variants of `Lang`: a file each, English first.

use crate::model::Book;
use crate::plural;
use std::fmt::Write;

/// The variant of a tag: `pt-BR` is `PtBr`.
pub fn variant(tag: &str) -> String {
    let part = |part: &str| {
        let mut letters = part.chars();
        let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
        first + &letters.as_str().to_lowercase()
    };
    tag.split('-').map(part).collect()
}

/// `Lang`, with what each file says of its language.
pub fn languages(book: &Book) -> String {
    let mut out = String::from(
        "/// A language of the board, of errors and of notes: each has a file in `assets/words`.\n\
         #[derive(Debug, Clone, Copy, PartialEq, Eq)]\npub enum Lang {\n",
    );
    let variants: Vec<String> = book.languages.iter().map(|language| variant(&language.tag)).collect();
    for (language, variant) in book.languages.iter().zip(&variants) {
        let _ = writeln!(out, "    /// `{}.ftl`\n    {variant},", language.tag);
    }
    let all: Vec<String> = variants.iter().map(|variant| format!("Self::{variant}")).collect();
    let count = variants.len();
    let _ = writeln!(
        out,
        "}}\n\nimpl Lang {{\n    pub const ALL: [Self; {count}] = [{}];",
        all.join(", ")
    );
    let told = |id: &str| -> Vec<String> {
        let place = book.english().iter().position(|message| message.id == id);
        place.map_or_else(Vec::new, |place| {
            book.texts(place).map(|message| message.shown()).collect()
        })
    };
    let tags: Vec<String> = book.languages.iter().map(|language| language.tag.clone()).collect();
    let functions = [
        (
            "tag",
            "The tag in `<html lang>`, in storage, and in the names of the demo data sets.",
            tags,
        ),
        ("name", "Its own name, for the switch.", told("language-name")),
        ("letter", "The letter of the switch.", told("language-letter")),
    ];
    for (function, doc, texts) in functions {
        let _ = writeln!(
            out,
            "\n    /// {doc}\n    pub fn {function}(self) -> &'static str {{\n        match self {{"
        );
        for (variant, text) in variants.iter().zip(texts) {
            let _ = writeln!(out, "            Self::{variant} => {text:?},");
        }
        out.push_str("        }\n    }\n");
    }
    out.push_str(&categories(book, &variants));
    out.push_str("}\n");
    out
}

/// CLDR's categories that a language tells apart, by their first letters; another count is `o`ther's.
fn categories(book: &Book, variants: &[String]) -> String {
    let mut out = String::from(
        "\n    /// Whether a count is of one of CLDR's categories in the language.\n    \
         pub(crate) fn counts(self, n: u64, category: &str) -> bool {\n        match (self, category) {\n",
    );
    for (language, variant) in book.languages.iter().zip(variants) {
        for category in plural::CATEGORIES {
            if let Some(holds) = plural::condition(&language.tag, category) {
                let _ = writeln!(out, "            (Self::{variant}, {category:?}) => {holds},");
            }
        }
    }
    out.push_str("            _ => false,\n        }\n    }\n");
    out
}
