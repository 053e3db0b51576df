//! The demo that a first visit starts with one click: a SimPO run on the demo model, in the board's language.

use crate::api::{self, Answer, ApiError};
use crate::i18n::{lang_untracked, shell as words};
use crate::links;
use crate::live::use_live;
use crate::ui::{Icon, IconName, use_toaster};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use protocol::api::{NewRun, RunSummary};
use protocol::method::{MethodId, Scale};
use std::future::Future;
use std::pin::Pin;

const MODEL: &str = "corral-demo";

/// The future answer to the request that creates the run.
type Started = Pin<Box<dyn Future<Output = Answer<RunSummary>>>>;

/// Starts the demo. The code that reads methods, models and data sets for it is a part, loaded when it is first used.
#[wasm_split(frame, wasm_split_path = ::leptos::wasm_split, fallible)]
fn begin_demo() -> Result<Started, SplitLoaderError> {
    Ok(Box::pin(start_demo()))
}

async fn start_demo() -> Answer<RunSummary> {
    let data = lang_untracked().demo_data();
    let (models, datasets) = futures::join!(api::models(), api::datasets());
    let params = models?.iter().find(|model| model.id == MODEL).map(|model| model.params);
    let datasets = datasets?;
    let set = datasets.iter().find(|set| set.name == data);
    let rows = set.and_then(|set| set.inspection.as_ref().map(|inspection| inspection.usable));
    let held_out = format!("{data}_test");
    let mut config = MethodId::Simpo.recommended(Scale { rows, params });
    config.model_name_or_path = Some(MODEL.into());
    config.dataset = Some(data);
    if datasets.iter().any(|set| set.name == held_out) {
        config.eval_dataset = Some(held_out);
        config.val_size = None;
    }
    api::create_run(&NewRun {
        config,
        tags: vec!["demo".into()],
        ..NewRun::default()
    })
    .await
}

/// A callback that starts the demo and goes to its page, and whether it is being started.
pub fn use_run_demo() -> (Callback<()>, ReadSignal<bool>) {
    let (live, toaster, navigate) = (use_live(), use_toaster(), use_navigate());
    let (starting, set_starting) = signal(false);
    let run = move |()| {
        if starting.get_untracked() {
            return;
        }
        set_starting.set(true);
        let navigate = navigate.clone();
        spawn_local(async move {
            let started = match begin_demo().await {
                Ok(started) => started.await,
                Err(_) => Err(ApiError::Offline),
            };
            match started {
                Ok(run) => {
                    let page = links::run(&run.id);
                    live.add_if_unknown(run);
                    navigate(&page, NavigateOptions::default());
                }
                Err(error) => toaster.fail(&error),
            }
            let _ = set_starting.try_set(false);
        });
    };
    (Callback::new(run), starting)
}

/// The button that starts the demo.
#[component]
pub fn DemoButton(#[prop(optional)] primary: bool) -> impl IntoView {
    let (run, starting) = use_run_demo();
    view! {
        <button type="button" id="run-demo" class="btn" class:primary=primary disabled=starting on:click=move |_| run.run(())>
            <Icon name=IconName::Play />
            {words::run_demo}
        </button>
    }
}
