//! Words without arguments that tables hold: a module a topic, a constant of `Words` a message.

use crate::model::Book;
use std::fmt::Write;

/// A module with the constants of a topic.
pub fn constants(book: &Book, topic: &str) -> String {
    let mut out = format!("/// Words of `{topic}`.\npub mod {topic} {{\n    use crate::metric::Words;\n");
    for place in book.of_topic(topic) {
        let english = &book.english()[place];
        let name = english.name().to_uppercase();
        let words = literal(book, place);
        let _ = writeln!(
            out,
            "    /// {:?}\n    pub const {name}: Words = {words};",
            english.shown()
        );
    }
    out.push_str("}\n");
    out
}

/// The words of a message in every language.
pub fn literal(book: &Book, place: usize) -> String {
    let texts: Vec<String> = book
        .texts(place)
        .map(|message| format!("{:?}", message.shown()))
        .collect();
    format!("Words([{}])", texts.join(", "))
}
