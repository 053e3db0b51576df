//! A word diff of two replies to one question.

use super::samples::words::{Piece, differences};

/// The least share of a text's characters that the other has too. Below it nearly everything would be marked, which shows nothing.
const MIN_COMMON: f64 = 0.2;

/// Both texts in pieces. Texts that have next to nothing in common come back whole and unmarked.
pub fn reply_diff(a: &str, b: &str) -> [Vec<Piece>; 2] {
    let found = differences(a, b);
    let count = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
    let [common, _] = &found;
    let common: usize = common
        .iter()
        .filter(|piece| piece.shared)
        .map(|piece| count(&piece.text))
        .sum();
    match (common as f64) < MIN_COMMON * count(a).max(count(b)) as f64 {
        true => [a, b].map(whole),
        false => found,
    }
}

fn whole(text: &str) -> Vec<Piece> {
    vec![Piece {
        text: text.into(),
        shared: true,
    }]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(pieces: &[Piece]) -> Vec<&str> {
        pieces
            .iter()
            .filter(|piece| !piece.shared)
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
            (
                "Set learning_rate low",
                "Set learning rate low",
                vec!["learning_rate"],
                vec!["learning rate"],
            ),
            ("same", "same", vec![], vec![]),
        ] {
            let [of_a, of_b] = reply_diff(a, b);
            assert_eq!((own(&of_a), own(&of_b)), (left, right), "{a} / {b}");
            let text = |pieces: &[Piece]| pieces.iter().map(|piece| &*piece.text).collect::<String>();
            assert_eq!((text(&of_a).as_str(), text(&of_b).as_str()), (a, b));
        }
    }

    #[test]
    fn texts_with_nothing_in_common_are_left_unmarked() {
        let [a, b] = reply_diff("Yes, of course.", "Bananas grow in warm countries");
        assert_eq!((own(&a).len(), own(&b).len()), (0, 0));
        assert_eq!(reply_diff("", "a"), [whole(""), whole("a")]);
    }
}
