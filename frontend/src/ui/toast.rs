//! Short messages at the foot of the page.

use super::{Icon, IconName};
use crate::api::ApiError;
use crate::i18n::common;
use leptos::prelude::*;
use std::time::Duration;

#[derive(Debug, Clone, PartialEq)]
struct Toast {
    id: u64,
    text: String,
    bad: bool,
}

/// Shows messages; from [`use_toaster`].
#[derive(Clone, Copy)]
pub struct Toaster(RwSignal<Vec<Toast>>);

/// The toaster of the page.
pub fn use_toaster() -> Toaster {
    expect_context::<Toaster>()
}

impl Toaster {
    /// Once, at the page's root.
    pub fn provide() -> Self {
        let toaster = Self(RwSignal::default());
        provide_context(toaster);
        toaster
    }
    /// Says that something was done.
    pub fn say(self, text: impl Into<String>) {
        self.push(text.into(), false);
    }
    /// Says that something failed, and why.
    pub fn fail(self, error: &ApiError) {
        self.push(error.message(), true);
    }
    fn push(self, text: String, bad: bool) {
        let mut id = 0;
        self.0.update(|toasts| {
            id = toasts.last().map_or(1, |last| last.id + 1);
            toasts.push(Toast { id, text, bad });
        });
        set_timeout(move || self.drop(id), Duration::from_secs(if bad { 12 } else { 4 }));
    }
    fn drop(self, id: u64) {
        self.0.update(|toasts| toasts.retain(|toast| toast.id != id));
    }
}

/// Where the messages show.
#[component]
pub fn Toasts() -> impl IntoView {
    let toaster = use_toaster();
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toaster.0.get() key=|toast| toast.id let:toast>
                <div class="toast" class:bad=toast.bad>
                    <Icon name=if toast.bad { IconName::Warning } else { IconName::Check } />
                    <span class="grow">{toast.text.clone()}</span>
                    <button type="button" class="btn ghost icon small" aria-label=common::close on:click=move |_| toaster.drop(toast.id)>
                        <Icon name=IconName::Close />
                    </button>
                </div>
            </For>
        </div>
    }
}
