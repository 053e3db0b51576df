//! The section "Model": a model that is here, a path, or the name of a hub's model.

use super::error_text::say;
use super::setting::control_id;
use super::state::use_form;
use crate::fmt;
use crate::i18n::{self, new_run as words};
use crate::pages::models::ModelSelect;
use crate::ui::catalogue::{HubSearch, Pick};
use crate::ui::hub::{HubDownload, hub_request, is_hub_name};
use crate::ui::{ErrorNote, Icon, IconName, Skeleton};
use leptos::prelude::*;
use protocol::api::{HubRequest, ModelOrigin};
use protocol::hub::Kind;
use protocol::memory::layer_names;

const KEY: &str = "model_name_or_path";
const TEMPLATE: &str = "template";

#[component]
pub fn ModelSection() -> impl IntoView {
    let form = use_form();
    let writing = RwSignal::new(false);
    let value = Signal::derive(move || {
        form.config
            .with(|config| config.model_name_or_path.clone().unwrap_or_default())
    });
    let error = move || form.error(KEY).map(|error| say(&error));
    let models = Signal::derive(move || form.models.get().and_then(Result::ok).unwrap_or_default());
    let label = Signal::derive(|| words::choose_model().to_string());
    // a name that is not in the list was typed or came with a file
    Effect::new(move || {
        let known = |id: &str| models.with(|models| models.is_empty() || models.iter().any(|model| model.id == id));
        let id = value.get();
        if !id.is_empty() && !known(&id) {
            writing.set(true);
        }
    });
    // the catalogue's entry that was picked, which knows its hub
    let picked = RwSignal::new(None::<HubRequest>);
    // the template that the last picked model set; one that the person chose stays
    let template = StoredValue::new(None::<String>);
    let take_template = move |wanted: Option<String>| {
        let (now, changed) = untrack(|| (form.text(TEMPLATE), form.is_changed(TEMPLATE)));
        if changed && template.with_value(|set| set.as_deref() != Some(now.as_str())) {
            return;
        }
        match &wanted {
            Some(wanted) => form.put(TEMPLATE, wanted),
            None => form.reset(TEMPLATE),
        }
        template.set_value(wanted);
    };
    let hub = Memo::new(move |_| {
        let name = value.get();
        let here = models.with(|models| models.iter().any(|model| model.id == name));
        let usual = form
            .system
            .with(|system| system.as_ref()?.as_ref().ok().map(|system| system.hub));
        let request = hub_request(Kind::Model, &name, usual.unwrap_or_default())?;
        let request = picked.get().filter(|picked| picked.name == name).unwrap_or(request);
        (!here && is_hub_name(&name)).then_some(request)
    });
    view! {
        <section class="form-section" id="section-model" aria-labelledby="head-model">
            <h2 id="head-model">{words::model}</h2>
            <div class="field model-field" class:invalid=move || error().is_some()>
                <div class="setting-head">
                    <label for=control_id(KEY)>{move || if writing.get() { words::write_model() } else { words::choose_model() }}</label>
                    <button type="button" class="setting-back" on:click=move |_| writing.update(|on| *on = !*on)>
                        {move || if writing.get() { words::pick_listed() } else { words::write_model() }}
                    </button>
                </div>
                {move || match (form.models.get(), writing.get()) {
                    (None, _) => view! { <Skeleton lines=1 /> }.into_any(),
                    (Some(Err(error)), false) => view! { <ErrorNote error on_retry=move |()| form.fetch() /> }.into_any(),
                    (_, true) => {
                        view! {
                            <input
                                id=control_id(KEY)
                                class="input mono"
                                autocomplete="off"
                                spellcheck="false"
                                placeholder=words::write_model_hint
                                prop:value=value
                                on:change=move |event| form.type_in(KEY, &event_target_value(&event))
                            />
                        }
                            .into_any()
                    }
                    (Some(Ok(_)), false) => {
                        view! {
                            <ModelSelect id=control_id(KEY) label models value on_change=move |id: String| form.put(KEY, &id) />
                        }
                            .into_any()
                    }
                }}
                <p class="field-note" aria-live="polite">{error}</p>
            </div>
            <Show when=move || writing.get()>
                <HubSearch
                    kind=Kind::Model
                    on_pick=move |pick: Pick| {
                        form.type_in(KEY, &pick.asked.name);
                        take_template(pick.template);
                        picked.set(Some(pick.asked));
                    }
                />
            </Show>
            {move || hub.get().map(|asked| view! { <HubDownload asked on_done=move |()| form.fetch() /> })}
            <Facts />
        </section>
    }
}

/// What is known of the chosen model.
#[component]
fn Facts() -> impl IntoView {
    let form = use_form();
    move || {
        form.model().map(|model| {
            let own = model.dims.is_some();
            let facts = own.then(|| {
                words::model_facts(
                    &model.family,
                    fmt::params(model.params),
                    &model.dtype,
                    fmt::count(model.context),
                )
            });
            let note = match model.origin {
                ModelOrigin::Adapter => Some(words::goes_on()),
                _ if own && !model.has_chat_template => Some(words::no_template()),
                _ => None,
            };
            let layers = model.dims.as_ref().map(|dims| words::trainable_layers(layer_names(dims).join(", ")));
            let base = model
                .base
                .clone()
                .map(|base| view! { <span class="mono">{base}" → "{model.id.clone()}</span> });
            view! {
                <p class="model-facts num muted">
                    {facts}
                    {base}
                    {layers.map(|layers| view! { <span>{layers}</span> })}
                    {note.map(|note| view! { <span class="row"><Icon name=IconName::Info />{note}</span> })}
                </p>
                {model.unusable.said().map(|error| i18n::said::say(&error)).map(|error| view! { <p class="bad-text">{error}</p> })}
            }
        })
    }
}
