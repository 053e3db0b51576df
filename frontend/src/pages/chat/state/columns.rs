//! The models in the columns: chosen by the address, by a run, or by the person.

use super::ChatView;
use crate::api::{self, ApiError};
use crate::i18n::chat as words;
use leptos::prelude::*;
use protocol::api::{RunDetail, RunState, RunSummary};

const DEMO: &str = "corral-demo";

impl ChatView {
    /// Shows the base model of a run beside its best checkpoint.
    pub(super) async fn open_run(self, id: String) {
        match api::run(&id).await {
            Ok(run) => match pair_of(&run) {
                Some(models) => self.show(models),
                None => {
                    let _ = self.notice.try_set(Some(words::run_gone().to_owned()));
                    self.show(vec![DEMO.into()]);
                }
            },
            Err(ApiError::Problem(problem)) if problem.status == 404 => {
                let _ = self.notice.try_set(Some(words::run_gone().to_owned()));
                self.show(vec![DEMO.into()]);
            }
            Err(error) => {
                let _ = self.models.try_set(Some(Err(error)));
            }
        }
    }

    /// Shows the newest completed run beside its base model; else the demo model alone.
    pub(super) async fn choose_default(self) {
        let newest = self.live.runs.with_untracked(|runs| {
            let ended = |run: &ArcRwSignal<RunSummary>| {
                run.with_untracked(|run| {
                    let good = run.state == RunState::Completed && !run.archived;
                    good.then(|| (run.ended, run.id.clone()))
                })
            };
            runs.values().filter_map(ended).max().map(|(_, id)| id)
        });
        if let Some(id) = newest
            && let Ok(run) = api::run(&id).await
            && let Some(models) = pair_of(&run)
        {
            return self.show(models);
        }
        self.show(vec![DEMO.into()]);
    }

    /// Puts these models into the columns, and into the address.
    pub(super) fn show(self, models: Vec<String>) {
        self.address.edit(|query| {
            query.set("run", "");
            query.set_list("models", &models);
        });
        let _ = self.columns.try_set(models);
    }

    pub fn choose(self, column: usize, model: String) {
        let mut columns = self.columns.get_untracked();
        if let Some(slot) = columns.get_mut(column) {
            *slot = model;
            self.show(columns);
        }
    }

    pub fn add_column(self) {
        let mut columns = self.columns.get_untracked();
        let models = self.models.get_untracked().and_then(Result::ok).unwrap_or_default();
        let usable = models
            .iter()
            .filter(|model| model.unusable.is_nothing())
            .map(|model| &model.id);
        let other = usable
            .clone()
            .find(|id| !columns.contains(id))
            .or(usable.clone().next());
        columns.push(other.cloned().unwrap_or_else(|| DEMO.into()));
        self.show(columns);
    }

    pub fn drop_column(self) {
        let mut columns = self.columns.get_untracked();
        columns.truncate(1);
        self.show(columns);
    }

    pub fn swap(self) {
        let mut columns = self.columns.get_untracked();
        columns.reverse();
        self.show(columns);
    }

    /// Whether the second model was trained from the first, so that the columns can be called "before" and "after".
    pub fn is_pair(self) -> bool {
        let columns = self.columns.get();
        let [first, second] = columns.as_slice() else {
            return false;
        };
        let run = second.split('/').next().unwrap_or_default();
        self.live.runs.with(|runs| {
            let from_first = |row: &RunSummary| row.config.model_name_or_path.as_deref() == Some(first);
            runs.values()
                .any(|row| row.with(|row| row.name == run && from_first(row)))
        })
    }
}

/// What a run started from, and its best checkpoint (else its newest).
fn pair_of(run: &RunDetail) -> Option<Vec<String>> {
    let best = run.checkpoints.iter().find(|checkpoint| checkpoint.best);
    let newest = run.checkpoints.iter().max_by_key(|checkpoint| checkpoint.step);
    let tuned = best.or(newest)?;
    let base = run.summary.config.model_name_or_path.clone();
    let tuned = format!("{}/{}", run.summary.name, tuned.name);
    Some(base.into_iter().chain([tuned]).collect())
}
