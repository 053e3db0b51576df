//! Which model a command is about: named by flags, by a YAML file with LLaMA-Factory's keys, or by `key=value`.

use crate::error::{Error, Result};
use crate::weights::{Hub, Weights};
use clap::Args;
use protocol::config::names;
use serde_json::{Map, Value, json};
use std::path::Path;

/// A model: a folder, a checkpoint, a run directory (its newest checkpoint) or a hub name.
#[derive(Args)]
pub struct ModelArgs {
    /// Folder, checkpoint, run directory or hub name
    #[arg(value_name = "MODEL", required_unless_present = "model")]
    pub positional: Option<String>,
    #[arg(long, conflicts_with = "positional")]
    pub model: Option<String>,
    /// An adapter on top; several are applied in order
    #[arg(long)]
    pub adapter: Vec<String>,
    /// Template by name [default: the one trained with, else the model's own]
    #[arg(long)]
    pub template: Option<String>,
}

impl ModelArgs {
    pub fn weights(&self) -> Result<Weights> {
        let model = self.positional.as_ref().or(self.model.as_ref());
        let model = model.ok_or_else(|| Error::invalid("name a model"))?;
        Weights::find(model, &self.adapter, &Hub::default())
    }
}

/// Keys and values, whichever way they were given.
pub struct Asked(pub Map<String, Value>);

impl Asked {
    pub fn read(model: &ModelArgs, overrides: &[String]) -> Result<Self> {
        let mut map = Map::new();
        let positional = model
            .positional
            .as_deref()
            .filter(|p| p.contains('=') && !Path::new(p).exists());
        let first = model.positional.as_deref().filter(|_| positional.is_none());
        match first {
            Some(yaml) if yaml.ends_with(".yaml") || yaml.ends_with(".yml") => {
                let text = std::fs::read_to_string(yaml).map_err(Error::io(yaml))?;
                match yaml_serde::from_str(&text) {
                    Ok(Value::Object(file)) => map = file,
                    Ok(_) => return Err(Error::file(yaml, "an export config is a list of `key: value` lines")),
                    Err(e) => return Err(Error::file(yaml, format!("not readable as YAML: {e}"))),
                }
            }
            Some(name) => drop(map.insert("model_name_or_path".into(), json!(name))),
            None => {}
        }
        for item in positional.into_iter().chain(overrides.iter().map(String::as_str)) {
            let (key, value) = item
                .split_once('=')
                .ok_or_else(|| Error::invalid(format!("`{item}` is not of the form key=value")))?;
            let value = yaml_serde::from_str(value).unwrap_or_else(|_| json!(value));
            map.insert(key.into(), value);
        }
        if let Some(name) = &model.model {
            map.insert("model_name_or_path".into(), json!(name));
        }
        if !model.adapter.is_empty() {
            map.insert("adapter_name_or_path".into(), json!(model.adapter.join(",")));
        }
        if let Some(template) = &model.template {
            map.insert("template".into(), json!(template));
        }
        Ok(Self(map))
    }

    pub fn text(&self, key: &str) -> Option<String> {
        self.0.get(key)?.as_str().map(str::to_owned)
    }

    pub fn check(&self, keys: &[&str]) -> Result<()> {
        match self.0.keys().find(|k| !keys.contains(&k.as_str())) {
            Some(key) => Err(Error::invalid(format!(
                "{key}: not a key here; there are {}",
                keys.join(", ")
            ))),
            None => Ok(()),
        }
    }

    pub fn weights(&self) -> Result<Weights> {
        let model = self.text("model_name_or_path");
        let model = model.ok_or_else(|| Error::invalid("name a model, or set model_name_or_path"))?;
        let adapters = self.text("adapter_name_or_path");
        let adapters: Vec<String> = names(adapters.as_deref()).map(str::to_owned).collect();
        Weights::find(&model, &adapters, &Hub::default())
    }
}
