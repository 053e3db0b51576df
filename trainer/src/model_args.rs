//! Which model a command is about: named by flags, by a YAML file with LLaMA-Factory's keys, or by `key=value`.

use crate::error::{Error, Result};
use crate::ops::Engine;
use crate::weights::{Hub, Weights};
use crate::{files, info, terminal};
use clap::Args;
use protocol::config::{DeviceChoice, Wording, wording};
use protocol::inference::Inference;
use protocol::{RunConfig, memory, says};
use serde_json::json;
use std::path::{Path, PathBuf};

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
        if let Some(path) = self.positional.as_deref().filter(|path| yaml(path).is_some()) {
            return Err(Error::invalid(says::config_no_model(path)));
        }
        if let Some(path) = self.positional.as_deref().filter(|path| is_missing_yaml(path)) {
            return Err(Error::invalid(says::no_such_file(path)));
        }
        let model = self.positional.as_ref().or(self.model.as_ref());
        let model = model.ok_or_else(|| Error::invalid(says::name_model()))?;
        let mut weights = found(model, &self.adapter, &Hub::default())?;
        let known = weights.notes.len();
        weights.scale_positions(None, None)?;
        weights.notes[known..].iter().for_each(terminal::note);
        Ok(weights)
    }

    /// The template alone, where there is no flag for more.
    pub fn wording(&self) -> Wording {
        Wording {
            template: self.template.clone(),
            ..Wording::default()
        }
    }
}

/// What a model that is only read computes on.
#[derive(Args, Clone, Copy)]
pub struct DeviceArgs {
    /// auto (a card with room for it, else the processor), cpu, cuda or cuda:N
    #[arg(long, default_value = "auto", value_parser = device)]
    pub device: DeviceChoice,
}

fn device(text: &str) -> std::result::Result<DeviceChoice, String> {
    DeviceChoice::parse(text).ok_or_else(|| "auto, cpu, cuda or cuda:N".to_owned())
}

impl DeviceArgs {
    pub const PROCESSOR: Self = Self {
        device: DeviceChoice::Cpu,
    };

    /// The engine for these weights, which passes of so many tokens read; that a card is there and not used is told.
    pub fn engine(&self, weights: &Weights, tokens: u64) -> Result<Engine> {
        let info = info::read(&weights.base)?;
        let need = memory::to_read(&info.dims, weights.quantize, tokens);
        let (engine, note) = Engine::reading(self.device, need, &info.dims.decoder)?;
        note.iter().for_each(terminal::note);
        Ok(engine)
    }
}

/// The folders, with what is to be known of them told.
fn found(model: &str, adapters: &[String], hub: &Hub) -> Result<Weights> {
    let weights = Weights::find(model, adapters, hub)?;
    weights.notes.iter().for_each(terminal::note);
    Ok(weights)
}

/// What changes how conversations become text, beside the template.
#[derive(Args)]
pub struct WordingArgs {
    /// How tools and calls are written [default: as trained with, else as the template writes them]
    #[arg(long)]
    tool_format: Option<String>,
    /// The system message of conversations that bring none [default: the one trained with, else the template's]
    #[arg(long)]
    default_system: Option<String>,
    /// true, false or null [default: as trained with]
    #[arg(long)]
    enable_thinking: Option<String>,
    /// true or false: ids of the fast or of the slow tokenizer class [default: as trained with]
    #[arg(long)]
    use_fast_tokenizer: Option<String>,
}

impl WordingArgs {
    /// With the template that `model` names.
    pub fn over(&self, model: &ModelArgs) -> Result<Wording> {
        let mut config = RunConfig::default();
        let said = [
            ("template", &model.template),
            ("tool_format", &self.tool_format),
            ("default_system", &self.default_system),
            ("enable_thinking", &self.enable_thinking),
            ("use_fast_tokenizer", &self.use_fast_tokenizer),
        ];
        for (key, text) in said {
            if let Some(text) = text {
                config
                    .set(key, &json!(text))
                    .map_err(|takes| Error::invalid(says::file(key, says::takes(takes, text))))?;
            }
        }
        wording(&config).map_err(|e| Error::invalid(e.whole()))
    }
}

/// Keys and values, whichever way they were given.
pub struct Asked(pub Inference);

impl Asked {
    /// What a verb with these `keys` is asked for; what changes nothing is told.
    pub fn read(model: &ModelArgs, overrides: &[String], keys: &[&str]) -> Result<Self> {
        let mut over = vec![];
        let mut file = None;
        match model.positional.as_deref() {
            Some(item) if item.contains('=') && !Path::new(item).exists() => over.push(item.to_owned()),
            Some(path) if yaml(path).is_some() => file = yaml(path),
            Some(path) if is_missing_yaml(path) => return Err(Error::invalid(says::no_such_file(path))),
            Some(name) => over.push(format!("model_name_or_path={}", quoted(name))),
            None => {}
        }
        over.extend(overrides.iter().cloned());
        over.extend(
            model
                .model
                .iter()
                .map(|name| format!("model_name_or_path={}", quoted(name))),
        );
        if !model.adapter.is_empty() {
            over.push(format!("adapter_name_or_path={}", json!(model.adapter)));
        }
        over.extend(model.template.iter().map(|name| format!("template={}", quoted(name))));
        let text = match &file {
            Some(path) => files::config_text(path)?,
            None => String::new(),
        };
        let home = std::env::var("HOME").ok();
        let asked = Inference::parse(&text, &over, keys).and_then(|mut asked| {
            asked.expand_home(home.as_deref())?;
            Ok(asked)
        });
        let asked = asked.map_err(|problem| match file {
            Some(path) => Error::file(path, problem),
            None => Error::invalid(problem),
        })?;
        asked.notices.iter().for_each(terminal::note);
        Ok(Self(asked))
    }

    pub fn text(&self, key: &str) -> Option<String> {
        self.0.text(key).map(str::to_owned)
    }

    pub fn flag(&self, key: &str) -> Option<bool> {
        self.0.values.get(key)?.as_bool()
    }

    pub fn weights(&self) -> Result<Weights> {
        let model = self.text("model_name_or_path");
        let model = model.ok_or_else(|| Error::invalid(says::name_model_or_key()))?;
        let hub = Hub {
            revision: self.text("model_revision"),
            cache_dir: self.text("cache_dir"),
            offline: false,
        };
        let mut weights = found(&model, &self.0.list("adapter_name_or_path"), &hub)?;
        // how LoftQ's adapters were made is no choice
        if self.0.quantize.is_some() && weights.loftq.is_none() {
            weights.quantize = self.0.quantize;
        }
        let known = weights.notes.len();
        weights.scale_positions(self.0.rope, None)?;
        weights.notes[known..].iter().for_each(terminal::note);
        Ok(weights)
    }
}

/// Whether a word reads as the name of a file of keys.
fn names_yaml(word: &str) -> bool {
    [".yaml", ".yml"].iter().any(|end| word.ends_with(end))
}

/// Whether it does, and there is nothing of that name.
fn is_missing_yaml(word: &str) -> bool {
    names_yaml(word) && files::at_home(word).is_ok_and(|path| !path.exists())
}

/// The file of keys that a word names.
fn yaml(word: &str) -> Option<PathBuf> {
    let named = names_yaml(word);
    // a pipe is told to be none, not taken for a model
    files::at_home(word)
        .ok()
        .filter(|path| named && path.exists() && !path.is_dir())
}

/// A text that YAML reads as one.
fn quoted(text: &str) -> String {
    json!(text).to_string()
}
