//! Notifies in this browser that a run, or a whole sweep, has ended, where the person turned that on.

use super::notify::BrowserNotifications;
use crate::browser::{self, notices};
use crate::i18n::sweep as words;
use crate::links;
use crate::live::use_live;
use crate::logic::fold::{FoldedSweep, Member, fold_sweep};
use crate::pages::{best_of, need, sentence};
use crate::ui::state_word;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use protocol::api::{OfSweep, RunState, RunSummary};
use std::collections::{BTreeMap, BTreeSet};

/// Notifies of each run that ends while the page is open; of a sweep when its last run does.
#[component]
pub fn RunEndNotifier(notifications: BrowserNotifications) -> impl IntoView {
    let live = use_live();
    let navigate = use_navigate();
    Effect::new(move |was_live: Option<BTreeSet<String>>| {
        if !notifications.enabled.get() {
            return BTreeSet::new();
        }
        let was_live = was_live.unwrap_or_default();
        // ids of the runs and sweeps that are going on
        let mut is_live = BTreeSet::new();
        let opening = |path: String| {
            let navigate = navigate.clone();
            move || navigate(&path, NavigateOptions::default())
        };
        let mut sweeps: BTreeMap<String, (OfSweep, Vec<Member>)> = BTreeMap::new();
        live.runs.with(|runs| {
            for run in runs.values() {
                run.with(|run| {
                    if let Some(of) = &run.sweep {
                        let (_, members) = sweeps.entry(of.id.clone()).or_insert_with(|| (of.clone(), vec![]));
                        members.extend(Member::of(run, &of.id));
                    } else if run.state.is_live() {
                        is_live.insert(run.id.clone());
                    } else if run.state.is_over() && was_live.contains(&run.id) {
                        notify_of_run(run, opening(links::run(&run.id)));
                    }
                });
            }
            for (id, (of, members)) in sweeps {
                let sweep = fold_sweep(&of, members);
                if !sweep.is_over {
                    is_live.insert(id);
                } else if was_live.contains(&id) {
                    let best = sweep.best.as_ref().and_then(|best| runs.get(best));
                    let best = best.map(|run| run.with(|run| best_of(run).unwrap_or_default()));
                    notify_of_sweep(&id, &sweep, &best.unwrap_or_default(), opening(links::sweep(&id)));
                }
            }
        });
        is_live
    });
}

fn notify_of_sweep(id: &str, sweep: &FoldedSweep, best: &str, open: impl FnOnce() + 'static) {
    let title = format!("{}: {}", sweep.name, words::over_of(sweep.ended, sweep.total));
    // the tag is the same in all tabs of the browser, so that they show one notification for one end, and another for the next
    let tag = format!("corral-{id}-{}", sweep.last_end.unwrap_or_default());
    notices::show(&title, best, &tag, move || {
        browser::focus_window();
        open();
    });
}

fn notify_of_run(run: &RunSummary, open: impl FnOnce() + 'static) {
    let title = format!("{}: {}", run.name, state_word(run.state));
    let text = match run.state {
        RunState::Failed => need(run),
        _ => sentence(run),
    };
    let tag = format!("corral-{}-{}", run.id, run.ended.unwrap_or_default());
    notices::show(&title, &text, &tag, move || {
        browser::focus_window();
        open();
    });
}
