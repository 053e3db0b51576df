//! How a chart looks, apart from its points: a change of it requires a new chart.

use super::{Line, Side, Stroke};
use crate::logic::axis::Spread;
use crate::logic::plot::XAxis;
use crate::logic::scatter::Bottom;

/// With more lines than this, they have no rings and no dots under the cursor.
pub const MANY_LINES: usize = 10;

/// What requires a new chart when it changes; all else is data.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    pub dark: bool,
    pub axis: XAxis,
    pub spread: Spread,
    pub reference: Option<f64>,
    /// The x axis, where it has values of a key.
    pub bottom: Option<Bottom>,
    /// Whether there is room for names at the ends of the lines.
    pub has_room: bool,
    pub lines: Vec<LineLook>,
}

/// How a line of the chart looks.
#[derive(Debug, Clone, PartialEq)]
pub struct LineLook {
    pub metric: String,
    pub color: String,
    pub stroke: Stroke,
    pub side: Side,
    pub smoothed: bool,
    /// Whether it has a band around it.
    pub ranged: bool,
    /// Whether it has a single point at most.
    pub alone: bool,
    /// Whether it has a single point, which is drawn as a dot.
    pub dot: bool,
    /// Whether it has so many points that rings would hide the line.
    pub crowded: bool,
    pub of: String,
}

impl Look {
    pub fn of(lines: &[Line], dark: bool, axis: XAxis, spread: Spread, reference: Option<f64>) -> Self {
        let many = lines.len() > MANY_LINES;
        let lines = lines.iter().map(|line| LineLook {
            metric: line.metric.clone(),
            color: line.color.clone(),
            stroke: line.stroke,
            side: line.side,
            smoothed: line.raw.is_some(),
            ranged: line.range.is_some(),
            alone: line.points.len() < 2,
            dot: line.points.len() == 1 && (line.stroke == Stroke::Solid || many),
            crowded: line.points.len() > 60,
            of: line.of.clone(),
        });
        Self {
            dark,
            axis,
            spread,
            reference: reference.filter(|_| spread != Spread::Log),
            bottom: None,
            has_room: false,
            lines: lines.collect(),
        }
    }

    /// The opacity of each of uPlot's series while `lit` is highlighted.
    pub fn opacities(&self, lit: Option<&str>) -> Vec<f64> {
        let of_line = |line: &LineLook| {
            let opacity = if lit.is_none_or(|lit| line.of == lit) {
                1.0
            } else {
                0.12
            };
            std::iter::repeat_n(opacity, 1 + usize::from(line.smoothed))
        };
        self.lines.iter().flat_map(of_line).collect()
    }
}
