//! The export of a chart: as a picture, or as a file with every value behind it.

use super::{Line, Stroke};
use crate::browser;
use crate::browser::pictures::{self, NamedColor};
use crate::i18n::lang;
use crate::logic::plot::{XAxis, align};
use crate::logic::query::Query;
use crate::logic::sheet::Sheet;
use crate::ui::{SaveItem, SaveMenu, sheet_items};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::metric;
use serde_json::Value;
use wasm_bindgen::JsCast;

/// Which runs the charts of a page show, and how; in the context of those charts.
#[derive(Clone, Copy)]
pub struct Source {
    /// In the query format of the compare page.
    pub query: Signal<Query>,
    /// The values, where they are others than the server's series.
    pub values: Option<Callback<(), Sheet>>,
}

impl Source {
    /// The server's series.
    pub fn of(query: Signal<Query>) -> Self {
        Self { query, values: None }
    }
}

/// The full name of the metric that a line shows.
fn full_name(line: &Line) -> String {
    match line.stroke {
        Stroke::Ringed => metric::eval_name(&line.metric),
        Stroke::Solid => line.metric.clone(),
    }
}

/// What is exported.
#[derive(Clone, Copy)]
pub struct Exported {
    /// The lines with all of their points, before smoothing.
    pub lines: Memo<Vec<Line>>,
    pub title: Signal<String>,
    pub axis: Signal<XAxis>,
    pub smoothing: Signal<f64>,
    pub plot: NodeRef<html::Div>,
}

/// The export menu of a chart.
#[component]
pub fn ExportMenu(exported: Exported) -> impl IntoView {
    let source = use_context::<Source>();
    let Exported { lines, title, .. } = exported;
    // the server draws and writes a run's series; the machine's figures are not among them
    let of_page =
        Memo::new(move |_| lines.with(|lines| lines.iter().any(|line| line.metric.starts_with(metric::MACHINE))));
    move || {
        let items = match source.filter(|_| !of_page.get()) {
            Some(source) => of_server(source, exported),
            None => of_canvas(exported),
        };
        view! { <SaveMenu name=title items /> }
    }
}

/// Files that the server makes of what it has stored.
fn of_server(source: Source, exported: Exported) -> Vec<SaveItem> {
    let Exported {
        lines,
        title,
        smoothing,
        ..
    } = exported;
    let address = move |what: &str| {
        let mut query = source.query.get_untracked();
        let mut names = lines.with_untracked(|lines| lines.iter().map(full_name).collect::<Vec<_>>());
        names.sort();
        names.dedup();
        query.set_list("y", &names);
        query.set("smooth", &format!("{:.2}", smoothing.get_untracked()));
        query.set("title", &title.get_untracked());
        query.set("lang", lang().tag());
        format!("/api/compare/{what}{query}")
    };
    let image = move || {
        let (address, name) = (address("chart.svg"), format!("{}.png", title.get_untracked()));
        spawn_local(async move { pictures::save_png(&address, &name).await });
    };
    let file =
        move |word: &'static str, what: &'static str| SaveItem::new(word, move || browser::download(&address(what)));
    let values = match source.values {
        Some(values) => sheet_items(title, move || values.run(())),
        None => vec![file("CSV", "points.csv"), file("JSON", "points.json")],
    };
    let pictures = [SaveItem::new("PNG", image), file("SVG", "chart.svg")];
    pictures.into_iter().chain(values).collect()
}

/// Files of what the page has: the chart as it is drawn, and all of its points.
fn of_canvas(exported: Exported) -> Vec<SaveItem> {
    let Exported {
        lines,
        title,
        axis,
        plot,
        ..
    } = exported;
    let image = move || {
        let canvas = plot
            .get_untracked()
            .and_then(|node| node.query_selector("canvas").ok().flatten());
        let canvas = canvas.and_then(|canvas| canvas.dyn_into().ok());
        let named = |line: &Line| NamedColor {
            name: line.name.clone(),
            color: line.color.clone(),
        };
        if let Some(canvas) = canvas {
            let names: Vec<_> = lines.with_untracked(|lines| lines.iter().map(named).collect());
            pictures::save_canvas(&canvas, &title.get_untracked(), &names);
        }
    };
    let values = sheet_items(title, move || lines.with(|lines| sheet(lines, axis.get())));
    std::iter::once(SaveItem::new("PNG", image)).chain(values).collect()
}

/// A row for each place along the x axis, a column for each line.
fn sheet(lines: &[Line], axis: XAxis) -> Sheet {
    let points: Vec<&[(f64, f64)]> = lines.iter().map(|line| &*line.points).collect();
    let aligned = align(&points);
    let names = lines.iter().map(|line| line.name.clone());
    let row = |(place, x): (usize, &f64)| {
        let values = aligned
            .columns
            .iter()
            .map(|column| column[place].map_or(Value::Null, Value::from));
        std::iter::once(Value::from(*x)).chain(values).collect()
    };
    Sheet {
        columns: std::iter::once(axis.key().to_owned()).chain(names).collect(),
        rows: aligned.xs.iter().enumerate().map(row).collect(),
    }
}
