//! The files agree or say where they don't; what is made of them.

use super::*;

const EN: &str = "\
## language: itself

language-name = English
language-letter = en

## runs: the table

runs-title = Runs
# $name, $n
runs-held =
    { $name } has { $n ->
        [one] { $n } run
       *[other] { $n } runs
    }

## says: errors

says-no-file =
    there is no file { $path }{ $near ->
        [empty] { \"\" }
       *[other] { \" \" }(but { $near })
    }
";

const DE: &str = "\
language-name = Deutsch
language-letter = de
runs-title = Läufe
runs-held = { $name }: { $n ->
        [1] ein Lauf
       *[other] { $n } Läufe
    }
says-no-file = { $near }, nicht { $path }
";

fn read(en: &str, others: &[(&str, &str)]) -> Result<Book, String> {
    let mut files = vec![("en".to_owned(), en.to_owned())];
    files.extend(others.iter().map(|(tag, text)| ((*tag).to_owned(), (*text).to_owned())));
    book(&files).map_err(|faults| faults.to_string())
}

fn ordered() -> String {
    EN.replace("says-no-file", "# $path, $near\nsays-no-file")
}

/// What is wrong with English and one other language.
fn wrong(en: &str, tag: &str, text: &str) -> String {
    read(en, &[(tag, text)]).err().unwrap_or_default()
}

#[test]
fn languages_that_agree_have_englishs_order_and_arguments() {
    let book = read(&ordered(), &[("de", DE)]).unwrap();
    let [english, german] = book.languages.as_slice() else {
        unreachable!("two files")
    };
    assert!(german.lacks.is_empty());
    let ids = |language: &Language| -> Vec<String> { language.messages.iter().map(|m| m.id.clone()).collect() };
    assert_eq!(ids(english), ids(german));
    assert_eq!(german.messages[4].args, ["path", "near"]);
    assert_eq!(german.messages[3].shown(), "{name}: {n} Läufe");
}

#[test]
fn a_fault_names_its_file_and_id() {
    let en = ordered();
    for (tag, text, fault) in [
        ("ja", "runs-title = x", "ja.ftl: runs-held is not there"),
        ("de", "runs-tite = x", "de.ftl: English has no runs-tite"),
        (
            "de",
            "runs-held = { $nam } { $n }",
            "de.ftl: runs-held: $nam is no argument of English",
        ),
        ("de", "runs-held = { $n }", "de.ftl: runs-held: $name is not said"),
        (
            "de",
            "runs-title = a\nruns-title = b",
            "de.ftl: runs-title stands twice",
        ),
        ("de", "runs-title = { runs-held }", "de.ftl: runs-title: only arguments"),
        ("de", "runs-title = {", "de.ftl:1: "),
        (
            "ja",
            "runs-held = { $name }{ $n ->\n [one] x\n *[other] y\n }",
            "[one] is no form of this language",
        ),
    ] {
        let wrong = wrong(&en, tag, text);
        assert!(wrong.contains(fault), "{text}: {wrong}");
    }
    let wrong = read(EN, &[]).unwrap_err();
    assert!(
        wrong.contains(
            "en.ftl: says-no-file has several arguments: a comment above it says their order, `# $path, $near`"
        ),
        "{wrong}"
    );
    let wrong = read(&en.replace("runs-title", "run-title"), &[]).unwrap_err();
    assert!(
        wrong.contains("en.ftl: run-title stands in the group `runs`"),
        "{wrong}"
    );
}

#[test]
fn a_language_that_is_begun_says_the_rest_in_english() {
    let book = read(&ordered(), &[("ko", "runs-title = 실행")]).unwrap();
    let korean = &book.languages[1];
    assert_eq!(
        korean.lacks,
        ["language-name", "language-letter", "runs-held", "says-no-file"]
    );
    // English's forms of a count, which Korean has not
    let board = board(&book);
    assert!(
        board.contains("Ko => if n == 1 { format!(\"{name} has {n} run\") }"),
        "{board}"
    );
}

#[test]
fn messages_become_functions() {
    let book = read(&ordered(), &[("de", DE)]).unwrap();
    let made = board(&book);
    for line in [
        "pub mod runs {",
        "pub fn title() -> &'static str {",
        "crate::i18n::Lang::De => \"Läufe\",",
        "pub fn held(name: impl std::fmt::Display, n: u64) -> String {",
        "En => if n == 1 { format!(\"{name} has {n} run\") } else { format!(\"{name} has {n} runs\") },",
    ] {
        assert!(made.contains(line), "{line}\n{made}");
    }
    let made = sentences(&book);
    for line in [
        "pub fn no_file(path: impl Into<crate::said::Arg>, near: impl Into<crate::said::Arg>) -> crate::Said {",
        r#"filled("no_file", "there is no file \u{1}0\u{2}1\u{3}\u{3} (but \u{1}1)\u{4}", vec![path.into(), near.into()])"#,
        r#"    Sentence { code: "no_file", texts: ["\u{1}1, nicht \u{1}0"] },"#,
    ] {
        assert!(made.contains(line), "{line}\n{made}");
    }
}

#[test]
fn a_file_is_a_language() {
    let file = "language-name = Português\nlanguage-letter = pt";
    let made = languages(&read(&ordered(), &[("pt-BR", file)]).unwrap());
    for line in [
        "pub const ALL: [Self; 2] = [Self::En, Self::PtBr];",
        "Self::PtBr => \"pt-BR\",",
        "Self::PtBr => \"Português\",",
        "(Self::PtBr, \"one\") => n <= 1,",
    ] {
        assert!(made.contains(line), "{line}\n{made}");
    }
}

#[test]
fn a_count_falls_into_one_category() {
    for tag in ["en", "fr", "ru", "pl", "cs", "ar", "ga", "lt", "ja"] {
        let known = plural::CATEGORIES
            .iter()
            .filter_map(|name| plural::condition(tag, name));
        assert_eq!(known.count() == 0, tag == "ja", "{tag}");
    }
    assert_eq!(plural::condition("pt-BR", "one"), Some("n <= 1"));
    assert_eq!(plural::condition("en", "few"), None);
}
