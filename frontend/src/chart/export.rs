//! A chart to take along: as a picture, or with every value behind it, as the server has them.

use super::{Line, Stroke};
use crate::browser;
use crate::i18n::{lang, run as words};
use crate::logic::query::Query;
use crate::ui::{Icon, IconName, Menu, MenuItem};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::metric;

/// Which runs a page's charts show, and how, in the words of the compare page's address; in the context of their charts.
#[derive(Clone, Copy)]
pub struct Source(pub Signal<Query>);

/// The full name of what a line shows.
fn full_name(line: &Line) -> String {
    match line.stroke {
        Stroke::Ringed => metric::eval_name(&line.metric),
        Stroke::Solid => line.metric.clone(),
    }
}

/// The menu of a chart; nothing where the page does not say whose its charts are.
#[component]
pub fn Files(lines: Memo<Vec<Line>>, title: Signal<String>, smoothing: Signal<f64>) -> impl IntoView {
    // what was measured of the machine is no curve of the run's
    let own =
        Memo::new(move |_| lines.with(|lines| lines.iter().all(|line| !line.metric.starts_with(metric::MACHINE))));
    use_context::<Source>().map(|source| {
        view! {
            <Show when=move || own.get()>
                <FilesOf source lines title smoothing />
            </Show>
        }
    })
}

#[component]
fn FilesOf(source: Source, lines: Memo<Vec<Line>>, title: Signal<String>, smoothing: Signal<f64>) -> impl IntoView {
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
        spawn_local(async move { browser::save_picture(&address, &name).await });
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
