//! The sidebar of the form: the start box, what the run will take, the file.

use super::cost::Cost;
use super::samples::SamplesNote;
use super::start::StartBox;
use super::state::use_form;
use super::yaml::Yaml;
use crate::fmt;
use crate::i18n::new_run as words;
use crate::ui::{Icon, IconName};
use leptos::prelude::*;
use protocol::api::MemoryEstimate;

#[component]
pub fn Sidebar() -> impl IntoView {
    let form = use_form();
    view! {
        <aside class="new-side">
            <StartBox />
            <SamplesNote />
            <Memory />
            // a sweep has its cost in its own box
            <Show when=move || !form.sweeps.get()>
                <Cost />
            </Show>
            <Yaml />
        </aside>
    }
}

/// The memory estimate, as a bar against the device's memory.
#[component]
fn Memory() -> impl IntoView {
    let form = use_form();
    let estimate = Memo::new(move |_| {
        form.answer
            .with(|answer| answer.as_ref().and_then(|answer| answer.memory))
    });
    move || estimate.get().map(|memory| view! { <MemoryBar memory /> })
}

#[component]
fn MemoryBar(memory: MemoryEstimate) -> impl IntoView {
    let total = memory.total();
    let over = memory.available > 0 && total > memory.available;
    // where less than a quarter is needed, an almost empty bar would say nothing
    let easily = memory.available > 0 && total < memory.available / 4;
    let full = total.max(memory.available).max(1) as f64;
    let parts: [(u64, fn() -> &'static str); 5] = [
        (memory.weights, words::mem_weights),
        (memory.training, words::mem_training),
        (memory.reference, words::mem_reference),
        (memory.activations, words::mem_activations),
        (memory.other, words::mem_other),
    ];
    let bar = parts
        .iter()
        .enumerate()
        .map(|(i, (bytes, word))| {
            let width = format!("{:.2}%", *bytes as f64 / full * 100.0);
            let (bytes, word) = (*bytes, *word);
            view! { <span class=format!("mem mem-{i}") style:width=width title=move || format!("{} {}", word(), fmt::bytes(bytes))></span> }
        })
        .collect_view();
    let legend = parts
        .into_iter()
        .enumerate()
        .filter(|(_, (bytes, _))| *bytes > 0)
        .map(|(i, (bytes, word))| {
            view! {
                <li>
                    <i class=format!("mem-key mem-{i}")></i>
                    {word}
                    " "
                    <span class="num">{fmt::bytes(bytes)}</span>
                </li>
            }
        })
        .collect_view();
    view! {
        <div class="memory" class:over=over id="memory">
            <p class="row">
                <b>{words::memory}</b>
                <span class="grow"></span>
                <span class="num">{move || words::memory_of(fmt::bytes(total), fmt::bytes(memory.available))}</span>
            </p>
            {if easily {
                view! { <p class="row mem-easily"><Icon name=IconName::Check />{words::fits_easily}</p> }.into_any()
            } else {
                view! { <div class="mem-bar">{bar}</div> }.into_any()
            }}
            <ul class="mem-legend faint">{legend}</ul>
            {(memory.at_cutoff > total)
                .then(|| view! { <p class="faint">{move || words::memory_at_cutoff(fmt::bytes(memory.at_cutoff))}</p> })}
            {over.then(|| view! { <p class="bad-text">{words::memory_over}</p> })}
        </div>
    }
}
