//! The section "Data": the data sets, how long their rows may be, and the template.

mod picker;
mod template;

use super::error_text::say;
use super::setting::{Advanced, Settings};
use super::state::use_form;
use crate::fmt;
use crate::i18n::new_run as words;
use crate::ui::{ErrorNote, Icon, IconName, Skeleton};
use leptos::prelude::*;
use picker::Picker;
use protocol::config::{Group, rope};
use template::{OwnTemplate, TemplateField};

pub(super) use picker::misfit;

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
