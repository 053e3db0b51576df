//! One field of the form: label, mark of a changed value with the way back, control, and what is wrong with it.

use super::said::say;
use super::state::use_form;
use crate::i18n::new_run as words;
use crate::logic::form::{same_text, text_of};
use leptos::prelude::*;

/// Values of a choice, with their words.
pub type Choices = &'static [(&'static str, fn() -> &'static str)];

/// How a key is set.
#[derive(Clone, Copy)]
pub enum Control {
    Number,
    Text,
    Flag,
    Choice(Choices),
    /// One of `names`, which are the same in every language; or none.
    Name {
        none: fn() -> &'static str,
        names: &'static [&'static str],
    },
}

/// A key as the form shows it.
#[derive(Clone, Copy)]
pub struct Setting {
    pub key: &'static str,
    pub label: fn() -> &'static str,
    pub hint: fn() -> &'static str,
    pub control: Control,
}

/// The id of a key's control.
pub fn control_id(key: &str) -> String {
    format!("field-{key}")
}

/// The settings that have a meaning for the method and adapter chosen, in a grid.
#[component]
pub fn Settings(settings: &'static [Setting]) -> impl IntoView {
    let form = use_form();
    let fields = settings
        .iter()
        .map(|setting| {
            let shown = Memo::new(move |_| form.matters(setting.key));
            view! {
                <Show when=move || shown.get()>
                    <SettingField setting=*setting />
                </Show>
            }
        })
        .collect_view();
    view! { <div class="settings">{fields}</div> }
}

#[component]
pub fn SettingField(setting: Setting) -> impl IntoView {
    let form = use_form();
    let Setting {
        key,
        label,
        hint,
        control,
    } = setting;
    let id = control_id(key);
    let error = Memo::new(move |_| form.error(key).map(|error| (error.code.clone(), error)));
    let wrong = move || error.get().map(|(_, error)| say(&error));
    let changed = Memo::new(move |_| form.changed(key));
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
                    <input id=id.clone() type="checkbox" prop:checked=on on:change=put />
                    <span title=key>{label}</span>
                </label>
            }
            .into_any()
        }
        Control::Choice(choices) => {
            let put = move |event| form.type_in(key, &event_target_value(&event));
            let options = move || {
                let chosen = shown.get();
                let all = choices
                    .iter()
                    .map(|(value, word)| ((*value).to_owned(), word().to_owned()));
                let all = all.chain(form.more_choices(key));
                let option = |(value, word): (String, String)| {
                    let why = form.unavailable(key, &value);
                    let (disabled, selected) = (why.is_some(), value == chosen);
                    let text = match why {
                        Some(why) => format!("{word} ({why})"),
                        None => word,
                    };
                    view! { <option value=value selected=selected disabled=disabled>{text}</option> }
                };
                all.map(option).collect_view()
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
        Control::Name { none, names } => {
            let put = move |event| form.type_in(key, &event_target_value(&event));
            let options = move || {
                let chosen = shown.get();
                let option = |name: &'static str| {
                    view! { <option value=name selected=name == chosen>{name}</option> }
                };
                let own = view! { <option value="" selected=chosen.is_empty()>{none}</option> };
                // a value that is none of the names: a file, or what a person wrote
                let other = (!chosen.is_empty() && !names.contains(&chosen.as_str())).then(|| {
                    let label = match chosen.contains('\n') {
                        true => words::own_written().to_owned(),
                        false => chosen.clone(),
                    };
                    view! { <option value=chosen.clone() selected=true>{label}</option> }
                });
                (own, other, names.iter().copied().map(option).collect_view())
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
            // what is being typed stays as typed while it means the value in force
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
            let number = matches!(control, Control::Number);
            let list = format!("{id}-list");
            // a field without suggestions is no box to choose from
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
    let flag = matches!(control, Control::Flag);
    view! {
        <div class="field setting" class:flag=flag class:invalid=invalid class:changed=changed data-key=key>
            <div class="setting-head">
                {(!flag).then(|| view! { <label for=id title=key>{label}</label> })}
                <Show when=move || changed.get()>
                    <span class="setting-dot" title=words::changed></span>
                    <button type="button" class="setting-back" on:click=move |_| form.reset(key)>{back}</button>
                </Show>
            </div>
            {input}
            <p class="field-note" id=note aria-live="polite">{move || wrong().unwrap_or_else(|| hint().to_owned())}</p>
        </div>
    }
}

/// Settings most people leave alone.
#[component]
pub fn Advanced(settings: &'static [Setting]) -> impl IntoView {
    let form = use_form();
    let count = move || settings.iter().filter(|setting| form.changed(setting.key)).count();
    let any = Memo::new(move |_| settings.iter().any(|setting| form.matters(setting.key)));
    view! {
        <Show when=move || any.get()>
            <details class="advanced">
                <summary>
                    {words::advanced}
                    {move || (count() > 0).then(|| view! { <span class="setting-dot" title=words::changed></span> })}
                </summary>
                <Settings settings />
            </details>
        </Show>
    }
}
