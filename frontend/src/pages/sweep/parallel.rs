//! Parallel coordinates: an axis for each swept key and one for the result, a line for each run. A brush on an axis keeps the runs that
//! pass through it.

use super::use_page;
use crate::i18n::sweep as words;
use crate::logic::sweep::{Axis, goodness, value_on};
use leptos::ev;
use leptos::prelude::*;
use protocol::sweep::Goal;
use wasm_bindgen::JsCast;

/// The size and margins of the drawing, in units of its view box.
const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 260.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 18.0;
const SIDE: f64 = 70.0;
/// The share of an axis that a drag must cover; less is a click, which removes the brush.
const MIN_DRAG: f64 = 0.02;

fn x(place: usize, axes: usize) -> f64 {
    SIDE + (WIDTH - 2.0 * SIDE) * place as f64 / (axes.max(2) - 1) as f64
}

fn y(share: f64) -> f64 {
    HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
}

/// How far up an axis the pointer is.
fn share_of(event: &ev::PointerEvent) -> Option<f64> {
    let target: web_sys::Element = event.current_target()?.dyn_into().ok()?;
    let bounds = target.get_bounding_client_rect();
    let share = 1.0 - (f64::from(event.client_y()) - bounds.top()) / bounds.height().max(1.0);
    Some(share.clamp(0.0, 1.0))
}

#[component]
pub fn Parallel() -> impl IntoView {
    let page = use_page();
    let begun = RwSignal::new(None::<(usize, f64)>);
    // a brush is stored as shares of its axis, which stand for other values once the scale of the axis changes
    Effect::new(move |before: Option<Vec<Axis>>| {
        let axes = page.axes.get();
        let stays = |place: usize| {
            let before = before.as_ref().and_then(|before| before.get(place));
            matches!((before, axes.get(place)), (Some(before), Some(axis)) if before.has_scale_of(axis))
        };
        if page
            .brushes
            .with_untracked(|brushes| brushes.iter().any(Option::is_some))
        {
            page.brushes.update(|brushes| {
                for (_, brush) in brushes.iter_mut().enumerate().filter(|(place, _)| !stays(*place)) {
                    *brush = None;
                }
            });
        }
        axes
    });
    let goal = move || {
        page.detail.with(|detail| {
            detail
                .as_ref()
                .map_or(Goal::Maximize, |detail| detail.summary.target.goal)
        })
    };
    let lines = move || {
        let (runs, axes, keys) = (page.runs(), page.axes.get(), page.keys.get());
        let good = goodness(&runs, goal());
        let mut order: Vec<usize> = (0..runs.len()).collect();
        // the best on top
        order.sort_by(|a, b| good[*a].unwrap_or(-1.0).total_cmp(&good[*b].unwrap_or(-1.0)));
        let line = |place: usize| {
            let run = runs[place].clone();
            let points: Vec<String> = (0..axes.len())
                .filter_map(|axis| {
                    let at = axes[axis].place(&value_on(&run, axis, &keys)?)?;
                    Some(format!("{:.1},{:.1}", x(axis, axes.len()), y(at)))
                })
                .collect();
            let (id, lit, kept) = (run.id.clone(), run.id.clone(), page.keeps(&run));
            let share = good[place].unwrap_or(0.0) * 100.0;
            let stroke = format!("--good: {share:.0}%");
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
    };
    let axis = move |(place, axis): (usize, Axis)| {
        let count = page.axes.with(Vec::len);
        let across = x(place, count);
        // beside the last axis there are no lines
        let (beside, anchor) = match place + 1 == count {
            true => (across + 6.0, "start"),
            false => (across - 6.0, "end"),
        };
        let marks = axis.marks.iter().map(|(at, text)| {
            view! { <text class="sweep-mark" x=beside y=y(*at) + 4.0 text-anchor=anchor>{text.clone()}</text> }
        });
        let down = move |event: ev::PointerEvent| {
            // so that a drag that ends beside the axis counts too
            let handle = event
                .current_target()
                .and_then(|on| on.dyn_into::<web_sys::Element>().ok());
            if let (Some(handle), Some(share)) = (handle, share_of(&event)) {
                let _ = handle.set_pointer_capture(event.pointer_id());
                begun.set(Some((place, share)));
            }
        };
        let up = move |event: ev::PointerEvent| {
            let (Some((began, from)), Some(to)) = (begun.get_untracked(), share_of(&event)) else {
                return;
            };
            begun.set(None);
            if began != place {
                return;
            }
            let stretch = ((from - to).abs() > MIN_DRAG).then(|| (from.min(to), from.max(to)));
            page.brushes.update(|brushes| {
                brushes.resize(count, None);
                brushes[place] = stretch;
            });
        };
        let brush = move || {
            let stretch = page.brushes.with(|brushes| brushes.get(place).copied().flatten());
            stretch.map(|(low, high)| {
                view! { <rect class="sweep-brush" x=across - 7.0 y=y(high) width="14" height=y(low) - y(high) /> }
            })
        };
        view! {
            <g>
                <line class="sweep-axis" x1=across x2=across y1=y(0.0) y2=y(1.0) />
                <text class="sweep-name" x=across y="16" text-anchor="middle">{axis.name.clone()}</text>
                {marks.collect_view()}
                {brush}
                <rect
                    class="sweep-handle"
                    data-axis=axis.name.clone()
                    x=across - 14.0
                    y=y(1.0)
                    width="28"
                    height=y(0.0) - y(1.0)
                    on:pointerdown=down
                    on:pointerup=up
                    on:pointercancel=move |_| begun.set(None)
                />
            </g>
        }
    };
    let brushed = move || page.brushes.with(|brushes| brushes.iter().any(Option::is_some));
    view! {
        <section class="sweep-part" aria-labelledby="head-parallel" tabindex="0">
            <h2 id="head-parallel" class="row">
                {words::parallel}
                <span class="grow"></span>
                <Show when=brushed>
                    <button type="button" class="btn small" on:click=move |_| page.brushes.set(vec![])>{words::unbrush}</button>
                </Show>
            </h2>
            <svg class="sweep-parallel" viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-labelledby="head-parallel">
                {lines}
                {move || page.axes.get().into_iter().enumerate().map(axis).collect_view()}
            </svg>
            <p class="faint">{words::parallel_hint}</p>
        </section>
    }
}
