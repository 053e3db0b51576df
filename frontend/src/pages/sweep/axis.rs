//! An axis of the parallel coordinates: its labels, and the brush that pointer and arrow keys move.

use super::use_page;
use crate::i18n::sweep as words;
use crate::logic::brush::{ends, moved};
use crate::logic::sweep::Axis;
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Margins of the drawing in px: for names above, and for labels beside the outermost axes.
const TOP: f64 = 34.0;
const BOTTOM: f64 = 18.0;
const SIDE: f64 = 78.0;
/// The share of an axis that a drag must cover; less is a click, which removes the brush.
const MIN_DRAG: f64 = 0.02;
/// The width of a letter of a label, about, and the height of a label, in px.
const LETTER: f64 = 7.0;
const LINE: f64 = 16.0;

/// The size of the drawing in px, and how many axes it has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drawn {
    pub width: f64,
    pub height: f64,
    pub axes: usize,
}

impl Drawn {
    pub fn x(self, place: usize) -> f64 {
        SIDE + (self.width - 2.0 * SIDE) * place as f64 / (self.axes.max(2) - 1) as f64
    }

    pub fn y(self, share: f64) -> f64 {
        self.height - BOTTOM - share * (self.height - TOP - BOTTOM)
    }
}

/// How far up an axis the pointer is.
fn share_of(event: &ev::PointerEvent) -> Option<f64> {
    let target: web_sys::Element = event.current_target()?.dyn_into().ok()?;
    let bounds = target.get_bounding_client_rect();
    let share = 1.0 - (f64::from(event.client_y()) - bounds.top()) / bounds.height().max(1.0);
    Some(share.clamp(0.0, 1.0))
}

#[component]
pub fn AxisOf(place: usize, axis: Memo<Axis>, drawn: Memo<Drawn>) -> impl IntoView {
    let across = move || drawn.get().x(place);
    let y = move |share: f64| drawn.get().y(share);
    let mark = move |(at, text): (f64, String)| {
        let wide = text.chars().count() as f64 * LETTER;
        // beside the last axis there are no lines
        let is_last = move || place + 1 == drawn.get().axes;
        let beside = move || across() + if is_last() { 8.0 } else { -8.0 };
        let left = move || {
            if is_last() {
                beside() - 2.0
            } else {
                beside() - wide - 2.0
            }
        };
        view! {
            <rect class="sweep-ground" x=left y=move || y(at) - LINE / 2.0 width=wide + 4.0 height=LINE />
            <text class="sweep-mark" x=beside y=move || y(at) + 4.0 text-anchor=move || if is_last() { "start" } else { "end" }>
                {text}
            </text>
        }
    };
    let marks = Memo::new(move |_| axis.with(|axis| axis.marks.clone()));
    let name = move || axis.with(|axis| axis.name.clone());
    view! {
        <g>
            <line class="sweep-axis" x1=across x2=across y1=move || y(0.0) y2=move || y(1.0) />
            <text class="sweep-name" x=across y="16" text-anchor="middle">{name}</text>
            {move || marks.get().into_iter().map(mark).collect_view()}
            <Handle place axis drawn />
        </g>
    }
}

/// The brush, and what takes hold of it.
#[component]
fn Handle(place: usize, axis: Memo<Axis>, drawn: Memo<Drawn>) -> impl IntoView {
    let page = use_page();
    let begun = RwSignal::new(None::<f64>);
    let brush = Memo::new(move |_| page.brushes.with(|brushes| brushes.get(place).copied().flatten()));
    let set = move |stretch: Option<(f64, f64)>| {
        page.brushes.update(|brushes| {
            brushes.resize(drawn.get_untracked().axes, None);
            brushes[place] = stretch;
        });
    };
    let down = move |event: ev::PointerEvent| {
        let handle = event.current_target();
        let handle = handle.and_then(|on| on.dyn_into::<web_sys::Element>().ok());
        // so that a drag that ends beside the axis counts too
        if let (Some(handle), Some(share)) = (handle, share_of(&event)) {
            let _ = handle.set_pointer_capture(event.pointer_id());
            begun.set(Some(share));
        }
    };
    let up = move |event: ev::PointerEvent| {
        if let (Some(from), Some(to)) = (begun.get_untracked(), share_of(&event)) {
            begun.set(None);
            set(((from - to).abs() > MIN_DRAG).then(|| (from.min(to), from.max(to))));
        }
    };
    let stops = Memo::new(move |_| axis.with(|axis| axis.stops.clone()));
    let keys = move |event: ev::KeyboardEvent| {
        let by = match event.key().as_str() {
            "ArrowUp" | "ArrowRight" => 1,
            "ArrowDown" | "ArrowLeft" => -1,
            "Escape" if brush.get_untracked().is_some() => 0,
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        let next = stops.with_untracked(|stops| moved(stops, brush.get_untracked(), by, event.shift_key()));
        set(next.filter(|_| by != 0));
    };
    let says = move || {
        let kept = brush
            .get()
            .and_then(|brush| stops.with(|stops| ends(stops, brush).map(|(from, to)| words::kept_between(from, to))));
        match brush.get() {
            None => words::unbrush().to_owned(),
            Some(_) => kept.unwrap_or_else(|| words::kept_none().to_owned()),
        }
    };
    let at = move || {
        brush
            .get()
            .and_then(|(low, high)| stops.with(|stops| stops.iter().position(|stop| (low..=high).contains(&stop.at))))
    };
    let last = move || stops.with(|stops| stops.len().saturating_sub(1));
    let name = move || axis.with(|axis| axis.name.clone());
    let y = move |share: f64| drawn.get().y(share);
    let x = move || drawn.get().x(place);
    view! {
        {move || {
            brush.get().map(|(low, high)| {
                view! { <rect class="sweep-brush" x=x() - 7.0 y=y(high) width="14" height=y(low) - y(high) /> }
            })
        }}
        <rect
            class="sweep-handle"
            data-axis=name
            x=move || x() - 14.0
            y=move || y(1.0)
            width="28"
            height=move || y(0.0) - y(1.0)
            tabindex="0"
            role="slider"
            aria-orientation="vertical"
            aria-label=move || words::axis_keys(name())
            aria-valuemin="0"
            aria-valuemax=move || last().to_string()
            aria-valuenow=move || at().unwrap_or(0).to_string()
            aria-valuetext=says
            on:keydown=keys
            on:pointerdown=down
            on:pointerup=up
            on:pointercancel=move |_| begun.set(None)
        />
    }
}
