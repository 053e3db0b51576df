//! The data of a chart: x axes, smoothing, and lines aligned on one x axis.

use super::series::Point;
pub use protocol::plot::smooth;
use protocol::worked::Clock;

/// The quantity of the x axis.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum XAxis {
    #[default]
    Step,
    Epoch,
    /// Seconds of work since the first event.
    Time,
    /// Another metric; only single charts have it, never a whole page.
    Value,
}

impl XAxis {
    pub const ALL: [Self; 3] = [Self::Step, Self::Epoch, Self::Time];

    /// Its name in the address.
    pub fn key(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Epoch => "epoch",
            Self::Time => "time",
            Self::Value => "value",
        }
    }

    pub fn from_key(key: &str) -> Self {
        Self::ALL.into_iter().find(|axis| axis.key() == key).unwrap_or_default()
    }
}

/// The conversion of a run's points into x values.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct XScale {
    pub axis: XAxis,
    /// Steps of an epoch; 0 when unknown.
    pub steps_per_epoch: f64,
    pub clock: Clock,
}

impl XScale {
    pub fn x(&self, (step, time, _): &Point) -> f64 {
        match self.axis {
            XAxis::Epoch if self.steps_per_epoch > 0.0 => *step as f64 / self.steps_per_epoch,
            XAxis::Step | XAxis::Epoch | XAxis::Value => *step as f64,
            XAxis::Time => self.clock.seconds(*time),
        }
    }

    /// `(x, value)` of every point, by ascending x.
    pub fn line(&self, points: &[Point]) -> Vec<(f64, f64)> {
        let mut line: Vec<_> = points.iter().map(|point| (self.x(point), point.2)).collect();
        line.sort_by(|a, b| a.0.total_cmp(&b.0));
        line
    }
}

/// Lines aligned on one x axis.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Aligned {
    pub xs: Vec<f64>,
    /// For each line, its value at each x, or `None`.
    pub columns: Vec<Vec<Option<f64>>>,
}

/// Merges the x values of all lines; each line's x must rise.
pub fn align(lines: &[&[(f64, f64)]]) -> Aligned {
    let xs = all_xs(lines);
    on_xs(lines, xs)
}

/// Lines aligned on one x axis of at most about `limit` places. Where they do not fit as they are, they are put on a common grid, on
/// which each line keeps the least and the greatest value of each cell.
pub fn gather(lines: &[&[(f64, f64)]], limit: usize) -> Aligned {
    let xs = all_xs(lines);
    match (xs.first(), xs.last()) {
        (Some(first), Some(last)) if xs.len() > limit.max(4) => on_grid(lines, (*first, *last), limit.max(4) / 2),
        _ => on_xs(lines, xs),
    }
}

fn all_xs(lines: &[&[(f64, f64)]]) -> Vec<f64> {
    let mut xs: Vec<f64> = lines.iter().flat_map(|line| line.iter().map(|point| point.0)).collect();
    // each line is sorted already: a stable sort merges them
    xs.sort_by(f64::total_cmp);
    xs.dedup();
    xs
}

fn on_xs(lines: &[&[(f64, f64)]], xs: Vec<f64>) -> Aligned {
    let column = |line: &&[(f64, f64)]| {
        let mut column = vec![None; xs.len()];
        let mut at = 0;
        for &(x, y) in *line {
            while at < xs.len() && xs[at] < x {
                at += 1;
            }
            if let Some(slot) = column.get_mut(at) {
                *slot = Some(y);
            }
        }
        column
    };
    let columns = lines.iter().map(column).collect();
    Aligned { xs, columns }
}

/// Each cell of the grid has two places: for the earlier of its extremes, and the later.
fn on_grid(lines: &[&[(f64, f64)]], (from, to): (f64, f64), cells: usize) -> Aligned {
    let width = (to - from) / cells as f64;
    let cell_of = |x: f64| (((x - from) / width) as usize).min(cells - 1);
    let column = |line: &&[(f64, f64)]| {
        let mut column = vec![None; 2 * cells];
        for points in line.chunk_by(|a, b| cell_of(a.0) == cell_of(b.0)) {
            let (mut low, mut high) = (0, 0);
            for (i, point) in points.iter().enumerate() {
                if point.1 < points[low].1 {
                    low = i;
                }
                if point.1 >= points[high].1 {
                    high = i;
                }
            }
            let cell = cell_of(points[0].0);
            column[2 * cell] = Some(points[low.min(high)].1);
            if low != high {
                column[2 * cell + 1] = Some(points[low.max(high)].1);
            }
        }
        column
    };
    let xs = (0..2 * cells)
        .map(|place| from + width * (0.5 * place as f64 + 0.25))
        .collect();
    Aligned {
        xs,
        columns: lines.iter().map(column).collect(),
    }
}

/// The part of a line within `window`, and the points just beyond it, so that it reaches the edges.
pub fn cut(line: &[(f64, f64)], window: Option<(f64, f64)>) -> &[(f64, f64)] {
    let Some((from, to)) = window else { return line };
    let first = line.partition_point(|point| point.0 < from).saturating_sub(1);
    let last = (line.partition_point(|point| point.0 <= to) + 1).min(line.len());
    &line[first.min(last)..last]
}

/// The first and the last step in a window of the x axis, found from the points of a run.
pub fn steps_within(points: &[Point], scale: &XScale, (from, to): (f64, f64)) -> Option<(u64, u64)> {
    if scale.axis == XAxis::Step {
        return Some((from.max(0.0).floor() as u64, to.max(0.0).ceil() as u64));
    }
    let before = points
        .iter()
        .rev()
        .find(|point| scale.x(point) <= from)
        .or(points.first());
    let after = points.iter().find(|point| scale.x(point) >= to).or(points.last());
    Some((before?.0, after?.0)).filter(|(first, last)| first <= last)
}

/// The point of a line nearest to `x`.
pub fn nearest(line: &[(f64, f64)], x: f64) -> Option<(f64, f64)> {
    let at = line.partition_point(|point| point.0 < x);
    let before = at.checked_sub(1).and_then(|at| line.get(at));
    match (before, line.get(at)) {
        (Some(a), Some(b)) => Some(if x - a.0 <= b.0 - x { *a } else { *b }),
        (a, b) => a.or(b).copied(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_different_steps_share_an_axis() {
        let aligned = align(&[&[(1.0, 10.0), (2.0, 20.0), (3.0, 30.0)], &[(0.0, 5.0), (2.0, 6.0)]]);
        assert_eq!(aligned.xs, [0.0, 1.0, 2.0, 3.0]);
        assert_eq!(aligned.columns[0], [None, Some(10.0), Some(20.0), Some(30.0)]);
        assert_eq!(aligned.columns[1], [Some(5.0), None, Some(6.0), None]);
        assert_eq!(align(&[]), Aligned::default());
    }

    #[test]
    fn many_lines_share_a_grid_and_keep_their_spikes() {
        let odd: Vec<_> = (0..5000)
            .map(|i| (f64::from(2 * i + 1), if i == 1234 { 50.0 } else { 1.0 }))
            .collect();
        let even: Vec<_> = (0..2500)
            .map(|i| (f64::from(2 * i), if i == 600 { -9.0 } else { 0.0 }))
            .collect();
        let gathered = gather(&[&odd, &even], 400);
        assert_eq!(gathered.xs.len(), 400);
        assert!(gathered.xs.is_sorted_by(|a, b| a < b));
        assert!((gathered.xs[0] - 0.0).abs() < 26.0 && (gathered.xs[399] - 9999.0).abs() < 26.0);
        let at = |column: usize, y: f64| gathered.columns[column].iter().position(|value| *value == Some(y));
        let spike = gathered.xs[at(0, 50.0).unwrap()];
        assert!((spike - 2469.0).abs() < 26.0, "{spike}");
        assert!(at(1, -9.0).is_some());
        // half as long: nothing is drawn after its end
        assert!(gathered.columns[1][210..].iter().all(Option::is_none));
        assert_eq!(gather(&[&odd[..3], &even[..3]], 400), align(&[&odd[..3], &even[..3]]));
    }

    #[test]
    fn a_cut_line_reaches_beyond_the_window() {
        let line: Vec<_> = (0..10).map(|i| (f64::from(i), 0.0)).collect();
        assert_eq!(cut(&line, Some((3.0, 5.0))), &line[2..7]);
        assert_eq!(cut(&line, Some((3.2, 3.4))), &line[3..5]);
        assert_eq!(cut(&line, Some((-5.0, 50.0))), line);
        assert_eq!(cut(&line, None), line);
        assert!(cut(&[], Some((0.0, 1.0))).is_empty());
    }

    #[test]
    fn a_window_of_any_axis_is_a_window_of_steps() {
        let points: Vec<Point> = (0..=10).map(|i| (10 * i, 1000 * i as i64, 0.0)).collect();
        let scale = |axis| XScale {
            axis,
            steps_per_epoch: 20.0,
            clock: Clock::default(),
        };
        assert_eq!(steps_within(&points, &scale(XAxis::Step), (12.3, 45.6)), Some((12, 46)));
        assert_eq!(steps_within(&points, &scale(XAxis::Epoch), (1.2, 2.4)), Some((20, 50)));
        assert_eq!(steps_within(&points, &scale(XAxis::Time), (2.5, 4.5)), Some((20, 50)));
        assert_eq!(steps_within(&points, &scale(XAxis::Time), (-9.0, 99.0)), Some((0, 100)));
        assert_eq!(steps_within(&[], &scale(XAxis::Time), (0.0, 1.0)), None);
    }

    #[test]
    fn the_axes_agree_on_what_a_point_is() {
        let point = (30, 5_000, 1.0);
        let scale = |axis| XScale {
            axis,
            steps_per_epoch: 20.0,
            clock: Clock {
                start: 2_000,
                ..Clock::default()
            },
        };
        assert_eq!(XAxis::ALL.map(|axis| scale(axis).x(&point)), [30.0, 1.5, 3.0]);
        assert_eq!(XAxis::from_key("time"), XAxis::Time);
        assert_eq!(XAxis::from_key("nonsense"), XAxis::Step);
    }

    #[test]
    fn the_nearest_point_is_found_on_either_side() {
        let line = [(0.0, 1.0), (10.0, 2.0)];
        assert_eq!(nearest(&line, 4.0), Some((0.0, 1.0)));
        assert_eq!(nearest(&line, 6.0), Some((10.0, 2.0)));
        assert_eq!(nearest(&line, -5.0), Some((0.0, 1.0)));
        assert_eq!(nearest(&line, 50.0), Some((10.0, 2.0)));
        assert_eq!(nearest(&[], 1.0), None);
    }
}
