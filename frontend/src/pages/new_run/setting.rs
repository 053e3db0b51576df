//! One field of the form: its label, a dot and a reset button where its value was changed, its control, and its error.

use super::error_text::say;
use super::settings::settings;
use super::several::{Chips, Toggle, Words};
use super::state::{Form, use_form};
use crate::app::use_shell;
use crate::i18n::keys::{self, KeyWords};
use crate::i18n::{new_run as words, reference as reference_words};
use crate::logic::form::{same_text, text_of};
use crate::ui::{Icon, IconName, marked};
use leptos::ev;
use leptos::prelude::*;
use protocol::config::{Group, Key, Kind, Place};

/// The kind of control by which a key is set.
#[derive(Clone, Copy, PartialEq)]
enum Control {
    Number,
    Text,
    Flag,
    Choice,
}

impl Control {
    /// The control for a key's type; a key whose values have labels is chosen from them.
    fn of(key: &Key) -> Self {
        let named = KeyWords::of(key.name).is_some_and(|words| words.values().next().is_some());
        match key.kind {
            Kind::Flag => Self::Flag,
            _ if named => Self::Choice,
            Kind::Count | Kind::Number => Self::Number,
            Kind::Text | Kind::Map | Kind::FlagOrNull => Self::Text,
        }
    }
}

/// The options of a key, `(value, label)`: the values that the rule book takes under the config as it is.
fn choices(form: Form, key: &'static Key) -> Vec<(String, String)> {
    let names = form.choices(key.name);
    let own = KeyWords::of(key.name);
    let known = own.into_iter().flat_map(KeyWords::values);
    let known = known.filter(|value| value.is_empty() || key.kind == Kind::FlagOrNull || names.contains(value));
    let mut all: Vec<(String, String)> = known
        .map(|value| {
            (
                value.to_owned(),
                own.and_then(|own| own.choice(value)).unwrap_or(value).to_owned(),
            )
        })
        .collect();
    // values without labels are the same in every language
    if all.iter().all(|(value, _)| value.is_empty()) {
        all.extend(names.iter().map(|name| ((*name).to_owned(), (*name).to_owned())));
    }
    all.extend(form.more_choices(key.name));
    // the present value may be another one: a file, an older name, or a text of one's own
    let chosen = form.text(key.name);
    if all.iter().all(|(value, _)| *value != chosen) && !chosen.is_empty() {
        let label = match chosen.contains('\n') {
            true => words::own_written().to_owned(),
            false => chosen.clone(),
        };
        all.push((chosen, label));
    }
    all
}

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
    let input = match control {
        Control::Flag => {
            let on = move || shown.get() == "true";
            let put = move |event| form.type_in(key, if event_target_checked(&event) { "true" } else { "false" });
            view! {
                <label class="check">
                    <input id=id.clone() type="checkbox" aria-describedby=note.clone() prop:checked=on on:change=put />
                    <span title=key>{label}</span>
                </label>
            }
            .into_any()
        }
        Control::Choice => {
            let put = move |event| form.type_in(key, &event_target_value(&event));
            let options = move || {
                let chosen = shown.get();
                let option = |(value, word): (String, String)| {
                    let why = form.unavailable(key, &value);
                    let (disabled, selected) = (why.is_some(), value == chosen);
                    let text = match why {
                        Some(why) => format!("{word} ({why})"),
                        None => word,
                    };
                    view! { <option value=value selected=selected disabled=disabled>{text}</option> }
                };
                choices(form, setting).into_iter().map(option).collect_view()
            };
            view! {
                <span class="select">
                    <select id=id.clone() aria-describedby=note.clone() aria-invalid=move || invalid().to_string() prop:value=shown on:change=put>
                        {options}
                    </select>
                </span>
            }
            .into_any()
        }
        Control::Number | Control::Text => {
            // the typed text stays as it is while it means the present value
            let typed = RwSignal::new(shown.get_untracked());
            Effect::new(move || {
                let value = shown.get();
                if !same_text(&typed.get_untracked(), &value) {
                    typed.set(value);
                }
            });
            let put = move |event| {
                let text = event_target_value(&event);
                typed.set(text.clone());
                form.type_in(key, &text);
            };
            let number = control == Control::Number;
            let list = format!("{id}-list");
            // without suggestions, `list` is left out, so that the field is not announced as a combobox
            let named = list.clone();
            let suggested = move || (!form.suggestions(key).is_empty()).then(|| named.clone());
            let options = move || {
                let names = form.suggestions(key).into_iter();
                names.map(|name| view! { <option value=name></option> }).collect_view()
            };
            view! {
                <input
                    list=suggested
                    id=id.clone()
                    class="input"
                    class:num=number
                    inputmode=number.then_some("decimal")
                    autocomplete="off"
                    spellcheck="false"
                    aria-describedby=note.clone()
                    aria-invalid=move || invalid().to_string()
                    prop:value=typed
                    on:input=put
                />
                <datalist id=list>{options}</datalist>
            }
            .into_any()
        }
    };
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
