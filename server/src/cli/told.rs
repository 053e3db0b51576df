//! What a command tells the person at its terminal, in their language; a program or a file reads English.

use protocol::{Lang, Said, says, tell};
use std::io::{self, IsTerminal};

/// Of whoever reads this.
pub(super) fn lang_of(read: &impl IsTerminal) -> Lang {
    match read.is_terminal() {
        true => Lang::of_terminal(|name| std::env::var(name).ok()),
        false => Lang::En,
    }
}

/// Why it ended.
pub(super) fn error(said: &Said) {
    tell!("{}", says::in_error(said).in_lang(lang_of(&io::stderr())));
}

/// What is good to know.
pub(super) fn note(said: &Said) {
    tell!("{}", says::in_note(said).in_lang(lang_of(&io::stderr())));
}
