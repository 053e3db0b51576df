//! What is told of single tokens: how many of them are the policy's likeliest, and how undecided it is.

use super::{Batch, Row};
use crate::loss::{BatchLoss, WeightedMean};

/// What TRL calls it.
pub const TOKEN_ACCURACY: &str = "mean_token_accuracy";
/// The same.
pub const ENTROPY: &str = "entropy";

/// Which sequences of a batch's rows are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// The one of each row that its text teaches: of a pair the chosen reply.
    Taught,
    All,
}

/// A mean over tokens, and how many they are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TokenMean {
    value: f64,
    tokens: f64,
}

impl TokenMean {
    /// Over the counted tokens; `None` of no token.
    fn of<R: Row>(batch: &Batch<R>, of: Of, value: impl Fn(usize) -> f64) -> Option<Self> {
        let step = match of {
            Of::Taught => R::SEQUENCES,
            Of::All => 1,
        };
        let rows = (0..batch.plan.sequence_count()).step_by(step);
        let rows = rows.flat_map(|sequence| batch.plan.sequence_rows(sequence));
        let (sum, tokens) = rows.fold((0.0, 0.0), |(sum, tokens), row| (sum + value(row), tokens + 1.0));
        (tokens > 0.0).then(|| Self {
            value: sum / tokens,
            tokens,
        })
    }

    /// The share of tokens that are the policy's likeliest; as TRL's `mean_token_accuracy`.
    fn accuracy<R: Row>(batch: &Batch<R>) -> Option<Self> {
        Self::of(batch, Of::Taught, |row| {
            f64::from(u8::from(batch.scored.is_likeliest(row)))
        })
    }

    /// The mean entropy of what may come in the tokens' place, in nats; as TRL's `entropy`.
    fn entropy<R: Row>(batch: &Batch<R>, of: Of) -> Option<Self> {
        Self::of(batch, of, |row| f64::from(batch.scored.entropies[row]))
    }

    fn add_to(self, name: &'static str, found: &mut BatchLoss) {
        found.weighted.push(WeightedMean {
            name,
            mean: self.value,
            weight: self.tokens,
        });
    }
}

/// Tells how many of the taught tokens are the likeliest.
pub fn add_accuracy<R: Row>(batch: &Batch<R>, found: &mut BatchLoss) {
    if let Some(mean) = TokenMean::accuracy(batch) {
        mean.add_to(TOKEN_ACCURACY, found);
    }
}

/// Tells how undecided the policy is in tokens that the loss is made of.
pub fn add_entropy<R: Row>(batch: &Batch<R>, of: Of, found: &mut BatchLoss) {
    if let Some(mean) = TokenMean::entropy(batch, of) {
        mean.add_to(ENTROPY, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Pair, Sequence};
    use crate::model::Scored;
    use crate::plan::{PairTokens, Plan};

    #[test]
    fn of_pairs_the_token_accuracy_is_that_of_the_chosen_replies_and_the_entropy_that_of_both() {
        let pair = PairTokens {
            prompt: &[5],
            chosen: &[7, 8, 9],
            rejected: &[1, 2],
        };
        let plan = Plan::pairs(&[pair]).expect("a plan");
        let scored = Scored {
            logps: vec![-1.0, -2.0, -0.5, -3.0, -3.0],
            likeliest: vec![-1.0, -1.0, -0.5, -1.0, -1.0],
            entropies: vec![1.0, 2.0, 3.0, 5.0, 9.0],
            ..Scored::default()
        };
        fn batch<'a, R>(plan: &'a Plan, scored: &'a Scored) -> Batch<'a, R> {
            Batch {
                rows: &[],
                plan,
                scored,
                reference: None,
                tokens: 5,
            }
        }
        let mean = |value, tokens| Some(TokenMean { value, tokens });
        let pairs: Batch<Pair> = batch(&plan, &scored);
        assert_eq!(TokenMean::accuracy(&pairs), mean(2.0 / 3.0, 3.0));
        assert_eq!(TokenMean::entropy(&pairs, Of::Taught), mean(2.0, 3.0));
        assert_eq!(TokenMean::entropy(&pairs, Of::All), mean(4.0, 5.0));
        let sequences: Batch<Sequence> = batch(&plan, &scored);
        assert_eq!(TokenMean::accuracy(&sequences), mean(2.0 / 5.0, 5.0));
        assert_eq!(TokenMean::entropy(&sequences, Of::Taught), mean(4.0, 5.0));
    }
}
