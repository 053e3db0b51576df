//! The state of the form: the draft, what there is to choose from, and the server's check of it.

mod checked;
mod choices;
mod edits;
mod prefill;
mod scaling;

use super::lookup::{listed, params, rows};
use super::stored::{self, Origin, StoredDraft};
use super::sweep::Search;
use crate::address::{Address, use_address};
use crate::api::{self, Answer};
use crate::fetched::{Fetched, Refetch};
use crate::live::use_live;
use crate::logic::form::Draft;
pub use checked::CHECK_DELAY;
use checked::Found;
use leptos::prelude::*;
use prefill::first_draft;
use protocol::RunConfig;
use protocol::api::{CheckAnswer, ModelInfo, System};
use protocol::config::{FieldError, Notes, check};
use protocol::data::DatasetInfo;
use protocol::method::Scale;
use protocol::{Said, says};

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
        let found = Found {
            draft,
            config,
            datasets,
            further,
            answer,
        };
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
            errors: Memo::new(move |_| found.errors(live)),
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

const UNKNOWN: Scale = Scale {
    rows: None,
    params: None,
};
