//! The button that has a run go on, and what it offers where the newest checkpoint is damaged.

use super::state::use_run;
use crate::api::{self, ApiError};
use crate::fmt;
use crate::i18n::run as words;
use crate::live::use_live;
use crate::logic::go_on::{GoOn, go_on};
use crate::ui::{ConfirmDialog, Icon, IconName, use_toaster};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::RunState;

/// A checkpoint to go on from instead of the newest, which is damaged.
#[derive(Debug, Clone, Default, PartialEq)]
struct Offer {
    from: String,
    /// What the server said of the newest.
    why: String,
}

impl Offer {
    /// What an answer offers: its third argument is the newest whole checkpoint before the damaged one.
    fn of(error: &ApiError) -> Option<Self> {
        let ApiError::Problem(problem) = error else {
            return None;
        };
        let from = problem.args.get(2).filter(|from| !from.is_empty())?;
        (problem.code == "broken_checkpoint").then(|| Self {
            from: from.english(),
            why: error.message(),
        })
    }
}

/// The button that continues a run that is over, where that can help.
#[component]
pub fn GoOnButton() -> impl IntoView {
    let (run, live, toaster) = (use_run(), use_live(), use_toaster());
    let way = Memo::new(move |_| run.summary.with(|summary| summary.as_ref().map_or(GoOn::No, go_on)));
    let newest = move || {
        let newest = run.detail.with(|detail| {
            let steps = detail.as_ref().map(|d| d.checkpoints.iter().map(|c| c.step));
            steps.and_then(Iterator::max)
        });
        newest.map_or_else(
            || words::resume().to_owned(),
            |step| words::resume_from(fmt::count(step)),
        )
    };
    let word = move || match way.get() {
        GoOn::Resume => newest(),
        GoOn::BackToQueue => words::back_to_queue().to_owned(),
        GoOn::StartOver | GoOn::No => words::start_over().to_owned(),
    };
    let asked = RwSignal::new(false);
    let offer = RwSignal::new(Offer::default());
    let go = move |from: Option<String>| {
        spawn_local(async move {
            let id = run.id.get_value();
            match live.change(&id, api::resume_run(&id, from.as_deref())).await {
                Ok(_) => {}
                Err(error) => match Offer::of(&error) {
                    Some(found) => {
                        offer.try_set(found);
                        asked.try_set(true);
                    }
                    None => toaster.fail(&error),
                },
            }
        });
    };
    view! {
        <Show when=move || way.get() != GoOn::No>
            <button
                type="button"
                class="btn"
                class:primary=move || run.state() == RunState::Failed
                on:click=move |_| go(None)
            >
                <Icon name=IconName::Play />
                {word}
            </button>
        </Show>
        <ConfirmDialog
            open=asked
            title=Signal::derive(|| words::damaged().to_string())
            text=Signal::derive(move || offer.with(|offer| offer.why.clone()))
            verb=Signal::derive(move || offer.with(|offer| words::resume_at(&offer.from)))
            on_confirm=move |()| go(Some(offer.with_untracked(|offer| offer.from.clone())))
            harmless=true
        />
    }
}
