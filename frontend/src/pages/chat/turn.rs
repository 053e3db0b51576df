//! A question and the replies to it, side by side.

use super::state::{Reply, Standing, Turn, use_chat};
use crate::fmt;
use crate::i18n::chat as words;
use crate::ui::{CopyButton, Icon, IconName};
use leptos::prelude::*;

#[component]
pub fn TurnRow(turn: Turn) -> impl IntoView {
    let two = turn.replies.len() > 1;
    let id = turn.id;
    let replies = turn
        .replies
        .into_iter()
        .map(|reply| view! { <ReplyBox turn=id reply /> })
        .collect_view();
    view! {
        <article class="chat-turn">
            <p class="chat-question">{turn.question}</p>
            <div class="chat-replies" class:two=two>
                {replies}
            </div>
        </article>
    }
}

#[component]
fn ReplyBox(turn: u64, reply: Reply) -> impl IntoView {
    let chat = use_chat();
    let Reply {
        column,
        model,
        text,
        standing,
        ..
    } = reply.clone();
    let shown = {
        let text = text.clone();
        move || text.get()
    };
    let note = {
        let (text, standing) = (text.clone(), standing.clone());
        move || {
            let empty = text.with(|text| text.trim().is_empty());
            match standing.get() {
                Standing::Waiting => Some(words::thinking()),
                Standing::Done { .. } if empty => Some(words::empty_reply()),
                _ => None,
            }
        }
    };
    let facts = {
        let standing = standing.clone();
        move || facts(&standing.get())
    };
    let failed = {
        let standing = standing.clone();
        move || match standing.get() {
            Standing::Failed(message) => Some(message),
            _ => None,
        }
    };
    let whole = {
        let (standing, text) = (standing.clone(), text.clone());
        move || standing.with(|standing| !standing.is_open()) && text.with(|text| !text.is_empty())
    };
    let open = move || standing.with(Standing::is_open);
    let again = StoredValue::new_local(reply);
    view! {
        <section class="chat-reply" data-column=column.to_string() aria-busy=move || open().to_string()>
            <h3 class="chat-model clip" title=model.clone()>
                <span class="chat-swatch" aria-hidden="true"></span>
                {model.clone()}
            </h3>
            <p class="chat-text">{shown}</p>
            {move || note().map(|note| view! { <p class="faint chat-waits">{note}</p> })}
            {move || {
                failed()
                    .map(|message| {
                        view! {
                            <div class="note bad" role="alert">
                                <Icon name=IconName::Warning />
                                <p class="grow">{message}</p>
                                <button type="button" class="btn small" on:click=move |_| chat.retry(turn, again.get_value())>
                                    {words::retry}
                                </button>
                            </div>
                        }
                    })
            }}
            <footer class="chat-facts num">
                <span>{facts}</span>
                {move || {
                    let text = text.clone();
                    whole().then(|| view! { <CopyButton text=Signal::derive(move || text.get()) /> })
                }}
            </footer>
        </section>
    }
}

fn facts(standing: &Standing) -> String {
    match standing {
        Standing::Waiting | Standing::Failed(_) => String::new(),
        Standing::Going { rate, .. } => rate.map(|rate| words::speed(fmt::rate(rate))).unwrap_or_default(),
        Standing::Stopped => words::stopped().into(),
        Standing::Done { tokens, seconds, cut } => {
            let rate = tokens
                .zip(*seconds)
                .filter(|(_, s)| *s > 0.0)
                .map(|(n, s)| n as f64 / s);
            let parts = [
                tokens.map(words::tokens),
                rate.map(|rate| words::speed(fmt::rate(rate))),
                cut.then(|| words::cut().to_owned()),
            ];
            parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
        }
    }
}
