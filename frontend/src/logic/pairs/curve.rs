//! The geometry of the small curve of a value over the evaluations, with 0 in sight.

/// A curve. Its places are in percent of the box, from the upper left corner.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    points: Vec<(f64, f64)>,
    from: f64,
    to: f64,
    low: f64,
    high: f64,
}

impl Curve {
    /// The curve of `(step, margin)`, the steps ascending.
    pub fn of(points: impl Iterator<Item = (f64, f64)>) -> Self {
        let points: Vec<_> = points.filter(|(_, margin)| margin.is_finite()).collect();
        let (low, high) = points.iter().fold((0f64, 0f64), |(low, high), (_, margin)| {
            (low.min(*margin), high.max(*margin))
        });
        let room = ((high - low) * 0.1).max(1e-6);
        Self {
            from: points.first().map_or(0.0, |point| point.0),
            to: points.last().map_or(1.0, |point| point.0),
            low: low - room,
            high: high + room,
            points,
        }
    }

    /// Where a margin at a step lies, from left and top.
    pub fn place(&self, step: f64, margin: f64) -> (f64, f64) {
        let x = (step - self.from) / (self.to - self.from).max(1e-9);
        let y = (self.high - margin) / (self.high - self.low);
        (x.clamp(0.0, 1.0) * 100.0, y.clamp(0.0, 1.0) * 100.0)
    }

    /// The path of its line in SVG.
    pub fn path(&self) -> String {
        let points = self.points.iter().enumerate().map(|(n, (step, margin))| {
            let (x, y) = self.place(*step, *margin);
            format!("{}{x:.2} {y:.2}", if n == 0 { "M" } else { "L" })
        });
        points.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_in_sight_and_ends_are_at_the_edges() {
        let curve = Curve::of([(10.0, 1.0), (20.0, 3.0), (50.0, 2.0)].into_iter());
        assert!((90.0..100.0).contains(&curve.place(10.0, 0.0).1));
        assert_eq!((curve.place(10.0, 1.0).0, curve.place(50.0, 2.0).0), (0.0, 100.0));
        assert!(curve.path().starts_with("M0.00 ") && curve.path().matches('L').count() == 2);
    }

    #[test]
    fn one_point_and_none_are_no_trouble() {
        for points in [vec![], vec![(5.0, 0.0)], vec![(5.0, f64::NAN)]] {
            let curve = Curve::of(points.into_iter());
            let (x, y) = curve.place(5.0, 0.0);
            assert!(x.is_finite() && y.is_finite(), "{curve:?}");
        }
    }
}
