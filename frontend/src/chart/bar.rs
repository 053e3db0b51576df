//! The controls of a page's charts: smoothing, x axis, zoom, all in the address.

use super::ChartGroup;
use crate::address::use_address;
use crate::i18n::{Word, run as words};
use crate::logic::plot::XAxis;
use leptos::prelude::*;

/// Smoothing, x axis and zoom of a page's charts, as the address has them.
#[derive(Clone, Copy)]
pub struct ChartBarState {
    pub axis: Signal<XAxis>,
    /// 0 to 0.99.
    pub smoothing: RwSignal<f64>,
    pub zoom: Signal<Option<(f64, f64)>>,
    on_axis: Callback<XAxis>,
    on_smoothing: Callback<f64>,
    on_zoom: Callback<Option<(f64, f64)>>,
}

impl ChartBarState {
    /// The state in `x`, `smooth` and `zoom` of the query.
    pub fn from_address() -> Self {
        let address = use_address();
        let axis = Memo::new(move |_| XAxis::from_key(&address.get("x")));
        let zoom = Memo::new(move |_| {
            let text = address.get("zoom");
            let (from, to) = text.split_once('~')?;
            let range = (from.parse().ok()?, to.parse().ok()?);
            (range.0 < range.1).then_some(range)
        });
        let read = move || {
            address
                .get("smooth")
                .parse::<f64>()
                .ok()
                .filter(|s| (0.0..1.0).contains(s))
                .unwrap_or(0.0)
        };
        let smoothing = RwSignal::new(untrack(read));
        Effect::new(move || {
            let asked = read();
            if smoothing.get_untracked() != asked {
                smoothing.set(asked);
            }
        });
        Self {
            axis: axis.into(),
            smoothing,
            zoom: zoom.into(),
            on_axis: Callback::new(move |axis: XAxis| {
                address.edit(|query| {
                    query.set("x", if axis == XAxis::Step { "" } else { axis.key() });
                    query.set("zoom", "");
                });
            }),
            on_smoothing: Callback::new(move |smoothing: f64| {
                let text = if smoothing > 0.0 {
                    format!("{smoothing:.2}")
                } else {
                    String::new()
                };
                address.set("smooth", &text);
            }),
            on_zoom: Callback::new(move |zoom: Option<(f64, f64)>| {
                let text = zoom.map(|(from, to)| format!("{from:.4}~{to:.4}")).unwrap_or_default();
                address.set("zoom", &text);
            }),
        }
    }

    pub fn group(self, key: &'static str) -> ChartGroup {
        ChartGroup::new(key, self.axis, self.zoom, self.on_zoom)
    }
}

/// The controls of [`ChartBarState`].
#[component]
pub fn ChartBar(bar: ChartBarState) -> impl IntoView {
    let axes = [
        (XAxis::Step, words::x_step as Word),
        (XAxis::Epoch, words::x_epoch),
        (XAxis::Time, words::x_time),
    ]
    .map(|(axis, word)| {
        view! {
            <button
                type="button"
                class="segment"
                aria-pressed=move || (bar.axis.get() == axis).to_string()
                on:click=move |_| bar.on_axis.run(axis)
            >
                {word}
            </button>
        }
    })
    .collect_view();
    let read = |event: &leptos::ev::Event| event_target_value(event).parse().unwrap_or(0.0);
    view! {
        <div class="segments" role="group" aria-label=words::x_axis>
            {axes}
        </div>
        <label class="row smoothing">
            <span class="muted">{words::smoothing}</span>
            <input
                type="range"
                min="0"
                max="0.99"
                step="0.01"
                prop:value=move || bar.smoothing.get().to_string()
                on:input=move |event| bar.smoothing.set(read(&event))
                on:change=move |event| bar.on_smoothing.run(read(&event))
            />
            <span class="num faint smoothing-value">{move || format!("{:.2}", bar.smoothing.get())}</span>
        </label>
        <Show
            when=move || bar.zoom.get().is_some()
            fallback=|| view! { <span class="faint wide zoom-hint">{words::zoom_hint}</span> }
        >
            <button type="button" class="btn small" on:click=move |_| bar.on_zoom.run(None)>{words::zoom_back}</button>
        </Show>
    }
}
