//! A field for keys that have none of their own: lines of YAML, judged as an imported file is.

use super::said::say;
use super::state::{Form, use_form};
use crate::api::{self, Answer};
use crate::i18n::{configs as words, said};
use crate::logic::form::{is_further, is_servers};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::ParseRequest;
use protocol::config::{FieldError, KEYS, Parsed};
use protocol::{RunConfig, Said, says};

/// What became of the lines beside the keys that were set.
#[derive(Debug, Clone, Default, PartialEq)]
struct Told {
    /// Keys that are the form's to say elsewhere, mostly in a field of their own.
    moved: Vec<&'static str>,
    notices: Vec<Said>,
}

#[component]
pub fn Further() -> impl IntoView {
    let form = use_form();
    let lines = Memo::new(move |_| {
        form.defaults
            .with(|defaults| form.draft.with(|draft| draft.further(defaults)))
    });
    let text = Memo::new(move |_| form.unread.get().unwrap_or_else(|| lines.get()));
    let told = RwSignal::new(Told::default());
    // what this field itself has just set is no news to it
    let own = StoredValue::new(lines.get_untracked());
    Effect::new(move || {
        let now = lines.get();
        if own.get_value() != now {
            own.set_value(now.clone());
            form.drop_lines();
            told.set(Told::default());
        }
    });
    let read = move |typed: String| {
        form.unread.set(Some(typed.clone()));
        form.reading.set(true);
        spawn_local(async move {
            let answer: Answer<Parsed> = api::post("/api/parse", &ParseRequest { text: typed.clone() }).await;
            // typed on meanwhile: the later text is asked about too
            if form.unread.try_get_untracked().flatten() != Some(typed) {
                return;
            }
            match answer {
                Ok(parsed) => told.set(take(form, own, parsed)),
                Err(error) => form
                    .further
                    .set(vec![FieldError::new("", "offline", Said::plain(error.message()))]),
            }
            form.reading.set(false);
        });
    };
    // of a form that was left: what is wrong with them is told again
    if let Some(typed) = form.unread.get_untracked() {
        read(typed);
    }
    let errors = move || form.further.get();
    let idle = move || {
        let set = KEYS.iter().filter(|key| is_further(key));
        let set = set.filter(|key| form.draft.with(|draft| draft.is_set(key.name)) && !form.matters(key.name));
        let shown = set.filter(|key| lines.with(|lines| lines.contains(&format!("{}:", key.name))));
        shown.map(|key| key.name).collect::<Vec<_>>()
    };
    view! {
        <div class="field further" class:invalid=move || !errors().is_empty()>
            <label for="further-keys">{words::further}</label>
            <textarea
                id="further-keys"
                class="input mono"
                rows="3"
                spellcheck="false"
                placeholder="data_seed: 1"
                aria-describedby="further-note"
                aria-invalid=move || (!errors().is_empty()).to_string()
                prop:value=text
                on:change=move |event| read(event_target_value(&event))
            ></textarea>
            <ul class="import-list" id="further-note" aria-live="polite">
                {move || errors().into_iter().map(|error| view! { <li class="bad-text"><code>{error.field.clone()}</code>" "{say(&error)}</li> }).collect_view()}
                {move || {
                    let Told { moved, notices } = told.get();
                    let lines = (!moved.is_empty()).then(|| words::has_field(moved.join(", "))).into_iter();
                    let idle = idle();
                    let idle = (!idle.is_empty()).then(|| words::no_effect(idle.join(", ")));
                    let lines = lines.chain(notices.iter().map(said::say)).chain(idle);
                    lines.map(|line| view! { <li class="muted">{line}</li> }).collect_view()
                }}
                <li class="faint">{words::further_hint}</li>
            </ul>
        </div>
    }
}

/// Sets what the lines say: keys with a field there, the others here; those whose line is gone are as they were.
fn take(form: Form, own: StoredValue<String>, mut parsed: Parsed) -> Told {
    let mut fields = RunConfig::default();
    let mut told = Told {
        notices: parsed.notices,
        ..Told::default()
    };
    form.draft.update(|draft| {
        for key in KEYS {
            let value = parsed.config.get(key.name);
            if is_further(key) {
                match value {
                    Some(value) => draft.put(key.name, value),
                    None => draft.reset(key.name),
                }
            } else if let Some(value) = value {
                if is_servers(key.name) {
                    let said = says::key_is_the_boards(key.name);
                    parsed.errors.push(FieldError::new(key.name, "the_boards", said));
                } else if fields.set(key.name, &value).is_ok() {
                    told.moved.push(key.name);
                }
            }
        }
    });
    if !told.moved.is_empty() {
        form.lay_over(&fields);
    }
    let defaults = form.defaults.get_untracked();
    let now = form.draft.with_untracked(|draft| draft.further(&defaults));
    own.set_value(now);
    if parsed.errors.is_empty() {
        form.unread.set(None);
    }
    form.further.set(parsed.errors);
    told
}
