//! What a command tells the person at its terminal, in their language; a program or a file reads English.

use protocol::{Lang, Said, says, tell};
use std::io;

/// Why it ended.
pub(super) fn error(said: &Said) {
    tell!("{}", says::in_error(said).in_lang(Lang::of_reader(&io::stderr())));
}

/// What is good to know.
pub(super) fn note(said: &Said) {
    tell!("{}", says::in_note(said).in_lang(Lang::of_reader(&io::stderr())));
}
