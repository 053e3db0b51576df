//! A word diff of two replies to one question.

use super::lcs::longest_common_subsequence;

/// A stretch of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    /// Whether the other text does not have it.
    pub is_own: bool,
}

/// Two texts, in pieces that are their own or that they have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyDiff {
    pub left: Vec<Piece>,
    pub right: Vec<Piece>,
}

/// Words of a text that are compared at most: the cost is the product of both lengths.
const MAX_WORDS: usize = 1200;
/// The least share of words in common. Below it nearly everything would be marked, which shows nothing.
const MIN_COMMON: f64 = 0.2;

/// The word diff of two texts. Texts that have next to nothing in common come back whole and unmarked.
pub fn reply_diff(a: &str, b: &str) -> ReplyDiff {
    let (left, right) = (words(a), words(b));
    let whole = || ReplyDiff {
        left: plain(a),
        right: plain(b),
    };
    if a == b || left.is_empty() || right.is_empty() || left.len() > MAX_WORDS || right.len() > MAX_WORDS {
        return whole();
    }
    let shared = longest_common_subsequence(&left, &right);
    let count_words = |words: &[&str]| words.iter().filter(|word| !word.trim().is_empty()).count();
    let common = shared.iter().filter(|pair| !left[pair.0].trim().is_empty()).count();
    if (common as f64) < MIN_COMMON * count_words(&left).max(count_words(&right)) as f64 {
        return whole();
    }
    let of = |words: &[&str], places: Vec<usize>| {
        let mut pieces: Vec<Piece> = vec![];
        for (i, word) in words.iter().enumerate() {
            let is_own = places.binary_search(&i).is_err();
            match pieces.last_mut() {
                Some(last) if last.is_own == is_own => last.text.push_str(word),
                _ => pieces.push(Piece {
                    text: (*word).into(),
                    is_own,
                }),
            }
        }
        pieces
    };
    ReplyDiff {
        left: of(&left, shared.iter().map(|pair| pair.0).collect()),
        right: of(&right, shared.iter().map(|pair| pair.1).collect()),
    }
}

fn plain(text: &str) -> Vec<Piece> {
    vec![Piece {
        text: text.into(),
        is_own: false,
    }]
}

/// Splits a text into runs of letters and digits, runs of spaces, and single other characters. Chinese and Japanese characters stand
/// alone too, since no spaces separate their words.
fn words(text: &str) -> Vec<&str> {
    #[derive(PartialEq)]
    enum Sort {
        Word,
        Space,
        Alone,
    }
    let sort = |c: char| match c {
        c if c.is_whitespace() => Sort::Space,
        '\u{2e80}'.. => Sort::Alone,
        c if c.is_alphanumeric() || c == '\'' => Sort::Word,
        _ => Sort::Alone,
    };
    let mut out = vec![];
    let mut start = 0;
    let mut last = None;
    for (at, c) in text.char_indices() {
        let now = sort(c);
        if last.as_ref().is_some_and(|last| *last != now || now == Sort::Alone) {
            out.extend(text.get(start..at));
            start = at;
        }
        last = Some(now);
    }
    out.extend(text.get(start..).filter(|rest| !rest.is_empty()));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(pieces: &[Piece]) -> Vec<&str> {
        pieces
            .iter()
            .filter(|piece| piece.is_own)
            .map(|piece| &*piece.text)
            .collect()
    }

    #[test]
    fn what_only_one_has_is_marked() {
        for (a, b, left, right) in [
            (
                "Nairobi is the capital.",
                "Nairobi is the capital of Kenya.",
                vec![],
                vec![" of Kenya"],
            ),
            ("It has six legs", "It has eight legs", vec!["six"], vec!["eight"]),
            ("草は緑です。", "草は青です。", vec!["緑"], vec!["青"]),
            ("same", "same", vec![], vec![]),
        ] {
            let diff = reply_diff(a, b);
            assert_eq!((own(&diff.left), own(&diff.right)), (left, right), "{a} / {b}");
            let text = |pieces: &[Piece]| pieces.iter().map(|piece| &*piece.text).collect::<String>();
            assert_eq!((text(&diff.left).as_str(), text(&diff.right).as_str()), (a, b));
        }
    }

    #[test]
    fn texts_with_nothing_in_common_are_left_unmarked() {
        let diff = reply_diff("Yes, of course.", "Bananas grow in warm countries");
        assert_eq!((own(&diff.left).len(), own(&diff.right).len()), (0, 0));
        assert_eq!(reply_diff("", "a").right, plain("a"));
    }
}
