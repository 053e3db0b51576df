//! Tells in this browser that a run has ended, where somebody asked for that.

use super::notify::InBrowser;
use crate::browser::{self, notices};
use crate::links;
use crate::live::use_live;
use crate::pages::{need, sentence};
use crate::ui::state_word;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use protocol::api::{RunState, RunSummary};
use std::collections::BTreeSet;

/// Follows the runs that go, and tells of each that ends.
#[component]
pub fn Ends(choice: InBrowser) -> impl IntoView {
    let live = use_live();
    let navigate = use_navigate();
    Effect::new(move |went: Option<BTreeSet<String>>| {
        if !choice.on.get() {
            return BTreeSet::new();
        }
        let went = went.unwrap_or_default();
        let mut goes = BTreeSet::new();
        live.runs.with(|runs| {
            for run in runs.values() {
                run.with(|run| {
                    if run.state.is_live() {
                        goes.insert(run.id.clone());
                    } else if run.state.is_over() && went.contains(&run.id) {
                        let (navigate, path) = (navigate.clone(), links::run(&run.id));
                        tell(run, move || navigate(&path, NavigateOptions::default()));
                    }
                });
            }
        });
        goes
    });
}

fn tell(run: &RunSummary, open: impl FnOnce() + 'static) {
    let title = format!("{}: {}", run.name, state_word(run.state));
    let text = match run.state {
        RunState::Failed => need(run),
        _ => sentence(run),
    };
    // of several tabs that tell of one end, one is seen
    let tag = format!("corral-{}-{}", run.id, run.ended.unwrap_or_default());
    notices::show(&title, &text, &tag, move || {
        browser::to_front();
        open();
    });
}
