//! A sentence with places for its arguments, in each language.

use super::{Arg, Lang};

/// A sentence that has a code: what it is in the languages that the sender does not speak.
#[derive(Debug, Clone, Copy)]
pub struct Sentence {
    pub code: &'static str,
    /// Names of the places, in the order of the arguments.
    pub places: &'static [&'static str],
    /// What comes with it anyway, for the test of the tables.
    #[cfg(test)]
    pub(crate) en: &'static str,
    pub ja: &'static str,
    pub zh: &'static str,
}

impl Sentence {
    /// With its places filled. `None` in English, which comes with what is said, and when a place has no argument: then
    /// the sentence is another version's.
    pub fn fill(&self, lang: Lang, args: &[Arg]) -> Option<String> {
        let sentence = match lang {
            Lang::En => return None,
            Lang::Ja => self.ja,
            Lang::Zh => self.zh,
        };
        fill(sentence, self.places, args, |arg| arg.in_lang(lang))
    }
}

/// Puts arguments into their places: `{name}` as it stands; `{name: …#…}` with the words around it, and nothing at all
/// for an empty one; `{name|row|rows}` with the word that a count takes. `say` is how an argument is said: whoever only has
/// English needs no table of other languages.
pub(super) fn fill(sentence: &str, places: &[&str], args: &[Arg], say: impl Fn(&Arg) -> String) -> Option<String> {
    let mut out = String::new();
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        let (place, behind) = after.split_once('}')?;
        let mut forms = place.split('|');
        let place = forms.next()?;
        let (name, words) = place.split_once(':').unwrap_or((place, "#"));
        let arg = args.get(places.iter().position(|known| *known == name)?)?;
        out.push_str(before);
        if !arg.is_empty() {
            out.push_str(&words.replace('#', &say(arg)));
            let form = if *arg == *"1" { forms.next() } else { forms.nth(1) };
            form.iter().for_each(|form| out.extend([" ", form]));
        }
        rest = behind;
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_around_an_argument_that_is_empty_go_with_it() {
        let say =
            |sentence: &str, last: &str| fill(sentence, &["n", "last"], &[9_u64.into(), last.into()], Arg::english);
        for (sentence, last, want) in [
            ("ended ({n}){last:; said #}", "x", Some("ended (9); said x")),
            ("ended ({n}){last:; said #}", "", Some("ended (9)")),
            ("{last} of {n}", "x", Some("x of 9")),
            ("{n} {other}", "x", None),
            (
                "{n|row has|rows have}, {last|row has|rows have}",
                "1",
                Some("9 rows have, 1 row has"),
            ),
        ] {
            assert_eq!(say(sentence, last).as_deref(), want, "{sentence}");
        }
    }
}
