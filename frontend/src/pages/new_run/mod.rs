//! The page "New run": the form in four sections, and beside it what it comes to.

mod data;
mod import;
mod method;
mod model;
mod said;
mod setting;
mod settings;
mod side;
mod state;
mod training;

use crate::i18n::new_run as words;
use crate::ui::{Icon, IconName, PageHead};
use data::DataSection;
use import::Import;
use leptos::prelude::*;
use method::MethodSection;
use model::ModelSection;
use side::Side;
use state::Form;
use training::TrainingSection;

#[component]
pub fn NewRun() -> impl IntoView {
    let form = Form::start();
    provide_context(form);
    let importing = RwSignal::new(false);
    let origin = move || {
        form.origin.get().map(|origin| {
            let (class, text) = match origin {
                Ok(text) => ("note", text),
                Err(text) => ("note warn", text),
            };
            view! {
                <div class=class role="status">
                    <Icon name=IconName::Info />
                    <p>{text}</p>
                </div>
            }
        })
    };
    view! {
        <PageHead title=words::title.into()>
            <button type="button" class="btn" on:click=move |_| form.start_over()>
                <Icon name=IconName::Refresh />
                <span class="wide">{words::start_over}</span>
            </button>
            <button type="button" class="btn" id="import-yaml" on:click=move |_| importing.set(true)>
                <Icon name=IconName::Upload />
                <span class="wide">{words::import}</span>
            </button>
        </PageHead>
        <div class="new-run">
            <form class="new-form" on:submit=|event| event.prevent_default()>
                {origin}
                <ModelSection />
                <DataSection />
                <MethodSection />
                <TrainingSection />
            </form>
            <Side />
        </div>
        <Import open=importing />
    }
}
