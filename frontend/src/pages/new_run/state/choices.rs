//! The values that can be chosen in a field, on this machine and with the models and data sets that are here.

use super::super::lookup::listed;
use super::Form;
use crate::i18n;
use leptos::prelude::*;
use protocol::api::{ModelOrigin, System};
use protocol::config::DeviceChoice;
use protocol::cuda::Card;

impl Form {
    /// Why a value can't be chosen on this machine.
    pub fn unavailable(self, key: &str, value: &str) -> Option<String> {
        let device = DeviceChoice::parse(value).filter(|_| key == "device")?;
        let lacks = |system: &System| system.cuda.lacks(device);
        let why = self
            .system
            .with(|system| system.as_ref()?.as_ref().ok().and_then(lacks));
        why.map(|why| i18n::said::say(&why))
    }

    /// Further options on this machine: each graphics card, where there are several.
    pub fn more_choices(self, key: &str) -> Vec<(String, String)> {
        if key != "device" {
            return vec![];
        }
        let named = |card: &Card| {
            (
                format!("cuda:{}", card.index),
                format!("CUDA {}: {}", card.index, card.name),
            )
        };
        let several = |system: &System| match system.cuda.cards.as_slice() {
            [] | [_] => vec![],
            cards => cards.iter().map(named).collect(),
        };
        let known = self
            .system
            .with(|system| Some(several(system.as_ref()?.as_ref().ok()?)));
        known.unwrap_or_default()
    }

    /// The names that the rule book takes for `key` under the config as it is.
    pub fn choices(self, key: &str) -> Vec<&'static str> {
        self.notes.with(|notes| {
            let choices = notes.get(key).and_then(|note| note.choices.as_ref());
            choices.map_or_else(Vec::new, |choices| choices.names.to_vec())
        })
    }

    /// Suggestions for the field of `key`: names of models or data sets.
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
}
