//! The rows of the runs: what is known of each run, and which of two versions of it is the newer.

use super::{Inner, Live};
use crate::api::Answer;
use crate::brief::brief_memo;
use crate::logic::fold::{FoldedSweep, Member, fold_sweep};
use leptos::prelude::*;
use protocol::api::{RunFields, RunSummary};
use protocol::live::ToServer;
use serde_json::{Map, Value};
use std::future::Future;

impl Live {
    /// The row of a run. Tracks only whether it exists, not its content.
    pub fn run(&self, id: &str) -> Option<ArcRwSignal<RunSummary>> {
        self.runs.with(|runs| runs.get(id).cloned())
    }

    /// A sweep as a whole, folded from the rows of its runs.
    pub fn sweep(self, id: String) -> Memo<Option<FoldedSweep>> {
        brief_memo(move |_| {
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
            // where the run is soon again as the socket told it, there is no change that would say so
            self.inner.update_value(|inner| inner.request_row(id));
        }
        answer
    }

    /// The whole row of a run came over the socket.
    pub(super) fn on_row(&self, fields: RunFields) {
        // what can't be read is of another version, and then so is the page
        let Ok(run) = fields.row() else { return };
        self.inner.update_value(|inner| inner.remember(&run.id, fields));
        self.put(run);
    }

    /// What changed of a run's row came over the socket. It is put into the row that the socket told before, and not into the one
    /// that is shown: that may be newer, from a list or an answer.
    pub(super) fn on_row_changed(&self, id: &str, changed: Map<String, Value>) {
        let run = self.inner.try_update_value(|inner| {
            // taken out: nothing is put into a row that did not fit
            let told = inner.told.remove(id).and_then(|mut fields| {
                fields.change(changed);
                Some((fields.row().ok()?, fields))
            });
            let Some((run, fields)) = told else {
                inner.request_row(id);
                return None;
            };
            inner.remember(id, fields);
            Some(run)
        });
        if let Some(run) = run.flatten() {
            self.put(run);
        }
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
        self.inner.update_value(|inner| drop(inner.told.remove(id)));
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

impl Inner {
    /// Takes note of a row that came over the socket, whole or by what changed of it.
    fn remember(&mut self, id: &str, fields: RunFields) {
        *self.rows_received.entry(id.to_owned()).or_default() += 1;
        self.told.insert(id.to_owned(), fields);
    }

    /// Asks the socket for the whole row of a run.
    fn request_row(&self, run: &str) {
        if let Some(send) = &self.send {
            let _ = send.unbounded_send(ToServer::Row { run: run.into() });
        }
    }
}
