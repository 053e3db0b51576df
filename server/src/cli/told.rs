//! What a command tells the person at its terminal, in their language; a program or a file reads English.

use protocol::{Lang, Said, says, tell};
use std::io;

/// Why it ended.
pub(super) fn error(said: &Said) {
    tell!("{}", err(&says::in_error(said)));
}

/// What is good to know.
pub(super) fn note(said: &Said) {
    tell!("{}", err(&says::in_note(said)));
}

/// In the language of whoever reads standard error.
pub(super) fn err(said: &Said) -> String {
    said.in_lang(Lang::of_reader(&io::stderr()))
}

/// In the language of whoever reads standard output.
pub(super) fn out(said: &Said) -> String {
    said.in_lang(Lang::of_reader(&io::stdout()))
}

/// The text with spaces behind it, so many columns wide.
pub(super) fn to_left(text: &str, wanted: usize) -> String {
    text.to_owned() + &missing(text, wanted)
}

/// The text with spaces before it.
pub(super) fn to_right(text: &str, wanted: usize) -> String {
    missing(text, wanted) + text
}

/// The columns of a terminal that a text takes: characters of East Asia, from their radicals on, two each.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(|c| if c < '\u{2e80}' { 1 } else { 2 }).sum()
}

fn missing(text: &str, wanted: usize) -> String {
    " ".repeat(wanted.saturating_sub(columns(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other_in_every_language() {
        for (text, left, right) in [
            ("pair", "pair  |", "  pair"),
            ("変化", "変化  |", "  変化"),
            ("margin!", "margin!|", "margin!"),
        ] {
            assert_eq!((to_left(text, 6) + "|", to_right(text, 6)), (left.into(), right.into()));
        }
    }
}
