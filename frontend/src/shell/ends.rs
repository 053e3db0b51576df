//! Tells in this browser that a run, or a sweep with all of its runs, has ended, where somebody asked for that.

use super::notify::InBrowser;
use crate::browser::{self, notices};
use crate::i18n::sweep as words;
use crate::links;
use crate::live::use_live;
use crate::logic::fold::{Folded, Member, folded};
use crate::pages::{best_of, need, sentence};
use crate::ui::state_word;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use protocol::api::{OfSweep, RunState, RunSummary};
use std::collections::{BTreeMap, BTreeSet};

/// Follows what goes, and tells of each run that ends; of a sweep when its last run does.
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
                        goes.insert(run.id.clone());
                    } else if run.state.is_over() && went.contains(&run.id) {
                        tell(run, opening(links::run(&run.id)));
                    }
                });
            }
            for (id, (of, members)) in sweeps {
                let sweep = folded(&of, members);
                if sweep.over < sweep.of {
                    goes.insert(id);
                } else if went.contains(&id) {
                    let best = sweep.best.as_ref().and_then(|best| runs.get(best));
                    let best = best.map(|run| run.with(|run| best_of(run).unwrap_or_default()));
                    tell_of_sweep(&id, &sweep, &best.unwrap_or_default(), opening(links::sweep(&id)));
                }
            }
        });
        goes
    });
}

fn tell_of_sweep(id: &str, sweep: &Folded, best: &str, open: impl FnOnce() + 'static) {
    let title = format!("{}: {}", sweep.name, words::over_of(sweep.over, sweep.of));
    notices::show(&title, best, &format!("corral-{id}-{}", sweep.over), move || {
        browser::to_front();
        open();
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
