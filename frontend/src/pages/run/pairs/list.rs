//! The list of pairs, with virtual scrolling: only the rows in the viewport are in the document, and only their texts are fetched.

use super::state::use_pairs;
use super::window::{Lines, ROW, Window, keep_lines};
use crate::fmt;
use crate::i18n::{Word, pairs as words};
use crate::logic::pairs::list::{change, longer};
use crate::logic::pairs::view::{Filter, Sort};
use crate::logic::results::signed;
use leptos::prelude::*;
use protocol::pairs::Mark;

#[component]
pub fn List() -> impl IntoView {
    let tab = use_pairs();
    let window = Window::of_list();
    let (first, seen) = (window.first, window.seen);
    let in_sight = Memo::new(move |_| {
        let (from, seen) = (first.get(), seen.get());
        tab.listed
            .with(|listed| listed.iter().skip(from).take(seen).copied().collect::<Vec<_>>())
    });
    let lines = keep_lines(tab.run.id, in_sight, tab.frame);
    let all = move || tab.listed.with(|listed| listed.len());
    let above = move || format!("height: {}px", first.get().min(all()) * ROW);
    let below = move || format!("height: {}px", all().saturating_sub(first.get() + seen.get()) * ROW);
    // scrolls to the open pair, by whatever way it was opened
    Effect::new(move || {
        let current = tab.current.get();
        let place = tab
            .listed
            .with_untracked(|listed| listed.iter().position(|pair| Some(*pair) == current));
        if let Some(place) = place {
            request_animation_frame(move || window.reveal(place));
        }
    });
    // another list starts at its top
    Effect::new(move |_| {
        tab.choice.track();
        if let Some(node) = window.node.get_untracked() {
            node.set_scroll_top(0);
        }
    });
    let scale = Memo::new(move |_| {
        let span = tab.span.get();
        span.high.max(-span.low).max(1e-6)
    });
    view! {
        <div class="pairs-list" role="table" aria-label=words::list aria-rowcount=move || all().to_string()>
            <Heads />
            <div class="pairs-rows" role="rowgroup" node_ref=window.node on:scroll=move |_| window.measure() tabindex="-1">
                <div style=above></div>
                <For each=move || in_sight.get() key=|pair| *pair let:pair>
                    <Row pair lines scale />
                </For>
                <div style=below></div>
                <Show when=move || all() == 0>
                    <EmptyList />
                </Show>
            </div>
        </div>
    }
}

/// Shown where no pair is listed.
#[component]
fn EmptyList() -> impl IntoView {
    let tab = use_pairs();
    let list_all = move |_| {
        tab.edit(|view| {
            view.filter = Filter::All;
            view.stretch = None;
            view.pair = None;
        });
    };
    view! {
        <p class="no-match">
            {words::nothing_listed} " "
            <button type="button" class="btn small" on:click=list_all>{words::list_all}</button>
        </p>
    }
}

/// The label of a sort order, and its hint.
fn word(sort: Sort) -> (Word, Word) {
    match sort {
        Sort::Margin => (words::margin, words::margin_hint),
        Sort::Change => (words::change, words::change_hint),
        Sort::Moved => (words::moved, words::moved_hint),
        Sort::Length => (words::length, words::length_hint),
    }
}

/// The column heads, by which the list is sorted.
#[component]
fn Heads() -> impl IntoView {
    let tab = use_pairs();
    let head = move |column: Sort, class: &'static str| {
        let sort = Memo::new(move |_| match tab.view.with(|view| view.sort) {
            Sort::Moved if column == Sort::Change => Sort::Moved,
            _ => column,
        });
        let order = Memo::new(move |_| {
            tab.view.with(|view| match (view.sort == sort.get(), view.descends()) {
                (false, _) => "none",
                (true, true) => "descending",
                (true, false) => "ascending",
            })
        });
        let mark = move || match order.get() {
            "ascending" => "↑",
            "descending" => "↓",
            _ => "",
        };
        let says = move || {
            let (name, hint) = word(sort.get());
            format!("{}. {}", words::sort_by(name()), hint())
        };
        view! {
            <span class=class role="columnheader" aria-sort=order>
                <button type="button" class="sort" class:on=move || order.get() != "none" title=says on:click=move |_| tab.edit(|view| view.click_sort(column))>
                    {move || word(sort.get()).0()}
                    <span class="sort-mark" aria-hidden="true">{mark}</span>
                </button>
            </span>
        }
    };
    let counted = move || {
        let shown = tab.listed.with(|listed| listed.len()) as u64;
        let all = tab
            .scored
            .with(|scored| scored.as_ref().map_or(0, |scored| scored.count())) as u64;
        match shown == all {
            true => words::pairs_in(all),
            false => words::pairs_of(fmt::count(shown), fmt::count(all)),
        }
    };
    view! {
        <div class="pairs-row pairs-head" role="row">
            <span role="columnheader" class="clip num" aria-live="polite">{counted}</span>
            {head(Sort::Margin, "pairs-of-margin")}
            {head(Sort::Change, "right")}
            {head(Sort::Length, "right pairs-wide")}
        </div>
    }
}

#[component]
fn Row(pair: u32, lines: Lines, scale: Memo<f64>) -> impl IntoView {
    let tab = use_pairs();
    let score = Memo::new(move |_| {
        tab.scored.with(|scored| {
            scored
                .as_ref()
                .and_then(|scored| scored.get(pair).copied())
                .unwrap_or_default()
        })
    });
    let line = move || lines.with(|lines| lines.get(&pair).cloned());
    let marked = move || {
        tab.marks
            .with(|marks| marks.get(&u64::from(pair)).is_some_and(|mark| *mark != Mark::None))
    };
    let current = move || tab.current.get() == Some(pair);
    let bar = move || {
        let share = (f64::from(score.get().margin) / scale.get()).clamp(-1.0, 1.0) * 50.0;
        format!(
            "left: {:.2}%; width: {:.2}%",
            50.0 + share.min(0.0),
            share.abs().max(0.8)
        )
    };
    let margin = move || fmt::aligned(f64::from(score.get().margin));
    let changed = move || signed(f64::from(change(&score.get())), fmt::aligned);
    let length = move || signed(longer(&score.get()) as f64, fmt::setting);
    let open = move |_| tab.edit(|view| view.pair = Some(pair));
    view! {
        <div class="pairs-row" class:current=current role="row" on:click=open>
            <span role="cell" class="pairs-prompt" class:marked=marked>
                <button type="button" class="link clip" aria-current=move || current().then_some("true") aria-label=move || format!("{}: {}", words::number(pair + 1), line().unwrap_or_default())>
                    {move || line().unwrap_or_else(|| "…".into())}
                </button>
            </span>
            <span role="cell" class="pairs-of-margin num">
                <span class="pairs-bar" aria-hidden="true"><i class:wrong=move || !score.get().is_right() style=bar></i></span>
                <span>{margin}</span>
            </span>
            <span role="cell" class="right num pairs-change">{changed}</span>
            <span role="cell" class="right num pairs-wide faint">{length}</span>
        </div>
    }
}
