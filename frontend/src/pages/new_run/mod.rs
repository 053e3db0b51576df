//! The page "New run": the form in four sections, and a sidebar with its cost, its errors and its YAML.

mod cost;
mod data;
mod error_text;
mod further;
mod import;
mod lookup;
mod method;
mod model;
mod next;
mod samples;
mod saved;
mod setting;
mod settings;
mod several;
mod sidebar;
mod start;
mod state;
mod stored;
mod sweep;
mod training;
mod yaml;

use crate::address::use_address;
use crate::app::use_shell;
use crate::i18n::{configs, new_run as words, reference};
use crate::ui::{Icon, IconName, PageHead};
use data::DataSection;
use import::Import;
use leptos::prelude::*;
use method::MethodSection;
use model::ModelSection;
use saved::Saved;
use sidebar::Sidebar;
use state::Form;
use training::TrainingSection;

#[component]
pub fn NewRun() -> impl IntoView {
    let form = Form::start();
    let help = use_shell().reference;
    provide_context(form);
    let import_asked = use_address()
        .query
        .with_untracked(|query| query.get("import").is_some());
    let import_open = RwSignal::new(import_asked);
    let saved_open = RwSignal::new(false);
    let origin = move || {
        form.origin.get().map(|origin| {
            let class = if origin.warns() { "note warn" } else { "note" };
            view! {
                <div class=class role="status">
                    <Icon name=IconName::Info />
                    <p>{move || origin.say()}</p>
                </div>
            }
        })
    };
    view! {
        <PageHead title=words::title.into()>
            <button type="button" class="btn" aria-label=words::start_over on:click=move |_| form.start_over()>
                <Icon name=IconName::Undo />
                <span class="wide">{words::start_over}</span>
            </button>
            <button type="button" class="btn" id="all-keys" aria-label=reference::all_keys on:click=move |_| help.at("")>
                <Icon name=IconName::Info />
                <span class="wide">{reference::all_keys}</span>
            </button>
            <button type="button" class="btn" id="configs" aria-label=configs::button on:click=move |_| saved_open.set(true)>
                <Icon name=IconName::Archive />
                <span class="wide">{configs::button}</span>
            </button>
            <button type="button" class="btn" id="import-yaml" aria-label=words::import on:click=move |_| import_open.set(true)>
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
            <Sidebar />
        </div>
        <Import open=import_open />
        <Saved open=saved_open />
    }
}
