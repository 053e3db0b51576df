//! The sentences of errors and notes: a function a message, which says it in English and with its code, and the table of the other
//! languages by code.

use crate::TERMINAL;
use crate::model::{Book, Message, Piece, When};
use std::collections::BTreeMap;
use std::fmt::Write;

/// An argument's number follows.
pub const PLACE: char = '\u{1}';
/// A choice: the argument's number, what holds, [`NEXT`], the text if so, [`NEXT`], the text if not, [`END`].
pub const CHOICE: char = '\u{2}';
pub const NEXT: char = '\u{3}';
pub const END: char = '\u{4}';

/// The functions of `says`, and the table of their codes, sorted.
pub fn sentences(book: &Book) -> String {
    let mut out = String::new();
    let mut rows = BTreeMap::new();
    for place in book.of_topic("says").chain(book.of_topic(TERMINAL)) {
        let english = &book.english()[place];
        let code = english.name();
        let args = |each: fn(&String) -> String| english.args.iter().map(each).collect::<Vec<_>>().join(", ");
        let (takes, gives) = (
            args(|arg| format!("{arg}: impl Into<crate::said::Arg>")),
            args(|arg| format!("{arg}.into()")),
        );
        let _ = writeln!(
            out,
            "/// {:?}\npub fn {code}({takes}) -> crate::Said {{\n    crate::Said::filled({code:?}, {:?}, vec![{gives}])\n}}",
            english.shown(),
            template(english, &english.text)
        );
        let others = book.texts(place).skip(1);
        let texts: Vec<String> = others
            .map(|message| format!("{:?}", template(english, &message.text)))
            .collect();
        let which_builds = match english.topic == TERMINAL {
            true => "    #[cfg(not(target_family = \"wasm\"))]\n",
            false => "",
        };
        let row = format!(
            "{which_builds}    Sentence {{ code: {code:?}, texts: [{}] }},\n",
            texts.join(", ")
        );
        rows.insert(code, row);
    }
    let _ = writeln!(out, "/// By code.\nconst SENTENCES: &[Sentence] = &[");
    out.extend(rows.into_values());
    out.push_str("];\n");
    out
}

/// The text with its choices, as `said::Sentence` fills it.
fn template(english: &Message, text: &[Piece]) -> String {
    let mut out = String::new();
    for piece in text {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Arg(name) => out.extend([PLACE, number(english, name)]),
            Piece::Choice { arg, cases, other } => {
                for (when, text) in cases {
                    let holds = match when {
                        When::Empty => String::new(),
                        When::Number(number) => number.to_string(),
                        When::Category(name) => name.clone(),
                    };
                    out.extend([CHOICE, number(english, arg)]);
                    out.push_str(&holds);
                    out.push(NEXT);
                    out.push_str(&template(english, text));
                    out.push(NEXT);
                }
                out.push_str(&template(english, other));
                out.extend(cases.iter().map(|_| END));
            }
        }
    }
    out
}

/// An argument by its place among the function's: `0` to `9`.
fn number(english: &Message, name: &str) -> char {
    let place = english.args.iter().position(|known| known == name).unwrap_or_default();
    char::from_digit(place as u32, 36).unwrap_or('0')
}
