//! Labelled replies for stage `kto`: pairs taken apart, and each row given the reply of the row before it.

use super::rows::{Replies, Row};

/// Rows that give each other replies: `preprocessing_batch_size` of the original.
const BLOCK: usize = 1000;

/// What stage `kto` makes of a data set's rows, each with its number in the file. `first_pair` numbers the pairs.
///
/// Pairs become two rows, in TRL's order: of each thousand pairs the chosen replies, then the rejected ones. Then, as in
/// LLaMA-Factory, each row gets the reply of the one before it in its block, and the first that of the last. Rows
/// without a label stay as they are.
pub fn rows(rows: Vec<(u64, Row)>, first_pair: usize) -> Vec<(u64, Row)> {
    let mut apart = Vec::with_capacity(rows.len());
    for (block, rows) in rows.chunks(BLOCK).enumerate() {
        for good in [true, false] {
            for (i, (number, row)) in rows.iter().enumerate() {
                let pair = first_pair + block * BLOCK + i;
                apart.extend(side(row, good, pair).map(|row| (*number, row)));
            }
        }
    }
    for block in apart.chunks_mut(BLOCK) {
        let mut before = block.last().and_then(|(_, row)| reply(row));
        for (_, row) in block {
            let own = reply(row);
            if let (Replies::Feedback { other, .. }, Some(before)) = (&mut row.replies, before) {
                *other = before;
            }
            before = own;
        }
    }
    apart
}

/// The row's part in the round of good or bad replies; what is no pair comes whole in the first.
fn side(row: &Row, good: bool, pair: usize) -> Option<Row> {
    let (reply, good, pair) = match &row.replies {
        Replies::Pair { chosen, .. } if good => (chosen, true, Some(pair)),
        Replies::Pair { rejected, .. } => (rejected, false, Some(pair)),
        Replies::Labelled { reply, good: label } if good => (reply, *label, None),
        _ => return good.then(|| row.clone()),
    };
    Some(Row {
        setting: row.setting.clone(),
        prompt: row.prompt.clone(),
        replies: Replies::Feedback {
            reply: reply.clone(),
            good,
            other: reply.clone(),
            pair,
        },
    })
}

fn reply(row: &Row) -> Option<super::Message> {
    match &row.replies {
        Replies::Feedback { reply, .. } | Replies::One(reply) => Some(reply.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Message, Role, Setting};
    use super::*;

    fn row(replies: Replies) -> (u64, Row) {
        let setting = Setting {
            system: None,
            tools: None,
        };
        let prompt = vec![Message::new(Role::User, "?")];
        let row = Row {
            setting,
            prompt,
            replies,
        };
        (1, row)
    }

    fn said(text: &str) -> Message {
        Message::new(Role::Assistant, text)
    }

    fn shown(rows: Vec<(u64, Row)>) -> Vec<(String, bool, String, Option<usize>)> {
        rows.into_iter()
            .map(|(_, row)| match row.replies {
                Replies::Feedback {
                    reply,
                    good,
                    other,
                    pair,
                } => (reply.content, good, other.content, pair),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn each_row_gets_the_reply_before_it_and_the_first_the_last() {
        let labelled = |text: &str, good| {
            row(Replies::Labelled {
                reply: said(text),
                good,
            })
        };
        let got = shown(rows(
            vec![labelled("a", true), labelled("b", false), labelled("c", true)],
            0,
        ));
        let want = [("a", true, "c"), ("b", false, "a"), ("c", true, "b")];
        assert_eq!(
            got,
            want.map(|(reply, good, other)| (reply.into(), good, other.into(), None))
        );
    }

    #[test]
    fn pairs_come_apart_the_chosen_replies_first() {
        let pair = |chosen: &str, rejected: &str| {
            row(Replies::Pair {
                chosen: said(chosen),
                rejected: said(rejected),
            })
        };
        let got = shown(rows(vec![pair("a", "x"), pair("b", "y")], 7));
        let want = [
            ("a", true, "y", 7),
            ("b", true, "a", 8),
            ("x", false, "b", 7),
            ("y", false, "x", 8),
        ];
        assert_eq!(
            got,
            want.map(|(reply, good, other, pair)| (reply.into(), good, other.into(), Some(pair)))
        );
    }

    #[test]
    fn a_block_ends_after_a_thousand_rows() {
        let labelled = |i: usize| {
            row(Replies::Labelled {
                reply: said(&i.to_string()),
                good: true,
            })
        };
        let got = shown(rows((0..1002).map(labelled).collect(), 0));
        assert_eq!((got[0].2.as_str(), got[1000].2.as_str()), ("999", "1001"));
    }
}
