//! `README.md` of an exported folder: what the model is, what it was trained on, how well it does, and the lines that load it.
//!
//! Its head is what the hub reads of a model card (`base_model`, `library_name`, `tags`).

use super::What;
use crate::error::{Error, Result};
use crate::weights::Weights;
use crate::{files, info};
use protocol::event::{Metrics, TrainEvent};
use protocol::{Event, RunConfig, Stage, run_dir};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

/// What an exported folder holds.
pub struct Card<'a> {
    pub weights: &'a Weights,
    pub what: &'a What,
    pub name: &'a str,
    /// The file that holds the weights, where it is one.
    pub file: Option<String>,
}

/// What is known of the run that a checkpoint is of.
struct Run {
    config: RunConfig,
    checkpoint: String,
    step: Option<u64>,
    /// Fingerprint of the rows that it was trained on.
    data: Option<String>,
    /// Of the last evaluation that there was up to the checkpoint.
    metrics: Vec<(String, f64)>,
}

impl Card<'_> {
    pub fn write(&self, dir: &Path) -> Result<()> {
        let path = dir.join("README.md");
        std::fs::write(&path, self.text()).map_err(Error::io(&path))
    }

    fn text(&self) -> String {
        let name = self.name;
        let runs: Vec<Run> = self.trained().iter().filter_map(|folder| Run::of(folder)).collect();
        let last = runs.last();
        let mut out = String::from("---\n");
        let base = &public(&self.weights.base_name);
        let library = match self.what {
            What::Adapter => "peft",
            What::Gguf(_) => "gguf",
            What::Merged { .. } | What::Modelfile => "transformers",
        };
        // JSON's texts are YAML's
        let _ = writeln!(out, "base_model: {}\nlibrary_name: {library}", json!(base));
        let _ = writeln!(out, "pipeline_tag: text-generation\ntags:\n- corral");
        if let Some(method) = last.and_then(Run::method) {
            let _ = writeln!(out, "- {method}");
        }
        let _ = writeln!(out, "---\n\n# {name}\n");
        let _ = writeln!(out, "Made by Corral {} of `{base}`.\n", env!("CARGO_PKG_VERSION"));
        if !self.weights.adapters.is_empty() || last.is_some() {
            out.push_str("## Lineage\n\n");
            let _ = writeln!(out, "1. `{base}`");
            for (n, folder) in self.trained().iter().enumerate() {
                let of = Run::of(folder).map(|run| run.line()).unwrap_or_default();
                let _ = writeln!(out, "{}. `{}`{of}", n + 2, Run::title(folder));
            }
            out.push('\n');
        }
        if let Some(run) = last {
            run.tell(&mut out);
        }
        self.loading(&mut out);
        out
    }

    fn has_experts(&self) -> bool {
        info::read(&self.weights.base).is_ok_and(|info| info.dims.decoder.experts().is_some())
    }

    /// The folders that runs wrote, in order.
    fn trained(&self) -> Vec<PathBuf> {
        match self.weights.adapters.as_slice() {
            [] if Run::of(&self.weights.base).is_some() => vec![self.weights.base.clone()],
            adapters => adapters.to_vec(),
        }
    }

    fn loading(&self, out: &mut String) {
        out.push_str("## Load it\n");
        let (name, base) = (self.name, public(&self.weights.base_name));
        let mut with = |program: &str, language: &str, lines: &str| {
            let _ = writeln!(out, "\n{program}:\n\n```{language}\n{lines}\n```");
        };
        match self.what {
            What::Merged { .. } => {
                with(
                    "transformers",
                    "python",
                    &format!(
                        "from transformers import AutoModelForCausalLM, AutoTokenizer\n\n\
                         model = AutoModelForCausalLM.from_pretrained(\"{name}\", dtype=\"auto\")\n\
                         tokenizer = AutoTokenizer.from_pretrained(\"{name}\")"
                    ),
                );
                with("vLLM", "shell", &format!("vllm serve {name}"));
                with(
                    "Ollama",
                    "shell",
                    &format!("ollama create {name} --file Modelfile\nollama run {name}"),
                );
            }
            What::Adapter => {
                with(
                    "PEFT",
                    "python",
                    &format!(
                        "from peft import PeftModel\nfrom transformers import AutoModelForCausalLM, AutoTokenizer\n\n\
                         model = AutoModelForCausalLM.from_pretrained(\"{base}\", dtype=\"auto\")\n\
                         model = PeftModel.from_pretrained(model, \"{name}\")\n\
                         tokenizer = AutoTokenizer.from_pretrained(\"{name}\")"
                    ),
                );
                with(
                    "vLLM",
                    "shell",
                    &format!("vllm serve {base} --enable-lora --lora-modules tuned={name}"),
                );
                if self.has_experts() {
                    out.push_str(
                        "\nWith transformers 5, PEFT (0.21) gives `gate_proj`, `up_proj` and `down_proj` of dense blocks and of shared \
                         experts no adapter, and does not say so. Load it with transformers 4, or merge it first.\n",
                    );
                }
            }
            What::Gguf(_) => {
                let file = self.file.as_deref().unwrap_or_default();
                with("llama.cpp", "shell", &format!("llama-cli --model {file} --jinja"));
                with(
                    "Ollama",
                    "shell",
                    &format!("ollama create {name} --file Modelfile\nollama run {name}"),
                );
            }
            What::Modelfile => {
                with(
                    "Ollama",
                    "shell",
                    &format!("ollama create {name} --file Modelfile\nollama run {name}"),
                );
            }
        }
        out.push_str("\n`sha256sum --check SHA256SUMS` tells whether the files are whole.\n");
    }
}

impl Run {
    /// Of a checkpoint's folder in a run directory.
    fn of(folder: &Path) -> Option<Self> {
        let checkpoint = folder.file_name()?.to_string_lossy().into_owned();
        let root = folder.parent()?;
        let text = std::fs::read_to_string(root.join(run_dir::CONFIG)).ok()?;
        let step = run_dir::checkpoint_step(&checkpoint);
        let state = std::fs::read(folder.join("state.json")).ok();
        let state: Option<Value> = state.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Some(Self {
            config: RunConfig::parse(&text).config,
            data: state.and_then(|state| Some(state["data"].as_str()?.to_owned())),
            metrics: metrics(&root.join(run_dir::EVENTS), step).unwrap_or_default(),
            checkpoint,
            step,
        })
    }

    /// A checkpoint by its run's name and its own, where there is a run.
    fn title(folder: &Path) -> String {
        let own = files::named(folder);
        match (Self::of(folder), folder.parent()) {
            (Some(_), Some(run)) => format!("{}/{own}", files::named(run)),
            _ => own,
        }
    }

    /// As its config names it: the loss of preference tuning, else the stage.
    fn method(&self) -> Option<String> {
        let stage = self.config.stage.clone()?;
        let loss = || Some(self.config.pref_loss.as_ref()?.replace(',', "-"));
        match Stage::named(&stage) {
            Some(Stage::Preference) => loss().or(Some(stage)),
            _ => Some(stage),
        }
    }

    fn line(&self) -> String {
        let method = self.method().map(|method| format!(", {method}")).unwrap_or_default();
        let data = self
            .config
            .get("dataset")
            .and_then(|data| Some(data.as_str()?.to_owned()));
        let data = data.map(|data| format!(" on `{data}`")).unwrap_or_default();
        format!("{method}{data}")
    }

    fn tell(&self, out: &mut String) {
        let _ = write!(out, "## Trained\n\nCheckpoint `{}`", self.checkpoint);
        if let Some(step) = self.step {
            let _ = write!(out, ", {step} steps");
        }
        out.push_str(".\n");
        if let Some(data) = &self.data {
            let _ = writeln!(out, "\nVersion of the data: `{data}`");
        }
        if !self.metrics.is_empty() {
            out.push_str("\n| metric | value |\n| --- | --- |\n");
            for (name, value) in &self.metrics {
                let _ = writeln!(out, "| `{name}` | {value:.4} |");
            }
        }
        let config = published(&self.config).to_yaml();
        let _ = writeln!(
            out,
            "\n<details><summary>Config</summary>\n\n```yaml\n{}\n```\n\n</details>\n",
            config.trim()
        );
    }
}

/// A name as others may read it: of what lies in a folder of this machine, the folder's own name alone.
fn public(text: &str) -> String {
    let local = ["/", "~", "./", "../"].iter().any(|start| text.starts_with(start));
    match local {
        true => files::named(Path::new(text)),
        false => text.to_owned(),
    }
}

/// A config without the folders of this machine.
fn published(config: &RunConfig) -> RunConfig {
    fn without_folders(value: &mut Value) {
        match value {
            Value::String(text) => {
                // several stand in one text
                let parts: Vec<String> = text.split(',').map(|part| public(part.trim_start())).collect();
                if text
                    .split(',')
                    .any(|part| public(part.trim_start()) != part.trim_start())
                {
                    *text = parts.join(",");
                }
            }
            Value::Array(all) => all.iter_mut().for_each(without_folders),
            Value::Object(all) => all.values_mut().for_each(without_folders),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(config).unwrap_or_default();
    without_folders(&mut value);
    RunConfig::parse(&value.to_string()).config
}

/// Of the last evaluation up to a step, in a file of events.
fn metrics(path: &Path, most: Option<u64>) -> Option<Vec<(String, f64)>> {
    let mut found: Option<(u64, Metrics)> = None;
    for line in BufReader::new(File::open(path).ok()?).lines() {
        let Ok(event) = serde_json::from_str::<Event>(&line.ok()?) else {
            continue;
        };
        if let TrainEvent::Eval { step, metrics, .. } = event.body
            && most.is_none_or(|most| step <= most)
        {
            match &mut found {
                // what is predicted after the last evaluation comes as one of the same step
                Some((at, all)) if *at == step => all.extend(metrics),
                _ => found = Some((step, metrics)),
            }
        }
    }
    let (_, found) = found?;
    Some(found.iter().map(|(name, value)| (name.clone(), value.get())).collect())
}
