//! Merging checkpoints of the compared runs: the button with its dialog, and the progress.

mod draft;
mod form;

use crate::api;
use crate::fmt;
use crate::i18n::{compare as words, said};
use crate::links;
use crate::live::use_live;
use crate::ui::{Dialog, Icon, IconName, Progress, use_toaster};
use form::Form;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::{Combining, Merge};

/// The state of merging, which outlives the dialog.
#[derive(Clone, Copy)]
struct Shown {
    open: RwSignal<bool>,
    /// The merge that was started here, or was found going on.
    begun: RwSignal<Option<Combining>>,
    merge: Memo<Option<Merge>>,
}

#[component]
pub fn CombineButton(#[prop(into)] runs: Signal<Vec<String>>) -> impl IntoView {
    let live = use_live();
    let begun = RwSignal::new(None::<Combining>);
    let merge = Memo::new(move |_| {
        let begun = begun.get()?;
        let told = live.merges.with(|merges| merges.get(&begun.run).cloned());
        Some(told.unwrap_or(begun.merge))
    });
    let shown = Shown {
        open: RwSignal::new(false),
        begun,
        merge,
    };
    spawn_local(async move {
        let going = |combining: &Combining| matches!(combining.merge, Merge::Going { .. });
        let known = api::combining().await.unwrap_or_default();
        if let Some(combining) = known.into_iter().find(going) {
            begun.try_set(Some(combining));
        }
    });
    let label = move || match merge.get() {
        Some(Merge::Going { done, total }) => words::combining(fmt::percent(done as f64 / total.max(1) as f64)),
        _ => words::combine().to_owned(),
    };
    view! {
        <button type="button" id="combine" class="btn" on:click=move |_| shown.open.set(true)>
            {label}
        </button>
        <Dialog open=shown.open title=Signal::derive(|| words::combine_title().to_string())>
            {move || match merge.get().is_some() {
                true => view! { <Standing shown /> }.into_any(),
                false => view! { <Form shown runs /> }.into_any(),
            }}
        </Dialog>
    }
}

/// The state of the merge.
#[component]
fn Standing(shown: Shown) -> impl IntoView {
    let (live, toaster) = (use_live(), use_toaster());
    let run = move || {
        shown
            .begun
            .with(|begun| begun.as_ref().map(|begun| begun.run.clone()).unwrap_or_default())
    };
    let stop = move |_| {
        let run = run();
        spawn_local(async move {
            if let Err(error) = api::stop_merge(&run).await {
                toaster.fail(&error);
            }
        });
    };
    let made = move || {
        let row = live.runs.with(|runs| runs.get(&run()).cloned());
        let (name, base) = row.map_or_else(Default::default, |row| {
            row.with(|run| (run.name.clone(), run.config.model_name_or_path.clone()))
        });
        let models: Vec<String> = base.into_iter().chain([name.clone()]).collect();
        view! {
            <p role="status">{words::combine_done(name)}</p>
            <footer class="dialog-foot">
                <button type="button" class="btn" on:click=move |_| shown.begun.set(None)>{words::combine_title}</button>
                <a class="btn" href=links::run(&run())>{words::combine_open}</a>
                <a class="btn primary" href=links::chat(&models)>{words::combine_chat}</a>
            </footer>
        }
    };
    let share = Signal::derive(move || match shown.merge.get() {
        Some(Merge::Going { done, total }) if total > 0 => Some(done as f64 / total as f64),
        _ => None,
    });
    let again = move || {
        view! {
            <footer class="dialog-foot">
                <button type="button" class="btn" on:click=move |_| shown.begun.set(None)>{words::combine_title}</button>
            </footer>
        }
    };
    view! {
        <div class="stack" id="combine-standing">
            <p class="muted">
                {move || shown.begun.with(|begun| begun.as_ref().map(|begun| format!("{}: {}", begun.method, begun.from.join(", "))))}
            </p>
            {move || match shown.merge.get() {
                Some(Merge::Going { .. }) => {
                    view! {
                        <Progress share label=Signal::derive(|| words::combine_title().to_string()) />
                        <footer class="dialog-foot">
                            <button type="button" class="btn" on:click=stop>
                                <Icon name=IconName::Stop />
                                {words::combine_stop}
                            </button>
                        </footer>
                    }
                        .into_any()
                }
                Some(Merge::Done { .. }) => made().into_any(),
                Some(Merge::Failed { said, .. }) => {
                    view! {
                        <p class="bad-text" role="alert">{said::say(&said)}</p>
                        {again()}
                    }
                        .into_any()
                }
                _ => {
                    view! {
                        <p role="status">{words::combine_stopped}</p>
                        {again()}
                    }
                        .into_any()
                }
            }}
        </div>
    }
}
