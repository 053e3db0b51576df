//! Sentences of the server and of workers in the board's language, by their codes.

use super::lang;
use protocol::Said;
use protocol::api::Problem;
use protocol::said::{Arg, said};

/// A sentence in the language in use; in English, and where its code has no translation, as it was said.
pub fn say(said: &Said) -> String {
    said.in_lang(lang())
}

/// Why the server said no.
pub fn problem(problem: &Problem) -> String {
    let message = match problem.detail.is_empty() {
        true => &problem.title,
        false => &problem.detail,
    };
    said(message, &problem.code, &problem.args, lang())
}

/// A sentence of a run's row.
pub fn row(message: &str, code: &str, args: &[Arg]) -> String {
    said(message, code, args, lang())
}
