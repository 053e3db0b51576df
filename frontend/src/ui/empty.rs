//! Placeholders for content: an empty state, a skeleton while it loads, an error.

use super::{Icon, IconName, StartAgain, marked};
use crate::api::ApiError;
use crate::i18n::common;
use leptos::prelude::*;

/// Says that there is nothing here, and what to do about it.
#[component]
pub fn EmptyState(
    #[prop(into)] title: Signal<String>,
    #[prop(into, optional)] text: Signal<String>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <h2>{title}</h2>
            <p>{text}</p>
            <div class="row center">{children.map(|children| children())}</div>
        </div>
    }
}

/// Grey lines where content will be. They appear after 150 ms, so that a fast answer shows no flicker.
#[component]
pub fn Skeleton(#[prop(default = 6)] lines: usize) -> impl IntoView {
    let lines = (0..lines)
        .map(|_| view! { <div class="skeleton-line"></div> })
        .collect_view();
    view! {
        <div class="skeleton" role="status" aria-label=common::loading>
            {lines}
        </div>
    }
}

/// A failed request, in a box where its content would be.
#[component]
pub fn ErrorNote(error: ApiError, #[prop(into, optional)] on_retry: Option<Callback<()>>) -> impl IntoView {
    let offline = error == ApiError::Offline;
    view! {
        <div class="note bad" role="alert">
            <Icon name=IconName::Warning />
            <div class="grow">
                <p>{move || marked(&error.message())}</p>
                {offline.then(|| view! { <p class="muted"><StartAgain /></p> })}
            </div>
            {on_retry
                .map(|retry| {
                    view! {
                        <button type="button" class="btn small" on:click=move |_| retry.run(())>{common::retry}</button>
                    }
                })}
        </div>
    }
}
