//! A pair whose tokens are not kept: why its replies are plain text, and a button that has its tokens scored.

use super::state::use_pairs;
use crate::api::{self, ApiError};
use crate::fmt;
use crate::i18n::pairs as words;
use crate::ui::{ErrorNote, Icon, IconName};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::pairs::{MOST_MOVED, Measure};
use std::sync::Arc;
use web_sys::AbortController;

#[component]
pub fn ScoreTokens(pair: u64) -> impl IntoView {
    let tab = use_pairs();
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<ApiError>);
    // whoever opens another pair or leaves the page no longer waits, and the server need not go on
    let controller = StoredValue::new_local(AbortController::new().ok());
    on_cleanup(move || {
        controller.try_with_value(|controller| controller.as_ref().map(AbortController::abort));
    });
    let score = move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        failed.set(None);
        let abort = controller.with_value(|controller| controller.as_ref().map(AbortController::signal));
        spawn_local(async move {
            let answer = api::score_pair(&tab.run.id.get_value(), pair, abort).await;
            busy.try_set(false);
            match answer {
                Ok(tokens) => {
                    let tokens = Arc::new(tokens);
                    tab.scored_tokens.try_update(|scored| scored.insert(pair, tokens));
                }
                Err(error) => {
                    failed.try_set(Some(error));
                }
            }
        });
    };
    let measure = move || {
        tab.overview.with(|answer| match answer {
            Some(Ok(overview)) => Some(overview.about.measure),
            _ => None,
        })
    };
    // a reward model has none to score, and a run that goes on, or has no checkpoint, no model for it
    let can_score = move || {
        measure() == Some(Measure::LogProbs) && tab.run.state().is_over() && tab.run.read(|run| run.checkpoints > 0)
    };
    let why = move || match measure() {
        Some(Measure::Rewards) => words::no_tokens_of_rewards().to_owned(),
        Some(Measure::LogProbs) | None => words::no_tokens(fmt::count(MOST_MOVED as u64)),
    };
    let error = move || failed.get().map(|error| view! { <ErrorNote error /> });
    view! {
        <p class="faint">{why}</p>
        <Show when=can_score>
            <div class="row wrap">
                <button
                    type="button"
                    id="pairs-score"
                    class="btn small"
                    disabled=move || busy.get()
                    aria-busy=move || busy.get().to_string()
                    on:click=move |_| score()
                >
                    <Icon name=IconName::Play />
                    {move || if busy.get() { words::scoring_tokens() } else { words::score_tokens() }}
                </button>
                <span class="faint">{words::score_cost}</span>
            </div>
        </Show>
        {error}
    }
}
