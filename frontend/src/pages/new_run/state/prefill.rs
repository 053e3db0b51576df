//! The initial content of the form: the demo, a run to repeat or to continue from, or what the address asks for.

use super::super::lookup::inspections;
use super::super::next::{again, next_stage};
use super::super::stored::Origin;
use super::Form;
use crate::api::{self, ApiError};
use crate::i18n::lang_untracked;
use crate::logic::form::Draft;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::method::MethodId;

const DEMO: &str = "corral-demo";

/// SimPO on the demo, in the board's language.
pub(super) fn first_draft() -> Draft {
    let mut draft = Draft::new(MethodId::Simpo);
    draft.put("model_name_or_path", DEMO);
    draft.put("dataset", lang_untracked().demo_data());
    draft
}

impl Form {
    /// Fills the form with what the address asks for. A draft that came from the same run is kept.
    pub(super) fn prefill(self) {
        let query = self.address.query.get_untracked();
        let first = |key: &str| query.list(key).into_iter().next();
        let here = |run: &str, next: bool| {
            self.origin
                .with_untracked(|origin| origin.as_ref().is_some_and(|origin| origin.is(run, next)))
        };
        if let Some(run) = first("from") {
            let changes = query.list("change");
            // a draft of the same run is kept, unless the address asks for changes
            if !here(&run, false) || !changes.is_empty() {
                spawn_local(self.take_run(run, Some(changes)));
            }
        } else if let Some(run) = first("parent").or(first("next"))
            && !here(&run, true)
        {
            spawn_local(self.take_run(run, None));
        }
        self.draft.update(|draft| {
            if let Some(model) = first("model") {
                draft.put("model_name_or_path", model);
            }
            if let Some(dataset) = first("dataset") {
                draft.put("dataset", dataset);
            }
        });
        if first("dataset").is_some() {
            self.pick_for_data();
        }
        // taken only once: a reload must not overwrite what the person has changed
        let address = self.address;
        request_animation_frame(move || {
            address.edit(|query| {
                query.set("model", "");
                query.set("dataset", "");
                query.set("change", "");
            });
        });
    }

    /// Picks a method that can use the chosen data set, once the kind of that is known.
    fn pick_for_data(self) {
        let done = StoredValue::new(false);
        Effect::new(move || {
            if !self.datasets.with(Option::is_some) || done.get_value() {
                return;
            }
            done.set_value(true);
            let config = self.config.get_untracked();
            let kind = self
                .datasets
                .with_untracked(|sets| inspections(sets, &config).next().map(|found| found.kind));
            if let Some(kind) = kind
                && !self.draft.with_untracked(|draft| draft.method.stage()).takes(kind)
                && let Some(method) = MethodId::ALL.iter().copied().find(|id| id.stage().takes(kind))
            {
                self.pick(method);
            }
        });
    }

    /// Fills the form from a run: the same again with these changes, or the next stage where `changes` is `None`.
    async fn take_run(self, id: String, changes: Option<Vec<String>>) {
        let found = match api::run(&id).await {
            Ok(run) => run,
            Err(error) => {
                let missing = matches!(&error, ApiError::Problem(problem) if problem.status == 404);
                let origin = if missing {
                    Origin::Missing
                } else {
                    Origin::Failed(error.message())
                };
                let _ = self.origin.try_set(Some(origin));
                return;
            }
        };
        let (id, name) = (found.summary.id.clone(), found.summary.name.clone());
        let (draft, origin, parent) = match changes {
            None => {
                let origin = Origin::Next { id: id.clone(), name };
                (next_stage(&found), origin, Some(id))
            }
            Some(mut changes) => {
                let mut draft = again(&found);
                // only the changes that could be applied are shown
                changes.retain(|change| draft.apply_assignment(change));
                (draft, Origin::Again { id, name, changes }, found.summary.parent)
            }
        };
        let _ = self.origin.try_set(Some(origin));
        let _ = self.parent.try_set(parent);
        let _ = self.draft.try_set(draft);
    }
}
