//! The catalogue: models and data sets that people tune with, by their names on both hubs. It is data, `assets/catalogue.json`;
//! a hub is asked only when a person asks.

use crate::Stage;
use crate::hub::{Hub, Kind};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// `GET /api/catalogue`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    pub models: Vec<CatalogueModel>,
    pub datasets: Vec<CatalogueSet>,
}

/// A model that is published.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CatalogueModel {
    pub name: String,
    /// Parameters, in billions.
    pub params: f64,
    /// Those that work on a token, in billions, where that is not all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<f64>,
    /// As its publisher calls it; nothing where that is not said.
    pub licence: Option<String>,
    /// LLaMA-Factory's name of its template; nothing where it brings its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// What it is for: "base", "chat", "code", "math", "reasoning", "translation".
    #[serde(rename = "for")]
    pub purposes: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hf: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ms: Option<String>,
}

/// A data set that is published.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CatalogueSet {
    /// Its name in a register.
    pub name: String,
    /// The stage its rows are for; of `dpo`, `rm` too.
    #[serde(rename = "for")]
    pub stage: Stage,
    pub licence: Option<String>,
    /// Two letters each; "code" of programs.
    pub languages: Vec<String>,
    /// Rows of the split, where its publisher says how many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hf: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ms: Option<String>,
    /// Keys of its entry in `dataset_info.json` beside its place: split, subset, columns.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub entry: Map<String, Value>,
}

/// What a line of the catalogue is searched by and shown as, a model's or a data set's.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub kind: Kind,
    pub name: String,
    pub hf: Option<String>,
    pub ms: Option<String>,
    /// What it is for; what one may choose by.
    pub tags: Vec<String>,
    pub licence: Option<String>,
}

impl Line {
    /// Its name on a hub, if it is there.
    pub fn on(&self, hub: Hub) -> Option<&str> {
        match hub {
            Hub::HuggingFace => self.hf.as_deref(),
            Hub::ModelScope => self.ms.as_deref(),
        }
    }

    /// Whether it has every word that is searched for, in whatever place.
    pub fn fits(&self, search: &str) -> bool {
        let texts = [
            Some(&self.name),
            self.hf.as_ref(),
            self.ms.as_ref(),
            self.licence.as_ref(),
        ];
        let all = texts.into_iter().flatten().chain(&self.tags);
        let all = all.map(|text| text.to_lowercase()).collect::<Vec<_>>().join(" ");
        search.to_lowercase().split_whitespace().all(|word| all.contains(word))
    }
}

impl CatalogueModel {
    pub fn line(&self) -> Line {
        Line {
            kind: Kind::Model,
            name: self.name.clone(),
            hf: self.hf.clone(),
            ms: self.ms.clone(),
            tags: self.purposes.clone(),
            licence: self.licence.clone(),
        }
    }
}

impl CatalogueSet {
    pub fn line(&self) -> Line {
        let tags = std::iter::once(self.stage.name()).chain(self.languages.iter().map(String::as_str));
        Line {
            kind: Kind::Dataset,
            name: self.name.clone(),
            hf: self.hf.clone(),
            ms: self.ms.clone(),
            tags: tags.map(str::to_owned).collect(),
            licence: self.licence.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::TEMPLATES;
    use crate::hub::HubName;
    use std::collections::BTreeSet;

    const TEXT: &str = include_str!("../../assets/catalogue.json");

    fn is_published(line: &Line) -> bool {
        let plain = |name: &&String| HubName::of(line.kind, name).is_some_and(|named| named.name == **name);
        let names = [&line.hf, &line.ms];
        names.iter().any(|name| name.is_some()) && names.into_iter().flatten().all(|name| plain(&name))
    }

    #[test]
    fn the_catalogue_has_its_form() {
        let all: Catalogue = serde_json::from_str(TEXT).unwrap();
        assert!(all.models.len() > 300 && all.datasets.len() > 90);
        let mut seen = BTreeSet::new();
        for model in &all.models {
            let line = model.line();
            assert!(is_published(&line), "{line:?}");
            assert!(seen.insert(line.hf.clone().or(line.ms.clone())), "{} twice", model.name);
            let sizes = [Some(model.params), model.active].into_iter().flatten();
            assert!(sizes.clone().all(|size| size > 0.05 && size < 1000.0), "{}", model.name);
            assert!(
                model.active.is_none_or(|active| active < model.params),
                "{}",
                model.name
            );
            assert!(
                model.licence.as_deref().is_none_or(|licence| !licence.contains(' ')),
                "{}",
                model.name
            );
            let known = ["base", "chat", "code", "math", "reasoning", "translation"];
            let purposes = &model.purposes;
            assert!(
                !purposes.is_empty() && purposes.iter().all(|tag| known.contains(&tag.as_str())),
                "{}",
                model.name
            );
            let template = model.template.as_deref();
            assert!(
                template.is_none_or(|name| TEMPLATES.contains(&name)),
                "{}: {template:?}",
                model.name
            );
        }
        let mut names = BTreeSet::new();
        for set in &all.datasets {
            assert!(is_published(&set.line()), "{set:?}");
            assert!(names.insert(&set.name), "{} twice", set.name);
            let at_hand = [Stage::Preference, Stage::Kto, Stage::Supervised, Stage::Pretrain];
            assert!(at_hand.contains(&set.stage), "{}", set.name);
            assert!(!set.languages.is_empty() && set.rows != Some(0), "{}", set.name);
            let keys = ["split", "subset", "folder", "formatting", "ranking", "columns", "tags"];
            assert!(set.entry.keys().all(|key| keys.contains(&key.as_str())), "{}", set.name);
        }
    }

    /// Repositories that ModelScope has under another name, by Hugging Face's.
    const RENAMED: &[(&str, &str)] = &[
        ("meta-llama/Llama-2-13b-chat-hf", "modelscope/Llama-2-13b-chat-ms"),
        ("meta-llama/Llama-2-13b-hf", "modelscope/Llama-2-13b-ms"),
        ("meta-llama/Llama-2-70b-chat-hf", "modelscope/Llama-2-70b-chat-ms"),
        ("meta-llama/Llama-2-70b-hf", "modelscope/Llama-2-70b-ms"),
        ("meta-llama/Llama-2-7b-chat-hf", "modelscope/Llama-2-7b-chat-ms"),
        ("meta-llama/Llama-2-7b-hf", "modelscope/Llama-2-7b-ms"),
    ];

    #[test]
    fn both_hubs_names_are_of_one_thing() {
        let all: Catalogue = serde_json::from_str(TEXT).unwrap();
        // two entries may be parts of one data set
        let sets = all.datasets.iter().map(|set| {
            let part = ["split", "subset", "folder"].map(|key| set.entry.get(key).map(ToString::to_string));
            (set.line(), part)
        });
        let models = all.models.iter().map(|model| (model.line(), [None, None, None]));
        let mut seen = BTreeSet::new();
        for (line, part) in models.chain(sets) {
            let Some(ms) = line.ms else { continue };
            assert!(seen.insert((line.kind.plural(), ms.clone(), part)), "{ms} twice");
            let Some(hf) = line.hf else { continue };
            let last = |name: &str| name.rsplit('/').next().map(str::to_lowercase);
            assert!(
                last(&hf) == last(&ms) || RENAMED.contains(&(hf.as_str(), ms.as_str())),
                "{hf} is {ms} on ModelScope"
            );
        }
    }

    #[test]
    fn it_is_searched_by_words_in_any_order() {
        let all: Catalogue = serde_json::from_str(TEXT).unwrap();
        let found = |search: &str| -> Vec<String> {
            let lines = all
                .models
                .iter()
                .map(CatalogueModel::line)
                .chain(all.datasets.iter().map(CatalogueSet::line));
            lines.filter(|line| line.fits(search)).map(|line| line.name).collect()
        };
        assert!(found("0.5b qwen2.5 CHAT").contains(&"Qwen2.5-0.5B-Instruct".to_owned()));
        assert!(found("hh dpo").contains(&"hh_rlhf".to_owned()));
        assert_eq!(found("no such model"), Vec::<String>::new());
    }
}
