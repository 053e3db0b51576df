//! The export of a chart: as a picture, or as a file with every value behind it that the server has.

use super::{Line, Stroke};
use crate::browser;
use crate::i18n::{lang, run as words};
use crate::logic::query::Query;
use crate::ui::{Icon, IconName, Menu, MenuItem};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::metric;

/// Which runs the charts of a page show, and how, in the query format of the compare page; in the context of those charts.
#[derive(Clone, Copy)]
pub struct Source(pub Signal<Query>);

/// The full name of the metric that a line shows.
fn full_name(line: &Line) -> String {
    match line.stroke {
        Stroke::Ringed => metric::eval_name(&line.metric),
        Stroke::Solid => line.metric.clone(),
    }
}

/// The export menu of a chart; absent where no [`Source`] is in the context.
#[component]
pub fn ExportMenu(lines: Memo<Vec<Line>>, title: Signal<String>, smoothing: Signal<f64>) -> impl IntoView {
    // the machine's figures are not among a run's series, which the server exports
    let own =
        Memo::new(move |_| lines.with(|lines| lines.iter().all(|line| !line.metric.starts_with(metric::MACHINE))));
    use_context::<Source>().map(|source| {
        view! {
            <Show when=move || own.get()>
                <ExportMenuOf source lines title smoothing />
            </Show>
        }
    })
}

#[component]
fn ExportMenuOf(
    source: Source,
    lines: Memo<Vec<Line>>,
    title: Signal<String>,
    smoothing: Signal<f64>,
) -> impl IntoView {
    let address = move |what: &str| {
        let mut query = source.0.get_untracked();
        let mut names = lines.with_untracked(|lines| lines.iter().map(full_name).collect::<Vec<_>>());
        names.sort();
        names.dedup();
        query.set_list("y", &names);
        query.set("smooth", &format!("{:.2}", smoothing.get_untracked()));
        query.set("title", &title.get_untracked());
        query.set("lang", lang().tag());
        format!("/api/compare/{what}{query}")
    };
    let image = move |()| {
        let (address, name) = (address("chart.svg"), format!("{}.png", title.get_untracked()));
        spawn_local(async move { browser::save_png(&address, &name).await });
    };
    let item = move |what: &'static str, word: &'static str| {
        view! { <MenuItem on_pick=move |()| browser::download(&address(what))>{word}</MenuItem> }
    };
    let label = Signal::derive(move || words::save_chart(title.get()));
    view! {
        <Menu
            trigger=ViewFn::from(|| view! { <Icon name=IconName::Download /> })
            label
            class="cell-button"
            align_end=true
        >
            <MenuItem on_pick=image>"PNG"</MenuItem>
            {item("chart.svg", "SVG")}
            {item("points.csv", "CSV")}
            {item("points.json", "JSON")}
        </Menu>
    }
}
