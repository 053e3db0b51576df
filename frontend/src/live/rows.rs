//! The rows of the runs: what is known of each run, and which of two versions of it is the newer.

use super::Live;
use crate::api::Answer;
use crate::logic::fold::{FoldedSweep, Member, fold_sweep};
use leptos::prelude::*;
use protocol::api::RunSummary;
use std::future::Future;

impl Live {
    /// The row of a run. Tracks only whether it exists, not its content.
    pub fn run(&self, id: &str) -> Option<ArcRwSignal<RunSummary>> {
        self.runs.with(|runs| runs.get(id).cloned())
    }

    /// A sweep as a whole, folded from the rows of its runs.
    pub fn sweep(self, id: String) -> Memo<Option<FoldedSweep>> {
        Memo::new(move |_| {
            self.runs.with(|runs| {
                let member = |run: &ArcRwSignal<RunSummary>| run.with(|run| Member::of(run, &id));
                let members: Vec<_> = runs.values().filter_map(member).collect();
                let of = |run: &ArcRwSignal<RunSummary>| run.with_untracked(|run| run.sweep.clone());
                let sweep = runs.values().find_map(|run| of(run).filter(|sweep| sweep.id == id))?;
                Some(fold_sweep(&sweep, members))
            })
        })
    }

    /// Awaits a request that changes a run, and takes the row it answers with at once, without waiting for the socket. Where the socket
    /// brought the run's row meanwhile, that one stays: which of the two is newer cannot be known, but the socket's last row is
    /// the newest.
    pub async fn change(self, id: &str, request: impl Future<Output = Answer<RunSummary>>) -> Answer<RunSummary> {
        let received = move |id: &str| self.inner.with_value(|inner| inner.rows_received.get(id).copied());
        let before = received(id);
        let answer = request.await;
        if let Ok(run) = &answer
            && received(id) == before
        {
            self.put(run.clone());
        }
        answer
    }

    /// Adds the row of a run that is not known yet. A known row stays: it came over the socket, and is newer.
    pub fn add_if_unknown(&self, run: RunSummary) {
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
                // data sets list the runs that use them
                if self.loaded.get_untracked() {
                    self.library_changed();
                }
            }
        }
    }

    /// Removes the row of a run.
    pub fn drop_run(&self, id: &str) {
        if self.runs.with_untracked(|runs| runs.contains_key(id)) {
            self.runs.update(|runs| {
                runs.remove(id);
            });
            self.library_changed();
        }
        if self.usage.with_untracked(|all| all.contains_key(id)) {
            self.usage.update(|all| drop(all.remove(id)));
        }
    }
}
