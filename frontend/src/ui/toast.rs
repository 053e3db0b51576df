//! Toasts: short messages that go away by themselves. They show under the head of the page, where they cover no button that is
//! pressed next.

use super::{Icon, IconName, marked};
use crate::api::ApiError;
use crate::i18n::{Word, common};
use leptos::prelude::*;
use std::sync::Arc;
use std::time::Duration;

#[derive(Clone)]
struct Toast {
    id: u64,
    text: String,
    is_error: bool,
    action: Option<Action>,
}

/// The button of a toast, such as Undo. `run` must not use the scope of the dialog that offered it, which may be gone by then.
#[derive(Clone)]
struct Action {
    label: Word,
    run: Arc<dyn Fn() + Send + Sync>,
}

/// Shows toasts; from [`use_toaster`].
#[derive(Clone, Copy)]
pub struct Toaster {
    toasts: RwSignal<Vec<Toast>>,
    /// The id of the newest toast. Ids are never used twice, so that a timeout cannot dismiss a later toast.
    last_id: StoredValue<u64>,
}

/// Toasts shown at once; a further one takes the place of the oldest.
const MAX_TOASTS: usize = 3;

/// The toaster of the page.
pub fn use_toaster() -> Toaster {
    expect_context::<Toaster>()
}

impl Toaster {
    /// Once, at the page's root.
    pub fn provide() -> Self {
        let toaster = Self {
            toasts: RwSignal::default(),
            last_id: StoredValue::new(0),
        };
        provide_context(toaster);
        toaster
    }
    /// Says that something was done.
    pub fn say(self, text: impl Into<String>) {
        self.push(text.into(), false, None);
    }
    /// Says that something was done, with a button that runs an action, such as Undo.
    pub fn say_with_action(self, text: impl Into<String>, label: Word, run: impl Fn() + Send + Sync + 'static) {
        let run = Arc::new(run);
        self.push(text.into(), false, Some(Action { label, run }));
    }
    /// Says that something failed, and why.
    pub fn fail(self, error: &ApiError) {
        self.push(error.message(), true, None);
    }
    fn push(self, text: String, is_error: bool, action: Option<Action>) {
        let id = self.last_id.get_value() + 1;
        self.last_id.set_value(id);
        // an error, or a toast with a button, stays long enough to be read and reached
        let seconds = if is_error || action.is_some() { 8 } else { 4 };
        self.toasts.update(|toasts| {
            // the same text is shown once
            toasts.retain(|toast| toast.text != text);
            toasts.push(Toast {
                id,
                text,
                is_error,
                action,
            });
            let over = toasts.len().saturating_sub(MAX_TOASTS);
            toasts.drain(..over);
        });
        set_timeout(move || self.dismiss(id), Duration::from_secs(seconds));
    }
    fn dismiss(self, id: u64) {
        self.toasts.update(|toasts| toasts.retain(|toast| toast.id != id));
    }
}

/// The region in which toasts show; screen readers read new ones aloud.
#[component]
pub fn Toasts() -> impl IntoView {
    let toaster = use_toaster();
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toaster.toasts.get() key=|toast| toast.id let:toast>
                <div class="toast" class:bad=toast.is_error>
                    <Icon name=if toast.is_error { IconName::Warning } else { IconName::Check } />
                    <span class="grow">{marked(&toast.text)}</span>
                    {toast
                        .action
                        .clone()
                        .map(|Action { label, run }| {
                            view! {
                                <button
                                    type="button"
                                    class="btn small"
                                    on:click=move |_| {
                                        toaster.dismiss(toast.id);
                                        run();
                                    }
                                >
                                    {label}
                                </button>
                            }
                        })}
                    <button type="button" class="btn ghost icon small" aria-label=common::close on:click=move |_| toaster.dismiss(toast.id)>
                        <Icon name=IconName::Close />
                    </button>
                </div>
            </For>
        </div>
    }
}
