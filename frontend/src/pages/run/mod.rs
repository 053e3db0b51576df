//! The run page: header, tabs, and the state they share.

mod checkpoints;
mod config;
mod export;
mod facts;
mod files;
mod go_on;
mod header;
mod health;
mod hero;
mod log;
mod outcome;
mod overview;
pub(in crate::pages) mod pairs;
mod progress;
pub(in crate::pages) mod samples;
mod state;

use crate::address::use_address;
use crate::api::ApiError;
use crate::chart::Source;
use crate::fmt;
use crate::i18n::{Word, run as words};
use crate::part::{Lazy, part};
use crate::ui::{EmptyState, ErrorNote, PageHead, Skeleton, Tabs};
use header::Header;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
pub use outcome::sentence;
pub use progress::phase_word;
use state::RunView;

#[component]
pub fn Run() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    move || view! { <RunPage id=id.get() /> }
}

fn is_missing(error: &Option<ApiError>) -> bool {
    matches!(error, Some(ApiError::Problem(problem)) if problem.status == 404)
}

#[component]
fn RunPage(id: String) -> impl IntoView {
    let of = [id.clone()];
    let run = RunView::load(id);
    provide_context(run);
    // the title of the browser's tab shows the progress
    Effect::new(move || {
        let title = run.read(|run| match (run.state.is_live(), run.total_steps) {
            (true, Some(total)) => format!("{} {}", fmt::percent(run.step as f64 / total.max(1) as f64), run.name),
            _ => run.name.clone(),
        });
        if !title.is_empty() {
            document().set_title(&format!("{title} · Corral"));
        }
    });
    let address = use_address();
    provide_context(Source::of(Signal::derive(move || {
        let mut query = address.query.get().only(&["x", "zoom", "log", "clip"]);
        query.set_list("runs", &of);
        query
    })));
    let tab = Signal::derive(move || {
        let tab = address.get("tab");
        if tab.is_empty() { "overview".to_owned() } else { tab }
    });
    let all: [(&'static str, Word); 7] = [
        ("overview", words::tab_overview),
        ("pairs", crate::i18n::pairs::tab),
        ("samples", crate::i18n::samples::tab),
        ("config", words::tab_config),
        ("checkpoints", words::tab_checkpoints),
        ("log", words::tab_log),
        ("files", words::tab_files),
    ];
    // a run of another program has no data for the other tabs
    let tabs = move || {
        let shown = |tab: &str| !run.is_foreign() || ["overview", "config", "files"].contains(&tab);
        all.into_iter().filter(|(tab, _)| shown(tab)).collect::<Vec<_>>()
    };
    let choose = move |tab: String| address.set("tab", if tab == "overview" { "" } else { &tab });
    let panel = move || {
        let part = match tab.get().as_str() {
            "pairs" => part!(run_tabs, view! { <pairs::Pairs /> }),
            "samples" => part!(run_tabs, view! { <samples::Samples /> }),
            "config" => part!(run_tabs, view! { <config::Config /> }),
            "checkpoints" => part!(run_tabs, view! { <checkpoints::Checkpoints /> }),
            "log" => part!(run_tabs, view! { <log::Log /> }),
            "files" => part!(run_tabs, view! { <files::Files /> }),
            _ => return view! { <overview::Overview /> }.into_any(),
        };
        view! { <Lazy part /> }.into_any()
    };
    view! {
        <Show
            when=move || run.ready.get() && !run.gone.get()
            fallback=move || match run.error.get() {
                error if run.gone.get() || is_missing(&error) => {
                    view! {
                        <PageHead title=words::title.into() />
                        <EmptyState title=Signal::derive(|| words::gone().to_string())>
                            <a class="btn" href="/runs">{words::back}</a>
                        </EmptyState>
                    }
                        .into_any()
                }
                Some(error) => view! { <div class="page-body"><ErrorNote error on_retry=run.reload /></div> }.into_any(),
                None => view! { <div class="page-body"><Skeleton lines=8 /></div> }.into_any(),
            }
        >
            <Header />
            <div class="run-tabs">
                <Tabs
                    tabs=untrack(tabs)
                    chosen=tab
                    on_choose=choose
                    label=Signal::derive(|| words::tabs().to_string())
                />
            </div>
            <div class="page-body" role="tabpanel" aria-labelledby=move || format!("tab-{}", tab.get())>
                {panel}
            </div>
        </Show>
    }
}
