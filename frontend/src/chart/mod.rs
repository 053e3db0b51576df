//! Charts: one component over uPlot. Lines come in ready made; cursor and zoom are shared by a group.

mod bar;
mod draw;
mod uplot;

pub use bar::{ChartBar, ChartBarState};

use crate::fmt;
use crate::i18n::run as words;
use crate::logic::plot::{XAxis, nearest};
use leptos::html;
use leptos::prelude::*;
use std::sync::Arc;

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stroke {
    /// Training.
    Solid,
    /// Evaluation: dotted, with points.
    Dotted,
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
    /// A custom property, e.g. `--run-1`.
    pub color: &'static str,
    pub stroke: Stroke,
    pub side: Side,
    pub points: Arc<Vec<(f64, f64)>>,
    /// The line before smoothing, drawn faintly.
    pub raw: Option<Arc<Vec<(f64, f64)>>>,
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
    /// x under the pointer, on whichever chart it is.
    pub at: RwSignal<Option<f64>>,
}

impl ChartGroup {
    pub fn new(
        key: &'static str,
        axis: Signal<XAxis>,
        zoom: Signal<Option<(f64, f64)>>,
        on_zoom: Callback<Option<(f64, f64)>>,
    ) -> Self {
        let at = RwSignal::new(None);
        Self {
            key,
            axis,
            zoom,
            on_zoom,
            at,
        }
    }
}

/// A chart with its title and legend. The legend shows the values under the cursor, else the newest.
#[component]
pub fn Chart(
    #[prop(into)] title: Signal<String>,
    lines: Memo<Vec<Line>>,
    group: ChartGroup,
    /// Fixed ends of the left axis.
    #[prop(optional_no_strip)]
    range: Option<(f64, f64)>,
    /// A remark beside the title.
    #[prop(optional, into)]
    note: Signal<String>,
) -> impl IntoView {
    let plot = NodeRef::<html::Div>::new();
    draw::keep_drawn(plot, lines, group, range);
    let value = move |line: &Line| {
        let point = match group.at.get() {
            Some(x) => nearest(&line.points, x),
            None => line.points.last().copied(),
        };
        point
            .map(|(_, y)| fmt::metric(&line.metric, y))
            .unwrap_or_else(|| "–".into())
    };
    let legend = move || {
        lines.with(|lines| {
            lines
                .iter()
                .map(|line| {
                    view! {
                        <span class="legend-item" title=line.name.clone()>
                            <span class="swatch" class:dotted=line.stroke == Stroke::Dotted style:color=format!("var({})", line.color)></span>
                            <span class="clip">{line.legend.clone()}</span>
                            <b class="num">{value(line)}</b>
                        </span>
                    }
                })
                .collect_view()
        })
    };
    let place = move || group.at.get().map(|x| x_text(group.axis.get(), x));
    let summary = move || {
        let lines = lines.get();
        let parts = lines.iter().filter_map(|line| {
            let ((_, first), (_, last)) = (line.points.first()?, line.points.last()?);
            Some(words::chart_line(
                &line.name,
                fmt::metric(&line.metric, *first),
                fmt::metric(&line.metric, *last),
            ))
        });
        format!("{}. {}", title.get(), parts.collect::<Vec<_>>().join(" "))
    };
    view! {
        <figure class="chart">
            <figcaption class="chart-head">
                <h3>{title}</h3>
                <span class="faint grow clip">{note}</span>
                <span class="faint num">{place}</span>
            </figcaption>
            <div class="legend" aria-hidden="true">{legend}</div>
            <div class="plot" node_ref=plot role="img" aria-label=summary></div>
        </figure>
    }
}

/// An x value with its axis' word.
pub fn x_text(axis: XAxis, x: f64) -> String {
    match axis {
        XAxis::Step => words::at_step(fmt::setting(x.round())),
        XAxis::Epoch => words::at_epoch(fmt::number(x)),
        XAxis::Time => fmt::clock(x),
    }
}
