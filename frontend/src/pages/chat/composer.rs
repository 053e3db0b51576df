//! The composer, in which the question is typed.

use super::state::use_chat;
use crate::i18n::{chat as words, common};
use crate::ui::{Icon, IconName};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;

#[component]
pub fn Composer() -> impl IntoView {
    let chat = use_chat();
    let text = chat.draft;
    let input = NodeRef::<html::Textarea>::new();
    let is_busy = Memo::new(move |_| chat.is_busy());
    let send = move || {
        if !is_busy.get_untracked() && !text.with_untracked(|text| text.trim().is_empty()) {
            chat.ask(text.get_untracked());
            text.set(String::new());
            if let Some(input) = input.get_untracked() {
                let _ = input.focus();
            }
        }
    };
    let keys = move |event: ev::KeyboardEvent| {
        if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
            event.prevent_default();
            send();
        } else if event.key() == "Escape" && is_busy.get_untracked() {
            chat.stop();
        }
    };
    let placeholder = move || {
        if chat.columns.with(Vec::len) > 1 {
            words::placeholder_two()
        } else {
            words::placeholder_one()
        }
    };
    let cancel = move || {
        chat.editing.set(None);
        text.set(String::new());
    };
    Effect::new(move || {
        if let Some(input) = input.get() {
            let _ = input.focus();
        }
    });
    view! {
        <Show when=move || chat.editing.get().is_some()>
            <p class="row chat-editing">
                <Icon name=IconName::Edit />
                <span class="grow">{words::editing}</span>
                <button type="button" class="btn ghost small" on:click=move |_| cancel()>{common::cancel}</button>
            </p>
        </Show>
        <form
            class="composer"
            on:submit=move |event| {
                event.prevent_default();
                send();
            }
        >
            <textarea
                id="chat-input"
                node_ref=input
                rows="1"
                aria-label=words::message
                title=words::keys
                placeholder=placeholder
                prop:value=text
                on:input=move |event| text.set(event_target_value(&event))
                on:keydown=keys
            ></textarea>
            <Show
                when=move || is_busy.get()
                fallback=move || {
                    view! {
                        <button type="submit" class="btn primary" id="chat-send" disabled=move || text.with(|text| text.trim().is_empty())>
                            <Icon name=IconName::Send />
                            {words::send}
                        </button>
                    }
                }
            >
                <button type="button" class="btn" id="chat-stop" on:click=move |_| chat.stop()>
                    <Icon name=IconName::Stop />
                    {words::stop}
                </button>
            </Show>
        </form>
    }
}
