//! Samples in the form: the field for own prompts, and the cost of answering prompts.

use super::error_text::say;
use super::setting::control_id;
use super::state::{Form, use_form};
use super::training::{Steps, planned};
use crate::fmt;
use crate::i18n::{keys, samples as words};
use leptos::prelude::*;
use protocol::config::{SamplesCost, sampling};

const OWN: &str = "sample_own_prompts";

/// The field for own prompts, one on a line, where the stage writes replies.
#[component]
pub fn OwnPrompts() -> impl IntoView {
    let form = use_form();
    let shown = Memo::new(move |_| form.matters(OWN));
    view! {
        <Show when=move || shown.get()>
            <Lines form />
        </Show>
    }
}

#[component]
fn Lines(form: Form) -> impl IntoView {
    let text = Memo::new(move |_| form.text(OWN));
    // the text as it is typed, with trailing line breaks
    let typed = RwSignal::new(text.get_untracked());
    Effect::new(move || {
        let text = text.get();
        if typed.get_untracked().trim() != text {
            typed.set(text);
        }
    });
    let error = Memo::new(move |_| form.error(OWN).map(|error| (error.code.clone(), error)));
    let put = move |event| {
        let text = event_target_value(&event);
        typed.set(text.clone());
        form.type_in(OWN, &text);
    };
    let id = control_id(OWN);
    let note = format!("{id}-note");
    let says = move || match error.get() {
        Some((_, error)) => say(&error),
        None => words::own_note().to_owned(),
    };
    view! {
        <div class="field setting" data-key=OWN class:invalid=move || error.with(Option::is_some)>
            <label for=id.clone()>{move || keys::label(OWN)}</label>
            <textarea
                id=id
                class="input samples-own"
                rows="3"
                spellcheck="false"
                placeholder=words::own_placeholder
                aria-describedby=note.clone()
                aria-invalid=move || error.with(Option::is_some).to_string()
                prop:value=typed
                on:input=put
            ></textarea>
            <p class="field-note" id=note aria-live="polite">{says}</p>
        </div>
    }
}

/// The cost of answering prompts, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Cost {
    cost: SamplesCost,
    /// Whether it is known how many steps there will be.
    counted: bool,
}

/// The cost by the form as it is; `None` where no prompt is answered.
fn cost(form: Form) -> Option<Cost> {
    let sampling = form.config.with(sampling).ok()?;
    let samples = sampling.samples?;
    let steps = planned(form)?.steps;
    let Steps { total, per_epoch } = steps.unwrap_or_default();
    Some(Cost {
        cost: samples.cost(&sampling.cadence, total, per_epoch),
        counted: steps.is_some(),
    })
}

/// How long writing samples takes, in a run or, where the form describes a sweep, in all of its runs.
fn time(form: Form, runs: Option<u64>) -> String {
    let known = form.answer.with(|answer| answer.as_ref()?.forecast.as_ref()?.sampling);
    match known {
        Some(seconds) => words::cost_time(fmt::duration(seconds * runs.unwrap_or(1) as f64)),
        None => words::cost_time_unknown().to_owned(),
    }
}

/// The cost of samples, beside the start button.
#[component]
pub fn SamplesNote() -> impl IntoView {
    let form = use_form();
    let cost = Memo::new(move |_| cost(form));
    let runs = Memo::new(move |_| form.search.runs().filter(|_| form.sweeps.get()));
    let line = move || {
        let Cost { cost, counted } = cost.get()?;
        let (prompts, tokens) = (words::prompts(cost.prompts), fmt::count(cost.tokens));
        let text = match counted {
            true => words::cost(prompts, fmt::count(cost.times), tokens),
            false => words::cost_open(prompts, tokens),
        };
        let each = runs.get().map(|runs| words::cost_of_runs(fmt::count(runs)));
        let text = [Some(text), each].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let all = cost.total().saturating_mul(runs.get().unwrap_or(1));
        let total = counted.then(|| words::cost_total(fmt::count(all)));
        let time = counted.then(|| time(form, runs.get()));
        Some(view! {
            <p class="samples-cost num">{text}</p>
            <p class="faint num">{total}</p>
            <p class="faint num" id="samples-time">{time}</p>
        })
    };
    view! { <div id="samples-cost">{line}</div> }
}
