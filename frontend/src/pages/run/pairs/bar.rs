//! The filter chips of the pairs, with the number of pairs that each would list.

use super::save::list_items;
use super::state::use_pairs;
use crate::fmt;
use crate::i18n::{Word, pairs as words};
use crate::links;
use crate::logic::pairs::view::Filter;
use crate::ui::SaveMenu;
use leptos::prelude::*;

/// The label of a filter, and its hint.
fn word(filter: Filter) -> (Word, Option<Word>) {
    match filter {
        Filter::All => (words::all, None),
        Filter::Wrong => (words::wrong, Some(words::wrong_hint)),
        Filter::ToRight => (words::to_right, Some(words::to_right_hint)),
        Filter::ToWrong => (words::to_wrong, Some(words::to_wrong_hint)),
        Filter::NeverRight => (words::never_right, Some(words::never_right_hint)),
        Filter::Longest => (words::longest, Some(words::longest_hint)),
        Filter::Duplicate => (words::duplicate, Some(words::duplicate_hint)),
        Filter::Marked => (words::marked, Some(words::marked_hint)),
    }
}

#[component]
pub fn Chips() -> impl IntoView {
    let tab = use_pairs();
    let counts = Memo::new(move |_| {
        let marks = tab.marks.get();
        tab.scored
            .with(|scored| scored.as_ref().map(|scored| scored.counts(&marks)).unwrap_or_default())
    });
    let chip = move |filter: Filter| {
        let (name, hint) = word(filter);
        let on = Memo::new(move |_| tab.view.with(|view| view.filter == filter));
        let count = Memo::new(move |_| counts.with(|counts| counts.get(filter.key()).copied().unwrap_or_default()));
        let choose = move |_| {
            tab.edit(|view| {
                view.filter = if view.filter == filter { Filter::All } else { filter };
                // another list opens its own first pair
                view.pair = None;
                view.stretch = None;
            });
        };
        view! {
            <button
                type="button"
                class="chip pairs-chip"
                class:on=on
                class:none=move || count.get() == 0
                data-filter=if filter == Filter::All { "all" } else { filter.key() }
                aria-pressed=move || on.get().to_string()
                title=move || hint.map(|hint| hint())
                on:click=choose
            >
                {name}
                " "
                <b class="num">{move || fmt::count(count.get())}</b>
            </button>
        }
    };
    // not for a run that was itself trained with marks: training with its own marks would drop those
    let takes_marks = move || {
        let learns = tab.run.method().is_some_and(|method| method.stage().learns_pairs());
        learns && !tab.run.is_foreign() && tab.run.read(|run| run.config.pair_marks.is_none())
    };
    // the form names the run, not its marks, so that marks which are added until the new run starts count too
    let again = move || {
        let change = format!("pair_marks={}", tab.run.read(|run| run.name.clone()));
        links::train_with(&tab.run.id.get_value(), &[change])
    };
    view! {
        <div class="pairs-chips" role="group" aria-label=words::filters>
            {Filter::ALL.into_iter().map(chip).collect_view()}
            <SaveMenu name=Signal::derive(|| words::list().to_owned()) items=list_items(tab) />
            <Show when=move || takes_marks() && tab.marks.with(|marks| !marks.is_empty())>
                <a class="btn small" id="train-marked" title=words::train_marked_hint href=again>
                    {words::train_marked}
                </a>
            </Show>
        </div>
    }
}
