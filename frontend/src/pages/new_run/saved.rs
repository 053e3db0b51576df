//! The dialog of saved configs: saving one under a name, loading, renaming, downloading, deleting with an Undo.

use super::error_text::say;
use super::state::{Form, use_form};
use super::stored::Origin;
use crate::api::{self, ApiError};
use crate::browser;
use crate::fetched::{Fetched, Refetch};
use crate::fmt;
use crate::i18n::{common, configs as words, said};
use crate::logic::diff::differences;
use crate::trash::toast_with_undo;
use crate::ui::{Dialog, ErrorNote, Icon, IconName, Skeleton, TextField, Toaster, use_toaster};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::RunConfig;
use protocol::api::{SaveConfig, SavedConfig};

#[component]
pub fn Saved(open: RwSignal<bool>) -> impl IntoView {
    view! {
        <Dialog open title=Signal::derive(|| words::title().to_string())>
            <Body open />
        </Dialog>
    }
}

#[component]
fn Body(open: RwSignal<bool>) -> impl IntoView {
    let Fetched { answer, refetch } = Fetched::start(api::configs);
    let list = move || match answer.get() {
        None => view! { <Skeleton lines=3 /> }.into_any(),
        Some(Err(error)) => view! { <ErrorNote error on_retry=move |()| refetch.now() /> }.into_any(),
        Some(Ok(all)) if all.is_empty() => view! { <p class="muted">{words::empty}</p> }.into_any(),
        Some(Ok(all)) => {
            let rows = all
                .into_iter()
                .map(|saved| view! { <SavedRow saved open list=refetch /> });
            view! { <ul class="saved-list" id="saved-configs">{rows.collect_view()}</ul> }.into_any()
        }
    };
    view! {
        <div class="stack saved">
            <Save list=refetch />
            {list}
            <p class="faint">{words::folder_hint}</p>
        </div>
    }
}

/// The form that saves the config under a name.
#[component]
fn Save(list: Refetch) -> impl IntoView {
    let (form, toaster) = (use_form(), use_toaster());
    let first = form.config.with_untracked(|config| config.run_name.clone());
    let name = RwSignal::new(first.unwrap_or_default());
    let error = RwSignal::new(None::<ApiError>);
    let taken = move || error.with(|error| error.as_ref().is_some_and(|error| error.code() == "config_taken"));
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let called = name.get_untracked().trim().to_owned();
        let replace = untrack(taken);
        spawn_local(async move {
            form.further_settled().await;
            let Some(text) = form.config.try_with_untracked(RunConfig::to_yaml) else {
                return;
            };
            let request = SaveConfig { text, replace };
            match api::save_config(&called, &request).await {
                Ok(_) => {
                    error.try_set(None);
                    list.now();
                    toaster.say(words::saved(called));
                }
                Err(why) => drop(error.try_set(Some(why))),
            }
        });
    };
    let said = Signal::derive(move || error.with(|error| error.as_ref().map(ApiError::message)));
    view! {
        <form class="saved-new" on:submit=save>
            <TextField
                label=words::name
                control="config-name"
                hint=words::name_hint
                value=name
                error=said
                on_type=move |_| error.set(None)
            />
            <button type="submit" class="btn primary" id="config-save" disabled=move || name.with(|name| name.trim().is_empty())>
                {move || if taken() { words::replace() } else { common::save() }}
            </button>
        </form>
        <Show when=move || form.sweeps.get()>
            <p class="note">{words::one_value_each}</p>
        </Show>
    }
}

/// The row of a saved config.
#[component]
fn SavedRow(saved: SavedConfig, open: RwSignal<bool>, list: Refetch) -> impl IntoView {
    let (form, toaster) = (use_form(), use_toaster());
    let saved = StoredValue::new(saved);
    let name = saved.with_value(|saved| saved.name.clone());
    let renaming = RwSignal::new(false);
    let load_into_form = move |_| {
        saved.with_value(|saved| load(form, toaster, saved));
        open.set(false);
    };
    let delete = move |_| {
        spawn_local(async move {
            match api::delete_config(&saved.with_value(|saved| saved.name.clone())).await {
                Ok(gone) => {
                    list.now();
                    toast_with_undo(toaster, vec![gone], move || list.now());
                }
                Err(error) => toaster.fail(&error),
            }
        });
    };
    let bad = saved.with_value(|saved| saved.parsed.errors.len()) as u64;
    view! {
        <li data-name=name.clone()>
            <div class="grow saved-what">
                <Show
                    when=move || renaming.get()
                    fallback=move || view! { <b class="clip">{saved.with_value(|saved| saved.name.clone())}</b> }
                >
                    <Rename saved renaming list />
                </Show>
                <span class="faint clip">{saved.with_value(|saved| about(&saved.parsed.config))}</span>
                {(bad > 0).then(|| view! { <span class="bad-text">{move || words::not_taken_n(bad)}</span> })}
            </div>
            <span class="faint num wide">{move || fmt::ago(saved.with_value(|saved| saved.changed), browser::now())}</span>
            <button type="button" class="btn small" on:click=load_into_form>{words::load}</button>
            <a class="btn ghost icon small" href=api::config_path(&name) download="" aria-label=words::download title=words::download>
                <Icon name=IconName::Download />
            </a>
            <button
                type="button"
                class="btn ghost icon small"
                aria-label=words::rename
                title=words::rename
                on:click=move |_| renaming.update(|on| *on = !*on)
            >
                <Icon name=IconName::Edit />
            </button>
            <button type="button" class="btn ghost icon small" aria-label=common::delete title=common::delete on:click=delete>
                <Icon name=IconName::Trash />
            </button>
        </li>
    }
}

#[component]
fn Rename(saved: StoredValue<SavedConfig>, renaming: RwSignal<bool>, list: Refetch) -> impl IntoView {
    let toaster = use_toaster();
    let name = RwSignal::new(saved.with_value(|saved| saved.name.clone()));
    let rename = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        spawn_local(async move {
            let from = saved.with_value(|saved| saved.name.clone());
            match api::rename_config(&from, &name.get_untracked()).await {
                Ok(_) => {
                    renaming.try_set(false);
                    list.now();
                }
                Err(error) => toaster.fail(&error),
            }
        });
    };
    view! {
        <form class="row" on:submit=rename>
            <input
                class="input grow"
                aria-label=words::new_name
                autofocus=true
                prop:value=name
                on:input=move |event| name.set(event_target_value(&event))
            />
            <button type="submit" class="btn small">{common::save}</button>
        </form>
    }
}

/// What a config trains, in a line: its method, model and data set.
fn about(config: &RunConfig) -> String {
    let method = config.pref_loss.as_ref().or(config.stage.as_ref());
    let parts = [method, config.model_name_or_path.as_ref(), config.dataset.as_ref()];
    let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    parts.join(" · ")
}

/// Loads a config into the form, which then shows what changed, with an Undo. A config without model and data set is laid over what is
/// in the form.
fn load(form: Form, toaster: Toaster, saved: &SavedConfig) {
    let (before, was) = (form.snapshot(), form.config.get_untracked());
    let config = &saved.parsed.config;
    if config.model_name_or_path.is_none() && config.dataset.is_none() {
        form.overlay(config);
    } else {
        form.load(config);
    }
    let now = form.config.get_untracked();
    let dash = |text: &String| {
        if text.is_empty() {
            "–".to_owned()
        } else {
            text.clone()
        }
    };
    let changes = differences(&[was, now]).into_iter().map(|(key, values)| {
        let values: Vec<String> = values.iter().map(dash).collect();
        format!("{key} {}", values.join(" → "))
    });
    let errors = saved
        .parsed
        .errors
        .iter()
        .map(|error| format!("{}: {}", error.field, say(error)));
    let unread = errors.chain(saved.parsed.notices.iter().map(said::say)).collect();
    form.origin.set(Some(Origin::Saved {
        name: saved.name.clone(),
        changes: changes.collect(),
        unread,
    }));
    toaster.say_with_action(words::loaded(&saved.name), common::undo, move || {
        form.restore(before.clone())
    });
}
