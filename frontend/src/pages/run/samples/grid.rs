//! The grid: a row for each prompt, a column for each step, with virtual scrolling: only visible columns are fetched and rendered.

use super::cell::{Flags, Length, Oddities};
use super::state::use_samples;
use crate::api::{self, Answer, ApiError};
use crate::fetched::{Refetch, heed};
use crate::fmt;
use crate::i18n::samples as words;
use crate::live::use_live;
use crate::logic::samples::columns::{in_sight, missing};
use crate::ui::ErrorNote;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use protocol::samples::{Cell, CellRow, Cells, MOST_STEPS_ASKED, Prompt};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// Widths in px, as in `style/38-samples.css`.
const COLUMN: f64 = 208.0;
/// Widths of the column of prompts, on a wide page and on a narrow one.
const HEADS: [f64; 2] = [232.0, 132.0];
/// The greatest width of a narrow page.
const NARROW: f64 = 720.0;
/// Columns that are kept; beyond it all but the visible ones are dropped.
const KEPT: usize = 400;

/// The width of the column of prompts.
fn head_width() -> f64 {
    let page = window().inner_width().ok().and_then(|width| width.as_f64());
    HEADS[usize::from(page.is_some_and(|page| page <= NARROW))]
}

/// The columns fetched so far, and the error of the last request.
struct Columns {
    known: Known,
    failed: RwSignal<Option<ApiError>>,
    asking: Refetch,
}

/// The columns fetched so far, by step.
type Known = RwSignal<BTreeMap<u64, Arc<CellRow>>>;

#[component]
pub fn Grid(open: Memo<Option<usize>>) -> impl IntoView {
    let tab = use_samples();
    let node = NodeRef::<html::Div>::new();
    let (left, width, head) = (RwSignal::new(0.0), RwSignal::new(1200.0), RwSignal::new(HEADS[0]));
    let measure = move || {
        // a frame may come after the page was left
        if let Some(Some(node)) = node.try_get_untracked() {
            head.set(head_width());
            left.set(f64::from(node.scroll_left()));
            width.set((f64::from(node.client_width()) - head.get_untracked()).max(COLUMN));
        }
    };
    Effect::new(move || {
        if node.get().is_some() {
            request_animation_frame(measure);
        }
    });
    let resized = window_event_listener(ev::resize, move |_| measure());
    on_cleanup(move || resized.remove());
    let steps = Memo::new(move |_| {
        tab.answered
            .with(|all| all.iter().map(|at| at.step).collect::<Vec<_>>())
    });
    let sight = Memo::new(move |_| in_sight(left.get(), width.get(), COLUMN, steps.with(Vec::len)));
    let Columns { known, failed, asking } = keep_columns(steps, sight);
    // scrolls to the step that is shown
    Effect::new(move || {
        let place = tab.place.get() as f64 * COLUMN;
        let Some(node) = node.get() else { return };
        let (from, wide) = (
            f64::from(node.scroll_left()),
            f64::from(node.client_width()) - head_width(),
        );
        let to = match place {
            _ if place < from => place,
            _ if place + COLUMN > from + wide => place + COLUMN - wide,
            _ => return,
        };
        node.set_scroll_left(to.ceil() as i32);
    });
    // a head, like a cell, is built once: a button that is rebuilt when it is pressed loses the focus
    let column = move |at: usize| {
        let step = move || steps.with(|steps| steps.get(at).copied().unwrap_or_default());
        let on = move || tab.place.get() == at;
        view! {
            <div role="columnheader" class="samples-slot">
                <button type="button" class="samples-head num" class:on=on aria-current=move || on().then_some("step") on:click=move |_| tab.look_at(at)>
                    {move || words::step_at(fmt::count(step()))}
                </button>
            </div>
        }
    };
    let space = move || format!("width: {}px", sight.get().start as f64 * COLUMN);
    let whole = move || format!("width: {}px", head.get() + steps.with(Vec::len) as f64 * COLUMN);
    let rows = move || {
        let row = |(place, prompt): (usize, &Prompt)| {
            view! { <Row place prompt=prompt.clone() sight steps known open /> }
        };
        tab.prompts.with(|all| all.iter().enumerate().map(row).collect_view())
    };
    let failed = move || {
        let error = failed.get()?;
        Some(view! { <ErrorNote error on_retry=move |()| asking.now() /> })
    };
    view! {
        {failed}
        <div class="samples-grid" node_ref=node role="table" aria-label=words::grid tabindex="0" on:scroll=move |_| measure()>
            <div class="samples-row samples-heads" role="row" style=whole>
                <div class="samples-name" role="columnheader"><span class="samples-prompt">{words::prompt}</span></div>
                <span style=space role="presentation"></span>
                <For each=move || sight.get() key=|at| *at children=column />
            </div>
            <div role="rowgroup" style=whole>{rows}</div>
        </div>
    }
}

/// Fetches the visible columns that are not known yet.
fn keep_columns(steps: Memo<Vec<u64>>, sight: Memo<Range<usize>>) -> Columns {
    let tab = use_samples();
    let (known, failed) = (Known::default(), RwSignal::new(None));
    let wanted = move || {
        let unknown = |place: usize| {
            let step = steps.with_untracked(|steps| steps.get(place).copied());
            step.is_none_or(|step| known.with_untracked(|known| known.contains_key(&step)))
        };
        missing(sight.get_untracked(), MOST_STEPS_ASKED, unknown)
    };
    let ask = move || {
        let wanted = wanted();
        async move {
            match wanted {
                None => Ok(Cells::default()),
                Some(places) => api::sample_cells(&tab.run.id.get_value(), places).await,
            }
        }
    };
    let asking = Refetch::new(ask, move |answer: Answer<Cells>| {
        let found = match answer {
            Ok(found) => found,
            Err(error) => return failed.set(Some(error)),
        };
        failed.set(None);
        if found.columns.is_empty() {
            return;
        }
        known.update(|known| {
            if known.len() > KEPT {
                // visible columns must stay: they are known, and would not be fetched again
                let near: Vec<u64> = steps.with_untracked(|steps| {
                    let places = sight.get_untracked();
                    places.filter_map(|place| steps.get(place).copied()).collect()
                });
                known.retain(|step, _| near.contains(step));
            }
            known.extend(found.columns.into_iter().map(|column| (column.step, Arc::new(column))));
        });
    });
    Effect::new(move || {
        heed(sight);
        heed(steps);
        if wanted().is_some() {
            asking.now();
        }
    });
    use_live().when_back(move || asking.now());
    Columns { known, failed, asking }
}

#[component]
fn Row(
    place: usize,
    prompt: Prompt,
    sight: Memo<Range<usize>>,
    steps: Memo<Vec<u64>>,
    known: Known,
    open: Memo<Option<usize>>,
) -> impl IntoView {
    let tab = use_samples();
    let (question, own, asked) = (tab.question(&prompt), prompt.own, prompt.text.clone());
    let one = move |at: usize| {
        let found = Memo::new(move |_| {
            let step = steps.with(|steps| steps.get(at).copied().unwrap_or_default());
            let cell = known.with(|known| known.get(&step).and_then(|column| column.cells.get(place).cloned()));
            cell.map(|cell| (step, cell))
        });
        move || match found.get() {
            None => {
                view! { <span role="cell" class="samples-cell waits" class:on=move || tab.place.get() == at></span> }
                    .into_any()
            }
            Some((step, cell)) => view! { <One cell place step at /> }.into_any(),
        }
    };
    let space = move || format!("width: {}px", sight.get().start as f64 * COLUMN);
    view! {
        <div class="samples-row" role="row" class:open=move || open.get() == Some(place)>
            <div role="rowheader" class="samples-name">
                <button type="button" class="samples-prompt" title=asked on:click=move |_| tab.edit(|view| view.prompt = Some(place))>
                    <span class="faint num">{place + 1}</span>
                    <span class="samples-clamp">{question}</span>
                    {own.then(|| view! { <span class="chip" title=words::own_hint>{words::own}</span> })}
                </button>
            </div>
            <span style=space role="presentation"></span>
            <For each=move || sight.get() key=|at| *at children=one />
        </div>
    }
}

#[component]
fn One(cell: Cell, place: usize, step: u64, at: usize) -> impl IntoView {
    let tab = use_samples();
    let odd = Oddities::from(&cell);
    let choose = move |_| {
        tab.edit(|view| view.prompt = Some(place));
        tab.look_at(at);
    };
    view! {
        <div role="cell" class="samples-slot">
            <button type="button" class="samples-cell" class:on=move || tab.place.get() == at on:click=choose>
                <span class="sr">{move || words::open_cell(place + 1, fmt::count(step))}</span>
                <span class="samples-clamp">{cell.text} {cell.cut.then_some("…")}</span>
                <span class="samples-foot">
                    <Length tokens=cell.tokens room=tab.room.get_untracked() />
                    <Flags of=odd />
                </span>
            </button>
        </div>
    }
}
