//! Charts: one component over uPlot. Lines come in ready made; cursor, zoom and scale are shared by a group.

mod bar;
pub mod closer;
mod columns;
mod draw;
mod export;
mod figure;
mod legend;
mod marks;
mod options;
mod path;
mod tip;
mod twin;
mod uplot;
mod view;

pub use bar::{ChartBar, ChartBarState, SMOOTHING};
pub use export::Source;
pub use figure::{Chart, Opened};
pub use marks::{Ends, Flag, Marks};

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
    /// What the legend says; nothing where the line before has said it.
    pub legend: String,
    /// The metric, for how its values are written.
    pub metric: String,
    /// A colour as CSS has it, e.g. `var(--run-1)`.
    pub color: String,
    pub stroke: Stroke,
    pub side: Side,
    /// As logged; as drawn once it is [`smoothed`].
    pub points: Arc<[(f64, f64)]>,
    /// Its noise may be smoothed away.
    pub noisy: bool,
    /// The line before smoothing, drawn faintly.
    pub raw: Option<Arc<[(f64, f64)]>>,
    /// Of a mean, the least and the greatest at each point: a band about the line.
    pub range: Option<Arc<[(f64, f64)]>>,
    /// What it belongs to, so that it can be lit up from elsewhere: a run's id.
    pub of: String,
}

/// The lines as they are drawn: the noisy ones smoothed, and faint behind it as they were logged where that does not
/// hide the others.
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

/// Fixed things of a chart's left axis.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Scale {
    /// Its ends.
    pub range: Option<(f64, f64)>,
    /// A value worth a line across: chance, or nothing gained.
    pub reference: Option<f64>,
}

impl Scale {
    /// As a chart of the run page has it.
    pub fn of(chart: &metric::Chart) -> Self {
        Self {
            range: chart.range,
            reference: chart.reference,
        }
    }
}

/// The colour of a line as CSS has it.
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
    /// The part of the x axis shown; `None`: all.
    pub zoom: Signal<Option<(f64, f64)>>,
    /// How much noise is taken out, 0 to 0.99.
    pub smoothing: Signal<f64>,
    pub on_zoom: Callback<Option<(f64, f64)>>,
    /// Decades on the y axes that have no fixed ends.
    pub log: Signal<bool>,
    /// Leaves outliers out of sight.
    pub clip: Signal<bool>,
    /// x under the pointer, on whichever chart it is.
    pub at: RwSignal<Option<f64>>,
    /// What is lit up ([`Line::of`]); the others fade.
    pub lit: RwSignal<Option<String>>,
    /// Width in px of the widest chart.
    pub width: RwSignal<u32>,
    /// The ends of x that every chart shows, whatever its lines have; none: its lines' own.
    pub span: RwSignal<Option<(f64, f64)>>,
    /// What is shaded on one of the charts.
    pub band: RwSignal<Option<Band>>,
}

/// A part of the x axis that somebody points at.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    pub from: f64,
    pub to: f64,
    pub steps: Steps,
    /// The chart that has one of these metrics.
    pub metrics: Vec<String>,
}

/// The metrics that are drawn on one chart with this one, by their bare names, itself first.
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

/// An x value with its axis' word.
pub fn x_text(axis: XAxis, x: f64) -> String {
    match axis {
        XAxis::Step => words::at_step(fmt::setting(x.round())),
        XAxis::Epoch => words::at_epoch(fmt::number(x)),
        XAxis::Time => fmt::clock(x),
        XAxis::Value => fmt::number(x),
    }
}
