//! The names of runs or groups where their lines end, beside the plot: to read, not to press, since the legend is elsewhere on the page.

use super::{Ends, Line};
use leptos::prelude::*;

/// A name at the end of a line.
#[derive(Debug, Clone, PartialEq)]
struct Name {
    line: String,
    word: String,
    color: String,
    of: String,
}

/// The names; nothing where there are too many, or the plot is too narrow. All but the highlighted one fade.
#[component]
pub fn EndNames(lines: Memo<Vec<Line>>, ends: Ends, lit: RwSignal<Option<String>>) -> impl IntoView {
    let names = Memo::new(move |_| {
        let name = |line: &Line| Name {
            line: line.name.clone(),
            word: line.legend.clone(),
            color: line.color.clone(),
            of: line.of.clone(),
        };
        lines.with(|lines| ends.named.carriers(lines).into_iter().map(name).collect::<Vec<_>>())
    });
    let one = move |name: Name| {
        let Name { line, word, color, of } = name;
        let top = move || ends.place(&line).map(|top| format!("{top:.0}px"));
        let faded = move || lit.with(|lit| lit.as_ref().is_some_and(|lit| *lit != of));
        view! {
            <span class="end-name" class:faded=faded style:top=top>
                <span class="swatch" style:color=color></span>
                <span class="clip">{word}</span>
            </span>
        }
    };
    view! {
        <Show when=move || ends.has_room.get()>
            <div class="end-names" aria-hidden="true">{move || names.get().into_iter().map(one).collect_view()}</div>
        </Show>
    }
}
