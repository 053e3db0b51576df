//! The pairs that moved most since the first evaluation, as one after the other is scored.

use super::ScoredReply;

/// A pair with the log-probs of its tokens: the chosen reply's, then the rejected one's.
#[derive(Debug, Clone, PartialEq)]
pub struct MovedTokens {
    /// Its number.
    pub pair: u64,
    /// How far its margin is from the first evaluation's.
    pub moved: f32,
    pub policy: Vec<f32>,
    /// As many; not a number where it is not known.
    pub reference: Vec<f32>,
}

impl MovedTokens {
    pub fn new(pair: u64, moved: f32, replies: [&ScoredReply; 2]) -> Self {
        let reference = |reply: &ScoredReply| match &reply.reference {
            Some(reference) if reference.logps.len() == reply.logps.len() => reference.logps.clone(),
            _ => vec![f32::NAN; reply.logps.len()],
        };
        Self {
            pair,
            moved,
            policy: replies.iter().flat_map(|reply| &reply.logps).copied().collect(),
            reference: replies.into_iter().flat_map(reference).collect(),
        }
    }
}

/// The pairs that moved most so far. Of equals the earlier ones are kept, so all of them at the first evaluation.
pub struct MostMoved {
    most: usize,
    kept: Vec<MovedTokens>,
    /// What a pair must surpass to be kept, once there are enough.
    bar: Option<f32>,
}

impl MostMoved {
    pub fn new(most: usize) -> Self {
        Self {
            most,
            kept: vec![],
            bar: None,
        }
    }

    /// Whether a pair that moved so far may be among them; pairs come in the order of their numbers.
    pub fn wants(&self, moved: f32) -> bool {
        self.bar.is_none_or(|bar| moved > bar)
    }

    pub fn add(&mut self, tokens: MovedTokens) {
        self.kept.push(tokens);
        if self.kept.len() > 2 * self.most {
            self.select();
        }
    }

    fn select(&mut self) {
        self.kept
            .sort_by(|a, b| b.moved.total_cmp(&a.moved).then(a.pair.cmp(&b.pair)));
        self.kept.truncate(self.most);
        self.bar = self
            .kept
            .last()
            .filter(|_| self.kept.len() == self.most)
            .map(|last| last.moved);
    }

    /// Those that are kept, by their numbers.
    pub fn finish(mut self) -> Vec<MovedTokens> {
        self.select();
        self.kept.sort_by_key(|tokens| tokens.pair);
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pairs::ReferenceReply;

    fn kept(moved: &[f32], most: usize) -> Vec<u64> {
        let mut of = MostMoved::new(most);
        for (pair, &moved) in (0..).zip(moved) {
            if of.wants(moved) {
                let reply = ScoredReply::new(&[moved], None);
                of.add(MovedTokens::new(pair, moved, [&reply, &reply]));
            }
        }
        of.finish().iter().map(|tokens| tokens.pair).collect()
    }

    #[test]
    fn those_that_moved_most_are_kept_however_many_come() {
        let moved: Vec<f32> = (0..100u32).map(|pair| (pair * 37 % 101) as f32).collect();
        let mut by_size: Vec<u64> = (0..100).collect();
        by_size.sort_by(|&a, &b| moved[b as usize].total_cmp(&moved[a as usize]));
        for most in [1, 7, 60, 100, 200] {
            let mut wanted = by_size[..most.min(100)].to_vec();
            wanted.sort_unstable();
            assert_eq!(kept(&moved, most), wanted, "{most}");
        }
        assert_eq!(kept(&[0.0; 20], 3), [0, 1, 2]);
        assert!(kept(&[1.0, 2.0], 0).is_empty());
    }

    #[test]
    fn tokens_of_which_the_reference_is_not_known_are_no_numbers() {
        let known = ScoredReply::new(
            &[-1.0, -2.0],
            Some(ReferenceReply {
                sum: -3.5,
                logps: &[-1.5, -2.0],
            }),
        );
        let unknown = ScoredReply::new(&[-4.0], Some(ReferenceReply { sum: -4.5, logps: &[] }));
        let tokens = MovedTokens::new(0, 0.0, [&known, &unknown]);
        assert_eq!(tokens.policy, [-1.0, -2.0, -4.0]);
        assert_eq!(tokens.reference[..2], [-1.5, -2.0]);
        assert!(tokens.reference[2].is_nan());
    }
}
