//! What of the lines a chart is drawn from: the y axes that fit them, and their points in the order of uPlot's series.

use super::look::Look;
use super::path::Traced;
use super::{Line, Side};
use crate::logic::axis::{Asked, YAxis, y_axis};
use crate::logic::plot::cut;

/// The y axis for the lines of one side.
pub fn axis_of(lines: &[Line], side: Side, zoom: Option<(f64, f64)>, asked: Asked) -> YAxis {
    let values = lines.iter().filter(|line| line.side == side).flat_map(|line| {
        // with clipping, the faint raw line may leave the plot: the smoothed line counts
        let faint = line.raw.as_ref().filter(|_| !asked.clip);
        let drawn = [Some(&line.points), faint].into_iter().flatten();
        let drawn = drawn.flat_map(move |points| inside(points, zoom).iter().map(|point| point.1));
        let range = line.range.iter().flat_map(|range| range.iter()).zip(line.points.iter());
        let range = range.filter(move |(_, point)| zoom.is_none_or(|(from, to)| (from..=to).contains(&point.0)));
        drawn.chain(range.flat_map(|((low, high), _)| [*low, *high]))
    });
    y_axis(values, asked)
}

/// The points within the window; where there are none, those just beyond it.
fn inside(line: &[(f64, f64)], zoom: Option<(f64, f64)>) -> &[(f64, f64)] {
    let Some((from, to)) = zoom else { return line };
    let first = line.partition_point(|point| point.0 < from);
    let last = line.partition_point(|point| point.0 <= to);
    if first < last {
        &line[first..last]
    } else {
        cut(line, zoom)
    }
}

/// The lines in the order of uPlot's series: each after its faint raw line, the reference last.
pub fn traced(lines: &[Line], look: &Look) -> Vec<Traced> {
    let mut traced = vec![];
    for (line, look) in lines.iter().zip(&look.lines) {
        let (side, raw) = (line.side, line.raw.clone());
        let faint = raw.map(|points| Traced {
            points,
            side,
            range: None,
            dot: false,
        });
        traced.extend(faint.into_iter().chain([Traced {
            points: line.points.clone(),
            side,
            range: line.range.clone(),
            dot: look.dot,
        }]));
    }
    let ends = lines
        .iter()
        .filter_map(|line| Some((line.points.first()?.0, line.points.last()?.0)));
    let ends = ends.reduce(|(from, to), (first, last)| (from.min(first), to.max(last)));
    if let (Some(reference), Some((from, to))) = (look.reference, ends) {
        traced.push(Traced {
            points: [(from, reference), (to, reference)].into(),
            side: Side::Left,
            range: None,
            dot: false,
        });
    }
    traced
}
