//! The form of a merge: which checkpoints, by which method, and what it will give.

use super::Shown;
use super::draft::{Draft, Part};
use crate::api::{self, ApiError};
use crate::fetched::Fetched;
use crate::fmt;
use crate::i18n::compare as words;
use crate::ui::{ErrorNote, Field, Icon, IconName, Select, TextField, use_toaster};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::{Combine, CombinePlan, ModelInfo, ModelOrigin};

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
    let draft = Draft::start(&runs, models);
    let Draft { asked, plan, .. } = draft;
    let name = RwSignal::new(String::new());
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
    view! {
        <MethodField draft />
        <Parts draft />
        <Show when=move || Combine::thins(draft.method.get())>
            <TextField
                label=words::combine_density
                control="combine-density"
                hint=words::combine_density_hint
                value=draft.density
                placeholder="0.5"
                error=Signal::derive(move || draft.share.get().err().map(|()| words::combine_density_bad().to_owned()))
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

/// The select of the method, with what it does in a sentence.
#[component]
fn MethodField(draft: Draft) -> impl IntoView {
    let Draft { adapters, method, .. } = draft;
    let methods = Signal::derive(move || {
        let known = Combine::methods(adapters.get()).iter();
        known
            .map(|name| ((*name).to_owned(), (*name).to_owned()))
            .collect::<Vec<_>>()
    });
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
                on_change=Callback::new(move |value| draft.picked.set(value))
            />
        </Field>
    }
}

/// The checkpoints with their weights.
#[component]
fn Parts(draft: Draft) -> impl IntoView {
    let Draft { parts, weights, .. } = draft;
    let options = Signal::stored(draft.options());
    view! {
        <fieldset class="combine-parts">
            <legend>{words::combine_checkpoints}</legend>
            <For each=move || parts.get().into_iter().enumerate() key=|(place, part)| (*place, part.key) let:item>
                <PartRow place=item.0 part=item.1 parts options />
            </For>
            <button type="button" class="btn small" disabled=move || draft.is_full() on:click=move |_| draft.add()>
                <Icon name=IconName::Plus />
                {words::combine_add}
            </button>
            <p class="field-note bad-text" aria-live="polite">
                {move || weights.with(Option::is_none).then(words::combine_weights_bad)}
            </p>
        </fieldset>
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
