//! The toolbar of a page's charts: smoothing, axes, zoom. Its state is in the address.

use super::ChartGroup;
use crate::address::{Address, use_address};
use crate::i18n::{Word, run as words};
use crate::logic::plot::XAxis;
use leptos::prelude::*;

/// The default smoothing: enough to see where a noisy line goes, with the line itself faint behind it.
pub const SMOOTHING: f64 = 0.6;

/// Smoothing, axes and zoom of a page's charts, as the address holds them.
#[derive(Clone, Copy)]
pub struct ChartBarState {
    pub axis: Signal<XAxis>,
    /// 0 to 0.99.
    pub smoothing: RwSignal<f64>,
    pub zoom: Signal<Option<(f64, f64)>>,
    log: Signal<bool>,
    clip: Signal<bool>,
    address: Address,
    on_axis: Callback<XAxis>,
    on_smoothing: Callback<f64>,
    on_zoom: Callback<Option<(f64, f64)>>,
}

impl ChartBarState {
    /// The state from `x`, `smooth`, `zoom`, `log` and `clip` of the query.
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
                .unwrap_or(SMOOTHING)
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
            log: Memo::new(move |_| !address.get("log").is_empty()).into(),
            clip: Memo::new(move |_| !address.get("clip").is_empty()).into(),
            address,
            on_axis: Callback::new(move |axis: XAxis| {
                address.edit(|query| {
                    query.set("x", if axis == XAxis::Step { "" } else { axis.key() });
                    query.set("zoom", "");
                });
            }),
            on_smoothing: Callback::new(move |smoothing: f64| {
                let usual = (smoothing - SMOOTHING).abs() < 0.005;
                let text = if usual {
                    String::new()
                } else {
                    format!("{smoothing:.2}")
                };
                address.set("smooth", &text);
            }),
            on_zoom: Callback::new(move |zoom: Option<(f64, f64)>| {
                let text = zoom.map(|(from, to)| format!("{from:.4}~{to:.4}")).unwrap_or_default();
                address.set("zoom", &text);
            }),
        }
    }

    /// A group of charts with this state. `key` is uPlot's key for their shared cursor.
    pub fn group(self, key: &'static str) -> ChartGroup {
        ChartGroup {
            key,
            axis: self.axis,
            zoom: self.zoom,
            smoothing: self.smoothing.into(),
            on_zoom: self.on_zoom,
            log: self.log,
            clip: self.clip,
            at: RwSignal::new(None),
            lit: RwSignal::new(None),
            width: RwSignal::new(0),
            span: RwSignal::new(None),
            band: RwSignal::new(None),
        }
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
        <ToggleChip key="log" on=bar.log address=bar.address name=words::log_scale hint=words::log_hint />
        <ToggleChip key="clip" on=bar.clip address=bar.address name=words::clip_outliers hint=words::clip_hint />
        <Show
            when=move || bar.zoom.get().is_some()
            fallback=|| view! { <span class="faint wide zoom-hint">{words::zoom_hint}</span> }
        >
            <button type="button" class="btn small" on:click=move |_| bar.on_zoom.run(None)>{words::zoom_back}</button>
        </Show>
    }
}

/// A toggle button whose state is in the address.
#[component]
fn ToggleChip(key: &'static str, on: Signal<bool>, address: Address, name: Word, hint: Word) -> impl IntoView {
    view! {
        <button
            type="button"
            class="chip"
            class:on=on
            title=hint
            aria-pressed=move || on.get().to_string()
            on:click=move |_| address.set(key, if on.get_untracked() { "" } else { "1" })
        >
            {name}
        </button>
    }
}
