//! A line on the screen: the points of a run become places in px, no more of them than can be told apart.

use super::axis::YAxis;
use super::plot::cut;

/// The rectangle in which a line is drawn, in px, and the ranges of both axes that it spans.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
    pub from: f64,
    pub to: f64,
    pub axis: YAxis,
}

impl Frame {
    /// Where a point lies, in px.
    pub fn place(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let across = (x - self.from) / (self.to - self.from);
        (
            self.left + self.width * across,
            self.top + self.height * (1.0 - self.axis.share(y)),
        )
    }
}

/// The line within the frame, up to its edges. Of the points in one column of pixels it keeps the least and the greatest, so that the
/// cost of drawing is bounded by the width.
pub fn trace(points: &[(f64, f64)], frame: &Frame) -> Vec<(f64, f64)> {
    let inside = cut(points, Some((frame.from, frame.to)));
    let column = |point: &(f64, f64)| frame.place(*point).0.floor();
    let mut out = Vec::with_capacity(inside.len().min(2 * frame.width.max(0.0) as usize + 8));
    // few enough for the width: each is drawn
    if inside.len() as f64 <= frame.width {
        out.extend(inside.iter().map(|point| frame.place(*point)));
        return out;
    }
    for points in inside.chunk_by(|a, b| column(a) == column(b)) {
        let (mut low, mut high) = (0, 0);
        for (i, point) in points.iter().enumerate() {
            if point.1 < points[low].1 {
                low = i;
            }
            if point.1 > points[high].1 {
                high = i;
            }
        }
        out.push(frame.place(points[low.min(high)]));
        if low != high {
            out.push(frame.place(points[low.max(high)]));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logic::axis::Spread;

    fn frame(from: f64, to: f64) -> Frame {
        Frame {
            left: 10.0,
            top: 20.0,
            width: 100.0,
            height: 50.0,
            from,
            to,
            axis: YAxis {
                low: 0.0,
                high: 10.0,
                spread: Spread::Even,
            },
        }
    }

    #[test]
    fn points_go_where_the_axes_say() {
        let traced = trace(&[(0.0, 0.0), (5.0, 10.0), (10.0, 5.0)], &frame(0.0, 10.0));
        assert_eq!(traced, [(10.0, 70.0), (60.0, 20.0), (110.0, 45.0)]);
        assert!(trace(&[], &frame(0.0, 10.0)).is_empty());
    }

    #[test]
    fn a_line_of_any_length_costs_what_is_seen_and_keeps_its_spikes() {
        let line: Vec<_> = (0..100_000)
            .map(|i| (f64::from(i), if i == 54_321 { 10.0 } else { f64::from(i % 3) }))
            .collect();
        let traced = trace(&line, &frame(0.0, 99_999.0));
        assert!(traced.len() <= 2 * 101, "{}", traced.len());
        assert!(traced.is_sorted_by(|a, b| a.0 <= b.0));
        let top = traced.iter().map(|point| point.1).fold(f64::INFINITY, f64::min);
        assert_eq!(top, 20.0, "the spike is at the top");
        let ends = (traced[0].0.floor(), traced[traced.len() - 1].0.floor());
        assert_eq!(ends, (10.0, 110.0));
    }

    #[test]
    fn a_look_at_a_part_reaches_beyond_both_edges() {
        let line: Vec<_> = (0..10).map(|i| (f64::from(i), 0.0)).collect();
        let xs: Vec<f64> = trace(&line, &frame(3.5, 5.5)).iter().map(|point| point.0).collect();
        assert_eq!(xs, [-15.0, 35.0, 85.0, 135.0]);
    }
}
