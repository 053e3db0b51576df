//! Which tokens of a row are shown. Those that count in the loss come first; long stretches are folded.

use std::ops::Range;

/// A stretch of tokens: shown, or folded until it is clicked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    pub tokens: Range<usize>,
    pub folded: bool,
}

/// The longest stretch of tokens that don't count which is shown whole.
const PLAIN: usize = 240;
/// Of a longer one, the tokens shown at its start.
const HEAD: usize = 120;
/// And those shown right before tokens that count.
const TAIL: usize = 60;
/// The longest stretch of tokens that count which is shown whole.
const COUNTED: usize = 600;

/// Folds long stretches, given which tokens count.
pub fn fold(counts: &[bool]) -> Vec<Stretch> {
    let mut out: Vec<Stretch> = vec![];
    let mut push = |tokens: Range<usize>, folded: bool| {
        if tokens.is_empty() {
            return;
        }
        match out.last_mut() {
            Some(last) if last.folded == folded => last.tokens.end = tokens.end,
            _ => out.push(Stretch { tokens, folded }),
        }
    };
    let mut start = 0;
    for same in counts.chunk_by(|a, b| a == b) {
        let end = start + same.len();
        let (most, head, tail) = match same[0] {
            true => (COUNTED, COUNTED, 0),
            // nothing that counts follows: the end of the stretch is not needed
            false if end == counts.len() => (PLAIN, HEAD, 0),
            false => (PLAIN, HEAD, TAIL),
        };
        if same.len() <= most {
            push(start..end, false);
        } else {
            push(start..start + head, false);
            push(start + head..end - tail, true);
            push(end - tail..end, false);
        }
        start = end;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(stretches: &[(bool, usize)]) -> Vec<bool> {
        stretches.iter().flat_map(|(on, n)| vec![*on; *n]).collect()
    }

    #[test]
    fn the_reply_is_drawn_however_long_the_prompt() {
        let row = counts(&[(false, 1000), (true, 40), (false, 2)]);
        let folds = fold(&row);
        let hidden: Vec<_> = folds.iter().filter(|stretch| stretch.folded).collect();
        assert_eq!(hidden.len(), 1);
        assert_eq!(hidden[0].tokens, 120..940);
        assert!(
            folds
                .iter()
                .any(|s| !s.folded && s.tokens.contains(&1000) && s.tokens.contains(&1039))
        );
    }

    #[test]
    fn short_rows_stand_whole_and_nothing_is_lost() {
        for row in [counts(&[(false, 240), (true, 600)]), counts(&[(true, 3)]), counts(&[])] {
            let folds = fold(&row);
            assert!(
                folds.iter().all(|stretch| !stretch.folded) && folds.len() <= 1,
                "{folds:?}"
            );
        }
        let row = counts(&[(false, 500), (true, 900), (false, 400), (true, 10), (false, 300)]);
        let folds = fold(&row);
        let mut at = 0;
        for stretch in &folds {
            assert_eq!(stretch.tokens.start, at);
            at = stretch.tokens.end;
        }
        assert_eq!(at, row.len());
        assert_eq!(folds.iter().filter(|stretch| stretch.folded).count(), 4);
    }
}
