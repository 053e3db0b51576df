//! Making few points of many: which buckets a chart is read from, and the least and greatest of each stretch of it.

use std::num::{ParseFloatError, ParseIntError};
use thiserror::Error;

/// Levels of buckets kept: the last one has 4^10 (a million) steps in each.
pub(super) const LEVELS: i64 = 10;

/// The finest level of which at most four buckets fall into each stretch of a chart of `points` points (two a stretch):
/// fine enough that stretches of even length can be put together from its buckets; 0: the points themselves.
pub fn bucket_level(steps: u64, points: u64) -> i64 {
    (0..=LEVELS)
        .find(|level| (steps >> (2 * level)) <= 2 * points)
        .unwrap_or(LEVELS)
}

/// What some steps are read from: the buckets of a level that lie within them, and the points before and after these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub level: i64,
    /// The steps, both included.
    pub first: i64,
    pub last: i64,
    /// The first bucket, and the one after the last.
    pub whole: i64,
    pub after: i64,
    /// The last step before the buckets, and the first behind them.
    pub left_end: i64,
    pub right_start: i64,
}

impl Span {
    pub fn of(from: u64, to: u64, level: i64) -> Self {
        let (first, last) = (from.min(i64::MAX as u64) as i64, to as i64);
        let bits = 2 * level;
        let (whole, after) = match level {
            0 => (0, 0),
            _ => ((first + (1 << bits) - 1) >> bits, (last + 1) >> bits),
        };
        let (left_end, right_start) = match whole < after {
            true => ((whole << bits) - 1, after << bits),
            false => (last, last + 1),
        };
        Self {
            level,
            first,
            last,
            whole,
            after,
            left_end,
            right_start,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Point {
    step: i64,
    time: i64,
    value: f64,
}

/// Why a text that the database put together is none of points.
#[derive(Debug, Error)]
pub(super) enum NotPoints {
    #[error("{0}")]
    Whole(#[from] ParseIntError),
    #[error("{0}")]
    Value(#[from] ParseFloatError),
    #[error("a point has a step, a time and a value")]
    Short,
}

impl Point {
    fn read<'a>(words: &mut impl Iterator<Item = &'a str>) -> Result<Self, NotPoints> {
        let mut word = || words.next().ok_or(NotPoints::Short);
        Ok(Self {
            step: word()?.parse()?,
            time: word()?.parse()?,
            value: word()?.parse()?,
        })
    }
}

/// The least and the greatest point of some steps, or one point twice.
#[derive(Debug, Clone, Copy)]
struct Extremes {
    low: Point,
    high: Point,
}

impl Extremes {
    /// Of one point or two, with spaces between their numbers.
    fn read(text: &str) -> Result<Self, NotPoints> {
        let mut words = text.split(' ').peekable();
        let low = Point::read(&mut words)?;
        let high = match words.peek() {
            None => low,
            Some(_) => Point::read(&mut words)?,
        };
        Ok(Self { low, high })
    }

    fn first_step(&self) -> i64 {
        self.low.step.min(self.high.step)
    }

    fn take_in(&mut self, other: &Self) {
        if other.low.value < self.low.value {
            self.low = other.low;
        }
        if other.high.value > self.high.value {
            self.high = other.high;
        }
    }

    /// Its one or two points, in their order.
    fn points(&self) -> impl Iterator<Item = (u64, i64, f64)> + use<> {
        let (first, second) = match self.low.step <= self.high.step {
            true => (self.low, self.high),
            false => (self.high, self.low),
        };
        let second = (first.step != second.step).then_some(second);
        let told = |point: Point| (point.step as u64, point.time, point.value);
        [Some(first), second].into_iter().flatten().map(told)
    }
}

/// Steps of a chart, cut into stretches of even length with two points each at most.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretches {
    from: u64,
    steps: u64,
    count: u64,
}

impl Stretches {
    /// `None` where the points as they are do not come to more than asked.
    pub fn of(from: u64, to: u64, points: u64) -> Option<Self> {
        let steps = (to + 1).saturating_sub(from);
        let count = points / 2;
        (steps > points).then_some(Self { from, steps, count })
    }

    fn at(self, step: i64) -> u64 {
        let offset = (step as u64).saturating_sub(self.from);
        (u128::from(offset) * u128::from(self.count) / u128::from(self.steps)) as u64
    }
}

/// The points of one metric, of what the database put together in the order of steps: points and buckets with commas between.
pub(super) fn thinned(packed: &str, stretches: Option<Stretches>) -> Result<Vec<(u64, i64, f64)>, NotPoints> {
    let mut points = vec![];
    let mut together: Option<(u64, Extremes)> = None;
    for text in packed.split(',') {
        let next = Extremes::read(text)?;
        let Some(stretches) = stretches else {
            points.extend(next.points());
            continue;
        };
        let here = stretches.at(next.first_step());
        match &mut together {
            Some((place, so_far)) if *place == here => so_far.take_in(&next),
            _ => {
                points.extend(together.iter().flat_map(|(_, whole)| whole.points()));
                together = Some((here, next));
            }
        }
    }
    points.extend(together.iter().flat_map(|(_, whole)| whole.points()));
    Ok(points)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Buckets of 4^level steps over a line that rises, as the database puts them together.
    fn rising(steps: u64, level: i64) -> String {
        let width = 1i64 << (2 * level);
        let last = steps as i64 - 1;
        let bucket = |bucket: i64| {
            let (low, high) = (bucket * width, ((bucket + 1) * width - 1).min(last));
            format!("{low} 0 {low}.0 {high} 0 {high}.0")
        };
        let buckets: Vec<_> = (0..=last >> (2 * level)).map(bucket).collect();
        buckets.join(",")
    }

    #[test]
    fn a_chart_gets_nearly_as_many_points_as_asked_and_never_more() {
        assert_eq!(bucket_level(2000, 2000), 0);
        for (steps, points) in [
            (2001, 2000),
            (5000, 2000),
            (100_000, 2000),
            (3_000_000, 2000),
            (100_000, 16),
        ] {
            let level = bucket_level(steps, points);
            let line = thinned(&rising(steps, level), Stretches::of(0, steps - 1, points)).unwrap();
            let got = line.len() as u64;
            assert!(
                got <= points && got >= points * 9 / 10,
                "{got} of {points} for {steps} steps"
            );
            assert_eq!(line.last(), Some(&(steps - 1, 0, (steps - 1) as f64)));
            assert!(line.is_sorted_by(|a, b| a.0 < b.0));
        }
        assert_eq!(Stretches::of(10, 2009, 2000).map(|s| s.count), None);
    }

    #[test]
    fn buckets_lie_within_the_steps_and_points_around_them() {
        let ends = |from, to, level| {
            let span = Span::of(from, to, level);
            (span.whole, span.after, span.left_end, span.right_start)
        };
        // steps 3 to 21 have the whole buckets 1 to 4, of 4 steps each
        assert_eq!(ends(3, 21, 1), (1, 5, 3, 20));
        // no bucket lies within: points alone
        assert_eq!(ends(3, 6, 1), (1, 1, 6, 7));
        assert_eq!(ends(3, 6, 0), (0, 0, 6, 7));
    }
}
