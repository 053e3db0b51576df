//! The dialog that imports a YAML file: pasted, from a file, or a preset. Every key that it cannot take is named.

use super::error_text::say;
use super::state::use_form;
use crate::api::{self, Answer};
use crate::browser;
use crate::fetched::Refetch;
use crate::i18n::{Word, new_run as words, said};
use crate::logic::form::{Draft, with_least};
use crate::ui::{Dialog, ErrorNote, Icon, IconName, use_toaster};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::{ParseRequest, Preset};
use protocol::config::{FieldError, KEYS, Parsed, check};

#[component]
pub fn Import(open: RwSignal<bool>) -> impl IntoView {
    view! {
        <Dialog open title=Signal::derive(|| words::import_title().to_string())>
            <Body open />
        </Dialog>
    }
}

#[component]
fn Body(open: RwSignal<bool>) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let answer = RwSignal::new(None::<Answer<Parsed>>);
    let file = NodeRef::<html::Input>::new();
    let ask = move || {
        let text = text.get_untracked();
        async move { api::post("/api/parse", &ParseRequest { text }).await }
    };
    let parsing = Refetch::new(ask, move |parsed: Answer<Parsed>| answer.set(Some(parsed)));
    // changed text makes the answer to the old one invalid
    let set_text = move |new: String| {
        text.set(new);
        parsing.forget();
        answer.set(None);
    };
    let parse_text = move |new: String| {
        set_text(new);
        parsing.now();
    };
    let choose = move |_| {
        let chosen = file
            .get_untracked()
            .and_then(|input| input.files())
            .and_then(|files| files.get(0));
        if let Some(chosen) = chosen {
            spawn_local(async move {
                if let Some(content) = browser::file_text(&chosen).await {
                    parse_text(content);
                }
            });
        }
    };
    view! {
        <div class="stack import">
            <p class="muted">{words::import_text}</p>
            <Presets on_choose=parse_text />
            <textarea
                id="import-text"
                class="textarea mono"
                rows="12"
                spellcheck="false"
                aria-label=words::import_title
                prop:value=text
                on:input=move |event| set_text(event_target_value(&event))
            ></textarea>
            <div class="row">
                <input node_ref=file class="sr" type="file" id="import-file" accept=".yaml,.yml,.json,.txt" on:change=choose />
                <label class="btn" for="import-file">
                    <Icon name=IconName::File />
                    {words::import_file}
                </label>
                <span class="grow"></span>
                <button type="button" class="btn" id="import-read" disabled=move || text.with(|text| text.trim().is_empty()) on:click=move |_| parsing.now()>
                    {words::read}
                </button>
            </div>
            <Reading answer open />
        </div>
    }
}

/// The presets to start from.
#[component]
fn Presets(#[prop(into)] on_choose: Callback<String>) -> impl IntoView {
    let presets = LocalResource::new(|| async { api::get::<Vec<Preset>>("/api/presets").await.unwrap_or_default() });
    move || {
        let list = presets.get().unwrap_or_default();
        (!list.is_empty()).then(|| {
            let buttons = list
                .into_iter()
                .map(|preset| {
                    view! {
                        <button type="button" class="chip" on:click=move |_| on_choose.run(preset.yaml.clone())>{preset.name.clone()}</button>
                    }
                })
                .collect_view();
            view! { <p class="row wrap"><span class="faint">{words::presets}</span>{buttons}</p> }
        })
    }
}

/// What was read of the text, and the button that uses it.
#[component]
fn Reading(answer: RwSignal<Option<Answer<Parsed>>>, open: RwSignal<bool>) -> impl IntoView {
    let (form, toaster) = (use_form(), use_toaster());
    // by default, a few lines are laid over the form, and a whole file replaces it
    let over = RwSignal::new(false);
    Effect::new(move || {
        if let Some(Ok(parsed)) = answer.get() {
            over.set(parsed.config.model_name_or_path.is_none() && parsed.config.dataset.is_none());
        }
    });
    let apply = move |_| {
        if let Some(Ok(parsed)) = answer.get_untracked() {
            if over.get_untracked() {
                form.overlay(&parsed.config);
            } else {
                form.load(&parsed.config);
                form.origin.set(None);
            }
            open.set(false);
            toaster.say(words::imported());
        }
    };
    move || {
        answer.get().map(|answer| match answer {
            Err(error) => view! { <ErrorNote error /> }.into_any(),
            Ok(parsed) => {
                let clean = parsed.errors.is_empty();
                let some = keys(&parsed) > 0;
                view! {
                    <Outcome parsed over />
                    <ImportMode over />
                    <footer class="dialog-foot">
                        <button type="button" class="btn primary" id="import-use" disabled=!some on:click=apply>
                            {if clean { words::use_it } else { words::use_rest }}
                        </button>
                    </footer>
                }
                .into_any()
            }
        })
    }
}

fn keys(parsed: &Parsed) -> u64 {
    KEYS.iter().filter(|key| parsed.config.get(key.name).is_some()).count() as u64
}

/// The choice whether the file is laid over what is in the form, or replaces it.
#[component]
fn ImportMode(over: RwSignal<bool>) -> impl IntoView {
    let choice = move |value: bool, id: &'static str, word: Word| {
        view! {
            <label class="check" for=id>
                <input type="radio" name="import-manner" id=id prop:checked=move || over.get() == value on:change=move |_| over.set(value) />
                <span>{word}</span>
            </label>
        }
    };
    view! {
        <div class="row wrap manner" role="radiogroup" aria-label=words::manner>
            {choice(false, "import-instead", words::import_instead)}
            {choice(true, "import-over", words::import_over)}
        </div>
    }
}

#[component]
fn Outcome(parsed: Parsed, over: RwSignal<bool>) -> impl IntoView {
    let form = use_form();
    let count = keys(&parsed);
    let line = |error: FieldError| view! { <li class="bad-text"><code>{error.field.clone()}</code>" "{say(&with_least(error))}</li> };
    let alone = parsed.config.clone();
    let judged = Memo::new(move |_| {
        if over.get() {
            form.overlaid_config(&alone)
        } else {
            alone.clone()
        }
    });
    let conflicts = move || {
        let conflicts = judged.with(check).spec.err().unwrap_or_default();
        // the form asks for missing keys anyway
        let conflicts: Vec<_> = conflicts.into_iter().filter(|error| error.code != "required").collect();
        (!conflicts.is_empty()).then(|| {
            let count = conflicts.len() as u64;
            view! {
                <p class="muted">{words::import_conflicts(count)}</p>
                <ul class="import-list" id="import-conflicts">{conflicts.into_iter().map(line).collect_view()}</ul>
            }
        })
    };
    let errors = parsed.errors.into_iter().map(line).collect_view();
    // the file's own, and those of keys without an effect, which the form leaves out
    let notices = move || {
        let usual = judged.with(|config| check(&Draft::of(config).method.recommended(form.scale.get())).notices);
        let of_settings = judged.with(check).notices.into_iter();
        let of_settings = of_settings.filter(|notice| !usual.contains(notice) && !parsed.notices.contains(notice));
        let all = parsed.notices.iter().cloned().chain(of_settings);
        all.map(|notice| view! { <li class="muted">{said::say(&notice)}</li> })
            .collect_view()
    };
    view! {
        <p class="num">{words::keys_read(count)}</p>
        <ul class="import-list" id="import-outcome">
            {errors}
            {notices}
        </ul>
        {conflicts}
    }
}
