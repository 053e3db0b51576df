//! Labelled replies for stage `kto`: pairs are unpaired, and each row is given the reply of the row before it
//! (mismatched replies, for the KL estimate).

use super::rows::{Replies, Row};

/// Rows that give each other replies: LLaMA-Factory's `preprocessing_batch_size`.
const BLOCK: usize = 1000;

/// Makes stage `kto`'s rows of a data set's, each with its number in the file, as they come.
///
/// A pair becomes two rows, in the order of TRL's `unpair_preference_dataset`: of each thousand pairs the chosen
/// replies, then the rejected ones. Then, as in LLaMA-Factory, each row gets the reply of the one before it in its
/// block, and the first row that of the last. Rows without a label stay as they are.
pub struct Unpairer {
    /// The number of the next pair.
    next_pair: usize,
    /// Rows as they came, of a block that is not full.
    waiting: Vec<(u64, Row)>,
    /// Unpaired rows, of a block that is not full.
    unpaired: Vec<(u64, Row)>,
}

impl Unpairer {
    /// `first_pair` is the number of the first pair.
    pub fn new(first_pair: usize) -> Self {
        Self {
            next_pair: first_pair,
            waiting: Vec::new(),
            unpaired: Vec::new(),
        }
    }

    /// Adds a row; returns those that are ready.
    pub fn push(&mut self, number: u64, row: Row) -> Vec<(u64, Row)> {
        self.waiting.push((number, row));
        match self.waiting.len() < BLOCK {
            true => Vec::new(),
            false => self.block(BLOCK),
        }
    }

    /// The number of the pair after the last.
    pub fn next_pair(&self) -> usize {
        self.next_pair
    }

    /// All rows that are left.
    pub fn finish(&mut self) -> Vec<(u64, Row)> {
        self.block(1)
    }

    /// Unpairs the waiting rows; returns all full blocks, and what is left if that has at least `least` rows.
    fn block(&mut self, least: usize) -> Vec<(u64, Row)> {
        let waiting = std::mem::take(&mut self.waiting);
        for good in [true, false] {
            for (i, (number, row)) in waiting.iter().enumerate() {
                let side = side(row, good, self.next_pair + i);
                self.unpaired.extend(side.map(|row| (*number, row)));
            }
        }
        self.next_pair += waiting.len();
        let rest = match self.unpaired.len() % BLOCK {
            rest if rest < least => rest,
            _ => 0,
        };
        let left = self.unpaired.split_off(self.unpaired.len() - rest);
        let mut ready = std::mem::replace(&mut self.unpaired, left);
        ready.chunks_mut(BLOCK).for_each(shift);
        ready
    }
}

/// Gives each row of a block the reply of the one before it.
fn shift(block: &mut [(u64, Row)]) {
    let mut before = block.last().and_then(|(_, row)| reply(row));
    for (_, row) in block {
        let own = reply(row);
        if let (Replies::Feedback { other, .. }, Some(before)) = (&mut row.replies, before) {
            *other = before;
        }
        before = own;
    }
}

/// One row by itself as stage `kto`'s, without another's reply: what a preview shows.
pub fn alone(number: u64, row: Row) -> Option<Row> {
    let mut unpairer = Unpairer::new(0);
    unpairer.push(number, row);
    unpairer.finish().into_iter().next().map(|(_, row)| row)
}

/// The row's part in the round of good or of bad replies. A row that is no pair comes whole in the first round.
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

    fn rows(rows: Vec<(u64, Row)>, first_pair: usize) -> Vec<(u64, Row)> {
        let mut unpairer = Unpairer::new(first_pair);
        let mut out: Vec<_> = rows
            .into_iter()
            .flat_map(|(number, row)| unpairer.push(number, row))
            .collect();
        out.extend(unpairer.finish());
        out
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
    fn pairs_are_unpaired_the_chosen_replies_first() {
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
