//! The field for further keys, which have no field of their own: lines of YAML, parsed as an imported file is.

use super::error_text::say;
use super::state::{Form, use_form};
use crate::api::{self, Answer};
use crate::i18n::{configs as words, said};
use crate::logic::form::{has_no_field, is_server_set};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::ParseRequest;
use protocol::config::{FieldError, KEYS, Parsed};
use protocol::{RunConfig, Said, says};

/// The outcome of reading the lines, beside the keys that were set.
#[derive(Debug, Clone, Default, PartialEq)]
struct Outcome {
    /// Keys that were set elsewhere in the form, mostly because they have a field of their own.
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
    let outcome = RwSignal::new(Outcome::default());
    // the lines that this field itself has set last; other ones come from elsewhere, and replace what was typed
    let own = StoredValue::new(lines.get_untracked());
    Effect::new(move || {
        let now = lines.get();
        if own.get_value() != now {
            own.set_value(now.clone());
            form.clear_further();
            outcome.set(Outcome::default());
        }
    });
    let read = move |typed: String| {
        form.unread.set(Some(typed.clone()));
        form.reading.set(true);
        spawn_local(async move {
            let answer: Answer<Parsed> = api::post("/api/parse", &ParseRequest { text: typed.clone() }).await;
            // the text was changed meanwhile, and is parsed by a later request
            if form.unread.try_get_untracked().flatten() != Some(typed) {
                return;
            }
            match answer {
                Ok(parsed) => outcome.set(take(form, own, parsed)),
                Err(error) => form
                    .further
                    .set(vec![FieldError::new("", "offline", Said::plain(error.message()))]),
            }
            form.reading.set(false);
        });
    };
    // lines of a stored draft that could not be used are parsed again, for their errors
    if let Some(typed) = form.unread.get_untracked() {
        read(typed);
    }
    let errors = move || form.further.get();
    // keys without an effect under the config
    let idle = move || {
        let set = KEYS.iter().filter(|key| has_no_field(key));
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
                    let Outcome { moved, notices } = outcome.get();
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

/// Sets the keys of the lines: those with a field are laid over the form, the others are set here. A key whose line is gone is reset.
fn take(form: Form, own: StoredValue<String>, mut parsed: Parsed) -> Outcome {
    let mut fields = RunConfig::default();
    let mut outcome = Outcome {
        notices: parsed.notices,
        ..Outcome::default()
    };
    form.draft.update(|draft| {
        for key in KEYS {
            let value = parsed.config.get(key.name);
            if has_no_field(key) {
                match value {
                    Some(value) => draft.put(key.name, value),
                    None => draft.reset(key.name),
                }
            } else if let Some(value) = value {
                if is_server_set(key.name) {
                    let said = says::key_is_the_boards(key.name);
                    parsed.errors.push(FieldError::new(key.name, "the_boards", said));
                } else if fields.set(key.name, &value).is_ok() {
                    outcome.moved.push(key.name);
                }
            }
        }
    });
    if !outcome.moved.is_empty() {
        form.overlay(&fields);
    }
    let defaults = form.defaults.get_untracked();
    let now = form.draft.with_untracked(|draft| draft.further(&defaults));
    own.set_value(now);
    if parsed.errors.is_empty() {
        form.unread.set(None);
    }
    form.further.set(parsed.errors);
    outcome
}
