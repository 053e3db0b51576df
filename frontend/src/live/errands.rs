//! What the server does for a page beside training, told live: merges, downloads, evaluations.

use super::Live;
use crate::api::{self, Answer};
use leptos::prelude::*;
use protocol::api::{Download, ExportForm, Merge};
use protocol::evaluation::Evaluation;

impl Live {
    /// All evaluations; where they can't be had, those that are known stay.
    pub async fn ask_of_evaluations(self) {
        let answer = api::evaluations().await.map(|known| {
            let known = known.into_iter().map(|one| (one.id.clone(), one));
            self.evaluations.set(known.collect());
        });
        if answer.is_ok()
            || self
                .evaluations_asked
                .with_untracked(|asked| !matches!(asked, Some(Ok(()))))
        {
            self.evaluations_asked.set(Some(answer));
        }
    }

    /// Downloads that began, went on or ended while nobody told of them, and what became of the merges that went on
    /// when this page last heard of them. Of a merge that began meanwhile it hears when that goes on, or ends.
    pub(super) async fn ask_of_errands(self) {
        if let Ok(known) = api::downloads().await {
            self.downloads.update(|all| {
                all.retain(|_, download| download.state != "downloading");
                all.extend(known.into_iter().map(|download| (download.id.clone(), download)));
            });
        }
        if let Ok(notify) = api::notify().await {
            self.notify.set(notify);
        }
        self.ask_of_evaluations().await;
        let going = self.merges.with_untracked(|merges| {
            let going = merges.iter().filter(|(_, merge)| matches!(merge, Merge::Going { .. }));
            going.map(|(run, _)| run.clone()).collect::<Vec<_>>()
        });
        // the run of a merge of several that is done says nothing of it
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
                    // a run that a merge would have made, had the server not been started anew
                    Err(error) if error.code() == "not_found" => Merge::None,
                    Err(_) => continue,
                },
            };
            self.merges.update(|merges| {
                merges.insert(run, merge);
            });
        }
    }

    /// Asks for the merge of a run. What it comes to is in `merges`.
    pub async fn merge(self, id: &str, checkpoint: Option<&str>, form: &ExportForm) -> Answer<Merge> {
        // of an earlier try; the same words again are news
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

    pub(super) fn hear_of_merge(self, run: String, merge: Merge) {
        let done = matches!(merge, Merge::Done { .. });
        self.merges.update(|merges| {
            merges.insert(run, merge);
        });
        if done {
            self.library_changed();
        }
    }

    pub fn hear_of_evaluation(self, evaluation: Evaluation) {
        self.evaluations.update(|all| {
            all.insert(evaluation.id.clone(), evaluation);
        });
    }

    pub fn drop_evaluation(self, id: &str) {
        self.evaluations.update(|all| {
            all.remove(id);
        });
    }

    pub(super) fn hear_of_download(self, download: Download) {
        let ended = download.state != "downloading";
        self.downloads.update(|downloads| {
            downloads.insert(download.id.clone(), download);
        });
        if ended {
            self.library_changed();
        }
    }
}
