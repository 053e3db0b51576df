//! One field of the form: its label, a dot and a reset button where its value was changed, its control, and its error.

mod control;

use super::error_text::say;
use super::settings::settings;
use super::several::{Chips, Toggle, Words};
use super::state::use_form;
use crate::app::use_shell;
use crate::i18n::keys::{self, KeyWords};
use crate::i18n::{new_run as words, reference as reference_words};
use crate::logic::form::text_of;
use crate::ui::{Icon, IconName, marked};
use control::{Bound, Control};
use leptos::ev;
use leptos::prelude::*;
use protocol::config::{Group, Key, Place};

/// The id of a key's control.
pub fn control_id(key: &str) -> String {
    format!("field-{key}")
}

/// The fields of these groups that count under the config, in a grid.
#[component]
pub fn Settings(groups: &'static [Group], #[prop(default = Place::Field)] place: Place) -> impl IntoView {
    let form = use_form();
    let fields = settings(groups, place)
        .map(|key| {
            let shown = Memo::new(move |_| form.matters(key.name));
            view! {
                <Show when=move || shown.get()>
                    <SettingField setting=key />
                </Show>
            }
        })
        .collect_view();
    view! { <div class="settings">{fields}</div> }
}

#[component]
pub fn SettingField(setting: &'static Key) -> impl IntoView {
    let form = use_form();
    let reference = use_shell().reference;
    let key = setting.name;
    let control = Control::of(setting);
    let label = move || keys::label(key);
    let hint = move || KeyWords::of(key).map_or("", KeyWords::hint);
    let id = control_id(key);
    let error = Memo::new(move |_| form.error(key).map(|error| (error.code.clone(), error)));
    let wrong = move || error.get().map(|(_, error)| say(&error));
    let changed = Memo::new(move |_| form.is_changed(key));
    let shown = Memo::new(move |_| form.text(key));
    let back = move || {
        let default = form.defaults.with(|defaults| text_of(defaults.get(key).as_ref()));
        match default.as_str() {
            "" | "false" => words::back_to_none().to_owned(),
            _ => words::back_to(default),
        }
    };
    let note = format!("{id}-note");
    let invalid = move || error.with(Option::is_some);
    let bound = Bound {
        form,
        setting,
        id: id.clone(),
        note: note.clone(),
        shown,
        invalid: Signal::derive(invalid),
    };
    let input = bound.view(control);
    let flag = control == Control::Flag;
    // several values of a choice or a text are typed into another field; a number's own field takes them
    let needs_own_field = control != Control::Number;
    let has_several = Memo::new(move |_| needs_own_field && form.draft.with(|draft| draft.several(key).is_some()));
    let (words_id, words_note) = (format!("{id}-several"), note.clone());
    let help = move |event: ev::KeyboardEvent| {
        if event.key() == "F1" {
            event.prevent_default();
            reference.at(key);
        }
    };
    view! {
        <div class="field setting" class:flag=flag class:invalid=invalid class:changed=changed data-key=key on:keydown=help>
            <div class="setting-head">
                {(!flag).then(|| view! { <label for=id title=key>{label}</label> })}
                <button
                    type="button"
                    class="setting-about"
                    tabindex="-1"
                    aria-label=move || reference_words::about(key)
                    title=move || reference_words::about(key)
                    on:click=move |_| reference.at(key)
                >
                    <Icon name=IconName::Info />
                </button>
                <Toggle key />
                <Show when=move || changed.get()>
                    <span class="setting-dot" title=words::changed></span>
                    <button type="button" class="setting-back" on:click=move |_| form.reset(key)>{back}</button>
                </Show>
            </div>
            <div class="stack" style:display=move || has_several.get().then_some("none")>{input}</div>
            <Show when=move || has_several.get()>
                <Words key id=words_id.clone() note=words_note.clone() />
            </Show>
            <Chips key />
            <p class="field-note" id=note aria-live="polite">{move || marked(&wrong().unwrap_or_else(|| hint().to_owned()))}</p>
        </div>
    }
}

/// The advanced settings of these groups, folded.
#[component]
pub fn Advanced(groups: &'static [Group]) -> impl IntoView {
    let form = use_form();
    let all = move || settings(groups, Place::Advanced);
    let changed = move || all().any(|key| form.is_changed(key.name));
    let any = Memo::new(move |_| all().any(|key| form.matters(key.name)));
    view! {
        <Show when=move || any.get()>
            <details class="advanced">
                <summary>
                    {words::advanced}
                    {move || changed().then(|| view! { <span class="setting-dot" title=words::changed></span> })}
                </summary>
                <Settings groups place=Place::Advanced />
            </details>
        </Show>
    }
}
