//! Where two texts differ, word by word: for two replies to one question.

/// A stretch of a text; `own`: the other text does not have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub own: bool,
}

/// Words compared at most: the table is the product of both lengths.
const WORDS: usize = 1200;
/// Below this share in common, all would be marked and nothing told.
const COMMON: f64 = 0.2;

/// Both texts in pieces. Texts that have next to nothing in common come back whole and unmarked.
pub fn apart(a: &str, b: &str) -> (Vec<Piece>, Vec<Piece>) {
    let (left, right) = (words(a), words(b));
    let whole = || (plain(a), plain(b));
    if a == b || left.is_empty() || right.is_empty() || left.len() > WORDS || right.len() > WORDS {
        return whole();
    }
    let shared = shared(&left, &right);
    let said = |words: &[&str]| words.iter().filter(|word| !word.trim().is_empty()).count();
    let common = shared.iter().filter(|(i, _)| !left[*i].trim().is_empty()).count();
    if (common as f64) < COMMON * said(&left).max(said(&right)) as f64 {
        return whole();
    }
    let of = |words: &[&str], places: Vec<usize>| {
        let mut pieces: Vec<Piece> = vec![];
        for (i, word) in words.iter().enumerate() {
            let own = places.binary_search(&i).is_err();
            match pieces.last_mut() {
                Some(last) if last.own == own => last.text.push_str(word),
                _ => pieces.push(Piece {
                    text: (*word).into(),
                    own,
                }),
            }
        }
        pieces
    };
    (
        of(&left, shared.iter().map(|(i, _)| *i).collect()),
        of(&right, shared.iter().map(|(_, j)| *j).collect()),
    )
}

fn plain(text: &str) -> Vec<Piece> {
    vec![Piece {
        text: text.into(),
        own: false,
    }]
}

/// Runs of letters and digits, runs of spaces, and every other character alone: so are Chinese and Japanese ones,
/// which have no spaces between words.
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

/// The longest common subsequence, as places in both.
fn shared(a: &[&str], b: &[&str]) -> Vec<(usize, usize)> {
    let width = b.len() + 1;
    let mut longest = vec![0u16; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            longest[i * width + j] = if a[i] == b[j] {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut out) = (0, 0, vec![]);
    while i < a.len() && j < b.len() {
        if a[i] == b[j] {
            out.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if longest[(i + 1) * width + j] >= longest[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(pieces: &[Piece]) -> Vec<&str> {
        pieces
            .iter()
            .filter(|piece| piece.own)
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
            let (x, y) = apart(a, b);
            assert_eq!((own(&x), own(&y)), (left, right), "{a} / {b}");
            let text = |pieces: &[Piece]| pieces.iter().map(|piece| &*piece.text).collect::<String>();
            assert_eq!((text(&x).as_str(), text(&y).as_str()), (a, b));
        }
    }

    #[test]
    fn texts_with_nothing_in_common_are_left_unmarked() {
        let (x, y) = apart("Yes, of course.", "Bananas grow in warm countries");
        assert_eq!((own(&x).len(), own(&y).len()), (0, 0));
        assert_eq!(apart("", "a").1, plain("a"));
    }
}
