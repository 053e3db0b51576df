//! What is wrong with the form: what the browser finds, and what the server finds once the config has rested.

use super::super::data::misfit;
use super::super::lookup::inspections;
use super::super::settings::place_of;
use super::Form;
use crate::api::{self, Answer};
use crate::live::Live;
use crate::logic::form::Draft;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::{CheckAnswer, CheckRequest};
use protocol::config::FieldError;
use protocol::data::DatasetInfo;
use protocol::naming::is_run_name;
use protocol::{RunConfig, Said, Stage, says};
use std::time::Duration;

/// How long the config must be unchanged before the server checks it.
pub const CHECK_DELAY: Duration = Duration::from_millis(300);

/// All that errors are found in.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub draft: RwSignal<Draft>,
    pub config: Memo<RunConfig>,
    pub datasets: RwSignal<Option<Answer<Vec<DatasetInfo>>>>,
    pub further: RwSignal<Vec<FieldError>>,
    pub answer: RwSignal<Option<CheckAnswer>>,
}

impl Found {
    /// The errors found in the browser, then the server's of other fields, in the order of the form.
    pub fn errors(self, live: Live) -> Vec<FieldError> {
        let config = self.config.get();
        let mut errors = self.draft.with(|draft| draft.errors(&config));
        let mut add = |error: FieldError| {
            if errors.iter().all(|known| known.field != error.field) {
                errors.push(error);
            }
        };
        unfit(&self.datasets.read(), &config).into_iter().for_each(&mut add);
        name_error(&config, live).into_iter().for_each(&mut add);
        self.further.get().into_iter().for_each(&mut add);
        // of a check of an earlier config, only errors count that no other field can have corrected
        self.answer.with(|answer| {
            let Some(answer) = answer else { return };
            let now = config == answer.config;
            let lasting = |error: &&FieldError| now || error.code == "not_found";
            answer.errors.iter().filter(lasting).cloned().for_each(&mut add);
        });
        errors.sort_by_key(|error| place_of(&error.field));
        errors
    }
}

impl Form {
    /// Has the server check the config whenever it has changed, debounced.
    pub(super) fn keep_checked(self) {
        let newest = StoredValue::new(0u32);
        Effect::new(move || {
            let config = self.config.get();
            newest.update_value(|n| *n += 1);
            let number = newest.get_value();
            let current = move || newest.try_get_value() == Some(number);
            set_timeout(
                move || {
                    if current() {
                        spawn_local(async move {
                            let answer: Answer<CheckAnswer> = api::post("/api/check", &CheckRequest { config }).await;
                            if let (true, Ok(answer)) = (current(), answer) {
                                let _ = self.answer.try_set(Some(answer));
                            }
                        });
                    }
                },
                CHECK_DELAY,
            );
        });
    }
}

/// The error of the run's name.
fn name_error(config: &RunConfig, live: Live) -> Option<FieldError> {
    let name = config
        .run_name
        .as_deref()
        .map(str::trim)
        .filter(|name| !name.is_empty())?;
    if !is_run_name(name) {
        return Some(FieldError::new("run_name", "bad_name", says::run_name_bad()));
    }
    let taken = live
        .runs
        .with(|runs| runs.values().any(|run| run.with(|run| run.name == name)));
    taken.then(|| {
        let error = FieldError::new("run_name", "taken", says::run_name_taken(name));
        error.with_args([name.to_owned()])
    })
}

fn unfit(datasets: &Option<Answer<Vec<DatasetInfo>>>, config: &RunConfig) -> Option<FieldError> {
    let stage = Stage::of(config)?;
    let message = inspections(datasets, config).find_map(|found| misfit(found, stage))?;
    Some(FieldError::new("dataset", "unfit", Said::plain(message)))
}
