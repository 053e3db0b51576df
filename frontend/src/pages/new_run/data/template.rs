//! The template: the model's own, one by name, or one that is written here, beside the first rows as the model will see them.

use crate::i18n::new_run as words;
use crate::pages::data::{Rows, Wanted};
use crate::pages::new_run::setting::SettingField;
use crate::pages::new_run::state::use_form;
use leptos::prelude::*;
use protocol::config::{Key, TemplateSource, key, names, template_for};
use protocol::{RunConfig, Stage};
use serde_json::Value;

/// The template: the model's own, or one by name.
#[component]
pub fn TemplateField() -> impl IntoView {
    let form = use_form();
    let shown = Memo::new(move |_| form.draft.with(|draft| draft.method.stage()) != Stage::Pretrain);
    view! {
        <Show when=move || shown.get()>
            {Key::named("template").map(|setting| view! { <SettingField setting /> })}
            <SuggestedTemplate />
        </Show>
    }
}

/// A button that takes the template which LLaMA-Factory has for the chosen model.
#[component]
fn SuggestedTemplate() -> impl IntoView {
    let form = use_form();
    let found = Memo::new(move |_| {
        form.model()
            .filter(|model| model.dims.is_some())
            .and_then(|model| template_for(&model))
    });
    let chosen = move |name: &str| form.config.with(|config| config.template.as_deref() == Some(name));
    move || {
        found.get().map(|name| {
            view! {
                <p class="row muted suggested-template">
                    <span class="grow">{move || words::suggested_template(name)}</span>
                    <Show when=move || !chosen(name)>
                        <button type="button" class="btn ghost small" on:click=move |_| form.put("template", name)>
                            {words::use_template}
                        </button>
                    </Show>
                </p>
            }
        })
    }
}

/// The initial text of a custom template: ChatML, which most models know.
const OWN_START: &str = "{%- for message in messages -%}
<|im_start|>{{ message.role }}
{{ message.content }}<|im_end|>
{% endfor -%}
{%- if add_generation_prompt -%}
<|im_start|>assistant
{% endif -%}
";

/// The editor of a custom template in Jinja, beside the first rows as it renders them.
#[component]
pub fn OwnTemplate() -> impl IntoView {
    let form = use_form();
    let text = Memo::new(move |_| form.config.with(|config| config.template.clone().unwrap_or_default()));
    let is_own = move |text: &str| matches!(TemplateSource::of(text), TemplateSource::Text(_));
    let plain = Memo::new(move |_| form.draft.with(|draft| draft.method.stage()) == Stage::Pretrain);
    // stays open while what is written is for a moment no template
    let typing = RwSignal::new(false);
    let open = Memo::new(move |_| !plain.get() && (typing.get() || text.with(|text| is_own(text))));
    let begin = move |_| {
        typing.set(true);
        form.type_in("template", OWN_START);
    };
    let end = move |_| {
        typing.set(false);
        form.type_in("template", "");
    };
    let put = move |event| form.type_in("template", &event_target_value(&event));
    view! {
        <Show when=move || !plain.get() && !open.get()>
            <button type="button" class="btn ghost small" on:click=begin>
                {words::write_template}
            </button>
        </Show>
        <div class:own-template=move || open.get()>
            <Show when=move || open.get()>
                <div>
                    <div class="row">
                        <label for="own-template" class="grow">
                            {words::own_jinja}
                        </label>
                        <button type="button" class="btn ghost small" on:click=end>
                            {words::leave_template}
                        </button>
                    </div>
                    <textarea
                        id="own-template"
                        class="textarea mono"
                        rows="14"
                        spellcheck="false"
                        autocomplete="off"
                        prop:value=text
                        on:input=put
                    ></textarea>
                </div>
            </Show>
            <div>
                <FirstRows />
            </div>
        </div>
    }
}

/// The keys beside the template that change how a row is rendered, with their values.
fn rendering(config: &RunConfig) -> Vec<(&'static str, String)> {
    const KEYS: [&str; 6] = [
        "tool_format",
        "default_system",
        "enable_thinking",
        "use_fast_tokenizer",
        "mask_history",
        "train_on_prompt",
    ];
    let mut keys: Vec<_> = KEYS
        .into_iter()
        .filter_map(|key| {
            let text = match config.get(key)? {
                Value::String(text) => text,
                other => other.to_string(),
            };
            Some((key, text))
        })
        .collect();
    keys.extend(config.adapter_name_or_path.clone().map(|list| ("adapter", list)));
    keys
}

#[component]
fn FirstRows() -> impl IntoView {
    let form = use_form();
    let wanted = Memo::new(move |_| {
        form.config.with(|config| Wanted {
            dataset: names(config.dataset.as_deref()).next().unwrap_or_default().to_owned(),
            model: config.model_name_or_path.clone().unwrap_or_default(),
            template: config.template.clone().unwrap_or_default(),
            stage: config.stage.clone().unwrap_or_default(),
            more: rendering(config),
            cutoff_len: key::cutoff_len.of(config),
            offset: 0,
            limit: 2,
        })
    });
    // an error of the model is shown under its field, and not here again
    let ready = move || {
        wanted.with(|wanted| !wanted.dataset.is_empty() && !wanted.model.is_empty())
            && form.error("model_name_or_path").is_none()
    };
    view! {
        <h3 class="sub-head">{words::preview}</h3>
        <Show when=ready fallback=|| view! { <p class="faint">{words::preview_needs}</p> }>
            <Rows wanted />
        </Show>
    }
}
