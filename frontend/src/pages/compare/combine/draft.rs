//! What is filled in of a merge, and what follows of it: the request, and what it would give.

use crate::api::{self, Answer};
use crate::fetched::Refetch;
use leptos::prelude::*;
use protocol::api::{Combine, CombinePlan, ModelInfo, ModelOrigin};

/// A checkpoint to be merged.
#[derive(Clone, Copy)]
pub struct Part {
    pub key: usize,
    pub model: RwSignal<String>,
    pub weight: RwSignal<String>,
}

impl Part {
    fn new(key: usize, model: String) -> Self {
        Self {
            key,
            model: RwSignal::new(model),
            weight: RwSignal::new(String::new()),
        }
    }
}

/// What is filled in.
#[derive(Clone, Copy)]
pub struct Draft {
    /// The checkpoints there are.
    models: StoredValue<Vec<ModelInfo>>,
    pub parts: RwSignal<Vec<Part>>,
    /// Whether all checkpoints are adapters.
    pub adapters: Memo<bool>,
    pub picked: RwSignal<String>,
    /// The picked method, or the first one where that one is not for these checkpoints.
    pub method: Memo<&'static str>,
    pub density: RwSignal<String>,
    /// None at all for equal ones; `None` where one is no number.
    pub weights: Memo<Option<Vec<f64>>>,
    /// The density as a number, where the method takes one.
    pub share: Memo<Result<Option<f64>, ()>>,
    /// The request, but for its name.
    pub asked: Memo<Option<Combine>>,
    /// What it would give, once the server has answered.
    pub plan: RwSignal<Option<Answer<CombinePlan>>>,
}

impl Draft {
    pub fn start(runs: &[String], models: Vec<ModelInfo>) -> Self {
        // the newest checkpoint of each run, which comes first
        let newest = runs
            .iter()
            .filter_map(|run| models.iter().find(|model| model.run.as_ref() == Some(run)));
        let first: Vec<Part> = newest
            .enumerate()
            .map(|(key, model)| Part::new(key, model.id.clone()))
            .collect();
        let parts = RwSignal::new(first);
        let models = StoredValue::new(models);
        let adapters = Memo::new(move |_| {
            let chosen: Vec<_> = parts.with(|parts| parts.iter().map(|part| part.model.get()).collect());
            models.with_value(|models| {
                let mut of = models.iter().filter(|model| chosen.contains(&model.id));
                of.all(|model| model.origin == ModelOrigin::Adapter)
            })
        });
        let picked = RwSignal::new(String::new());
        let method = Memo::new(move |_| {
            let known = Combine::methods(adapters.get());
            known
                .iter()
                .find(|method| **method == picked.get())
                .copied()
                .unwrap_or(known[0])
        });
        let density = RwSignal::new(String::new());
        let weights = Memo::new(move |_| {
            let texts = parts.with(|parts| {
                parts
                    .iter()
                    .map(|part| part.weight.get().trim().to_owned())
                    .collect::<Vec<_>>()
            });
            let none = texts.iter().all(String::is_empty);
            let numbers: Option<Vec<f64>> = texts
                .iter()
                .map(|text| text.parse().ok().filter(|n: &f64| n.is_finite()))
                .collect();
            if none { Some(vec![]) } else { numbers }
        });
        let share = Memo::new(move |_| match density.with(|text| text.trim().to_owned()) {
            _ if !Combine::thins(method.get()) => Ok(None),
            text if text.is_empty() => Ok(None),
            text => text
                .parse::<f64>()
                .ok()
                .filter(|share| *share > 0.0 && *share <= 1.0)
                .map(Some)
                .ok_or(()),
        });
        let asked = Memo::new(move |_| {
            Some(Combine {
                name: None,
                from: parts.with(|parts| parts.iter().map(|part| part.model.get()).collect()),
                method: method.get().to_owned(),
                weights: weights.get()?,
                density: share.get().ok()?,
            })
        });
        let draft = Self {
            models,
            parts,
            adapters,
            picked,
            method,
            density,
            weights,
            share,
            asked,
            plan: RwSignal::new(None),
        };
        draft.keep_planned();
        draft
    }

    /// Asks the server what it would give, each time the request changes.
    fn keep_planned(self) {
        let Self { asked, plan, .. } = self;
        let planning = Refetch::new(
            move || {
                let asked = asked.get_untracked().unwrap_or_default();
                async move { api::combine_plan(&asked).await }
            },
            move |answer| drop(plan.try_set(Some(answer))),
        );
        Effect::new(move || {
            plan.set(None);
            if asked.with(Option::is_some) {
                planning.changed();
            }
        });
    }

    /// The checkpoints to choose from, as a select has them.
    pub fn options(self) -> Vec<(String, String)> {
        self.models.with_value(|models| {
            models
                .iter()
                .map(|model| (model.id.clone(), model.id.clone()))
                .collect()
        })
    }

    /// Adds the first checkpoint that is not chosen yet.
    pub fn add(self) {
        self.parts.update(|parts| {
            let used: Vec<_> = parts.iter().map(|part| part.model.get_untracked()).collect();
            let next = self.models.with_value(|models| {
                models
                    .iter()
                    .find(|model| !used.contains(&model.id))
                    .map(|model| model.id.clone())
            });
            let key = parts.iter().map(|part| part.key + 1).max().unwrap_or(0);
            parts.extend(next.map(|model| Part::new(key, model)));
        });
    }

    /// Whether there is no further checkpoint.
    pub fn is_full(self) -> bool {
        self.parts.with(Vec::len) >= self.models.with_value(Vec::len)
    }
}
