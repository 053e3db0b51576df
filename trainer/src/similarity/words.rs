//! Texts in words as Python's jieba 0.42 cuts them.
//!
//! The crate has its dictionary and its model. It differs in two ways that are put right here: it takes more letters for Chinese
//! ones than jieba's pattern does, and keeps names such as `v1.2-rc` whole where jieba takes them apart.

use jieba_rs::Jieba;

pub(super) struct Words(Jieba);

impl Words {
    pub(super) fn new() -> Self {
        Self(Jieba::new())
    }

    /// `jieba.cut(text)`.
    pub(super) fn cut<'t>(&self, text: &'t str) -> Vec<&'t str> {
        let mut words = vec![];
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let inside = in_block(first);
            let end = rest.find(|c| in_block(c) != inside).unwrap_or(rest.len());
            let (run, after) = rest.split_at(end);
            rest = after;
            match inside {
                true => {
                    for token in self.0.cut(run, true) {
                        self.push(token.word, &mut words);
                    }
                }
                false => push_letters(run, &mut words),
            }
        }
        words
    }

    fn push<'t>(&self, word: &'t str, words: &mut Vec<&'t str>) {
        let joined = word.is_ascii() && word.contains(['.', '_', '-']);
        match joined && word.starts_with(|c: char| c.is_ascii_alphanumeric()) && !self.0.has_word(word) {
            true => push_parts(word, words),
            false => words.push(word),
        }
    }
}

/// jieba's `re_han_default`.
fn in_block(c: char) -> bool {
    matches!(c, '\u{4E00}'..='\u{9FD5}' | '+' | '#' | '&' | '.' | '_' | '%' | '-') || c.is_ascii_alphanumeric()
}

/// Outside of blocks every character is a word; the two of an end of line are one.
fn push_letters<'t>(run: &'t str, words: &mut Vec<&'t str>) {
    let mut rest = run;
    while let Some(first) = rest.chars().next() {
        let end = if rest.starts_with("\r\n") { 2 } else { first.len_utf8() };
        let (word, after) = rest.split_at(end);
        words.push(word);
        rest = after;
    }
}

/// The pieces by `[a-zA-Z0-9]+(?:\.\d+)?%?`, and what stands between them.
fn push_parts<'t>(word: &'t str, words: &mut Vec<&'t str>) {
    let run = |text: &str, of: fn(&char) -> bool| text.chars().take_while(of).count();
    let mut rest = word;
    while !rest.is_empty() {
        // all of it is ASCII: characters are bytes
        let mut end = run(rest, |c| !c.is_ascii_alphanumeric());
        if end == 0 {
            end = run(rest, char::is_ascii_alphanumeric);
            let after = rest.split_at(end).1;
            let digits = after
                .strip_prefix('.')
                .map_or(0, |after| run(after, char::is_ascii_digit));
            end += if digits > 0 { 1 + digits } else { 0 };
            end += usize::from(rest.split_at(end).1.starts_with('%'));
        }
        let (part, after) = rest.split_at(end);
        words.push(part);
        rest = after;
    }
}
