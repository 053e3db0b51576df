//! The board's words as Rust: a module a topic, a function a message; and the table of the form's keys.

use crate::model::{Book, Language, Message, Piece, When};
use crate::{SHARED, constants, languages, plural};
use std::fmt::Write;

/// Modules for all topics that `protocol` does not have; of `key` there is a table.
pub fn board(book: &Book) -> String {
    let mut topics: Vec<&str> = vec![];
    for message in book.english() {
        let topic = message.topic.as_str();
        if topic != "key" && !SHARED.contains(&topic) && !topics.contains(&topic) {
            topics.push(topic);
        }
    }
    let mut out = String::new();
    for topic in topics {
        let _ = writeln!(out, "/// Words of `{topic}`.\npub mod {} {{", topic.replace('-', "_"));
        for place in book.of_topic(topic) {
            function(book, place, &mut out);
        }
        out.push_str("}\n");
    }
    out
}

fn function(book: &Book, place: usize, out: &mut String) {
    let english = &book.english()[place];
    let _ = writeln!(out, "    /// {:?}", english.shown());
    let name = english.name();
    let plain: Option<Vec<&str>> = book.texts(place).map(Message::plain).collect();
    if let (Some(texts), []) = (plain, english.args.as_slice()) {
        let _ = writeln!(
            out,
            "    pub fn {name}() -> &'static str {{\n        match crate::i18n::lang() {{"
        );
        for (language, text) in book.languages.iter().zip(texts) {
            let _ = writeln!(out, "            {} => {text:?},", arm(language));
        }
    } else {
        let args: Vec<String> = english.args.iter().map(|arg| argument(english, arg)).collect();
        let args = args.join(", ");
        let _ = writeln!(
            out,
            "    pub fn {name}({args}) -> String {{\n        match crate::i18n::lang() {{"
        );
        for (language, message) in book.languages.iter().zip(book.texts(place)) {
            let text = expression(language, english, &message.text);
            let _ = writeln!(out, "            {} => {text},", arm(language));
        }
    }
    out.push_str("        }\n    }\n");
}

fn arm(language: &Language) -> String {
    format!("crate::i18n::Lang::{}", languages::variant(&language.tag))
}

/// A number where English counts by it, else whatever shows itself.
fn argument(english: &Message, name: &str) -> String {
    match english.counts(name) {
        true => format!("{name}: u64"),
        false => format!("{name}: impl std::fmt::Display"),
    }
}

/// A text as one `String` a branch.
fn expression(language: &Language, english: &Message, text: &[Piece]) -> String {
    let choice = text.iter().position(|piece| matches!(piece, Piece::Choice { .. }));
    let Some(at) = choice else {
        return formatted(text);
    };
    let (before, after) = (&text[..at], &text[at + 1..]);
    let Piece::Choice { arg, cases, other } = &text[at] else {
        return formatted(text);
    };
    let branch = |pieces: &[Piece]| expression(language, english, &[before, pieces, after].concat());
    // of branches that say the same, one is enough
    if cases.iter().all(|(_, pieces)| pieces == other) {
        return branch(other);
    }
    let mut out = String::new();
    for (when, pieces) in cases {
        let holds = match when {
            When::Empty => format!("{arg}.to_string().is_empty()"),
            When::Number(number) => count(english, arg, &format!("n == {number}")),
            When::Category(name) => count(english, arg, plural::condition(&language.tag, name).unwrap_or("false")),
        };
        let _ = write!(out, "if {holds} {{ {} }} else ", branch(pieces));
    }
    let _ = write!(out, "{{ {} }}", branch(other));
    out
}

/// A condition on a count.
fn count(english: &Message, arg: &str, holds: &str) -> String {
    match english.counts(arg) {
        true if arg == "n" => holds.to_owned(),
        true => format!("{{ let n = {arg}; {holds} }}"),
        false => format!("crate::i18n::count(&{arg}).is_some_and(|n| {holds})"),
    }
}

fn formatted(text: &[Piece]) -> String {
    let plain = |piece: &Piece| match piece {
        Piece::Text(text) => Some(text.clone()),
        Piece::Arg(_) | Piece::Choice { .. } => None,
    };
    if let Some(words) = text.iter().map(plain).collect::<Option<String>>() {
        return format!("{words:?}.to_owned()");
    }
    let piece = |piece: &Piece| match piece {
        Piece::Text(text) => text.replace('{', "{{").replace('}', "}}"),
        Piece::Arg(name) => format!("{{{name}}}"),
        Piece::Choice { .. } => String::new(),
    };
    let words = text.iter().map(piece).collect::<String>();
    format!("format!({words:?})")
}

/// The table of keys of the form: label, hint, and the words of values, whose attributes are `is-VALUE` and `unset`.
pub fn keys(book: &Book) -> String {
    let mut out = String::from("/// The keys of the form, in its order.\nstatic KEYS: &[KeyWords] = &[\n");
    let messages = book.english();
    let places: Vec<usize> = book.of_topic("key").collect();
    for &place in places.iter().filter(|place| !messages[**place].id.contains('.')) {
        let id = &messages[place].id;
        let of = |attribute: &str| {
            let wanted = format!("{id}.{attribute}");
            places.iter().copied().find(|place| messages[*place].id == wanted)
        };
        let label = constants::literal(book, place);
        let hint = match of("hint") {
            Some(place) => format!("Some({})", constants::literal(book, place)),
            None => "None".into(),
        };
        let _ = write!(
            out,
            "    KeyWords {{ key: {:?}, label: {label}, hint: {hint}, choices: &[",
            messages[place].name()
        );
        for &place in &places {
            let Some(attribute) = messages[place]
                .id
                .strip_prefix(id)
                .and_then(|rest| rest.strip_prefix('.'))
            else {
                continue;
            };
            let value = if attribute == "unset" {
                Some("")
            } else {
                attribute.strip_prefix("is-")
            };
            if let Some(value) = value {
                let _ = write!(out, "({value:?}, {}), ", constants::literal(book, place));
            }
        }
        out.push_str("] },\n");
    }
    out.push_str("];\n");
    out
}
