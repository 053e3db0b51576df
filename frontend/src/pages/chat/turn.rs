//! A question and the replies to it, side by side.

use super::state::{Reply, ReplyState, Turn, use_chat};
use crate::fmt;
use crate::i18n::chat as words;
use crate::logic::reply_diff::reply_diff;
use crate::logic::samples::words::Piece;
use crate::logic::saved_chats::End;
use crate::ui::{CopyButton, Icon, IconName, marked};
use leptos::prelude::*;

#[component]
pub fn TurnRow(turn: Turn) -> impl IntoView {
    let chat = use_chat();
    let two = turn.replies.len() > 1;
    let id = turn.id;
    let texts = StoredValue::new_local(turn.replies.clone());
    // the diff of the two replies, once both are complete
    let diff = Memo::new(move |_| {
        let (left, right) = texts.with_value(|replies| {
            let [left, right] = replies.as_slice() else { return None };
            let done = |reply: &Reply| matches!(reply.state.get(), ReplyState::Over(End::Done { .. }));
            (done(left) && done(right)).then(|| (left.text.get(), right.text.get()))
        })?;
        Some(reply_diff(&left, &right))
    });
    let replies = turn
        .replies
        .into_iter()
        .enumerate()
        .map(|(place, reply)| {
            let pieces = Signal::derive(move || {
                let [left, right] = diff.get()?;
                Some(if place == 0 { left } else { right })
            });
            view! { <ReplyBox turn=id reply pieces /> }
        })
        .collect_view();
    let question = StoredValue::new(turn.question.clone());
    view! {
        <article class="chat-turn">
            <div class="chat-asked">
                <p class="chat-question">{turn.question}</p>
                <button
                    type="button"
                    class="btn ghost icon small"
                    title=words::edit_question
                    aria-label=words::edit_question
                    on:click=move |_| chat.edit(id, &question.get_value())
                >
                    <Icon name=IconName::Edit />
                </button>
            </div>
            <div class="chat-replies" class:two=two>
                {replies}
            </div>
        </article>
    }
}

#[component]
fn ReplyBox(
    turn: u64,
    reply: Reply,
    /// The pieces of its diff to the other reply, once that is known.
    #[prop(into)]
    pieces: Signal<Option<Vec<Piece>>>,
) -> impl IntoView {
    let chat = use_chat();
    let Reply {
        column,
        model,
        text,
        state,
        ..
    } = reply.clone();
    let shown = {
        let text = text.clone();
        move || match pieces.get() {
            Some(pieces) => pieces.into_iter().map(piece).collect_view().into_any(),
            None => text.get().into_any(),
        }
    };
    // the head of the column names the model already, unless another one was chosen since
    let same_model = {
        let model = model.clone();
        move || chat.columns.with(|columns| columns.get(column) == Some(&model))
    };
    let note = {
        let (text, state) = (text.clone(), state.clone());
        move || {
            let empty = text.with(|text| text.trim().is_empty());
            match state.get() {
                ReplyState::Waiting => Some(words::thinking()),
                ReplyState::Over(End::Done { .. }) if empty => Some(words::empty_reply()),
                _ => None,
            }
        }
    };
    let failed = {
        let state = state.clone();
        move || match state.get() {
            ReplyState::Over(End::Failed(message)) => Some(message),
            _ => None,
        }
    };
    let is_open = move || state.with(ReplyState::is_open);
    let reply = StoredValue::new_local(reply);
    view! {
        <section class="chat-reply" role="group" data-column=column.to_string() aria-label=model.clone() aria-busy=move || is_open().to_string()>
            <h2 class="chat-model clip" class:same=same_model title=model.clone()>
                <span class="chat-swatch" aria-hidden="true"></span>
                {model.clone()}
            </h2>
            <p class="chat-text">{shown}</p>
            {move || note().map(|note| view! { <p class="faint chat-waits">{note}</p> })}
            {move || failed().map(|message| view! { <Failure message on_retry=move |()| chat.retry(turn, reply.get_value()) /> })}
            <Foot turn reply />
        </section>
    }
}

/// What is told under a reply, and what can be done with it.
#[component]
fn Foot(turn: u64, reply: StoredValue<Reply, LocalStorage>) -> impl IntoView {
    let chat = use_chat();
    let Reply { text, state, .. } = reply.get_value();
    let facts = {
        let state = state.clone();
        move || facts(&state.get())
    };
    let can_copy = {
        let (state, text) = (state.clone(), text.clone());
        move || state.with(|state| !state.is_open()) && text.with(|text| !text.is_empty())
    };
    let can_redraw = {
        let state = state.clone();
        move || matches!(state.get(), ReplyState::Over(End::Done { .. } | End::Stopped))
    };
    // at temperature 0 nothing is sampled: the same settings give the same text
    let draw_hint = move || {
        if chat.settings.with(|settings| settings.temperature == 0.0) {
            words::draw_again_same()
        } else {
            words::draw_again()
        }
    };
    view! {
        <footer class="chat-facts num">
            <span>{facts}</span>
            {move || {
                let text = text.clone();
                can_copy().then(|| view! { <CopyButton text=Signal::derive(move || text.get()) /> })
            }}
            {move || {
                can_redraw()
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="btn ghost icon small"
                                title=draw_hint
                                aria-label=words::draw_again
                                disabled=move || chat.is_busy()
                                on:click=move |_| chat.redraw(turn, reply.get_value())
                            >
                                <Icon name=IconName::Refresh />
                            </button>
                        }
                    })
            }}
        </footer>
    }
}

/// Why there is no reply, with a button that asks for it again.
#[component]
fn Failure(message: String, #[prop(into)] on_retry: Callback<()>) -> impl IntoView {
    view! {
        <div class="note bad" role="alert">
            <Icon name=IconName::Warning />
            <p class="grow">{marked(&message)}</p>
            <button type="button" class="btn small" on:click=move |_| on_retry.run(())>
                {words::retry}
            </button>
        </div>
    }
}

fn piece(piece: Piece) -> impl IntoView {
    let class = if piece.shared { "" } else { "own" };
    view! { <span class=class>{piece.text}</span> }
}

/// The line under a reply: its tokens, their rate, and how it ended.
fn facts(state: &ReplyState) -> String {
    match state {
        ReplyState::Waiting | ReplyState::Over(End::Failed(_)) => String::new(),
        ReplyState::Going { rate, .. } => rate.map(|rate| words::speed(fmt::rate(rate))).unwrap_or_default(),
        ReplyState::Over(End::Stopped) => words::stopped().into(),
        ReplyState::Over(End::Done { tokens, seconds, cut }) => {
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
