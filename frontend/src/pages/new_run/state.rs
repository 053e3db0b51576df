//! What the form knows: the draft, what is here to choose from, and what the server thinks of it.

use super::data::misfit;
use crate::address::use_address;
use crate::api::{self, Answer, ApiError};
use crate::browser;
use crate::i18n::{lang_untracked, new_run as words};
use crate::logic::form::{Draft, text_of};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::RunConfig;
use protocol::api::{CheckAnswer, CheckRequest, ModelInfo, ModelOrigin, RunDetail};
use protocol::config::{FieldError, check, matters, names};
use protocol::data::{DataKind, DatasetInfo};
use protocol::method::{MethodId, Scale};
use std::time::Duration;

const STORED: &str = "new-run-draft";
const DEMO: &str = "corral-demo";

#[derive(Clone, Copy)]
pub struct Form {
    pub draft: RwSignal<Draft>,
    pub models: RwSignal<Option<Answer<Vec<ModelInfo>>>>,
    pub datasets: RwSignal<Option<Answer<Vec<DatasetInfo>>>>,
    /// Rows of the chosen data, parameters of the chosen model.
    pub scale: Memo<Scale>,
    pub config: Memo<RunConfig>,
    /// Keys that have a meaning under it.
    pub matter: Memo<Vec<&'static str>>,
    /// The config with every default written out.
    pub whole: Memo<RunConfig>,
    pub defaults: Memo<RunConfig>,
    /// The browser's errors, then the server's about other fields.
    pub errors: Memo<Vec<FieldError>>,
    /// The server's answer to the config as it is, or as it was a moment ago.
    pub answer: RwSignal<Option<CheckAnswer>>,
    /// The run this one starts from.
    pub parent: RwSignal<Option<String>>,
    /// Where the settings came from.
    pub origin: RwSignal<Option<Result<String, String>>>,
}

pub fn use_form() -> Form {
    expect_context::<Form>()
}

/// SimPO on the demo, in the board's language.
fn first_draft() -> Draft {
    let mut draft = Draft::new(MethodId::Simpo);
    draft.put("model_name_or_path", DEMO);
    draft.put("dataset", format!("demo_{}", lang_untracked().tag()));
    draft
}

impl Form {
    pub fn start() -> Self {
        let stored = browser::stored(STORED).and_then(|text| serde_json::from_str(&text).ok());
        let draft = RwSignal::new(stored.unwrap_or_else(first_draft));
        let models = RwSignal::new(None::<Answer<Vec<ModelInfo>>>);
        let datasets = RwSignal::new(None::<Answer<Vec<DatasetInfo>>>);
        let answer = RwSignal::new(None::<CheckAnswer>);
        let subject = Memo::new(move |_| {
            draft.with(|draft| {
                let config = draft.config(NOTHING);
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
        let form = Self {
            draft,
            models,
            datasets,
            scale,
            config,
            matter: Memo::new(move |_| config.with(matters)),
            whole: Memo::new(move |_| config.with(RunConfig::completed)),
            defaults: Memo::new(move |_| method.get().recommended(scale.get()).completed()),
            errors: Memo::new(move |_| {
                let mut errors = draft.with(|draft| config.with(|config| draft.errors(config)));
                let theirs = answer.with(|answer| answer.as_ref().map(|a| a.errors.clone()).unwrap_or_default());
                for error in theirs {
                    if errors.iter().all(|known| known.field != error.field) && error.code == "not_found" {
                        errors.push(error);
                    }
                }
                if let Some(error) = config.with(|config| unfit(&datasets.read(), config))
                    && errors.iter().all(|known| known.field != error.field)
                {
                    errors.push(error);
                }
                errors
            }),
            answer,
            parent: RwSignal::new(None),
            origin: RwSignal::new(None),
        };
        form.fetch();
        form.prefill();
        form.keep_checked();
        Effect::new(move || {
            let untouched = draft.with(|draft| *draft == first_draft());
            if untouched {
                forget_draft();
            } else if form.origin.get().is_none() {
                let text = draft.with(|draft| serde_json::to_string(draft).unwrap_or_default());
                browser::store(STORED, &text);
            }
        });
        form
    }

    pub fn fetch(self) {
        spawn_local(async move {
            let (models, datasets) = futures::join!(api::models(), api::datasets());
            let _ = self.models.try_set(Some(models));
            let _ = self.datasets.try_set(Some(datasets));
        });
    }

    /// Takes over what the address asks for.
    fn prefill(self) {
        let query = use_address().query.get_untracked();
        let first = |key: &str| query.list(key).into_iter().next();
        if let Some(run) = first("from") {
            spawn_local(self.take_run(run, false));
        } else if let Some(run) = first("parent").or(first("next")) {
            spawn_local(self.take_run(run, true));
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
    }

    /// Once it is known what the data set is for, a method that can use it.
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
                .with_untracked(|sets| kinds(sets, &config).first().copied());
            let stage = |id: &MethodId| id.keys().0;
            if let Some(kind) = kind
                && !kind.fits(stage(&self.draft.with_untracked(|draft| draft.method)))
                && let Some(method) = MethodId::ALL.into_iter().find(|id| kind.fits(stage(id)))
            {
                self.pick(method);
            }
        });
    }

    async fn take_run(self, id: String, next: bool) {
        let found = match api::run(&id).await {
            Ok(run) => run,
            Err(error) => {
                let missing = matches!(&error, ApiError::Problem(problem) if problem.status == 404);
                let text = if missing {
                    words::run_missing().to_owned()
                } else {
                    error.message()
                };
                let _ = self.origin.try_set(Some(Err(text)));
                return;
            }
        };
        let name = found.summary.name.clone();
        let (draft, origin) = if next {
            (next_stage(&found), words::next_of(name))
        } else {
            (again(&found), words::from_run(name))
        };
        let _ = self.origin.try_set(Some(Ok(origin)));
        let parent = if next {
            Some(found.summary.id)
        } else {
            found.summary.parent
        };
        let _ = self.parent.try_set(parent);
        let _ = self.draft.try_set(draft);
    }

    /// Asks the server about the config, once it has rested.
    fn keep_checked(self) {
        let asked = StoredValue::new(0u32);
        Effect::new(move || {
            let config = self.config.get();
            asked.update_value(|n| *n += 1);
            let mine = asked.get_value();
            let current = move || asked.try_get_value() == Some(mine);
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
                Duration::from_millis(300),
            );
        });
    }

    /// What the field of `key` shows.
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

    pub fn changed(self, key: &str) -> bool {
        self.defaults
            .with(|defaults| self.draft.with(|draft| draft.changed(key, defaults)))
    }

    pub fn reset(self, key: &str) {
        self.draft.update(|draft| draft.reset(key));
    }

    pub fn pick(self, method: MethodId) {
        let defaults = self.defaults.get_untracked();
        self.draft.update(|draft| draft.pick(method, &defaults));
    }

    /// Whether `key` has a meaning under what is chosen.
    pub fn matters(self, key: &str) -> bool {
        let means = match key {
            // one loss has a weight too, which only scales the learning rate
            "loss_weights" => self
                .config
                .with(|config| names(config.pref_loss.as_deref()).count() > 1),
            // the rule book does not know the model
            "moe_aux_loss_coef" => self
                .model()
                .is_none_or(|model| model.dims.is_none_or(|dims| dims.experts.is_some())),
            _ => true,
        };
        means && self.matter.with(|keys| keys.contains(&key))
    }

    pub fn error(self, key: &str) -> Option<FieldError> {
        self.errors
            .with(|errors| errors.iter().find(|error| error.field == key).cloned())
    }

    pub fn take(self, config: &RunConfig) {
        self.draft.set(Draft::of(config));
        self.parent.set(None);
    }

    pub fn start_over(self) {
        self.origin.set(None);
        self.parent.set(None);
        self.draft.set(first_draft());
    }

    /// What is here that could stand in the field of `key`.
    pub fn suggestions(self, key: &str) -> Vec<String> {
        let models = |wanted: fn(ModelOrigin) -> bool| {
            self.models.with(|models| {
                let all = listed(models).iter().filter(|model| wanted(model.origin));
                all.map(|model| model.id.clone()).collect()
            })
        };
        match key {
            "reward_model" => models(|origin| matches!(origin, ModelOrigin::Adapter | ModelOrigin::Merged)),
            "ref_model" => models(|origin| origin != ModelOrigin::Adapter),
            "eval_dataset" => self
                .datasets
                .with(|sets| listed(sets).iter().map(|set| set.name.clone()).collect()),
            _ => vec![],
        }
    }

    /// What is fine but should be known, and that the recommended settings do not bring with them.
    pub fn notices(self) -> Vec<String> {
        let usual = self.defaults.with(|defaults| check(defaults).notices);
        let all = self
            .answer
            .with(|answer| answer.as_ref().map(|a| a.notices.clone()).unwrap_or_default());
        all.into_iter().filter(|notice| !usual.contains(notice)).collect()
    }

    /// The chosen model, when it is in the list.
    pub fn model(self) -> Option<ModelInfo> {
        let id = self.config.with(|config| config.model_name_or_path.clone())?;
        self.models
            .with(|models| listed(models).iter().find(|m| m.id == id || m.path == id).cloned())
    }
}

/// Forgets the stored draft: its run has started.
pub fn forget_draft() {
    browser::forget(STORED);
}

const NOTHING: Scale = Scale {
    rows: None,
    params: None,
};

fn listed<T>(answer: &Option<Answer<Vec<T>>>) -> &[T] {
    match answer {
        Some(Ok(list)) => list,
        _ => &[],
    }
}

/// What each of the chosen data sets that are here is for.
fn kinds(datasets: &Option<Answer<Vec<DatasetInfo>>>, config: &RunConfig) -> Vec<DataKind> {
    let find = |name| listed(datasets).iter().find(|set| set.name == name);
    names(config.dataset.as_deref())
        .filter_map(|name| Some(find(name)?.inspection.as_ref()?.kind))
        .collect()
}

fn unfit(datasets: &Option<Answer<Vec<DatasetInfo>>>, config: &RunConfig) -> Option<FieldError> {
    let stage = config.stage.as_deref()?;
    let message = kinds(datasets, config)
        .into_iter()
        .find_map(|kind| misfit(kind, stage))?;
    Some(FieldError::new("dataset", "unfit", message))
}

fn rows(datasets: &Option<Answer<Vec<DatasetInfo>>>, list: &str) -> Option<u64> {
    let usable = |name: &str| {
        let set = listed(datasets).iter().find(|set| set.name == name)?;
        Some(set.inspection.as_ref()?.usable)
    };
    names(Some(list)).map(usable).sum()
}

fn params(models: &Option<Answer<Vec<ModelInfo>>>, id: &str) -> Option<u64> {
    let list = listed(models);
    let find = |id: &str| list.iter().find(|model| model.id == id || model.path == id);
    let mut here = find(id)?;
    // an adapter has the size of what it stands on
    for _ in 0..8 {
        match here.base.as_deref().and_then(find) {
            Some(base) if here.params == 0 || here.dims.is_none() => here = base,
            _ => break,
        }
    }
    Some(here.params).filter(|params| *params > 0)
}

fn again(run: &RunDetail) -> Draft {
    let mut config = run.summary.config.clone();
    config.run_name = None;
    Draft::of(&config)
}

/// From the run's best checkpoint, SimPO by default, on the same data where it is for preferences. After a reward
/// model: PPO of the model it came from, with its scores.
fn next_stage(run: &RunDetail) -> Draft {
    let config = &run.summary.config;
    let best = run.checkpoints.iter().find(|checkpoint| checkpoint.best);
    let newest = run.checkpoints.iter().max_by_key(|checkpoint| checkpoint.step);
    let result = match best.or(newest) {
        Some(checkpoint) => format!("{}/{}", run.summary.name, checkpoint.name),
        None => run.summary.name.clone(),
    };
    let stage = config.stage.as_deref();
    let mut draft = if stage == Some("rm") {
        let mut draft = Draft::new(MethodId::Ppo);
        draft.put(
            "model_name_or_path",
            config.model_name_or_path.clone().unwrap_or_default(),
        );
        draft.put("reward_model", result);
        if let Some(kind @ "full") = config.finetuning_type.as_deref() {
            draft.put("reward_model_type", kind);
        }
        draft
    } else {
        let mut draft = Draft::new(MethodId::Simpo);
        draft.put("model_name_or_path", result);
        draft
    };
    if matches!(stage, Some("dpo" | "rm"))
        && let Some(dataset) = &config.dataset
    {
        draft.put("dataset", dataset.clone());
    }
    if let Some(template) = &config.template {
        draft.put("template", template.clone());
    }
    draft
}
