//! The runs' rows: what is known of each run, and which of two answers is the newer.

use super::Live;
use crate::api::Answer;
use crate::logic::fold::{Folded, Member, folded};
use leptos::prelude::*;
use protocol::api::RunSummary;
use std::future::Future;

impl Live {
    /// The row of a run; tracks only whether it is there.
    pub fn run(&self, id: &str) -> Option<ArcRwSignal<RunSummary>> {
        self.runs.with(|runs| runs.get(id).cloned())
    }

    /// What is said of a sweep as a whole, by the rows of its runs; follows them.
    pub fn sweep(self, id: String) -> Memo<Option<Folded>> {
        Memo::new(move |_| {
            self.runs.with(|runs| {
                let member = |run: &ArcRwSignal<RunSummary>| run.with(|run| Member::of(run, &id));
                let members: Vec<_> = runs.values().filter_map(member).collect();
                let of = |run: &ArcRwSignal<RunSummary>| run.with_untracked(|run| run.sweep.clone());
                let sweep = runs.values().find_map(|run| of(run).filter(|sweep| sweep.id == id))?;
                Some(folded(&sweep, members))
            })
        })
    }

    /// Makes a change of a run by REST and puts the answered row in, without waiting for the socket to tell it: unless the socket
    /// told of the run meanwhile. Which of the two is newer nobody knows, but what the socket tells last is.
    pub async fn change(self, id: &str, call: impl Future<Output = Answer<RunSummary>>) -> Answer<RunSummary> {
        let told = move |id: &str| self.inner.with_value(|inner| inner.told.get(id).copied());
        let before = told(id);
        let answer = call.await;
        if let Ok(run) = &answer
            && told(id) == before
        {
            self.put(run.clone());
        }
        answer
    }

    /// Puts in the row of a run not heard of yet; what the socket told of it is newer.
    pub fn meet(&self, run: RunSummary) {
        if self.runs.with_untracked(|runs| !runs.contains_key(&run.id)) {
            self.put(run);
        }
    }

    pub(super) fn put(&self, run: RunSummary) {
        let known = self.runs.with_untracked(|runs| runs.get(&run.id).cloned());
        match known {
            Some(row) => {
                if row.with_untracked(|old| *old != run && run.seq >= old.seq) {
                    let library = |run: &RunSummary| (run.checkpoints, run.name.clone());
                    let changed = row.with_untracked(|old| library(old) != library(&run));
                    row.set(run);
                    if changed {
                        self.library_changed();
                    }
                }
            }
            None => {
                self.runs.update(|runs| {
                    runs.insert(run.id.clone(), ArcRwSignal::new(run));
                });
                // data sets say who uses them
                if self.loaded.get_untracked() {
                    self.library_changed();
                }
            }
        }
    }

    /// Takes a run's row out.
    pub fn drop_run(&self, id: &str) {
        if self.runs.with_untracked(|runs| runs.contains_key(id)) {
            self.runs.update(|runs| {
                runs.remove(id);
            });
            self.library_changed();
        }
        if self.usage.with_untracked(|looks| looks.contains_key(id)) {
            self.usage.update(|looks| drop(looks.remove(id)));
        }
    }
}
