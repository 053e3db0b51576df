//! The form of a new evaluation: a model, a data set, and whether replies are written.

use crate::address::use_address;
use crate::api::{self, Answer, ApiError};
use crate::fetched::{Fetched, Refetch};
use crate::fmt;
use crate::i18n::{evaluate as words, said};
use crate::live::use_live;
use crate::logic::number::plain_number;
use crate::pages::models::ModelSelect;
use crate::ui::{Checkbox, ErrorNote, Field, Select, TextField, marked};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::evaluation::{Evaluate, Predict};
use protocol::{FieldError, Said, says};
use std::str::FromStr;

/// What is typed into the fields, not validated yet.
#[derive(Clone, Copy)]
struct Fields {
    rows: RwSignal<String>,
    cutoff: RwSignal<String>,
    batch: RwSignal<String>,
    writes: RwSignal<bool>,
    new_tokens: RwSignal<String>,
    temperature: RwSignal<String>,
}

impl Fields {
    fn new() -> Self {
        Self {
            rows: RwSignal::new(String::new()),
            cutoff: RwSignal::new(Evaluate::usual_cutoff().to_string()),
            batch: RwSignal::new(Evaluate::usual_batch().to_string()),
            writes: RwSignal::new(false),
            new_tokens: RwSignal::new("128".into()),
            temperature: RwSignal::new("0".into()),
        }
    }

    /// The evaluation to request; else the error of the first field that is not a number.
    fn read(self, model: String, dataset: String) -> Result<Evaluate, FieldError> {
        let all = self.rows.with_untracked(|rows| rows.trim().is_empty());
        let predict = match self.writes.get_untracked() {
            false => None,
            true => Some(Predict {
                max_new_tokens: number("max_new_tokens", self.new_tokens, says::a_count())?,
                temperature: number("temperature", self.temperature, says::a_number())?,
                top_p: Predict::usual_top_p(),
            }),
        };
        Ok(Evaluate {
            model,
            dataset,
            template: None,
            cutoff_len: number("cutoff_len", self.cutoff, says::a_count())?,
            max_samples: match all {
                true => None,
                false => Some(number("max_samples", self.rows, says::a_count())?),
            },
            batch_size: number("per_device_eval_batch_size", self.batch, says::a_count())?,
            predict,
        })
    }
}

fn number<T: FromStr>(field: &str, typed: RwSignal<String>, takes: Said) -> Result<T, FieldError> {
    typed.with_untracked(|text| {
        let text = plain_number(text);
        text.parse()
            .map_err(|_| FieldError::new(field, "type", says::takes(takes, &text)))
    })
}

/// The fields that the form shows.
const SHOWN: [&str; 7] = [
    "model_name_or_path",
    "dataset",
    "max_samples",
    "cutoff_len",
    "per_device_eval_batch_size",
    "max_new_tokens",
    "temperature",
];

/// Why a list could not be fetched.
fn fetch_error<T: Send + Sync + 'static>(list: RwSignal<Option<Answer<T>>>) -> Option<ApiError> {
    list.with(|answer| answer.as_ref()?.as_ref().err().cloned())
}

#[component]
pub fn Form() -> impl IntoView {
    let address = use_address();
    let models = Fetched::start(api::models);
    let datasets = Fetched::start(api::datasets);
    let live = use_live();
    live.when_library_changes(models.refetch);
    live.when_library_changes(datasets.refetch);
    let listed = Signal::derive(move || models.answer.get().and_then(Result::ok).unwrap_or_default());
    let sets = Signal::derive(move || {
        let all = datasets.answer.get().and_then(Result::ok).unwrap_or_default();
        all.into_iter()
            .map(|set| (set.name.clone(), set.name))
            .collect::<Vec<_>>()
    });
    let list_error = move || fetch_error(models.answer).or_else(|| fetch_error(datasets.answer));
    let lists = [models.refetch, datasets.refetch];
    let refetch_lists = move || lists.into_iter().for_each(Refetch::now);
    // what the address names, else the first in the list
    let chosen = move |key: &'static str| address.query.with(|query| query.list(key).into_iter().next());
    let model = Memo::new(move |_| {
        let first = || listed.with(|all| all.first().map(|model| model.id.clone()));
        chosen("model").or_else(first).unwrap_or_default()
    });
    let dataset = Memo::new(move |_| {
        let first = || sets.with(|all| all.first().map(|(name, _)| name.clone()));
        chosen("dataset").or_else(first).unwrap_or_default()
    });
    let choose = move |key: &'static str, value: String| address.edit(|query| query.set(key, &value));
    let fields = Fields::new();
    let errors = RwSignal::new(Vec::<FieldError>::new());
    let failed = RwSignal::new(None::<ApiError>);
    let busy = RwSignal::new(false);
    let error_of = move |field: &'static str| error_of(errors, field);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        failed.set(None);
        let asked = match fields.read(model.get_untracked(), dataset.get_untracked()) {
            Ok(asked) => asked,
            Err(error) => return errors.set(vec![error]),
        };
        errors.set(vec![]);
        busy.set(true);
        spawn_local(async move {
            let answer = api::evaluate(&asked).await;
            let _ = busy.try_set(false);
            match answer {
                Ok(evaluation) => live.put_evaluation(evaluation),
                Err(ApiError::Problem(problem)) if !problem.errors.is_empty() => drop(errors.try_set(problem.errors)),
                Err(error) => drop(failed.try_set(Some(error))),
            }
        });
    };
    view! {
        <form class="card stack evaluate-form" id="evaluate" on:submit=submit>
            {move || list_error().map(|error| view! { <ErrorNote error on_retry=move |()| refetch_lists() /> })}
            <div class="evaluate-grid">
                <Field label=Signal::derive(|| words::model().to_string()) control="evaluate-model" error=error_of("model_name_or_path")>
                    <ModelSelect
                        id="evaluate-model"
                        label=Signal::derive(|| words::model().to_string())
                        models=listed
                        value=model
                        on_change=move |value| choose("model", value)
                    />
                </Field>
                <Field label=Signal::derive(|| words::dataset().to_string()) control="evaluate-dataset" error=error_of("dataset")>
                    <Select
                        id="evaluate-dataset"
                        label=Signal::derive(|| words::dataset().to_string())
                        options=sets
                        value=dataset
                        on_change=move |value| choose("dataset", value)
                    />
                </Field>
                <TextField label=words::rows control="evaluate-rows" value=fields.rows hint=words::rows_hint error=error_of("max_samples") />
                <TextField label=words::cutoff control="evaluate-cutoff" value=fields.cutoff hint=words::cutoff_hint error=error_of("cutoff_len") />
                <TextField
                    label=words::batch
                    control="evaluate-batch"
                    value=fields.batch
                    hint=words::batch_hint
                    error=error_of("per_device_eval_batch_size")
                />
            </div>
            <Checkbox
                label=Signal::derive(|| words::write().to_string())
                checked=fields.writes
                on_change=move |on| fields.writes.set(on)
            />
            <Show when=move || fields.writes.get()>
                <ReplyFields fields errors />
            </Show>
            <Elsewhere errors />
            {move || failed.get().map(|error| view! { <ErrorNote error /> })}
            <div class="row">
                <button type="submit" class="btn primary" disabled=busy>{words::start}</button>
            </div>
        </form>
    }
}

/// What is wrong with a field, beneath which it is said.
fn error_of(errors: RwSignal<Vec<FieldError>>, field: &'static str) -> Signal<Option<String>> {
    Signal::derive(move || {
        errors.with(|errors| {
            let of_field = errors.iter().find(|error| error.field == field);
            of_field.map(|error| fmt::sentence(&said::say(&error.sentence())))
        })
    })
}

/// What is wrong with keys that the form has no field for.
#[component]
fn Elsewhere(errors: RwSignal<Vec<FieldError>>) -> impl IntoView {
    let line = |error: &FieldError| view! { <p class="bad-text" role="alert">{marked(&said::say(&error.whole()))}</p> };
    move || {
        errors.with(|errors| {
            let others = errors.iter().filter(|error| !SHOWN.contains(&&*error.field));
            others.map(line).collect_view()
        })
    }
}

/// How replies are written.
#[component]
fn ReplyFields(fields: Fields, errors: RwSignal<Vec<FieldError>>) -> impl IntoView {
    view! {
        <div class="evaluate-grid">
            <TextField
                label=words::new_tokens
                control="evaluate-new-tokens"
                value=fields.new_tokens
                hint=words::new_tokens_hint
                error=error_of(errors, "max_new_tokens")
            />
            <TextField
                label=words::temperature
                control="evaluate-temperature"
                value=fields.temperature
                hint=words::temperature_hint
                error=error_of(errors, "temperature")
            />
        </div>
    }
}
