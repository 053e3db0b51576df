//! The control by which a key is set: a box, a list, a line of text.

use crate::i18n::keys::{self, KeyWords};
use crate::i18n::new_run as words;
use crate::logic::form::same_text;
use crate::pages::new_run::state::Form;
use leptos::prelude::*;
use protocol::config::{Key, ValueType};

/// The kind of control by which a key is set.
#[derive(Clone, Copy, PartialEq)]
pub enum Control {
    Number,
    Text,
    Flag,
    Choice,
}

impl Control {
    /// The control for a key's type; a key whose values have labels is chosen from them.
    pub fn of(key: &Key) -> Self {
        let named = KeyWords::of(key.name).is_some_and(|words| words.values().next().is_some());
        match key.kind {
            ValueType::Flag => Self::Flag,
            _ if named => Self::Choice,
            ValueType::Count | ValueType::Number => Self::Number,
            ValueType::Text | ValueType::Map | ValueType::FlagOrNull => Self::Text,
        }
    }
}

/// The options of a key, `(value, label)`: the values that the rule book takes under the config as it is.
fn choices(form: Form, key: &'static Key) -> Vec<(String, String)> {
    let names = form.choices(key.name);
    let own = KeyWords::of(key.name);
    let known = own.into_iter().flat_map(KeyWords::values);
    let known = known.filter(|value| value.is_empty() || key.kind == ValueType::FlagOrNull || names.contains(value));
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

/// A control and what it is bound to.
pub struct Bound {
    pub form: Form,
    pub setting: &'static Key,
    /// The id of the control, and of the note beneath it.
    pub id: String,
    pub note: String,
    /// The text of the present value.
    pub shown: Memo<String>,
    pub invalid: Signal<bool>,
}

impl Bound {
    pub fn view(self, control: Control) -> AnyView {
        match control {
            Control::Flag => self.flag(),
            Control::Choice => self.choice(),
            Control::Number => self.line(true),
            Control::Text => self.line(false),
        }
    }

    fn flag(self) -> AnyView {
        let Self {
            form,
            setting,
            id,
            note,
            shown,
            ..
        } = self;
        let key = setting.name;
        let label = move || keys::label(key);
        let on = move || shown.get() == "true";
        let put = move |event| form.type_in(key, if event_target_checked(&event) { "true" } else { "false" });
        view! {
            <label class="check">
                <input id=id type="checkbox" aria-describedby=note prop:checked=on on:change=put />
                <span title=key>{label}</span>
            </label>
        }
        .into_any()
    }

    fn choice(self) -> AnyView {
        let Self {
            form,
            setting,
            id,
            note,
            shown,
            invalid,
        } = self;
        let key = setting.name;
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
                <select id=id aria-describedby=note aria-invalid=move || invalid.get().to_string() prop:value=shown on:change=put>
                    {options}
                </select>
            </span>
        }
        .into_any()
    }

    fn line(self, number: bool) -> AnyView {
        let Self {
            form,
            setting,
            id,
            note,
            shown,
            invalid,
        } = self;
        let key = setting.name;
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
                id=id
                class="input"
                class:num=number
                inputmode=number.then_some("decimal")
                autocomplete="off"
                spellcheck="false"
                aria-describedby=note
                aria-invalid=move || invalid.get().to_string()
                prop:value=typed
                on:input=put
            />
            <datalist id=list>{options}</datalist>
        }
        .into_any()
    }
}
