//! The state of the form: the draft, what there is to choose from, and the server's check of it.

mod choices;
mod prefill;
mod scaling;

use super::data::misfit;
use super::lookup::{inspections, listed, params, rows};
use super::settings::place_of;
use super::stored::{self, Origin, StoredDraft};
use super::sweep::Search;
use crate::address::{Address, use_address};
use crate::api::{self, Answer};
use crate::fetched::{Fetched, Refetch};
use crate::live::{Live, use_live};
use crate::logic::form::{Draft, text_of};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use prefill::first_draft;
use protocol::RunConfig;
use protocol::api::{CheckAnswer, CheckRequest, ModelInfo, System};
use protocol::config::{FieldError, KEYS, Notes, check, names};
use protocol::data::DatasetInfo;
use protocol::method::{MethodId, Scale};
use protocol::naming::is_run_name;
use protocol::{Said, Stage, says};
use std::time::Duration;

/// The form; in the context of its parts.
#[derive(Clone, Copy)]
pub struct Form {
    pub draft: RwSignal<Draft>,
    pub models: RwSignal<Option<Answer<Vec<ModelInfo>>>>,
    pub datasets: RwSignal<Option<Answer<Vec<DatasetInfo>>>>,
    /// The rows of the chosen data, and the parameters of the chosen model.
    pub scale: Memo<Scale>,
    pub config: Memo<RunConfig>,
    /// The rule book's notes on each key under the config.
    pub notes: Memo<Notes>,
    /// The config with every default written out.
    pub whole: Memo<RunConfig>,
    /// The recommended values, with every default written out.
    pub defaults: Memo<RunConfig>,
    /// The errors found in the browser, then the server's of other fields.
    pub errors: Memo<Vec<FieldError>>,
    /// The errors in the lines of further keys, which have no field.
    pub further: RwSignal<Vec<FieldError>>,
    /// Those lines as they were typed, while they are being parsed, and where they can't be used.
    pub unread: RwSignal<Option<String>>,
    /// Whether they are being parsed, and the draft does not have them yet.
    pub reading: RwSignal<bool>,
    /// The server's check of the config as it is, or as it was a moment ago.
    pub answer: RwSignal<Option<CheckAnswer>>,
    /// The run this one starts from.
    pub parent: RwSignal<Option<String>>,
    /// Where the settings of the form came from.
    pub origin: RwSignal<Option<Origin>>,
    /// The machine that will train.
    pub system: RwSignal<Option<Answer<System>>>,
    /// Whether any key has several values, so that a sweep is started.
    pub sweeps: Memo<bool>,
    /// That sweep.
    pub search: Search,
    /// The models, the data sets and the machine, to be fetched again.
    lists: [Refetch; 3],
    address: Address,
}

pub fn use_form() -> Form {
    expect_context::<Form>()
}

impl Form {
    pub fn start() -> Self {
        let kept = stored::read().unwrap_or_else(|| StoredDraft::plain(first_draft()));
        let draft = RwSignal::new(kept.draft);
        let (models, datasets) = (Fetched::start(api::models), Fetched::start(api::datasets));
        let system = Fetched::start(api::system);
        let lists = [models.refetch, datasets.refetch, system.refetch];
        let (models, datasets) = (models.answer, datasets.answer);
        let answer = RwSignal::new(None::<CheckAnswer>);
        let further = RwSignal::new(Vec::<FieldError>::new());
        let unread = RwSignal::new(kept.unread);
        let live = use_live();
        let subject = Memo::new(move |_| {
            draft.with(|draft| {
                let config = draft.config(UNKNOWN);
                (config.model_name_or_path, config.dataset)
            })
        });
        let scale = Memo::new(move |_| {
            let (model, dataset) = subject.get();
            Scale {
                rows: datasets.with(|sets| rows(sets, dataset.as_deref()?)),
                params: models.with(|models| params(models, model.as_deref()?)),
            }
        });
        let config = Memo::new(move |_| draft.with(|draft| draft.config(scale.get())));
        let method = Memo::new(move |_| draft.with(|draft| draft.method));
        let notes = Memo::new(move |_| config.with(Notes::of));
        let form = Self {
            draft,
            models,
            datasets,
            scale,
            config,
            notes,
            sweeps: Memo::new(move |_| notes.with(|notes| draft.with(|draft| draft.sweeps(notes)))),
            search: Search::start(draft, config, notes),
            whole: Memo::new(move |_| config.with(RunConfig::completed)),
            defaults: Memo::new(move |_| method.get().recommended(scale.get()).completed()),
            errors: Memo::new(move |_| {
                let mut errors = draft.with(|draft| config.with(|config| draft.errors(config)));
                let mut add = |error: FieldError| {
                    if errors.iter().all(|known| known.field != error.field) {
                        errors.push(error);
                    }
                };
                config.with(|config| {
                    unfit(&datasets.read(), config).into_iter().for_each(&mut add);
                    name_error(config, live).into_iter().for_each(&mut add);
                });
                further.get().into_iter().for_each(&mut add);
                // of a check of an earlier config, only errors count that no other field can have corrected
                answer.with(|answer| {
                    let Some(answer) = answer else { return };
                    let now = config.with(|config| *config == answer.config);
                    let lasting = |error: &&FieldError| now || error.code == "not_found";
                    answer.errors.iter().filter(lasting).cloned().for_each(&mut add);
                });
                errors.sort_by_key(|error| place_of(&error.field));
                errors
            }),
            further,
            unread,
            reading: RwSignal::new(false),
            answer,
            parent: RwSignal::new(kept.parent),
            origin: RwSignal::new(kept.origin),
            system: system.answer,
            lists,
            address: use_address(),
        };
        for list in lists {
            live.when_library_changes(list);
        }
        form.prefill();
        form.keep_checked();
        // stored on each change: adding data or fetching a model leaves the page, and comes back to it
        Effect::new(move || {
            let (draft, origin, parent) = (draft.get(), form.origin.get(), form.parent.get());
            let unread = unread.get();
            if draft == first_draft() && origin.is_none() && unread.is_none() {
                stored::forget();
            } else {
                stored::write(&StoredDraft {
                    draft,
                    origin,
                    parent,
                    unread,
                });
            }
        });
        form
    }

    /// Fetches all that there is to choose from again.
    pub fn fetch(self) {
        self.lists.into_iter().for_each(Refetch::now);
    }

    /// Has the server check the config whenever it has changed, debounced.
    fn keep_checked(self) {
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

    /// The text in the field of `key`.
    pub fn text(self, key: &str) -> String {
        if let Some(typed) = self.draft.with(|draft| draft.typed(key).map(str::to_owned)) {
            return typed;
        }
        let value = self.config.with(|config| config.get(key));
        text_of(value.or_else(|| self.whole.with(|whole| whole.get(key))).as_ref())
    }

    pub fn type_in(self, key: &str, text: &str) {
        let defaults = self.defaults.get_untracked();
        self.draft.update(|draft| draft.type_in(key, text, &defaults));
    }

    pub fn put(self, key: &str, value: &str) {
        self.draft.update(|draft| draft.put(key, value));
    }

    pub fn is_changed(self, key: &str) -> bool {
        self.defaults
            .with(|defaults| self.draft.with(|draft| draft.is_changed(key, defaults)))
    }

    pub fn reset(self, key: &str) {
        self.draft.update(|draft| draft.reset(key));
    }

    pub fn pick(self, method: MethodId) {
        let defaults = self.defaults.get_untracked();
        self.draft.update(|draft| draft.pick(method, &defaults));
    }

    /// Whether `key` counts under what is chosen.
    pub fn matters(self, key: &str) -> bool {
        let means = match key {
            // the weight of a single loss would only scale the learning rate
            "loss_weights" => self
                .config
                .with(|config| names(config.pref_loss.as_deref()).count() > 1),
            // the rule book does not know the model
            "moe_aux_loss_coef" => self
                .model()
                .is_none_or(|model| model.dims.is_none_or(|dims| dims.decoder.experts().is_some())),
            _ => true,
        };
        means && self.notes.with(|notes| notes.counts(key))
    }

    pub fn error(self, key: &str) -> Option<FieldError> {
        self.errors
            .with(|errors| errors.iter().find(|error| error.field == key).cloned())
    }

    /// Replaces what is in the form by `config`.
    pub fn load(self, config: &RunConfig) {
        self.clear_further();
        self.draft.set(Draft::of(config));
        self.parent.set(None);
    }

    /// All that is in the form, to be restored later.
    pub fn snapshot(self) -> StoredDraft {
        StoredDraft {
            draft: self.draft.get_untracked(),
            origin: self.origin.get_untracked(),
            parent: self.parent.get_untracked(),
            unread: self.unread.get_untracked(),
        }
    }

    /// Drops what was typed as further keys and is not in the draft.
    pub fn clear_further(self) {
        self.further.set(vec![]);
        self.reading.set(false);
        self.unread.set(None);
    }

    /// Waits until the further keys that were typed are parsed.
    pub async fn further_settled(self) {
        while self.reading.try_get_untracked() == Some(true) {
            TimeoutFuture::new(POLL_MS).await;
        }
    }

    pub fn restore(self, stored: StoredDraft) {
        self.clear_further();
        self.draft.set(stored.draft);
        self.origin.set(stored.origin);
        self.parent.set(stored.parent);
        self.unread.set(stored.unread);
    }

    /// Lays the keys of `config` over what is in the form.
    pub fn overlay(self, config: &RunConfig) {
        let scale = self.scale.get_untracked();
        self.draft.update(|draft| *draft = draft.overlaid_with(config, scale));
    }

    /// The config of the form with `config` laid over it, including keys of `config` that the form would leave out.
    pub fn overlaid_config(self, config: &RunConfig) -> RunConfig {
        let scale = self.scale.get_untracked();
        let mut laid = self
            .draft
            .with_untracked(|draft| draft.overlaid_with(config, scale).config(scale));
        for key in KEYS {
            if let Some(value) = config.get(key.name) {
                let _ = laid.set(key.name, &value);
            }
        }
        laid
    }

    pub fn start_over(self) {
        self.clear_further();
        self.origin.set(None);
        self.parent.set(None);
        self.draft.set(first_draft());
        self.address.edit(|query| {
            for key in ["from", "parent", "next"] {
                query.set(key, "");
            }
        });
    }

    /// Notices of what is valid but should be known, without those that the recommended settings have too.
    pub fn notices(self) -> Vec<Said> {
        let usual = self.defaults.with(|defaults| check(defaults).notices);
        let all = self
            .answer
            .with(|answer| answer.as_ref().map(|a| a.notices.clone()).unwrap_or_default());
        let notices = all.into_iter().filter(|notice| !usual.contains(notice));
        notices.chain(self.scaled()).chain(self.long_cutoff()).collect()
    }

    /// The notice of a cut-off that the person set, and that exceeds the model's context.
    fn long_cutoff(self) -> Option<Said> {
        let context = self.context()?;
        let cutoff = self.config.with(|config| config.cutoff_len)?;
        (cutoff > context && self.is_changed("cutoff_len")).then(|| says::long_cutoff(cutoff, context))
    }

    /// The chosen model, when it is in the list.
    pub fn model(self) -> Option<ModelInfo> {
        let id = self.config.with(|config| config.model_name_or_path.clone())?;
        self.models
            .with(|models| listed(models).iter().find(|m| m.id == id || m.path == id).cloned())
    }
}

/// How long the config must be unchanged before the server checks it.
pub const CHECK_DELAY: Duration = Duration::from_millis(300);

/// Milliseconds between two looks whether the further keys are parsed.
const POLL_MS: u32 = 30;

const UNKNOWN: Scale = Scale {
    rows: None,
    params: None,
};

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
