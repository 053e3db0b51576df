//! The state of a run as a coloured dot with its word.

use crate::i18n::common;
use leptos::prelude::*;
use protocol::api::RunState;

/// The word for a state, in the language in use.
pub fn state_word(state: RunState) -> &'static str {
    match state {
        RunState::Queued => common::state_queued(),
        RunState::Starting => common::state_starting(),
        RunState::Running => common::state_running(),
        RunState::Stopping => common::state_stopping(),
        RunState::Completed => common::state_completed(),
        RunState::Stopped => common::state_stopped(),
        RunState::Failed => common::state_failed(),
        RunState::Untold => common::state_untold(),
        RunState::Unknown => common::state_unknown(),
    }
}

/// A dot in the colour of the state. The state's name stands beside it with `word`, else it is the dot's accessible label.
#[component]
pub fn StateDot(#[prop(into)] state: Signal<RunState>, #[prop(optional)] word: bool) -> impl IntoView {
    move || state_dot(state.get(), word)
}

/// The dot of a state that does not change, or that is drawn anew with what is around it.
pub fn state_dot(state: RunState, word: bool) -> impl IntoView {
    let (class, said) = (format!("state {}", state.name()), state_word(state));
    let label = (!word).then_some(said);
    view! {
        <span class=class title=label role=(!word).then_some("img") aria-label=label>
            <span class="dot"></span>
            {word.then(|| view! { <span>{said}</span> })}
        </span>
    }
}
