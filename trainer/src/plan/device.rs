//! A plan on the device: its indices, sent once and read by every operation of the passes over it.
//!
//! The last layer has to give hidden states that predict a row, and no others: its keys and values are needed of every
//! token, its queries, its output and its MLP of these alone.
use crate::error::{Error, Result};
use crate::ops::attention::Segments;
use crate::ops::{Buf, Engine};
use crate::plan::{Plan, Segment};

/// The tokens that a layer has queries for.
#[derive(Debug)]
pub struct Queries {
    pub count: usize,
    /// `[count]`, the position of each in its sequence
    pub positions: Buf,
    pub segments: Segments,
}

/// What the last layer computes, where that is not every token.
#[derive(Debug)]
pub struct LastLayer {
    /// `[queries.count]`, which of the plan's tokens they are; they rise
    pub tokens: Buf,
    pub queries: Queries,
}

#[derive(Debug)]
pub struct DevicePlan {
    /// `[tokens]`
    pub ids: Buf,
    /// every token
    pub all: Queries,
    pub last: Option<LastLayer>,
    pub rows: usize,
    /// `[rows]`, among the last layer's outputs, the one that predicts the row
    pub predictors: Buf,
    /// `[rows]`
    pub targets: Buf,
    /// `[tokens]` in plans of whole rows, else empty: in how many of the sequences trained on a token occurs
    pub occurrences: Buf,
}

impl DevicePlan {
    pub fn new(engine: &Engine, plan: &Plan) -> Result<Self> {
        let needed = Needed::of(plan);
        let send = |values: Vec<u32>| Buf::from_vec(values, engine.device());
        let queries = |positions: &[u32], groups: &[Vec<Segment>]| {
            Ok::<_, Error>(Queries {
                count: positions.len(),
                positions: send(positions.to_vec())?,
                segments: Segments::new(engine, groups)?,
            })
        };
        let predictors = match &needed {
            Some(needed) => needed.rows.clone(),
            None => plan.rows.iter().map(|row| row.hidden).collect(),
        };
        let last = needed.map(|needed| {
            Ok::<_, Error>(LastLayer {
                queries: queries(&needed.positions, &needed.groups)?,
                tokens: send(needed.tokens)?,
            })
        });
        Ok(Self {
            ids: send(plan.tokens.clone())?,
            all: queries(&plan.positions, &plan.groups)?,
            last: last.transpose()?,
            rows: plan.rows.len(),
            predictors: send(predictors)?,
            targets: send(plan.rows.iter().map(|row| row.target).collect())?,
            occurrences: Buf::from_vec(plan.occurrences.clone(), engine.device())?,
        })
    }

    /// One sequence's next tokens behind the `seen` ones that a cache holds; its row is the last of them.
    pub fn decoding(engine: &Engine, tokens: &[u32], seen: usize) -> Result<Self> {
        let send = |values: Vec<u32>| Buf::from_vec(values, engine.device());
        let count = tokens.len();
        let segment = Segment {
            query: 0,
            key: seen,
            len: count,
            context: if seen > 0 { vec![0..seen] } else { vec![] },
        };
        Ok(Self {
            ids: send(tokens.to_vec())?,
            all: Queries {
                count,
                positions: send((seen..seen + count).map(|p| p as u32).collect())?,
                segments: Segments::new(engine, &[vec![segment]])?,
            },
            last: None,
            rows: 1,
            predictors: send(vec![count as u32 - 1])?,
            targets: send(vec![])?,
            occurrences: Buf::zeros(0, engine.device())?,
        })
    }

    pub fn tokens(&self) -> usize {
        self.all.count
    }

    /// How many outputs the last layer has.
    pub fn outputs(&self) -> usize {
        self.last.as_ref().map_or(self.all.count, |last| last.queries.count)
    }
}

/// The tokens of each segment from its first that predicts a row. `query` of the segments counts in `tokens`, `key` and
/// `context` count in the plan's.
#[derive(Clone, Debug, PartialEq)]
struct Needed {
    /// rising
    tokens: Vec<u32>,
    positions: Vec<u32>,
    groups: Vec<Vec<Segment>>,
    /// for each row of the plan, the place in `tokens` of the one that predicts it
    rows: Vec<u32>,
}

impl Needed {
    /// `None` where that is every token; so it is in plans of whole rows, whose every token counts in each layer.
    fn of(plan: &Plan) -> Option<Self> {
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
        let tail = Needed::of(&plan).unwrap();
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
        assert_eq!(Needed::of(&gap).unwrap().tokens, [1, 2, 3]);
        let all = Plan::sequences(&[sequence(&[false, true, true, true, true])]).unwrap();
        assert_eq!(Needed::of(&all), None);
    }
}
