//! Copying to the clipboard.

use super::{Icon, IconName};
use crate::browser;
use crate::i18n::common;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// A small button that copies `text` and says so for two seconds.
#[component]
pub fn CopyButton(#[prop(into)] text: Signal<String>) -> impl IntoView {
    let copied = RwSignal::new(false);
    let copy = move |_| {
        let text = text.get_untracked();
        spawn_local(async move {
            if browser::copy_text(&text).await {
                copied.set(true);
                set_timeout(
                    move || {
                        let _ = copied.try_set(false);
                    },
                    Duration::from_secs(2),
                );
            }
        });
    };
    let label = move || if copied.get() { common::copied() } else { common::copy() };
    view! {
        <button type="button" class="btn ghost icon small" class:ok=copied title=label aria-label=label on:click=copy>
            {move || view! { <Icon name=if copied.get() { IconName::Check } else { IconName::Copy } /> }}
        </button>
    }
}

/// Monospace text with a copy button.
#[component]
pub fn CodeBlock(#[prop(into)] text: Signal<String>) -> impl IntoView {
    view! {
        <div class="code">
            <pre tabindex="0">{text}</pre>
            <CopyButton text />
        </div>
    }
}
