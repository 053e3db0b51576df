//! Jobs of the server beside training, kept fresh: merges, downloads, evaluations.

use super::Live;
use crate::api::{self, Answer};
use leptos::prelude::*;
use protocol::api::{Download, ExportForm, Merge};
use protocol::evaluation::Evaluation;

impl Live {
    /// Fetches all evaluations. Where that fails, those that are known stay.
    pub async fn fetch_evaluations(self) {
        let answer = api::evaluations().await.map(|known| {
            let known = known.into_iter().map(|one| (one.id.clone(), one));
            self.evaluations.set(known.collect());
        });
        if answer.is_ok()
            || self
                .evaluations_fetched
                .with_untracked(|fetched| !matches!(fetched, Some(Ok(()))))
        {
            self.evaluations_fetched.set(Some(answer));
        }
    }

    /// Fetches what happened to jobs while there was no connection: all downloads and evaluations, and the state of each merge that was
    /// going on when this page last heard of it. A merge that began meanwhile sends a message with its next progress.
    pub(super) async fn fetch_jobs(self) {
        if let Ok(known) = api::downloads().await {
            self.downloads.update(|all| {
                all.retain(|_, download| download.state != "downloading");
                all.extend(known.into_iter().map(|download| (download.id.clone(), download)));
            });
        }
        if let Ok(notify) = api::notify().await {
            self.notify.set(notify);
        }
        self.fetch_evaluations().await;
        let going = self.merges.with_untracked(|merges| {
            let going = merges.iter().filter(|(_, merge)| matches!(merge, Merge::Going { .. }));
            going.map(|(run, _)| run.clone()).collect::<Vec<_>>()
        });
        // a merge of several checkpoints is not in the state of its run once it is done: the list of such merges has it
        let combining = match going.is_empty() {
            true => vec![],
            false => api::combining().await.unwrap_or_default(),
        };
        for run in going {
            let of_several = combining.iter().find(|last| last.run == run);
            let merge = match of_several {
                Some(last) => last.merge.clone(),
                None => match api::merge_state(&run).await {
                    Ok(merge) => merge,
                    // the server was restarted during a merge, so that the run it would have made does not exist
                    Err(error) if error.code() == "not_found" => Merge::None,
                    Err(_) => continue,
                },
            };
            self.merges.update(|merges| {
                merges.insert(run, merge);
            });
        }
    }

    /// Starts the merge of a run. Its progress and result are in `merges`.
    pub async fn merge(self, id: &str, checkpoint: Option<&str>, form: &ExportForm) -> Answer<Merge> {
        // forgets the result of an earlier try, so that the same result again is noticed
        self.merges.update(|merges| {
            merges.remove(id);
        });
        let answer = api::merge(id, checkpoint, form).await;
        if let Ok(merge) = &answer {
            self.merges.update(|merges| {
                merges.entry(id.to_owned()).or_insert_with(|| merge.clone());
            });
        }
        answer
    }

    pub(super) fn put_merge(self, run: String, merge: Merge) {
        let done = matches!(merge, Merge::Done { .. });
        self.merges.update(|merges| {
            merges.insert(run, merge);
        });
        if done {
            self.library_changed();
        }
    }

    pub fn put_evaluation(self, evaluation: Evaluation) {
        self.evaluations.update(|all| {
            all.insert(evaluation.id.clone(), evaluation);
        });
    }

    pub fn drop_evaluation(self, id: &str) {
        self.evaluations.update(|all| {
            all.remove(id);
        });
    }

    pub(super) fn put_download(self, download: Download) {
        let ended = download.state != "downloading";
        self.downloads.update(|downloads| {
            downloads.insert(download.id.clone(), download);
        });
        if ended {
            self.library_changed();
        }
    }
}
