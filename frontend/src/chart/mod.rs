//! Charts: one component over uPlot. Callers pass the lines; cursor, zoom and scale are shared by a group of charts.

mod axes;
mod bar;
pub mod closer;
mod columns;
mod cursor;
mod data_table;
mod draw;
mod end_names;
mod export;
mod figure;
mod fit;
mod legend;
mod look;
mod marks;
mod options;
mod path;
mod pointer;
mod tooltip;
mod uplot;
mod view;

pub use bar::{ChartBar, ChartBarState, SMOOTHING};
pub use export::Source;
pub use figure::{Chart, FullWidth};
pub use marks::{Ends, Flag, Marks, Named};

use crate::fmt;
use crate::i18n::run as words;
use crate::logic::plot::{XAxis, smooth};
use crate::logic::view::COLORS;
use leptos::prelude::*;
use protocol::health::Steps;
use protocol::metric::{self, Drawn, Tone};
use protocol::plot::smooth_range;
use std::sync::Arc;

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stroke {
    /// Training.
    Solid,
    /// Evaluation: with a ring at each point.
    Ringed,
}

/// Which axis a line is measured on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Left,
    Right,
}

/// A line of a chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub name: String,
    /// The label in the legend; empty where it is the name.
    pub legend: String,
    /// The metric, which decides how its values are formatted.
    pub metric: String,
    /// A CSS colour, e.g. `var(--run-1)`.
    pub color: String,
    pub stroke: Stroke,
    pub side: Side,
    /// The points as logged; after [`smoothed`], as drawn.
    pub points: Arc<[(f64, f64)]>,
    /// Whether it may be smoothed.
    pub noisy: bool,
    /// The line before smoothing, which is drawn faintly.
    pub raw: Option<Arc<[(f64, f64)]>>,
    /// Of a mean, the least and the greatest value at each point: a band around the line.
    pub range: Option<Arc<[(f64, f64)]>>,
    /// What it belongs to, by which it is highlighted from elsewhere: a run's id, or a group's value.
    pub of: String,
}

/// Whether a chart has a dot for each line and no lines.
pub fn are_dots(lines: &[Line]) -> bool {
    !lines.is_empty()
        && lines
            .iter()
            .all(|line| line.points.len() == 1 && line.stroke == Stroke::Solid)
}

/// The lines as they are drawn: the noisy ones smoothed, with the raw ones faint behind them unless there are too many.
pub fn smoothed(lines: &[Line], weight: f64) -> Vec<Line> {
    let faint = lines.iter().filter(|line| line.noisy).count() <= COLORS;
    let drawn = |line: &Line| {
        let mut drawn = line.clone();
        if line.noisy && weight > 0.0 {
            drawn.points = smooth(&line.points, weight).into();
            drawn.raw = (faint && line.range.is_none()).then(|| line.points.clone());
            drawn.range = line
                .range
                .as_ref()
                .map(|range| smooth_range(&line.points, range, weight).into());
        }
        drawn
    };
    lines.iter().map(drawn).collect()
}

/// The fixed properties of a chart's left axis.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Scale {
    /// Its ends, where they are fixed.
    pub range: Option<(f64, f64)>,
    /// A value at which a horizontal line is drawn: chance, or no change.
    pub reference: Option<f64>,
}

impl Scale {
    /// The scale of a chart of the run page.
    pub fn of(chart: &metric::Chart) -> Self {
        Self {
            range: chart.range,
            reference: chart.reference,
        }
    }
}

/// The CSS colour of a tone.
pub fn tone_color(tone: Tone) -> String {
    match tone {
        Tone::Chosen => "var(--chosen)".into(),
        Tone::Rejected => "var(--rejected)".into(),
        Tone::Series(place) => format!("var(--run-{place})"),
    }
}

/// What the charts of a page share.
#[derive(Clone, Copy)]
pub struct ChartGroup {
    /// uPlot's key for the shared cursor.
    pub key: &'static str,
    pub axis: Signal<XAxis>,
    /// The visible part of the x axis; `None`: all of it.
    pub zoom: Signal<Option<(f64, f64)>>,
    /// The weight of smoothing, 0 to 0.99.
    pub smoothing: Signal<f64>,
    pub on_zoom: Callback<Option<(f64, f64)>>,
    /// Makes y axes without fixed ends logarithmic.
    pub log: Signal<bool>,
    /// Excludes outliers from the range of the y axes.
    pub clip: Signal<bool>,
    /// x at the cursor, whichever chart it is on.
    pub at: RwSignal<Option<f64>>,
    /// What is highlighted ([`Line::of`]); the other lines fade.
    pub lit: RwSignal<Option<String>>,
    /// Width in px of the widest chart.
    pub width: RwSignal<u32>,
    /// The ends of the x axis of every chart; `None`: those of each chart's own lines.
    pub span: RwSignal<Option<(f64, f64)>>,
    /// The shaded part of one of the charts.
    pub band: RwSignal<Option<Band>>,
}

/// A part of the x axis that is pointed out by shading.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    pub from: f64,
    pub to: f64,
    pub steps: Steps,
    /// It is shaded on the chart that has one of these metrics.
    pub metrics: Vec<String>,
}

/// The bare names of the metrics that are drawn on one chart with this one, itself first.
pub fn drawn_with(name: &str) -> Vec<String> {
    let name = metric::bare(name);
    let of_chart = |id| metric::metrics().filter(move |metric| metric.drawn == Drawn::In(id));
    let others = match metric::find(name).map(|metric| metric.drawn) {
        Some(Drawn::In(id)) => of_chart(id).map(|metric| metric.name.to_owned()).collect(),
        _ => vec![],
    };
    [name.to_owned()].into_iter().chain(others).collect()
}

/// Scrolls to the chart that draws one of these metrics.
pub fn scroll_to(metrics: &[String]) {
    let found = metrics.iter().find_map(|name| {
        let place = format!("figure.chart[data-metrics~=\"{}\"]", name.replace(['"', '\\'], ""));
        document().query_selector(&place).ok().flatten()
    });
    if let Some(chart) = found {
        chart.scroll_into_view();
    }
}

/// An x value in words, with its unit.
pub fn x_text(axis: XAxis, x: f64) -> String {
    match axis {
        XAxis::Step => words::at_step(fmt::setting(x.round())),
        XAxis::Epoch => words::at_epoch(fmt::number(x)),
        XAxis::Time => fmt::clock(x),
        XAxis::Value => fmt::number(x),
    }
}
