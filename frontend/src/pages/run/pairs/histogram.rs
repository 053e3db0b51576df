//! The histogram of the margins, on which a stretch can be selected to list only its pairs.

use super::save::histogram_items;
use super::state::{PairsTab, use_pairs};
use crate::fmt;
use crate::i18n::{pairs as words, run as chart_words};
use crate::logic::pairs::histogram::{Bins, Sides};
use crate::logic::pairs::view::Stretch;
use crate::ui::{Icon, IconName, SaveMenu};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;

/// The bins of the pairs that pass the filter.
fn bins(tab: PairsTab) -> Bins {
    let (filter, span) = (tab.choice.with(|view| view.filter), tab.span.get());
    let margins = tab.scored.with(|scored| {
        let margins = |marks: &_| scored.as_ref().map(|scored| scored.margins(filter, marks));
        tab.marks.with(margins).unwrap_or_default()
    });
    Bins::of(margins.into_iter(), span)
}

/// Lists only the pairs of one stretch of margins; all of them with `None`.
fn choose(tab: PairsTab, stretch: Option<Stretch>) {
    tab.edit(|view| {
        view.stretch = stretch;
        view.pair = None;
    });
}

/// A stretch in words.
fn in_words(stretch: Stretch) -> String {
    let (from, to) = (fmt::setting(stretch.from), fmt::setting(stretch.to));
    match (stretch.from.is_finite(), stretch.to.is_finite()) {
        (true, true) => words::bin(from, to),
        (false, true) => words::up_to(to),
        (true, false) => words::above(from),
        (false, false) => words::all_margins().into(),
    }
}

#[component]
pub fn Histogram() -> impl IntoView {
    let tab = use_pairs();
    let bins = Memo::new(move |_| bins(tab));
    let as_table = RwSignal::new(false);
    let stretch = move || tab.view.with(|view| view.stretch);
    let chosen = move || {
        stretch().map(|at| {
            let text = in_words(at);
            view! {
                <button type="button" class="chip on" title=words::all_margins on:click=move |_| choose(tab, None)>
                    <span class="num">{text}</span>
                    <Icon name=IconName::Close />
                </button>
            }
        })
    };
    view! {
        <figure class="chart pairs-histogram">
            <figcaption class="chart-head">
                <h2 title=words::margin_hint>{words::histogram}</h2>
                <span class="faint grow clip">{move || stretch().is_none().then(words::histogram_hint)}</span>
                {chosen}
                <span class="chart-tools">
                    <SaveMenu name=Signal::derive(|| words::histogram().to_owned()) items=histogram_items(bins) />
                    <button
                        type="button"
                        class="cell-button"
                        title=chart_words::as_table
                        aria-label=move || chart_words::as_table_of(words::histogram())
                        aria-pressed=move || as_table.get().to_string()
                        on:click=move |_| as_table.update(|on| *on = !*on)
                    >
                        <Icon name=IconName::Columns />
                    </button>
                </span>
            </figcaption>
            <Show when=move || as_table.get() fallback=move || view! { <Plot bins /> }>
                <DataTable bins />
            </Show>
        </figure>
    }
}

/// The bars. A stretch of them is selected by dragging or with the arrow keys.
#[component]
fn Plot(bins: Memo<Bins>) -> impl IntoView {
    let tab = use_pairs();
    let node = NodeRef::<html::Div>::new();
    // where a stretch begins and ends while it is being dragged
    let dragged = RwSignal::new(None::<(f64, f64)>);
    let share = move |event: &ev::PointerEvent| {
        let node = node.get_untracked()?;
        let place = node.get_bounding_client_rect();
        Some((f64::from(event.client_x()) - place.left()) / place.width().max(1.0))
    };
    let down = move |event: ev::PointerEvent| {
        if let (0, Some(at), Some(node)) = (event.button(), share(&event), node.get_untracked()) {
            let _ = node.set_pointer_capture(event.pointer_id());
            dragged.set(Some((at, at)));
        }
    };
    let moved = move |event: ev::PointerEvent| {
        if let (Some((from, _)), Some(at)) = (dragged.get_untracked(), share(&event)) {
            dragged.set(Some((from, at)));
        }
    };
    let up = move |_| {
        let Some((from, to)) = dragged.get_untracked() else {
            return;
        };
        dragged.set(None);
        let found = bins.with_untracked(|bins| bins.stretch(from, to));
        // a click on what is selected selects all again
        let same = tab.view.with_untracked(|view| view.stretch == Some(found));
        choose(tab, (!same).then_some(found));
    };
    let keys = move |event: ev::KeyboardEvent| {
        let by = match event.key().as_str() {
            "ArrowRight" => 1,
            "ArrowLeft" => -1,
            "Escape" if tab.view.with_untracked(|view| view.stretch.is_some()) => 0,
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        let here = tab.view.with_untracked(|view| view.stretch);
        let next = bins.with_untracked(|bins| bins.moved(here, by, event.shift_key()));
        choose(tab, (by != 0).then_some(next));
    };
    let shade = move || {
        let dragged = dragged.get().filter(|(from, to)| from != to);
        let chosen = tab.view.with(|view| view.stretch);
        let ends = bins.with(|bins| match (dragged, chosen) {
            (Some((from, to)), _) => Some((from.min(to).clamp(0.0, 1.0), from.max(to).clamp(0.0, 1.0))),
            (None, Some(at)) => Some((bins.share(at.from), bins.share(at.to))),
            (None, None) => None,
        });
        ends.map(|(from, to)| {
            let style = format!("left: {:.3}%; width: {:.3}%", from * 100.0, (to - from) * 100.0);
            view! { <span class="pairs-shade" style=style></span> }
        })
    };
    let says = move || {
        let Sides { wrong, right } = bins.with(Bins::sides);
        let sides = words::histogram_says(fmt::count(wrong), fmt::count(right));
        format!("{sides} {}", words::histogram_keys())
    };
    let zero = move || format!("left: {:.3}%", bins.with(|bins| bins.share(0.0)) * 100.0);
    view! {
        <div
            class="plot-box pairs-plot"
            node_ref=node
            tabindex="0"
            role="img"
            aria-label=says
            on:pointerdown=down
            on:pointermove=moved
            on:pointerup=up
            on:pointercancel=move |_| dragged.set(None)
            on:keydown=keys
        >
            <Bars bins />
            <span class="pairs-zero" style=zero></span>
            {shade}
        </div>
        <div class="pairs-axis num" aria-hidden="true">
            <span>{move || bins.with(|bins| fmt::setting(bins.low()))}</span>
            <span class="pairs-origin" style=zero>"0"</span>
            <span>{move || bins.with(|bins| fmt::setting(bins.high()))}</span>
        </div>
    }
}

#[component]
fn Bars(bins: Memo<Bins>) -> impl IntoView {
    let bars = move || {
        bins.with(|bins| {
            let most = f64::from(bins.most().max(1));
            let bar = |(bin, count): (usize, &u32)| {
                // a least height, so that one pair among thousands is visible
                let height = (f64::from(*count) / most * 100.0).max(2.0);
                let class = if bins.is_right(bin) { "right" } else { "wrong" };
                let ends = in_words(bins.between(bin, bin));
                let title = format!("{ends}: {}", words::pairs_in(u64::from(*count)));
                (*count > 0).then(|| {
                    view! {
                        <rect class=class x=bin as f64 + 0.06 y=100.0 - height width="0.88" height=height>
                            <title>{title}</title>
                        </rect>
                    }
                })
            };
            let shown = bins.counts.iter().enumerate().map(bar).collect_view();
            let frame = format!("0 0 {} 100", bins.counts.len());
            view! { <svg viewBox=frame preserveAspectRatio="none" aria-hidden="true">{shown}</svg> }
        })
    };
    view! { {bars} }
}

/// The histogram as a table. The button of a row lists its pairs.
#[component]
fn DataTable(bins: Memo<Bins>) -> impl IntoView {
    let tab = use_pairs();
    let rows = move || {
        bins.with(|bins| {
            let row = |(bin, count): (usize, &u32)| {
                let stretch = bins.between(bin, bin);
                let text = in_words(stretch);
                (*count > 0).then(|| {
                    view! {
                        <tr>
                            <th scope="row">
                                <button type="button" class="link num" on:click=move |_| choose(tab, Some(stretch))>{text}</button>
                            </th>
                            <td class="right num">{fmt::count(u64::from(*count))}</td>
                        </tr>
                    }
                })
            };
            bins.counts.iter().enumerate().map(row).collect_view()
        })
    };
    view! {
        <div class="chart-table" tabindex="0" role="region" aria-label=move || chart_words::as_table_of(words::histogram())>
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{words::margin}</th>
                        <th scope="col" class="right">{words::title}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}
