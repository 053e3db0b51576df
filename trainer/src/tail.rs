//! What the last layer has to give: hidden states that predict a row. Its keys and values are needed of every token, its
//! queries, its output and its MLP of these alone.
use crate::plan::{Plan, Segment};

/// The tokens of each segment from its first that predicts a row. `query` of the segments counts in `tokens`, `key` and
/// `context` count in the plan's.
#[derive(Clone, Debug, PartialEq)]
pub struct Tail {
    /// rising
    pub tokens: Vec<u32>,
    pub positions: Vec<u32>,
    pub groups: Vec<Vec<Segment>>,
    /// for each row of the plan, the place in `tokens` of the one that predicts it
    pub rows: Vec<u32>,
}

impl Tail {
    /// `None` where that is every token; so it is in plans of whole rows, whose every token counts in each layer.
    pub fn of(plan: &Plan) -> Option<Self> {
        if !plan.occurrences.is_empty() {
            return None;
        }
        let mut predicts = vec![false; plan.tokens.len()];
        for row in &plan.rows {
            predicts[row.hidden as usize] = true;
        }
        let mut tokens = Vec::new();
        let mut place = vec![0; plan.tokens.len()];
        let mut shortened = |segment: &Segment| {
            let all = segment.query..segment.query + segment.len;
            let skipped = predicts[all.clone()].iter().position(|&p| p)?;
            let query = tokens.len();
            for token in all.skip(skipped) {
                place[token] = tokens.len() as u32;
                tokens.push(token as u32);
            }
            let mut context = segment.context.clone();
            if skipped > 0 {
                context.push(segment.key..segment.key + skipped);
            }
            Some(Segment {
                query,
                key: segment.key + skipped,
                len: segment.len - skipped,
                context,
            })
        };
        let groups = plan
            .groups
            .iter()
            .map(|group| group.iter().filter_map(&mut shortened).collect())
            .collect();
        (tokens.len() < plan.tokens.len()).then(|| Self {
            positions: tokens.iter().map(|&t| plan.positions[t as usize]).collect(),
            rows: plan.rows.iter().map(|row| place[row.hidden as usize]).collect(),
            groups,
            tokens,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{PairTokens, SeqTokens};

    #[test]
    fn of_a_shared_prompt_only_the_last_token_is_left() {
        let pair = PairTokens {
            prompt: &[5, 6, 7],
            chosen: &[8, 9],
            rejected: &[1, 2, 3],
        };
        let plan = Plan::pairs(&[pair]).unwrap();
        let tail = Tail::of(&plan).unwrap();
        assert_eq!(tail.tokens, [2, 3, 4, 5]);
        assert_eq!(tail.positions, [2, 3, 3, 4]);
        assert_eq!(tail.rows, [0, 1, 0, 2, 3]);
        let prompt = Segment {
            query: 0,
            key: 2,
            len: 1,
            context: vec![0..2],
        };
        let rejected = Segment {
            query: 2,
            key: 4,
            len: 2,
            context: vec![0..3],
        };
        assert_eq!((&tail.groups[0][0], &tail.groups[0][2]), (&prompt, &rejected));
    }

    #[test]
    fn a_segment_keeps_what_follows_its_first_predictor() {
        let sequence = |counts| SeqTokens {
            tokens: &[1, 2, 3, 4, 5],
            counts,
        };
        let gap = Plan::sequences(&[sequence(&[false, false, true, false, true])]).unwrap();
        assert_eq!(Tail::of(&gap).unwrap().tokens, [1, 2, 3]);
        let all = Plan::sequences(&[sequence(&[false, true, true, true, true])]).unwrap();
        assert_eq!(Tail::of(&all), None);
    }
}
