//! A plan on the device: its indices, sent once and read by every operation of all passes over it.
//!
//! The last layer has to give hidden states that predict a row, and no others: its keys and values are needed of every
//! token, its queries, its output and its MLP of these alone.
use crate::error::Result;
use crate::ops::attention::{SegmentRanges, Segments};
use crate::ops::{Buf, Engine, IndexArrays, IndexRange, View};
use crate::plan::{Plan, Segment};

/// A batch's plan with its indices on the device, for the passes of the policy, back, and of the reference.
#[derive(Debug)]
pub struct DevicePlan {
    pub host: Plan,
    pub indices: PlanIndices,
}

impl DevicePlan {
    pub fn new(engine: &Engine, plan: Plan) -> Result<Self> {
        Ok(Self {
            indices: PlanIndices::of(engine, &plan)?,
            host: plan,
        })
    }
}

/// The tokens that a layer has queries for.
#[derive(Clone, Copy, Debug)]
pub struct Queries<'a> {
    pub count: usize,
    /// `[count]`, the position of each in its sequence
    pub positions: View<'a>,
    /// `[count]`, which row of a table of rotations is each one's
    pub turns: View<'a>,
    pub segments: Segments<'a>,
}

/// What the last layer computes, where that is not every token.
#[derive(Clone, Copy, Debug)]
pub struct LastLayer<'a> {
    /// `[queries.count]`, which of the plan's tokens they are; they rise
    pub tokens: View<'a>,
    pub queries: Queries<'a>,
}

/// What passes read of a plan.
#[derive(Debug)]
pub struct PlanIndices {
    /// all arrays of whole numbers
    sent: Buf,
    ids: IndexRange,
    all: QueryRanges,
    last: Option<LastLayerRanges>,
    predictors: IndexRange,
    targets: IndexRange,
    pub rows: usize,
    occurrences: IndexRange,
}

#[derive(Debug)]
struct QueryRanges {
    count: usize,
    positions: IndexRange,
    turns: IndexRange,
    segments: SegmentRanges,
}

#[derive(Debug)]
struct LastLayerRanges {
    tokens: IndexRange,
    queries: QueryRanges,
}

impl QueryRanges {
    fn lay_out(positions: &[u32], turns: &[u32], groups: &[Vec<Segment>], to: &mut IndexArrays) -> Self {
        let sent = to.push(positions.iter().copied());
        Self {
            count: positions.len(),
            turns: match positions == turns {
                true => sent.clone(),
                false => to.push(turns.iter().copied()),
            },
            positions: sent,
            segments: SegmentRanges::lay_out(groups, to),
        }
    }

    fn of<'a>(&self, sent: &'a Buf) -> Queries<'a> {
        Queries {
            count: self.count,
            positions: self.positions.of(sent),
            turns: self.turns.of(sent),
            segments: self.segments.of(sent),
        }
    }
}

impl PlanIndices {
    fn of(engine: &Engine, plan: &Plan) -> Result<Self> {
        let needed = Needed::of(plan);
        let mut arrays = IndexArrays::default();
        let ids = arrays.push(plan.tokens.iter().copied());
        let turns = plan.turns();
        let all = QueryRanges::lay_out(&plan.positions, &turns, &plan.groups, &mut arrays);
        let predictors = match &needed {
            Some(needed) => arrays.push(needed.rows.iter().copied()),
            None => arrays.push(plan.rows.iter().map(|row| row.hidden)),
        };
        let targets = arrays.push(plan.rows.iter().map(|row| row.target));
        let occurrences = arrays.push(plan.occurrences.iter().copied());
        let last = needed.map(|needed| {
            let turns: Vec<u32> = needed.tokens.iter().map(|&token| turns[token as usize]).collect();
            LastLayerRanges {
                queries: QueryRanges::lay_out(&needed.positions, &turns, &needed.groups, &mut arrays),
                tokens: arrays.push(needed.tokens),
            }
        });
        Ok(Self {
            sent: arrays.send(engine)?,
            ids,
            all,
            last,
            predictors,
            targets,
            occurrences,
            rows: plan.rows.len(),
        })
    }

    /// Of one sequence's next tokens behind the `seen` ones that a cache holds; its row is the last of them. Tables hold so many
    /// rotations, whose last is the sequence's.
    pub fn decoding(engine: &Engine, tokens: &[u32], seen: usize, rotations: usize) -> Result<Self> {
        let count = tokens.len();
        let segment = Segment {
            query: 0,
            key: seen,
            len: count,
            context: if seen > 0 { vec![0..seen] } else { vec![] },
        };
        let mut arrays = IndexArrays::default();
        let positions: Vec<u32> = (seen..seen + count).map(|at| at as u32).collect();
        let turn = |at: usize| (at * rotations + rotations - 1) as u32;
        let turns: Vec<u32> = (seen..seen + count).map(turn).collect();
        Ok(Self {
            ids: arrays.push(tokens.iter().copied()),
            all: QueryRanges::lay_out(&positions, &turns, &[vec![segment]], &mut arrays),
            last: None,
            rows: 1,
            predictors: arrays.push([count as u32 - 1]),
            targets: arrays.push([]),
            occurrences: arrays.push([]),
            sent: arrays.send(engine)?,
        })
    }

    pub fn tokens(&self) -> usize {
        self.all.count
    }

    /// How many outputs the last layer has.
    pub fn outputs(&self) -> usize {
        self.last.as_ref().map_or(self.all.count, |last| last.queries.count)
    }

    /// `[tokens]`
    pub fn ids(&self) -> View<'_> {
        self.ids.of(&self.sent)
    }

    /// Every token.
    pub fn all(&self) -> Queries<'_> {
        self.all.of(&self.sent)
    }

    pub fn last(&self) -> Option<LastLayer<'_>> {
        self.last.as_ref().map(|last| LastLayer {
            tokens: last.tokens.of(&self.sent),
            queries: last.queries.of(&self.sent),
        })
    }

    /// `[rows]`, among the last layer's outputs, the one that predicts the row
    pub fn predictors(&self) -> View<'_> {
        self.predictors.of(&self.sent)
    }

    /// `[tokens]` in plans of whole rows, else empty: in how many of the sequences trained on a token occurs
    pub fn occurrences(&self) -> View<'_> {
        self.occurrences.of(&self.sent)
    }

    /// `[rows]`
    pub fn targets(&self) -> View<'_> {
        self.targets.of(&self.sent)
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
