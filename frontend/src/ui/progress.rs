//! A progress bar, and the sparkline of a table row.

use crate::logic::spark::{spark_end, spark_path};
use leptos::prelude::*;

/// A progress bar. `share` runs from 0 to 1; `None` while it is unknown.
#[component]
pub fn Progress(#[prop(into)] share: Signal<Option<f64>>, #[prop(into)] label: Signal<String>) -> impl IntoView {
    let percent = move || share.get().map(|share| (share.clamp(0.0, 1.0) * 100.0).round());
    view! {
        <div
            class="progress"
            class:unknown=move || share.get().is_none()
            role="progressbar"
            aria-label=label
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=move || percent().map(|percent| percent.to_string())
        >
            <div class="progress-bar" style:width=move || format!("{}%", percent().unwrap_or(100.0))></div>
        </div>
    }
}

/// Width and height of a sparkline in px.
const WIDTH: f64 = 120.0;
const HEIGHT: f64 = 20.0;
/// Width that is kept free for the dot at its end, in px.
const DOT: f64 = 4.0;

/// A small line of a few dozen values, without axes, with a dot where it ends.
#[component]
pub fn Sparkline(
    #[prop(into)] values: Signal<Vec<f64>>,
    /// Takes the size that CSS gives it instead of its own, and has no dot, which would be distorted.
    #[prop(optional)]
    stretched: bool,
) -> impl IntoView {
    move || values.with(|values| sparkline(values, stretched))
}

/// The sparkline of values that do not change, or that is drawn anew with what is around it.
pub fn sparkline(values: &[f64], stretched: bool) -> impl IntoView + use<> {
    let path = spark_path(values, WIDTH - DOT, HEIGHT);
    let end = spark_end(values, WIDTH - DOT, HEIGHT)
        .filter(|_| !stretched)
        .map(|(x, y)| view! { <circle cx=x cy=y r="2.25" fill="currentColor" /> });
    view! {
        <svg class="spark" viewBox="0 0 120 20" width=WIDTH height=HEIGHT preserveAspectRatio=stretched.then_some("none") fill="none" aria-hidden="true">
            <path d=path stroke="currentColor" stroke-width="1.25" stroke-linejoin="round" stroke-linecap="round" />
            {end}
        </svg>
    }
}
