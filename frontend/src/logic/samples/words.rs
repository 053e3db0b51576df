//! A word diff of two texts.

use crate::logic::lcs::longest_common_subsequence;

/// Words of either text that are compared one by one at most. Beyond it, all between the equal ends counts as different.
const MAX_WORDS: usize = 1500;

/// A stretch of a text, and whether the other text has it too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub shared: bool,
}

/// Both texts in pieces. The longest common subsequence of their words is shared, with the white space around those words.
pub fn differences(a: &str, b: &str) -> [Vec<Piece>; 2] {
    let (a, b) = (words(a), words(b));
    let before = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let rest = a.len().min(b.len()) - before;
    let after = a.iter().rev().zip(b.iter().rev()).take(rest);
    let after = after.take_while(|(a, b)| a == b).count();
    let middle = |of: &[&str]| before..of.len() - after;
    let (in_a, in_b) = (&a[middle(&a)], &b[middle(&b)]);
    let mut shared = [vec![true; a.len()], vec![true; b.len()]];
    for (side, len) in [(0, in_a.len()), (1, in_b.len())] {
        shared[side][before..before + len].fill(false);
    }
    if in_a.len() <= MAX_WORDS && in_b.len() <= MAX_WORDS {
        for (i, j) in longest_common_subsequence(in_a, in_b) {
            shared[0][before + i] = true;
            shared[1][before + j] = true;
        }
    }
    let [of_a, of_b] = shared;
    [pieces(&a, &of_a), pieces(&b, &of_b)]
}

/// Splits a text into words, white space and signs. Each character of a script without spaces is a word of its own.
fn words(text: &str) -> Vec<&str> {
    #[derive(PartialEq, Clone, Copy)]
    enum Kind {
        Word,
        Space,
        Alone,
    }
    let kind = |c: char| match c {
        _ if c.is_whitespace() => Kind::Space,
        '\u{2E80}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF00}'..='\u{FFEF}' => {
            Kind::Alone
        }
        _ if c.is_alphanumeric() || matches!(c, '_' | '\'' | '’') => Kind::Word,
        _ => Kind::Alone,
    };
    let mut all = vec![];
    let (mut begin, mut last) = (0, None);
    for (at, c) in text.char_indices() {
        let now = kind(c);
        if last.is_some_and(|last| last != now || now == Kind::Alone) {
            all.extend(text.get(begin..at));
            begin = at;
        }
        last = Some(now);
    }
    all.extend(text.get(begin..).filter(|rest| !rest.is_empty()));
    all
}

/// Joins neighbouring words that are both shared or both not. White space between two words that differ counts as different.
fn pieces(words: &[&str], shared: &[bool]) -> Vec<Piece> {
    let differs = |at: Option<usize>| at.and_then(|at| shared.get(at)).is_some_and(|shared| !shared);
    let mut all: Vec<Piece> = vec![];
    for (at, word) in words.iter().enumerate() {
        let between = word.trim().is_empty() && differs(at.checked_sub(1)) && differs(Some(at + 1));
        let shared = shared[at] && !between;
        match all.last_mut() {
            Some(last) if last.shared == shared => last.text.push_str(word),
            _ => all.push(Piece {
                text: (*word).to_owned(),
                shared,
            }),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Differing words in brackets.
    fn marked(pieces: &[Piece]) -> String {
        let one = |piece: &Piece| match piece.shared {
            true => piece.text.clone(),
            false => format!("[{}]", piece.text),
        };
        pieces.iter().map(one).collect()
    }

    fn both(a: &str, b: &str) -> [String; 2] {
        differences(a, b).map(|pieces| marked(&pieces))
    }

    #[test]
    fn words_that_only_one_text_has_are_marked() {
        assert_eq!(
            both("A duck has two legs.", "Good question! A duck has 2 legs."),
            ["A duck has [two] legs.", "[Good question! ]A duck has [2] legs."]
        );
        assert_eq!(both("a b c d", "a x y d"), ["a [b c] d", "a [x y] d"]);
        assert_eq!(
            both("東京は首都です", "京都は都市です"),
            ["[東]京は[首]都です", "京[都]は都[市]です"]
        );
    }

    #[test]
    fn ends_and_emptiness_are_no_trouble() {
        assert_eq!(both("same", "same"), ["same", "same"]);
        assert_eq!(both("", "all new"), ["", "[all new]"]);
        assert_eq!(both("", ""), ["", ""]);
        assert_eq!(both("a a a", "a a"), ["a a[ a]", "a a"]);
        // a text that is too long to be compared loses nothing
        let long = "x y ".repeat(MAX_WORDS);
        let [old, new] = differences(&format!("a {long} b"), &format!("a z{long} b"));
        let text = |pieces: &[Piece]| pieces.iter().map(|piece| piece.text.as_str()).collect::<String>();
        assert_eq!(
            (text(&old), text(&new)),
            (format!("a {long} b"), format!("a z{long} b"))
        );
    }
}
