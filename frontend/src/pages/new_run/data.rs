//! The section "Data": the data set, the template, and the first rows as the model will see them.

use super::error_text::say;
use super::setting::{Advanced, SettingField, Settings, control_id};
use super::state::use_form;
use crate::fetched::heed;
use crate::fmt;
use crate::i18n::{self, new_run as words};
use crate::logic::toggle::toggled;
use crate::pages::data::{Rows, Wanted, kind_word};
use crate::ui::{ErrorNote, Icon, IconName, Skeleton};
use leptos::prelude::*;
use protocol::config::{Group, Key, TemplateSource, names, rope, template_for};
use protocol::data::{DatasetInfo, Inspection, Misfit};
use protocol::{RunConfig, Stage};
use serde_json::Value;

const KEY: &str = "dataset";

#[component]
pub fn DataSection() -> impl IntoView {
    let form = use_form();
    let error = move || form.error(KEY).map(|error| say(&error));
    view! {
        <section class="form-section" id="section-data" aria-labelledby="head-data">
            <div class="row">
                <h2 id="head-data">{words::data}</h2>
                <span class="grow"></span>
                <a class="btn ghost small" href="/data?add=upload">
                    <Icon name=IconName::Plus />
                    {words::add_data}
                </a>
            </div>
            {move || match form.datasets.get() {
                None => view! { <Skeleton lines=3 /> }.into_any(),
                Some(Err(error)) => view! { <ErrorNote error on_retry=move |()| form.fetch() /> }.into_any(),
                Some(Ok(sets)) => view! { <Picker sets /> }.into_any(),
            }}
            <p class="field-note bad-text" aria-live="polite">{error}</p>
            <Settings groups=&[Group::Data] />
            <CutoffWarning />
            <Advanced groups=&[Group::Data] />
            <div class="settings">
                <TemplateField />
            </div>
            <OwnTemplate />
        </section>
    }
}

/// The list of data sets to choose from: those that fit the stage first, the others disabled, with the reason.
#[component]
fn Picker(sets: Vec<DatasetInfo>) -> impl IntoView {
    let form = use_form();
    let sets = StoredValue::new(sets);
    let stage = Memo::new(move |_| form.draft.with(|draft| draft.method.stage()));
    let chosen = Memo::new(move |_| form.config.with(|config| config.dataset.clone().unwrap_or_default()));
    // own sets can be trained together, and so can the demo's, if they fit the stage; any other click replaces the choice
    let click = move |name: &str| {
        let stage = stage.get_untracked();
        let demo = |name: &str| {
            sets.with_value(|sets| {
                let set = sets
                    .iter()
                    .find(|set| set.name == name && why_not(set, stage).is_none())?;
                Some(set.demo)
            })
        };
        let list = toggled(&chosen.get_untracked(), name, |known| {
            demo(known).is_some() && demo(known) == demo(name)
        });
        form.put(KEY, &list);
    };
    let sorted = move || {
        let stage = stage.get();
        let mut list = sets.get_value();
        list.sort_by_key(|set| why_not(set, stage).is_some());
        list
    };
    let rows = move || {
        let stage = stage.get();
        let first = sorted()
            .into_iter()
            .find(|set| why_not(set, stage).is_none())
            .map(|set| set.name);
        let list = sorted().into_iter().map(|set| {
            let why = why_not(&set, stage);
            let name = set.name.clone();
            let id = (first.as_ref() == Some(&name)).then(|| control_id(KEY));
            let facts = set.inspection.as_ref().map(|inspection| {
                let bad = (inspection.bad_total > 0).then(|| words::some_bad(fmt::count(inspection.bad_total)));
                let parts = [Some(words::rows(fmt::count(inspection.usable))), bad];
                parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
            });
            let kind = set.inspection.as_ref().map(|inspection| kind_word(inspection.kind));
            let (is, put) = (name.clone(), name.clone());
            let unfit = why.is_some();
            view! {
                <label class="pick-row" class:unfit=unfit>
                    <input
                        type="checkbox"
                        name="dataset"
                        id=id
                        value=name.clone()
                        disabled=unfit
                        prop:checked=move || chosen.with(|list| names(Some(list)).any(|name| name == is))
                        on:change=move |_| click(&put)
                    />
                    <span class="pick-name clip">{name}</span>
                    <span class="faint pick-kind">{match why { Some(why) => why, None => kind.unwrap_or_default().to_owned() }}</span>
                    <span class="faint num pick-rows">{facts}</span>
                </label>
            }
        });
        list.collect_view()
    };
    // names that came with an imported config and are not on this board
    let foreign = move || {
        let known = |name: &str| sets.with_value(|sets| sets.iter().any(|set| set.name == name));
        let list = chosen.get();
        let strangers = names(Some(&list)).filter(|name| !known(name)).map(str::to_owned);
        let row = |name: String| {
            let out = name.clone();
            view! {
                <label class="pick-row">
                    <input type="checkbox" name="dataset" checked=true on:change=move |_| click(&out) />
                    <span class="pick-name clip">{name}</span>
                </label>
            }
        };
        strangers.map(row).collect_view()
    };
    // scrolls the list to a chosen set, and not the page
    let list = NodeRef::<leptos::html::Div>::new();
    Effect::new(move || {
        heed(chosen);
        heed(stage);
        request_animation_frame(move || {
            if let Some(Some(list)) = list.try_get_untracked() {
                show_chosen(&list);
            }
        });
    });
    view! {
        <div class="pick-list" role="group" aria-label=words::choose_data node_ref=list>
            {foreign}
            {rows}
        </div>
    }
}

/// Scrolls a list so that its first checked row is visible.
fn show_chosen(list: &web_sys::HtmlElement) {
    let Ok(Some(input)) = list.query_selector("input:checked") else {
        return;
    };
    let Ok(Some(row)) = input.closest(".pick-row") else {
        return;
    };
    let (frame, row) = (list.get_bounding_client_rect(), row.get_bounding_client_rect());
    let out = if row.top() < frame.top() {
        row.top() - frame.top()
    } else if row.bottom() > frame.bottom() {
        row.bottom() - frame.bottom()
    } else {
        return;
    };
    list.set_scroll_top(list.scroll_top() + out.round() as i32);
}

/// Why a data set can't train this stage.
fn why_not(set: &DatasetInfo, stage: Stage) -> Option<String> {
    match &set.inspection {
        None => Some(
            set.unusable
                .said()
                .map(|error| i18n::said::say(&error))
                .unwrap_or_default(),
        ),
        Some(inspection) if inspection.usable == 0 => Some(words::no_rows().to_owned()),
        Some(inspection) => misfit(inspection, stage),
    }
}

/// Why rows of this kind can't train the stage, in words.
pub(super) fn misfit(inspection: &Inspection, stage: Stage) -> Option<String> {
    let needs = match inspection.misfit(stage)? {
        Misfit::NeedsPairs => words::needs_pairs(),
        Misfit::NeedsLabels => words::needs_labels(),
        Misfit::NeedsReplies => words::needs_replies(),
        Misfit::NeedsText => words::needs_text(),
        Misfit::NeedsPrompts => words::needs_prompts(),
    };
    Some(words::unfit(
        kind_word(inspection.kind),
        stage.name().to_uppercase(),
        needs,
    ))
}

/// The template: the model's own, or one by name.
#[component]
fn TemplateField() -> impl IntoView {
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
fn OwnTemplate() -> impl IntoView {
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

/// A warning of rows that are longer than the cut-off, with a button for the length that keeps most of them whole.
#[component]
fn CutoffWarning() -> impl IntoView {
    let form = use_form();
    let found = Memo::new(move |_| {
        form.answer
            .with(|answer| answer.as_ref().and_then(|answer| answer.lengths))
    });
    // with scaled positions the context follows the cut-off, and bounds nothing
    let bounded = move || form.config.with(|config| !matches!(rope(config), Ok(Some(_))));
    let context = move || form.context().filter(|_| bounded());
    move || {
        found.get().filter(|lengths| lengths.longer > 0).map(|lengths| {
            let keeps = lengths.most_fit;
            let offered = move || context().is_none_or(|context| keeps <= context);
            view! {
                <p class="note warn longer" role="status">
                    <Icon name=IconName::Warning />
                    <span class="grow num">
                        {move || words::longer(fmt::count(lengths.longer), fmt::count(lengths.rows), fmt::count(lengths.median))}
                    </span>
                    <Show when=offered>
                        <button type="button" class="btn small" on:click=move |_| form.type_in("cutoff_len", &keeps.to_string())>
                            {move || words::keep_most(fmt::count(keeps))}
                        </button>
                    </Show>
                </p>
            }
        })
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
            cutoff_len: config.cutoff_len.filter(|n| *n >= 8).unwrap_or(2048),
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
