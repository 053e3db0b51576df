//! Short messages under the head of the page, where no button that one presses next can be.

use super::{Icon, IconName};
use crate::api::ApiError;
use crate::i18n::{Word, common};
use leptos::prelude::*;
use std::sync::Arc;
use std::time::Duration;

#[derive(Clone)]
struct Toast {
    id: u64,
    text: String,
    bad: bool,
    offer: Option<Offer>,
}

/// A button in a message, such as Undo. What it does outlives the dialog that offered it.
#[derive(Clone)]
struct Offer {
    verb: Word,
    act: Arc<dyn Fn() + Send + Sync>,
}

/// Shows messages; from [`use_toaster`].
#[derive(Clone, Copy)]
pub struct Toaster {
    shown: RwSignal<Vec<Toast>>,
    /// Ids given so far: a time that runs out must never take a later message with it.
    given: StoredValue<u64>,
}

/// Messages shown at once; a further one takes the place of the oldest.
const SHOWN: usize = 3;

/// The toaster of the page.
pub fn use_toaster() -> Toaster {
    expect_context::<Toaster>()
}

impl Toaster {
    /// Once, at the page's root.
    pub fn provide() -> Self {
        let toaster = Self {
            shown: RwSignal::default(),
            given: StoredValue::new(0),
        };
        provide_context(toaster);
        toaster
    }
    /// Says that something was done.
    pub fn say(self, text: impl Into<String>) {
        self.push(text.into(), false, None);
    }
    /// Says that something was done, with a button that acts on it.
    pub fn offer(self, text: impl Into<String>, verb: Word, act: impl Fn() + Send + Sync + 'static) {
        let act = Arc::new(act);
        self.push(text.into(), false, Some(Offer { verb, act }));
    }
    /// Says that something failed, and why.
    pub fn fail(self, error: &ApiError) {
        self.push(error.message(), true, None);
    }
    fn push(self, text: String, bad: bool, offer: Option<Offer>) {
        let id = self.given.get_value() + 1;
        self.given.set_value(id);
        // what can be acted on stays long enough to be read and reached
        let seconds = if bad || offer.is_some() { 8 } else { 4 };
        self.shown.update(|toasts| {
            // said again, it stands once
            toasts.retain(|toast| toast.text != text);
            toasts.push(Toast { id, text, bad, offer });
            let over = toasts.len().saturating_sub(SHOWN);
            toasts.drain(..over);
        });
        set_timeout(move || self.drop(id), Duration::from_secs(seconds));
    }
    fn drop(self, id: u64) {
        self.shown.update(|toasts| toasts.retain(|toast| toast.id != id));
    }
}

/// Where the messages show.
#[component]
pub fn Toasts() -> impl IntoView {
    let toaster = use_toaster();
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toaster.shown.get() key=|toast| toast.id let:toast>
                <div class="toast" class:bad=toast.bad>
                    <Icon name=if toast.bad { IconName::Warning } else { IconName::Check } />
                    <span class="grow">{toast.text.clone()}</span>
                    {toast
                        .offer
                        .clone()
                        .map(|Offer { verb, act }| {
                            view! {
                                <button
                                    type="button"
                                    class="btn small"
                                    on:click=move |_| {
                                        toaster.drop(toast.id);
                                        act();
                                    }
                                >
                                    {verb}
                                </button>
                            }
                        })}
                    <button type="button" class="btn ghost icon small" aria-label=common::close on:click=move |_| toaster.drop(toast.id)>
                        <Icon name=IconName::Close />
                    </button>
                </div>
            </For>
        </div>
    }
}
