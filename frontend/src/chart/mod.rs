//! Charts: one component over uPlot. Lines come in ready made; cursor, zoom and scale are shared by a group.

mod bar;
pub mod closer;
mod draw;
mod figure;
mod options;
mod tip;
mod twin;
mod uplot;

pub use bar::{ChartBar, ChartBarState};
pub use figure::Chart;

use crate::fmt;
use crate::i18n::run as words;
use crate::logic::plot::XAxis;
use leptos::prelude::*;
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
    pub points: Arc<Vec<(f64, f64)>>,
    /// The line before smoothing, drawn faintly.
    pub raw: Option<Arc<Vec<(f64, f64)>>>,
    /// What it belongs to, so that it can be lit up from elsewhere: a run's id.
    pub of: String,
}

/// Fixed things of a chart's left axis.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Scale {
    /// Its ends.
    pub range: Option<(f64, f64)>,
    /// A value worth a line across: chance, or nothing gained.
    pub reference: Option<f64>,
}

/// What the charts of a page share.
#[derive(Clone, Copy)]
pub struct ChartGroup {
    /// uPlot's key for the shared cursor.
    pub key: &'static str,
    pub axis: Signal<XAxis>,
    /// The part of the x axis shown; `None`: all.
    pub zoom: Signal<Option<(f64, f64)>>,
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
}

/// An x value with its axis' word.
pub fn x_text(axis: XAxis, x: f64) -> String {
    match axis {
        XAxis::Step => words::at_step(fmt::setting(x.round())),
        XAxis::Epoch => words::at_epoch(fmt::number(x)),
        XAxis::Time => fmt::clock(x),
    }
}
