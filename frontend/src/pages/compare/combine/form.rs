//! The form of a merge: which checkpoints, by which method, and what it will give.

use super::Shown;
use crate::api::{self, Answer, ApiError};
use crate::fetched::{Fetched, Refetch};
use crate::fmt;
use crate::i18n::compare as words;
use crate::ui::{ErrorNote, Field, Icon, IconName, Select, TextField, use_toaster};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::{Combine, CombinePlan, ModelInfo, ModelOrigin};

/// A checkpoint to be merged.
#[derive(Clone, Copy)]
struct Part {
    key: usize,
    model: RwSignal<String>,
    weight: RwSignal<String>,
}

impl Part {
    fn new(key: usize, model: String) -> Self {
        Self {
            key,
            model: RwSignal::new(model),
            weight: RwSignal::new(String::new()),
        }
    }
}

/// The form, once the models are fetched.
#[component]
pub fn Form(shown: Shown, runs: Signal<Vec<String>>) -> impl IntoView {
    let Fetched { answer, .. } = Fetched::start(api::models);
    let models = Memo::new(move |_| {
        let of_runs = |model: &ModelInfo| {
            let kind = matches!(model.origin, ModelOrigin::Adapter | ModelOrigin::Merged);
            let run = model
                .run
                .as_ref()
                .is_some_and(|run| runs.with(|runs| runs.contains(run)));
            kind && run && !model.id.ends_with("/merged")
        };
        let all = answer.get().and_then(Result::ok);
        all.map(|all| all.into_iter().filter(of_runs).collect::<Vec<_>>())
    });
    view! {
        <div class="stack">
            <p class="muted">{words::combine_text}</p>
            {move || match (models.get(), answer.with(|answer| answer.as_ref().and_then(|a| a.as_ref().err().cloned()))) {
                (_, Some(error)) => view! { <ErrorNote error /> }.into_any(),
                (Some(models), _) if models.is_empty() => view! { <p>{words::combine_none}</p> }.into_any(),
                (Some(models), _) => view! { <Choices shown runs=runs.get_untracked() models /> }.into_any(),
                (None, None) => ().into_any(),
            }}
        </div>
    }
}

#[component]
fn Choices(shown: Shown, runs: Vec<String>, models: Vec<ModelInfo>) -> impl IntoView {
    let toaster = use_toaster();
    // the newest checkpoint of each run, which comes first
    let newest = runs
        .iter()
        .filter_map(|run| models.iter().find(|model| model.run.as_ref() == Some(run)));
    let first: Vec<Part> = newest
        .enumerate()
        .map(|(key, model)| Part::new(key, model.id.clone()))
        .collect();
    let parts = RwSignal::new(first);
    let models = StoredValue::new(models);
    let adapters = Memo::new(move |_| {
        let chosen: Vec<_> = parts.with(|parts| parts.iter().map(|part| part.model.get()).collect());
        models.with_value(|models| {
            let mut of = models.iter().filter(|model| chosen.contains(&model.id));
            of.all(|model| model.origin == ModelOrigin::Adapter)
        })
    });
    let picked = RwSignal::new(String::new());
    let method = Memo::new(move |_| {
        let known = Combine::methods(adapters.get());
        known
            .iter()
            .find(|method| **method == picked.get())
            .copied()
            .unwrap_or(known[0])
    });
    let (density, name) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let weights = Memo::new(move |_| {
        let texts = parts.with(|parts| {
            parts
                .iter()
                .map(|part| part.weight.get().trim().to_owned())
                .collect::<Vec<_>>()
        });
        let none = texts.iter().all(String::is_empty);
        let numbers: Option<Vec<f64>> = texts
            .iter()
            .map(|text| text.parse().ok().filter(|n: &f64| n.is_finite()))
            .collect();
        if none { Some(vec![]) } else { numbers }
    });
    let share = Memo::new(move |_| match density.with(|text| text.trim().to_owned()) {
        _ if !Combine::thins(method.get()) => Ok(None),
        text if text.is_empty() => Ok(None),
        text => text
            .parse::<f64>()
            .ok()
            .filter(|share| *share > 0.0 && *share <= 1.0)
            .map(Some)
            .ok_or(()),
    });
    let asked = Memo::new(move |_| {
        Some(Combine {
            name: None,
            from: parts.with(|parts| parts.iter().map(|part| part.model.get()).collect()),
            method: method.get().to_owned(),
            weights: weights.get()?,
            density: share.get().ok()?,
        })
    });
    let plan = RwSignal::new(None::<Answer<CombinePlan>>);
    let planning = Refetch::new(
        move || {
            let asked = asked.get_untracked().unwrap_or_default();
            async move { api::combine_plan(&asked).await }
        },
        move |answer| drop(plan.try_set(Some(answer))),
    );
    Effect::new(move || {
        plan.set(None);
        if asked.with(Option::is_some) {
            planning.changed();
        }
    });
    let busy = RwSignal::new(false);
    let start = move |_| {
        let Some(asked) = asked.get_untracked() else { return };
        let named = name.with_untracked(|name| name.trim().to_owned());
        let asked = Combine {
            name: (!named.is_empty()).then_some(named),
            ..asked
        };
        busy.set(true);
        spawn_local(async move {
            let answer = api::combine(&asked).await;
            let _ = busy.try_set(false);
            match answer {
                Ok(combining) => drop(shown.begun.try_set(Some(combining))),
                Err(error) => toaster.fail(&error),
            }
        });
    };
    let ready = move || asked.with(Option::is_some) && plan.with(|plan| matches!(plan, Some(Ok(_)))) && !busy.get();
    let methods = Signal::derive(move || {
        let known = Combine::methods(adapters.get()).iter();
        known
            .map(|name| ((*name).to_owned(), (*name).to_owned()))
            .collect::<Vec<_>>()
    });
    let options = Signal::derive(move || {
        models.with_value(|models| {
            models
                .iter()
                .map(|model| (model.id.clone(), model.id.clone()))
                .collect::<Vec<_>>()
        })
    });
    let add = move |_| {
        parts.update(|parts| {
            let used: Vec<_> = parts.iter().map(|part| part.model.get_untracked()).collect();
            let next = models.with_value(|models| {
                models
                    .iter()
                    .find(|model| !used.contains(&model.id))
                    .map(|model| model.id.clone())
            });
            let key = parts.iter().map(|part| part.key + 1).max().unwrap_or(0);
            parts.extend(next.map(|model| Part::new(key, model)));
        });
    };
    let full = move || parts.with(Vec::len) >= models.with_value(Vec::len);
    view! {
        <Field
            label=Signal::derive(|| words::combine_method().to_string())
            control="combine-method"
            hint=Signal::derive(move || what(method.get()).to_owned())
        >
            <Select
                id="combine-method"
                options=methods
                value=Signal::derive(move || method.get().to_owned())
                on_change=Callback::new(move |value| picked.set(value))
            />
        </Field>
        <fieldset class="combine-parts">
            <legend>{words::combine_checkpoints}</legend>
            <For each=move || parts.get().into_iter().enumerate() key=|(place, part)| (*place, part.key) let:item>
                <PartRow place=item.0 part=item.1 parts options />
            </For>
            <button type="button" class="btn small" disabled=full on:click=add>
                <Icon name=IconName::Plus />
                {words::combine_add}
            </button>
            <p class="field-note bad-text" aria-live="polite">
                {move || weights.with(Option::is_none).then(words::combine_weights_bad)}
            </p>
        </fieldset>
        <Show when=move || Combine::thins(method.get())>
            <TextField
                label=words::combine_density
                control="combine-density"
                hint=words::combine_density_hint
                value=density
                placeholder="0.5"
                error=Signal::derive(move || share.get().err().map(|()| words::combine_density_bad().to_owned()))
            />
        </Show>
        <TextField label=words::combine_name control="combine-name" hint=words::combine_name_hint value=name />
        <div id="combine-plan" aria-live="polite">{move || plan.get().map(planned)}</div>
        <footer class="dialog-foot">
            <button type="button" id="combine-start" class="btn primary" disabled=move || !ready() on:click=start>
                {words::combine}
            </button>
        </footer>
    }
}

fn planned(answer: Result<CombinePlan, ApiError>) -> impl IntoView {
    match answer {
        Err(error) => view! { <p class="bad-text" role="alert">{error.message()}</p> }.into_any(),
        Ok(plan) => {
            let (size, free) = (fmt::bytes(plan.bytes), fmt::bytes(plan.free));
            let said = match plan.adapter {
                true => words::combine_adapter(size, free),
                false => words::combine_model(size, free),
            };
            view! { <p role="status">{said}</p> }.into_any()
        }
    }
}

#[component]
fn PartRow(
    place: usize,
    part: Part,
    parts: RwSignal<Vec<Part>>,
    options: Signal<Vec<(String, String)>>,
) -> impl IntoView {
    let take_out = move |_| parts.update(|parts| parts.retain(|other| other.key != part.key));
    let named = move || words::combine_weight(part.model.get());
    view! {
        <div class="row combine-part">
            <Select
                id=format!("combine-part-{place}")
                label=Signal::derive(move || words::combine_checkpoint(place + 1))
                options
                value=part.model
                on_change=Callback::new(move |value| part.model.set(value))
            />
            <input
                class="input combine-weight"
                inputmode="decimal"
                autocomplete="off"
                aria-label=named
                title=named
                placeholder=words::combine_even
                prop:value=part.weight
                on:input=move |event| part.weight.set(event_target_value(&event))
            />
            <button
                type="button"
                class="btn ghost icon"
                aria-label=move || words::remove(part.model.get())
                disabled=move || parts.with(Vec::len) <= 2
                on:click=take_out
            >
                <Icon name=IconName::Close />
            </button>
        </div>
    }
}

/// What a method does, in a sentence.
fn what(method: &str) -> &'static str {
    match method {
        "linear" => words::combine_linear(),
        "slerp" => words::combine_slerp(),
        "ties" => words::combine_ties(),
        "dare_ties" => words::combine_dare_ties(),
        "svd" => words::combine_svd(),
        "ties_svd" => words::combine_ties_svd(),
        "dare_ties_svd" => words::combine_dare_ties_svd(),
        _ => words::combine_task_arithmetic(),
    }
}
