//! The legend of a chart: the names of its lines with their newest values.

use super::{Ends, Line, Stroke};
use crate::fmt;
use crate::i18n::{run as words, said_words as said};
use crate::logic::view::toggle;
use leptos::prelude::*;
use protocol::metric;

/// An entry of the legend: what it shows of a line, without its points, so that new points do not rebuild it.
#[derive(Debug, Clone, PartialEq)]
struct Entry {
    name: String,
    word: String,
    color: String,
    ringed: bool,
    metric: String,
}

impl Entry {
    fn of(line: &Line) -> Self {
        let word = if line.legend.is_empty() {
            &line.name
        } else {
            &line.legend
        };
        Self {
            name: line.name.clone(),
            word: word.clone(),
            color: line.color.clone(),
            ringed: line.stroke == Stroke::Ringed,
            metric: line.metric.clone(),
        }
    }
}

/// The legend. Each entry is a button that hides its line.
#[component]
pub fn Legend(
    lines: Memo<Vec<Line>>,
    hidden: RwSignal<Vec<String>>,
    /// Places each name where its line ends, where there is room.
    #[prop(optional)]
    ends: Option<Ends>,
    /// Whether no plot is shown, so that names cannot be at the ends of lines.
    #[prop(optional, into)]
    no_plot: Signal<bool>,
) -> impl IntoView {
    let entries = Memo::new(move |_| lines.with(|lines| lines.iter().map(Entry::of).collect::<Vec<_>>()));
    let item = move |entry: Entry| {
        let (name, line) = (StoredValue::new(entry.name.clone()), entry.name);
        let newest = move || {
            lines.with(|lines| {
                let line = lines.iter().find(|other| other.name == line)?;
                line.points.last().map(|(_, y)| fmt::metric(&line.metric, *y))
            })
        };
        let says = move || match metric::find(&entry.metric) {
            Some(metric) => format!("{}\n{}", said(&metric.meaning), words::hide_line()),
            None => words::hide_line().to_owned(),
        };
        let top = move || {
            let place = ends.filter(|_| !no_plot.get())?.place(&name.get_value())?;
            Some(format!("{place:.0}px"))
        };
        let on = Memo::new(move |_| hidden.with(|hidden| name.with_value(|name| !hidden.contains(name))));
        view! {
            <button
                type="button"
                class="legend-item"
                class:off=move || !on.get()
                style:top=top
                title=says
                aria-pressed=move || on.get().to_string()
                on:click=move |_| hidden.update(|hidden| name.with_value(|name| toggle(hidden, name)))
            >
                <span class="swatch" class:ringed=entry.ringed style:color=entry.color></span>
                <span class="clip">{entry.word}</span>
                <span class="num">{newest}</span>
            </button>
        }
    };
    view! { <div class="legend" class:at-ends=move || ends.is_some_and(|ends| ends.has_room.get() && !no_plot.get())>{move || entries.get().into_iter().map(item).collect_view()}</div> }
}
