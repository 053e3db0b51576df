//! Translations with placeholders for arguments, in the form that the build script writes them.

use super::{Arg, Lang};
use std::str::Chars;

/// A placeholder: the argument's number in base 36 follows.
const PLACE: char = '\u{1}';
/// A choice: the argument's number, the condition, [`NEXT`], the text if it holds, [`NEXT`], the text if not, [`END`].
const CHOICE: char = '\u{2}';
const NEXT: char = '\u{3}';
const END: char = '\u{4}';

/// The translations of a sentence by its code. English is not among them: it comes with the message.
#[derive(Debug, Clone, Copy)]
pub struct Sentence {
    pub code: &'static str,
    /// Texts in all languages but English, in the order of [`Lang::ALL`].
    pub texts: [&'static str; Lang::ALL.len() - 1],
}

impl Sentence {
    /// The translation with its placeholders filled. `None` for English, and where an argument is missing because the sentence is of
    /// another version.
    pub fn fill(&self, lang: Lang, args: &[Arg]) -> Option<String> {
        let text = self.texts.get((lang as usize).checked_sub(1)?)?;
        fill(text, lang, args, |arg| arg.in_lang(lang))
    }
}

/// Fills placeholders and resolves choices. `say` turns an argument into text, so that callers with only English need no table of
/// translations.
pub(super) fn fill(text: &str, lang: Lang, args: &[Arg], say: impl Fn(&Arg) -> String) -> Option<String> {
    let mut filling = Filling {
        rest: text.chars(),
        out: String::new(),
        lang,
        args,
        say,
    };
    filling.words(true)?;
    Some(filling.out)
}

/// A sentence that is being filled.
struct Filling<'a, Say> {
    rest: Chars<'a>,
    out: String,
    lang: Lang,
    args: &'a [Arg],
    say: Say,
}

impl<'a, Say: Fn(&Arg) -> String> Filling<'a, Say> {
    /// Reads up to the end of this branch and appends it, or skips it where it is not `said`. `None`: an argument is missing.
    fn words(&mut self, said: bool) -> Option<()> {
        while let Some(c) = self.rest.next() {
            match c {
                PLACE => {
                    let arg = self.arg()?;
                    if said {
                        let text = (self.say)(arg);
                        self.out.push_str(&text);
                    }
                }
                CHOICE => {
                    let arg = self.arg()?;
                    let when: String = self.rest.by_ref().take_while(|c| *c != NEXT).collect();
                    let holds = holds(arg, &when, self.lang);
                    self.words(said && holds)?;
                    self.words(said && !holds)?;
                }
                NEXT | END => break,
                c if said => self.out.push(c),
                _ => {}
            }
        }
        Some(())
    }

    fn arg(&mut self) -> Option<&'a Arg> {
        self.args.get(self.rest.next()?.to_digit(36)? as usize)
    }
}

/// Whether a condition holds for an argument: it is empty (no condition), is this number, or has this plural category.
fn holds(arg: &Arg, when: &str, lang: Lang) -> bool {
    if when.is_empty() {
        return arg.is_empty();
    }
    let Arg::Text(text) = arg else { return false };
    text == when || text.parse().is_ok_and(|n| lang.counts(n, when))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_chosen_by_an_argument() {
        let row_or_rows = |n: u8| format!("\u{1}{n} \u{2}{n}one\u{3}row has\u{3}rows have\u{4}");
        let both = format!("{}, {}", row_or_rows(0), row_or_rows(1));
        let said = "ended (\u{1}0)\u{2}1\u{3}\u{3}; said \u{1}1\u{2}110\u{3}!\u{3}\u{4}\u{4}.";
        for (sentence, last, want) in [
            (said, "x", Some("ended (9); said x.")),
            (said, "", Some("ended (9).")),
            (said, "10", Some("ended (9); said 10!.")),
            ("\u{1}1 of \u{1}0", "x", Some("x of 9")),
            ("\u{1}0 \u{1}2", "x", None),
            (&both, "1", Some("9 rows have, 1 row has")),
        ] {
            let args = [9_u64.into(), last.into()];
            let filled = fill(sentence, Lang::En, &args, Arg::english);
            assert_eq!(filled.as_deref(), want, "{sentence}");
        }
    }
}
