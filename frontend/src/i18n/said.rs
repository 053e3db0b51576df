//! Sentences of the server and of workers in the board's language, by their codes.

mod notes;
mod refusals;

use super::{Lang, lang};
use protocol::Said;
use protocol::api::Problem;

/// A sentence in the language in use; in English, and where its code has no translation, as it was said.
pub fn say(said: &Said) -> String {
    translated(&said.code, &said.args).unwrap_or_else(|| said.message.clone())
}

/// Why the server said no.
pub fn problem(problem: &Problem) -> String {
    let said = match problem.detail.is_empty() {
        true => problem.title.clone(),
        false => problem.detail.clone(),
    };
    translated(&problem.code, &problem.args).unwrap_or(said)
}

/// A sentence of a run's row.
pub fn row(message: &str, code: &str, args: &[String]) -> String {
    translated(code, args).unwrap_or_else(|| message.to_owned())
}

fn translated(code: &str, args: &[String]) -> Option<String> {
    let lang = lang();
    if lang == Lang::En {
        return None;
    }
    let (_, ja, zh) = sentences().find(|(known, ..)| *known == code)?;
    fill(if lang == Lang::Ja { ja } else { zh }, args)
}

/// Puts the arguments into their places: `{0}` as it stands; `{0: …}` with the words around it, and nothing at all for an
/// empty one. `None` when the sentence needs more than there are: then it is another version's.
fn fill(sentence: &str, args: &[String]) -> Option<String> {
    let mut out = String::new();
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        let (place, behind) = after.split_once('}')?;
        let (number, words) = place
            .split_once(':')
            .map_or((place, "#"), |(number, words)| (number, words));
        let arg = args.get(number.parse::<usize>().ok()?)?;
        out.push_str(before);
        if !arg.is_empty() {
            out.push_str(&words.replace('#', arg));
        }
        rest = behind;
    }
    out.push_str(rest);
    Some(out)
}

/// Code, Japanese, Chinese.
type Sentence = (&'static str, &'static str, &'static str);

fn sentences() -> impl Iterator<Item = &'static Sentence> {
    notes::NOTES.iter().chain(refusals::REFUSALS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_once_and_both_languages_with_the_same_arguments() {
        let places = |sentence: &str| {
            let mut places: Vec<String> = sentence
                .split('{')
                .skip(1)
                .map(|part| part.split([':', '}']).next().unwrap_or_default().to_owned())
                .collect();
            places.sort();
            places
        };
        let mut known = std::collections::BTreeSet::new();
        for (code, ja, zh) in sentences() {
            assert!(known.insert(code), "{code} twice");
            assert_eq!(places(ja), places(zh), "{code}");
            let args: Vec<String> = (0..4).map(|n| format!("arg{n}")).collect();
            for sentence in [ja, zh] {
                let said = fill(sentence, &args).unwrap_or_else(|| panic!("{code}"));
                assert!(!said.contains(['{', '}', '#']), "{code}: {said}");
            }
        }
    }

    #[test]
    fn words_around_an_argument_that_is_empty_go_with_it() {
        let args = |last: &str| ["9".to_owned(), last.to_owned()];
        assert_eq!(
            fill("ended ({0}){1:; said #}", &args("x")).as_deref(),
            Some("ended (9); said x")
        );
        assert_eq!(fill("ended ({0}){1:; said #}", &args("")).as_deref(), Some("ended (9)"));
        assert_eq!(fill("{0} {3}", &args("x")), None);
    }
}
