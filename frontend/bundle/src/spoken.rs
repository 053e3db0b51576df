//! What is said before the board is there: its languages in the script that chooses one, words of the first layout in each of them.

use std::fmt::Write;
use words::Book;

/// The script with the tags of all languages, the longest first: `pt-BR` is asked before `pt`.
pub fn script(text: &str, book: &Book) -> String {
    let mut tags: Vec<&str> = book.languages.iter().map(|language| language.tag.as_str()).collect();
    tags.sort_by_key(|tag| std::cmp::Reverse(tag.len()));
    text.replace("{{languages}}", &tags.join("\", \""))
}

/// Shows the words of the language that the page has.
pub fn styles(book: &Book) -> String {
    let rule = |tag: &String| format!(":root[lang=\"{tag}\"] .boot span[lang=\"{tag}\"] {{ display: inline; }}\n");
    book.languages.iter().map(|language| rule(&language.tag)).collect()
}

/// The page with a message in every language where its id stands in braces.
pub fn page(text: &str, book: &Book) -> String {
    let mut text = text.to_owned();
    for (place, message) in book.english().iter().enumerate() {
        let mark = format!("{{{{{}}}}}", message.id);
        if !text.contains(&mark) {
            continue;
        }
        let mut spans = String::new();
        for (language, message) in book.languages.iter().zip(book.texts(place)) {
            let words = message.shown().replace('&', "&amp;").replace('<', "&lt;");
            let _ = write!(spans, "<span lang=\"{}\">{words}</span>", language.tag);
        }
        text = text.replace(&mark, &spans);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book() -> Book {
        let file = |tag: &str, title: &str| (tag.to_owned(), format!("## runs: table\n\nruns-title = {title}\n"));
        words::book(&[file("en", "Runs"), file("pt", "A"), file("pt-BR", "A & B")]).expect("files that agree")
    }

    #[test]
    fn each_language_is_there_before_the_board_is() {
        assert_eq!(script("[\"{{languages}}\"]", &book()), "[\"pt-BR\", \"en\", \"pt\"]");
        assert_eq!(
            page("<a>{{runs-title}}</a>{{assets}}", &book()),
            "<a><span lang=\"en\">Runs</span><span lang=\"pt\">A</span><span lang=\"pt-BR\">A &amp; B</span></a>{{assets}}"
        );
        assert!(styles(&book()).contains(":root[lang=\"pt-BR\"] .boot span[lang=\"pt-BR\"] {"));
    }
}
