//! Which pairs are listed, in which order, and how many each filter would list.

use super::histogram::Span;
use super::view::{Filter, PairsView, Sort};
use protocol::pairs::{Mark, PairScore, PairScores, Transition};
use std::collections::{BTreeMap, HashMap, HashSet};

/// The pairs of a run at one evaluation, with what follows only from all of them together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scored {
    pub scores: PairScores,
    /// Prompts that more than one pair has.
    repeated: HashSet<u64>,
    /// The token count that nine tenths of the pairs do not exceed.
    long: u64,
}

/// The tokens of prompt and replies together.
fn tokens(pair: &PairScore) -> u64 {
    u64::from(pair.prompt_tokens) + u64::from(pair.chosen_tokens) + u64::from(pair.rejected_tokens)
}

/// The change of the margin since the first evaluation.
pub fn change(pair: &PairScore) -> f32 {
    pair.margin - pair.first
}

/// By how many tokens the chosen reply is longer.
pub fn longer(pair: &PairScore) -> i64 {
    i64::from(pair.chosen_tokens) - i64::from(pair.rejected_tokens)
}

impl Scored {
    pub fn of(scores: PairScores) -> Self {
        let mut seen: HashMap<u64, u32> = HashMap::new();
        for pair in &scores.pairs {
            *seen.entry(pair.prompt).or_default() += 1;
        }
        let mut lengths: Vec<u64> = scores.pairs.iter().map(tokens).collect();
        let long = match lengths.len() {
            0 => 0,
            n => *lengths.select_nth_unstable((n * 9).div_ceil(10) - 1).1,
        };
        Self {
            repeated: seen
                .into_iter()
                .filter(|(_, times)| *times > 1)
                .map(|(prompt, _)| prompt)
                .collect(),
            long,
            scores,
        }
    }

    pub fn get(&self, pair: u32) -> Option<&PairScore> {
        self.scores.pairs.get(pair as usize)
    }

    pub fn count(&self) -> usize {
        self.scores.pairs.len()
    }

    /// The range of their margins, now and at the first evaluation.
    pub fn span(&self) -> Span {
        let margins = |of: fn(&PairScore) -> f32| self.scores.pairs.iter().map(of).collect::<Vec<_>>();
        Span::over(&margins(|pair| pair.margin)).with(Span::over(&margins(|pair| pair.first)))
    }

    fn passes(&self, filter: Filter, place: usize, pair: &PairScore, marks: &BTreeMap<u64, Mark>) -> bool {
        match filter {
            Filter::All => true,
            Filter::Wrong => !pair.is_right(),
            Filter::ToRight => pair.transition() == Transition::FlippedToRight,
            Filter::ToWrong => pair.transition() == Transition::FlippedToWrong,
            Filter::NeverRight => !pair.ever_right,
            Filter::Longest => tokens(pair) > self.long,
            Filter::Duplicate => self.repeated.contains(&pair.prompt),
            Filter::Marked => marks.get(&(place as u64)).is_some_and(|mark| *mark != Mark::None),
        }
    }

    /// How many pairs each filter lists.
    pub fn counts(&self, marks: &BTreeMap<u64, Mark>) -> BTreeMap<&'static str, u64> {
        let pairs = || self.scores.pairs.iter().enumerate();
        let count = |filter: Filter| {
            pairs()
                .filter(|(place, pair)| self.passes(filter, *place, pair, marks))
                .count()
        };
        Filter::ALL
            .into_iter()
            .map(|filter| (filter.key(), count(filter) as u64))
            .collect()
    }

    /// The margins of the pairs that pass a filter.
    pub fn margins(&self, filter: Filter, marks: &BTreeMap<u64, Mark>) -> Vec<f32> {
        let pairs = self.scores.pairs.iter().enumerate();
        pairs
            .filter(|(place, pair)| self.passes(filter, *place, pair, marks))
            .map(|(_, pair)| pair.margin)
            .collect()
    }

    /// The numbers of the pairs that are listed, in order.
    pub fn listed(&self, view: &PairsView, marks: &BTreeMap<u64, Mark>) -> Vec<u32> {
        let within = |pair: &PairScore| view.stretch.is_none_or(|at| at.holds(f64::from(pair.margin)));
        let pairs = self.scores.pairs.iter().enumerate();
        let mut listed: Vec<u32> = pairs
            .filter(|(place, pair)| within(pair) && self.passes(view.filter, *place, pair, marks))
            .map(|(place, _)| place as u32)
            .collect();
        let key = |pair: &PairScore| match view.sort {
            Sort::Margin => pair.margin,
            Sort::Change => change(pair),
            Sort::Moved => change(pair).abs(),
            Sort::Length => longer(pair) as f32,
        };
        let keys: Vec<f32> = self.scores.pairs.iter().map(key).collect();
        let of = |pair: &u32| keys.get(*pair as usize).copied().unwrap_or_default();
        listed.sort_unstable_by(|a, b| {
            let order = of(a).total_cmp(&of(b));
            let order = if view.descends() { order.reverse() } else { order };
            order.then(a.cmp(b))
        });
        listed
    }
}

/// The step of the evaluation to show: the one asked for, else the newest before it; the newest where none is asked for.
pub fn shown_step(steps: &[u64], asked: Option<u64>) -> Option<u64> {
    let Some(asked) = asked else {
        return steps.last().copied();
    };
    let before = steps.iter().rev().find(|step| **step <= asked);
    before.or(steps.first()).copied()
}

/// The beginning of a prompt in one line, of at most `limit` characters.
pub fn line_of(prompt: &str, limit: usize) -> String {
    let mut words = prompt.split_whitespace();
    let mut line = String::new();
    for word in words.by_ref() {
        if line.chars().count() + word.chars().count() > limit {
            line.extend(word.chars().take(limit.saturating_sub(line.chars().count())));
            line.push('…');
            break;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logic::pairs::view::Stretch;

    fn pair(first: f32, margin: f32) -> PairScore {
        PairScore {
            first,
            margin,
            ever_right: first > 0.0 || margin > 0.0,
            prompt_tokens: 10,
            chosen_tokens: 5,
            rejected_tokens: 5,
            ..PairScore::default()
        }
    }

    /// Right all along, flipped to right, flipped to wrong, never right, and right once between.
    fn five() -> Scored {
        let mut pairs = vec![
            pair(1.0, 1.5),
            pair(-1.0, 0.5),
            pair(0.25, -2.0),
            pair(-0.5, -0.5),
            pair(-3.0, 0.0),
        ];
        for (place, pair) in pairs.iter_mut().enumerate() {
            pair.prompt = place as u64 % 4;
        }
        pairs[4].ever_right = true;
        pairs[1].chosen_tokens = 500;
        pairs[2].rejected_tokens = 9;
        Scored::of(PairScores {
            step: 10,
            first_step: 0,
            pairs,
        })
    }

    #[test]
    fn each_filter_lists_what_its_count_says() {
        let scored = five();
        let marks = BTreeMap::from([(3, Mark::Excluded), (0, Mark::None)]);
        let expected: [(Filter, &[u32]); 8] = [
            (Filter::All, &[2, 3, 4, 1, 0]),
            (Filter::Wrong, &[2, 3, 4]),
            (Filter::ToRight, &[1]),
            (Filter::ToWrong, &[2]),
            (Filter::NeverRight, &[3]),
            (Filter::Longest, &[]),
            (Filter::Duplicate, &[4, 0]),
            (Filter::Marked, &[3]),
        ];
        let counts = scored.counts(&marks);
        for (filter, ids) in expected {
            let view = PairsView {
                filter,
                ..PairsView::default()
            };
            assert_eq!(scored.listed(&view, &marks), ids, "{filter:?}");
            assert_eq!(counts[filter.key()], ids.len() as u64, "{filter:?}");
            assert_eq!(scored.margins(filter, &marks).len(), ids.len());
        }
    }

    #[test]
    fn the_longest_are_longer_than_nine_tenths() {
        let mut pairs = vec![pair(0.0, 1.0); 40];
        for (place, pair) in pairs.iter_mut().enumerate() {
            pair.chosen_tokens = 100 - place as u32;
        }
        let scored = Scored::of(PairScores {
            pairs,
            ..PairScores::default()
        });
        let view = PairsView {
            filter: Filter::Longest,
            ..PairsView::default()
        };
        assert_eq!(scored.listed(&view, &BTreeMap::new()), [0, 1, 2, 3]);
    }

    #[test]
    fn each_sort_begins_at_the_end_one_looks_for() {
        let scored = five();
        let order = |sort, is_reversed| {
            let view = PairsView {
                sort,
                is_reversed,
                ..PairsView::default()
            };
            scored.listed(&view, &BTreeMap::new())
        };
        assert_eq!(order(Sort::Change, false), [4, 1, 0, 3, 2]);
        assert_eq!(order(Sort::Moved, false), [4, 2, 1, 0, 3]);
        assert_eq!(order(Sort::Length, false), [1, 0, 3, 4, 2]);
        assert_eq!(order(Sort::Margin, true), [0, 1, 4, 3, 2]);
        let within = PairsView {
            stretch: Some(Stretch { from: -0.6, to: 0.5 }),
            ..PairsView::default()
        };
        assert_eq!(scored.listed(&within, &BTreeMap::new()), [3, 4, 1]);
    }

    #[test]
    fn the_evaluation_looked_at_is_one_there_is() {
        let steps = [0, 10, 20];
        let at = |asked| shown_step(&steps, asked);
        assert_eq!([at(None), at(Some(10)), at(Some(15))], [Some(20), Some(10), Some(10)]);
        assert_eq!(
            [at(Some(99)), shown_step(&[5], Some(1)), shown_step(&[], None)],
            [Some(20), Some(5), None]
        );
    }

    #[test]
    fn a_prompt_is_one_line() {
        assert_eq!(line_of("user\n  What is\tthis?\n", 40), "user What is this?");
        assert_eq!(line_of("日本語の質問です", 4), "日本語の…");
        assert_eq!(line_of("", 4), "");
    }
}
