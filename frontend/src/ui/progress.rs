//! A progress bar, and the sparkline of a table row.

use crate::logic::spark::spark_path;
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

/// A small line of a few dozen values, without axes.
#[component]
pub fn Spark(#[prop(into)] values: Signal<Vec<f64>>) -> impl IntoView {
    let path = move || values.with(|values| spark_path(values, 64.0, 18.0));
    view! {
        <svg class="spark" viewBox="0 0 64 18" width="64" height="18" fill="none" aria-hidden="true">
            <path d=path stroke="currentColor" stroke-width="1.25" stroke-linejoin="round" stroke-linecap="round" />
        </svg>
    }
}
