//! A select of the models that are here, grouped by where they come from.

use crate::i18n::models as words;
use crate::i18n::said::say;
use leptos::prelude::*;
use protocol::api::{ModelInfo, ModelOrigin};

/// The word for where a model came from.
pub fn origin_word(origin: ModelOrigin) -> &'static str {
    match origin {
        ModelOrigin::Demo => words::origin_demo(),
        ModelOrigin::Folder => words::origin_folder(),
        ModelOrigin::Hub => words::origin_hub(),
        ModelOrigin::Adapter => words::origin_adapter(),
        ModelOrigin::Merged => words::origin_merged(),
    }
}

const GROUPS: [ModelOrigin; 5] = [
    ModelOrigin::Demo,
    ModelOrigin::Folder,
    ModelOrigin::Hub,
    ModelOrigin::Adapter,
    ModelOrigin::Merged,
];

/// A native select of models. A value that is not among them is an option of its own, so that it is not lost.
#[component]
pub fn ModelSelect(
    #[prop(into)] id: String,
    #[prop(into)] label: Signal<String>,
    #[prop(into)] models: Signal<Vec<ModelInfo>>,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] on_change: Callback<String>,
    /// Leaves out models that cannot be loaded.
    #[prop(optional)]
    only_usable: bool,
) -> impl IntoView {
    let groups = move || {
        let (models, chosen) = (models.get(), value.get());
        let usable = move |model: &&ModelInfo| !only_usable || model.unusable.is_nothing();
        let known = models.iter().filter(usable).any(|model| model.id == chosen);
        let own = (!known && !chosen.is_empty()).then(|| option(chosen.clone(), None, true));
        let groups = GROUPS
            .into_iter()
            .filter_map(|origin| {
                let options: Vec<_> = models
                    .iter()
                    .filter(usable)
                    .filter(|model| model.origin == origin)
                    .map(|model| {
                        option(
                            model.id.clone(),
                            model.unusable.said().map(|error| say(&error)),
                            model.id == chosen,
                        )
                    })
                    .collect();
                (!options.is_empty()).then(|| view! { <optgroup label=origin_word(origin)>{options}</optgroup> })
            })
            .collect_view();
        (own, groups)
    };
    view! {
        <span class="select model-select">
            <select id=id aria-label=label title=value prop:value=value on:change=move |event| on_change.run(event_target_value(&event))>
                {groups}
            </select>
        </span>
    }
}

fn option(id: String, error: Option<String>, selected: bool) -> impl IntoView {
    view! {
        <option value=id.clone() selected=selected disabled=error.is_some() title=error>
            {id.clone()}
        </option>
    }
}
