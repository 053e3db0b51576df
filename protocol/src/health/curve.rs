//! A metric over the steps so far as means over a bounded number of stretches: each point costs the same however long the run
//! is.

use crate::fold::Rewind;

/// Stretches that are kept; beyond it, neighbours are joined in pairs. Enough to tell tenths of a run apart.
const MAX_STRETCHES: usize = 48;
/// The ends of a short curve are means over at least this many stretches, so that one noisy step decides nothing.
const MIN_END_STRETCHES: usize = 3;

/// A value and its step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    pub step: u64,
    pub value: f64,
}

/// Neighbouring points as one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    pub from: u64,
    pub to: u64,
    pub count: u64,
    pub mean: f64,
}

impl Stretch {
    fn of(point: Point) -> Self {
        Self {
            from: point.step,
            to: point.step,
            count: 1,
            mean: point.value,
        }
    }

    fn join(&mut self, later: &Self) {
        let (count, other) = (self.count as f64, later.count as f64);
        self.mean = self.mean * (count / (count + other)) + later.mean * (other / (count + other));
        self.count += later.count;
        self.to = later.to;
    }
}

/// The curve of a metric.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Curve {
    stretches: Vec<Stretch>,
    /// Points of a full stretch; 0 before the first point.
    width: u64,
    pub first: Option<Point>,
    pub newest: Option<Point>,
}

impl Curve {
    pub fn push(&mut self, point: Point) {
        self.first.get_or_insert(point);
        self.newest = Some(point);
        self.width = self.width.max(1);
        match self.stretches.last_mut().filter(|last| last.count < self.width) {
            Some(last) => last.join(&Stretch::of(point)),
            None => self.stretches.push(Stretch::of(point)),
        }
        if self.stretches.len() > MAX_STRETCHES {
            self.width *= 2;
            self.stretches = self.stretches.chunks(2).filter_map(join_all).collect();
        }
    }

    /// Forgets what is taken back. A stretch that reaches into it can't be split and goes as a whole; of the first stretch the first
    /// point stays.
    pub fn forget(&mut self, rewind: Rewind) {
        self.first = self.first.filter(|first| !rewind.forgets(first.step));
        self.stretches.retain(|stretch| !rewind.forgets(stretch.to));
        if self.stretches.is_empty() {
            self.stretches.extend(self.first.map(Stretch::of));
        }
        let longest = self.stretches.iter().map(|stretch| stretch.count).max();
        self.width = longest.unwrap_or(1).max(1);
        self.newest = self.stretches.last().map(|last| Point {
            step: last.to,
            value: last.mean,
        });
    }

    pub fn stretches(&self) -> &[Stretch] {
        &self.stretches
    }

    /// Number of points.
    pub fn count(&self) -> u64 {
        self.stretches.iter().map(|stretch| stretch.count).sum()
    }

    /// The first tenth as one stretch.
    pub fn head(&self) -> Option<Stretch> {
        join_all(&self.stretches[..self.end()])
    }

    /// The newest tenth as one stretch.
    pub fn tail(&self) -> Option<Stretch> {
        join_all(&self.stretches[self.stretches.len() - self.end()..])
    }

    /// The tenth with the greatest mean.
    pub fn peak(&self) -> Option<Stretch> {
        let tenths = self.stretches.windows(self.end().max(1)).filter_map(join_all);
        tenths.max_by(|a, b| a.mean.total_cmp(&b.mean))
    }

    /// The median of the stretches' means.
    pub fn median(&self) -> Option<f64> {
        median(self.stretches.iter().map(|stretch| stretch.mean).collect())
    }

    fn end(&self) -> usize {
        (self.stretches.len() / 10)
            .max(MIN_END_STRETCHES)
            .min(self.stretches.len())
    }
}

fn join_all(stretches: &[Stretch]) -> Option<Stretch> {
    let (first, rest) = stretches.split_first()?;
    let mut whole = *first;
    rest.iter().for_each(|later| whole.join(later));
    Some(whole)
}

/// The median; of an even number of values, the upper of the middle two.
pub fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(points: u64, value: impl Fn(u64) -> f64) -> Curve {
        let mut curve = Curve::default();
        (1..=points).for_each(|step| {
            curve.push(Point {
                step,
                value: value(step),
            })
        });
        curve
    }

    #[test]
    fn a_long_curve_has_few_stretches_and_the_means_of_all_points() {
        let curve = line(100_000, |step| step as f64);
        assert!(curve.stretches().len() <= MAX_STRETCHES);
        assert_eq!(curve.count(), 100_000);
        let (head, tail) = (curve.head().unwrap(), curve.tail().unwrap());
        assert_eq!((head.from, tail.to), (1, 100_000));
        assert!((head.mean - (head.to as f64 + 1.0) / 2.0).abs() < 1e-6, "{head:?}");
    }

    #[test]
    fn what_a_resumed_run_does_again_is_forgotten() {
        let mut curve = line(40, |step| step as f64);
        curve.forget(Rewind::after(20));
        assert_eq!(curve.newest, Some(Point { step: 20, value: 20.0 }));
        assert_eq!(curve.count(), 20);
        // what goes on early in a long curve is as fine as it was there
        let mut long = line(10_000, |step| step as f64);
        long.forget(Rewind::after(5));
        (6..=30).for_each(|step| long.push(Point { step, value: 1.0 }));
        assert!(long.stretches().len() > 20, "{}", long.stretches().len());
        curve.forget(Rewind::after(0));
        assert_eq!(
            curve,
            Curve {
                width: 1,
                ..Curve::default()
            }
        );
    }
}
