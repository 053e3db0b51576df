//! A progress bar, and the sparkline of a table row.

use crate::logic::spark::{spark_end, spark_path};
use leptos::prelude::*;

/// How far along, from 0 to 1; `None` while that is unknown.
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

/// Size of a sparkline in px; room for the dot at its end.
const SPARK: (f64, f64) = (120.0, 20.0);

/// A small line of a few dozen values, without axes, with a dot where it ends.
#[component]
pub fn Spark(
    #[prop(into)] values: Signal<Vec<f64>>,
    /// As large as its style says; its end has no dot.
    #[prop(optional)]
    stretched: bool,
) -> impl IntoView {
    let (width, height) = SPARK;
    let path = move || values.with(|values| spark_path(values, width - 4.0, height));
    let end = move || {
        let end = values.with(|values| spark_end(values, width - 4.0, height));
        end.filter(|_| !stretched)
            .map(|(x, y)| view! { <circle cx=x cy=y r="2.25" fill="currentColor" /> })
    };
    view! {
        <svg class="spark" viewBox="0 0 120 20" width=width height=height preserveAspectRatio=stretched.then_some("none") fill="none" aria-hidden="true">
            <path d=path stroke="currentColor" stroke-width="1.25" stroke-linejoin="round" stroke-linecap="round" />
            {end}
        </svg>
    }
}
