//! Parallel coordinates: an axis for each swept key and one for the result, a line for each run. A brush on an axis keeps the runs that
//! pass through it.

use super::axis::{AxisOf, Drawn};
use super::{Page, runs_sheet, use_page};
use crate::browser::pictures::svg_text;
use crate::browser::width::width_of;
use crate::i18n::sweep as words;
use crate::logic::sweep::{Axis, goodness, value_on};
use crate::ui::{SaveMenu, sheet_items, svg_items};
use leptos::html;
use leptos::prelude::*;
use leptos::svg;
use protocol::sweep::Goal;

/// The height in px.
const HEIGHT: f64 = 280.0;
/// The least width of an axis with its labels; the figure scrolls where there is less room.
const AXIS_WIDTH: f64 = 110.0;

#[component]
pub fn Parallel() -> impl IntoView {
    let page = use_page();
    drop_old_brushes(page);
    let (node, drawing) = (NodeRef::<html::Div>::new(), NodeRef::<svg::Svg>::new());
    let room = width_of(node);
    // a unit of the drawing is a px of the page, so that text has one size on every screen
    let drawn = Memo::new(move |_| {
        let axes = page.axes.with(Vec::len);
        Drawn {
            width: room.get().max(axes as f64 * AXIS_WIDTH),
            height: HEIGHT,
            axes,
        }
    });
    let brushed = move || page.brushes.with(|brushes| brushes.iter().any(Option::is_some));
    let title = Signal::derive(|| words::parallel().to_owned());
    let picture = move || drawing.get_untracked().and_then(|drawing| svg_text(&drawing));
    let items = || {
        let pictures = svg_items(title, picture);
        pictures
            .into_iter()
            .chain(sheet_items(title, move || runs_sheet(page)))
            .collect()
    };
    // by place, so that a new result leaves an axis its focus and its drag
    let axis = move |place: usize| {
        let axis = Memo::new(move |_| page.axes.with(|axes| axes.get(place).cloned()).unwrap_or_default());
        view! { <AxisOf place axis drawn /> }
    };
    view! {
        <section class="sweep-part" aria-labelledby="head-parallel">
            <div class="row">
                <h2 id="head-parallel">{words::parallel}</h2>
                <span class="grow"></span>
                <Show when=brushed>
                    <button type="button" class="btn small" on:click=move |_| page.brushes.set(vec![])>{words::unbrush}</button>
                </Show>
                <SaveMenu name=title items=items() />
            </div>
            <div class="sweep-scroll" node_ref=node>
                <svg
                    class="sweep-parallel"
                    node_ref=drawing
                    width=move || drawn.get().width
                    height=HEIGHT
                    role="group"
                    aria-labelledby="head-parallel"
                >
                    <Lines drawn />
                    <For each=move || 0..drawn.get().axes key=|place| *place children=axis />
                </svg>
            </div>
            <p class="faint">{words::parallel_hint}</p>
        </section>
    }
}

/// Takes away brushes of axes whose scale changes: they are stored as shares of their axis, which stand for other values then.
fn drop_old_brushes(page: Page) {
    Effect::new(move |before: Option<Vec<Axis>>| {
        let axes = page.axes.get();
        let stays = |place: usize| {
            let before = before.as_ref().and_then(|before| before.get(place));
            matches!((before, axes.get(place)), (Some(before), Some(axis)) if before.has_scale_of(axis))
        };
        let any = |brushes: &Vec<Option<(f64, f64)>>| brushes.iter().any(Option::is_some);
        if page.brushes.with_untracked(any) {
            page.brushes.update(|brushes| {
                for (_, brush) in brushes.iter_mut().enumerate().filter(|(place, _)| !stays(*place)) {
                    *brush = None;
                }
            });
        }
        axes
    });
}

/// A line for each run, the best on top.
#[component]
fn Lines(drawn: Memo<Drawn>) -> impl IntoView {
    let page = use_page();
    let goal = move || {
        let of = |detail: &protocol::api::SweepDetail| detail.summary.target.goal;
        page.detail.with(|detail| detail.as_ref().map_or(Goal::Maximize, of))
    };
    move || {
        let (runs, axes, keys, drawn) = (page.runs(), page.axes.get(), page.keys.get(), drawn.get());
        let good = goodness(&runs, goal());
        let mut order: Vec<usize> = (0..runs.len()).collect();
        order.sort_by(|a, b| good[*a].unwrap_or(-1.0).total_cmp(&good[*b].unwrap_or(-1.0)));
        let line = |place: usize| {
            let run = runs[place].clone();
            let point = |axis: usize| {
                let at = axes[axis].place(&value_on(&run, axis, &keys)?)?;
                Some(format!("{:.1},{:.1}", drawn.x(axis), drawn.y(at)))
            };
            let points: Vec<String> = (0..axes.len()).filter_map(point).collect();
            let (id, lit, kept) = (run.id.clone(), run.id.clone(), page.keeps(&run));
            let stroke = format!("--good: {:.0}%", good[place].unwrap_or(0.0) * 100.0);
            view! {
                <polyline
                    class="sweep-line"
                    class:away=!kept
                    class:early=run.early
                    class:lit=move || page.lit.with(|now| now.as_deref() == Some(lit.as_str()))
                    style=stroke
                    points=points.join(" ")
                    on:pointerenter=move |_| page.lit.set(Some(id.clone()))
                    on:pointerleave=move |_| page.lit.set(None)
                >
                    <title>{run.name.clone()}</title>
                </polyline>
            }
        };
        order.into_iter().map(line).collect_view()
    }
}
